#include "association.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "runner.h"

struct association associate(uint16_t socks)
{
    struct association made = {net_connect(socks), socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in relay = {.sin_family = AF_INET};
    uint8_t method[2];
    uint16_t port;

    socks_greet(made.control);
    expect(net_read_all(made.control, method, 2) == 2, "no answer to the greeting");
    socks_request(made.control, 3, "0.0.0.0", 0);
    expect(socks_reply_read(made.control, &port) == 0, "UDP ASSOCIATE was refused");
    relay.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    relay.sin_port = htons(port);
    expect(connect(made.socket, (struct sockaddr *)&relay, sizeof relay) == 0, "no relay");
    return made;
}

size_t header_put(uint8_t *out, const char *host, uint16_t port)
{
    memset(out, 0, 3);
    return 3 + socks_address_put(host, port, out + 3);
}

void send_datagram(int socket, const char *host, uint16_t port, uint64_t seed, size_t size)
{
    static uint8_t bytes[65536];
    size_t header = header_put(bytes, host, port);

    pattern_fill(seed, 0, bytes + header, size);
    expect(send(socket, bytes, header + size, 0) == (ssize_t)(header + size), "not sent");
}

void must_receive(int socket, uint16_t port, uint64_t seed, size_t size)
{
    static uint8_t bytes[65536];
    ssize_t got = net_read(socket, bytes, sizeof bytes, 5000);
    size_t header = bytes[3] == 1 ? 10 : 22;

    expect(got != NET_SILENCE, "no datagram of %zu bytes came back", size);
    expect(got == (ssize_t)(header + size), "%zd bytes came, not %zu", got, header + size);
    expect(bytes[header - 2] * 256 + bytes[header - 1] == port, "it comes from another port");
    expect(pattern_is(seed, 0, bytes + header, size), "wrong bytes");
}

void must_round_trip(int socket, const char *host, uint16_t port, uint64_t seed, size_t size)
{
    send_datagram(socket, host, port, seed, size);
    must_receive(socket, port, seed, size);
}
