/* tests/host/test_processors.c - several processors: what the fuzzer seldom meets.
 *
 * The last of the tests in one process: from here on there are several. */
#include "arch/kernel_lock.h"
#include "arch/shootdown.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "tests/host/mmu.h"
#include "tests/host/processors.h"
#include "tests/host/unit.h"

#define COUNT 4
#define MANY  200
#define OLD   0x1111
#define NEW   0x7777

/* The test itself is in the kernel, on the first of several processors; the others idle. */
static void begin(void)
{
    processors_begin(COUNT);
    processors_end();
}

/* --- One writes, another reads what it remembers --------------------------------------------- */

static unsigned written; /* pages, by the first */

/* User code: each page is to be copied first, which takes a translation away. */
static void write_all(struct thread *self)
{
    struct fault_report report;
    processor_leave();
    for (written = 0; written < MANY; written++) {
        uintptr_t address = HERE + PAGES(written);
        uint64_t *word;
        processors_user();
        while ((word = machine_access(address, W)) == NULL) {
            processor_fault();
            assert_int_equal(fault_handle(self->space, address, W, &report), FAULT_DONE);
            processor_leave();
            processors_user();
        }
        *word = NEW;
    }
    processor_enter();
}

/* Of the page written last, and the one that is next, by this processor's translations. */
static void read_some(void)
{
    for (unsigned i = written > 0 ? written - 1 : 0; i <= written && i < MANY; i++) {
        const uint64_t *word = mmu_use(host_processor->number, HERE + PAGES(i), R, MMU_ANY);
        if (word != NULL && *word != (i < written ? NEW : OLD))
            unit_not_equal(__FILE__, __LINE__, *word, i < written ? NEW : OLD,
                           "what another processor sees of page %u, %u being written", i,
                           written);
    }
}

static void copy_often(struct thread *self)
{
    (void)self;
    while (written < MANY) {
        processors_copy(true);
        for (unsigned i = 0; i < 20; i++) {
            read_some();
            processors_linger();
        }
        processors_copy(false);
        processor_leave(); /* whoever wants the kernel's lock has it now */
        processors_user();
        processor_enter();
    }
}

static void load_often(struct thread *self)
{
    while (written < MANY) {
        space_load(NULL);
        space_load(self->space);
        processor_leave();
        processors_user();
        read_some();
        processor_enter();
    }
}

static void leave_often(struct thread *self)
{
    (void)self;
    while (written < MANY) {
        processor_leave();
        processors_user();
        read_some();
        processor_enter(); /* and at once out again: mostly there is nothing to forget */
    }
}

static void beside_a_writer(void (*run)(struct thread *self))
{
    struct space *space = unit_space();
    unit_map(space, HERE, MANY, R | W);
    for (unsigned i = 0; i < MANY; i++)
        unit_write(space, HERE + PAGES(i), OLD);
    struct space *child = space_fork(space);
    assert_non_null(child);
    written = 0;
    processors_begin(COUNT);
    assert_non_null(thread_create(space, write_all));
    assert_non_null(thread_create(space, run));
    processors_end();
    unit_claim_equal(written, MANY, "pages written");
    space_load(child);
    unit_claim_sees(child, HERE, OLD, "what the child sees");
    space_load(NULL);
    space_release(child);
    space_release(space);
}

/* The kernel reads user memory: what it reads by is not taken away meanwhile. */
static void a_copy_is_waited_for(void **state)
{
    (void)state;
    begin();
    beside_a_writer(copy_often);
}

/* Whoever loads a space is told of all that goes from then on. */
static void a_space_that_is_loaded_is_told(void **state)
{
    (void)state;
    begin();
    beside_a_writer(load_often);
}

/* Whoever leaves the kernel while somebody asks has forgotten what that was. */
static void who_leaves_is_told(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 30; i++)
        beside_a_writer(leave_often);
}

/* --- Limits, and who is charged ------------------------------------------------------------- */

/* The only page of a group must go, to make room for its own copy. */
static void the_only_page_is_copied(void **state)
{
    (void)state;
    begin();
    unit_swap(20);
    struct space *space = unit_space();
    struct group *group = unit_group(space, "fifo", 1);
    unit_map(space, HERE, 1, R | W);
    unit_write(space, HERE, OLD);
    struct space *child = space_fork(space);
    assert_non_null(child);
    unit_write(space, HERE, NEW);
    unit_claim_sees(space, HERE, NEW, "what the writer sees");
    space_load(child);
    unit_claim_sees(child, HERE, OLD, "what the child sees");
    space_load(NULL);
    space_release(child);
    space_release(space);
    unit_group_end(group);
}

/* The space moves to another group while another processor has it loaded. */
static void frames_are_taken_for_the_group_of_now(void **state)
{
    (void)state;
    begin();
    struct space *space = unit_space();
    struct group *group = group_create();
    assert_non_null(group);
    space_load(NULL);
    host_processor = &processors[1];
    space_load(space);
    host_processor = &processors[0];
    group_join(space, group);
    unit_claim_equal(processors[1].group, group_index(group),
                     "group for which the other processor takes frames");
    unit_claim_equal(processors[2].group, GROUP_ALL, "group of one with no space");
    host_processor = &processors[1];
    space_rest();
    host_processor = &processors[0];
    group_join(space, &groups[GROUP_ALL]);
    group_join(space, group);
    unit_claim_equal(processors[1].group, GROUP_ALL, "group of one that idles");
    host_processor = &processors[1];
    space_load(NULL);
    host_processor = &processors[0];
    space_release(space);
    unit_group_end(group);
}

/* Processor 1 idles, and remembers a page; the space ends, and with it the page, a file's. */
static void a_space_ends_where_somebody_idles(void **state)
{
    (void)state;
    begin();
    struct space *space = unit_space();
    struct object *object = object_create(NULL, 0, PAGES(1));
    unit_map_object(space, HERE, 1, R | W, true, object, 0);
    object_release(object);
    unit_write(space, HERE, NEW);
    space_load(NULL);
    host_processor = &processors[1];
    space_load(space);
    shootdown_catch_up(&processors[1]);
    assert_non_null(mmu_use(1, HERE, R, MMU_ANY));
    space_rest();
    host_processor = &processors[0];
    frame_t root = space->table.root;
    uint32_t waiting = table_roots_ended;
    space_release(space);
    unit_claim_equal(frame_get(root)->state, FRAME_TABLE, "the root that is loaded stays");
    unit_claim_equal(table_roots_ended, waiting + 1, "and is counted");
    host_processor = &processors[1];
    space_load(NULL);
    host_processor = &processors[0];
    struct space *next = unit_space();
    unit_claim(frame_same(next->table.root, root) || frame_get(root)->state == FRAME_FREE,
               "the root that nobody has loaded is free");
    space_load(NULL);
    space_release(next);
}

void test_processors(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(a_copy_is_waited_for),
        UNIT_TEST(a_space_that_is_loaded_is_told),
        UNIT_TEST(who_leaves_is_told),
        UNIT_TEST(the_only_page_is_copied),
        UNIT_TEST(frames_are_taken_for_the_group_of_now),
        UNIT_TEST(a_space_ends_where_somebody_idles),
    };
    unit_add(tests);
}
