/* tests/host/test_wire.c - pages that may not go. */
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/replacement/evict.h"
#include "tests/host/unit.h"

static struct space *space;
static struct group *group;

static void begin(unsigned pages, uint32_t limit)
{
    unit_swap(20);
    space = unit_space();
    group = unit_group(space, "clock", limit);
    unit_map(space, HERE, pages, R | W);
}

static void end(void)
{
    space_release(space);
    unit_group_end(group);
}

static struct frame *frame_at(unsigned page)
{
    frame_t frame = unit_frame(space, HERE + PAGES(page));
    assert_true(frame_is(frame));
    return frame_get(frame);
}

static void brings_in_and_keeps(void **state)
{
    (void)state;
    begin(4, 2);
    unit_write(space, HERE, 1);
    assert_int_equal(group_reclaim(group, 1), 1);
    assert_int_equal(space_wire(space, HERE, PAGES(3), true), 0);
    assert_int_equal(space_resident(space), 3);
    assert_int_equal(group->charged, 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(frame_at(i)->wired, 1);
        assert_false(frame_at(i)->admitted);
        unit_expect_none(space, HERE + PAGES(i), W);
    }
    assert_int_equal(unit_read(space, HERE), 1);
    assert_int_equal(group_reclaim(group, 10), 0);
    unit_write(space, HERE + PAGES(3), 3);
    assert_int_equal(group->charged, 1);
    assert_int_equal(space_resident(space), 4);
    end();
}

/* A program that has wired itself runs under a limit of one. */
static void a_limit_of_one(void **state)
{
    (void)state;
    begin(2, UINT32_MAX);
    space_wire_all(space, WIRE);
    assert_int_equal(group_limit(group, 1), 0);
    unit_map(space, 2 * HERE, 8, R | W);
    for (unsigned i = 0; i < 16; i++) {
        unit_write(space, 2 * HERE + PAGES(i % 8), i);
        assert_int_equal(group->charged, 1);
        unit_expect_none(space, HERE + PAGES(i % 2), W);
    }
    assert_int_equal(group->faults, 18);
    end();
}

static void unwiring_charges_again(void **state)
{
    (void)state;
    begin(4, 4);
    assert_int_equal(space_wire(space, HERE, PAGES(4), true), 0);
    assert_int_equal(group_limit(group, 2), 0);
    assert_int_equal(space_wire(space, HERE, PAGES(1), false), 0);
    assert_int_equal(group->charged, 1);
    assert_true(frame_at(0)->admitted);
    assert_int_equal(frame_at(1)->wired, 1);
    space_wire_all(space, UNWIRE);
    /* The group has room for two of them; the others are everybody's. */
    assert_int_equal(group->charged, 2);
    assert_int_equal(groups[GROUP_ALL].charged, 2);
    assert_int_equal(audit(), 0);
    end();
}

static void nobody_has_room(void **state)
{
    (void)state;
    begin(3, 3);
    assert_int_equal(space_wire(space, HERE, PAGES(3), true), 0);
    assert_int_equal(group_limit(group, 1), 0);
    assert_int_equal(group_limit(&groups[GROUP_ALL], 1), 0);
    space_wire_all(space, UNWIRE);
    assert_int_equal(group->charged, 1);
    assert_int_equal(groups[GROUP_ALL].charged, 1);
    assert_int_equal(frame_at(0)->wired + frame_at(1)->wired + frame_at(2)->wired, 1);
    assert_int_equal(audit(), 0);
    end();
    assert_int_equal(group_limit(&groups[GROUP_ALL], UINT32_MAX), 0);
}

static void two_entries_wire_one_frame(void **state)
{
    (void)state;
    begin(1, 10);
    struct object *object = object_create(NULL, 0, PAGES(1));
    struct space *other = unit_space();
    unit_map_object(space, HERE + PAGES(1), 1, R | W, true, object, 0);
    unit_map_object(other, HERE, 1, R | W, true, object, 0);
    space_load(space);
    assert_int_equal(space_wire(space, HERE + PAGES(1), PAGES(1), true), 0);
    struct frame *frame = frame_at(1);
    assert_int_equal(frame->wired, 1);
    unit_read(other, HERE);
    assert_int_equal(frame->wired, 1);
    assert_int_equal(space_wire(other, HERE, PAGES(1), true), 0);
    assert_int_equal(frame->wired, 2);
    assert_int_equal(space_wire(space, HERE + PAGES(1), PAGES(1), false), 0);
    assert_int_equal(frame->wired, 1);
    assert_false(frame->admitted);
    space_release(other);
    assert_int_equal(frame->wired, 0);
    assert_true(frame->admitted);
    assert_int_equal(audit(), 0);
    space_release(space);
    object_release(object);
    unit_group_end(group);
}

static void fork_does_not_inherit_it(void **state)
{
    (void)state;
    begin(2, 10);
    unit_write(space, HERE, 1);
    space_wire_all(space, WIRE);
    struct space *child = space_fork(space);
    assert_int_equal(frame_at(0)->wired, 1);
    unit_write(child, HERE, 2);
    assert_int_equal(frame_get(unit_frame(child, HERE))->wired, 0);
    unit_write(space, HERE + PAGES(1), 3); /* a copy, which is wired; the old page is not */
    assert_int_equal(frame_at(1)->wired, 1);
    assert_int_equal(frame_get(unit_frame(child, HERE + PAGES(1)))->wired, 0);
    assert_int_equal(audit(), 0);
    space_release(child);
    end();
}

static void regions_to_come(void **state)
{
    (void)state;
    begin(1, 10);
    space->wire_future = true;
    unit_map(space, 2 * HERE, 1, R | W);
    unit_write(space, 2 * HERE, 1);
    unit_write(space, HERE, 1);
    assert_int_equal(frame_get(unit_frame(space, 2 * HERE))->wired, 1);
    assert_int_equal(frame_at(0)->wired, 0);
    end();
}

/* --- All, while another thread unmaps ------------------------------------------------------ */

#define MANY 450u /* regions: who unmaps them pauses among them */

static void unmap_many(struct thread *self)
{
    assert_int_equal(space_unmap(self->space, HERE, PAGES(MANY)), 0);
}

static void wire_all(struct thread *self)
{
    space_wire_all(self->space, WIRE);
}

static void many_map(void)
{
    for (unsigned i = 0; i < MANY; i++)
        unit_map(space, HERE + PAGES(i), 1, i % 2 ? R : R | W);
}

/* Whether its turn was over in the middle is up to chance. */
static bool unmapping_pauses(void)
{
    many_map();
    host_turns_kept = 0;
    space_load(space);
    thread_resume(thread_create(space, unmap_many));
    host_turns_kept = 1;
    return threads_alive() > 0;
}

/* What goes meanwhile need not be wired; what stays is. */
static void all_that_stays(void **state)
{
    (void)state;
    space = unit_space();
    unit_map(space, 2 * HERE, 1, R | W);
    while (!unmapping_pauses())
        ;
    assert_true(space->changing);
    thread_resume(thread_create(space, wire_all));
    assert_int_equal(threads_alive(), 2);
    while (threads_alive() > 0)
        host_step();
    assert_int_equal(space->region_count, 1);
    assert_true(space_range_wired(space, 2 * HERE, PAGES(1)));
    assert_int_equal(space_resident(space), 1);
    space_release(space);
}

static void refusals(void **state)
{
    (void)state;
    begin(2, 10);
    assert_int_equal(space_wire(space, HERE + 1, PAGES(1), true), -EINVAL);
    assert_int_equal(space_wire(space, HERE, PAGES(3), true), -ENOMEM);
    assert_int_equal(space_wire(space, HERE, 0, true), 0);
    assert_int_equal(space_wire(space, HERE, -PAGE_SIZE, WIRE), -EINVAL);
    assert_int_equal(space_resident(space), 0);
    end();
}

/* What is hidden may go; what is seen again is wired again. */
static void hidden_pages_are_not_wired(void **state)
{
    (void)state;
    begin(1, 10);
    unit_write(space, HERE, 1);
    space_wire_all(space, WIRE);
    assert_int_equal(space_protect(space, HERE, PAGES(1), 0), 0);
    assert_int_equal(group->charged, 1);
    assert_int_equal(group_reclaim(group, 1), 1);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
    assert_int_equal(unit_read(space, HERE), 1);
    assert_int_equal(frame_at(0)->wired, 1);
    assert_int_equal(group->charged, 0);
    end();
}

void test_wire(void)
{
    const struct CMUnitTest wiring[] = {
        UNIT_TEST(brings_in_and_keeps),
        UNIT_TEST(a_limit_of_one),
        UNIT_TEST(unwiring_charges_again),
        UNIT_TEST(nobody_has_room),
        UNIT_TEST(two_entries_wire_one_frame),
        UNIT_TEST(fork_does_not_inherit_it),
        UNIT_TEST(regions_to_come),
        UNIT_TEST(all_that_stays),
        UNIT_TEST(refusals),
        UNIT_TEST(hidden_pages_are_not_wired),
    };
    unit_add(wiring);
}
