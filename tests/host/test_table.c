/* tests/host/test_table.c - page tables: built, walked, trimmed, counted. */
#include "mm/address_spaces/space_map.h"
#include "mm/lock.h"
#include "mm/page_tables/flush.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

#define GIB (1ul << 30)

static void trim(struct space *space, uintptr_t address)
{
    struct flush flush;
    mm_lock();
    flush_begin(&flush, &space->table);
    table_trim(&space->table, address, &flush);
    flush_end(&flush);
    mm_unlock();
}

/* Tables of levels 3, 2 and 1, and the links beside the last. */
static void built_where_missing_and_only_there(void **state)
{
    (void)state;
    struct space *space = unit_space();
    mm_lock();
    assert_null(table_find(&space->table, HERE));
    pte_t *entry = table_build(&space->table, HERE);
    assert_int_equal(space->table.frames, 1 + 4);
    assert_ptr_equal(table_find(&space->table, HERE), entry);
    assert_ptr_equal(table_build(&space->table, HERE), entry);
    assert_ptr_equal(table_build(&space->table, HERE + PAGE_SIZE), entry + 1);
    assert_int_equal(space->table.frames, 1 + 4);
    assert_non_null(table_build(&space->table, HERE + TABLE_SPAN));
    assert_int_equal(space->table.frames, 1 + 6);
    assert_non_null(table_build(&space->table, HERE + GIB));
    assert_int_equal(space->table.frames, 1 + 9);
    assert_non_null(table_build(&space->table, HERE + 512 * GIB));
    assert_int_equal(space->table.frames, 1 + 13);
    mm_unlock();
    trim(space, HERE + 512 * GIB);
    assert_int_equal(space->table.frames, 1 + 9);
    trim(space, HERE + TABLE_SPAN);
    trim(space, HERE + GIB);
    assert_int_equal(space->table.frames, 1 + 4);
    trim(space, HERE);
    assert_int_equal(space->table.frames, 1);
    trim(space, HERE);
    space_release(space);
}

static void trimmed_only_when_empty(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 1);
    trim(space, HERE);
    unit_expect_none(space, HERE, R);
    assert_int_equal(space->table.frames, 5);
    space_release(space);
}

/* Whichever of the four frames is missing, the others are given back. */
static void not_built_by_halves(void **state)
{
    (void)state;
    struct space *space = unit_space();
    mm_lock();
    for (unsigned nth = 1; nth <= 4; nth++) {
        uint32_t before = frame_counts.free;
        frame_fail_after = nth;
        assert_null(table_build(&space->table, HERE));
        assert_int_equal(frame_counts.free, before);
        assert_int_equal(space->table.frames, 1);
    }
    frame_fail_after = 5;
    assert_non_null(table_build(&space->table, HERE));
    frame_fail_after = 0;
    mm_unlock();
    trim(space, HERE);
    space_release(space);
}

static void an_empty_table_goes_to_the_zeroed_pool(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R | W);
    unit_write(space, HERE, 1);
    uint32_t zeroed = frame_counts.zeroed;
    assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
    assert_int_equal(space->table.frames, 1);
    assert_int_equal(frame_counts.zeroed, zeroed + 3);
    space_release(space);
}

static void tables_go_with_what_they_mapped(void **state)
{
    (void)state;
    struct space *space = unit_space();
    uintptr_t addresses[] = {0x10000, TABLE_SPAN, GIB, 512 * GIB, USER_END - PAGE_SIZE};
    for (unsigned i = 0; i < ARRAY_SIZE(addresses); i++) {
        unit_map(space, addresses[i], 1, R | W);
        unit_write(space, addresses[i], i);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(addresses); i++) {
        assert_int_equal(unit_read(space, addresses[i]), i);
        assert_int_equal(space_unmap(space, addresses[i], PAGES(1)), 0);
    }
    assert_int_equal(space->table.frames, 1);
    space_release(space);
}

/* A page that is named, and not there, is beyond all memory for whoever looks at the entry
 * as a processor would. */
static void names_point_nowhere(void **state)
{
    (void)state;
    uint32_t ids[] = {0, 1, 2047, 1u << 20, UINT32_MAX - 1};
    for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
        pte_t entry = pte_name((page_t){ids[i]});
        assert_false(pte_is_present(entry));
        assert_false(pte_is_zero(entry));
        assert_int_equal(pte_page(entry).id, ids[i]);
        assert_int_equal(entry.bits & (PTE_REFERENCED | PTE_DIRTY), 0);
        assert_true((entry.bits & PTE_ADDRESS) >= 1ul << 44);
    }
}

void test_table(void)
{
    const struct CMUnitTest page_tables[] = {
        UNIT_TEST(built_where_missing_and_only_there),
        UNIT_TEST(trimmed_only_when_empty),
        UNIT_TEST(not_built_by_halves),
        UNIT_TEST(an_empty_table_goes_to_the_zeroed_pool),
        UNIT_TEST(tables_go_with_what_they_mapped),
        UNIT_TEST(names_point_nowhere),
    };
    unit_add(page_tables);
}
