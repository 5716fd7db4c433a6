#include "put.h"

#include "bytes.h"

size_t anytls_put(enum anytls_command command, uint32_t stream, struct anytls_text data,
                  uint8_t *out)
{
    struct anytls_header header = {(uint8_t)command, (uint16_t)data.size, stream};

    anytls_header_encode(header, out);
    anytls_bytes_copy(out + ANYTLS_FRAME_HEADER_SIZE, data.bytes, data.size);
    return ANYTLS_FRAME_HEADER_SIZE + data.size;
}

struct anytls_text anytls_reason(enum anytls_status status)
{
    const char *word = anytls_status_text(status);
    struct anytls_text text = {(const uint8_t *)word, 0};

    /*@ loop invariant 0 <= i < ANYTLS_STATUS_TEXT_SIZE && 0 <= text.size <= i;
        loop assigns i, text.size;
        loop variant ANYTLS_STATUS_TEXT_SIZE - i; */
    for (size_t i = 0; i < ANYTLS_STATUS_TEXT_SIZE - 1; i++) /* zero bytes fill the text up */
        text.size += word[i] != '\0' ? 1 : 0;
    return text;
}

/*@ requires text_valid(reason);
    assigns \nothing;
    ensures \result.size == reason_size(reason.size);
    ensures \result.bytes == reason.bytes;
*/
static struct anytls_text cut(struct anytls_text reason)
{
    if (reason.size > ANYTLS_REASON_MAX)
        reason.size = ANYTLS_REASON_MAX;
    return reason;
}

size_t anytls_put_refusal(const struct anytls_session *session, uint32_t stream,
                          struct anytls_text reason, uint8_t *out)
{
    static const uint8_t refused[] = "refused";
    static const struct anytls_text fallback = {refused, sizeof refused - 1};

    if (session->state != ANYTLS_STATE_V2)
        return anytls_put(ANYTLS_FIN, stream, ANYTLS_NO_TEXT, out);
    return anytls_put(ANYTLS_SYNACK, stream, reason.size > 0 ? cut(reason) : fallback, out);
}

size_t anytls_put_alert(struct anytls_text reason, uint8_t *out)
{
    return anytls_put(ANYTLS_ALERT, 0, cut(reason), out);
}
