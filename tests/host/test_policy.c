/* tests/host/test_policy.c - every policy on the textbook's string, on live memory.
 *
 * Pages are written one after another under a limit; who goes is compared with what
 * tools/policysim says, which was written from the algorithms and shares nothing with mm/. */
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frame_allocation/groups.h"
#include "mm/lock.h"
#include "mm/page_tables/mapper.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/policy.h"
#include "tests/host/unit.h"

#include <stdio.h>
#include <string.h>

static struct space *space;
static struct group *group;

static void begin(const char *policy, uint32_t limit, uint32_t tick_period)
{
    unit_swap(20);
    space = unit_space();
    group = unit_group(space, policy, limit);
    group->tick_period = tick_period;
    group->watched = true;
    unit_map(space, HERE, 10, R | W);
}

static void end(void)
{
    space_release(space);
    unit_group_end(group);
}

/* The victims of a string of digits, as a string. */
static const char *victims_of(const char *string)
{
    static char victims[64];
    unsigned count = 0;
    for (; *string != '\0'; string++) {
        unsigned before = host_evictions;
        unit_write(space, HERE + PAGES((unsigned)(*string - '0')), (uint64_t)*string);
        unit_claim(host_evictions - before <= 1, "one page goes for one that comes: %u did",
                   host_evictions - before);
        if (host_evictions > before)
            victims[count++] = (char)('0' + (host_evicted - HERE) / PAGE_SIZE);
    }
    victims[count] = '\0';
    return victims;
}

#define BOOK "70120304230321201701"

static const struct {
    const char *policy, *of_3, *of_4; /* a tick at every fault; at every third */
} expected[] = {
    {"clock", "71203420312", "71234"},    {"fifo", "701230423012", "701234"},
    {"clock-rm", "71203420312", "71234"}, {"aging", "7123042032", "17417"},
    {"lfu", "71234317", "17417"},         {"mfu", "701230423012", "701234"},
    {"random", "7021034232", "7031024"},  {"sieve", "71234312", "7143"},
    {"wsclock", "7120342032", "71234"},   {"clock-pro", "17234317", "27343"},
};

static void the_books_string(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
        if (policy_find(expected[i].policy) == NULL)
            continue;
        begin(expected[i].policy, 3, 1);
        const char *victims = victims_of(BOOK);
        unit_claim(strcmp(victims, expected[i].of_3) == 0,
                   "%s, 3 frames, %s: the victims are %s, not %s", expected[i].policy, BOOK,
                   expected[i].of_3, victims);
        unit_claim_equal(group->faults, strlen(victims) + 3,
                         "faults, 3 frames being filled");
        end();
        begin(expected[i].policy, 4, 3);
        victims = victims_of(BOOK);
        unit_claim(strcmp(victims, expected[i].of_4) == 0,
                   "%s, 4 frames, %s: the victims are %s, not %s", expected[i].policy, BOOK,
                   expected[i].of_4, victims);
        end();
    }
}

static void beladys_anomaly(void **state)
{
    (void)state;
    for (unsigned frames = 3; frames <= 4; frames++) {
        begin("fifo", frames, 0);
        victims_of("123412512345");
        unit_claim_equal(group->faults, frames == 3 ? 9 : 10,
                         "faults of fifo with %u frames", frames);
        end();
    }
}

/* --- What policies are told --------------------------------------------------------------- */

static void history_shifts_at_ticks(void **state)
{
    (void)state;
    begin("clock", 4, 0);
    unit_write(space, HERE, 1);
    struct frame *frame = frame_get(unit_frame(space, HERE));
    uint64_t ticks = group->ticks;
    group_tick(group);
    unit_claim(frame->history == 0x80000000u, "used before the tick: %#x", frame->history);
    unit_claim(
        !machine_remembers(HERE),
        "the processor has forgotten (flush) what was harvested, or it sets A no more");
    group_tick(group);
    unit_claim(frame->history == 0x40000000u, "not used since: %#x", frame->history);
    unit_read(space, HERE);
    group_tick(group);
    unit_claim(frame->history == 0xa0000000u, "used again: %#x", frame->history);
    unit_claim_equal(group->ticks, ticks + 3, "ticks");
    end();
}

/* The policy's bit is its own: ticks do not eat it. */
static void readers_have_bits_of_their_own(void **state)
{
    (void)state;
    begin("clock", 4, 0);
    unit_write(space, HERE, 1);
    frame_t frame = unit_frame(space, HERE);
    group_tick(group);
    mm_lock();
    harvest_begin();
    unit_claim(policy_test_referenced(frame),
               "R is still set for the policy, after a tick");
    unit_claim(!policy_test_referenced(frame), "R is clear, having been asked for");
    unit_claim(policy_test_modified(frame), "M is set: the page was written");
    harvest_end();
    mm_unlock();
    group_tick(group);
    assert_int_equal(frame_get(frame)->history, 0x40000000u);
    unit_read(space, HERE);
    mm_lock();
    harvest_begin();
    assert_true(policy_test_referenced(frame));
    harvest_end();
    mm_unlock();
    group_tick(group);
    assert_int_equal(frame_get(frame)->history, 0xa0000000u);
    end();
}

/* A of any of the mappers counts, and all are flushed. */
static void all_mappers_are_harvested(void **state)
{
    (void)state;
    begin("clock", 4, 0);
    unit_write(space, HERE, 1);
    struct space *child = space_fork(space);
    frame_t frame = unit_frame(space, HERE);
    group_tick(group);
    unit_read(child, HERE);
    unit_read(space, HERE); /* both in their tables; one in the TLB */
    group_tick(group);
    assert_int_equal(frame_get(frame)->history, 0xc0000000u);
    group_tick(group);
    assert_int_equal(frame_get(frame)->history, 0x60000000u);
    space_release(child);
    end();
}

static void ticks_come_by_faults(void **state)
{
    (void)state;
    begin("aging", 20, 3);
    uint64_t ticks = group->ticks;
    for (unsigned i = 0; i < 9; i++)
        unit_write(space, HERE + PAGES(i), i);
    assert_int_equal(group->faults, 9);
    assert_int_equal(group->ticks, ticks + 3);
    end();
}

/* A fault that had to begin again is one. */
static void a_fault_that_waits_counts_once(void **state)
{
    (void)state;
    begin("fifo", 1, 0);
    host_swap.instant = 0;
    for (unsigned i = 0; i < 6; i++)
        unit_write(space, HERE + PAGES(i % 3), i);
    unit_claim_equal(group->faults, 6, "faults, each having slept");
    unit_claim_equal(group->evicted, 5, "pages evicted, of one frame");
    end();
}

/* Any policy to any other, with pages in its hands. */
static void policies_change(void **state)
{
    (void)state;
    for (unsigned from = 0; policies[from] != NULL; from++) {
        begin(policies[from]->name, 4, 2);
        for (unsigned to = 0; policies[to] != NULL; to++) {
            victims_of("0123401235");
            mm_lock();
            policy_change(group, policies[to]);
            mm_unlock();
            unit_claim_equal(group->charged, 4, "frames of the group, from %s to %s",
                             policies[from]->name, policies[to]->name);
        }
        victims_of("98765432100123456789");
        assert_int_equal(group->charged, 4);
        for (unsigned i = 0; i < 10; i++)
            assert_int_equal(unit_read(space, HERE + PAGES(i)), '0' + i);
        end();
    }
}

void test_policy(void)
{
    const struct CMUnitTest replacement[] = {
        UNIT_TEST(the_books_string),
        UNIT_TEST(beladys_anomaly),
        UNIT_TEST(history_shifts_at_ticks),
        UNIT_TEST(readers_have_bits_of_their_own),
        UNIT_TEST(all_mappers_are_harvested),
        UNIT_TEST(ticks_come_by_faults),
        UNIT_TEST(a_fault_that_waits_counts_once),
        UNIT_TEST(policies_change),
    };
    unit_add(replacement);
}
