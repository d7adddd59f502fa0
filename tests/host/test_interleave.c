/* tests/host/test_interleave.c - another processor writes while mm/ changes entries.
 *
 * Whatever mm/ does to the entries of a page, it may find another processor's user code
 * between looking at one and changing it. Each operation here is done again and again, with
 * one such write at its first, second, ... change of an entry: either the write is refused
 * (that processor faults, and waits), or what was written is there afterwards. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_advise.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "mm/working_sets/swapping.h"
#include "mm/working_sets/working_set.h"
#include "tests/host/unit.h"

#include <string.h>

#define OLD   0x1111
#define LATE  0x7777
#define THERE (HERE + PAGES(100))
#define TWIN  (HERE + PAGES(200)) /* where shared memory is seen as well */

static struct space *space;
static struct group *group;
static uintptr_t place; /* where the page is seen after the operation */

/* --- The other processor --------------------------------------------------------------- */

static unsigned turn, turn_wanted;
static uintptr_t victim; /* where it writes */
static bool wrote;

static void other_processor(uintptr_t address)
{
    (void)address;
    if (++turn != turn_wanted)
        return;
    uint64_t *word = machine_other_access(victim, W);
    wrote = word != NULL;
    if (wrote)
        *word = LATE;
}

/* --- What the page is like before ---------------------------------------------------------- */

/* Zeroes in a frame of their own, writable, never written. */
static uint64_t never_written(void)
{
    assert_int_equal(unit_read(space, HERE), 0);
    return 0;
}

static uint64_t written(void)
{
    unit_write(space, HERE, OLD);
    return OLD;
}

/* Back from its slot: its frame is what the slot says. */
static uint64_t clean(void)
{
    unit_write(space, HERE, OLD);
    assert_int_equal(group_reclaim(group, 1), 1);
    assert_int_equal(unit_read(space, HERE), OLD);
    return OLD;
}

/* What D said once, the frame says now. */
static uint64_t dirty_frame(void)
{
    unit_write(space, HERE, OLD);
    assert_int_equal(space_protect(space, HERE, PAGES(1), 0), 0);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R | W), 0);
    assert_int_equal(unit_read(space, HERE), OLD);
    return OLD;
}

/* The same, of an object that is mapped twice; the processor remembers both. */
static uint64_t shared(void)
{
    struct object *object = object_create(NULL, 0, PAGES(1));
    assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
    unit_map_object(space, HERE, 1, R | W, true, object, 0);
    unit_map_object(space, TWIN, 1, R | W, true, object, 0);
    object_release(object);
    assert_int_equal(unit_read(space, TWIN), 0);
    assert_int_equal(unit_read(space, HERE), 0);
    return 0;
}

/* Written through the other address. */
static uint64_t shared_elsewhere(void)
{
    victim = TWIN;
    return shared();
}

static uint64_t (*const states[])(void) = {
    never_written, written, clean, dirty_frame, shared, shared_elsewhere,
};

/* --- What mm/ does -------------------------------------------------------------------------- */

static void evicted(void)
{
    mm_lock();
    assert_true(evict(unit_frame(space, HERE)));
    laundry_send();
    laundry_reap();
    mm_unlock();
}

static void reclaimed(void)
{
    assert_int_equal(group_reclaim(group, 1), 1);
}

static void ticked(void)
{
    group_tick(group);
}

static void sampled(void)
{
    working_set_sample(space, false);
}

static void sampled_twice(void)
{
    working_set_sample(space, false);
    working_set_sample(space, false);
}

static void swapped_out(void)
{
    space_hold(space); /* it is done for somebody else */
    swapping_out(space);
    space_release(space);
}

static void swapped_out_and_in(void)
{
    swapped_out();
    space_hold(space);
    swapping_in(space);
    space_release(space);
}

static void protected(void)
{
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
}

static void hidden(void)
{
    assert_int_equal(space_protect(space, HERE, PAGES(1), 0), 0);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
}

static void wired_and_not(void)
{
    assert_int_equal(space_wire(space, HERE, PAGES(1), true), 0);
    assert_int_equal(space_wire(space, HERE, PAGES(1), false), 0);
}

static void moved(void)
{
    struct remap_request request = {HERE, PAGES(1), PAGES(1), MREMAP_MAYMOVE | MREMAP_FIXED,
                                    THERE};
    assert_int_equal(space_remap(space, request), THERE);
    place = THERE;
}

static void forked(void)
{
    struct space *child = space_fork(space);
    assert_non_null(child);
    machine_other = NULL;
    uint64_t value = unit_read(space, HERE);
    unit_write(space, HERE, value + 1);
    assert_int_equal(unit_read(child, HERE), value + region_find(space, HERE)->shared);
    unit_write(space, HERE, value);
    space_release(child);
}

static void in_exact_mode(void)
{
    assert_int_equal(reference_tracing_set(group, true), 0);
    assert_int_equal(reference_tracing_set(group, false), 0);
    reference_string_end(group);
}

static void (*const operations[])(void) = {
    evicted,
    reclaimed,
    ticked,
    sampled,
    sampled_twice,
    swapped_out,
    swapped_out_and_in,
    protected,
    hidden,
    wired_and_not,
    moved,
    forked,
    in_exact_mode,
};

/* --- Together ------------------------------------------------------------------------------- */

/* One operation on one page, with a write at change number `at`. False: there are not so
 * many changes. */
static bool attempt(uint64_t (*prepare)(void), void (*operate)(void), unsigned at)
{
    unit_swap(20);
    space = unit_space();
    group = unit_group(space, "fifo", 10);
    unit_map(space, HERE, 1, R | W);
    place = victim = HERE;
    uint64_t expected = prepare();
    turn = 0;
    turn_wanted = at;
    wrote = false;
    machine_other = other_processor;
    operate();
    machine_other = NULL;
    if (audit() != 0)
        fail_msg("%s", host_message);
    assert_int_equal(unit_read(space, place), wrote ? LATE : expected);
    /* And it is not only the frame that knows. */
    mm_lock();
    assert_true(evict(unit_frame(space, place)));
    laundry_send();
    laundry_reap();
    mm_unlock();
    assert_int_equal(unit_read(space, place), wrote ? LATE : expected);
    space_release(space);
    unit_group_end(group);
    return turn >= at;
}

static void a_late_write_is_kept_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(states); i++)
        for (size_t j = 0; j < ARRAY_SIZE(operations); j++)
            for (unsigned at = 1; attempt(states[i], operations[j], at); at++)
                ;
}

/* In exact mode D, when the entry is taken back, says whether the instruction wrote. */
static void the_string_says_what_was_written(void **state)
{
    (void)state;
    struct instruction instruction = {.count = 0};
    space = unit_space();
    group = unit_group(space, "fifo", 10);
    unit_map(space, HERE, 1, R | W);
    unit_write(space, HERE, OLD);
    assert_int_equal(reference_tracing_set(group, true), 0);
    group_fault_begins(&instruction, space, 1, HERE);
    assert_int_equal(unit_try(space, HERE, R), FAULT_DONE);
    assert_true(group_fault_served(&instruction, space, HERE, R, &unit_report));
    victim = HERE;
    turn = 0;
    turn_wanted = 2; /* A goes first, then the entry */
    machine_other = other_processor;
    group_instruction_ends(&instruction, space);
    machine_other = NULL;
    assert_true(wrote);
    struct reference last;
    assert_true(reference_string_get(group, reference_string_next(group) - 1, &last));
    assert_int_equal(last.access, W);
    assert_int_equal(reference_tracing_set(group, false), 0);
    reference_string_end(group);
    assert_int_equal(unit_read(space, HERE), LATE);
    space_release(space);
    unit_group_end(group);
}

/* --- A victim that may not go any more ------------------------------------------------------ */

#define MANY 20

/* No slots: whoever is written may not go. Half are used, and a write to one page comes at change
 * number `at`, some faults later: policy_victim() looks that what it names may go. */
static bool attempt_victim(const struct policy *policy, unsigned later, unsigned page,
                           unsigned at)
{
    space = unit_space();
    group = unit_group(space, policy->name, MANY + 10);
    unit_map(space, HERE, MANY, R | W);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), 0);
    mm_lock();
    reclaim_check(group);
    mm_unlock();
    for (unsigned i = 0; i < MANY; i += 2)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), 0);
    group->faults += later;
    victim = HERE + PAGES(page);
    turn = 0;
    turn_wanted = at;
    machine_other = other_processor;
    mm_lock();
    reclaim_check(group);
    mm_unlock();
    machine_other = NULL;
    space_release(space);
    unit_group_end(group);
    return turn >= at;
}

static void a_victim_may_go(void **state)
{
    (void)state;
    unit_swap(0);
    for (const struct policy *const *policy = policies; *policy != NULL; policy++)
        for (unsigned later = 0; later <= 5 * MANY; later += 5 * MANY)
            for (unsigned page = 0; page < MANY; page++)
                for (unsigned at = 1; attempt_victim(*policy, later, page, at); at++)
                    ;
}

void test_interleave(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(a_late_write_is_kept_or_refused),
        UNIT_TEST(the_string_says_what_was_written),
        UNIT_TEST(a_victim_may_go),
    };
    unit_add(tests);
}
