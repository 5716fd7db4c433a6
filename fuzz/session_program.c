#include "session_program.h"

#include <string.h>

bool fuzz_step_next(struct fuzz_input *input, struct fuzz_step *step)
{
    struct anytls_header_result header = anytls_header_decode(input->at, input->size);
    struct fuzz_step none = {FUZZ_PEER, false, 0, {NULL, 0}};

    *step = none;
    if (input->size == 0)
        return false;
    if (header.status != ANYTLS_OK) {
        step->data = fuzz_take(input, input->size);
        return true;
    }
    step->stream = header.header.stream;
    if (header.header.command < FUZZ_INSTRUCTION) {
        step->data = fuzz_take(input, ANYTLS_FRAME_HEADER_SIZE + (size_t)header.header.length);
        return true;
    }
    fuzz_take(input, ANYTLS_FRAME_HEADER_SIZE);
    step->op = (enum fuzz_op)((header.header.command & 0x1fu) % FUZZ_OP_COUNT);
    step->tight = (header.header.command & FUZZ_TIGHT) != 0;
    step->data = fuzz_take(input, header.header.length);
    return true;
}

static void scheme_set(struct fuzz_config *config, struct anytls_text text)
{
    struct anytls_scheme_result scheme = anytls_scheme_read(text);

    if (text.size == 0 || scheme.status != ANYTLS_OK)
        return;
    config->scheme = scheme.scheme;
    for (size_t i = 0; i < ANYTLS_MD5_TEXT_SIZE; i++)
        config->scheme.md5[i] = (uint8_t)"0123456789abcdef"[text.bytes[i % text.size] % 16u];
}

static void config_read(struct fuzz_config *config, struct fuzz_input input)
{
    static const uint8_t name[ANYTLS_CLIENT_NAME_MAX + 1];
    struct anytls_text text;

    config->flags = fuzz_byte(&input);
    config->streams = fuzz_byte(&input) % 17u;
    config->text = fuzz_u16(&input) % (ANYTLS_SCHEME_SIZE_MAX + 1u);
    config->session.answer_timeout = fuzz_byte(&input) * 1000u;
    config->session.heart_interval = fuzz_byte(&input) * 1000u;
    config->session.heart_timeout = fuzz_byte(&input) * 1000u;
    config->session.synack_timeout = config->session.heart_timeout / 2;
    config->session.strict = (config->flags & FUZZ_STRICT) != 0;
    config->session.version = (config->flags & FUZZ_VERSION_1) != 0 ? 1 : 2;
    text = fuzz_take(&input, input.size);
    scheme_set(config, text);
    if ((config->flags & FUZZ_NO_NAME) != 0)
        config->session.client.size = 0;
    if ((config->flags & FUZZ_LONG_NAME) != 0) {
        config->session.client.bytes = name;
        config->session.client.size = sizeof name;
    }
}

struct fuzz_config fuzz_config_take(struct fuzz_input *input, enum anytls_role role)
{
    static const uint8_t name[] = "fuzz/1";
    struct fuzz_config config = {0,
                                 0,
                                 8,
                                 ANYTLS_SETTINGS_SIZE_MAX,
                                 anytls_scheme_default,
                                 {2,
                                  false,
                                  {name, sizeof name - 1},
                                  ANYTLS_ANSWER_TIMEOUT,
                                  ANYTLS_SYNACK_TIMEOUT,
                                  0,
                                  ANYTLS_HEART_TIMEOUT}};
    struct fuzz_input rest = *input;
    struct fuzz_step step;

    if (role == ANYTLS_CLIENT)
        config.text = ANYTLS_SCHEME_SIZE_MAX;
    if (!fuzz_step_next(&rest, &step) || step.op != FUZZ_CONFIG)
        return config;
    *input = rest;
    config.cuts = step.stream;
    rest.at = step.data.bytes;
    rest.size = step.data.size;
    config_read(&config, rest);
    return config;
}

struct anytls_address fuzz_destination(struct anytls_text data)
{
    struct anytls_address_result result =
        anytls_address_decode(ANYTLS_TABLE_SOCKS, data.bytes, data.size);
    struct anytls_address address = {ANYTLS_IPV4, 80, 4, {192, 0, 2, 1}};

    if (result.status == ANYTLS_OK)
        return result.address;
    if (result.status == ANYTLS_BAD_ADDRESS)
        address.size = data.bytes[0]; /* not 4: an address that cannot be written */
    return address;
}

size_t fuzz_send_size(struct anytls_text data)
{
    if (data.size == 2)
        return data.bytes[0] * 2048u + data.bytes[1] * 3u;
    return data.size;
}

size_t fuzz_piece(struct fuzz_numbers *numbers, uint32_t cuts, size_t left)
{
    if (cuts == 0)
        return left;
    if (cuts == 1)
        return 1;
    return 1 + fuzz_upto(numbers, left - 1);
}
