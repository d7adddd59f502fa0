/* tests/host/test_machine.c - the tests' own machine: does it notice what it is there for?
 *
 * Each rule of the TLB is broken by hand here, behind the back of mm/. */
#include "mm/address_spaces/space.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

#include <string.h>

static struct space *space;

static void begin(void)
{
    space = unit_space();
    unit_map(space, HERE, 4, R | W);
    unit_write(space, HERE, 1);
    unit_write(space, HERE + PAGES(1), 2);
}

static void end(void)
{
    space_release(space);
}

static void remembers_until_flushed(void **state)
{
    (void)state;
    begin();
    assert_true(machine_remembers(HERE));
    uint64_t walks = machine_counts.walks;
    unit_expect_none(space, HERE, W);
    assert_int_equal(machine_counts.walks, walks);
    tlb_flush_page(HERE);
    assert_false(machine_remembers(HERE));
    assert_true(machine_remembers(HERE + PAGES(1)));
    tlb_flush_user();
    assert_false(machine_remembers(HERE + PAGES(1)));
    unit_expect_none(space, HERE, R);
    space_load(NULL);
    space_load(space);
    assert_false(machine_remembers(HERE));
    end();
}

static void notices_rights_taken_and_not_flushed(void **state)
{
    (void)state;
    begin();
    pte_t *entry = table_find(&space->table, HERE);
    pte_clear_bits(entry, PTE_WRITABLE);
    assert_true(host_fails(machine_check));
    tlb_flush_page(HERE + PAGES(1));
    assert_true(host_fails(machine_check));
    tlb_flush_page(HERE);
    assert_false(host_fails(machine_check));
    end();
}

static void notices_an_entry_cleared_and_not_flushed(void **state)
{
    (void)state;
    begin();
    pte_t *entry = table_find(&space->table, HERE), old = *entry;
    *entry = PTE_ZERO;
    assert_true(host_fails(machine_check));
    *entry = old;
    assert_false(host_fails(machine_check));
    end();
}

static void notices_another_frame_and_no_flush(void **state)
{
    (void)state;
    begin();
    pte_t *a = table_find(&space->table, HERE),
          *b = table_find(&space->table, HERE + PAGES(1)), old = *a;
    *a = *b;
    assert_true(host_fails(machine_check));
    *a = old;
    assert_false(host_fails(machine_check));
    end();
}

static void notices_a_lost_d(void **state)
{
    (void)state;
    begin();
    pte_t *entry = table_find(&space->table, HERE);
    frame_get(unit_frame(space, HERE))->dirty = false;
    pte_clear_bits(entry, PTE_DIRTY);
    assert_true(host_fails(machine_check));
    frame_get(unit_frame(space, HERE))->dirty = true;
    assert_false(host_fails(machine_check));
    end();
}

static void free_what_is_mapped(void)
{
    frame_free(unit_frame(space, HERE));
}

static void notices_a_frame_freed_too_soon(void **state)
{
    (void)state;
    begin();
    assert_true(host_fails(free_what_is_mapped));
    end();
}

static void free_the_table(void)
{
    frame_free(frame_of_data(table_find(&space->table, HERE)));
}

static void notices_a_table_freed_too_soon(void **state)
{
    (void)state;
    begin();
    assert_true(host_fails(free_the_table));
    end();
}

static void free_the_root(void)
{
    frame_free(space->table.root);
}

static void notices_a_root_freed_while_loaded(void **state)
{
    (void)state;
    begin();
    assert_true(host_fails(free_the_root));
    end();
}

static void look(void)
{
    machine_access(HERE + PAGES(2), R);
}

static void notices_a_name_that_is_an_address(void **state)
{
    (void)state;
    begin();
    pte_t *entry = table_find(&space->table, HERE + PAGES(2));
    entry->bits = 5ul << PAGE_SHIFT;
    assert_true(host_fails(look));
    entry->bits = 0;
    end();
}

/* D is set by a write only, and by the first one. */
static void sets_a_and_d(void **state)
{
    (void)state;
    begin();
    pte_t *entry = table_find(&space->table, HERE + PAGES(1));
    pte_clear_bits(entry, PTE_REFERENCED | PTE_DIRTY);
    tlb_flush_user();
    unit_expect_none(space, HERE + PAGES(1), R);
    assert_true(pte_is_referenced(*entry));
    assert_false(pte_is_dirty(*entry));
    unit_expect_none(space, HERE + PAGES(1), W);
    assert_true(pte_is_dirty(*entry));
    end();
}

/* User code reaches nothing of the kernel's half, though it is there. */
static void the_kernel_is_out_of_reach(void **state)
{
    (void)state;
    begin();
    const uintptr_t addresses[] = {0xffff800000000000, 0xffffffff80000000, 0x800000000000,
                                   0xffff7fffffffffff, UINTPTR_MAX,        0x7ffffffff000};
    for (unsigned i = 0; i < ARRAY_SIZE(addresses); i++) {
        assert_null(machine_access(addresses[i], R));
        assert_int_equal(unit_try(space, addresses[i], R), FAULT_NO_REGION);
        assert_int_equal(unit_try(space, addresses[i], W), FAULT_NO_REGION);
    }
    end();
}

/* Rights of all levels are ANDed. */
static void an_upper_entry_can_forbid(void **state)
{
    (void)state;
    begin();
    pte_t *root = frame_data(space->table.root);
    pte_t *upper = &root[table_index(HERE, 4)];
    assert_int_equal(machine_rights(HERE), R | W);
    upper->bits &= ~PTE_WRITABLE;
    assert_int_equal(machine_rights(HERE), R);
    upper->bits &= ~PTE_USER;
    assert_int_equal(machine_rights(HERE), 0);
    upper->bits |= PTE_USER | PTE_WRITABLE;
    end();
}

void test_machine(void)
{
    const struct CMUnitTest the_machine[] = {
        UNIT_TEST(remembers_until_flushed),
        UNIT_TEST(notices_rights_taken_and_not_flushed),
        UNIT_TEST(notices_an_entry_cleared_and_not_flushed),
        UNIT_TEST(notices_another_frame_and_no_flush),
        UNIT_TEST(notices_a_lost_d),
        UNIT_TEST(notices_a_frame_freed_too_soon),
        UNIT_TEST(notices_a_table_freed_too_soon),
        UNIT_TEST(notices_a_root_freed_while_loaded),
        UNIT_TEST(notices_a_name_that_is_an_address),
        UNIT_TEST(sets_a_and_d),
        UNIT_TEST(the_kernel_is_out_of_reach),
        UNIT_TEST(an_upper_entry_can_forbid),
    };
    unit_add(the_machine);
}
