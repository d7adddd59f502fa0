/* tests/host/test_allocation.c - dividing frames: the book's numbers, and what must hold for
 * any claims. */
#include <string.h>

#include "mm/frame_allocation/allocation.h"
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

/* --- The control loop ----------------------------------------------------------------- */

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

void test_allocation(void)
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
    };
    unit_add(tests);
}
