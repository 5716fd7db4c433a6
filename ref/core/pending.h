/* The table of streams whose destination has not come whole, in the caller's memory: it comes in
 * pieces, cut anywhere.
 * Implements the reading of destinations of the section "Proxy" of the protocol document. It knows
 * no session and answers nothing. */
#ifndef ANYTLS_CORE_PENDING_H
#define ANYTLS_CORE_PENDING_H

#include "streams.h"
#include "text.h"
#include "uot.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_PENDING_MAX 256u /* default size of a table of destinations (LIMIT-PENDING) */

struct anytls_pending {
    uint32_t stream;
    bool udp;    /* the destination was UDP-over-TCP: now its request comes in */
    size_t size; /* of bytes, as far as they have come */
    uint8_t bytes[ANYTLS_UOT_REQUEST_SIZE_MAX];
};

/*@ // How many bytes a destination takes, or behind it the request of UDP-over-TCP, as far as the
    // bytes that are there tell it; and bytes that begin neither.
    logic integer destination_need{L}(integer udp, uint8_t *p, integer size) =
        udp == 0 ? address_need(ANYTLS_TABLE_SOCKS, p, size)
        : size == 0 ? 1 : 1 + address_need(ANYTLS_TABLE_SOCKS, p + 1, size - 1);
    predicate destination_bad{L}(integer udp, uint8_t *p, integer size) =
        udp != 0 ? size > 0 && (p[0] > 1 || address_bad(ANYTLS_TABLE_SOCKS, p + 1, size - 1))
            : address_bad(ANYTLS_TABLE_SOCKS, p, size);

    // A destination of which something is missing.
    predicate pending_valid{L}(struct anytls_pending *p) =
        !destination_bad(p->udp, &p->bytes[0], p->size) &&
        p->size < destination_need(p->udp, &p->bytes[0], p->size);
    predicate pendings_valid{L}(struct anytls_pending *p, integer n) =
        \forall integer i; 0 <= i < n ==> pending_valid(p + i);
    // The first of n with a stream: the one that is found.
    predicate pending_first{L}(struct anytls_pending *p, integer i, integer stream) =
        p[i].stream == stream && \forall integer j; 0 <= j < i ==> p[j].stream != stream;

    axiomatic Pending_grows {
        // What is there of a destination is not more than it takes.
        predicate pending_fits{L}(integer udp, uint8_t *p, integer size) =
            size <= destination_need(udp, p, size);
        lemma destination_need_max{L}: \forall integer udp, uint8_t *p, integer size;
            p[1] <= 255 && p[2] <= 255 && pending_fits(udp, p, size) ==>
                size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
        // More of the bytes that are needed make no destination shorter than what is there.
        lemma destination_grows{K, L}: \forall uint8_t *p, integer n, m;
            0 <= n <= m <= destination_need{K}(0, p, n) && n < destination_need{K}(0, p, n) &&
            (n > 0 ==> \at(p[0], K) == \at(p[0], L)) &&
            (n > 1 ==> \at(p[1], K) == \at(p[1], L)) && \at(p[1], L) >= 0 ==>
                pending_fits{L}(0, p, m);
        lemma request_grows{K, L}: \forall integer udp, uint8_t *p, integer n, m;
            udp != 0 && 0 < n <= m <= destination_need{K}(udp, p, n) &&
            n < destination_need{K}(udp, p, n) &&
            (n > 1 ==> \at(p[1], K) == \at(p[1], L)) &&
            (n > 2 ==> \at(p[2], K) == \at(p[2], L)) && \at(p[2], L) >= 0 ==>
                pending_fits{L}(udp, p, m);
    }
    axiomatic Pending_kept {
        predicate same_pending{K, L}(struct anytls_pending *p, struct anytls_pending *q) =
            \at(p->udp, K) == \at(q->udp, L) && \at(p->size, K) == \at(q->size, L) &&
            \at(p->bytes[0], K) == \at(q->bytes[0], L) &&
            \at(p->bytes[1], K) == \at(q->bytes[1], L) &&
            \at(p->bytes[2], K) == \at(q->bytes[2], L);
        lemma pending_kept{K, L}: \forall struct anytls_pending *p, *q;
            pending_valid{K}(p) && same_pending{K, L}(p, q) ==> pending_valid{L}(q);
        lemma need_kept{K, L}: \forall struct anytls_pending *p, *q;
            same_pending{K, L}(p, q) ==>
            destination_need{K}(\at(p->udp, K), \at(&p->bytes[0], K), \at(p->size, K)) ==
                destination_need{L}(\at(q->udp, L), \at(&q->bytes[0], L), \at(q->size, L));
    }
*/

/* Where a stream's entry is among count. */
/*@ requires \valid_read(pending + (0 .. count - 1));
    assigns \nothing;
    ensures \result.found ==> \result.index < count &&
        pending_first(pending, \result.index, stream);
    ensures !\result.found ==>
        \forall integer i; 0 <= i < count ==> pending[i].stream != stream;
*/
struct anytls_stream_place anytls_pending_find(const struct anytls_pending *pending, size_t count,
                                               uint32_t stream);

/* Takes an entry out: the last of count takes its place. */
/*@ requires \valid(pending + (0 .. count - 1)) && index < count;
    requires \forall integer i; 0 <= i < count && i != index ==> pending_valid(pending + i);
    assigns pending[index];
    ensures pending[index] == \old(pending[count - 1]);
    ensures pendings_valid(pending, count - 1);
*/
void anytls_pending_remove(struct anytls_pending *pending, size_t count, size_t index);

/* How many bytes the destination takes, as anytls_address_size says it; with UDP-over-TCP its
 * request, as anytls_uot_request_size does. */
/*@ requires \valid_read(pending) && pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    assigns \nothing;
    ensures \result.status == ANYTLS_OK <==>
        !destination_bad(pending->udp, &pending->bytes[0], pending->size);
    ensures \result.status == ANYTLS_OK ==>
        \result.size == destination_need(pending->udp, &pending->bytes[0], pending->size);
    ensures 1 <= \result.size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
*/
struct anytls_address_size anytls_pending_size(const struct anytls_pending *pending);

/* Adds to a destination what came of it: no more than is missing. */
/*@ requires \valid(pending) && pending_valid(pending) && text_valid(data);
    requires \separated(data.bytes + (0 .. data.size - 1), pending);
    requires pending->size + data.size <=
        destination_need(pending->udp, &pending->bytes[0], pending->size);
    assigns pending->size, pending->bytes[0 .. ANYTLS_UOT_REQUEST_SIZE_MAX - 1];
    ensures pending->size == \old(pending->size) + data.size;
    ensures limit: pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    ensures grown: pending_fits(pending->udp, &pending->bytes[0], pending->size);
*/
void anytls_pending_add(struct anytls_pending *pending, struct anytls_text data);

/* What a destination asks for that is whole and not bad. */
/*@ requires \valid_read(pending) && pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    assigns \nothing;
*/
struct anytls_uot_request anytls_pending_request(const struct anytls_pending *pending);

#ifdef __cplusplus
}
#endif

#endif
