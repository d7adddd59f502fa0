/* tests/host/test_evict.c - a page loses its frame, and gets one again. */
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/swap.h"
#include "mm/view.h"
#include "tests/host/unit.h"

#include <string.h>

static struct space *space;
static struct group *group;

/* A space of `pages` pages, of which the group may have `limit` frames at once. */
static void begin(unsigned pages, uint32_t limit)
{
    space = unit_space();
    group = unit_group(space, "fifo", limit);
    unit_map(space, HERE, pages, R | W);
}

static void end(void)
{
    space_release(space);
    unit_group_end(group);
}

/* One page of the group goes, the oldest. */
static void evict_one(void)
{
    uint32_t before = group->charged;
    assert_int_equal(group_reclaim(group, 1), 1);
    assert_int_equal(group->charged, before - 1);
}

/* --- The order of eviction -------------------------------------------------------------- */

/* While it is written it is BUSY, in no table, and not in the TLB. */
static void busy_while_it_is_written(void **state)
{
    (void)state;
    unit_swap(10);
    begin(1, 10);
    unit_write(space, HERE, 7);
    frame_t frame = unit_frame(space, HERE);
    host_swap.instant = 0;
    uint64_t writes = host_swap.writes;
    mm_lock();
    assert_int_equal(reclaim(group, false), RECLAIM_STARTED);
    mm_unlock();
    assert_int_equal(host_swap.writes, writes + 1);
    assert_int_equal(frame_get(frame)->state, FRAME_BUSY);
    assert_int_equal(frame_get(frame)->pins, 1);
    assert_false(frame_get(frame)->admitted);
    assert_int_equal(group->charged, 1);
    assert_false(mapper_is(frame_get(frame)->mappers));
    assert_false(machine_remembers(HERE));
    assert_int_equal(machine_rights(HERE), 0);
    assert_int_equal(space_resident(space), 0);
    assert_int_equal(space_page_resident(space, HERE), 0);
    assert_int_equal(laundry_count, 1);
    assert_int_equal(audit(), 0);
    mm_lock();
    laundry_wait();
    mm_unlock();
    assert_int_equal(laundry_count, 0);
    assert_int_equal(frame_get(frame)->state, FRAME_FREE);
    assert_int_equal(frame_get(frame)->pins, 0);
    assert_int_equal(group->charged, 0);
    assert_int_equal(group->evicted, 1);
    assert_int_equal(group->written, 1);
    assert_int_equal(space_swapped(space), 1);
    assert_int_equal(unit_read(space, HERE), 7);
    end();
}

static struct fault_report late_report;

static void touch_late(struct thread *self)
{
    assert_int_equal(fault_handle(self->space, HERE, W, &late_report), FAULT_DONE);
}

/* A fault that finds its page on the way out waits for the write, and rescues the frame. */
static void a_fault_waits_for_the_write(void **state)
{
    (void)state;
    unit_swap(10);
    begin(1, 10);
    unit_write(space, HERE, 7);
    frame_t frame = unit_frame(space, HERE);
    host_swap.instant = 0;
    mm_lock();
    assert_int_equal(reclaim(group, false), RECLAIM_STARTED);
    mm_unlock();
    struct thread *thread = thread_create(space, touch_late);
    thread_resume(thread);
    assert_int_equal(thread->state, THREAD_ASLEEP);
    assert_int_equal(frame_get(frame)->state, FRAME_BUSY);
    while (host_step())
        ;
    assert_int_equal(late_report.kind, FAULT_RESCUE);
    assert_false(late_report.major);
    assert_true(frame_same(unit_frame(space, HERE), frame));
    assert_int_equal(unit_read(space, HERE), 7);
    end();
}

/* The entries of a private page keep its name, those of an object's page become zero. */
static void entries_keep_the_name_of_private_pages(void **state)
{
    (void)state;
    unit_swap(10);
    begin(1, 10);
    unit_write(space, HERE, 7);
    page_t page = unit_page(space, HERE);
    struct space *child = space_fork(space);
    assert_int_equal(page_get(page)->holders, 2);
    evict_one();
    for (unsigned i = 0; i < 2; i++) {
        struct page_view view;
        assert_true(view_next_locked(i ? child : space, HERE, &view));
        assert_true(page_same(view.page, page));
        assert_false(pte_is_present(view.pte));
        assert_false(frame_is(view.frame));
    }
    assert_int_equal(page_get(page)->holders, 2);
    space_release(child);
    end();
}

static void entries_of_objects_become_zero(void **state)
{
    (void)state;
    begin(1, 10);
    struct object *object = object_create(&host_device, 0, PAGES(1));
    unit_map_object(space, HERE + PAGES(1), 1, R, true, object, 0);
    unit_read(space, HERE + PAGES(1));
    page_t page = unit_page(space, HERE + PAGES(1));
    assert_int_equal(page_get(page)->holders, 2);
    uint64_t writes = host_swap.writes;
    evict_one();
    assert_int_equal(host_swap.writes, writes);
    assert_int_equal(page_get(page)->holders, 1);
    struct page_view view;
    assert_false(view_next_locked(space, HERE, &view));
    assert_true(page_same(object_find(object, 0), page));
    unit_expect_kind(space, HERE + PAGES(1), R, FAULT_RESCUE);
    space_release(space);
    unit_group_end(group);
    object_release(object);
}

/* D bits that only an entry, or only the frame, knows of. */
static void any_mapper_makes_it_dirty(void **state)
{
    (void)state;
    unit_swap(10);
    begin(1, 10);
    struct object *object = object_create(NULL, 0, PAGES(1));
    struct space *other = unit_space();
    unit_map_object(space, HERE + PAGES(1), 1, R | W, true, object, 0);
    unit_map_object(other, HERE, 1, R | W, true, object, 0);
    unit_read(space, HERE + PAGES(1));
    unit_write(other, HERE, 9);
    unit_read(space, HERE + PAGES(1));
    evict_one();
    assert_int_equal(group->written, 1);
    assert_true(slot_is(page_get(object_find(object, 0))->slot));
    assert_int_equal(unit_read(space, HERE + PAGES(1)), 9);
    space_release(other);
    space_release(space);
    unit_group_end(group);
    object_release(object);
}

/* --- Back again ---------------------------------------------------------------------------- */

static void take_what_is_free(frame_t *taken, unsigned *count)
{
    mm_lock();
    for (*count = 0; frame_counts.free > 0; (*count)++)
        taken[*count] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
}

static void give_back(const frame_t *taken, unsigned count)
{
    mm_lock();
    while (count > 0)
        frame_free(taken[--count]);
    mm_unlock();
}

static frame_t taken[UNIT_FRAMES];
static unsigned taken_count;

/* Every free frame is used for something else: nothing can be rescued. */
static void use_all_frames(void)
{
    take_what_is_free(taken, &taken_count);
    give_back(taken, taken_count);
}

static void rescued_until_reused(void **state)
{
    (void)state;
    unit_swap(10);
    begin(2, 10);
    unit_write(space, HERE, 5);
    frame_t frame = unit_frame(space, HERE);
    evict_one();
    assert_true(unit_is(space, HERE, FRAME_FREE));
    assert_int_equal(frame_counts.kept, 1);
    uint64_t requests = host_swap.requests;
    unit_expect_kind(space, HERE, R, FAULT_RESCUE);
    assert_true(frame_same(unit_frame(space, HERE), frame));
    assert_int_equal(group->rescued, 1);
    assert_int_equal(group->charged, 1);
    assert_int_equal(frame_counts.kept, 0);
    assert_int_equal(unit_read(space, HERE), 5);
    evict_one();
    use_all_frames();
    assert_int_equal(frame_counts.kept, 0);
    assert_false(frame_is(page_get(unit_page(space, HERE))->frame));
    assert_int_equal(host_swap.requests, requests);
    unit_expect_kind(space, HERE, R, FAULT_PAGE_IN);
    assert_true(unit_report.major);
    assert_int_equal(host_swap.requests, requests + 1);
    assert_int_equal(group->page_ins, 1);
    assert_int_equal(group->rescued, 1);
    assert_int_equal(group->refaulted, 2);
    assert_int_equal(unit_read(space, HERE), 5);
    end();
}

/* What was known of the frame's use is of before: to its policy the page is new. */
static void a_rescued_frame_is_as_good_as_new(void **state)
{
    (void)state;
    unit_swap(10);
    begin(2, 10);
    unit_write(space, HERE, 5);
    frame_t frame = unit_frame(space, HERE);
    mm_lock();
    assert_true(evict(frame));
    laundry_send();
    laundry_reap();
    mm_unlock();
    struct frame *f = frame_get(frame);
    assert_int_equal(f->state, FRAME_FREE);
    f->referenced = f->recent = true; /* as A said before it went */
    f->history = 7;
    unit_expect_kind(space, HERE, R, FAULT_RESCUE);
    assert_true(frame_same(unit_frame(space, HERE), frame));
    assert_false(f->referenced || f->recent || f->dirty || f->zeroed);
    assert_int_equal(f->history, 0);
    assert_int_equal(f->wired, 0);
    assert_int_equal(f->pins, 0);
    assert_true(f->admitted);
    end();
}

/* As long as there are others, frames that keep pages are not used. */
static void kept_frames_are_used_last(void **state)
{
    (void)state;
    unit_swap(10);
    begin(2, 10);
    unit_write(space, HERE, 5);
    evict_one();
    mm_lock();
    for (unsigned i = 0; i < 200; i++)
        taken[i] = i % 2 ? frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL)
                         : frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
    assert_int_equal(frame_counts.kept, 1);
    give_back(taken, 200);
    unit_expect_kind(space, HERE, R, FAULT_RESCUE);
    end();
}

/* Kernel objects take frames without the lock; a page may lose its id by that. */
static void a_kept_frame_is_used_without_the_lock(void **state)
{
    (void)state;
    begin(1, 10);
    struct object *object = object_create(&host_device, 0, PAGES(1));
    unit_map_object(space, HERE + PAGES(1), 1, R, true, object, 0);
    unit_read(space, HERE + PAGES(1));
    evict_one();
    assert_int_equal(object->page_count, 1);
    use_all_frames();
    assert_int_equal(object->page_count, 0);
    unit_read(space, HERE + PAGES(1));
    evict_one();
    unsigned count = 0;
    for (; frame_counts.free > 1; count++)
        taken[count] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    struct space *another = space_create(space->account);
    assert_non_null(another);
    assert_int_equal(object->page_count, 0);
    while (count > 0)
        frame_free(taken[--count]);
    space_release(another);
    unit_expect_kind(space, HERE + PAGES(1), R, FAULT_FILE);
    assert_true(unit_report.major);
    space_release(space);
    unit_group_end(group);
    object_release(object);
}

/* A page says when it went, by its group's faults; and each one looked at is counted. */
static void what_is_noted_of_a_victim(void **state)
{
    (void)state;
    unit_swap(10);
    begin(4, 10);
    for (unsigned i = 0; i < 4; i++)
        unit_write(space, HERE + PAGES(i), i);
    uint64_t scanned = group->scanned, all = evict_counts.scanned;
    uint64_t evicted = group->evicted, all_evicted = evict_counts.evicted;
    page_t page = unit_page(space, HERE);
    evict_one();
    assert_true(group->faults > 0);
    assert_int_equal(page_get(page)->evicted_at, group->faults);
    evict_one();
    assert_int_equal(group->scanned, scanned + 2);
    assert_int_equal(evict_counts.scanned, all + 2);
    assert_int_equal(group->evicted, evicted + 2);
    assert_int_equal(evict_counts.evicted, all_evicted + 2);
    end();
}

/* In exact mode entries are names, in no list. Zeroes that nobody has written are found and
 * forgotten all the same, in every space: they need no slot, where there is none. */
static void zeroes_known_by_name(void **state)
{
    (void)state;
    begin(3, 10);
    for (unsigned i = 0; i < 3; i++)
        unit_read(space, HERE + PAGES(i));
    unit_write(space, HERE + PAGES(2), 5);
    struct space *child = space_fork(space);
    assert_non_null(child);
    mm_lock();
    frame_t first = unit_frame(space, HERE), written = unit_frame(space, HERE + PAGES(2));
    mm_unlock();
    uint32_t count = page_count;
    assert_int_equal(reference_tracing_set(group, true), 0);
    mm_lock();
    harvest_begin();
    bool went = evict(first), went_too = evict(written);
    harvest_end();
    mm_unlock();
    assert_true(went);
    assert_false(went_too);
    assert_int_equal(page_count, count - 1);
    assert_int_equal(audit(), 0);
    assert_int_equal(reference_tracing_set(group, false), 0);
    reference_string_end(group);
    assert_int_equal(unit_read(child, HERE), 0);
    assert_int_equal(unit_read(child, HERE + PAGES(2)), 5);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 5);
    space_release(child);
    end();
}

void test_evict(void)
{
    const struct CMUnitTest eviction[] = {
        UNIT_TEST(busy_while_it_is_written),
        UNIT_TEST(a_fault_waits_for_the_write),
        UNIT_TEST(entries_keep_the_name_of_private_pages),
        UNIT_TEST(entries_of_objects_become_zero),
        UNIT_TEST(any_mapper_makes_it_dirty),
        UNIT_TEST(what_is_noted_of_a_victim),
        UNIT_TEST(zeroes_known_by_name),
        UNIT_TEST(rescued_until_reused),
        UNIT_TEST(a_rescued_frame_is_as_good_as_new),
        UNIT_TEST(kept_frames_are_used_last),
        UNIT_TEST(a_kept_frame_is_used_without_the_lock),
    };
    unit_add(eviction);
}
