/* Cuts of the input, over more than a test writes by hand: random frames, random bytes, two
 * sessions against each other. Each feed of the rig compares all cuts in two, and bytes singly. */
#include "support.h"

#include <string.h>

static struct rig rig;
static struct rig other;
static struct bytes in;
static uint32_t seed;

static uint32_t below(uint32_t limit)
{
    return random_next(&seed) % limit;
}

static void add_random_frame(void)
{
    static const char *const texts[] = {"",
                                        "v=2",
                                        ("v=1\npadding-md5=" RIG_MD5),
                                        "stop=3\n1=5-5",
                                        "hello",
                                        "<01000000050000>",
                                        "<03020304000000>",
                                        "<017f0000010050>rest"};
    static struct bytes data;

    data.size = 0;
    bytes_add_data(&data, texts[below(COUNT(texts))]);
    bytes_add_header(&in, (uint8_t)below(13), below(6), data.size);
    bytes_add(&in, data.at, data.size);
}

static void random_frames(enum rig_kind kind, bool strict)
{
    rig_reset(&rig);
    rig.config.session.strict = strict;
    rig.text_capacity = 16;
    rig_begin(&rig, kind);
    if (kind == RIG_CLIENT)
        rig_open_name(&rig, "x");
    if (kind == RIG_ENDPOINT)
        feed(&rig, "raw " RIG_HASH "<0000>");
    in.size = 0;
    if (kind != RIG_CLIENT && below(4) > 0)
        bytes_add_frames(&in, "Settings 0 v=2");
    for (int i = 0; i < 12; i++)
        add_random_frame();
    feed_bytes(&rig, in.at, in.size);
}

/* FRAME-CUTS */
START_TEST(random_frames_give_the_same_in_any_pieces)
{
    static const enum rig_kind kinds[] = {RIG_SERVER, RIG_CLIENT, RIG_ENDPOINT};

    seed = 4242;
    for (int round = 0; round < 300; round++)
        random_frames(kinds[round % 3], round % 5 == 0);
}
END_TEST

START_TEST(random_bytes_give_the_same_in_any_pieces)
{
    static const enum rig_kind kinds[] = {RIG_SERVER, RIG_CLIENT, RIG_ENDPOINT};

    seed = 99;
    for (int round = 0; round < 300; round++) {
        size_t size = 1 + below(60);

        rig_speak(&rig, kinds[round % 3], 2);
        in.size = 0;
        for (size_t i = 0; i < size; i++) {
            uint8_t byte = (uint8_t)(below(3) ? below(12) : below(256));

            bytes_add(&in, &byte, 1);
        }
        feed_bytes(&rig, in.at, in.size);
    }
}
END_TEST

/* Without the rig's own cutting, in pieces of random sizes. */
START_TEST(many_pieces_give_the_same_output_as_one)
{
    static struct rig_state before;
    static struct bytes output;
    uint8_t out[1000];

    seed = 7;
    for (int round = 0; round < 200; round++) {
        size_t done = 0;
        size_t piece;

        rig_speak(&rig, RIG_SERVER, 2);
        in.size = 0;
        for (int i = 0; i < 30; i++)
            add_random_frame();
        memcpy(&before, &rig.state, sizeof before);
        feed_bytes(&rig, in.at, in.size);
        memcpy(&other.state, &rig.state, sizeof other.state);
        memcpy(&rig.state, &before, sizeof before);
        output.size = 0;
        for (piece = 1 + below(40); done < in.size; piece = 1 + below(40)) {
            size_t size = piece < in.size - done ? piece : in.size - done;
            struct anytls_received received =
                rig_receive(&rig, in.at + done, size, out, sizeof out);

            must(received.status == ANYTLS_OK && received.consumed > 0, "round %d", round);
            bytes_add(&output, out, received.output);
            done += received.consumed;
        }
        must(output.size == rig.output.size, "round %d: another output", round);
        must(memcmp(output.at, rig.output.at, output.size) == 0, "round %d: output", round);
        must(rig_same(&other.state, &rig.state), "round %d: another state", round);
    }
}
END_TEST

/* ---- Two sessions ---- */

/* What one has written goes to the other. */
static void carry(struct rig *from, struct rig *to)
{
    in = from->output;
    from->output.size = 0;
    feed_bytes(to, in.at, in.size);
}

static void talk(unsigned client_version, unsigned server_version)
{
    unsigned version = client_version == 2 && server_version == 2 ? 2 : 1;

    rig_reset(&rig);
    rig.config.session.version = client_version;
    rig.scheme = anytls_scheme_default;
    rig_begin(&rig, RIG_CLIENT);
    rig_reset(&other);
    other.config.session.version = server_version;
    rig_begin(&other, RIG_SERVER);

    rig_open_name(&rig, "example.com");
    rig_send_text(&rig, 1, "GET");
    carry(&rig, &other);
    ck_assert_ptr_nonnull(strstr(other.seen, "|opened 1|data 1 <030b>example.com<01bb>GET"));
    rig_accept(&other, 1);
    rig_send_text(&other, 1, "200");
    carry(&other, &rig);
    saw(&rig, version == 2 ? "scheme stop=0|server settings v=2|accepted 1|data 1 200"
                           : "scheme stop=0|data 1 200");
    ck_assert_int_eq(rig_session(&rig)->state, rig_session(&other)->state);
    ck_assert_int_eq(rig_session(&rig)->state, version == 2 ? ANYTLS_STATE_V2 : ANYTLS_STATE_V1);

    rig_open_name(&rig, "other");
    carry(&rig, &other);
    rig_refuse(&other, 2, "no");
    carry(&other, &rig);
    saw(&rig, version == 2 ? "refused 2 no" : "finished 2");
    rig_finish(&rig, 1);
    carry(&rig, &other);
    ck_assert_uint_eq(rig_session(&rig)->streams.count, 0);
    ck_assert_uint_eq(rig_session(&other)->streams.count, 0);
}

/* SETTINGS-VERSION-RULE */
START_TEST(client_and_server_of_any_two_versions_work_together)
{
    for (unsigned client = 1; client <= 2; client++)
        for (unsigned server = 1; server <= 2; server++)
            talk(client, server);
}
END_TEST

START_TEST(a_heartbeat_makes_the_round_trip)
{
    rig_speak(&rig, RIG_CLIENT, 2);
    rig_speak(&other, RIG_SERVER, 2);
    ck_assert_int_eq(rig_heartbeat(&rig), ANYTLS_OK);
    carry(&rig, &other);
    carry(&other, &rig);
    saw(&rig, "heart answered");
    ck_assert_int_eq(rig_heartbeat(&other), ANYTLS_OK);
    carry(&other, &rig);
    carry(&rig, &other);
    saw(&other, "heart answered");
}
END_TEST

START_TEST(an_alert_makes_the_trip)
{
    rig_speak(&rig, RIG_CLIENT, 2);
    rig_speak(&other, RIG_SERVER, 2);
    ck_assert_int_eq(rig_alert(&other, "too many sessions"), ANYTLS_OK);
    carry(&other, &rig);
    saw(&rig, "alert too many sessions (alert from the peer)");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        random_frames_give_the_same_in_any_pieces,
        random_bytes_give_the_same_in_any_pieces,
        many_pieces_give_the_same_output_as_one,
        client_and_server_of_any_two_versions_work_together,
        a_heartbeat_makes_the_round_trip,
        an_alert_makes_the_trip,
    };

    return suite_run("session cuts", tests, COUNT(tests));
}
