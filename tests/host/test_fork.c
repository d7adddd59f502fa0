/* tests/host/test_fork.c - copy-on-write, from both sides and to the last owner. */
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_map.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frames/queue.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/table.h"
#include "tests/host/unit.h"

static struct space *parent;

static struct space *fork_of(struct space *space)
{
    struct space *child = space_fork(space);
    unit_claim(child != NULL, "fork succeeds: there is memory enough");
    return child;
}

static void begin(unsigned pages)
{
    parent = unit_space();
    unit_map(parent, HERE, pages, R | W);
    for (unsigned i = 0; i < pages; i++)
        unit_write(parent, HERE + PAGES(i), 100 + i);
}

static void fork_copies_no_page(void **state)
{
    (void)state;
    begin(20);
    uint32_t before = frame_counts.free, pages_before = page_count;
    struct space *child = fork_of(parent);
    unit_claim_equal(page_count, pages_before, "pages, after a fork of 20");
    uint32_t frames = before - frame_counts.free;
    unit_claim(frames >= child->table.frames && frames <= child->table.frames + 2,
               "fork takes frames for %u tables and two slabs at most: %u",
               child->table.frames, frames);
    for (unsigned i = 0; i < 20; i++) {
        unit_claim(page_same(unit_page(parent, HERE + PAGES(i)),
                             unit_page(child, HERE + PAGES(i))),
                   "parent and child see the same page %u", i);
        unit_claim_equal(page_get(unit_page(child, HERE + PAGES(i)))->holders, 2,
                         "holders of page %u, the parent's entry and the child's", i);
    }
    unit_claim_equal(child->promised, parent->promised, "bytes promised to the child");
    unit_claim(child->id != parent->id, "the child's space has a number of its own");
    space_release(child);
    space_release(parent);
}

/* The parent's processor remembers that it could write. */
static void the_parent_is_flushed(void **state)
{
    (void)state;
    begin(1);
    assert_true(machine_remembers(HERE));
    struct space *child = fork_of(parent);
    unit_claim(!machine_remembers(HERE),
               "the parent's processor has forgotten (flush) that it could write");
    unit_expect_kind(parent, HERE, W, FAULT_COPY);
    unit_claim_sees(child, HERE, 100, "the child's byte, after the parent's write");
    space_release(child);
    space_release(parent);
}

/* And if there is much to flush, all is. */
static void the_parent_is_flushed_of_many(void **state)
{
    (void)state;
    begin(3 * TLB_FLUSH_MAX);
    uint64_t all = machine_counts.flushes_all;
    struct space *child = fork_of(parent);
    unit_claim_equal(machine_counts.flushes_all, all + 1, "flushes of all translations");
    machine_check();
    space_release(child);
    space_release(parent);
}

static void child_writes_parent_keeps(void **state)
{
    (void)state;
    begin(2);
    struct space *child = fork_of(parent);
    unit_expect_none(child, HERE, R);
    frame_t shared = unit_frame(child, HERE);
    unit_expect_kind(child, HERE, W, FAULT_COPY);
    unit_claim(frame_same(unit_report.from, shared), "the copy is of the shared frame");
    unit_write(child, HERE, 7);
    unit_claim(frame_same(unit_frame(parent, HERE), shared), "the parent keeps its frame");
    unit_claim_sees(parent, HERE, 100, "what the parent sees, after the child's write");
    unit_claim_sees(child, HERE, 7, "what the child sees of its own write");
    /* the other is the last owner now: no copy */
    unit_expect_kind(parent, HERE, W, FAULT_REUSE);
    unit_claim(frame_same(unit_frame(parent, HERE), shared),
               "the last owner keeps the frame, and copies nothing");
    unit_write(parent, HERE, 8);
    unit_claim_sees(child, HERE, 7, "what the child sees, after the parent's write");
    unit_expect_none(parent, HERE, W);
    space_release(child);
    space_release(parent);
}

static void parent_writes_child_keeps(void **state)
{
    (void)state;
    begin(2);
    struct space *child = fork_of(parent);
    frame_t shared = unit_frame(parent, HERE);
    unit_expect_kind(parent, HERE, W, FAULT_COPY);
    unit_write(parent, HERE, 7);
    unit_claim_sees(child, HERE, 100, "what the child sees, after the parent's write");
    unit_claim(frame_same(unit_frame(child, HERE), shared), "the child keeps the frame");
    unit_expect_kind(child, HERE, W, FAULT_REUSE);
    unit_claim(frame_same(unit_frame(child, HERE), shared),
               "the last owner keeps the frame, and copies nothing");
    space_release(child);
    space_release(parent);
}

static void the_last_owner_reuses(void **state)
{
    (void)state;
    begin(2);
    struct space *child = fork_of(parent), *grandchild = fork_of(child);
    frame_t shared = unit_frame(parent, HERE);
    unit_claim_equal(page_get(unit_page(parent, HERE))->holders, 3,
                     "holders of a page of parent, child and grandchild");
    space_release(child);
    unit_expect_kind(parent, HERE, W, FAULT_COPY);
    unit_expect_kind(grandchild, HERE, W, FAULT_REUSE);
    unit_claim(frame_same(unit_frame(grandchild, HERE), shared),
               "the last owner keeps the frame, and copies nothing");
    space_release(grandchild);
    unit_expect_kind(parent, HERE + PAGES(1), W, FAULT_REUSE);
    space_release(parent);
}

/* What neither had touched is nobody's: each gets its own. */
static void untouched_memory_is_not_shared(void **state)
{
    (void)state;
    parent = unit_space();
    unit_map(parent, HERE, 2, R | W);
    unit_read(parent, HERE);
    struct space *child = fork_of(parent);
    unit_expect_none(child, HERE, R);
    unit_expect_kind(child, HERE, W, FAULT_ZERO_FILL);
    unit_expect_kind(parent, HERE, W, FAULT_ZERO_FILL);
    unit_expect_kind(child, HERE + PAGES(1), W, FAULT_ZERO_FILL);
    unit_write(child, HERE + PAGES(1), 1);
    unit_claim_sees(
        parent, HERE + PAGES(1), 0,
        "what the parent sees where the child wrote, of memory untouched before");
    space_release(child);
    space_release(parent);
}

/* What the parent's accesses set in its entries says nothing of the child's. */
static void a_and_d_are_not_inherited(void **state)
{
    (void)state;
    begin(1);
    struct object *object = object_create(NULL, 0, PAGES(1));
    unit_map_object(parent, 2 * HERE, 1, R | W, true, object, 0);
    unit_write(parent, 2 * HERE, 1);
    struct space *child = fork_of(parent);
    const uintptr_t addresses[] = {HERE, 2 * HERE};
    for (unsigned i = 0; i < ARRAY_SIZE(addresses); i++) {
        pte_t entry = *table_find(&child->table, addresses[i]);
        unit_claim(!pte_is_dirty(entry) && !pte_is_referenced(entry),
                   "A and D are clear in the child's entry: it has used nothing yet");
        entry = *table_find(&parent->table, addresses[i]);
        unit_claim(pte_is_dirty(entry) && pte_is_referenced(entry),
                   "A and D stay set in the parent's entry");
    }
    space_release(child);
    space_release(parent);
    object_release(object);
}

static void shared_memory_stays_shared(void **state)
{
    (void)state;
    parent = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(2));
    unit_map_object(parent, HERE, 2, R | W, true, object, 0);
    unit_write(parent, HERE, 1);
    struct space *child = fork_of(parent);
    unit_expect_none(child, HERE, W);
    unit_write(child, HERE, 2);
    unit_claim_sees(parent, HERE, 2,
                    "what the parent sees, after a write to shared memory");
    unit_write(child, HERE + PAGES(1), 3);
    unit_claim_sees(parent, HERE + PAGES(1), 3,
                    "what the parent sees of shared memory that the child touched first");
    space_release(child);
    space_release(parent);
    object_release(object);
}

/* A child that writes 100 of 1,000 inherited pages takes 100 faults, reading them none. */
static void a_thousand_pages(void **state)
{
    (void)state;
    begin(1000);
    struct space *child = fork_of(parent);
    struct fault_totals before = fault_totals;
    for (unsigned i = 0; i < 1000; i++)
        unit_claim_sees(child, HERE + PAGES(i), 100 + i, "the child's page %u", i);
    for (unsigned i = 0; i < 1000; i += 10)
        unit_write(child, HERE + PAGES(i), i);
    before.kind[FAULT_COPY] += 100;
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
        unit_claim_equal(fault_totals.kind[kind], before.kind[kind],
                         "faults of kind %s, when 1,000 pages are read and 100 written",
                         fault_kind_names[kind]);
    unit_claim_equal(fault_totals.major, before.major, "major faults");
    space_release(child);
    space_release(parent);
}

static void rights_and_names_are_inherited(void **state)
{
    (void)state;
    begin(3);
    assert_int_equal(space_protect(parent, HERE + PAGES(1), PAGES(1), 0), 0);
    assert_int_equal(space_protect(parent, HERE + PAGES(2), PAGES(1), R | X), 0);
    struct space *child = fork_of(parent);
    assert_int_equal(unit_try(child, HERE + PAGES(1), R), FAULT_NO_ACCESS);
    assert_int_equal(page_get(unit_page(child, HERE + PAGES(1)))->holders, 2);
    assert_int_equal(space_protect(child, HERE + PAGES(1), PAGES(1), R | W), 0);
    unit_expect_kind(child, HERE + PAGES(1), R, FAULT_RESIDENT);
    assert_int_equal(unit_read(child, HERE + PAGES(1)), 101);
    unit_expect_kind(child, HERE + PAGES(1), W, FAULT_COPY);
    unit_expect_none(child, HERE + PAGES(2), X);
    assert_int_equal(unit_try(child, HERE + PAGES(2), W), FAULT_NO_ACCESS);
    assert_int_equal(space_protect(parent, HERE + PAGES(1), PAGES(1), R | W), 0);
    unit_expect_kind(parent, HERE + PAGES(1), W, FAULT_RESIDENT);
    assert_int_equal(unit_read(parent, HERE + PAGES(1)), 101);
    space_release(child);
    space_release(parent);
}

static void heap_and_stack_are_inherited(void **state)
{
    (void)state;
    begin(1);
    parent->heap_start = parent->heap_end = 2 * HERE;
    parent->stack_most = 3 * HERE;
    parent->data_limit = PAGES(50);
    parent->promised_limit = PAGES(500);
    space_heap(parent, 2 * HERE + PAGES(2));
    struct space *child = fork_of(parent);
    assert_int_equal(child->heap_end, 2 * HERE + PAGES(2));
    assert_int_equal(child->stack_most, 3 * HERE);
    assert_int_equal(child->data_limit, PAGES(50));
    assert_int_equal(child->promised_limit, PAGES(500));
    assert_int_equal(child->table.resident_bound, parent->table.resident_bound);
    assert_int_equal(space_heap(child, 2 * HERE).now, 2 * HERE);
    unit_write(parent, 2 * HERE, 1);
    space_release(child);
    space_release(parent);
}

/* Whichever frame is missing: no child, and the parent is as it was. */
static void fork_fails_whole(void **state)
{
    (void)state;
    begin(4);
    unit_map(parent, 0x8000000000, 1, R | W);
    unit_write(parent, 0x8000000000, 5);
    unsigned nth = 1;
    for (;; nth++) {
        frame_fail_after = nth;
        struct space *child = space_fork(parent);
        if (child != NULL) {
            space_release(child);
            break;
        }
        unit_claim(audit() == 0, "all holds after a fork that missed its frame %u: %s", nth,
                   host_message);
        for (unsigned i = 0; i < 4; i++)
            unit_write(parent, HERE + PAGES(i), 100 + i);
        unit_claim_sees(parent, 0x8000000000, 5,
                        "the parent's byte, after a fork that failed");
    }
    frame_fail_after = 0;
    unit_claim(nth >= 9 && nth <= 16,
               "fork takes a root, eight tables, and slabs: it failed %u times", nth - 1);
    space_release(parent);
}

static struct space *born;
static bool forked;

static void fork_late(struct thread *self)
{
    born = space_fork(self->space);
    forked = true;
}

/* Whoever forks may have to wait for frames for the tables; another thread of the same
 * program goes on meanwhile, and the child is what the program is at the end of it. */
static void fork_waits_for_its_tables(void **state)
{
    (void)state;
    static frame_t taken[UNIT_FRAMES];
    unsigned count = 0;
    begin(1);
    parent->heap_start = parent->heap_end = 2 * HERE;
    while (frame_counts.free > frame_watermarks.reserve + 7)
        taken[count++] = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
    struct space *other =
        unit_space(); /* the one to be chosen, should somebody have to go */
    parent->essential = true;
    space_load(parent);
    forked = false;
    struct thread *thread = thread_create(parent, fork_late);
    thread_resume(thread);
    assert_false(forked);
    struct group *group = group_create();
    group_join(parent, group);
    assert_int_equal(space_heap(parent, 2 * HERE + PAGES(3)).now, 2 * HERE + PAGES(3));
    uint32_t asked = parent->table.frames + 3;
    for (unsigned i = 0; i < 60; i++)
        frame_free(taken[--count]);
    for (unsigned i = 1; i < 8; i++) { /* more tables than it has waited for */
        unit_map(parent, HERE + i * TABLE_SPAN, 1, R | W);
        unit_write(parent, HERE + i * TABLE_SPAN, i);
    }
    while (frame_counts.free > frame_watermarks.reserve + asked)
        taken[count++] = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
    thread_resume(thread); /* what it has waited for is there, and does not do any more */
    assert_false(forked);
    for (unsigned i = 0; i < 60; i++)
        frame_free(taken[--count]);
    while (!forked)
        host_step();
    assert_non_null(born);
    assert_int_equal(born->heap_end, parent->heap_end);
    assert_int_equal(born->group, group_index(group));
    assert_int_equal(born->table.frames, parent->table.frames);
    assert_int_equal(audit(), 0);
    while (count > 0)
        frame_free(taken[--count]);
    space_release(born);
    space_release(other);
    space_release(parent);
    group_destroy(group, &groups[GROUP_ALL]);
}

/* --- A file that is cut in the middle ----------------------------------------------------- */

#define COPIES 450u /* pages, each a region: the fork pauses among them */

static struct object *file;

static void file_cut(struct thread *self)
{
    (void)self;
    assert_int_equal(object_resize(file, 0), 0);
}

/* All of one table: copies of the file's page, and behind them one of the parent's own. */
static void copies_begin(void)
{
    file = object_create(NULL, 0, PAGES(1));
    parent = unit_space();
    for (unsigned i = 0; i < COPIES; i++) {
        uintptr_t page = HERE + PAGES(i);
        unit_map_object(parent, page, 1, R | W, false, file, 0);
        unit_write(parent, page, i);
    }
    unit_map(parent, HERE + PAGES(COPIES), 1, R | W);
    unit_write(parent, HERE + PAGES(COPIES), 77);
}

static void copies_end(void)
{
    space_release(born);
    space_release(parent);
    object_release(file);
}

/* Whether a turn was over in the middle of the fork is up to chance. */
static bool fork_pauses(void)
{
    copies_begin();
    forked = false;
    host_turns_kept = 0;
    space_load(parent);
    thread_resume(thread_create(parent, fork_late));
    host_turns_kept = 1;
    if (forked)
        copies_end();
    return !forked;
}

/* The frame of the table that has the entry of HERE. FRAME_NONE: there is none. */
static frame_t table_here(const struct space *space)
{
    mm_lock();
    const pte_t *entry = table_find(&space->table, HERE);
    mm_unlock();
    return entry != NULL ? frame_of_data(entry) : FRAME_NONE;
}

#define BEFORE_IT \
    3 /* frames that a new space takes before its last table: the root, two tables */

static frame_t taken[UNIT_FRAMES];
static unsigned taken_count;

/* Is it to be taken next but so many? */
static bool is_next_but(frame_t table, unsigned count)
{
    frame_t at = frame_list(FRAME_LIST_ZEROED)->head;
    for (; frame_is(at) && count > 0; count--)
        at = frame_get(at)->next;
    return frame_is(at) && frame_same(at, table);
}

/* A space has memory at the same addresses, and that frame as its table of them. */
static struct space *table_taken(frame_t table)
{
    while (!is_next_but(table, BEFORE_IT)) {
        frame_t frame = frame_take_zeroed(FRAME_FOR_KERNEL, FRAME_KERNEL);
        unit_claim(frame_is(frame), "the table's frame is on the list, zeroed");
        taken[taken_count++] = frame;
    }
    struct space *taker = unit_space();
    unit_map(taker, HERE, 1, R | W);
    unit_write(taker, HERE, 5);
    unit_claim(frame_same(table_here(taker), table), "another has the frame as its table");
    return taker;
}

/* Meanwhile the child is not being changed: it loses all its copies, and with them its table. The
 * same frame becomes the table of the same addresses in another space. */
static void the_childs_table_goes_in_a_pause(void **state)
{
    (void)state;
    while (!fork_pauses())
        ;
    struct space *unborn = space_first;
    assert_ptr_not_equal(unborn, parent);
    for (unsigned i = 0; i < BEFORE_IT; i++)
        frame_zero_one();
    frame_t table = table_here(unborn);
    thread_resume(thread_create(NULL, file_cut));
    assert_false(frame_is(table_here(unborn)));
    struct space *taker = table_taken(table);
    while (threads_alive() > 0)
        host_step();
    assert_int_equal(audit(), 0);
    assert_int_equal(unit_read(taker, HERE), 5);
    space_release(taker);
    while (taken_count > 0)
        frame_free(taken[--taken_count]);
    assert_int_equal(unit_read(born, HERE + PAGES(COPIES)), 77);
    assert_int_equal(unit_try(born, HERE, R), FAULT_BEYOND_END);
    assert_int_equal(unit_try(parent, HERE, R), FAULT_BEYOND_END);
    copies_end();
}

void test_fork(void)
{
    const struct CMUnitTest fork_cow[] = {
        UNIT_TEST(fork_copies_no_page),
        UNIT_TEST(the_parent_is_flushed),
        UNIT_TEST(the_parent_is_flushed_of_many),
        UNIT_TEST(child_writes_parent_keeps),
        UNIT_TEST(parent_writes_child_keeps),
        UNIT_TEST(the_last_owner_reuses),
        UNIT_TEST(untouched_memory_is_not_shared),
        UNIT_TEST(a_and_d_are_not_inherited),
        UNIT_TEST(shared_memory_stays_shared),
        UNIT_TEST(a_thousand_pages),
        UNIT_TEST(rights_and_names_are_inherited),
        UNIT_TEST(heap_and_stack_are_inherited),
        UNIT_TEST(fork_fails_whole),
        UNIT_TEST(fork_waits_for_its_tables),
        UNIT_TEST(the_childs_table_goes_in_a_pause),
    };
    unit_add(fork_cow);
}
