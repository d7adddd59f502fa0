/* tests/host/test_edges.c - a range ends where it ends.
 *
 * Each call that takes a range is tried with every first and every last page of a region, and
 * what it does is compared page by page: all of the range has it done, and none of the pages
 * on either side. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/space_advise.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/object_punch.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "tests/host/unit.h"

#define COUNT 6u /* pages of the region */

static struct space *space;
static struct object *object;
static struct group *group;

static uint64_t value(unsigned page)
{
    return 0x1000 + page;
}

static uintptr_t at(unsigned page)
{
    return HERE + PAGES(page);
}

/* --- What is done to a range, and what shows that it was done to a page ---------------------- */

struct call {
    bool shared; /* the region shows an object */
    void (*run)(unsigned first, unsigned last);
    bool (*done)(unsigned page);
};

static void run_unmap(unsigned first, unsigned last)
{
    assert_int_equal(space_unmap(space, at(first), PAGES(last - first)), 0);
}

static bool is_unmapped(unsigned page)
{
    return region_find(space, at(page)) == NULL && !page_is(unit_page(space, at(page)));
}

static void run_discard(unsigned first, unsigned last)
{
    assert_int_equal(space_discard(space, at(first), PAGES(last - first), true), 0);
}

static bool is_empty(unsigned page)
{
    bool empty = !page_is(unit_page(space, at(page)));
    assert_int_equal(unit_read(space, at(page)), empty ? 0 : value(page));
    return empty;
}

static void run_protect(unsigned first, unsigned last)
{
    assert_int_equal(space_protect(space, at(first), PAGES(last - first), R), 0);
}

static bool is_read_only(unsigned page)
{
    assert_int_equal(unit_read(space, at(page)), value(page));
    return unit_try(space, at(page), W) == FAULT_NO_ACCESS;
}

static void run_hide(unsigned first, unsigned last)
{
    assert_int_equal(space_protect(space, at(first), PAGES(last - first), 0), 0);
}

static bool is_hidden(unsigned page)
{
    return unit_try(space, at(page), R) == FAULT_NO_ACCESS;
}

static void run_wire(unsigned first, unsigned last)
{
    assert_int_equal(space_wire(space, at(first), PAGES(last - first), true), 0);
}

static bool is_wired(unsigned page)
{
    bool wired = frame_get(unit_frame(space, at(page)))->wired > 0;
    assert_int_equal(space_range_wired(space, at(page), PAGES(1)), wired);
    return wired;
}

static void run_unwire(unsigned first, unsigned last)
{
    run_wire(0, COUNT);
    assert_int_equal(space_wire(space, at(first), PAGES(last - first), false), 0);
}

static bool is_not_wired(unsigned page)
{
    return !is_wired(page);
}

static void run_free(unsigned first, unsigned last)
{
    assert_int_equal(space_advise_free(space, at(first), PAGES(last - first)), 0);
}

/* It can go without being written. */
static bool is_given_up(unsigned page)
{
    group_reclaim(group, COUNT);
    return !page_is(unit_page(space, at(page)));
}

static void run_leave_out(unsigned first, unsigned last)
{
    assert_int_equal(
        space_advise_regions(space, at(first), PAGES(last - first), FORK_LEAVE_OUT), 0);
}

static bool child_has_it_not(unsigned page)
{
    struct space *child = space_fork(space);
    bool without = region_find(child, at(page)) == NULL;
    space_release(child);
    return without;
}

static void run_wipe(unsigned first, unsigned last)
{
    assert_int_equal(space_advise_regions(space, at(first), PAGES(last - first), FORK_WIPE),
                     0);
}

static bool child_has_zeroes(unsigned page)
{
    struct space *child = space_fork(space);
    uint64_t word = unit_read(child, at(page));
    space_release(child);
    assert_true(word == 0 || word == value(page));
    return word == 0;
}

static void run_populate(unsigned first, unsigned last)
{
    run_discard(0, COUNT);
    assert_int_equal(space_advise_populate(space, at(first), PAGES(last - first), true), 0);
}

static bool is_there(unsigned page)
{
    return page_is(unit_page(space, at(page)));
}

static void run_move(unsigned first, unsigned last)
{
    struct remap_request request = {at(first), PAGES(last - first), PAGES(last - first),
                                    MREMAP_MAYMOVE | MREMAP_FIXED, 4 * HERE};
    assert_int_equal(space_remap(space, request), 4 * HERE);
    assert_int_equal(unit_read(space, 4 * HERE), value(first));
    assert_int_equal(unit_read(space, 4 * HERE + PAGES(last - first - 1)), value(last - 1));
    assert_null(region_find(space, 4 * HERE + PAGES(last - first)));
}

static void run_drop(unsigned first, unsigned last)
{
    object_drop(object, first, last);
}

static bool object_has_it_not(unsigned page)
{
    bool gone = !page_is(object_find(object, page));
    assert_int_equal(unit_read(space, at(page)), gone ? 0 : value(page));
    return gone;
}

static void run_punch(unsigned first, unsigned last)
{
    assert_int_equal(object_punch(object, PAGES(first), PAGES(last)), 0);
}

/* Object and all that show it lose what lies behind the new end; only the range's end counts. */
static void run_cut(unsigned first, unsigned last)
{
    (void)last;
    assert_int_equal(object_resize(object, PAGES(first)), 0);
    assert_int_equal(object_resize(object, PAGES(COUNT)), 0);
}

static const struct call calls[] = {
    {false, run_unmap, is_unmapped},     {true, run_unmap, is_unmapped},
    {false, run_discard, is_empty},      {false, run_protect, is_read_only},
    {true, run_protect, is_read_only},   {false, run_hide, is_hidden},
    {false, run_wire, is_wired},         {false, run_unwire, is_not_wired},
    {false, run_free, is_given_up},      {false, run_leave_out, child_has_it_not},
    {false, run_wipe, child_has_zeroes}, {false, run_populate, is_there},
    {false, run_move, is_unmapped},      {true, run_move, is_unmapped},
    {true, run_drop, object_has_it_not}, {true, run_punch, object_has_it_not},
};

/* --- Every range ------------------------------------------------------------------------------ */

static void begin(bool shared)
{
    unit_swap(20);
    space = unit_space();
    group = unit_group(space, "fifo", 40);
    object = object_create(NULL, 0, PAGES(COUNT));
    unit_map_object(space, HERE, COUNT, R | W, shared, shared ? object : NULL, 0);
    for (unsigned page = 0; page < COUNT; page++)
        unit_write(space, at(page), value(page));
}

static void end(void)
{
    space_release(space);
    object_release(object);
    unit_group_end(group);
}

static void try_range(const struct call *call, unsigned first, unsigned last)
{
    begin(call->shared);
    call->run(first, last);
    for (unsigned page = 0; page < COUNT; page++)
        if (call->done(page) != (page >= first && page < last))
            fail_msg("call %ld on pages %u to %u: page %u", call - calls, first, last,
                     page);
    end();
}

static void all_of_it_and_no_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
        for (unsigned first = 0; first < COUNT; first++)
            for (unsigned last = first + 1; last <= COUNT; last++)
                try_range(&calls[i], first, last);
}

static void behind_the_new_end(void **state)
{
    (void)state;
    static const struct call cut = {true, run_cut, object_has_it_not};
    for (unsigned first = 0; first < COUNT; first++) {
        begin(true);
        cut.run(first, COUNT);
        for (unsigned page = 0; page < COUNT; page++)
            assert_int_equal(cut.done(page), page >= first);
        end();
    }
}

/* Half pages at both ends are cleared, and nothing beside them. */
static void bytes_of_a_hole(void **state)
{
    (void)state;
    begin(true);
    unit_write(space, at(1) - 8, 71);
    unit_write(space, at(1) - 16, 72);
    unit_write(space, at(3) + 8, 73);
    assert_int_equal(object_punch(object, PAGES(1) - 8, PAGES(3) + 8), 0);
    assert_int_equal(unit_read(space, at(1) - 16), 72);
    assert_int_equal(unit_read(space, at(1) - 8), 0);
    assert_int_equal(unit_read(space, at(1)), 0);
    assert_int_equal(unit_read(space, at(2)), 0);
    assert_int_equal(unit_read(space, at(3)), 0);
    assert_int_equal(unit_read(space, at(3) + 8), 73);
    end();
}

/* --- Room ----------------------------------------------------------------------------- */

static intptr_t map_at(uintptr_t wish, size_t pages, unsigned flags)
{
    struct map_request request = {.address = wish,
                                  .length = PAGES(pages),
                                  .access = R,
                                  .access_max = R,
                                  .flags = flags};
    return space_map(space, &request);
}

/* A wish is granted from the lowest page to the highest, and not one beyond. */
static void wishes_at_the_ends(void **state)
{
    (void)state;
    space = unit_space();
    assert_int_equal(map_at(REGION_BOTTOM, 2, 0), REGION_BOTTOM);
    assert_int_equal(map_at(REGION_TOP - PAGES(2), 2, 0), REGION_TOP - PAGES(2));
    assert_int_equal(space_unmap(space, REGION_TOP - PAGES(2), PAGES(2)), 0);
    static const uintptr_t beyond[] = {
        REGION_BOTTOM - PAGES(1), REGION_TOP - PAGES(1), REGION_TOP,
        REGION_TOP + PAGES(4),    USER_END - PAGES(2),   USER_END};
    for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
        intptr_t place = map_at(beyond[i], 2, 0);
        assert_int_equal(place, REGION_TOP - PAGES(2)); /* the first room from the top */
        assert_int_equal(space_unmap(space, (uintptr_t)place, PAGES(2)), 0);
    }
    static const uintptr_t low[] = {REGION_LOW_TOP - PAGES(1), REGION_LOW_TOP,
                                    HERE * 0x100};
    for (size_t i = 0; i < ARRAY_SIZE(low); i++) {
        intptr_t place = map_at(low[i], 2, MAP_32BIT);
        assert_int_equal(place, REGION_LOW_TOP - PAGES(2));
        assert_int_equal(space_unmap(space, (uintptr_t)place, PAGES(2)), 0);
    }
    assert_int_equal(map_at(REGION_BOTTOM - PAGES(1), 1, MAP_FIXED), -EPERM);
    assert_int_equal(map_at(USER_END - PAGES(1), 2, MAP_FIXED), -ENOMEM);
    assert_int_equal(map_at(USER_END - PAGES(2), 2, MAP_FIXED), USER_END - PAGES(2));
    space_release(space);
}

/* Where something begins or ends, the next page is free. */
static void beside_what_is_there(void **state)
{
    (void)state;
    space = unit_space();
    unit_map(space, HERE, 2, R);
    assert_int_equal(map_at(HERE - PAGES(2), 3, MAP_FIXED_NOREPLACE), -EEXIST);
    assert_int_equal(map_at(HERE + PAGES(1), 3, MAP_FIXED_NOREPLACE), -EEXIST);
    assert_int_equal(map_at(HERE - PAGES(2), 2, MAP_FIXED_NOREPLACE), HERE - PAGES(2));
    assert_int_equal(map_at(HERE + PAGES(2), 2, MAP_FIXED_NOREPLACE), HERE + PAGES(2));
    assert_null(region_find(space, HERE - PAGES(3)));
    assert_non_null(region_find(space, HERE - PAGES(2)));
    assert_non_null(region_find(space, HERE + PAGES(4) - 1));
    assert_null(region_find(space, HERE + PAGES(4)));
    assert_int_equal(region_first_hole(space, HERE - PAGES(2), HERE + PAGES(4)),
                     HERE + PAGES(4));
    assert_int_not_equal(region_first_hole(space, HERE - PAGES(3), HERE + PAGES(4)),
                         HERE + PAGES(4));
    assert_int_not_equal(region_first_hole(space, HERE - PAGES(2), HERE + PAGES(5)),
                         HERE + PAGES(5));
    space_release(space);
}

void test_edges(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(all_of_it_and_no_more), UNIT_TEST(behind_the_new_end),
        UNIT_TEST(bytes_of_a_hole),       UNIT_TEST(wishes_at_the_ends),
        UNIT_TEST(beside_what_is_there),
    };
    unit_add(tests);
}
