/* tests/host/test_allocation.c - dividing frames: the book's numbers, and what must hold for
 * any claims; then shares in force, and whose page goes. */
#include <string.h>

#include "mm/laundry.h"
#include "mm/more/shares.h"
#include "tests/host/choice.h"
#include "tests/host/unit.h"

enum { MOST = 40, RUNS = 3000 };

static const struct allocation_bounds bounds = {.upper = 1000, .lower = 100};

static uint64_t sum_of(const struct claim *claims, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += claims[i].share;
    return sum;
}

/* --- The book's -------------------------------------------------------------------------- */

static void the_books_numbers(void **state)
{
    (void)state;
    struct claim claims[5] = {{.size = 10, .minimum = 4}, {.size = 127, .minimum = 4}};
    assert_true(allocation_divide(ALLOCATION_PROPORTIONAL, bounds, claims, 2, 62));
    assert_int_equal(claims[0].share, 4);
    assert_int_equal(claims[1].share, 57);
    assert_true(allocation_divide(ALLOCATION_EQUAL, bounds, claims, 2, 62));
    assert_int_equal(claims[0].share, 31);
    for (unsigned i = 0; i < 5; i++)
        claims[i] = (struct claim){.minimum = 6};
    assert_true(
        allocation_divide(ALLOCATION_EQUAL, bounds, claims, 5, 93)); /* 18, and 3 over */
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(claims[i].share, 18);
}

static void the_minimum_comes_first(void **state)
{
    (void)state;
    struct claim claims[] = {{.size = 10, .minimum = 8}, {.size = 127, .minimum = 8}};
    assert_true(allocation_divide(ALLOCATION_PROPORTIONAL, bounds, claims, 2, 62));
    assert_int_equal(claims[0].share, 8);
    assert_int_equal(claims[1].share, 54);
    assert_false(allocation_divide(ALLOCATION_EQUAL, bounds, claims, 2, 15));
    assert_int_equal(claims[0].share, 8);
    assert_int_equal(claims[1].share, 8);
}

static void weights_are_niceness(void **state)
{
    (void)state;
    assert_int_equal(allocation_weight(0), 1024);
    for (int nice = -20; nice < 19; nice++) {
        double step = (double)allocation_weight(nice) / allocation_weight(nice + 1);
        assert_true(step > 1.15 && step < 1.35);
    }
    struct claim claims[] = {{.weight = allocation_weight(-5), .minimum = 1},
                             {.weight = allocation_weight(0), .minimum = 1}};
    assert_true(allocation_divide(ALLOCATION_PRIORITY, bounds, claims, 2, 405));
    assert_int_equal(claims[0].share, 305);
    assert_int_equal(claims[1].share, 99);
}

static void names(void **state)
{
    (void)state;
    for (unsigned scheme = 0; scheme < ALLOCATION_SCHEMES; scheme++)
        assert_int_equal(allocation_find(allocation_names[scheme]), scheme);
    assert_int_equal(allocation_find("none of them"), ALLOCATION_SCHEMES);
}

/* --- For any claims --------------------------------------------------------------------------- */

static unsigned claims_any(struct claim *claims, uint32_t minimum)
{
    unsigned count = 1 + choose(MOST);
    for (unsigned i = 0; i < count; i++)
        claims[i] = (struct claim){
            .group = (uint16_t)i,
            .size = choose(10) ? choose(5000) : 0,
            .minimum = minimum ? minimum : choose(20),
            .weight = allocation_weight((int)choose(40) - 20),
            .working_set = choose(3000),
            .fault_rate = choose(3000),
            .judged = choose(2),
            .share = choose(4) ? 1 + choose(4000) : 0,
        };
    return count;
}

static void sums_and_minimums(void **state)
{
    (void)state;
    static struct claim claims[MOST], again[MOST];
    choice_seed(5);
    for (unsigned run = 0; run < RUNS; run++) {
        enum allocation_scheme scheme = 1 + choose(ALLOCATION_SCHEMES - 1);
        unsigned count = claims_any(claims, 0);
        uint32_t frames_ = choose(30000);
        memcpy(again, claims, sizeof(claims));
        bool suffices = allocation_divide(scheme, bounds, claims, count, frames_);
        uint64_t minimums = 0;
        for (unsigned i = 0; i < count; i++) {
            minimums += claims[i].minimum;
            assert_true(claims[i].minimum > 0);
            assert_true(claims[i].share >= claims[i].minimum);
        }
        assert_int_equal(suffices, minimums <= frames_);
        assert_true(sum_of(claims, count) <= (suffices ? frames_ : minimums));
        allocation_divide(scheme, bounds, again, count, frames_);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(claims[i].share, again[i].share);
    }
}

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    return scheme == ALLOCATION_PROPORTIONAL  ? claim->size
           : scheme == ALLOCATION_PRIORITY    ? claim->weight
           : scheme == ALLOCATION_WORKING_SET ? claim->working_set
                                              : 1;
}

/* Whoever has more of what counts gets no less; and one frame more for all harms nobody. */
static void more_is_not_less(void **state)
{
    (void)state;
    static const enum allocation_scheme schemes[] = {
        ALLOCATION_EQUAL, ALLOCATION_PROPORTIONAL, ALLOCATION_PRIORITY,
        ALLOCATION_WORKING_SET};
    static struct claim claims[MOST], more[MOST];
    choice_seed(6);
    for (unsigned run = 0; run < RUNS; run++) {
        enum allocation_scheme scheme = schemes[choose(4)];
        unsigned count = claims_any(claims, 8);
        uint32_t frames_ = 8 * count + choose(20000);
        memcpy(more, claims, sizeof(claims));
        assert_true(allocation_divide(scheme, bounds, claims, count, frames_));
        assert_true(allocation_divide(scheme, bounds, more, count, frames_ + 1));
        for (unsigned i = 0; i < count; i++) {
            assert_true(more[i].share >= claims[i].share);
            for (unsigned j = 0; j < count; j++)
                if (measure(scheme, &claims[i]) >= measure(scheme, &claims[j]))
                    assert_true(claims[i].share >= claims[j].share);
        }
    }
}

/* --- The control loop -------------------------------------------------------------------------- */

static void between_the_bounds_nothing_moves(void **state)
{
    (void)state;
    struct claim claims[] = {
        {.minimum = 8, .share = 100, .fault_rate = 500, .judged = true},
        {.minimum = 8, .share = 100, .fault_rate = 5000, .judged = false},
        {.minimum = 8, .share = 100, .fault_rate = 1001, .judged = true},
        {.minimum = 8, .share = 100, .fault_rate = 99, .judged = true},
        {.minimum = 8, .share = 8, .fault_rate = 0, .judged = true},
        {.minimum = 8, .share = 0, .fault_rate = 0, .judged = true},
    };
    assert_true(allocation_divide(ALLOCATION_FAULT_FREQUENCY, bounds, claims, 6, 1000));
    static const uint32_t expected[] = {100, 100, 126, 93, 8, 8};
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(claims[i].share, expected[i]);
}

/* When nothing is left to grow into, nobody whose rate is right loses anything. */
static void growth_is_what_is_left(void **state)
{
    (void)state;
    struct claim claims[] = {
        {.minimum = 8, .share = 100, .fault_rate = 500, .judged = true},
        {.minimum = 8, .share = 100, .fault_rate = 2000, .judged = true},
        {.minimum = 8, .share = 300, .fault_rate = 2000, .judged = true},
    };
    assert_true(allocation_divide(ALLOCATION_FAULT_FREQUENCY, bounds, claims, 3, 520));
    assert_int_equal(claims[0].share, 100);
    assert_true(claims[1].share >= 100 && claims[2].share >= 300);
    assert_true(sum_of(claims, 3) >= 518 && sum_of(claims, 3) <= 520);
}

/* A process that faults as its share is short of 200 pages: it ends between the bounds. */
static void it_settles(void **state)
{
    (void)state;
    struct claim claim = {.minimum = 8, .share = 8, .judged = true};
    for (unsigned i = 0; i < 60; i++) {
        claim.fault_rate = claim.share < 200 ? (200 - claim.share) * 5000 / 200 : 0;
        assert_true(allocation_divide(ALLOCATION_FAULT_FREQUENCY, bounds, &claim, 1, 1000));
    }
    assert_true(claim.share >= 160 && claim.share < 200);
}

/* --- In force ------------------------------------------------------------------------------------ */

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
        space_release(spaces[i]);
        unit_group_end(both[i]);
    }
}

static void divide_proportionally(unsigned one, unsigned other, uint32_t frames_)
{
    struct claim claims[] = {{.group = group_index(both[0]), .size = one, .minimum = 4},
                             {.group = group_index(both[1]), .size = other, .minimum = 4}};
    assert_true(allocation_divide(ALLOCATION_PROPORTIONAL, bounds, claims, 2, frames_));
    shares_apply(ALLOCATION_PROPORTIONAL, bounds, claims, 2, frames_);
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
    shares_apply(ALLOCATION_EQUAL, bounds, claims, count, frames_);
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
    two_end(60);
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
    shares_apply(ALLOCATION_EQUAL, bounds, &claim, 1, 10);
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
    shares_apply(ALLOCATION_EQUAL, bounds, &claim, 1, 10);
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

int test_allocation(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(the_books_numbers),
        UNIT_TEST(the_minimum_comes_first),
        UNIT_TEST(weights_are_niceness),
        UNIT_TEST(names),
        UNIT_TEST(sums_and_minimums),
        UNIT_TEST(more_is_not_less),
        UNIT_TEST(between_the_bounds_nothing_moves),
        UNIT_TEST(growth_is_what_is_left),
        UNIT_TEST(it_settles),
        UNIT_TEST(shares_are_kept),
        UNIT_TEST(limits_are_what_is_divided),
        UNIT_TEST(writes_are_not_held_back),
        UNIT_TEST(frames_that_are_missing),
        UNIT_TEST(whose_page_goes),
        UNIT_TEST(without_shares_all_compete),
        UNIT_TEST(a_share_stretches),
        UNIT_TEST(a_hog_is_soon_at_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
