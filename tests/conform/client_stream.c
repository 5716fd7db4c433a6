/* Streams of a client: destinations, data, SYNACK, FIN. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "tls.h"

static void destination_name(struct run *run)
{
    struct oracle_address address;
    struct peer *peer;
    uint32_t stream;

    app_begin(run, "target.example", 8443);
    peer = session_accept(run);
    address = stream_await(run, peer, &stream);
    if (address.kind != ORACLE_NAME || address.port != 8443 || address.size != 14 ||
        memcmp(address.host, "target.example", 14) != 0)
        fail(run, "the destination is not target.example:8443 as a name");
}

static void destination_address(struct run *run)
{
    struct oracle_address wanted = {.kind = ORACLE_IPV4, .size = 4, .port = 258};
    struct oracle_address address;
    uint32_t stream;

    wanted.host[0] = 192;
    wanted.host[2] = 2;
    wanted.host[3] = 9;
    if (run->argument == 6) {
        wanted.kind = ORACLE_IPV6;
        wanted.size = 16;
    }
    app_begin_at(run, &wanted);
    address = stream_await(run, session_accept(run), &stream);
    if (address.kind != wanted.kind || address.port != wanted.port ||
        memcmp(address.host, wanted.host, wanted.size) != 0)
        fail(run, "the destination is not that of the application");
}

static void exchange(struct run *run)
{
    struct flow flow = flow_first(run);

    flow_exchange(run, &flow, (size_t)run->argument);
}

static void ids_grow(struct run *run)
{
    struct flow flow = flow_first(run);
    uint32_t last = flow.stream;

    for (int i = 0; i < 5; i++) {
        flow_end(run, &flow);
        flow = flow_next(run, flow.peer);
        if (flow.stream <= last)
            fail(run, "stream id %u follows %u", (unsigned)flow.stream, (unsigned)last);
        last = flow.stream;
    }
}

static void fin_on_close(struct run *run)
{
    struct flow flow = flow_first(run);

    app_send(run, flow.app, oracle_string("last words"));
    app_send(run, flow.app, oracle_string(""));
    await_bytes(flow.peer, flow.stream, oracle_string("last words"));
    add(flow.peer, ORACLE_PSH, flow.stream, "answer");
    flush(flow.peer);
    app_await(run, flow.app, oracle_string("answer"));
    flow_end(run, &flow);
    barrier(flow.peer);
    if (seen_count(flow.peer, ORACLE_FIN, flow.stream) != 1)
        fail(run, "more than one FIN");
}

static void fin_received(struct run *run)
{
    struct flow flow = flow_first(run);

    add(flow.peer, ORACLE_PSH, flow.stream, "data and FIN in one record");
    add(flow.peer, ORACLE_FIN, flow.stream, "");
    flush(flow.peer);
    app_await(run, flow.app, oracle_string("data and FIN in one record"));
    if (!app_ended(run, flow.app))
        fail(run, "the application sees a reset, not an end");
    close(flow.app);
    barrier(flow.peer);
    never(flow.peer, ORACLE_FIN, ANY);
}

static void fin_large(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer bytes = pattern(1000000, 3);

    for (size_t at = 0; at < bytes.size; at += 50000)
        add_bytes(flow.peer, ORACLE_PSH, flow.stream, (struct oracle_bytes){bytes.at + at, 50000});
    add(flow.peer, ORACLE_FIN, flow.stream, "");
    flush(flow.peer);
    app_await(run, flow.app, oracle_buffer_bytes(&bytes));
    app_ended(run, flow.app);
}

static void psh_after_fin(struct run *run)
{
    struct flow flow = flow_first(run);

    add(flow.peer, ORACLE_PSH, flow.stream, "before");
    add(flow.peer, ORACLE_FIN, flow.stream, "");
    add(flow.peer, ORACLE_PSH, flow.stream, "behind");
    flush(flow.peer);
    app_await(run, flow.app, oracle_string("before"));
    app_ended(run, flow.app);
    barrier(flow.peer);
}

static void fins_cross(struct run *run)
{
    struct flow flow = flow_first(run);

    close(flow.app);
    send_frame(flow.peer, ORACLE_FIN, flow.stream, "");
    barrier(flow.peer);
    flow = flow_next(run, flow.peer);
    flow_exchange(run, &flow, 100);
}

static void fin_before_synack(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    flow.peer = session_accept(run);
    welcome(flow.peer);
    stream_await(run, flow.peer, &flow.stream);
    send_frame(flow.peer, ORACLE_FIN, flow.stream, "");
    app_fails(run, flow.app);
    barrier(flow.peer);
}

/* ---- SYNACK ---- */

static void refused(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    need_version_two(run);
    flow.peer = session_accept(run);
    welcome(flow.peer);
    stream_await(run, flow.peer, &flow.stream);
    add(flow.peer, ORACLE_SYNACK, flow.stream, "connection refused");
    if (run->argument == 1) {
        add(flow.peer, ORACLE_FIN, flow.stream, ""); /* as the original server does */
        add(flow.peer, ORACLE_PSH, flow.stream, "late data");
    }
    flush(flow.peer);
    app_fails(run, flow.app);
    close(flow.app);
    barrier(flow.peer);
    flow = flow_next(run, flow.peer); /* the session is healthy */
    flow_exchange(run, &flow, 100);
}

static void second_synack(struct run *run)
{
    struct flow flow = flow_first(run);

    need_version_two(run);
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void error_after_success(struct run *run)
{
    struct flow flow = flow_first(run);

    need_version_two(run);
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "lost after all");
    app_ended(run, flow.app);
    close(flow.app);
    barrier(flow.peer);
}

static void synack_of_unknown(struct run *run)
{
    struct flow flow = flow_first(run);

    add(flow.peer, ORACLE_SYNACK, 999, "");
    add(flow.peer, ORACLE_SYNACK, 999, "an error");
    add(flow.peer, ORACLE_SYNACK, 0, "an error");
    flush(flow.peer);
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void data_before_synack(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    flow.peer = session_accept(run);
    welcome(flow.peer);
    stream_await(run, flow.peer, &flow.stream);
    send_frame(flow.peer, ORACLE_PSH, flow.stream, "early");
    if (app_reply(run, flow.app) != 0)
        fail(run, "SOCKS: the client refuses the request");
    app_await(run, flow.app, oracle_string("early"));
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    flow_exchange(run, &flow, 100);
}

/* ---- UDP ---- */

static void udp(struct run *run)
{
    static const uint8_t datagram[] = {0, 0, 0, 1, 192, 0, 2, 7, 0, 53, 'a', 's', 'k'};
    struct sockaddr_in where = {.sin_family = AF_INET};
    struct oracle_buffer bytes = {0};
    struct oracle_request request;
    struct oracle_packet packet;
    struct oracle_address address;
    struct peer *peer;
    uint32_t stream;
    size_t used;
    size_t consumed;
    uint16_t port;
    uint8_t back[64];
    int app = app_associate(run);
    int udp_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int code;

    /* A client may dial for the association, or for its first datagram. */
    peer = wait_for(run->listening, 1 /* POLLIN */, now_ms() + 1000) ? session_accept(run) : NULL;
    if (peer != NULL)
        welcome(peer);
    code = app_reply_port(run, app, &port);
    if (code != 0)
        skip(run, "the client does not offer UDP ASSOCIATE (SOCKS reply %d)", code);
    note(run, "application > datagram to port %u", port);
    where.sin_port = htons(port);
    inet_pton(AF_INET, run->socks_host, &where.sin_addr);
    sendto(udp_socket, datagram, sizeof datagram, 0, (struct sockaddr *)&where, sizeof where);
    if (peer == NULL) {
        peer = session_accept(run);
        welcome(peer);
    }
    stream = await(peer, ORACLE_SYN, ANY)->stream;
    while (oracle_address_read(ORACLE_SOCKS_TYPES, oracle_buffer_bytes(&bytes), &address, &used) !=
           ORACLE_OK)
        oracle_buffer_add(&bytes, oracle_buffer_bytes(&await(peer, ORACLE_PSH, stream)->data));
    if (!oracle_is_uot(&address))
        fail(run, "a UDP association's stream does not go to " ORACLE_UOT_NAME);
    memmove(bytes.at, bytes.at + used, bytes.size - used);
    bytes.size -= used;
    while (oracle_request_read(oracle_buffer_bytes(&bytes), &request, &used) != ORACLE_OK)
        oracle_buffer_add(&bytes, oracle_buffer_bytes(&await(peer, ORACLE_PSH, stream)->data));
    memmove(bytes.at, bytes.at + used, bytes.size - used);
    bytes.size -= used;
    send_frame(peer, ORACLE_SYNACK, stream, "");
    while (oracle_packet_read(request.connect, oracle_buffer_bytes(&bytes), &packet, &consumed) !=
           ORACLE_OK)
        oracle_buffer_add(&bytes, oracle_buffer_bytes(&await(peer, ORACLE_PSH, stream)->data));
    if (!oracle_is(packet.data, "ask") || (!request.connect && packet.address.port != 53))
        fail(run, "the datagram is not that of the application");
    bytes.size = 0;
    address = packet.address;
    oracle_packet_write(&bytes, request.connect, request.connect ? NULL : &address,
                        oracle_string("answer"));
    add_bytes(peer, ORACLE_PSH, stream, oracle_buffer_bytes(&bytes));
    flush(peer);
    if (!wait_for(udp_socket, 1 /* POLLIN */, deadline(run)))
        fail(run, "the answer did not come to the application");
    if (recv(udp_socket, back, sizeof back, 0) != 16 || memcmp(back + 10, "answer", 6) != 0)
        fail(run, "the application got another datagram than was sent");
}

static const struct test tests[] = {
    {"destination-name", "STREAM-DESTINATION", "a name stays a name", destination_name, 0, 0},
    {"destination-ipv4", "STREAM-DESTINATION", "type 1", destination_address, 4, 0},
    {"destination-ipv6", "STREAM-DESTINATION", "type 4", destination_address, 6, 0},
    {"exchange-1", "STREAM-PSH", "one byte both ways", exchange, 1, 0},
    {"exchange-65535", "STREAM-SPLIT", "65,535 bytes both ways", exchange, 65535, 0},
    {"exchange-65536", "STREAM-SPLIT", "65,536 bytes both ways", exchange, 65536, 0},
    {"exchange-131071", "STREAM-SPLIT", "131,071 bytes both ways", exchange, 131071, 0},
    {"exchange-2000000", "STREAM-PSH", "2 MB up, then down", exchange, 2000000, 0},
    {"ids-grow", "STREAM-IDS", "ids grow within a session", ids_grow, 0, 0},
    {"fin-on-close", "FIN-SEND", "an application's end is one FIN", fin_on_close, 0, 0},
    {"fin-received", "FIN-RECEIVE", "data and FIN in one record: data, end, no answer",
     fin_received, 0, 0},
    {"fin-behind-1000000", "FIN-RECEIVE", "1 MB and FIN: all arrives", fin_large, 0, 0},
    {"psh-after-fin", "FIN-AFTER", "PSH behind FIN is dropped", psh_after_fin, 0, 0},
    {"fins-cross", "FIN-UNKNOWN", "both sides end at a time", fins_cross, 0, 0},
    {"fin-before-synack", "FIN-RECEIVE", "FIN for a stream that is opening", fin_before_synack, 0,
     0},
    {"refused", "SYNACK-ERROR-RECEIVE", "an error closes the stream; the session stays", refused, 0,
     0},
    {"refused-and-fin", "FIN-UNKNOWN", "FIN and data behind the error are dropped", refused, 1, 0},
    {"synack-twice", "SYNACK-SECOND", "a second SYNACK is ignored", second_synack, 0, 0},
    {"error-after-success", "SYNACK-SECOND", "an error behind SYNACK closes the stream",
     error_after_success, 0, 0},
    {"synack-of-unknown", "STREAM-UNKNOWN", "SYNACK of ids that are not open", synack_of_unknown, 0,
     0},
    {"data-before-synack", "SYNACK-DATA-EARLY", "data that come before SYNACK are delivered",
     data_before_synack, 0, 0},
    {"udp", "UDP-REQUEST", "a datagram there and back", udp, 0, 0},
};

SECTION(client_stream, "stream", tests);
