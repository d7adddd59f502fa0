/* tests/host/test_shares.c - shares in force: what each group may have, whose page goes, and what
 * happens when frames are short. */
#include "mm/address_spaces/space.h"
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/shares.h"
#include "mm/lock.h"
#include "mm/replacement/laundry.h"
#include "tests/host/unit.h"

static const struct allocation_bounds bounds = {.upper = 1000, .lower = 100};

static struct space *spaces[2];
static struct group *both[2];

static void two_begin(unsigned pages)
{
    unit_swap(UNIT_SLOTS);
    for (unsigned i = 0; i < 2; i++) {
        spaces[i] = unit_space();
        both[i] = unit_group(spaces[i], "clock", UINT32_MAX);
        unit_map(spaces[i], HERE, pages, R | W);
        for (unsigned k = 0; k < pages; k++)
            unit_write(spaces[i], HERE + PAGES(k), 1000 * i + k);
    }
}

static void two_end(unsigned pages)
{
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < pages; k++)
            assert_int_equal(unit_read(spaces[i], HERE + PAGES(k)), 1000 * i + k);
        shares_end(both[i]);
        assert_int_equal(both[i]->limit, UINT32_MAX);
        assert_int_equal(both[i]->share, 0);
        space_release(spaces[i]);
        unit_group_end(both[i]);
    }
}

static void divide_proportionally(unsigned one, unsigned other, uint32_t frames_)
{
    struct claim claims[] = {{.group = group_index(both[0]), .size = one, .minimum = 4},
                             {.group = group_index(both[1]), .size = other, .minimum = 4}};
    assert_true(allocation_divide(ALLOCATION_PROPORTIONAL, bounds, claims, 2, frames_));
    shares_apply(ALLOCATION_PROPORTIONAL, claims, 2, frames_);
}

static void shares_are_kept(void **state)
{
    (void)state;
    two_begin(60);
    divide_proportionally(30, 90, 80);
    assert_int_equal(both[0]->limit, 20);
    assert_int_equal(both[0]->charged, 20);
    assert_int_equal(both[1]->limit, 60);
    divide_proportionally(90, 30, 80);
    assert_int_equal(both[0]->limit, 60);
    assert_int_equal(both[1]->charged, 20);
    for (unsigned k = 0; k < 60; k++)
        unit_read(spaces[1], HERE + PAGES(k));
    assert_int_equal(both[1]->charged, 20);
    two_end(60);
}

static void put_in_force(uint32_t one, uint32_t other, unsigned count, uint32_t frames_)
{
    struct claim claims[2] = {
        {.group = group_index(both[0]), .minimum = 4, .share = one},
        {.group = group_index(both[1]), .minimum = 4, .share = other}};
    shares_apply(ALLOCATION_EQUAL, claims, count, frames_);
}

/* Whoever shrinks or stays as he is, or is not asked: together the limits are never more than
 * what is divided. */
static void limits_are_what_is_divided(void **state)
{
    (void)state;
    two_begin(60);
    put_in_force(40, 40, 2, 80);
    assert_int_equal(both[0]->limit + both[1]->limit, 80);
    put_in_force(80, 0, 1, 80); /* the other has 40 still */
    assert_int_equal(both[0]->limit, 40);
    put_in_force(30, 50, 2, 80);
    put_in_force(30, 50, 2, 80);
    put_in_force(80, 0, 1, 80);
    assert_int_equal(both[0]->limit, 30);
    put_in_force(40, 40, 2, 80);
    put_in_force(40, 40, 2, 80);
    put_in_force(40, 60, 2, 80); /* the first keeps what it has */
    assert_int_equal(both[1]->limit, 40);
    put_in_force(20, 20, 2, 80);
    put_in_force(60, 60, 2, 80); /* both want to grow: first come, first served */
    assert_int_equal(both[0]->limit, 60);
    assert_int_equal(both[1]->limit, 20);
    assert_int_equal(shares_sum(), 80);
    put_in_force(50, 30, 2, 80); /* one gives what the other gets */
    assert_int_equal(both[0]->limit, 50);
    assert_int_equal(both[1]->limit, 30);
    two_end(60);
}

/* What is above a share is on its way to the device when it has been put in force. */
static void writes_are_not_held_back(void **state)
{
    (void)state;
    two_begin(60);
    host_swap.instant = 0;
    put_in_force(57, 57, 2, 120);
    assert_int_equal(host_device_pending(), laundry_count);
    assert_true(both[0]->charged <= 57 + laundry_count);
    mm_lock();
    while (laundry_count > 0)
        laundry_wait();
    mm_unlock();
    assert_int_equal(both[0]->charged, 57); /* and not one more than had to go */
    host_swap.instant = 100;
    two_end(60);
}

/* What was found missing is missing for a while, less each time; and is taken by the scheme
 * that is in force. */
static void frames_that_are_missing(void **state)
{
    (void)state;
    two_begin(60);
    do /* whatever was missing before is forgotten */
        divide_proportionally(30, 90, 80);
    while (shares_frames() + frame_watermarks.high <
           frame_counts.free + both[0]->charged + both[1]->charged);
    uint32_t before = shares_frames();
    mm_lock();
    assert_true(shares_press(40));
    mm_unlock();
    assert_int_equal(both[0]->share, 10);
    assert_int_equal(both[1]->share, 30);
    assert_int_equal(shares_frames(), before - 40);
    divide_proportionally(30, 90, 40);
    assert_int_equal(shares_frames(), before - 20);
    two_end(60);
}

static bool press(uint32_t missing)
{
    mm_lock();
    bool helps = shares_press(missing);
    mm_unlock();
    return helps;
}

/* When frames are short, it is divided anew what was divided last, by the same scheme. */
static void divided_anew_as_the_last_time(void **state)
{
    (void)state;
    two_begin(60);
    divide_proportionally(30, 90, 80);
    divide_proportionally(90, 30, 80);
    press(40);
    assert_int_equal(both[0]->share, 30);
    assert_int_equal(both[1]->share, 10);
    put_in_force(20, 60, 2, 80); /* equal ones from now on */
    put_in_force(20, 60, 2, 80);
    press(10);
    assert_int_equal(both[0]->share, 20); /* it is no time to get more */
    assert_int_equal(both[1]->share, 35);
    put_in_force(20, 60, 2, 80);
    press(40);
    assert_int_equal(both[0]->share, 20);
    assert_int_equal(both[1]->share, 20);
    two_end(60);
}

/* How often they fault was judged then, and is no reason to give more or less again. */
static void nobody_is_judged_twice(void **state)
{
    (void)state;
    two_begin(60);
    struct claim claims[2];
    for (unsigned i = 0; i < 2; i++)
        claims[i] = (struct claim){.group = group_index(both[i]),
                                   .minimum = 4,
                                   .share = 40,
                                   .judged = true,
                                   .fault_rate = i ? 1 : 5000};
    shares_apply(ALLOCATION_FAULT_FREQUENCY, claims, 2, 80);
    press(8);
    assert_int_equal(both[0]->share, 36);
    assert_int_equal(both[1]->share, 36);
    claims[0].share = claims[1].share = 60; /* more than there is: 44 and 36 */
    shares_apply(ALLOCATION_FAULT_FREQUENCY, claims, 2, 80);
    press(8); /* what counts is what they have */
    assert_int_equal(both[0]->share, 39);
    assert_int_equal(both[1]->share, 32);
    two_end(60);
}

/* One has no share any more, one has ended: what is missing is not asked of them, nor are they
 * counted. */
static void who_has_ended_gives_nothing(void **state)
{
    (void)state;
    two_begin(60);
    divide_proportionally(30, 90, 80);
    shares_end(both[1]);
    press(4);
    assert_int_equal(both[0]->share, 16);
    assert_int_equal(both[1]->share, 0);
    assert_int_equal(both[1]->limit, UINT32_MAX);
    divide_proportionally(30, 90, 80);
    shares_end(both[0]);
    press(4);
    assert_int_equal(both[0]->share, 0);
    assert_int_equal(both[1]->share, 56);
    divide_proportionally(30, 90, 80);
    uint32_t others = both[1]->share;
    put_in_force(20, 0, 1, 80); /* the other keeps what it has, and is not divided anew */
    press(4);
    assert_int_equal(both[0]->share, 16);
    assert_int_equal(both[1]->share, others);
    two_end(60);
    assert_false(press(4)); /* nobody is left */
}

/* The daemon takes only what lies beyond a share, and when all are within theirs, nothing,
 * until they are divided anew. */
static void whose_page_goes(void **state)
{
    (void)state;
    two_begin(60);
    divide_proportionally(50, 50, 120);
    assert_int_equal(shares_excess(both[0]), 0);
    assert_ptr_equal(shares_source(), &groups[GROUP_ALL]);
    mm_lock();
    assert_true(shares_press(40));
    assert_int_equal(both[0]->share, 40);
    assert_int_equal(both[1]->share, 40);
    assert_int_equal(shares_excess(both[1]), 20);
    assert_true(shares_source() != &groups[GROUP_ALL]);
    while (shares_excess(both[1]) > 0)
        assert_int_not_equal(shares_reclaim(both[1], GROUP_ALL, false), RECLAIM_NOTHING);
    assert_false(shares_press(1000)); /* the minimums are more than would be left */
    mm_unlock();
    assert_int_equal(both[1]->charged, 40);
    assert_int_equal(both[1]->foreign, 0);
    two_end(60);
}

static void without_shares_all_compete(void **state)
{
    (void)state;
    two_begin(60);
    uint64_t before = evict_counts.foreign;
    mm_lock();
    for (unsigned i = 0; i < 10; i++)
        shares_reclaim(both[0], group_index(both[1]), false);
    shares_turns = true;
    bool met[2] = {false, false};
    for (unsigned i = 0; i < 120; i++) {
        met[0] |= shares_source() == both[0];
        met[1] |= shares_source() == both[1];
    }
    shares_turns = false;
    mm_unlock();
    assert_true(met[0] && met[1]);
    assert_int_equal(both[0]->foreign, 10);
    assert_int_equal(evict_counts.foreign, before + 10);
    host_swap.instant = 0;
    mm_lock();
    enum reclaim result = shares_reclaim(both[0], group_index(both[1]), false);
    mm_unlock();
    assert_int_equal(result, RECLAIM_STARTED);
    assert_int_equal(both[0]->foreign, 11); /* it is on its way */
    host_swap.instant = 100;
    two_end(60);
}

/* None of what looks at all groups looks behind the last. */
static void as_many_groups_as_there_can_be(void **state)
{
    (void)state;
    two_begin(4);
    struct group *others[GROUPS_MAX];
    unsigned count = 0;
    while ((others[count] = group_create()) != NULL)
        count++;
    assert_int_equal(group_count, GROUPS_MAX);
    put_in_force(4, 4, 2, 20);
    assert_int_equal(shares_sum(), 8);
    assert_true(shares_frames() > 0);
    assert_ptr_equal(shares_source(), &groups[GROUP_ALL]);
    while (count > 0)
        unit_group_end(others[--count]);
    two_end(4);
}

/* Nowhere to write to: a share is not worth ending anybody for. */
static void a_share_stretches(void **state)
{
    (void)state;
    struct space *space = unit_space();
    struct group *group = unit_group(space, "clock", UINT32_MAX);
    struct claim claim = {.group = group_index(group), .minimum = 4};
    unit_map(space, HERE, 20, R | W);
    assert_true(allocation_divide(ALLOCATION_EQUAL, bounds, &claim, 1, 10));
    shares_apply(ALLOCATION_EQUAL, &claim, 1, 10);
    for (unsigned k = 0; k < 20; k++)
        unit_write(space, HERE + PAGES(k), k);
    assert_int_equal(group->charged, 20);
    assert_int_equal(group->limit, 20);
    shares_end(group);
    space_release(space);
    unit_group_end(group);
}

/* What a hog holds is looked over in vain before each stretch. So one is enough, however far
 * above its share it is since a round; and one serves for many frames. */
static void a_hog_is_soon_at_its_end(void **state)
{
    (void)state;
    enum { HOG = 1000 };
    struct space *space = unit_space();
    struct group *group = unit_group(space, "clock", UINT32_MAX);
    struct claim claim = {.group = group_index(group), .minimum = 4};
    unit_map(space, HERE, HOG, R | W);
    for (unsigned k = 0; k < HOG; k++)
        unit_write(space, HERE + PAGES(k), k);
    assert_true(allocation_divide(ALLOCATION_EQUAL, bounds, &claim, 1, 10));
    shares_apply(ALLOCATION_EQUAL, &claim, 1, 10);
    assert_int_equal(group->charged, HOG); /* they have nowhere to go */
    assert_int_equal(group->limit, 10);
    mm_lock();
    assert_true(shares_stretch(group));
    mm_unlock();
    assert_true(group->limit > HOG + HOG / 20);
    shares_end(group);
    space_release(space);
    unit_group_end(group);
}

void test_shares(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(shares_are_kept),
        UNIT_TEST(limits_are_what_is_divided),
        UNIT_TEST(writes_are_not_held_back),
        UNIT_TEST(frames_that_are_missing),
        UNIT_TEST(divided_anew_as_the_last_time),
        UNIT_TEST(nobody_is_judged_twice),
        UNIT_TEST(who_has_ended_gives_nothing),
        UNIT_TEST(whose_page_goes),
        UNIT_TEST(without_shares_all_compete),
        UNIT_TEST(as_many_groups_as_there_can_be),
        UNIT_TEST(a_share_stretches),
        UNIT_TEST(a_hog_is_soon_at_its_end),
    };
    unit_add(tests);
}
