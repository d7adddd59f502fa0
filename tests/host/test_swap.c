/* tests/host/test_swap.c - slots: given, kept, taken back, retired; and devices that fail. */
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/swap.h"
#include "mm/view.h"
#include "tests/host/unit.h"

#include <string.h>

static struct space *space;
static struct group *group;

static void begin(unsigned pages)
{
    space = unit_space();
    group = unit_group(space, "fifo", 100);
    unit_map(space, HERE, pages, R | W);
}

static void end(void)
{
    space_release(space);
    unit_group_end(group);
}

static void write_all(unsigned pages)
{
    for (unsigned i = 0; i < pages; i++)
        unit_write(space, HERE + PAGES(i), 100 + i);
}

static void expect_all(unsigned pages)
{
    for (unsigned i = 0; i < pages; i++)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), 100 + i);
}

/* Frames that keep pages are used for something else. */
static void use_all_frames(void)
{
    static frame_t taken[UNIT_FRAMES];
    unsigned count = 0;
    mm_lock();
    while (frame_counts.free > 0)
        taken[count++] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    while (count > 0)
        frame_free(taken[--count]);
    mm_unlock();
}

/* Evict `count` pages, and have their frames used. */
static void away(unsigned count)
{
    assert_int_equal(group_reclaim(group, count), count);
    use_all_frames();
}

/* --- What is written ---------------------------------------------------------------------- */

static void a_clean_page_is_not_written_again(void **state)
{
    (void)state;
    unit_swap(4);
    begin(1);
    write_all(1);
    away(1);
    assert_int_equal(group->written, 1);
    uint64_t requests = host_swap.requests;
    expect_all(1);
    assert_true(unit_has_slot(space, HERE));
    away(1);
    assert_int_equal(host_swap.requests, requests + 1); /* one reading */
    assert_int_equal(group->written, 1);
    expect_all(1);
    unit_write(space, HERE, 5);
    slot_t slot = page_get(unit_page(space, HERE))->slot;
    away(1);
    assert_int_equal(group->written, 2);
    assert_int_equal(page_get(unit_page(space, HERE))->slot.number, slot.number);
    assert_int_equal(swap_counts.used, 1);
    assert_int_equal(unit_read(space, HERE), 5);
    end();
}

/* The bit D set after the page came back from its slot is seen. */
static void rescued_and_written(void **state)
{
    (void)state;
    unit_swap(4);
    begin(1);
    write_all(1);
    assert_int_equal(group_reclaim(group, 1), 1);
    unit_expect_kind(space, HERE, W, FAULT_RESCUE);
    unit_write(space, HERE, 8);
    assert_int_equal(audit(), 0);
    away(1);
    assert_int_equal(group->written, 2);
    assert_int_equal(unit_read(space, HERE), 8);
    end();
}

static void zeroes_are_forgotten(void **state)
{
    (void)state;
    unit_swap(4);
    begin(2);
    unit_try(space, HERE, R);
    page_t page = unit_page(space, HERE);
    assert_true(page_is(page));
    uint64_t writes = host_swap.writes;
    uint32_t pages = page_count;
    assert_int_equal(group_reclaim(group, 1), 1);
    assert_int_equal(host_swap.writes, writes);
    assert_int_equal(page_count, pages - 1);
    struct page_view view;
    assert_false(view_next_locked(space, HERE, &view));
    assert_int_equal(group->evicted, 1);
    unit_expect_kind(space, HERE, R, FAULT_ZERO_FILL);
    assert_int_equal(unit_read(space, HERE), 0);
    end();
}

/* But not when somebody knows them by name: another space, in which they are hidden. */
static void zeroes_that_have_a_name_are_written(void **state)
{
    (void)state;
    unit_swap(4);
    begin(1);
    unit_try(space, HERE, R);
    struct space *child = space_fork(space);
    assert_int_equal(space_protect(child, HERE, PAGES(1), 0), 0);
    page_t page = unit_page(space, HERE);
    assert_int_equal(page_get(page)->holders, 2);
    assert_int_equal(group_reclaim(group, 1), 1);
    assert_true(slot_is(page_get(page)->slot));
    assert_int_equal(page_get(page)->holders, 2);
    assert_int_equal(space_protect(child, HERE, PAGES(1), R), 0);
    assert_int_equal(unit_read(child, HERE), 0);
    assert_int_equal(unit_read(space, HERE), 0);
    space_release(child);
    end();
}

static void pages_of_objects(void **state)
{
    (void)state;
    unit_swap(4);
    begin(1);
    struct object *file = object_create(&host_device, PAGES(3), PAGES(1));
    struct object *memory = object_create(NULL, 0, PAGES(1));
    unit_map_object(space, HERE + PAGES(1), 1, R | W, true, file, 0);
    unit_map_object(space, HERE + PAGES(2), 1, R | W, true, memory, 0);
    uint64_t first = unit_read(space, HERE + PAGES(1));
    assert_int_equal(first, *(uint64_t *)&host_device_bytes[PAGES(3)]);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 0);
    away(2); /* neither was written: neither needs a slot */
    assert_int_equal(file->page_count + memory->page_count, 0);
    assert_int_equal(swap_counts.used, 0);
    unit_write(space, HERE + PAGES(1), first + 1);
    unit_write(space, HERE + PAGES(2), 2);
    away(2);
    assert_int_equal(file->page_count + memory->page_count, 2);
    assert_int_equal(swap_counts.used, 2);
    unit_expect_kind(space, HERE + PAGES(1), R, FAULT_PAGE_IN);
    assert_int_equal(unit_read(space, HERE + PAGES(1)), first + 1);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 2);
    away(2);
    frame_t frame;
    bool major = false;
    assert_int_equal(object_pin(file, 0, &frame, &major), 0); /* as read() does */
    assert_true(major);
    assert_int_equal(*(uint64_t *)frame_data(frame), first + 1);
    object_unpin(frame, false);
    assert_int_equal(object_resize(file, 0), 0);
    assert_int_equal(object_resize(memory, 0), 0);
    assert_int_equal(swap_counts.used, 0);
    space_release(space);
    object_release(file);
    object_release(memory);
    unit_group_end(group);
}

/* --- Slots -------------------------------------------------------------------------------- */

static void slots_of_resident_pages_are_taken_back(void **state)
{
    (void)state;
    unit_swap(2);
    begin(4);
    write_all(2);
    away(2);
    unit_write(space, HERE + PAGES(2), 102);
    unit_write(space, HERE + PAGES(3), 103);
    expect_all(2); /* both come back, and keep their slots */
    assert_true(unit_has_slot(space, HERE) && unit_has_slot(space, HERE + PAGES(1)));
    assert_int_equal(group_reclaim(group, 2), 2);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(unit_has_slot(space, HERE + PAGES(i)), i >= 2);
        assert_int_equal(unit_is(space, HERE + PAGES(i), FRAME_RESIDENT), i < 2);
    }
    assert_int_equal(swap_counts.used, 2);
    assert_int_equal(audit(), 0);
    assert_int_equal(group_reclaim(group, 1), 0); /* those two differ from nothing now */
    expect_all(4);
    end();
}

/* A page is pinned while the last slots are looked for: its own is not taken, but later. */
static void a_pinned_page_keeps_its_slot_for_now(void **state)
{
    (void)state;
    unit_swap(1);
    begin(2);
    write_all(1);
    away(1);
    unit_write(space, HERE + PAGES(1), 101);
    expect_all(1);
    page_t page = unit_page(space, HERE);
    mm_lock();
    frame_pin(page_get(page)->frame);
    mm_unlock();
    assert_int_equal(group_reclaim(group, 1), 0);
    assert_true(slot_is(page_get(page)->slot));
    assert_false(swap_available());
    mm_lock();
    page_unpin(page);
    mm_unlock();
    assert_true(swap_available());
    expect_all(2);
    end();
}

static void none_left_none_goes(void **state)
{
    (void)state;
    unit_swap(2);
    begin(3);
    write_all(3);
    assert_int_equal(group_reclaim(group, 3), 2);
    assert_int_equal(swap_counts.used, 2);
    assert_int_equal(group->charged, 1);
    frame_t last = unit_frame(space, HERE + PAGES(2));
    assert_true(frame_get(last)->admitted);
    expect_all(3);
    end();
}

static void slots_end_with_their_pages(void **state)
{
    (void)state;
    unit_swap(8);
    begin(6);
    write_all(6);
    away(6);
    assert_int_equal(swap_counts.used, 6);
    assert_int_equal(space_unmap(space, HERE, PAGES(2)), 0);
    assert_int_equal(swap_counts.used, 4);
    assert_int_equal(space_discard(space, HERE + PAGES(2), PAGES(2), true), 0);
    assert_int_equal(swap_counts.used, 2);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 0);
    struct space *child = space_fork(space);
    space_release(space);
    assert_int_equal(swap_counts.used, 2);
    assert_int_equal(unit_read(child, HERE + PAGES(4)), 104);
    assert_int_equal(unit_read(child, HERE + PAGES(5)), 105);
    space_release(child);
    assert_int_equal(swap_counts.used, 0);
    unit_group_end(group);
}

static void copy_of_a_page_in_its_slot(void **state)
{
    (void)state;
    unit_swap(8);
    begin(1);
    write_all(1);
    struct space *child = space_fork(space);
    away(1);
    unit_write(child, HERE, 7);
    assert_int_equal(unit_read(child, HERE), 7);
    expect_all(1);
    uint32_t all = group->charged;
    assert_int_equal(all, 2);
    assert_int_equal(group_reclaim(group, 100), all);
    space_load(child);
    unit_expect_kind(child, HERE, W, FAULT_RESCUE);
    assert_int_equal(unit_read(child, HERE), 7);
    space_release(child);
    expect_all(1);
    end();
}

static void what_is_told_of_swapped_pages(void **state)
{
    (void)state;
    unit_swap(8);
    begin(4);
    write_all(4);
    assert_int_equal(group_reclaim(group, 3), 3);
    assert_int_equal(space_resident(space), 1);
    assert_int_equal(space_swapped(space), 3);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(space_page_resident(space, HERE + PAGES(i)), i == 3);
    unit_read(space, HERE);
    assert_int_equal(space_resident(space), 2);
    assert_int_equal(space_swapped(space), 2);
    end();
}

/* --- Errors -------------------------------------------------------------------------------- */

static void a_failed_write_goes_elsewhere(void **state)
{
    (void)state;
    unit_swap(8);
    begin(1);
    write_all(1);
    uint64_t errors = swap_counts.write_errors;
    host_swap.instant = 0;
    host_swap.failing_writes = 100;
    mm_lock();
    assert_int_equal(reclaim(group, false), RECLAIM_STARTED);
    laundry_wait(); /* it fails, and is tried again */
    assert_int_equal(swap_counts.retired, 1);
    assert_int_equal(laundry_count, 1);
    assert_int_equal(group->evicted, 0);
    host_swap.failing_writes = 0;
    laundry_wait();
    mm_unlock();
    assert_int_equal(swap_counts.write_errors, errors + 1);
    assert_non_null(strstr(host_message, "slot"));
    assert_int_equal(group->evicted, 1);
    assert_int_equal(swap_counts.used, 1);
    use_all_frames();
    expect_all(1);
    end();
}

static void no_slot_works(void **state)
{
    (void)state;
    unit_swap(3);
    begin(2);
    write_all(2);
    host_swap.failing_writes = 100;
    assert_int_equal(group_reclaim(group, 2), 0);
    assert_int_equal(swap_counts.retired, 3);
    assert_int_equal(swap_counts.used, 0);
    assert_int_equal(group->charged, 2);
    assert_int_equal(audit(), 0);
    expect_all(2);
    unit_write(space, HERE, 100);
    end();
}

static void its_page_ends_while_it_is_written(void **state)
{
    (void)state;
    for (unsigned failing = 0; failing <= 100; failing += 100) {
        unit_swap(8);
        begin(2);
        write_all(2);
        host_swap.instant = 0;
        host_swap.failing_writes = failing;
        frame_t frame = unit_frame(space, HERE);
        mm_lock();
        assert_int_equal(reclaim(group, false), RECLAIM_STARTED);
        mm_unlock();
        assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
        assert_int_equal(frame_get(frame)->state, FRAME_BUSY);
        mm_lock();
        laundry_wait();
        mm_unlock();
        assert_int_equal(frame_get(frame)->state, FRAME_FREE);
        assert_int_equal(frame_counts.kept, 0);
        assert_int_equal(swap_counts.used, 0);
        assert_int_equal(group->charged, 1);
        end();
        host_swap_repair();
    }
}

static void a_failed_reading_is_told(void **state)
{
    (void)state;
    unit_swap(8);
    begin(3);
    write_all(3);
    away(3);
    host_swap.failing = 100;
    uint64_t errors = swap_counts.read_errors;
    assert_int_equal(unit_try(space, HERE + PAGES(1), R), FAULT_LOST);
    assert_int_equal(unit_report.kind, FAULT_INVALID);
    assert_int_equal(swap_counts.read_errors, errors + 1);
    assert_int_equal(group->charged, 0);
    assert_int_equal(audit(), 0);
    host_swap.failing = 0;
    expect_all(3); /* another try fares better */
    end();
}

static enum fault_result late[THREADS_MAX];

static void read_late(struct thread *self)
{
    struct fault_report report;
    late[self->number] = fault_handle(self->space, HERE, R, &report);
}

/* Two spaces wait for one page; the reading fails: whoever waited tries again himself. */
static void a_failed_reading_with_two_who_wait(void **state)
{
    (void)state;
    unit_swap(8);
    begin(1);
    write_all(1);
    struct space *child = space_fork(space);
    away(1);
    host_swap.instant = 0;
    host_swap.failing = 100;
    space_load(space);
    struct thread *a = thread_create(space, read_late);
    thread_resume(a);
    space_load(child);
    struct thread *b = thread_create(child, read_late);
    thread_resume(b);
    assert_int_equal(host_device_pending(), 1);
    assert_int_equal(frame_get(page_get(unit_page(space, HERE))->frame)->state, FRAME_BUSY);
    assert_true(host_device_complete_one());
    host_swap.failing = 0;
    while (host_step())
        ;
    assert_int_equal(late[a->number], FAULT_LOST);
    assert_int_equal(late[b->number], FAULT_DONE);
    assert_int_equal(unit_read(child, HERE), 100);
    space_release(child);
    expect_all(1);
    end();
}

static void its_page_ends_while_it_is_read(void **state)
{
    (void)state;
    for (unsigned failing = 0; failing <= 100; failing += 100) {
        unit_swap(8);
        begin(1);
        write_all(1);
        away(1);
        host_swap.instant = 0;
        host_swap.failing = failing;
        struct thread *thread = thread_create(space, read_late);
        thread_resume(thread);
        assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
        while (host_step())
            ;
        assert_int_equal(late[thread->number], failing ? FAULT_LOST : FAULT_NO_REGION);
        assert_int_equal(page_count, 0);
        assert_int_equal(group->charged, 0);
        assert_int_equal(swap_counts.used, 0);
        end();
        host_swap.instant = 100;
        host_swap.failing = 0;
    }
}

void test_swap(void)
{
    const struct CMUnitTest slots[] = {
        UNIT_TEST(a_clean_page_is_not_written_again),
        UNIT_TEST(rescued_and_written),
        UNIT_TEST(zeroes_are_forgotten),
        UNIT_TEST(zeroes_that_have_a_name_are_written),
        UNIT_TEST(pages_of_objects),
        UNIT_TEST(slots_of_resident_pages_are_taken_back),
        UNIT_TEST(a_pinned_page_keeps_its_slot_for_now),
        UNIT_TEST(none_left_none_goes),
        UNIT_TEST(slots_end_with_their_pages),
        UNIT_TEST(copy_of_a_page_in_its_slot),
        UNIT_TEST(what_is_told_of_swapped_pages),
        UNIT_TEST(a_failed_write_goes_elsewhere),
        UNIT_TEST(no_slot_works),
        UNIT_TEST(its_page_ends_while_it_is_written),
        UNIT_TEST(a_failed_reading_is_told),
        UNIT_TEST(a_failed_reading_with_two_who_wait),
        UNIT_TEST(its_page_ends_while_it_is_read),
    };
    unit_add(slots);
}
