/* tests/host/test_exact.c - a group that is traced: entries that no reference asked for go again,
 * and only those. */
#include "tests/host/unit.h"

static struct space *space;
static struct group *group;

#define COUNT 4u

static uintptr_t at(unsigned page)
{
    return HERE + PAGES(page);
}

static void begin(void)
{
    space = unit_space();
    group = unit_group(space, "fifo", UINT32_MAX);
    unit_map(space, HERE, COUNT, R | W);
    assert_int_equal(reference_tracing_set(group, true), 0);
}

static void end(void)
{
    space_release(space);
    reference_string_end(group);
    unit_group_end(group);
}

/* Entries that are present. */
static unsigned present(struct space *of)
{
    struct page_view view;
    unsigned count = 0;
    for (unsigned page = 0; page < COUNT; page++)
        count += view_page(of, at(page), &view) && pte_is_present(view.pte);
    return count;
}

/* Frames stay where they are. */
static unsigned resident(struct space *of)
{
    unsigned count = 0;
    for (unsigned page = 0; page < COUNT; page++)
        count += space_page_resident(of, at(page)) > 0;
    return count;
}

static void what_is_populated(void **state)
{
    (void)state;
    begin();
    assert_int_equal(space_populate(space, HERE, PAGES(COUNT)), 0);
    assert_int_equal(resident(space), COUNT);
    assert_int_equal(present(space), 0);
    end();
}

/* It stops at a hole: what came before goes back as well. */
static void what_is_populated_in_part(void **state)
{
    (void)state;
    begin();
    assert_int_equal(space_populate(space, HERE, PAGES(COUNT + 1)), -EFAULT);
    assert_int_equal(resident(space), COUNT);
    assert_int_equal(present(space), 0);
    end();
}

static void what_is_wired_no_more(void **state)
{
    (void)state;
    begin();
    assert_int_equal(space_wire(space, HERE, PAGES(COUNT), WIRE), 0);
    assert_int_equal(present(space), COUNT); /* their use is not seen */
    assert_int_equal(space_wire(space, HERE, PAGES(1), UNWIRE), 0);
    assert_int_equal(present(space), COUNT - 1);
    assert_int_equal(space_wire(space, HERE, PAGES(COUNT + 1), UNWIRE), -ENOMEM);
    assert_int_equal(present(space), 0);
    space_wire_all(space, WIRE);
    assert_int_equal(present(space), COUNT);
    space_wire_all(space, UNWIRE);
    assert_int_equal(present(space), 0);
    assert_int_equal(resident(space), COUNT);
    end();
}

/* The child's are taken back; the parent's are of the instruction that it is in. */
static void what_a_child_has(void **state)
{
    (void)state;
    begin();
    for (unsigned page = 0; page < COUNT; page++)
        unit_write(space, at(page), page);
    assert_int_equal(present(space), COUNT); /* by faults: the instruction has not ended */
    struct space *child = space_fork(space);
    assert_non_null(child);
    assert_int_equal(resident(child), COUNT);
    assert_int_equal(present(child), 0);
    assert_int_equal(present(space), COUNT);
    space_release(child);
    end();
}

/* A debugger's copying gives nothing, and takes nothing but what it was given. */
static void what_is_copied_from_outside(void **state)
{
    (void)state;
    begin();
    uint64_t bytes = 5;
    unit_write(space, at(0), 1);
    assert_int_equal(space_copy(space, at(2) + 8, &bytes, sizeof(bytes), W), 0);
    assert_int_equal(space_copy(space, at(3) + 8, &bytes, sizeof(bytes), R), 0);
    assert_int_equal(resident(space), 3);
    assert_int_equal(present(space), 1);
    end();
}

static void who_joins_and_who_leaves(void **state)
{
    (void)state;
    begin();
    struct group *other = group_create();
    assert_non_null(other);
    group_join(space, other);
    for (unsigned page = 0; page < COUNT; page++)
        unit_write(space, at(page), page);
    group_join(space, group);
    assert_int_equal(present(space), 0);
    group_join(space, other);
    assert_int_equal(present(space), COUNT);
    group_join(space, group);
    assert_int_equal(reference_tracing_set(group, false), 0);
    assert_int_equal(present(space), COUNT);
    group_join(space, &groups[GROUP_ALL]);
    assert_int_equal(present(space), COUNT);
    end();
    unit_group_end(other);
}

/* Nothing is given to an instruction of a group that nobody traces, nor is it counted. */
static void nobody_traces(void **state)
{
    (void)state;
    begin();
    assert_int_equal(reference_tracing_set(group, false), 0);
    struct instruction instruction = {.count = 0};
    group_fault_begins(&instruction, space, 1, HERE);
    assert_int_equal(unit_try(space, HERE, R), FAULT_DONE);
    assert_false(group_fault_served(&instruction, space, HERE, R, &unit_report));
    assert_int_equal(instruction.count, 0);
    assert_int_equal(reference_string_next(group), 0);
    end();
}

void test_exact(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(what_is_populated),
        UNIT_TEST(what_is_populated_in_part),
        UNIT_TEST(what_is_wired_no_more),
        UNIT_TEST(what_a_child_has),
        UNIT_TEST(what_is_copied_from_outside),
        UNIT_TEST(who_joins_and_who_leaves),
        UNIT_TEST(nobody_traces),
    };
    unit_add(tests);
}
