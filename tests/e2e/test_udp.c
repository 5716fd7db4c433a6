/* Datagrams of applications: UDP ASSOCIATE through client and server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "association.h"
#include "runner.h"
#include "target.h"

/* PROXY-UDP */
static void datagrams_of_0_1_1400_and_60000_bytes_make_the_round_trip(void)
{
    struct chain chain = chain_start();
    uint16_t echo = udp_echo_start();
    struct association made = associate(chain.socks);
    static const size_t sizes[] = {1, 1400, 60000, 0, 2, 60000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        must_round_trip(made.socket, "127.0.0.1", echo, i, sizes[i]);
}

static void datagrams_go_to_names_and_to_many_targets_of_one_association(void)
{
    struct chain chain = chain_start();
    uint16_t first = udp_echo_start(); /* and at ::1, which "localhost" may be */
    uint16_t second = udp_echo_start();
    struct association made = associate(chain.socks);

    for (uint64_t i = 0; i < 20; i++) {
        must_round_trip(made.socket, "127.0.0.1", first, i, 100);
        must_round_trip(made.socket, "127.0.0.1", second, i, 200);
        must_round_trip(made.socket, "localhost", first, i, 300);
    }
}

static void datagrams_go_to_ipv6_destinations(void)
{
    struct chain chain = chain_start();
    uint16_t echo = udp_echo_start_ipv6();
    struct association made = associate(chain.socks);

    must_round_trip(made.socket, "::1", echo, 1, 1000);
}

static void twenty_associations_do_not_mix(void)
{
    struct chain chain = chain_start();
    uint16_t echo = udp_echo_start();
    struct association made[20];

    for (size_t i = 0; i < 20; i++)
        made[i] = associate(chain.socks);
    for (size_t i = 0; i < 20; i++)
        send_datagram(made[i].socket, "127.0.0.1", echo, i, 500 + i);
    for (size_t i = 0; i < 20; i++)
        must_receive(made[i].socket, echo, i, 500 + i);
}

static void bad_datagrams_are_dropped_and_the_association_lives(void)
{
    struct chain chain = chain_start();
    uint16_t echo = udp_echo_start();
    struct association made = associate(chain.socks);
    static const char *const bad[] = {"",
                                      "\0",
                                      "\0\0",
                                      "\0\0\0",
                                      "\0\0\0\x07nonsense",
                                      "\0\0\0\x01",
                                      "\0\0\0\x03\xffshort",
                                      "\0\0\0\x03\0\0\x50",
                                      "\0\0\x01\x01"};
    static const size_t sizes[] = {0, 1, 2, 3, 12, 4, 10, 7, 4};
    uint8_t fragment[64];
    size_t header = header_put(fragment, "127.0.0.1", echo);

    must_round_trip(made.socket, "127.0.0.1", echo, 1, 100);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        send(made.socket, bad[i], sizes[i], 0);
    fragment[2] = 1;
    send(made.socket, fragment, header + 10, 0);
    must_round_trip(made.socket, "127.0.0.1", echo, 2, 100);
}

static void the_end_of_the_control_connection_frees_sockets_on_both_sides(void)
{
    struct chain chain = chain_start();
    uint16_t echo = udp_echo_start();
    struct association made = associate(chain.socks);
    size_t client;
    size_t server;

    must_round_trip(made.socket, "127.0.0.1", echo, 1, 100);
    client = process_descriptors(program_pid(chain.client)) - 2;
    server = process_descriptors(program_pid(chain.server)) - 1;
    close(made.control);
    process_must_return_to(program_pid(chain.client), client, 5000);
    process_must_return_to(program_pid(chain.server), server, 5000);
    for (int i = 0; i < 10; i++) { /* the session is used again */
        made = associate(chain.socks);
        must_round_trip(made.socket, "127.0.0.1", echo, 1, 100);
        close(made.control);
        close(made.socket);
    }
    process_must_return_to(program_pid(chain.client), client + 1, 5000);
    process_must_return_to(program_pid(chain.server), server + 1, 5000);
}

static void datagrams_to_local_destinations_are_dropped_without_allow_local(void)
{
    struct program *server = plain_server_start("-p", PASSWORD, "--workers", "1", "-v");
    struct program *client = client_start(program_port(server), NULL);
    uint16_t echo = udp_echo_start();
    struct association made = associate(program_port(client));
    uint8_t bytes[64];

    send_datagram(made.socket, "127.0.0.1", echo, 1, 10);
    send_datagram(made.socket, "localhost", echo, 1, 10);
    expect(net_read(made.socket, bytes, sizeof bytes, 700) == NET_SILENCE, "an answer came");
}

const struct test tests_udp[] = {
    TEST(datagrams_of_0_1_1400_and_60000_bytes_make_the_round_trip),
    TEST(datagrams_go_to_names_and_to_many_targets_of_one_association),
    TEST(datagrams_go_to_ipv6_destinations),
    TEST(twenty_associations_do_not_mix),
    TEST(bad_datagrams_are_dropped_and_the_association_lives),
    TEST(the_end_of_the_control_connection_frees_sockets_on_both_sides),
    TEST(datagrams_to_local_destinations_are_dropped_without_allow_local),
    TESTS_END,
};
