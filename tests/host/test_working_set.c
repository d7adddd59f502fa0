/* tests/host/test_working_set.c - working sets: ages, samples, names that remember, and the
 * textbook's string in references. */
#include "mm/address_spaces/space_resident.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/harvest.h"
#include "mm/working_sets/working_set.h"
#include "tests/host/unit.h"

static struct space *space;

static void begin(unsigned count)
{
    space = unit_space();
    unit_map(space, HERE, count, R | W);
}

static void touch(unsigned from, unsigned end)
{
    for (unsigned i = from; i < end; i++)
        unit_write(space, HERE + PAGES(i), i);
}

static void samples(unsigned count)
{
    while (count-- > 0)
        working_set_sample(space, false);
}

static void what_is_touched_belongs_to_it(void **state)
{
    (void)state;
    begin(20);
    assert_int_equal(working_set_count(space), 0);
    touch(0, 12);
    assert_int_equal(working_set_count(space), 12); /* before any sample */
    samples(1);
    assert_int_equal(space->working_set, 12);
    assert_false(machine_remembers(HERE)); /* or A would not be set again */
    space_release(space);
}

/* Used in the period that ends with a sample, a page belongs to the set for the whole
 * window, and not a period longer. */
static void it_leaves_after_the_window(void **state)
{
    (void)state;
    begin(20);
    touch(0, 12);
    samples(WORKING_SET_PERIODS);
    assert_int_equal(space->working_set, 12);
    touch(0, 3);
    samples(1);
    assert_int_equal(space->working_set, 3);
    samples(WORKING_SET_PERIODS - 1);
    assert_int_equal(space->working_set, 3);
    samples(20); /* and stays away */
    assert_int_equal(space->working_set, 0);
    assert_int_equal(working_set_count(space), 0);
    touch(5, 6);
    assert_int_equal(working_set_count(space), 1);
    space_release(space);
}

static void nobody_loses_a_bit(void **state)
{
    (void)state;
    begin(4);
    struct group *group = unit_group(space, "clock", 100);
    touch(0, 2);
    struct frame *frame = frame_get(unit_frame(space, HERE));
    samples(1); /* what a sample takes, the policy is told */
    assert_true(frame->referenced && frame->recent);
    unit_read(space, HERE);
    group_tick(group); /* what a tick takes, the next sample knows */
    samples(WORKING_SET_PERIODS);
    assert_int_equal(space->working_set, 1);
    assert_int_equal(pte_age(*table_find(&space->table, HERE)), WORKING_SET_PERIODS);
    space_release(space);
    unit_group_end(group);
}

static void what_is_evicted_still_belongs(void **state)
{
    (void)state;
    unit_swap(20);
    begin(10);
    struct group *group = unit_group(space, "fifo", 100);
    touch(0, 10);
    samples(2);
    touch(4, 5);
    assert_int_equal(group_reclaim(group, 10), 10);
    assert_int_equal(space_resident(space), 0);
    assert_int_equal(working_set_count(space), 10);
    samples(WORKING_SET_PERIODS - 2);
    assert_int_equal(space->working_set, 10);
    samples(1);
    assert_int_equal(space->working_set, 1); /* the one that was used last */
    unit_read(space, HERE);
    assert_int_equal(working_set_count(space), 2);
    space_release(space);
    unit_group_end(group);
}

/* It has used nothing yet; and what it does is not its parent's doing. */
static void a_child_begins_without_one(void **state)
{
    (void)state;
    begin(6);
    touch(0, 6);
    samples(WORKING_SET_PERIODS);
    struct space *child = space_fork(space);
    assert_int_equal(working_set_count(child), 0);
    assert_int_equal(working_set_count(space), 6);
    space_load(child);
    unit_read(child, HERE);
    unit_write(child, HERE + PAGES(1), 1);
    working_set_sample(child, false);
    assert_int_equal(child->working_set, 2);
    space_release(child);
    space_load(space);
    samples(1);
    assert_int_equal(space->working_set, 0);
    space_release(space);
}

static void zeroes_need_no_frame(void **state)
{
    (void)state;
    begin(6);
    for (unsigned i = 0; i < 6; i++)
        unit_read(space, HERE + PAGES(i));
    samples(1);
    assert_int_equal(space->working_set, 0);
    space_release(space);
}

/* --- In references ------------------------------------------------------------------------- */

/* One instruction that reads one page, in exact mode. */
static void refer(uintptr_t address)
{
    static uint64_t at;
    struct instruction instruction = {.count = 0};
    struct fault_report report;
    group_fault_begins(&instruction, space, ++at, address);
    assert_int_equal(fault_handle(space, address, ACCESS_READ, &report), FAULT_DONE);
    group_fault_served(&instruction, space, address, ACCESS_READ, &report);
    group_instruction_ends(&instruction, space);
}

static const char book[] = "26157777516234123444343444132344434443";

/* The pages of the window, as digits in order. */
static const char *window(const struct group *group, uint32_t references)
{
    static char pages_[16];
    bool in[10] = {false};
    struct reference reference;
    unsigned count = 0;
    for (uint64_t at = 0; working_set_next(group, references, &at, &reference);) {
        unsigned page = (unsigned)((reference.address - HERE) / PAGE_SIZE);
        assert_false(in[page]); /* each once */
        in[page] = true;
    }
    for (unsigned i = 0; i < 10; i++)
        if (in[i])
            pages_[count++] = (char)('0' + i);
    pages_[count] = '\0';
    return pages_;
}

static void the_books_windows(void **state)
{
    (void)state;
    begin(10);
    struct group *group = unit_group(space, "lru", UINT32_MAX);
    assert_int_equal(reference_tracing_set(group, true), 0);
    assert_string_equal(window(group, 10), "");
    for (unsigned i = 0; book[i] != '\0'; i++) {
        refer(HERE + PAGES((unsigned)(book[i] - '0')));
        if (i == 9)
            assert_string_equal(window(group, 10), "12567");
        if (i == 25)
            assert_string_equal(window(group, 10), "34");
        if (i == 4)
            assert_string_equal(window(group, 10), "12567"); /* fewer than there could be */
    }
    assert_string_equal(window(group, 1), "3");
    assert_int_equal(reference_tracing_set(group, false), 0);
    space_release(space);
    reference_string_end(group);
    unit_group_end(group);
}

void test_working_set(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(what_is_touched_belongs_to_it),
        UNIT_TEST(it_leaves_after_the_window),
        UNIT_TEST(nobody_loses_a_bit),
        UNIT_TEST(what_is_evicted_still_belongs),
        UNIT_TEST(a_child_begins_without_one),
        UNIT_TEST(zeroes_need_no_frame),
        UNIT_TEST(the_books_windows),
    };
    unit_add(tests);
}
