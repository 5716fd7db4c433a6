#include "pending.h"

#include "bytes.h"

struct anytls_stream_place anytls_pending_find(const struct anytls_pending *pending, size_t count,
                                               uint32_t stream)
{
    struct anytls_stream_place place = {false, 0};

    /*@ loop invariant 0 <= i <= count;
        loop invariant place.found ==> i == place.index + 1 &&
            pending_first(pending, place.index, stream);
        loop invariant !place.found ==>
            \forall integer j; 0 <= j < i ==> pending[j].stream != stream;
        loop assigns i, place;
        loop variant count - i;
    */
    for (size_t i = 0; i < count && !place.found; i++) {
        if (pending[i].stream == stream) {
            place.found = true;
            place.index = i;
        }
    }
    return place;
}

void anytls_pending_remove(struct anytls_pending *pending, size_t count, size_t index)
{
    pending[index] = pending[count - 1];
    /*@ assert whole: pending[index] == \at(pending[count - 1], Pre); */
    /*@ assert here: \let p = pending[index]; p.bytes[0] == pending[index].bytes[0] &&
            p.bytes[1] == pending[index].bytes[1] && p.bytes[2] == pending[index].bytes[2]; */
    /*@ assert there: \let p = \at(pending[count - 1], Pre);
            p.bytes[0] == \at(pending[count - 1].bytes[0], Pre) &&
            p.bytes[1] == \at(pending[count - 1].bytes[1], Pre) &&
            p.bytes[2] == \at(pending[count - 1].bytes[2], Pre); */
    /*@ assert moved: same_pending{Pre, Here}(pending + (count - 1), pending + index); */
    /*@ assert others: \forall integer i; 0 <= i < count && i != index ==>
            same_pending{Pre, Here}(pending + i, pending + i); */
}

struct anytls_address_size anytls_pending_size(const struct anytls_pending *pending)
{
    if (pending->udp)
        return anytls_uot_request_size(pending->bytes, pending->size);
    return anytls_address_size(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size);
}

void anytls_pending_add(struct anytls_pending *pending, struct anytls_text data)
{
    /*@ assert byte: pending->bytes[1] <= 255 && pending->bytes[2] <= 255; */
    /*@ assert room: pending_fits(pending->udp, &pending->bytes[0], pending->size + data.size); */
    /*@ assert more: pending->size + data.size <= ANYTLS_UOT_REQUEST_SIZE_MAX; */
    anytls_bytes_copy(pending->bytes + pending->size, data.bytes, data.size);
    /*@ assert first: (pending->size > 0 ==> pending->bytes[0] == \at(pending->bytes[0], Pre)) &&
            (pending->size > 1 ==> pending->bytes[1] == \at(pending->bytes[1], Pre)) &&
            (pending->size > 2 ==> pending->bytes[2] == \at(pending->bytes[2], Pre)); */
    pending->size += data.size;
    /*@ assert kept: pending->udp == \at(pending->udp, Pre) && pending->bytes[1] >= 0 &&
            pending->bytes[2] >= 0; */
    /*@ assert plain: pending->udp == 0 ==> pending_fits(0, &pending->bytes[0], pending->size); */
    /*@ assert none: pending->udp != 0 && \at(pending->size, Pre) == 0 ==>
            pending_fits(pending->udp, &pending->bytes[0], pending->size); */
    /*@ assert some: pending->udp != 0 && \at(pending->size, Pre) > 0 ==>
            pending_fits(pending->udp, &pending->bytes[0], pending->size); */
}

struct anytls_uot_request anytls_pending_request(const struct anytls_pending *pending)
{
    if (pending->udp)
        return anytls_uot_request_decode(pending->bytes, pending->size).request;
    return (struct anytls_uot_request){
        false, anytls_address_decode(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size).address};
}
