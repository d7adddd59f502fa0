/* tests/host/test_swapping.c - a whole space goes out, and its working set comes back. */
#include "mm/address_spaces/space_resident.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/lock.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/swap.h"
#include "mm/working_sets/swapping.h"
#include "mm/working_sets/working_set.h"
#include "tests/host/unit.h"

#define COUNT 150u /* pages: more than are written or read at a time */

static struct space *space;
static struct group *group;
static frame_t taken[UNIT_FRAMES];

static uintptr_t at(unsigned page)
{
    return HERE + PAGES(page);
}

static void begin(unsigned pages)
{
    unit_swap(400);
    host_swap.instant = 0;
    space = unit_space();
    group = unit_group(space, "fifo", UINT32_MAX);
    unit_map(space, HERE, pages, R | W);
    for (unsigned page = 0; page < pages; page++)
        unit_write(space, at(page), 100 + page);
}

static void end(void)
{
    space_release(space);
    unit_group_end(group);
}

static uint32_t slot_of(unsigned page)
{
    return page_get(unit_page(space, at(page)))->slot.number;
}

static unsigned pages_there(unsigned pages)
{
    unsigned count = 0;
    for (unsigned page = 0; page < pages; page++)
        count += unit_is(space, at(page), FRAME_RESIDENT);
    return count;
}

/* Whoever does it holds the space, and is not the only one. */
static void go_out(void)
{
    space_hold(space);
    swapping_out(space);
    space_release(space);
}

static void come_back(void)
{
    space_hold(space);
    swapping_in(space);
    space_release(space);
}

/* Nothing can be rescued any more. */
static void use_free_frames(void)
{
    unsigned count = 0;
    mm_lock();
    while (frame_counts.free > 0) {
        taken[count] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
        count++;
    }
    while (count > 0)
        frame_free(taken[--count]);
    mm_unlock();
}

static void all_of_it_in_order(void **state)
{
    (void)state;
    begin(COUNT);
    host_swap.instant = 100;
    /* Some have slots already, the last first. */
    for (unsigned page = 0; page < 4; page++) {
        mm_lock();
        assert_true(evict(unit_frame(space, at(page % 2 ? 20 + page : 90 - page))));
        laundry_send();
        laundry_reap();
        mm_unlock();
        unit_read(space, at(page % 2 ? 20 + page : 90 - page));
    }
    struct swapping_counts before = swapping_counts;
    uint64_t calls = host_swap.calls;
    go_out();
    assert_int_equal(laundry_count, 0);
    assert_int_equal(host_device_pending(), 0);
    assert_int_equal(pages_there(COUNT), 0);
    assert_int_equal(swapping_counts.out, before.out + COUNT);
    for (unsigned page = 1; page < COUNT; page++)
        assert_int_equal(slot_of(page), slot_of(0) + page);
    assert_in_range(host_swap.calls - calls, COUNT / 8, COUNT / 8 + COUNT / 32 + 2);
    assert_int_equal(audit(), 0);
    for (unsigned page = 0; page < COUNT; page++)
        assert_int_equal(unit_read(space, at(page)), 100 + page);
    end();
}

/* Of others' pages, pinned and wired ones, and the space's own, only the last go. */
static void what_stays(void **state)
{
    (void)state;
    begin(6);
    struct space *child = space_fork(space);
    for (unsigned page = 1; page < 6; page++)
        unit_write(child, at(page), 7);
    assert_int_equal(space_wire(space, at(1), PAGES(1), true), 0);
    page_t pinned = unit_page(space, at(2));
    frame_pin(page_get(pinned)->frame);
    go_out();
    assert_int_equal(pages_there(3), 3);
    assert_int_equal(pages_there(6), 3);
    mm_lock();
    page_unpin(pinned);
    mm_unlock();
    space_release(child);
    end();
}

static void no_slots_no_swapping(void **state)
{
    (void)state;
    begin(COUNT);
    unit_swap(10);
    struct swapping_counts before = swapping_counts;
    go_out();
    assert_int_equal(pages_there(COUNT), COUNT - 10);
    assert_int_equal(swapping_counts.out, before.out + 10);
    for (unsigned page = 0; page < COUNT; page++)
        assert_int_equal(unit_read(space, at(page)), 100 + page);
    end();
}

/* What was in use comes back and is mapped; what was not, is left where it is. */
static void the_working_set_comes_back(void **state)
{
    (void)state;
    begin(COUNT);
    for (unsigned i = 0; i <= WORKING_SET_PERIODS; i++)
        working_set_sample(space, false);
    for (unsigned page = 10; page < COUNT; page++)
        unit_read(space, at(page));
    working_set_sample(space, false);
    go_out();
    use_free_frames();
    struct swapping_counts before = swapping_counts;
    uint64_t read = swap_counts.read;
    space_peak_reset(space);
    assert_int_equal(space->table.resident_bound, 0);
    come_back();
    assert_int_equal(space->table.resident_bound, COUNT - 10);
    assert_int_equal(host_device_pending(), 0);
    assert_int_equal(pages_there(10), 0);
    assert_int_equal(pages_there(COUNT), COUNT - 10);
    assert_int_equal(swapping_counts.in, before.in + COUNT - 10);
    assert_int_equal(swap_counts.read, read + COUNT - 10);
    assert_in_range(swapping_counts.reads - before.reads, (COUNT - 10) / 8,
                    (COUNT - 10) / 8 + 6);
    assert_true(space->table.resident_bound >= space_resident(space));
    assert_int_equal(audit(), 0);
    for (unsigned page = 10; page < COUNT; page++) {
        pte_t entry = *table_find(&space->table, at(page));
        assert_true(pte_is_present(entry) && !pte_is_referenced(entry));
        assert_int_equal(pte_age(entry), 1); /* it has not been used yet */
        unit_expect_none(space, at(page), R);
        assert_int_equal(unit_read(space, at(page)), 100 + page);
    }
    end();
}

/* Frames that nobody has used meanwhile: nothing is read, and it is mapped all the same. */
static void what_can_be_rescued_is(void **state)
{
    (void)state;
    begin(20);
    go_out();
    struct swapping_counts before = swapping_counts;
    uint64_t read = swap_counts.read, rescued = group->rescued;
    come_back();
    assert_int_equal(swap_counts.read, read);
    assert_int_equal(group->rescued, rescued + 20);
    assert_int_equal(swapping_counts.in, before.in + 20);
    assert_true(space->table.resident_bound >= space_resident(space));
    for (unsigned page = 0; page < 20; page++)
        unit_expect_none(space, at(page), R);
    end();
}

/* In order, and as it was: from the second time on nothing need be written. */
static void the_second_time_nothing_is_written(void **state)
{
    (void)state;
    begin(COUNT);
    unit_swap(UNIT_SLOTS); /* so many lie behind each other */
    go_out();
    come_back();
    assert_int_equal(pages_there(COUNT), COUNT);
    uint64_t written = swap_counts.written;
    go_out();
    assert_int_equal(pages_there(COUNT), 0);
    assert_int_equal(swap_counts.written, written);
    end();
}

static bool came_back;

static void come_back_late(struct thread *self)
{
    swapping_in(self->space);
    came_back = true;
}

static void touch_first(struct thread *self)
{
    struct fault_report report;
    fault_handle(self->space, HERE, R, &report);
}

/* One page, in its slot only, and a disk that takes its time. */
static void begin_at_a_reading(void)
{
    begin(1);
    go_out();
    use_free_frames();
    host_swap.instant = 0;
    space_hold(space);
}

static void end_after_readings(void)
{
    assert_int_equal(unit_read(space, HERE), 100);
    space_release(space);
    end();
}

/* What somebody else reads just now is his affair: it is not waited for. */
static void what_is_being_read_is_left_alone(void **state)
{
    (void)state;
    begin_at_a_reading();
    thread_resume(thread_create(space, touch_first));
    assert_true(unit_is(space, HERE, FRAME_BUSY));
    came_back = false;
    thread_resume(thread_create(space, come_back_late));
    assert_true(came_back);
    assert_true(unit_is(space, HERE, FRAME_BUSY));
    while (host_step())
        ;
    end_after_readings();
}

/* And who touches what comes back just now waits for that one reading, and no longer. */
static void what_comes_back_is_waited_for(void **state)
{
    (void)state;
    begin_at_a_reading();
    uint64_t read = swap_counts.read;
    thread_resume(thread_create(space, come_back_late));
    assert_true(unit_is(space, HERE, FRAME_BUSY));
    thread_resume(thread_create(space, touch_first));
    while (host_step())
        ;
    assert_int_equal(swap_counts.read, read + 1);
    end_after_readings();
}

/* In exact mode the use must trap. */
static void exact_mode_maps_nothing(void **state)
{
    (void)state;
    begin(4);
    go_out();
    assert_int_equal(reference_tracing_set(group, true), 0);
    come_back();
    assert_int_equal(pages_there(4), 4);
    for (unsigned page = 0; page < 4; page++)
        assert_false(pte_is_present(*table_find(&space->table, at(page))));
    assert_int_equal(reference_tracing_set(group, false), 0);
    reference_string_end(group);
    end();
}

/* The device fails: whoever touches the page learns it; the others are there. */
static void a_page_that_is_lost(void **state)
{
    (void)state;
    begin(20);
    go_out();
    use_free_frames();
    host_swap.failing = 100;
    come_back();
    host_swap.failing = 0;
    assert_int_equal(pages_there(20), 0);
    assert_int_equal(audit(), 0);
    for (unsigned page = 0; page < 20; page++)
        assert_int_equal(unit_read(space, at(page)), 100 + page);
    end();
}

/* As many as there are frames to spare. */
static void memory_is_short(void **state)
{
    (void)state;
    unsigned count = 0;
    begin(COUNT);
    go_out();
    use_free_frames();
    mm_lock();
    while (frame_counts.free > frame_watermarks.high + 30)
        taken[count++] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
    come_back();
    assert_int_equal(pages_there(COUNT), 30);
    assert_true(frame_counts.free >= frame_watermarks.high);
    mm_lock();
    while (count > 0)
        frame_free(taken[--count]);
    mm_unlock();
    end();
}

/* Nobody is left to do it for. */
static void a_space_that_ends(void **state)
{
    (void)state;
    begin(4);
    swapping_out(space);
    assert_int_equal(pages_there(4), 4);
    space->ending = true;
    go_out();
    assert_int_equal(pages_there(4), 4);
    space->ending = false;
    go_out();
    use_free_frames();
    swapping_in(space);
    assert_int_equal(pages_there(4), 0);
    end();
}

void test_swapping(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(all_of_it_in_order),
        UNIT_TEST(what_stays),
        UNIT_TEST(no_slots_no_swapping),
        UNIT_TEST(the_working_set_comes_back),
        UNIT_TEST(what_can_be_rescued_is),
        UNIT_TEST(exact_mode_maps_nothing),
        UNIT_TEST(a_page_that_is_lost),
        UNIT_TEST(memory_is_short),
        UNIT_TEST(a_space_that_ends),
        UNIT_TEST(what_is_being_read_is_left_alone),
        UNIT_TEST(what_comes_back_is_waited_for),
        UNIT_TEST(the_second_time_nothing_is_written),
    };
    unit_add(tests);
}
