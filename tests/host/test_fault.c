/* tests/host/test_fault.c - the fault, kind by kind, with exact counts. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object.h"
#include "mm/frame_allocation/groups.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "mm/trace.h"
#include "tests/host/unit.h"

#include <string.h>

static void zero_fill(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_expect_kind(space, HERE + 24, W, FAULT_ZERO_FILL);
    unit_claim(!unit_report.major, "a zero-fill reads no device: it is minor");
    unit_claim(page_same(unit_report.page, unit_page(space, HERE)) &&
                   frame_same(unit_report.frame, unit_frame(space, HERE)),
               "the report names the page and the frame that are mapped now");
    unit_claim_equal(page_get(unit_report.page)->holders, 1, "holders of a new page");
    unit_expect_none(space, HERE + 4000, R);
    unit_expect_none(space, HERE, W);
    unit_claim_sees(space, HERE, 0, "what is seen of new memory");
    unit_claim_equal(space_resident(space), 1, "resident pages, one of two being touched");
    space_release(space);
}

static void zero_page_then_zero_fill(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    unit_read(space, HERE + PAGES(1)); /* the tables are there */
    uint32_t before = frame_counts.free;
    unit_expect_kind(space, HERE, R, FAULT_ZERO_PAGE);
    unit_claim_equal(frame_counts.free, before,
                     "free frames, after untouched memory is read");
    unit_claim(frame_same(unit_report.frame, zero_frame),
               "it is the zero page that is read");
    unit_claim(!page_is(unit_report.page), "the zero page is nobody's");
    unit_claim_equal(machine_rights(HERE), R, "rights to the zero page");
    unit_claim_equal(space_resident(space), 0, "resident pages, none being written");
    unit_expect_kind(space, HERE, W, FAULT_ZERO_FILL);
    unit_claim_equal(frame_counts.free, before - 1, "free frames, after the first write");
    unit_claim(!frame_same(unit_frame(space, HERE), zero_frame),
               "what is written is a frame of its own");
    unit_claim_equal(space_resident(space), 1, "resident pages, one being written");
    space_release(space);
}

/* In a group with a limit a page that is read counts, too. */
static void no_zero_page_under_a_limit(void **state)
{
    (void)state;
    struct group *group = group_create();
    assert_int_equal(group_limit(group, 3), 0);
    struct space *space = unit_space();
    space->group = group_index(group);
    unit_map(space, HERE, 2, R | W);
    unit_expect_kind(space, HERE, R, FAULT_ZERO_FILL);
    unit_claim_equal(group->charged, 1,
                     "frames of a group with a limit, one page being read");
    space_release(space);
    unit_claim_equal(group->charged, 0, "frames of the group, its program having ended");
    group_destroy(group, &groups[GROUP_ALL]);
}

static void refusals(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R);
    unit_map(space, HERE + PAGES(1), 1, 0);
    unit_map(space, HERE + PAGES(2), 1, R | X);
    unit_map(space, HERE + PAGES(3), 1, W);
    unit_map(space, HERE + PAGES(4), 1, X);
    uint64_t invalid = fault_totals.kind[FAULT_INVALID];
    const struct {
        unsigned page, access;
        enum fault_result result;
    } cases[] = {
        {0, R, FAULT_DONE},      {0, W, FAULT_NO_ACCESS}, {0, X, FAULT_NO_ACCESS},
        {1, R, FAULT_NO_ACCESS}, {1, W, FAULT_NO_ACCESS}, {1, X, FAULT_NO_ACCESS},
        {2, R, FAULT_DONE},      {2, X, FAULT_DONE},      {2, W, FAULT_NO_ACCESS},
        {3, R, FAULT_DONE},      {3, W, FAULT_DONE},      {3, X, FAULT_NO_ACCESS},
        {4, R, FAULT_DONE},      {4, X, FAULT_DONE},      {4, W, FAULT_NO_ACCESS},
        {5, R, FAULT_NO_REGION}, {5, W, FAULT_NO_REGION}, {5, X, FAULT_NO_REGION},
    };
    static const char *const rights[] = {
        "may be read",
        "grants nothing",
        "may be read and executed",
        "may be written, so read, too",
        "may be executed, so read, too",
        "is in no region",
    };
    static const char *const tries[] = {
        [R] = "reading", [W] = "writing", [X] = "executing"};
    unsigned refused = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        enum fault_result result =
            unit_try(space, HERE + PAGES(cases[i].page), cases[i].access);
        unit_claim_equal(result, cases[i].result, "answer to case %u: %s a page that %s", i,
                         tries[cases[i].access], rights[cases[i].page]);
        refused += result != FAULT_DONE;
        unit_claim(result == FAULT_DONE || unit_report.kind == FAULT_INVALID,
                   "a fault that is refused is of kind invalid");
    }
    unit_claim_equal(fault_totals.kind[FAULT_INVALID], invalid + refused,
                     "faults counted as invalid");
    unit_claim_equal(unit_try(space, 0, R), FAULT_NO_REGION,
                     "answer to a read of address 0");
    unit_claim_equal(unit_try(space, HERE - 1, R), FAULT_NO_REGION,
                     "answer to a read of the last byte before a region");
    space_release(space);
}

static void a_file_page_is_read_once(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, PAGES(3), PAGES(2) + 100);
    struct space *space = unit_space();
    unit_map_object(space, HERE, 4, R | X, false, object, 0);
    uint64_t requests = host_device.requests;
    unit_expect_kind(space, HERE + PAGES(1), R, FAULT_FILE);
    unit_claim(unit_report.major, "a page read from the device is a major fault");
    unit_claim_equal(host_device.requests, requests + 1,
                     "requests to the device, by one page");
    uint64_t expected = *(uint64_t *)&host_device_bytes[PAGES(4) + 8];
    unit_claim_sees(space, HERE + PAGES(1) + 8, expected, "what is seen of the file");
    unit_expect_none(space, HERE + PAGES(1), X);

    struct space *other = unit_space();
    unit_map_object(other, HERE, 4, R, false, object, 1);
    unit_expect_kind(other, HERE, R, FAULT_FILE);
    unit_claim(!unit_report.major, "a file's page that is resident is a minor fault");
    unit_claim(page_same(unit_page(space, HERE + PAGES(1)), unit_page(other, HERE)),
               "two programs see the same page of a file");
    unit_claim_equal(host_device.requests, requests + 1,
                     "requests, when another sees the page");
    space_release(other);
    space_release(space);
    object_release(object);
}

/* The last page is partly the file's, then zeroes; the page after it is not there. */
static void the_end_of_a_file(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, 0, PAGES(1) + 12);
    struct space *space = unit_space();
    unit_map_object(space, HERE, 3, R | W, false, object, 0);
    uint64_t first = *(uint64_t *)&host_device_bytes[PAGES(1)];
    uint64_t second = *(uint32_t *)&host_device_bytes[PAGES(1) + 8];
    unit_claim_sees(space, HERE + PAGES(1), first, "the file's last page");
    unit_claim_sees(space, HERE + PAGES(1) + 8, second,
                    "the file's last bytes, then zeroes");
    unit_claim_sees(space, HERE + PAGES(2) - 8, 0, "the rest of the file's last page");
    unit_claim_equal(unit_try(space, HERE + PAGES(2), R), FAULT_BEYOND_END,
                     "answer to a read beyond the file's end");
    unit_claim_equal(unit_try(space, HERE + PAGES(2), W), FAULT_BEYOND_END,
                     "answer to a write beyond the file's end");
    space_release(space);
    object_release(object);
}

static void a_private_write_copies_the_files_page(void **state)
{
    (void)state;
    struct object *object = object_create(&host_device, 0, PAGES(2));
    struct space *space = unit_space();
    unit_map_object(space, HERE, 2, R | W, false, object, 0);
    /* read first, then write: the entry changes frames */
    uint64_t before = unit_read(space, HERE);
    frame_t from = unit_frame(space, HERE);
    unit_claim_equal(machine_rights(HERE), R, "rights to a file's page in private memory");
    unit_expect_kind(space, HERE, W, FAULT_COPY);
    unit_claim(frame_same(unit_report.from, from), "the copy is of the file's frame");
    unit_claim(!frame_same(unit_report.frame, from), "the copy is in another frame");
    unit_claim(frame_get(unit_report.frame)->dirty,
               "a copy is dirty: nothing else holds it");
    unit_claim_sees(space, HERE, before, "what is seen of the copy");
    unit_write(space, HERE, 77);
    /* write at once */
    unit_expect_kind(space, HERE + PAGES(1), W, FAULT_COPY);
    unit_claim(unit_report.major, "to be copied, the file's page is read first");
    unit_write(space, HERE + PAGES(1), 78);
    unit_claim_equal(*(uint64_t *)frame_data(object_peek(object, 0)), before,
                     "the file's own bytes, after a private write");
    unit_claim_equal(page_get(frame_get(object_peek(object, 0))->page)->holders, 1,
                     "holders of the file's page: the file, and not who has a copy");
    space_release(space);
    object_release(object);
}

/* Right to write given to a page that has not been written: no copy until the write. */
static void spurious(void **state)
{
    (void)state;
    machine_mood = MACHINE_FAULTS;
    struct space *space = unit_space();
    unit_map(space, HERE, 1, R | W);
    unit_write(space, HERE, 1);
    assert_int_equal(space_protect(space, HERE, PAGES(1), R), 0);
    unit_read(space, HERE);
    assert_true(machine_remembers(HERE));
    assert_int_equal(space_protect(space, HERE, PAGES(1), R | W), 0);
    assert_true(machine_remembers(HERE)); /* an upgrade need not be flushed */
    unit_expect_kind(space, HERE, W, FAULT_SPURIOUS);
    unit_expect_none(space, HERE, W);
    space_release(space);
}

static void discarded_memory_is_zero_again(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct object *object = object_create(&host_device, 0, PAGES(1));
    unit_map(space, HERE, 3, R | W);
    unit_map_object(space, HERE + PAGES(3), 1, R | W, false, object, 0);
    for (unsigned i = 0; i < 4; i++)
        unit_write(space, HERE + PAGES(i), 5);
    assert_int_equal(space_discard(space, HERE + PAGES(1), PAGES(3), true), 0);
    unit_claim_sees(space, HERE, 5, "the page before those discarded");
    unit_expect_kind(space, HERE + PAGES(1), R, FAULT_ZERO_PAGE);
    unit_expect_kind(space, HERE + PAGES(2), W, FAULT_ZERO_FILL);
    unit_claim_sees(space, HERE + PAGES(2), 0, "a page that was discarded");
    unit_expect_kind(space, HERE + PAGES(3), R, FAULT_FILE);
    unit_claim_sees(space, HERE + PAGES(3), *(uint64_t *)host_device_bytes,
                    "the file's page, whose copy was discarded");
    assert_int_equal(space_discard(space, HERE + PAGES(3), PAGES(2), true), -ENOMEM);
    space_release(space);
    object_release(object);
}

/* A frame that was somebody else's shows nothing of it: all of memory is written, given
 * up, and taken again. */
static void new_memory_is_zero(void **state)
{
    (void)state;
    const unsigned count = 1500;
    for (unsigned round = 0; round < 2; round++) {
        struct space *space = unit_space();
        unit_map(space, HERE, count, R | W);
        for (unsigned i = 0; i < count; i++) {
            unit_write(space, HERE + PAGES(i), 0);
            char *data = frame_data(unit_frame(space, HERE + PAGES(i)));
            unit_claim(memcmp(data, frame_data(zero_frame), PAGE_SIZE) == 0,
                       "new memory is zeroes: page %u holds what somebody left", i);
            memset(data, 0xff, PAGE_SIZE);
        }
        space_release(space);
    }
}

static void residence_is_told(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(2));
    unit_map(space, HERE, 2, R | W);
    unit_map_object(space, HERE + PAGES(2), 2, R | W, true, object, 0);
    unit_write(space, HERE, 1);
    unit_write(space, HERE + PAGES(2), 1);
    const int expected[] = {1, 0, 1, 0, -ENOMEM};
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++)
        assert_int_equal(space_page_resident(space, HERE + PAGES(i)), expected[i]);
    assert_int_equal(space_discard(space, HERE + PAGES(2), PAGES(1), true), 0);
    assert_int_equal(space_page_resident(space, HERE + PAGES(2)), 1);
    assert_int_equal(space_resident(space), 1);
    unit_read(space, HERE + PAGES(2));
    assert_int_equal(space_resident(space), 2);
    space_release(space);
    object_release(object);
}

static void populating_saves_the_faults(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 8, R | W);
    unit_map(space, HERE + PAGES(8), 2, R);
    space_populate(space, HERE, PAGES(12)); /* stops at the hole */
    for (unsigned i = 0; i < 8; i++)
        unit_expect_none(space, HERE + PAGES(i), W);
    unit_expect_none(space, HERE + PAGES(9), R);
    space_release(space);
}

static unsigned events[16], event_count;

static void event_note(const struct trace_record *record)
{
    if (record->event <= TRACE_DONE && event_count < ARRAY_SIZE(events))
        events[event_count++] = record->event;
}

static void expect_events(const unsigned *expected, unsigned count)
{
    if (event_count != count)
        for (unsigned i = 0; i < event_count; i++)
            print_message("event %u\n", events[i]);
    assert_int_equal(event_count, count);
    assert_memory_equal(events, expected, count * sizeof(*expected));
    event_count = 0;
}

static void each_step_leaves_a_trace(void **state)
{
    (void)state;
    struct space *space = unit_space();
    unit_map(space, HERE, 2, R | W);
    trace_on = true;
    host_trace = event_note;
    event_count = 0;
    unit_read(space, HERE);
    const unsigned zero_page[] = {TRACE_FAULT, TRACE_REGION,  TRACE_PTE, TRACE_PAGE,
                                  TRACE_FILL,  TRACE_INSTALL, TRACE_DONE};
    expect_events(zero_page, ARRAY_SIZE(zero_page));
    unit_write(space, HERE, 1);
    const unsigned copy[] = {TRACE_FAULT,   TRACE_REGION,  TRACE_PTE, TRACE_PAGE,
                             TRACE_UNSHARE, TRACE_INSTALL, TRACE_DONE};
    expect_events(copy, ARRAY_SIZE(copy));
    unit_write(space, HERE + PAGES(1), 1);
    const unsigned zero_fill[] = {TRACE_FAULT, TRACE_REGION,  TRACE_PTE, TRACE_PAGE,
                                  TRACE_FILL,  TRACE_INSTALL, TRACE_DONE};
    expect_events(zero_fill, ARRAY_SIZE(zero_fill));
    unit_try(space, HERE, X);
    const unsigned refused[] = {TRACE_FAULT, TRACE_REGION, TRACE_DONE};
    expect_events(refused, ARRAY_SIZE(refused));
    trace_on = false;
    host_trace = NULL;
    space_release(space);
}

void test_fault(void)
{
    const struct CMUnitTest faults[] = {
        UNIT_TEST(zero_fill),
        UNIT_TEST(zero_page_then_zero_fill),
        UNIT_TEST(no_zero_page_under_a_limit),
        UNIT_TEST(refusals),
        UNIT_TEST(a_file_page_is_read_once),
        UNIT_TEST(the_end_of_a_file),
        UNIT_TEST(a_private_write_copies_the_files_page),
        UNIT_TEST(spurious),
        UNIT_TEST(discarded_memory_is_zero_again),
        UNIT_TEST(new_memory_is_zero),
        UNIT_TEST(residence_is_told),
        UNIT_TEST(populating_saves_the_faults),
        UNIT_TEST(each_step_leaves_a_trace),
    };
    unit_add(faults);
}
