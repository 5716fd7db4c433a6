/* UDP-over-TCP by hand, and by the blocking interface. */
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "io/blocking.h"
#include "io/socket.h"
#include "peer.h"
#include "raw_server.h"
#include "runner.h"
#include "target.h"

#define UOT_NAME "sp.v2.udp-over-tcp.arpa"

static size_t put_uot_stream(uint8_t *out, uint32_t stream, const char *name)
{
    uint8_t destination[300] = {3, (uint8_t)strlen(name)};
    size_t size = put_frame(out, SYN, stream, NULL, 0);

    memcpy(destination + 2, name, strlen(name));
    return size + put_frame(out + size, PSH, stream, destination, 4 + strlen(name));
}

static size_t put_connect_request(uint8_t *out, uint16_t port)
{
    out[0] = 1;
    return 1 + put_destination(out + 1, port);
}

static void must_get_datagram(struct peer *peer, uint32_t stream, const char *text)
{
    struct frame frame;
    uint8_t got[256];
    size_t size = 0;

    while (size < 2 + strlen(text)) {
        peer_must_get(peer, &frame, PSH, stream);
        memcpy(got + size, frame.data, frame.size);
        size += frame.size;
    }
    expect(got[0] * 256u + got[1] == strlen(text) && memcmp(got + 2, text, strlen(text)) == 0,
           "another datagram came");
}

/* PROXY-UDP */
static void in_connect_mode_datagrams_carry_their_length_alone(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint16_t echo = udp_echo_start();
    static const char cut[] = "\x00\x05"
                              "again";
    uint8_t bytes[512];
    uint8_t data[128];
    struct frame frame;
    size_t size;

    peer_greet(peer, PASSWORD);
    peer_write(peer, bytes, put_uot_stream(bytes, 1, UOT_NAME));
    peer_find(peer, &frame, SYNACK); /* before the request: some clients wait for it */
    size = put_connect_request(data, echo);
    memcpy(data + size, "\x00\x05hello\x00\x02yo", 11);
    peer_send(peer, PSH, 1, data, size + 11);
    must_get_datagram(peer, 1, "hello");
    must_get_datagram(peer, 1, "yo");
    for (size_t i = 0; i < 7; i++) /* any cut */
        peer_send(peer, PSH, 1, &cut[i], 1);
    must_get_datagram(peer, 1, "again");
}

static void a_request_cut_at_each_byte_is_understood(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint16_t echo = udp_echo_start();
    uint8_t bytes[512];
    uint8_t data[128];
    size_t size = put_connect_request(data, echo);
    struct frame frame;

    peer_greet(peer, PASSWORD);
    peer_write(peer, bytes, put_uot_stream(bytes, 1, UOT_NAME));
    for (size_t i = 0; i < size; i++)
        peer_send(peer, PSH, 1, data + i, 1);
    peer_send(peer, PSH, 1, "\x00\x02hi", 4);
    peer_find(peer, &frame, SYNACK);
    must_get_datagram(peer, 1, "hi");
}

static void a_name_that_only_contains_the_special_one_is_an_ordinary_name(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint8_t bytes[512];
    struct frame frame;

    peer_greet(peer, PASSWORD);
    peer_write(peer, bytes, put_uot_stream(bytes, 1, "xsp.v2.udp-over-tcp.arpa.invalid"));
    peer_find(peer, &frame, SYNACK);
    expect(frame.size > 0, "it was not looked up as a name");
}

static void a_bad_request_or_datagram_ends_its_stream_alone(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint16_t echo = udp_echo_start();
    uint8_t bytes[512];
    uint8_t data[128];
    struct frame frame;
    size_t size;

    peer_greet(peer, PASSWORD);
    peer_write(peer, bytes, put_uot_stream(bytes, 1, UOT_NAME));
    peer_send(peer, PSH, 1, "\x02whatever", 9); /* neither 0 nor 1 */
    peer_find(peer, &frame, FIN);
    expect(frame.stream == 1, "another stream ended");
    peer_write(peer, bytes, put_uot_stream(bytes, 2, UOT_NAME));
    peer_send(peer, PSH, 2, "\x00\x01\x7f\x00\x00\x01\x00\x09", 8);
    peer_send(peer, PSH, 2, "\x09nonsense", 9); /* no address type of a datagram */
    peer_find(peer, &frame, FIN);
    expect(frame.stream == 2, "another stream ended");
    peer_write(peer, bytes, put_uot_stream(bytes, 3, UOT_NAME));
    peer_find(peer, &frame, SYNACK);
    size = put_connect_request(data, echo);
    memcpy(data + size, "\x00\x02hi", 4);
    peer_send(peer, PSH, 3, data, size + 4);
    must_get_datagram(peer, 3, "hi");
}

/* A server that waits for the request, and a client that waits for SYNACK, would wait for ever. */
static void the_client_sends_its_request_without_waiting_for_synack(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    int control = net_connect(server.socks);
    uint8_t bytes[64];
    struct frame frame;
    struct peer *peer;
    uint32_t stream;

    socks_greet(control);
    expect(net_read_all(control, bytes, 2) == 2, "no answer to the greeting");
    socks_request(control, 3, "0.0.0.0", 0);
    peer = peer_accept(server.listener, NET_DEADLINE);
    expect(peer != NULL, "no session came");
    peer_welcome(peer, &frame);
    stream = peer_take_stream(peer, &frame);
    expect(frame.size == 4 + strlen(UOT_NAME) && frame.data[0] == 3 &&
               memcmp(frame.data + 2, UOT_NAME, strlen(UOT_NAME)) == 0,
           "the destination is another one");
    peer_must_get(peer, &frame, PSH, stream);
    expect(frame.data[0] == 0, "the request is for mode %u", frame.data[0]);
}

/* ---- The blocking interface as the client ---- */

static void the_blocking_interface_carries_datagrams_in_connect_mode(void)
{
    static struct anytls_socket wire;
    static struct anytls_connection connection;
    static struct anytls_connection_config config;
    struct anytls_tls_config trust = {.insecure = true};
    char error[ANYTLS_ERROR_TEXT_SIZE];
    struct anytls_tls_context *tls = anytls_tls_context_new(&trust, error);
    struct anytls_address destination = anytls_uot_destination();
    struct anytls_opened opened;
    uint16_t echo = udp_echo_start();
    uint8_t data[64];
    uint8_t got[64];
    size_t got_size = 0;
    size_t size = put_connect_request(data, echo);
    char port[8];

    snprintf(port, sizeof port, "%u", (unsigned)program_port(server_start(NULL)));
    expect(tls != NULL && anytls_connection_config_set(&config, PASSWORD), "no TLS: %s", error);
    expect(anytls_socket_connect(&wire, tls, "127.0.0.1", port, NULL, 5000) == ANYTLS_IO_OK, "%s",
           wire.error);
    expect(anytls_connect(&connection, &config, anytls_socket_transport(&wire)) == ANYTLS_OK,
           "the preamble was not sent");
    opened = anytls_open(&connection, &destination);
    expect(opened.status == ANYTLS_OK, "%s", anytls_status_text(opened.status));
    memcpy(data + size, "\x00\x05hello", 7);
    expect(anytls_write(&connection, opened.stream, data, size + 7) == ANYTLS_OK, "not written");
    while (got_size < 7) {
        struct anytls_incoming incoming = anytls_read(&connection, 5000);

        expect(incoming.status == ANYTLS_IO_OK, "no datagram came back");
        if (incoming.event.type != ANYTLS_EVENT_DATA)
            continue;
        memcpy(got + got_size, incoming.event.data.bytes, incoming.event.data.size);
        got_size += incoming.event.data.size;
    }
    expect(memcmp(got, "\x00\x05hello", 7) == 0, "another datagram came back");
    anytls_close(&connection);
    anytls_socket_close(&wire, 1000);
    anytls_tls_context_free(tls);
}

const struct test tests_uot[] = {
    TEST(in_connect_mode_datagrams_carry_their_length_alone),
    TEST(a_request_cut_at_each_byte_is_understood),
    TEST(a_name_that_only_contains_the_special_one_is_an_ordinary_name),
    TEST(a_bad_request_or_datagram_ends_its_stream_alone),
    TEST(the_client_sends_its_request_without_waiting_for_synack),
    TEST(the_blocking_interface_carries_datagrams_in_connect_mode),
    TESTS_END,
};
