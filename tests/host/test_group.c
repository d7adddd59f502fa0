/* tests/host/test_group.c - groups: limits, policies, ticks; who inherits. */
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/policy.h"
#include "tests/host/unit.h"

static struct space *space;
static struct group *group;

static void begin(const char *policy, unsigned pages, uint32_t limit)
{
    space = unit_space();
    group = unit_group(space, policy, limit);
    unit_map(space, HERE, pages, R | W);
}

static void end(void)
{
    space_release(space);
    unit_group_end(group);
}

/* --- Limits ----------------------------------------------------------------------------- */

static void never_one_more(void **state)
{
    (void)state;
    unit_swap(100);
    begin("clock", 20, 3);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 20; i++) {
            unit_write(space, HERE + PAGES(i), i);
            assert_int_equal(group->charged, i + 20 * round < 2 ? i + 1 : 3);
        }
    }
    assert_int_equal(group->peak, 3);
    assert_int_equal(group->faults, 60);
    assert_int_equal(group->evicted, 57);
    assert_int_equal(group_limit(group, 1), 0);
    assert_int_equal(group->charged, 1);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), i);
    end();
}

static void a_limit_that_cannot_be_reached(void **state)
{
    (void)state;
    begin("clock", 5, 10);
    for (unsigned i = 0; i < 5; i++)
        unit_write(space, HERE + PAGES(i), i);
    assert_int_equal(group_limit(group, 4), -ENOMEM); /* no swap */
    assert_int_equal(group->limit, 10);
    assert_int_equal(group_limit(group, 5), 0);
    unit_swap(10);
    assert_int_equal(group_limit(group, 4), 0);
    assert_int_equal(group_reclaim(group, 100), 4);
    assert_int_equal(group->charged, 0);
    end();
}

/* What needs no frame needs no room: a page that is resident, or only named. */
static void resident_pages_charge_nobody(void **state)
{
    (void)state;
    begin("fifo", 2, 1);
    struct object *object = object_create(NULL, 0, PAGES(1));
    struct space *other = unit_space();
    unit_map_object(other, HERE, 1, R | W, true, object, 0);
    unit_write(other, HERE, 4);
    unit_map_object(space, HERE + PAGES(2), 1, R | W, true, object, 0);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 4);
    assert_int_equal(group->charged, 0);
    space_release(other);
    assert_int_equal(groups[GROUP_ALL].charged, 1);
    space_release(space);
    object_release(object);
    unit_group_end(group);
}

/* --- No slot: what needs none must go --------------------------------------------------------- */

/* Whatever the policy, the one page that can go is found among many that cannot. */
static void the_clean_one_is_found(void **state)
{
    (void)state;
    for (unsigned i = 0; policies[i] != NULL; i++) {
        begin(policies[i]->name, 12, 20);
        struct object *object = object_create(&host_device, 0, PAGES(1));
        unit_map_object(space, HERE + PAGES(12), 1, R, true, object, 0);
        for (unsigned page = 0; page < 13; page++)
            unit_try(space, HERE + PAGES(page), page < 12 ? W : R);
        for (unsigned tick = 0; tick < 3; tick++) {
            unit_try(space, HERE + PAGES(12), R);
            group_tick(group);
        }
        if (group_reclaim(group, 1) != 1)
            fail_msg("policy %s does not find it", policies[i]->name);
        assert_false(frame_is(unit_frame(space, HERE + PAGES(12))));
        assert_int_equal(group_reclaim(group, 1), 0);
        space_release(space);
        object_release(object);
        unit_group_end(group);
    }
}

/* --- Groups that end ------------------------------------------------------------------ */

static void the_heir_gets_it_all(void **state)
{
    (void)state;
    unit_swap(10);
    begin("sieve", 4, 10);
    struct space *other = unit_space();
    struct group *heir = unit_group(other, "lfu", 4);
    for (unsigned i = 0; i < 3; i++)
        unit_write(space, HERE + PAGES(i), i);
    assert_int_equal(space_wire(space, HERE, PAGES(1), true), 0);
    host_swap.instant = 0;
    mm_lock();
    assert_int_equal(reclaim(group, false), RECLAIM_STARTED);
    mm_unlock();
    group_join(space, heir);
    group_destroy(group, heir); /* one page wired, one on its way out, one resident */
    assert_int_equal(heir->charged, 2);
    assert_int_equal(audit(), 0);
    mm_lock();
    laundry_wait();
    mm_unlock();
    assert_int_equal(heir->charged, 1);
    assert_int_equal(heir->evicted, 1);
    assert_int_equal(space_wire(space, HERE, PAGES(1), false), 0);
    assert_int_equal(heir->charged, 2);
    assert_int_equal(audit(), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(unit_read(space, HERE + PAGES(i)), i);
    space_release(space);
    space_release(other);
    unit_group_end(heir);
}

static enum fault_result late;

static void write_late(struct thread *self)
{
    struct fault_report report;
    late = fault_handle(self->space, HERE + PAGES(1), W, &report);
}

/* A fault that waits for room in its group; the space moves, the group ends. */
static void moved_meanwhile(void **state)
{
    (void)state;
    unit_swap(10);
    begin("clock", 4, 1);
    unit_write(space, HERE, 1);
    host_swap.instant = 0;
    struct thread *thread = thread_create(space, write_late);
    thread_resume(thread);
    assert_int_equal(thread->state, THREAD_ASLEEP);
    struct group *other = group_create();
    group_join(space, other);
    unit_group_end(group);
    while (host_step())
        ;
    assert_int_equal(late, FAULT_DONE);
    assert_int_equal(other->charged, 1);
    assert_int_equal(group->charged, 0);
    assert_int_equal(audit(), 0);
    space_release(space);
    unit_group_end(other);
}

void test_group(void)
{
    const struct CMUnitTest competition[] = {
        UNIT_TEST(never_one_more),
        UNIT_TEST(a_limit_that_cannot_be_reached),
        UNIT_TEST(resident_pages_charge_nobody),
        UNIT_TEST(the_heir_gets_it_all),
        UNIT_TEST(moved_meanwhile),
        UNIT_TEST(the_clean_one_is_found),
    };
    unit_add(competition);
}
