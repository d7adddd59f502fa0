/* tests/host/test_swappiness.c - how many of both kinds go, at each weight. */
#include "mm/demand_paging/object.h"
#include "mm/frame_allocation/groups.h"
#include "mm/replacement/swappiness.h"
#include "tests/host/device.h"
#include "tests/host/unit.h"

enum { EACH = 200, VICTIMS = 100 };

static struct space *space;
static struct group *group;
static struct object *file;

/* So many pages of memory and of a file, turn and turn about, all in the group. */
static void begin(const char *policy)
{
    unit_swap(UNIT_SLOTS);
    space = unit_space();
    group = unit_group(space, policy, 2 * EACH);
    file = object_create(&host_device, 0, PAGES(EACH));
    unit_map(space, HERE, EACH, R | W);
    unit_map_object(space, 2 * HERE, EACH, R, true, file, 0);
    for (unsigned i = 0; i < EACH; i++) {
        unit_write(space, HERE + PAGES(i), i);
        unit_read(space, 2 * HERE + PAGES(i));
    }
}

static void weigh(uint32_t weight)
{
    mm_lock();
    swappiness_set(weight);
    mm_unlock();
}

static void end(void)
{
    weigh(SWAPPINESS_ALIKE);
    space_release(space);
    object_release(file);
    unit_group_end(group);
}

static uint32_t resident(uintptr_t at)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < EACH; i++)
        count += space_page_resident(space, at + PAGES(i)) == 1;
    return count;
}

/* Of so many pages that go, those of memory. */
static uint32_t memory_of(uint32_t victims)
{
    uint32_t before = resident(HERE), of_file = resident(2 * HERE);
    unit_claim_equal(group_reclaim(group, victims), victims, "pages that go");
    uint32_t gone = before - resident(HERE);
    unit_claim_equal(of_file - resident(2 * HERE), victims - gone,
                     "the others, of the file");
    return gone;
}

/* FIFO names one of memory, then one of the file, and so on. */
static void counts_of_fifo(void **state)
{
    static const struct {
        uint32_t weight, memory;
    } due[] = {{100, 50}, {0, 0}, {200, 100}};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(due); i++) {
        begin("fifo");
        weigh(due[i].weight);
        unit_claim_equal(memory_of(VICTIMS), due[i].memory,
                         "of %u pages that go at %u, those of memory", VICTIMS,
                         due[i].weight);
        end();
    }
}

/* At 60, of 100 of memory that FIFO names 40 are passed over; at 160, of 100 of the file 60. */
static void proportion(void **state)
{
    static const struct {
        uint32_t weight, go;
        bool file;
    } due[] = {{60, 60, false}, {160, 40, true}};
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(due); i++) {
        begin("fifo");
        weigh(due[i].weight);
        uint32_t named = 0, gone = 0;
        while (named < VICTIMS) {
            mm_lock();
            frame_t victim = policy_victim(group->policy, group);
            bool meant = swappiness_is_file(victim) == due[i].file;
            mm_unlock();
            uint32_t memory = memory_of(1);
            named += meant;
            gone += meant && memory == !due[i].file;
        }
        unit_claim_equal(gone, due[i].go, "at %u, of %u that were named, those that went",
                         due[i].weight, VICTIMS);
        end();
    }
}

/* Where there is none of the file any more, memory goes. */
static void none_left(void **state)
{
    (void)state;
    begin("fifo");
    weigh(0);
    unit_claim_equal(memory_of(EACH), 0, "pages of memory that go while the file has some");
    unit_claim_equal(memory_of(10), 10, "pages of memory that go when it has none");
    unit_read(space, 2 * HERE);
    unit_claim_equal(memory_of(1), 0, "and when one has come again");
    end();
}

/* Whatever the policy, the one kind goes before the other. */
static void every_policy(void **state)
{
    (void)state;
    for (const struct policy *const *policy = policies; *policy != NULL; policy++) {
        if ((*policy)->wants_exact)
            continue;
        begin((*policy)->name);
        weigh(0);
        unit_claim_equal(memory_of(VICTIMS), 0, "%s: of memory at 0", (*policy)->name);
        weigh(SWAPPINESS_MOST);
        unit_claim_equal(memory_of(VICTIMS), VICTIMS, "%s: at 200", (*policy)->name);
        end();
    }
}

void test_swappiness(void)
{
    const struct CMUnitTest swappiness_[] = {
        UNIT_TEST(counts_of_fifo),
        UNIT_TEST(proportion),
        UNIT_TEST(none_left),
        UNIT_TEST(every_policy),
    };
    unit_add(swappiness_);
}
