/* The transport in memory. */
#include "io/memory.h"

#include <string.h>

#include "support.h"

#define PIPE 8u

static struct anytls_memory memory;
static struct anytls_transport near;
static struct anytls_transport far;
static size_t steps;

static void begin(void)
{
    static uint8_t bytes[2 * PIPE];

    anytls_memory_begin(&memory, bytes, PIPE);
    near = anytls_memory_transport(&memory, 0);
    far = anytls_memory_transport(&memory, 1);
    steps = 0;
}

static struct anytls_io_result read_near(uint8_t *bytes, size_t size, uint64_t deadline)
{
    return near.read(near.context, bytes, size, deadline);
}

static enum anytls_io_status write_near(const char *text, uint64_t deadline)
{
    return near.write(near.context, (const uint8_t *)text, strlen(text), deadline);
}

static void count_step(void *context)
{
    ck_assert_ptr_eq(context, &steps);
    steps++;
}

START_TEST(bytes_come_out_in_the_order_in_which_they_went_in)
{
    uint32_t seed = 3;
    uint8_t next_in = 0;
    uint8_t next_out = 0;

    begin();
    for (int i = 0; i < 5000; i++) {
        uint8_t bytes[PIPE];
        size_t room = PIPE - memory.pipes[1].size;
        size_t size = random_next(&seed) % (room + 1);
        struct anytls_io_result result;

        for (size_t j = 0; j < size; j++)
            bytes[j] = next_in++;
        must(near.write(near.context, bytes, size, 0) == ANYTLS_IO_OK, "a write fails");
        result = far.read(far.context, bytes, 1 + random_next(&seed) % PIPE, 0);
        must(result.status == ANYTLS_IO_OK ? result.size > 0 : result.size == 0, "no bytes");
        for (size_t j = 0; j < result.size; j++)
            must(bytes[j] == next_out++, "another byte, in round %d", i);
    }
    ck_assert_uint_gt(next_out, 0);
}
END_TEST

static void say_hello(void *context)
{
    steps++;
    far.write(far.context, context, 5, 0);
}

START_TEST(a_read_of_an_empty_pipe_runs_the_other_end_once)
{
    uint8_t bytes[PIPE];
    char hello[] = "hello";

    begin();
    memory.ends[1].step = say_hello;
    memory.ends[1].step_context = hello;
    ck_assert_uint_eq(read_near(bytes, 3, ANYTLS_NEVER).size, 3);
    ck_assert_mem_eq(bytes, "hel", 3);
    ck_assert_uint_eq(steps, 1);
    ck_assert_uint_eq(read_near(bytes, PIPE, ANYTLS_NEVER).size, 2);
    ck_assert_uint_eq(steps, 1);
    ck_assert_uint_eq(memory.now, 0);
}
END_TEST

static void take_all(void *context)
{
    struct bytes *taken = context;
    uint8_t bytes[PIPE];
    struct anytls_io_result result = far.read(far.context, bytes, sizeof bytes, 0);

    while (result.status == ANYTLS_IO_OK) {
        bytes_add(taken, bytes, result.size);
        result = far.read(far.context, bytes, sizeof bytes, 0);
    }
    steps++;
}

START_TEST(a_write_to_a_full_pipe_runs_the_other_end)
{
    static struct bytes taken;

    begin();
    taken.size = 0;
    memory.ends[1].step = take_all;
    memory.ends[1].step_context = &taken;
    ck_assert_int_eq(write_near("abcdefghijklmnopqrstu", ANYTLS_NEVER), ANYTLS_IO_OK);
    ck_assert_uint_eq(steps, 2);
    take_all(&taken);
    ck_assert_uint_eq(taken.size, 21);
    ck_assert_mem_eq(taken.at, "abcdefghijklmnopqrstu", 21);
}
END_TEST

START_TEST(waiting_in_vain_moves_the_clock_to_the_deadline)
{
    uint8_t bytes[PIPE];

    begin();
    memory.ends[1].step = count_step;
    memory.ends[1].step_context = &steps;
    ck_assert_int_eq(read_near(bytes, PIPE, 70).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(near.now(near.context), 70);
    ck_assert_int_eq(write_near("123456789", 90), ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(far.now(far.context), 90);
    ck_assert_uint_eq(steps, 2);
}
END_TEST

START_TEST(a_deadline_that_has_passed_leaves_the_clock)
{
    uint8_t bytes[PIPE];

    begin();
    memory.now = 50;
    ck_assert_int_eq(read_near(bytes, PIPE, 20).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(memory.now, 50);
}
END_TEST

START_TEST(waiting_in_vain_without_a_deadline_fails)
{
    uint8_t bytes[PIPE];

    begin();
    ck_assert_int_eq(read_near(bytes, PIPE, ANYTLS_NEVER).status, ANYTLS_IO_FAILED);
    ck_assert_int_eq(write_near("123456789", ANYTLS_NEVER), ANYTLS_IO_FAILED);
}
END_TEST

START_TEST(a_step_does_not_run_the_other_end_in_turn)
{
    static struct bytes taken;
    uint8_t bytes[PIPE];

    begin();
    taken.size = 0;
    memory.ends[0].step = count_step;
    memory.ends[0].step_context = &steps;
    memory.ends[1].step = take_all;
    memory.ends[1].step_context = &taken;
    ck_assert_int_eq(read_near(bytes, PIPE, 5).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(steps, 1);
    ck_assert_int_eq(far.read(far.context, bytes, PIPE, 9).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(steps, 2);
}
END_TEST

START_TEST(a_closed_end_is_read_to_its_last_byte_and_not_written_to)
{
    uint8_t bytes[PIPE];

    begin();
    far.write(far.context, (const uint8_t *)"end", 3, 0);
    anytls_memory_close(&memory, 1);
    ck_assert_int_eq(write_near("x", 0), ANYTLS_IO_FAILED);
    ck_assert_uint_eq(read_near(bytes, PIPE, ANYTLS_NEVER).size, 3);
    ck_assert_int_eq(read_near(bytes, PIPE, ANYTLS_NEVER).status, ANYTLS_IO_END);
    ck_assert_int_eq(read_near(bytes, PIPE, ANYTLS_NEVER).status, ANYTLS_IO_END);
    ck_assert_int_eq(far.read(far.context, bytes, PIPE, 0).status, ANYTLS_IO_END);
}
END_TEST

START_TEST(random_numbers_repeat_from_the_same_state)
{
    uint32_t first;
    uint32_t second;

    begin();
    first = near.random(near.context);
    second = far.random(far.context);
    ck_assert_uint_ne(first, second);
    memory.random = 1;
    ck_assert_uint_eq(near.random(near.context), first);
    ck_assert_uint_eq(near.random(near.context), second);
    ck_assert_uint_eq(first, 270369); /* of Marsaglia's xorshift from 1 */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        bytes_come_out_in_the_order_in_which_they_went_in,
        a_read_of_an_empty_pipe_runs_the_other_end_once,
        a_write_to_a_full_pipe_runs_the_other_end,
        waiting_in_vain_moves_the_clock_to_the_deadline,
        a_deadline_that_has_passed_leaves_the_clock,
        waiting_in_vain_without_a_deadline_fails,
        a_step_does_not_run_the_other_end_in_turn,
        a_closed_end_is_read_to_its_last_byte_and_not_written_to,
        random_numbers_repeat_from_the_same_state,
    };

    return suite_run("io memory", tests, COUNT(tests));
}
