/* tests/host/test_pageoutd.c - the daemon, and whoever waits for it; pins. */
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_map.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/fault_pins.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/oom.h"
#include "mm/lock.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/pageout.h"
#include "mm/replacement/policy.h"
#include "mm/replacement/swap.h"
#include "tests/host/judge.h"
#include "tests/host/unit.h"

static frame_t taken[UNIT_FRAMES];
static unsigned taken_count;

/* Leave so many frames to users. */
static void leave(uint32_t count)
{
    mm_lock();
    while (frame_counts.free > frame_watermarks.reserve + count)
        taken[taken_count++] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
}

static void give_back(void)
{
    mm_lock();
    while (taken_count > 0)
        frame_free(taken[--taken_count]);
    mm_unlock();
}

static void fill(struct space *space, unsigned pages)
{
    for (unsigned i = 0; i < pages; i++)
        unit_write(space, HERE + PAGES(i), 100 + i);
}

static void expect(struct space *space, unsigned pages)
{
    for (unsigned i = 0; i < pages; i++)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), 100 + i);
}

/* --- The daemon --------------------------------------------------------------------------- */

static void works_from_low_to_high(void **state)
{
    (void)state;
    unit_swap(UNIT_SLOTS);
    struct space *space = unit_space();
    unit_map(space, HERE, 300, R | W);
    fill(space, 299);
    leave(0);
    unit_write(space, HERE + PAGES(299), 399); /* has to wait */
    host_daemon_run();
    assert_int_equal(frame_counts.free, frame_watermarks.high - 1);
    leave(frame_watermarks.low - frame_watermarks.reserve);
    uint32_t used = swap_counts.used;
    host_daemon_run();
    assert_int_equal(frame_counts.free, frame_watermarks.low);
    assert_int_equal(swap_counts.used, used);
    leave(frame_watermarks.low - frame_watermarks.reserve - 1);
    host_daemon_run();
    assert_int_equal(frame_counts.free, frame_watermarks.high);
    assert_in_range(swap_counts.used, used + 1, used + 2 * frame_watermarks.reserve);
    give_back();
    expect(space, 300);
    space_release(space);
}

static void more_than_there_is(void **state)
{
    (void)state;
    unit_swap(UNIT_SLOTS);
    struct space *space = unit_space();
    unit_map(space, HERE, 400, R | W);
    leave(100);
    host_kills = 0;
    for (unsigned instant = 0; instant <= 100; instant += 50) {
        host_swap.instant = instant;
        fill(space, 400);
        expect(space, 400);
    }
    assert_int_equal(host_kills, 0);
    assert_int_equal(audit(), 0);
    space_release(space);
    mm_lock();
    laundry_wait();
    mm_unlock();
    give_back();
}

/* Of the largest group nothing can go: then of another. */
static void the_largest_is_not_the_only_one(void **state)
{
    (void)state;
    struct space *space = unit_space(), *other = unit_space();
    struct object *file = object_create(&host_device, 0, PAGES(40));
    struct group *group = unit_group(other, "clock", UINT32_MAX);
    unit_map(space, HERE, 200, R | W);
    fill(space, 100); /* without swap they stay */
    unit_map_object(other, HERE, 40, R, true, file, 0);
    for (unsigned i = 0; i < 40; i++)
        unit_read(other, HERE + PAGES(i));
    leave(2);
    host_kills = 0;
    for (unsigned i = 100; i < 120; i++)
        unit_write(space, HERE + PAGES(i), 100 + i);
    assert_int_equal(host_kills, 0);
    assert_true(group->evicted > 0);
    give_back();
    expect(space, 120);
    space_release(space);
    space_release(other);
    object_release(file);
    unit_group_end(group);
}

/* --- Waiting ------------------------------------------------------------------------------ */

static enum fault_result results[THREADS_MAX];
static uintptr_t address_wanted;

static void touch(struct thread *self)
{
    struct fault_report report;
    uintptr_t address = address_wanted;
    results[self->number] = fault_handle(self->space, address, R, &report);
}

static struct thread *send(struct space *space, uintptr_t address)
{
    address_wanted = address;
    space_load(space);
    struct thread *thread = thread_create(space, touch);
    results[thread->number] = FAULT_KILLED;
    thread_resume(thread);
    return thread;
}

/* The only frame of the group is being filled: it can go soon. */
static void a_reading_is_waited_for(void **state)
{
    (void)state;
    unit_swap(10);
    struct space *space = unit_space();
    struct group *group = unit_group(space, "clock", 2);
    unit_map(space, HERE, 2, R | W);
    fill(space, 2);
    group_reclaim(group, 2);
    mm_lock();
    while (frame_counts.free > 0) /* nothing is to be rescued */
        taken[taken_count++] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    mm_unlock();
    give_back();
    assert_int_equal(group_limit(group, 1), 0);
    host_swap.instant = 0;
    host_kills = 0;
    struct thread *a = send(space, HERE), *b = send(space, HERE + PAGES(1));
    while (host_step())
        ;
    assert_int_equal(host_kills, 0);
    assert_int_equal(results[a->number], FAULT_DONE);
    assert_int_equal(results[b->number], FAULT_DONE);
    expect(space, 2);
    space_release(space);
    unit_group_end(group);
}

static struct space *born;

static void fork_late(struct thread *self)
{
    born = space_fork(self->space);
}

/* More frames at once than the daemon keeps free otherwise. */
static void fork_gets_all_its_tables(void **state)
{
    (void)state;
    unit_swap(UNIT_SLOTS);
    struct space *space = unit_space();
    unit_map(space, HERE, 300, R | W);
    fill(space, 300);
    for (unsigned i = 1; i <= 40; i++) {
        unit_map(space, HERE + i * TABLE_SPAN, 1, R | W);
        unit_write(space, HERE + i * TABLE_SPAN, i);
    }
    leave(1);
    host_kills = 0;
    born = NULL;
    thread_create(space, fork_late);
    for (unsigned i = 0; i < 1000 && born == NULL; i++)
        host_step();
    assert_non_null(born);
    assert_int_equal(host_kills, 0);
    space_load(NULL);
    give_back();
    expect(born, 300);
    space_release(born);
    expect(space, 300);
    space_release(space);
}

static bool granted, answered;
static uint32_t free_then;

static void reserve_late(struct thread *self)
{
    (void)self;
    mm_lock();
    granted = pageout_reserve(20);
    free_then = frame_counts.free;
    mm_unlock();
    answered = true;
}

static void reserve_gently_late(struct thread *self)
{
    (void)self;
    mm_lock();
    granted = pageout_reserve_gently(20);
    mm_unlock();
    answered = true;
}

static void wait_for_answer(struct space *space, void (*run)(struct thread *self))
{
    answered = false;
    thread_resume(thread_create(space, run));
    for (unsigned i = 0; i < 1000 && !answered; i++)
        host_step();
    assert_true(answered);
}

/* Frames are there when they have been granted; and who asked gently is refused when nothing can
 * go, and nobody ends for it. */
static void who_reserves_waits(void **state)
{
    (void)state;
    unit_swap(UNIT_SLOTS);
    struct space *space = unit_space();
    unit_map(space, HERE, 300, R | W);
    fill(space, 300);
    leave(1);
    host_kills = 0;
    wait_for_answer(space, reserve_late);
    assert_true(granted);
    assert_true(free_then >= frame_watermarks.reserve + 20);
    unit_swap(swap_counts.used); /* full */
    leave(1);
    wait_for_answer(space, reserve_gently_late);
    assert_false(granted);
    assert_int_equal(host_kills, 0);
    unit_swap(UNIT_SLOTS);
    give_back();
    expect(space, 300);
    space_release(space);
}

/* Who is being ended does not evict what others need. */
static void the_dying_evict_nothing(void **state)
{
    (void)state;
    unit_swap(10);
    struct space *space = unit_space();
    struct group *group = unit_group(space, "clock", 2);
    unit_map(space, HERE, 3, R | W);
    fill(space, 2);
    address_wanted = HERE + PAGES(2);
    struct thread *thread = thread_create(space, touch);
    thread->dying = true;
    thread_resume(thread);
    assert_int_equal(results[thread->number], FAULT_KILLED);
    assert_int_equal(group->evicted, 0);
    space_release(space);
    unit_group_end(group);
}

/* At the limit of a group, one of the group goes: not the one that holds most of all. */
static void a_groups_limit_ends_its_own(void **state)
{
    (void)state;
    struct space *large = unit_space(), *small = unit_space(), *first = unit_space();
    unit_map(large, HERE, 50, R | W);
    struct group *group = unit_group(large, "clock", UINT32_MAX);
    fill(large, 50);
    unit_map(first, HERE, 20, R | W);
    unit_map(small, HERE, 20, R | W);
    fill(first, 12);
    fill(small, 3);
    assert_int_equal(group_limit(&groups[GROUP_ALL], 15), 0);
    host_kills = 0;
    struct thread *thread = send(small, HERE + PAGES(3));
    assert_int_equal(host_kills, 1);
    assert_ptr_equal(host_killed, first);
    space_release(first);
    while (host_step())
        ;
    assert_int_equal(results[thread->number], FAULT_DONE);
    assert_int_equal(group_limit(&groups[GROUP_ALL], UINT32_MAX), 0);
    expect(large, 50);
    expect(small, 3);
    space_release(large);
    space_release(small);
    unit_group_end(group);
}

/* --- Pins ----------------------------------------------------------------------------------- */

static void what_one_instruction_needs_stays(void **state)
{
    (void)state;
    unit_swap(20);
    for (unsigned i = 0; policies[i] != NULL; i++) {
        struct space *space = unit_space();
        struct group *group = unit_group(space, policies[i]->name, 3);
        unit_map(space, HERE, 12, R | W);
        fill(space, 12);
        struct fault_pins pins = {.count = 0};
        struct fault_report report;
        for (uint64_t instruction = 0; instruction < 10; instruction++) {
            unsigned faults = 0;
            for (unsigned page = 0; page < 3; page++) {
                uintptr_t address = HERE + PAGES((instruction * 5 + page * 4) % 12);
                if (machine_access(address, W) != NULL)
                    continue;
                fault_pins_begin(&pins, space, &instruction, 1, UINT32_MAX);
                assert_int_equal(fault_handle_pinned(space, address, W, &pins, &report),
                                 FAULT_DONE);
                assert_true(++faults <= 3);
                page = UINT32_MAX; /* it runs again from its beginning */
            }
        }
        assert_in_range(pins.count, 1, 3);
        fault_pins_release(&pins);
        assert_int_equal(pins.count, 0);
        for (frame_t at = {0}; at.number < nframes; at.number++)
            assert_int_equal(frame_get(at)->pins, 0);
        space_release(space);
        unit_group_end(group);
    }
}

static void another_instruction_lets_go(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct group *group = unit_group(space, "clock", 8);
    unit_map(space, HERE, 4, R | W);
    struct fault_pins pins = {.count = 0};
    struct fault_report report;
    uint64_t registers[3] = {1, 2, 3};
    fault_pins_begin(&pins, space, registers, 3, 1);
    fault_handle_pinned(space, HERE, W, &pins, &report);
    registers[1] = 77; /* what does not count */
    fault_pins_begin(&pins, space, registers, 3, 1);
    fault_handle_pinned(space, HERE + PAGES(1), W, &pins, &report);
    assert_int_equal(pins.count, 2);
    assert_int_equal(frame_get(unit_frame(space, HERE))->pins, 1);
    registers[2] = 4;
    fault_pins_begin(&pins, space, registers, 3, 1);
    assert_int_equal(pins.count, 0);
    assert_int_equal(frame_get(unit_frame(space, HERE))->pins, 0);
    fault_handle_pinned(space, HERE + PAGES(2), W, &pins, &report);
    assert_int_equal(pins.count, 1);
    page_t page = unit_page(space, HERE + PAGES(2));
    assert_int_equal(space_unmap(space, HERE + PAGES(2), PAGES(1)), 0);
    assert_int_equal(page_get(page)->holders, 0);
    assert_int_equal(frame_get(page_get(page)->frame)->state, FRAME_RESIDENT);
    fault_pins_release(&pins); /* with its last pin the page ends */
    assert_false(frame_is(page_get(page)->frame));
    space_release(space);
    unit_group_end(group);
}

/* However many faults one instruction takes, it pins no more than it has room for. */
static void pins_have_an_end(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct group *group = unit_group(space, "clock", 40);
    unit_map(space, HERE, FAULT_PINS_MAX + 4, R | W);
    struct fault_pins pins = {.count = 0};
    struct fault_report report;
    uint64_t registers = 5;
    for (unsigned i = 0; i < FAULT_PINS_MAX + 4; i++) {
        fault_pins_begin(&pins, space, &registers, 1, UINT32_MAX);
        assert_int_equal(fault_handle_pinned(space, HERE + PAGES(i), W, &pins, &report),
                         FAULT_DONE);
        assert_int_equal(pins.count, i < FAULT_PINS_MAX ? i + 1 : FAULT_PINS_MAX);
    }
    fault_pins_release(&pins);
    space_release(space);
    unit_group_end(group);
}

/* Who waits for a frame looks again when one is unpinned. */
static void unpinning_wakes_who_waits(void **state)
{
    (void)state;
    struct space *large = unit_space(), *small = unit_space();
    struct group *group = unit_group(large, "clock", 2);
    group_join(small, group);
    unit_map(large, HERE, 2, R | W);
    unit_map(small, HERE, 1, R | W);
    fill(large, 2); /* without swap neither can go */
    page_t page = unit_page(large, HERE);
    mm_lock();
    frame_pin(page_get(page)->frame);
    mm_unlock();
    struct thread *thread = send(small, HERE);
    assert_ptr_equal(host_killed, large); /* but it takes its time to end */
    assert_int_equal(thread->state, THREAD_ASLEEP);
    mm_lock();
    page_unpin(page);
    mm_unlock();
    assert_int_equal(thread->state, THREAD_READY);
    space_release(large);
    while (host_step())
        ;
    assert_int_equal(results[thread->number], FAULT_DONE);
    space_release(small);
    unit_group_end(group);
}

/* While memory is plenty nothing is pinned. */
static void pins_cost_nothing_mostly(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R | W);
    struct fault_pins pins = {.count = 0};
    struct fault_report report;
    uint64_t registers = 5;
    fault_pins_begin(&pins, space, &registers, 1, UINT32_MAX);
    fault_handle_pinned(space, HERE, W, &pins, &report);
    assert_int_equal(pins.count, 0);
    space_release(space);
}

void test_pageoutd(void)
{
    const struct CMUnitTest reaper[] = {
        UNIT_TEST(works_from_low_to_high),
        UNIT_TEST(more_than_there_is),
        UNIT_TEST(the_largest_is_not_the_only_one),
        UNIT_TEST(a_groups_limit_ends_its_own),
        UNIT_TEST(what_one_instruction_needs_stays),
        UNIT_TEST(another_instruction_lets_go),
        UNIT_TEST(pins_cost_nothing_mostly),
        UNIT_TEST(pins_have_an_end),
        UNIT_TEST(unpinning_wakes_who_waits),
        UNIT_TEST(a_reading_is_waited_for),
        UNIT_TEST(fork_gets_all_its_tables),
        UNIT_TEST(the_dying_evict_nothing),
        UNIT_TEST(who_reserves_waits),
    };
    unit_add(reaper);
}
