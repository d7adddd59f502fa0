/* tests/host/test_oom.c - out of memory: who goes, and that nobody else loses a byte. */
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/oom.h"
#include "mm/lock.h"
#include "tests/host/choice.h"
#include "tests/host/unit.h"

#include <string.h>

static struct space *spaces[4];
static bool ended[4];

static unsigned number_of(const struct space *space)
{
    unsigned i = 0;
    while (spaces[i] != space)
        i++;
    return i;
}

/* Contents that nobody has by chance. */
static uint64_t noise_of(unsigned i, unsigned page)
{
    return noise(i * 100000 + page);
}

/* A program: writes `wanted` pages, and stays until all have; when it is killed, it ends. */
static unsigned wanted[4];
static enum fault_result last[4];
static unsigned linger;  /* how long a killed program takes to end */
static unsigned working; /* programs that have not written all yet */

static void program(struct thread *self)
{
    unsigned me = number_of(self->space);
    struct fault_report report;
    for (unsigned i = 0; i < wanted[me] && !self->dying; i++) {
        last[me] = fault_handle(self->space, HERE + PAGES(i), W, &report);
        if (last[me] != FAULT_DONE)
            break;
        *(uint8_t *)machine_access(HERE + PAGES(i), W) = 1; /* or it could be forgotten */
        thread_yield();
    }
    working--;
    while (working > 0 && !self->dying)
        thread_yield();
    if (self->dying) {
        for (unsigned i = 0; i < linger; i++)
            thread_yield();
        self->space = NULL;
        space_release(spaces[me]);
        ended[me] = true;
    }
}

static void begin(unsigned i, unsigned already, unsigned more)
{
    spaces[i] = unit_space();
    unit_map(spaces[i], HERE, UNIT_FRAMES, R | W);
    unit_map(spaces[i], 2 * HERE, UNIT_FRAMES, R | W);
    for (unsigned page = 0; page < already; page++)
        unit_write(spaces[i], 2 * HERE + PAGES(page), noise_of(i, page));
    ended[i] = false;
    wanted[i] = more;
}

static void run(void)
{
    host_kills = working = 0;
    host_killed = NULL;
    for (unsigned i = 0; i < 4; i++) {
        if (wanted[i] > 0) {
            thread_create(spaces[i], program);
            working++;
        }
    }
    unsigned steps = 0;
    while (host_step())
        assert_true(steps++ < 1000000);
}

static void end(unsigned i, unsigned already)
{
    if (ended[i])
        return;
    for (unsigned page = 0; page < already; page++)
        assert_int_equal(unit_read(spaces[i], 2 * HERE + PAGES(page)), noise_of(i, page));
    space_release(spaces[i]);
}

static frame_t taken[UNIT_FRAMES];
static unsigned taken_count;

/* Nothing is left for users; it is no program that has it. */
static void take_all(void)
{
    space_load(NULL);
    while (frame_counts.free > frame_watermarks.reserve)
        taken[taken_count++] = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
}

static void give_back(unsigned count)
{
    while (taken_count > 0 && count-- > 0)
        frame_free(taken[--taken_count]);
}

static void whoever_holds_most_goes(void **state)
{
    (void)state;
    begin(0, 200, 0);
    begin(1, 900, 1);
    begin(2, 600, UNIT_FRAMES / 4);
    begin(3, 100, 10);
    run();
    assert_int_equal(host_kills, 1);
    assert_true(ended[1]);
    assert_false(ended[0] || ended[2] || ended[3]);
    assert_non_null(strstr(host_message, "out of memory"));
    end(0, 200);
    end(2, 600);
    end(3, 100);
}

static void the_asker_may_be_the_one(void **state)
{
    (void)state;
    begin(0, 300, 0);
    begin(1, 300, 2 * UNIT_FRAMES);
    wanted[2] = wanted[3] = 0;
    run();
    assert_int_equal(host_kills, 1);
    assert_true(ended[1]);
    assert_int_equal(last[1], FAULT_KILLED);
    end(0, 300);
}

static void the_essential_one_stays(void **state)
{
    (void)state;
    begin(0, 1400, 0);
    spaces[0]->essential = true;
    begin(1, 100, UNIT_FRAMES);
    wanted[2] = wanted[3] = 0;
    run();
    assert_true(ended[1]);
    assert_false(spaces[0]->ending);
    end(0, 1400);
}

/* Page tables count: they are frames, too. */
static void tables_count(void **state)
{
    (void)state;
    begin(0, 100, 0);
    begin(1, 10, 1);
    for (unsigned i = 0; i < 60; i++) {
        uintptr_t address = 0x100000000 + i * TABLE_SPAN;
        unit_map(spaces[1], address, 1, R);
        unit_read(spaces[1], address);
    }
    begin(2, 80, UNIT_FRAMES);
    wanted[3] = 0;
    /* so far nobody is short; now take what is left */
    take_all();
    give_back(20);
    wanted[2] = 22;
    run();
    assert_true(ended[1]);
    assert_false(ended[0] || ended[2]);
    give_back(UNIT_FRAMES);
    end(0, 100);
    end(2, 80);
}

/* Slots count, too: most of what it holds is there, and the other has more frames. */
static void slots_count(void **state)
{
    (void)state;
    unit_swap(60);
    begin(0, 0, 1);
    begin(1, 0, 55);
    wanted[2] = wanted[3] = 0;
    struct group *group = unit_group(spaces[0], "fifo", 60);
    group_join(spaces[1], group);
    for (unsigned page = 0; page < 70; page++)
        unit_write(spaces[0], 2 * HERE + PAGES(page), 1);
    run();
    assert_int_equal(host_kills, 1);
    assert_true(ended[0]);
    assert_false(ended[1]);
    end(1, 0);
    unit_group_end(group);
}

/* All threads of the space end, also those that sleep for memory. */
static void several_are_short_at_once(void **state)
{
    (void)state;
    begin(0, 100, UNIT_FRAMES);
    begin(1, 100, UNIT_FRAMES);
    begin(2, 100, UNIT_FRAMES);
    begin(3, 100, 5);
    run();
    assert_true(ended[0] + ended[1] + ended[2] >= 2);
    assert_false(ended[3]);
    for (unsigned i = 0; i < 4; i++)
        end(i, 100);
}

/* While one is ending, nobody else is chosen: all who are short wait for its frames. */
static void one_is_enough(void **state)
{
    (void)state;
    linger = 200;
    begin(0, 900, 1);
    begin(1, 500, 160);
    begin(2, 400, 160);
    wanted[3] = 0;
    run();
    linger = 0;
    assert_int_equal(host_kills, 1);
    assert_true(ended[0]);
    end(1, 500);
    end(2, 400);
}

static void short_of_one(struct thread *self)
{
    struct fault_report report;
    last[0] = fault_handle(self->space, HERE, W, &report);
    working--;
}

/* Frames may come from elsewhere: whoever waits need not wait for the chosen one. */
static void any_frame_will_do(void **state)
{
    (void)state;
    begin(0, 1, 0);
    begin(1, 500, 0);
    take_all();
    space_load(spaces[0]);
    working = 1;
    struct thread *thread = thread_create(spaces[0], short_of_one);
    thread_resume(thread);
    assert_int_equal(thread->state, THREAD_ASLEEP);
    host_daemon_run();
    assert_ptr_equal(host_killed, spaces[1]);
    give_back(4);
    assert_int_equal(thread->state, THREAD_READY);
    while (working > 0)
        host_step();
    assert_int_equal(last[0], FAULT_DONE);
    give_back(UNIT_FRAMES);
    end(0, 1);
    end(1, 500);
}

/* A program that is ending anyway neither waits nor has anybody killed. */
static void the_dying_do_not_wait(void **state)
{
    (void)state;
    begin(0, 1, 0);
    begin(1, 500, 0);
    take_all();
    host_kills = 0;
    space_load(spaces[0]);
    struct thread *thread = thread_create(spaces[0], short_of_one);
    thread->dying = true;
    thread_resume(thread);
    assert_int_equal(last[0], FAULT_KILLED);
    assert_int_equal(host_kills, 0);
    give_back(UNIT_FRAMES);
    end(0, 1);
    end(1, 500);
}

/* --- Who must end, and waits for another's change of his space ---------------------------- */

static struct space *changed; /* with a private mapping of the file */
static struct object *file;

static void changed_begin(void)
{
    file = object_create(NULL, 0, PAGES(1));
    changed = unit_space();
    changed->essential = true; /* it is not the one to go */
    unit_map_object(changed, 2 * HERE, 1, R | W, false, file, 0);
}

/* Cuts the file, for which it needs that space as it is before or after; then it waits for its
 * end. */
static void cut_and_end(struct thread *self)
{
    struct space *own = self->space;
    assert_int_equal(object_resize(file, 0), 0);
    while (!self->dying)
        thread_yield();
    self->space = NULL;
    space_release(own);
    ended[1] = true;
    working--;
}

static void thread_go_first(struct space *space, void (*run_)(struct thread *self))
{
    space_load(space);
    thread_resume(thread_create(space, run_));
    working++;
}

static void changed_end(void)
{
    while (working > 0)
        host_step();
    give_back(UNIT_FRAMES);
    assert_true(ended[1]);
    assert_int_equal(audit(), 0);
    space_release(changed);
    object_release(file);
}

static intptr_t place;

static void remap(struct thread *self)
{
    struct remap_request request = {HERE, PAGES(1), PAGES(2), MREMAP_MAYMOVE, 0};
    place = space_remap(self->space, request);
    working--;
}

/* Memory that moves waits for tables before it begins. */
static void remap_waits_and_changes_nothing(void **state)
{
    (void)state;
    changed_begin();
    unit_map(changed, HERE, 1, R | W);
    unit_map(changed, HERE + PAGES(1), 1, R); /* in the way */
    unit_write(changed, HERE, 5);
    begin(1, 500, 0);
    take_all();
    host_kills = working = 0;
    thread_go_first(changed, remap);
    assert_int_equal(working, 1);
    thread_go_first(spaces[1], cut_and_end);
    changed_end();
    assert_int_equal(host_kills, 1);
}

static struct space *child;

static void fork_long(struct thread *self)
{
    child = space_fork(self->space);
    working--;
}

/* A fork has begun; others take what was there for the child's tables. */
static void fork_begin(void)
{
    const unsigned tables = 100;
    changed_begin();
    unit_map(changed, 8 * HERE, tables * TABLE_ENTRIES, R | W);
    for (unsigned i = 0; i < tables; i++)
        unit_write(changed, 8 * HERE + i * TABLE_SPAN, 1);
    begin(0, 1, 0);
    begin(1, 500, 0);
    host_kills = working = host_turns_kept = 0;
    host_sleep_hook = take_all;
    thread_go_first(changed, fork_long);
    host_sleep_hook = NULL;
    host_turns_kept = 1;
    assert_int_equal(working, 1);
    assert_true(changed->changing);
}

/* What can be evicted is. */
static void fork_in_the_middle_evicts(void **state)
{
    (void)state;
    unit_swap(UNIT_SLOTS);
    fork_begin();
    while (working > 0)
        host_step();
    give_back(UNIT_FRAMES);
    assert_int_equal(host_kills, 0);
    assert_non_null(child);
    assert_int_equal(child->table.frames, changed->table.frames);
    space_release(child);
    space_release(changed);
    object_release(file);
    end(0, 1);
    end(1, 500);
}

/* Else it is refused: once it has begun it waits for nobody's end. */
static void fork_in_the_middle_waits_for_nobody(void **state)
{
    (void)state;
    fork_begin();
    thread_go_first(spaces[1], cut_and_end);
    thread_go_first(spaces[0], short_of_one);
    changed_end();
    assert_int_equal(host_kills, 1);
    assert_null(child);
    assert_int_equal(last[0], FAULT_DONE);
    end(0, 1);
}

static void nobody_left(void)
{
    mm_lock();
    oom_relieve(OOM_ANYBODY);
}

static void nobody_to_choose_is_a_panic(void **state)
{
    (void)state;
    begin(0, 1, 0);
    spaces[0]->essential = true;
    assert_true(host_fails(nobody_left));
    end(0, 1);
}

void test_oom(void)
{
    const struct CMUnitTest out_of_memory[] = {
        UNIT_TEST(whoever_holds_most_goes),
        UNIT_TEST(the_asker_may_be_the_one),
        UNIT_TEST(the_essential_one_stays),
        UNIT_TEST(tables_count),
        UNIT_TEST(slots_count),
        UNIT_TEST(several_are_short_at_once),
        UNIT_TEST(one_is_enough),
        UNIT_TEST(any_frame_will_do),
        UNIT_TEST(the_dying_do_not_wait),
        UNIT_TEST(remap_waits_and_changes_nothing),
        UNIT_TEST(fork_in_the_middle_evicts),
        UNIT_TEST(fork_in_the_middle_waits_for_nobody),
        UNIT_TEST(nobody_to_choose_is_a_panic),
    };
    unit_add(out_of_memory);
}
