/* mm/replacement/policy/clock_pro.c - CLOCK-Pro: keep the pages that come back at short distances.
 *
 * Jiang, Chen, Zhang: CLOCK-Pro, an effective improvement of the CLOCK replacement (USENIX
 * 2005). What counts is the time between two uses of a page, not how long ago the last was.
 * Pages are *hot* or *cold*; a cold page that comes is *in test*, and if it is used again
 * before the test is over it becomes hot. Three hands go round one clock:
 *   - cold: the next cold page goes if R = 0. R = 1: in test it becomes hot, else a test
 *     begins; either way it is the youngest now.
 *   - hot: while there are too many hot pages, the next with R = 0 becomes cold. The tests of
 *     cold pages it passes are over: they are older than the coldest hot page.
 *   - test: of evicted pages, no more are in test than there are frames; the oldest ends.
 * Each test passed gives the cold pages one frame more, each failed one less.
 * Evicted pages are not in our clock. Their word `ghost` says when they became the youngest,
 * so the page at the hand *hot* shows who is too old; evicted_at, whom the hand *test* has
 * passed. R of the newest page is that of its fault, and is thrown away.
 * The clock is kept in two queues: round.h. */
#include "mm/policy.h"
#include "mm/replacement/round.h"

/* The policy word and the ghost: (group->faults << 2 when it became the youngest) | these. While a
 * page is in a frame, its ghost is its number. */
#define PRO_HOT  ROUND_HOT
#define PRO_TEST 2u

struct pro {
    struct round round;
    frame_t newest;             /* the page that came last */
    uint32_t cold_share, tests; /* tests: evicted pages in test */
};

static struct pro *pro_of(struct group *group)
{
    return (struct pro *)group->state;
}

static void pro_open(struct group *group)
{
    struct pro *pro = pro_of(group);
    *pro = (struct pro){.cold_share = 1, .newest = FRAME_NONE};
    round_begin(&pro->round);
}

static void pro_test_ends(struct pro *pro, bool passed)
{
    if (passed && pro->cold_share + 1 < round_count(&pro->round))
        pro->cold_share++;
    if (!passed && pro->cold_share > 1)
        pro->cold_share--;
}

static void pro_insert(struct group *group, frame_t frame, uint32_t kind) REQUIRES(mm)
{
    frame_get(frame)->policy = (uint32_t)group->faults << 2 | kind;
    round_settle(&pro_of(group)->round);
    round_put(&pro_of(group)->round, frame);
}

/* --- What happens ----------------------------------------------------------------------- */

/* The hand `hot`: until the cold pages have their share. */
static void pro_demote(struct group *group) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    while (pro->round.hot.count > 0 &&
           pro->round.hot.count + pro->cold_share > round_count(&pro->round)) {
        frame_t frame = round_first(&pro->round);
        uint32_t word = frame_get(frame)->policy;
        if (word & PRO_TEST)
            pro_test_ends(pro, false);
        if ((word & PRO_HOT) && policy_test_referenced(frame))
            round_pass(&pro->round, (uint32_t)group->faults << 2 | PRO_HOT);
        else
            round_pass(&pro->round, word & ~(PRO_HOT | PRO_TEST));
    }
}

static void pro_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    const struct page *page = page_get(frame_get(frame)->page);
    frame_t first = round_first(&pro->round);
    pro->newest = frame;
    uint32_t oldest = frame_is(first) ? frame_get(first)->policy : 0;
    bool passed =
        (page->ghost & PRO_TEST) && (int32_t)((page->ghost | 3) - oldest) >= 0 &&
        (uint32_t)group->faults - page->evicted_at <= round_count(&pro->round) + 1;
    bool room = pro->round.hot.count + pro->cold_share <= round_count(&pro->round);
    pro_insert(group, frame, passed || room ? PRO_HOT : PRO_TEST);
    if (passed)
        pro_test_ends(pro, true);
    pro->tests -= passed && pro->tests > 0;
}

static void pro_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    if (frame_same(frame, pro->newest))
        pro->newest = FRAME_NONE;
    if ((frame_get(frame)->policy & PRO_TEST) && ++pro->tests > round_count(&pro->round)) {
        pro->tests--;
        pro_test_ends(pro, false);
    }
    round_take(&pro->round, frame);
    page_get(frame_get(frame)->page)->ghost = frame_get(frame)->policy;
}

/* The hand `cold`. */
static frame_t pro_victim(struct group *group) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    if (frame_is(pro->newest))
        policy_test_referenced(pro->newest);
    pro->newest = FRAME_NONE;
    pro_demote(group);
    for (uint32_t left = 2 * round_count(&pro->round);
         left > 0 && frame_is(pro->round.hand); left--) {
        frame_t frame = round_step(&pro->round);
        if (!policy_may_evict(frame))
            continue;
        if (!policy_test_referenced(frame))
            return frame;
        bool tested = frame_get(frame)->policy & PRO_TEST;
        round_take(&pro->round, frame);
        pro_insert(group, frame, tested ? PRO_HOT : PRO_TEST);
        if (tested)
            pro_test_ends(pro, true);
        pro_demote(group);
    }
    frame_t frame = policy_first(&pro->round.hot); /* no cold page may go just now */
    return frame_is(frame) ? frame : policy_first(&pro->round.cold);
}

const struct policy policy_clock_pro = {
    .name = "clock-pro",
    .description = "CLOCK-Pro: hot, cold and test; short distances stay",
    .open = pro_open,
    .admit = pro_admit,
    .remove = pro_remove,
    .victim = pro_victim,
};
