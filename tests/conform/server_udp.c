/* UDP-over-TCP, version 2. */
#include <arpa/inet.h>
#include <string.h>

#include "target.h"

static struct oracle_address address_of(struct run *run, uint16_t port)
{
    struct oracle_address address = {.kind = ORACLE_IPV4, .size = 4, .port = port};

    inet_pton(AF_INET, run->options->targets, address.host);
    return address;
}

static struct oracle_buffer request_of(struct run *run, bool connect, uint16_t port)
{
    struct oracle_buffer bytes = {0};
    struct oracle_request request = {connect, address_of(run, port)};

    oracle_request_write(&bytes, &request);
    return bytes;
}

static void add_packet(struct run *run, struct peer *peer, bool connect, uint16_t port,
                       struct oracle_bytes data)
{
    struct oracle_buffer bytes = {0};
    struct oracle_address address = address_of(run, port);

    oracle_packet_write(&bytes, connect, connect ? NULL : &address, data);
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&bytes));
    oracle_buffer_free(&bytes);
}

/* Waits for a datagram with these data; without connect, from this port. */
static void await_packet(struct run *run, struct peer *peer, bool connect, uint16_t port,
                         struct oracle_bytes data)
{
    struct oracle_buffer bytes = {0};
    struct oracle_packet packet;
    size_t consumed;

    for (;;) {
        enum oracle_status status =
            oracle_packet_read(connect, oracle_buffer_bytes(&bytes), &packet, &consumed);

        if (status == ORACLE_OK)
            break;
        if (status != ORACLE_INCOMPLETE)
            fail(run, "a datagram that does not begin with an address of type 0, 1 or 2");
        oracle_buffer_add(&bytes, oracle_buffer_bytes(&await(peer, ORACLE_PSH, 1)->data));
    }
    if (consumed != bytes.size || !same(packet.data, data))
        fail(run, "another datagram came than was sent");
    if (!connect && packet.address.port != port)
        fail(run, "the datagram's address is not that of its sender");
}

static struct peer *associated(struct run *run, bool connect, uint16_t port)
{
    struct peer *peer = session(run);
    struct oracle_buffer request = request_of(run, connect, port);

    add_open(peer, 1, destination_name(ORACLE_UOT_NAME, 0));
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&request)); /* without waiting */
    flush(peer);
    return peer;
}

static void exchange(struct run *run)
{
    bool connect = run->argument == 1;
    struct target *target = target_udp(run);
    struct peer *peer = associated(run, connect, target->port);

    for (int i = 0; i < 3; i++) {
        add_packet(run, peer, connect, target->port, oracle_string("datagram"));
        flush(peer);
        await_packet(run, peer, connect, target->port, oracle_string("datagram"));
    }
}

static void size(struct run *run)
{
    struct target *target = target_udp(run);
    struct peer *peer = associated(run, true, target->port);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 6);

    add_packet(run, peer, true, target->port, oracle_buffer_bytes(&bytes));
    flush(peer);
    await_packet(run, peer, true, target->port, oracle_buffer_bytes(&bytes));
}

static void in_pieces(struct run *run)
{
    bool connect = run->argument == 1;
    struct target *target = target_udp(run);
    struct peer *peer = session(run);
    struct oracle_buffer all = request_of(run, connect, target->port);
    struct oracle_address address = address_of(run, target->port);

    oracle_packet_write(&all, connect, connect ? NULL : &address, oracle_string("datagram"));
    add_open(peer, 1, destination_name(ORACLE_UOT_NAME, 443));
    for (size_t i = 0; i < all.size; i++)
        add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){all.at + i, 1});
    flush(peer);
    await_packet(run, peer, connect, target->port, oracle_string("datagram"));
}

static void two_in_a_frame(struct run *run)
{
    struct target *target = target_udp(run);
    struct peer *peer = associated(run, true, target->port);
    struct oracle_buffer bytes = {0};

    oracle_packet_write(&bytes, true, NULL, oracle_string("one"));
    oracle_packet_write(&bytes, true, NULL, oracle_string("three"));
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&bytes));
    flush(peer);
    for (uint64_t until = deadline(run); atomic_load(&target->connections) < 2;)
        if (now_ms() > until)
            fail(run, "the target got %u datagrams, not 2", atomic_load(&target->connections));
    if (atomic_load(&target->bytes) != 8)
        fail(run, "the target got %zu bytes, not 3 and 5", atomic_load(&target->bytes));
}

static void two_destinations(struct run *run)
{
    struct target *first = target_udp(run);
    struct target *second = target_udp(run);
    struct peer *peer = associated(run, false, first->port);

    add_packet(run, peer, false, first->port, oracle_string("to the first"));
    flush(peer);
    await_packet(run, peer, false, first->port, oracle_string("to the first"));
    add_packet(run, peer, false, second->port, oracle_string("to the second"));
    flush(peer);
    await_packet(run, peer, false, second->port, oracle_string("to the second"));
}

static void address_by_name(struct run *run)
{
    struct target *target = target_udp(run);
    struct peer *peer = associated(run, false, target->port);
    struct oracle_address address = {.kind = ORACLE_NAME, .port = target->port};
    struct oracle_buffer bytes = {0};

    address.size = (uint8_t)strlen(run->options->targets);
    memcpy(address.host, run->options->targets, address.size);
    oracle_packet_write(&bytes, false, &address, oracle_string("by name"));
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&bytes));
    flush(peer);
    await_packet(run, peer, false, target->port, oracle_string("by name"));
}

static void accepted(struct run *run)
{
    struct peer *peer = session(run);

    need_version_two(run);
    add_open(peer, 1, destination_name(ORACLE_UOT_NAME, 0));
    if (run->argument == 1) {
        struct oracle_buffer request = request_of(run, true, target_udp(run)->port);

        add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&request));
    }
    flush(peer);
    if (await(peer, ORACLE_SYNACK, 1)->data.size > 0)
        fail(run, "SYNACK with an error");
}

static void bad_request(struct run *run)
{
    struct peer *peer = session(run);
    static const uint8_t bytes[][8] = {{2, 1, 127, 0, 0, 1, 0, 80}, {1, 0, 127, 0, 0, 1, 0, 80}};

    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    add_open(peer, 1, destination_name(ORACLE_UOT_NAME, 0));
    add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){bytes[run->argument], 8});
    flush(peer);
    await(peer, ORACLE_FIN, 1);
    echo(run, peer, 2, 50);
}

/* Names that are not the special one: a host that does not exist, so an error. */
static void ordinary_name(struct run *run)
{
    struct peer *peer = session(run);
    const struct seen *answer;
    const char *names[] = {"xsp.v2.udp-over-tcp.arpa", "sp.v2.udp-over-tcp.arpa.invalid",
                           "sp.udp-over-tcp.arpa"};

    need_version_two(run);
    add_open(peer, 1, destination_name(names[run->argument], 80));
    flush(peer);
    answer = await_try(peer, ORACLE_SYNACK, 1, now_ms() + 20000);
    if (answer == NULL || answer->data.size == 0)
        fail(run, "%s is taken for the special name", names[run->argument]);
}

static void fin_ends_it(struct run *run)
{
    struct target *target = target_udp(run);
    struct peer *peer = associated(run, true, target->port);

    add_packet(run, peer, true, target->port, oracle_string("before"));
    flush(peer);
    await_packet(run, peer, true, target->port, oracle_string("before"));
    add(peer, ORACLE_FIN, 1, "");
    add_packet(run, peer, true, target->port, oracle_string("behind"));
    flush(peer);
    barrier(peer);
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 50);
    no_more_connections(run, target, 1, "a datagram behind FIN was sent");
    never(peer, ORACLE_FIN, 1);
}

static void beside_tcp(struct run *run)
{
    struct target *target = target_udp(run);
    struct peer *peer = associated(run, true, target->port);

    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    for (int i = 0; i < 5; i++) {
        add_packet(run, peer, true, target->port, oracle_string("datagram"));
        flush(peer);
        echo(run, peer, 2, 500);
        await_packet(run, peer, true, target->port, oracle_string("datagram"));
    }
}

static const struct test tests[] = {
    {"connect", "UDP-PACKET", "isConnect 1: length and data, both ways", exchange, 1, 0},
    {"not-connect", "UDP-PACKET", "isConnect 0: address, length and data, both ways", exchange, 0,
     0},
    {"datagram-1", "UDP-PACKET", "a datagram of one byte", size, 1, 0},
    {"datagram-256", "UDP-PACKET", "the length is big-endian", size, 256, 0},
    {"datagram-1400", "UDP-PACKET", "a datagram of 1,400 bytes", size, 1400, 0},
    {"datagram-60000", "UDP-PACKET", "a datagram of 60,000 bytes", size, 60000, CASE_MAY},
    {"connect-in-pieces", "UDP-REQUEST", "a PSH for each byte, isConnect 1", in_pieces, 1, 0},
    {"not-connect-in-pieces", "UDP-REQUEST", "a PSH for each byte, isConnect 0", in_pieces, 0, 0},
    {"two-in-a-frame", "UDP-PACKET", "two datagrams in one PSH are two", two_in_a_frame, 0, 0},
    {"two-destinations", "UDP-PACKET-ADDRESS", "one stream, two destinations", two_destinations, 0,
     0},
    {"address-by-name", "UDP-PACKET-ADDRESS", "address type 2", address_by_name, 0, 0},
    {"accepted-with-request", "SYNACK-SUCCESS", "SYNACK for a stream of datagrams", accepted, 1, 0},
    {"accepted-before-request", "UDP-ACCEPT", "SYNACK without waiting for the request", accepted, 0,
     0},
    {"bad-is-connect", "UDP-REQUEST-BAD", "isConnect 2 ends its stream alone", bad_request, 0, 0},
    {"bad-address", "UDP-REQUEST-BAD", "address type 0 in the request does, too", bad_request, 1,
     0},
    {"name-with-prefix", "UDP-NAME", "a name that ends in the special one", ordinary_name, 0, 0},
    {"name-with-suffix", "UDP-NAME", "a name that begins with it", ordinary_name, 1, 0},
    {"name-of-version-1", "UDP-NAME", "the name of version 1", ordinary_name, 2, CASE_MAY},
    {"fin", "FIN-RECEIVE", "FIN ends a stream of datagrams", fin_ends_it, 0, 0},
    {"beside-tcp", "STREAM-PSH", "datagrams beside a TCP stream", beside_tcp, 0, 0},
};

SECTION(server_udp, "udp", tests);
