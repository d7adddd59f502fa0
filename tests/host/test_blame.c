/* tests/host/test_blame.c - out of memory: whose doing it is, of families of programs. */
#include "mm/frame_allocation/blame.h"

#include "mm/address_spaces/space.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/page.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/oom.h"
#include "mm/lock.h"
#include "mm/replacement/swap.h"
#include "tests/host/unit.h"

void __real_oom_relieve(uint16_t group);

#define MOST 40
static struct space *spaces[MOST];
static unsigned count;

static struct space *holds(struct space *space, unsigned pages)
{
    assert_true(count < MOST);
    spaces[count++] = space;
    space_load(space);
    for (unsigned i = 0; i < pages; i++)
        unit_write(space, HERE + PAGES(i), i);
    return space;
}

/* A program that holds so many pages; `by` has started it, or nobody. */
static struct space *program(const struct space *by, unsigned pages)
{
    struct space *space = space_open(by != NULL ? by->account : &kernel_account);
    assert_non_null(space);
    space_load(space);
    unit_map(space, HERE, UNIT_FRAMES, R | W);
    return holds(space, pages);
}

static struct space *forked(struct space *by, unsigned pages)
{
    return holds(space_fork(by), pages);
}

static void memory_is_out(void)
{
    mm_lock();
    __real_oom_relieve(OOM_ANYBODY);
    mm_unlock();
}

static unsigned ending(void)
{
    unsigned number = 0;
    for (unsigned i = 0; i < count; i++)
        number += spaces[i]->ending;
    return number;
}

static void end(struct space *space)
{
    for (unsigned i = 0; i < count; i++)
        if (spaces[i] == space)
            spaces[i] = spaces[--count];
    space_release(space);
}

static void all_end(void)
{
    while (count > 0)
        space_release(spaces[--count]);
}

/* Who is ending gives back piece by piece, and soon holds less than others do. */
static void nobody_ends_beside_one_who_is_ending(void **state)
{
    (void)state;
    struct space *larger = program(NULL, 60), *smaller = program(NULL, 40);
    memory_is_out();
    assert_true(larger->ending && !smaller->ending);
    space_load(larger);
    assert_int_equal(space_unmap(larger, HERE, PAGES(50)), 0);
    memory_is_out();
    assert_false(smaller->ending);
    end(larger);
    memory_is_out();
    assert_true(smaller->ending);
    all_end();
    unit_complete = true;
}

static void small_programs_stand_for_who_starts_them(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *bystander = program(shell, 150);
    struct space *bomb = program(shell, 2);
    for (unsigned i = 0; i < 30; i++)
        program(bomb, 10);
    memory_is_out();
    assert_int_equal(ending(), 30); /* who has started them may tell about it */
    assert_false(shell->ending || bystander->ending || bomb->ending);
    all_end();
}

static void who_was_spared_and_does_it_again_goes_too(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *bystander = program(shell, 150);
    struct space *bomb = program(shell, 2);
    for (unsigned again = 0; again < 2; again++) {
        for (unsigned i = 0; i < 30; i++)
            program(bomb, 10);
        memory_is_out();
        assert_int_equal(ending(), 30 + again);
        for (unsigned i = 0; again == 0 && i < 30; i++)
            end(spaces[count - 1]);
    }
    assert_true(bomb->ending);
    assert_false(shell->ending || bystander->ending);
    all_end();
}

/* Those who started the others have ended; that they are of one family is still known. */
static void orphans_are_of_one_family(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *bystander = program(shell, 150);
    struct space *bomb = program(shell, 2);
    for (unsigned i = 0; i < 15; i++) {
        struct space *between = program(bomb, 0);
        program(between, 10);
        program(between, 10);
        end(between);
    }
    end(bomb);
    memory_is_out();
    assert_int_equal(ending(), 30);
    assert_false(shell->ending || bystander->ending);
    all_end();
}

/* Each has started the next. */
static void a_row_is_one_family(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *bystander = program(shell, 150);
    const struct space *last = program(shell, 10);
    for (unsigned i = 0; i < 30; i++)
        last = program(last, 10);
    memory_is_out();
    assert_true(ending() >= 10);
    assert_false(shell->ending || bystander->ending);
    all_end();
}

/* Small ones that the shell itself has started, beside one that is not small. */
static void a_swarm_is_more_than_one_beside_it(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *bystander = program(shell, 150);
    for (unsigned i = 0; i < 30; i++)
        program(shell, 10);
    memory_is_out();
    assert_int_equal(ending(), 30);
    assert_false(shell->ending || bystander->ending);
    all_end();
}

static void of_one_program_the_small_processes_are_a_swarm(void **state)
{
    (void)state;
    struct space *first = program(NULL, 2), *bystander = forked(first, 150);
    struct space *other = program(first, 4);
    for (unsigned i = 0; i < 20; i++)
        forked(first, 15);
    memory_is_out();
    assert_int_equal(ending(), 21);
    assert_true(other->ending); /* small, and of the same family */
    assert_false(first->ending || bystander->ending);
    all_end();
}

static void among_equals_one_goes(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *largest = program(shell, 160);
    program(shell, 150);
    program(shell, 150);
    struct space *part = program(largest, 10);
    memory_is_out();
    assert_int_equal(ending(), 2);
    assert_true(largest->ending && part->ending); /* with all that it has started */
    all_end();
}

/* What a program left that is over is charged to it, and nobody can be ended for it. */
static void what_is_left_counts_for_nobody(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *writer = program(shell, 0);
    struct space *bystander = program(shell, 20), *larger = program(shell, 30);
    struct object *file = object_create(NULL, 0, PAGES(300));
    unit_map_object(writer, 2 * HERE, 300, R | W, true, file, 0);
    space_load(writer);
    for (unsigned i = 0; i < 300; i++)
        unit_write(writer, 2 * HERE + PAGES(i), i);
    end(writer);
    memory_is_out();
    assert_int_equal(ending(), 1);
    assert_true(larger->ending);
    assert_false(shell->ending || bystander->ending);
    object_release(file);
    all_end();
}

/* Held to have more than it has, the smallest goes; to be spared, the largest does not. */
static void who_goes_can_be_adjusted(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *large = program(shell, 150);
    struct space *small = program(shell, 10), *middle = program(shell, 60);
    small->oom_adjust = OOM_ADJUST_MOST;
    memory_is_out();
    assert_true(small->ending && ending() == 1);
    small->ending = false;
    small->oom_adjust = -500;
    large->oom_adjust = OOM_ADJUST_NEVER;
    memory_is_out();
    assert_true(middle->ending && ending() == 1);
    all_end();
}

/* If all are held to have less than nothing, somebody goes all the same. */
static void somebody_goes(void **state)
{
    (void)state;
    struct space *shell = program(NULL, 2), *other = program(shell, 20);
    shell->oom_adjust = other->oom_adjust = 1 + OOM_ADJUST_NEVER;
    memory_is_out();
    assert_int_not_equal(ending(), 0);
    all_end();
}

static void the_score_is_what_is_held(void **state)
{
    (void)state;
    struct space *space = program(NULL, 0);
    unsigned all = frame_counts.total + swap_counts.total, none = blame_score(space);
    assert_in_range(none, 666, 680);
    space->oom_adjust = OOM_ADJUST_MOST;
    assert_in_range(blame_score(space), none + 665, none + 668);
    space->oom_adjust = 0;
    holds(space, all / 10);
    assert_in_range(blame_score(space), none + 60, none + 70);
    space->oom_adjust = OOM_ADJUST_NEVER;
    assert_int_equal(blame_score(space), 0);
    count--; /* holds has noted it twice */
    all_end();
}

static void init_is_never_chosen(void **state)
{
    (void)state;
    struct space *init = program(NULL, 300), *shell = program(init, 20);
    init->essential = true;
    memory_is_out();
    assert_false(init->ending);
    assert_true(shell->ending);
    all_end();
}

/* To be spared is a wish against others: where all have it, nobody has. */
static void all_are_to_be_spared(void **state)
{
    (void)state;
    const struct space *large = program(NULL, 300), *small = program(NULL, 30);
    for (unsigned i = 0; i < count; i++)
        spaces[i]->oom_adjust = OOM_ADJUST_NEVER;
    memory_is_out();
    assert_int_equal(ending(), 1);
    assert_true(large->ending);
    assert_int_equal(small->oom_adjust, 0);
    all_end();
}

/* A group at its limit that spares all its own does not cost others their lives. */
static void a_group_spares_all_its_own(void **state)
{
    (void)state;
    struct space *inside = program(NULL, 30);
    const struct space *outside = program(NULL, 300);
    struct group *group = unit_group(inside, "fifo", 1);
    inside->oom_adjust = OOM_ADJUST_NEVER;
    mm_lock();
    __real_oom_relieve(group_index(group));
    mm_unlock();
    assert_true(inside->ending);
    assert_false(outside->ending);
    all_end();
    unit_group_end(group);
}

void test_blame(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(nobody_ends_beside_one_who_is_ending),
        UNIT_TEST(small_programs_stand_for_who_starts_them),
        UNIT_TEST(who_was_spared_and_does_it_again_goes_too),
        UNIT_TEST(orphans_are_of_one_family),
        UNIT_TEST(a_row_is_one_family),
        UNIT_TEST(a_swarm_is_more_than_one_beside_it),
        UNIT_TEST(of_one_program_the_small_processes_are_a_swarm),
        UNIT_TEST(among_equals_one_goes),
        UNIT_TEST(what_is_left_counts_for_nobody),
        UNIT_TEST(who_goes_can_be_adjusted),
        UNIT_TEST(somebody_goes),
        UNIT_TEST(the_score_is_what_is_held),
        UNIT_TEST(init_is_never_chosen),
        UNIT_TEST(all_are_to_be_spared),
        UNIT_TEST(a_group_spares_all_its_own),
    };
    unit_add(tests);
}
