/* tests/host/test_protect.c - rights taken and given back; what must be flushed, is. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

static void taken_rights_are_gone_at_once(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 3, R | W | X);
    for (unsigned i = 0; i < 3; i++)
        unit_write(space, HERE + PAGES(i), i);
    unit_expect_none(space, HERE + PAGES(1), X);
    assert_int_equal(space_protect(space, HERE + PAGES(1), PAGES(1), R), 0);
    assert_false(machine_remembers(HERE + PAGES(1)));
    assert_int_equal(space->region_count, 3);
    assert_int_equal(unit_try(space, HERE + PAGES(1), W), FAULT_NO_ACCESS);
    assert_int_equal(unit_try(space, HERE + PAGES(1), X), FAULT_NO_ACCESS);
    unit_expect_none(space, HERE + PAGES(1), R);
    unit_expect_none(space, HERE + PAGES(2), W);
    assert_int_equal(space_protect(space, HERE + PAGES(1), PAGES(1), R | W | X), 0);
    assert_int_equal(space->region_count, 1);
    unit_expect_none(space, HERE + PAGES(1), W);
    assert_int_equal(unit_read(space, HERE + PAGES(1)), 1);
    space_release(space);
}

static void only_execution_is_taken(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R | X);
    unit_read(space, HERE);
    unit_expect_none(space, HERE, X);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
    assert_false(machine_remembers(HERE));
    assert_int_equal(unit_try(space, HERE, X), FAULT_NO_ACCESS);
    space_release(space);
}

/* The contents of a page nobody may touch are still there, and are found again. */
static void none_and_back(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 3, R | W);
    unit_write(space, HERE, 11);
    unit_read(space, HERE + PAGES(1));
    page_t page = unit_page(space, HERE);
    assert_int_equal(space_protect(space, HERE, PAGES(3), 0), 0);
    assert_false(machine_remembers(HERE));
    assert_int_equal(unit_try(space, HERE, R), FAULT_NO_ACCESS);
    pte_t *entry = table_find(&space->table, HERE);
    assert_false(pte_is_present(*entry));
    assert_int_equal(pte_page(*entry).id, page.id);
    assert_true((entry->bits & PTE_ADDRESS) >> PAGE_SHIFT >= nframes); /* L1TF */
    assert_true(pte_is_zero(*table_find(&space->table, HERE + PAGES(1))));
    assert_int_equal(page_get(page)->holders, 1);
    assert_int_equal(space_page_resident(space, HERE), 1);
    assert_int_equal(audit(), 0);
    assert_int_equal(space_protect(space, HERE, PAGES(3), R | W), 0);
    unit_expect_kind(space, HERE, W, FAULT_RESIDENT);
    assert_int_equal(unit_read(space, HERE), 11);
    assert_true(page_same(unit_page(space, HERE), page));
    unit_expect_kind(space, HERE + PAGES(1), R, FAULT_ZERO_PAGE);
    space_release(space);
}

static void none_and_unmapped(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R | W);
    unit_write(space, HERE, 11);
    frame_t frame = unit_frame(space, HERE);
    assert_int_equal(space_protect(space, HERE, PAGES(1), 0), 0);
    assert_int_equal(space_unmap(space, HERE, PAGES(1)), 0);
    assert_int_equal(frame_get(frame)->state, FRAME_FREE);
    space_release(space);
}

static void none_of_shared_memory(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(1));
    unit_map_object(space, HERE, 1, R | W, true, object, 0);
    unit_write(space, HERE, 12);
    assert_int_equal(space_protect(space, HERE, PAGES(1), 0), 0);
    assert_int_equal(unit_try(space, HERE, R), FAULT_NO_ACCESS);
    assert_int_equal(page_get(frame_get(object_peek(object, 0))->page)->holders, 1);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
    unit_expect_kind(space, HERE, R, FAULT_FILE);
    assert_int_equal(unit_read(space, HERE), 12);
    space_release(space);
    object_release(object);
}

/* Giving the right to write does not give it to pages that others see. */
static void rights_given_keep_copies_apart(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_write(space, HERE, 1);
    unit_read(space, HERE + PAGES(1));
    struct space *child = space_fork(space);
    assert_int_equal(space_protect(child, HERE, PAGES(2), R), 0);
    assert_int_equal(space_protect(child, HERE, PAGES(2), R | W), 0);
    unit_expect_kind(child, HERE, W, FAULT_COPY);
    unit_expect_kind(child, HERE + PAGES(1), W, FAULT_ZERO_FILL);
    unit_write(child, HERE, 2);
    assert_int_equal(unit_read(space, HERE), 1);
    space_release(child);
    space_release(space);
}

static void file_opened_for_reading(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(1));
    struct map_request request = {.address = HERE,
                                  .length = PAGES(1),
                                  .access = R,
                                  .access_max = R | X,
                                  .flags = MAP_SHARED | MAP_FIXED,
                                  .object = object};
    assert_int_equal(space_map(space, &request), HERE);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R | W), -EACCES);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R | X), 0);
    unit_expect_kind(space, HERE, X, FAULT_FILE);
    space_release(space);
    object_release(object);
}

static void what_is_not_promised_cannot_be_protected(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R | W);
    unit_map(space, HERE + PAGES(2), 1, R | W);
    assert_int_equal(space_protect(space, HERE, PAGES(3), R), -ENOMEM);
    assert_int_equal(space_protect(space, HERE, UINTPTR_MAX, R), -ENOMEM);
    space_release(space);
}

/* Many pages: one flush of everything instead of many. */
static void many_rights_taken(void **state)
{
    (void)state;
    struct space *space = unit_space();
    const unsigned count = TLB_FLUSH_MAX + 1;
    unit_map(space, HERE, count, R | W);
    for (unsigned i = 0; i < count; i++)
        unit_write(space, HERE + PAGES(i), 1);
    uint64_t all = machine_counts.flushes_all, single = machine_counts.flushes_page;
    assert_int_equal(space_protect(space, HERE, PAGES(count), R), 0);
    assert_int_equal(machine_counts.flushes_all, all + 1);
    assert_int_equal(machine_counts.flushes_page, single);
    machine_check();
    assert_int_equal(unit_try(space, HERE + PAGES(count - 1), W), FAULT_NO_ACCESS);
    space_release(space);
}

void test_protect(void)
{
    const struct CMUnitTest protection[] = {
        UNIT_TEST(taken_rights_are_gone_at_once),
        UNIT_TEST(only_execution_is_taken),
        UNIT_TEST(none_and_back),
        UNIT_TEST(none_and_unmapped),
        UNIT_TEST(none_of_shared_memory),
        UNIT_TEST(rights_given_keep_copies_apart),
        UNIT_TEST(file_opened_for_reading),
        UNIT_TEST(what_is_not_promised_cannot_be_protected),
        UNIT_TEST(many_rights_taken),
    };
    unit_add(protection);
}
