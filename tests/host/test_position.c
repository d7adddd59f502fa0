/* tests/host/test_position.c - a position in the page tables: found, stepped, passed, counted. */
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/lock.h"
#include "mm/page_tables/page_tables.h"
#include "tests/host/unit.h"

#define GIB  (1ul << 30)
#define HIGH (HERE + 3 * GIB)

/* Pages here and there: two in one table, one in the next but one, one far above. */
static const uintptr_t there[] = {HERE + PAGES(5), HERE + PAGES(9), HERE + 2 * TABLE_SPAN,
                                  HIGH + PAGES(6)};

static struct space *space_with_pages(void)
{
    struct space *space = unit_space();
    unit_map(space, HERE, (HIGH + TABLE_SPAN - HERE) / PAGE_SIZE, R | W);
    for (unsigned i = 0; i < ARRAY_SIZE(there); i++)
        unit_write(space, there[i], i);
    return space;
}

static void goes_to_what_is_in_use(void **state)
{
    (void)state;
    struct space *space = space_with_pages();
    struct position at;
    unsigned found = 0;
    mm_lock();
    position_begin(&at, &space->table, 0, USER_END);
    for (; position_find(&at); position_step(&at), found++) {
        assert_int_equal(position_address(&at), there[found]);
        assert_ptr_equal(at.entry, table_find(&space->table, there[found]));
    }
    assert_int_equal(found, ARRAY_SIZE(there));
    assert_false(position_find(&at));
    position_begin(&at, &space->table, there[0] + PAGE_SIZE, there[3]);
    assert_true(position_find(&at));
    assert_int_equal(position_address(&at), there[1]);
    position_step(&at);
    assert_true(position_find(&at));
    assert_int_equal(position_address(&at), there[2]);
    position_step(&at);
    assert_false(position_find(&at)); /* the end is no part of the range */
    position_begin(&at, &space->table, there[1], there[1]);
    assert_false(position_find(&at));
    mm_unlock();
    space_release(space);
}

static void a_stretch_lies_in_one_piece_of_a_table(void **state)
{
    (void)state;
    struct space *space = space_with_pages();
    struct position at;
    mm_lock();
    position_begin(&at, &space->table, HERE + PAGES(7), HIGH + PAGES(7));
    assert_true(position_enter(&at));
    assert_int_equal(at.first, HERE + PAGES(7));
    assert_int_equal(position_length(&at), STRETCH_MOST - 7);
    assert_int_equal(position_present(&at), 2);
    assert_int_equal(position_table_end(&at), HERE + TABLE_SPAN);
    assert_true(position_find_here(&at));
    assert_int_equal(position_address(&at), there[1]);
    position_step(&at);
    assert_false(position_find_here(&at));
    assert_false(position_is_last(&at));
    for (uintptr_t piece = 1; piece < TABLE_ENTRIES / STRETCH_MOST; piece++) {
        assert_true(position_enter(&at)); /* the rest of a stretch may be left out */
        assert_int_equal(at.first, HERE + PAGES(piece * STRETCH_MOST));
        assert_int_equal(position_length(&at), STRETCH_MOST);
        assert_int_equal(position_table_end(&at), HERE + TABLE_SPAN);
    }
    assert_true(position_enter(&at));
    assert_int_equal(at.first, HERE + 2 * TABLE_SPAN);
    position_pass_table(&at);
    assert_true(position_enter(&at));
    assert_int_equal(at.first, HIGH);
    assert_int_equal(position_length(&at), 7);
    assert_true(position_is_last(&at));
    assert_true(position_find_here(&at));
    assert_int_equal(position_address(&at), there[3]);
    assert_false(position_enter(&at));
    mm_unlock();
    space_release(space);
}

/* Whoever has slept goes on where it was, whatever has become of the table. */
static void goes_on_when_others_have_run(void **state)
{
    (void)state;
    struct space *space = space_with_pages();
    struct position at;
    mm_lock();
    position_begin(&at, &space->table, 0, USER_END);
    assert_true(position_find(&at));
    position_step(&at);
    position_again(&at);
    assert_true(position_find(&at));
    assert_int_equal(position_address(&at), there[1]);
    position_again(&at);
    mm_unlock();
    assert_int_equal(space_unmap(space, HERE, PAGES(20)), 0);
    mm_lock();
    assert_true(position_find(&at));
    assert_int_equal(position_address(&at), there[2]);
    mm_unlock();
    space_release(space);
}

static void is_sought_for_one_page(void **state)
{
    (void)state;
    struct space *space = space_with_pages();
    struct position at;
    mm_lock();
    assert_true(position_at(&at, &space->table, there[2]));
    assert_int_equal(position_address(&at), there[2]);
    assert_true(pte_is_present(position_read(&at)));
    assert_int_equal(position_look(&space->table, there[2]).bits, position_read(&at).bits);
    assert_true(position_near(&at, there[2] + TABLE_SPAN - PAGE_SIZE));
    assert_false(position_near(&at, there[2] + TABLE_SPAN));
    position_shift(&at, there[2] + PAGES(100));
    assert_int_equal(position_address(&at), there[2] + PAGES(100));
    assert_false(position_at(&at, &space->table, HERE + GIB));
    assert_true(pte_is_zero(position_look(&space->table, HERE + GIB)));
    mm_unlock();
    space_release(space);
}

/* What is resident is counted where an entry is changed: the peak is no more than there was. */
static void expect_resident(struct space *space, uint32_t count)
{
    mm_lock();
    assert_int_equal(space_resident(space), count);
    assert_int_equal(space->table.resident_bound, count);
    mm_unlock();
}

static void a_copy_takes_the_place_of_the_page(void **state)
{
    (void)state;
    struct space *space = space_with_pages();
    struct space *child = space_fork(space);
    expect_resident(space, 4);
    expect_resident(child, 4);
    for (unsigned i = 0; i < ARRAY_SIZE(there); i++)
        unit_write(space, there[i], i + 1);
    expect_resident(space, 4);
    assert_int_equal(space_resident_most(space), 4);
    space_release(child);
    space_release(space);
}

static void what_is_hidden_is_not_resident(void **state)
{
    (void)state;
    struct space *space = space_with_pages();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(space_protect(space, HERE, TABLE_SPAN, 0), 0);
        expect_resident(space, 2);
        assert_int_equal(space_protect(space, HERE, TABLE_SPAN, R | W), 0);
        assert_int_equal(unit_read(space, there[0]), 0);
        assert_int_equal(unit_read(space, there[1]), 1);
    }
    expect_resident(space, 4);
    assert_int_equal(space_resident_most(space), 4);
    space_release(space);
}

void test_position(void)
{
    const struct CMUnitTest positions[] = {
        UNIT_TEST(goes_to_what_is_in_use),
        UNIT_TEST(a_stretch_lies_in_one_piece_of_a_table),
        UNIT_TEST(goes_on_when_others_have_run),
        UNIT_TEST(is_sought_for_one_page),
        UNIT_TEST(a_copy_takes_the_place_of_the_page),
        UNIT_TEST(what_is_hidden_is_not_resident),
    };
    unit_add(positions);
}
