/* What a side is told, in the reference and in the oracle at once. */
#include "diff_side.h"

#include <stdlib.h>
#include <string.h>

/* ---- Receiving ---- */

static size_t room(const struct side *side)
{
    return anytls_session_output_max(&side->reference);
}

void side_receive(struct side *side, const uint8_t *bytes, size_t size, uint64_t now, uint64_t cuts)
{
    struct oracle_bytes whole = {bytes, size};
    struct event_log log = {&side->log, false, 0, 0, 0};
    struct blob output = {NULL, 0, 0};
    uint8_t *out = malloc(room(side));
    size_t consumed = 0;
    size_t taken;

    if (out == NULL)
        abort();
    while (consumed < size && !side_closed(side)) {
        size_t piece = cuts == 0 ? size - consumed : 1 + draw_below(&cuts, 40);
        struct anytls_received step = anytls_session_receive(
            &side->reference, bytes + consumed, piece < size - consumed ? piece : size - consumed,
            now, out, room(side));

        consumed += step.consumed;
        blob_add(&output, out, step.output);
        side_event(side, &log, &step.event);
    }
    event_log_end(&log);
    taken = oracle_session_receive(side->oracle, whole, now);
    if (taken != consumed)
        side_fault(side, "bytes taken: reference %zu, oracle %zu", consumed, taken);
    side_compare(side, "receive", output.at, output.size);
    blob_free(&output);
    free(out);
}

/* ---- Calls ---- */

static enum anytls_status compare_call(struct side *side, const char *call,
                                       enum anytls_status status, enum oracle_status other,
                                       const uint8_t *output, size_t size)
{
    if (strcmp(anytls_status_text(status), oracle_status_text(other)) != 0)
        side_fault(side, "status of %s: reference \"%s\", oracle \"%s\"", call,
                   anytls_status_text(status), oracle_status_text(other));
    side_compare(side, call, output, size);
    return status;
}

static struct oracle_address oracle_address_of(const struct anytls_address *address)
{
    struct oracle_address other = {ORACLE_IPV4, address->size, {0}, address->port};

    other.kind = address->kind == ANYTLS_NAME   ? ORACLE_NAME
                 : address->kind == ANYTLS_IPV6 ? ORACLE_IPV6
                                                : ORACLE_IPV4;
    memcpy(other.host, address->host, sizeof other.host);
    return other;
}

enum anytls_status side_open(struct side *side, const struct anytls_address *address, uint64_t now,
                             uint32_t *stream)
{
    uint8_t out[ANYTLS_OPEN_SIZE_MAX];
    struct oracle_address other = oracle_address_of(address);
    uint32_t other_stream = 0;
    struct anytls_opened opened =
        anytls_session_open(&side->reference, address, NULL, now, out, sizeof out);
    enum oracle_status status = oracle_session_open(side->oracle, &other, now, &other_stream);

    *stream = opened.stream;
    if (opened.status == ANYTLS_OK && opened.stream != other_stream)
        side_fault(side, "id of open: reference %u, oracle %u", opened.stream, other_stream);
    return compare_call(side, "open", opened.status, status, out, opened.size);
}

enum anytls_status side_send(struct side *side, uint32_t stream, const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};
    enum oracle_status status = oracle_session_send(side->oracle, stream, all);
    struct blob output = {NULL, 0, 0};
    struct anytls_sent sent;

    do {
        uint8_t header[ANYTLS_FRAME_HEADER_SIZE];

        sent = anytls_session_send(&side->reference, stream, size, header);
        if (sent.status != ANYTLS_OK || sent.payload == 0)
            break;
        blob_add(&output, header, sizeof header);
        blob_add(&output, bytes, sent.payload);
        bytes += sent.payload;
        size -= sent.payload;
    } while (size > 0);
    compare_call(side, "send", sent.status, status, output.at, output.size);
    blob_free(&output);
    return sent.status;
}

enum anytls_status side_finish(struct side *side, uint32_t stream)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_written written =
        anytls_session_finish(&side->reference, stream, out, sizeof out);

    return compare_call(side, "finish", written.status, oracle_session_finish(side->oracle, stream),
                        out, written.size);
}

enum anytls_status side_accept(struct side *side, uint32_t stream)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_written written =
        anytls_session_accept(&side->reference, stream, out, sizeof out);

    return compare_call(side, "accept", written.status, oracle_session_accept(side->oracle, stream),
                        out, written.size);
}

enum anytls_status side_refuse(struct side *side, uint32_t stream, const char *reason)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_REASON_MAX];
    struct anytls_text text = {(const uint8_t *)reason, strlen(reason)};
    struct anytls_written written =
        anytls_session_refuse(&side->reference, stream, text, out, sizeof out);

    return compare_call(side, "refuse", written.status,
                        oracle_session_refuse(side->oracle, stream, oracle_string(reason)), out,
                        written.size);
}

enum anytls_status side_alert(struct side *side, const char *reason)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_REASON_MAX];
    struct anytls_text text = {(const uint8_t *)reason, strlen(reason)};
    struct anytls_written written = anytls_session_alert(&side->reference, text, out, sizeof out);

    return compare_call(side, "alert", written.status,
                        oracle_session_alert(side->oracle, oracle_string(reason)), out,
                        written.size);
}

enum anytls_status side_heartbeat(struct side *side, uint64_t now)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_written written =
        anytls_session_heartbeat(&side->reference, now, out, sizeof out);

    return compare_call(side, "heartbeat", written.status,
                        oracle_session_heartbeat(side->oracle, now), out, written.size);
}

void side_close(struct side *side)
{
    anytls_session_close(&side->reference);
    oracle_session_close(side->oracle);
    side_compare(side, "close", NULL, 0);
}

void side_tick(struct side *side, uint64_t now)
{
    struct event_log log = {&side->log, false, 0, 0, 0};
    uint8_t *out = malloc(room(side));
    struct anytls_received step;

    if (out == NULL)
        abort();
    step = anytls_session_tick(&side->reference, now, out, room(side));
    side_event(side, &log, &step.event);
    compare_call(side, "tick", step.status, oracle_session_tick(side->oracle, now), out,
                 step.output);
    free(out);
}

void side_pause(struct side *side)
{
    anytls_session_pause(&side->reference);
    oracle_session_pause(side->oracle);
    side_compare(side, "pause", NULL, 0);
}

void side_resume(struct side *side, uint64_t now)
{
    anytls_session_resume(&side->reference, now);
    oracle_session_resume(side->oracle, now);
    side_compare(side, "resume", NULL, 0);
}

/* ---- Writing ---- */

void side_write(struct side *side, uint64_t *seed, struct blob *wire, struct blob *lengths)
{
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    uint32_t random[ORACLE_ITEMS_MAX + 1];
    uint8_t waste[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX];
    struct anytls_plan plan = anytls_session_plan(&side->reference, side->out.size);
    struct anytls_record record;
    size_t count;
    size_t i = 0;
    size_t done = 0;

    for (size_t j = 0; j <= ORACLE_ITEMS_MAX; j++)
        random[j] = draw(seed);
    count =
        oracle_session_shape(side->oracle, side->out.size, random, ORACLE_ITEMS_MAX + 1, records);
    for (record = anytls_plan_next(&plan, random[i]); record.more;
         record = anytls_plan_next(&plan, i <= ORACLE_ITEMS_MAX ? random[i] : 0)) {
        uint32_t length = (uint32_t)(record.payload + record.waste);

        if (i >= count || records[i].payload != record.payload ||
            records[i].waste != record.waste) {
            side_fault(side,
                       "record %zu of a write of %zu bytes: reference %zu + %zu, oracle %zu + %zu",
                       i, side->out.size, record.payload, record.waste,
                       i < count ? records[i].payload : 0, i < count ? records[i].waste : 0);
            break;
        }
        blob_add(wire, side->out.at + done, record.payload);
        if (record.waste > 0)
            blob_add(wire, waste, anytls_waste_encode(record.waste, waste, sizeof waste).size);
        if (lengths != NULL)
            blob_add(lengths, &length, sizeof length);
        done += record.payload;
        i++;
    }
    if (i != count || done != side->out.size)
        side_fault(side, "records of a write of %zu bytes: reference %zu, oracle %zu",
                   side->out.size, i, count);
    side->out.size = 0;
}
