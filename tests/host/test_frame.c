/* tests/host/test_frame.c - the free-frame list: counts, zeroes, reserve, order. */
#include "mm/frames/account.h"
#include "mm/frames/record.h"
#include "tests/host/unit.h"

#include <string.h>

static void counts_follow(void **state)
{
    (void)state;
    uint32_t before = frame_counts.free;
    frame_t a = frame_take(FRAME_FOR_USER, FRAME_RESIDENT);
    frame_t b = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    assert_true(frame_is(a) && frame_is(b) && !frame_same(a, b));
    assert_int_equal(frame_counts.free, before - 2);
    assert_int_equal(frame_get(a)->state, FRAME_RESIDENT);
    assert_int_equal(frame_get(b)->state, FRAME_KERNEL);
    assert_false(page_is(frame_get(a)->page));
    assert_false(mapper_is(frame_get(a)->mappers));
    frame_free(a);
    frame_free(b);
    assert_int_equal(frame_counts.free, before);
    assert_int_equal(frame_counts.total, UNIT_FRAMES - MACHINE_FRAMES_KERNEL);
    assert_int_equal(frame_get(a)->state, FRAME_FREE);
}

static void nothing_sticks_to_a_frame(void **state)
{
    (void)state;
    frame_t frame = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    struct frame *f = frame_get(frame);
    f->dirty = f->referenced = f->recent = f->admitted = true;
    f->history = f->wired = 7;
    frame_free(frame);
    frame_t taken[UNIT_FRAMES];
    unsigned count = 0;
    do
        taken[count] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    while (!frame_same(taken[count++], frame));
    assert_false(f->dirty || f->referenced || f->recent || f->admitted || f->zeroed);
    assert_false(f->history || f->wired || f->pins);
    while (count > 0)
        frame_free(taken[--count]);
}

/* Memory that the kernel has at the start may hold anything; with junk=1, junk. */
static void given_frames_hold_junk(void **state)
{
    (void)state;
    frame_t frame = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
    account_uncharge(frame_get(frame)->account, ACCOUNT_FRAMES, 1); /* as if not taken */
    frame_counts.kernel--;
    frame_counts.total--;
    frame_give(frame, (frame_t){frame.number + 1});
    const uint8_t *bytes = frame_data(frame);
    assert_int_equal(bytes[0], 0xdb);
    assert_int_equal(bytes[PAGE_SIZE - 1], 0xdb);
}

static void zeroed_is_zero_whatever_was_there(void **state)
{
    (void)state;
    static const char zeroes[PAGE_SIZE];
    for (unsigned i = 0; i < 3 * UNIT_FRAMES; i++) {
        frame_t frame = frame_take_zeroed(FRAME_FOR_USER, FRAME_KERNEL);
        assert_memory_equal(frame_data(frame), zeroes, PAGE_SIZE);
        memset(frame_data(frame), 0xff, PAGE_SIZE);
        frame_free(frame);
    }
}

static void pool_is_filled_up_to_a_limit(void **state)
{
    (void)state;
    while (frame_zero_one())
        ;
    uint32_t full = frame_counts.zeroed;
    assert_in_range(full, 1, frame_counts.total / 2);
    assert_false(frame_zero_one());
    assert_int_equal(frame_counts.zeroed, full);
}

static void pool_saves_clearing(void **state)
{
    (void)state;
    while (frame_zero_one())
        ;
    uint32_t zeroed = frame_counts.zeroed;
    uint64_t clears = machine_counts.clears;
    frame_t frame = frame_take_zeroed(FRAME_FOR_USER, FRAME_KERNEL);
    assert_int_equal(machine_counts.clears, clears);
    assert_int_equal(frame_counts.zeroed, zeroed - 1);
    frame_free(frame);
    assert_int_equal(frame_counts.zeroed, zeroed - 1);
    /* Whoever does not want zeroes leaves them alone. */
    frame = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
    assert_int_equal(frame_counts.zeroed, zeroed - 1);
    frame_free(frame);
}

/* Whoever knows that a frame is zero says so, and it goes to the pool. */
static void freed_zeroed(void **state)
{
    (void)state;
    frame_t frame = frame_take_zeroed(FRAME_FOR_USER, FRAME_KERNEL);
    uint32_t zeroed = frame_counts.zeroed;
    frame_get(frame)->zeroed = true;
    frame_free(frame);
    assert_int_equal(frame_counts.zeroed, zeroed + 1);
}

static void reserve_is_the_kernels(void **state)
{
    (void)state;
    static frame_t taken[UNIT_FRAMES];
    unsigned count = 0;
    for (;;) {
        frame_t frame = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
        if (!frame_is(frame))
            break;
        taken[count++] = frame;
    }
    assert_int_equal(frame_counts.free, frame_watermarks.reserve);
    assert_false(frame_is(frame_take_zeroed(FRAME_FOR_USER, FRAME_KERNEL)));
    for (;;) {
        frame_t frame = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
        if (!frame_is(frame))
            break;
        taken[count++] = frame;
    }
    assert_int_equal(frame_counts.free, 0);
    assert_int_equal(frame_counts.zeroed, 0);
    while (count > 0)
        frame_free(taken[--count]);
}

static void watermarks_are_in_order(void **state)
{
    (void)state;
    assert_true(0 < frame_watermarks.reserve);
    assert_true(frame_watermarks.reserve < frame_watermarks.low);
    assert_true(frame_watermarks.low < frame_watermarks.high);
    assert_true(frame_watermarks.high < frame_counts.total);
}

/* A freed frame keeps its contents for as long as there are others. */
static void freed_last_taken_last(void **state)
{
    (void)state;
    static frame_t taken[UNIT_FRAMES];
    frame_t frame = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    frame_free(frame);
    uint32_t plain = frame_counts.free - frame_counts.zeroed;
    for (uint32_t i = 0; i < plain; i++) {
        taken[i] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
        assert_int_equal(frame_same(taken[i], frame), i == plain - 1);
    }
    for (uint32_t i = 0; i < plain; i++)
        frame_free(taken[i]);
}

static void nth_taking_fails(void **state)
{
    (void)state;
    frame_fail_after = 2;
    frame_t a = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    assert_true(frame_is(a));
    assert_false(frame_is(frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL)));
    frame_t b = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    assert_true(frame_is(b));
    frame_free(a);
    frame_free(b);
}

static void free_twice(void)
{
    frame_free((frame_t){UNIT_FRAMES - 1});
}

static void freeing_what_is_free_panics(void **state)
{
    (void)state;
    assert_int_equal(frame_get((frame_t){UNIT_FRAMES - 1})->state, FRAME_FREE);
    assert_true(host_fails(free_twice));
}

/* What is recorded of groups is there for long: it is bounded, and taken whole or not at all. */
static void records_are_a_part_of_memory(void **state)
{
    (void)state;
    static frame_t taken[UNIT_FRAMES];
    uint32_t room = record_room(), before = frame_counts.free;
    assert_in_range(room, 1, frame_counts.total / 8);
    assert_false(record_take(taken, room + 1));
    assert_true(record_take(taken, room));
    assert_int_equal(frame_counts.free, before - room);
    assert_int_equal(record_room(), 0);
    assert_false(record_take(&taken[room], 1));
    record_give(taken, room);
    frame_fail_after = room / 2;
    assert_false(record_take(taken, room));
    assert_int_equal(frame_counts.free, before);
    assert_int_equal(record_room(), room);
}

void test_frame(void)
{
    const struct CMUnitTest frames_free[] = {
        UNIT_TEST(counts_follow),
        UNIT_TEST(nothing_sticks_to_a_frame),
        UNIT_TEST(given_frames_hold_junk),
        UNIT_TEST(zeroed_is_zero_whatever_was_there),
        UNIT_TEST(pool_is_filled_up_to_a_limit),
        UNIT_TEST(pool_saves_clearing),
        UNIT_TEST(freed_zeroed),
        UNIT_TEST(reserve_is_the_kernels),
        UNIT_TEST(watermarks_are_in_order),
        UNIT_TEST(freed_last_taken_last),
        UNIT_TEST(nth_taking_fails),
        UNIT_TEST(freeing_what_is_free_panics),
        UNIT_TEST(records_are_a_part_of_memory),
    };
    unit_add(frames_free);
}
