/* tests/host/test_remap.c - memory that moves, and advice about it. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_advise.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object_punch.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

#define THERE 0x20000000ul

static intptr_t remap(struct space *space, uintptr_t start, size_t pages, size_t new_pages,
                      unsigned flags, uintptr_t place)
{
    struct remap_request request = {start, PAGES(pages), PAGES(new_pages), flags, place};
    return space_remap(space, request);
}

static void pages_move_and_nothing_is_copied(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 3, R | W);
    unit_write(space, HERE, 1);
    unit_write(space, HERE + PAGES(2), 3);
    unit_read(space, HERE + PAGES(1));
    frame_t frame = unit_frame(space, HERE);
    uint32_t unused = unit_frames_unused();
    assert_int_equal(remap(space, HERE, 3, 3, MREMAP_MAYMOVE | MREMAP_FIXED, THERE), THERE);
    assert_false(machine_remembers(HERE));
    assert_int_equal(unit_frame(space, THERE).number, frame.number);
    assert_int_equal(unit_frames_unused(), unused);
    assert_int_equal(audit(), 0);
    unit_expect_none(space, THERE, W);
    assert_int_equal(unit_read(space, THERE + PAGES(2)), 3);
    assert_int_equal(unit_try(space, HERE, R), FAULT_NO_REGION);
    assert_true(pte_is_dirty(*table_find(&space->table, THERE)));
    space_release(space);
}

static void longer_where_it_is(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 1);
    assert_int_equal(remap(space, HERE, 2, 4, 0, 0), HERE);
    assert_int_equal(space->region_count, 1);
    assert_int_equal(space->promised, PAGES(4));
    unit_write(space, HERE + PAGES(3), 4);
    unit_map(space, HERE + PAGES(4), 1, R);
    assert_int_equal(remap(space, HERE, 4, 5, 0, 0), -ENOMEM);
    assert_int_equal(remap(space, HERE, 4, 1, 0, 0), HERE);
    assert_int_equal(unit_try(space, HERE + PAGES(3), R), FAULT_NO_REGION);
    assert_int_equal(unit_read(space, HERE), 1);
    space_release(space);
}

/* Moving may make three regions more, and is refused where that would be as many as the most. */
static void room_for_its_regions(void **state)
{
    (void)state;
    struct space *space = unit_space();
    for (unsigned i = 0; i < 3; i++)
        unit_map(space, HERE + PAGES(2 * i), 1, R | W);
    region_most = 6;
    assert_int_equal(remap(space, HERE, 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, THERE),
                     -ENOMEM);
    region_most = 7;
    assert_int_equal(remap(space, HERE, 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, THERE), THERE);
    region_most_set();
    space_release(space);
}

/* At the limit of what may be promised, what goes makes room for what comes. */
static void what_goes_does_not_count(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 8, R | W);
    space->promised_limit = PAGES(9);
    assert_int_equal(remap(space, HERE, 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, THERE), THERE);
    assert_int_equal(remap(space, THERE, 8, 9, MREMAP_MAYMOVE | MREMAP_FIXED, HERE), HERE);
    assert_int_equal(remap(space, HERE, 9, 10, MREMAP_MAYMOVE, 0), -ENOMEM);
    assert_int_equal(remap(space, HERE, 1, 1, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, THERE),
                     -ENOMEM);
    struct map_request request = {.address = HERE + PAGES(2),
                                  .length = PAGES(7),
                                  .access = R | W,
                                  .access_max = R | W,
                                  .flags = MAP_FIXED};
    assert_int_equal(space_map(space, &request), HERE + PAGES(2));
    request.length = PAGES(8);
    assert_int_equal(space_map(space, &request), -ENOMEM);
    assert_int_equal(space->promised, PAGES(9));
    space_release(space);
}

static void evicted_pages_move_by_name(void **state)
{
    (void)state;
    unit_swap(8);
    struct space *space = unit_space();
    struct group *group = unit_group(space, "fifo", 1);
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 1);
    unit_write(space, HERE + PAGES(1), 2);
    assert_false(unit_is(space, HERE, FRAME_RESIDENT));
    assert_int_equal(remap(space, HERE, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, THERE), THERE);
    assert_int_equal(audit(), 0);
    assert_int_equal(unit_read(space, THERE), 1);
    assert_int_equal(unit_read(space, THERE + PAGES(1)), 2);
    space_release(space);
    unit_group_end(group);
}

static void what_is_kept_is_empty(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 7);
    intptr_t place = remap(space, HERE, 2, 2, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
    assert_true(place > 0 && place != HERE);
    assert_int_equal(unit_read(space, (uintptr_t)place), 7);
    assert_int_equal(unit_read(space, HERE), 0);
    unit_write(space, HERE, 8);
    assert_int_equal(unit_read(space, (uintptr_t)place), 7);
    space_release(space);
}

static void shared_memory_seen_twice(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map_object(space, HERE, 2, R | W, true, NULL, 0);
    unit_write(space, HERE + PAGES(1), 5);
    intptr_t place = remap(space, HERE, 0, 2, MREMAP_MAYMOVE, 0);
    assert_int_equal(unit_read(space, (uintptr_t)place + PAGES(1)), 5);
    assert_int_equal(unit_frame(space, (uintptr_t)place + PAGES(1)).number,
                     unit_frame(space, HERE + PAGES(1)).number);
    place = remap(space, HERE + PAGES(1), 0, 1, MREMAP_MAYMOVE, 0);
    assert_int_equal(unit_read(space, (uintptr_t)place), 5); /* from the middle */
    space_release(space);
}

static void no_table_no_move(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 1);
    for (uint32_t nth = 1; nth <= 2; nth++) {
        frame_fail_after = nth;
        assert_int_equal(remap(space, HERE, 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, THERE),
                         -ENOMEM);
        frame_fail_after = 0;
        assert_int_equal(unit_read(space, HERE), 1);
        assert_int_equal(audit(), 0);
    }
    space_release(space);
}

static void fork_leaves_out_and_wipes(void **state)
{
    (void)state;
    struct space *parent = unit_space();
    unit_map(parent, HERE, 3, R | W);
    for (unsigned i = 0; i < 3; i++)
        unit_write(parent, HERE + PAGES(i), i + 1);
    assert_int_equal(space_advise_regions(parent, HERE, PAGES(1), FORK_LEAVE_OUT), 0);
    assert_int_equal(space_advise_regions(parent, HERE + PAGES(1), PAGES(1), FORK_WIPE), 0);
    assert_int_equal(parent->region_count, 3);
    struct space *child = space_fork(parent);
    assert_int_equal(unit_try(child, HERE, R), FAULT_NO_REGION);
    assert_int_equal(unit_read(child, HERE + PAGES(1)), 0);
    assert_int_equal(unit_read(child, HERE + PAGES(2)), 3);
    assert_int_equal(unit_read(parent, HERE + PAGES(1)), 2);
    assert_int_equal(space_advise_regions(parent, HERE, PAGES(3), FORK_COPY), 0);
    assert_int_equal(space_advise_regions(parent, HERE, PAGES(3), FORK_KEEP), 0);
    assert_int_equal(parent->region_count, 1);
    space_release(child);
    space_release(parent);
}

/* A page that was freed and not written since goes without being written anywhere. */
static void freed_pages_need_no_slot(void **state)
{
    (void)state;
    unit_swap(8);
    struct space *space = unit_space();
    struct group *group = unit_group(space, "fifo", 2);
    unit_map(space, HERE, 4, R | W);
    unit_write(space, HERE, 1);
    unit_write(space, HERE + PAGES(1), 2);
    /* its D bit is the frame's now */
    assert_int_equal(space_protect(space, HERE, PAGES(1), 0), 0);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R | W), 0);
    unit_read(space, HERE);
    assert_int_equal(space_advise_free(space, HERE, PAGES(2)), 0);
    unit_write(space, HERE + PAGES(1), 3);
    unit_write(space, HERE + PAGES(2), 4);
    unit_write(space, HERE + PAGES(3), 5);
    assert_true(pte_is_zero(*table_find(&space->table, HERE)));
    assert_int_equal(unit_read(space, HERE), 0);
    assert_int_equal(unit_read(space, HERE + PAGES(1)), 3);
    space_release(space);
    unit_group_end(group);
}

static void holes_in_objects(void **state)
{
    (void)state;
    struct object *object = object_create(NULL, 0, PAGES(3));
    struct space *space = unit_space();
    unit_map_object(space, HERE, 3, R | W, true, object, 0);
    for (unsigned i = 0; i < 3; i++)
        unit_write(space, HERE + PAGES(i), i + 1);
    assert_int_equal(object_punch(object, PAGES(1), PAGES(2) + 4), 0);
    assert_false(machine_remembers(HERE + PAGES(1)));
    assert_int_equal(unit_read(space, HERE), 1);
    assert_int_equal(unit_read(space, HERE + PAGES(1)), 0);
    assert_int_equal(unit_read(space, HERE + PAGES(2)), 0);
    assert_int_equal(object->page_count, 3);
    unit_write(space, HERE + 16, 6);
    assert_int_equal(object_punch(object, 8, PAGES(1)), 0);
    assert_int_equal(unit_read(space, HERE), 1);
    assert_int_equal(unit_read(space, HERE + 16), 0);
    space_release(space);
    object_release(object);
}

void test_remap(void)
{
    const struct CMUnitTest remaps[] = {
        UNIT_TEST(pages_move_and_nothing_is_copied),
        UNIT_TEST(longer_where_it_is),
        UNIT_TEST(room_for_its_regions),
        UNIT_TEST(what_goes_does_not_count),
        UNIT_TEST(evicted_pages_move_by_name),
        UNIT_TEST(what_is_kept_is_empty),
        UNIT_TEST(shared_memory_seen_twice),
        UNIT_TEST(no_table_no_move),
        UNIT_TEST(fork_leaves_out_and_wipes),
        UNIT_TEST(freed_pages_need_no_slot),
        UNIT_TEST(holes_in_objects),
    };
    unit_add(remaps);
}
