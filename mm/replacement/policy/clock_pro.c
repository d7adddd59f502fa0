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
 * passed. R of the newest page is that of its fault, and is thrown away. */
#include "mm/policy.h"

/* The policy word and the ghost: (group->faults << 2 when it became the youngest) | these. */
#define PRO_HOT  1u
#define PRO_TEST 2u

struct pro {
    struct frame_queue ring;
    frame_t cold, hot, newest;             /* two hands; the page that came last */
    uint32_t hot_count, cold_share, tests; /* tests: evicted pages in test */
};

static struct pro *pro_of(struct group *group)
{
    return (struct pro *)group->state;
}

static void pro_open(struct group *group)
{
    struct pro *pro = pro_of(group);
    *pro = (struct pro){.cold_share = 1};
    queue_init(&pro->ring);
    pro->cold = pro->hot = pro->newest = FRAME_NONE;
}

static void pro_test_ends(struct pro *pro, bool passed)
{
    if (passed && pro->cold_share + 1 < pro->ring.count)
        pro->cold_share++;
    if (!passed && pro->cold_share > 1)
        pro->cold_share--;
}

/* The youngest is the last that the hand `hot` comes to. */
static void pro_insert(struct group *group, frame_t frame, uint32_t kind) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    queue_insert(&pro->ring, pro->hot, frame);
    if (pro->ring.count == 1)
        pro->hot = pro->cold = frame;
    frame_get(frame)->policy = (uint32_t)group->faults << 2 | kind;
    pro->hot_count += kind & PRO_HOT;
}

static void pro_take(struct pro *pro, frame_t frame) REQUIRES(mm)
{
    frame_t after = pro->ring.count > 1 ? queue_next_round(&pro->ring, frame) : FRAME_NONE;
    if (frame_same(frame, pro->cold))
        pro->cold = after;
    if (frame_same(frame, pro->hot))
        pro->hot = after;
    queue_remove(&pro->ring, frame);
    pro->hot_count -= frame_get(frame)->policy & PRO_HOT;
}

/* The hand `hot`: until the cold pages have their share. */
static void pro_demote(struct group *group) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    while (pro->hot_count > 0 && pro->hot_count + pro->cold_share > pro->ring.count) {
        uint32_t *word = &frame_get(pro->hot)->policy;
        if (*word & PRO_TEST)
            pro_test_ends(pro, false);
        if ((*word & PRO_HOT) && policy_test_referenced(pro->hot)) {
            *word = (uint32_t)group->faults << 2 | PRO_HOT;
        } else {
            pro->hot_count -= *word & PRO_HOT;
            *word &= ~(PRO_HOT | PRO_TEST);
        }
        pro->hot = queue_next_round(&pro->ring, pro->hot);
    }
}

static void pro_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    struct page *page = page_get(frame_get(frame)->page);
    pro->newest = frame;
    uint32_t oldest = frame_is(pro->hot) ? frame_get(pro->hot)->policy : 0;
    bool passed = (page->ghost & PRO_TEST) && (int32_t)((page->ghost | 3) - oldest) >= 0 &&
                  (uint32_t)group->faults - page->evicted_at <= pro->ring.count + 1;
    bool room = pro->hot_count + pro->cold_share <= pro->ring.count;
    page->ghost = 0;
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
    page_get(frame_get(frame)->page)->ghost = frame_get(frame)->policy;
    if ((frame_get(frame)->policy & PRO_TEST) && ++pro->tests > pro->ring.count) {
        pro->tests--;
        pro_test_ends(pro, false);
    }
    pro_take(pro, frame);
}

/* The hand `cold`. */
static frame_t pro_victim(struct group *group) REQUIRES(mm)
{
    struct pro *pro = pro_of(group);
    if (frame_is(pro->newest))
        policy_test_referenced(pro->newest);
    pro->newest = FRAME_NONE;
    pro_demote(group);
    for (uint32_t left = 2 * pro->ring.count; left > 0; left--) {
        frame_t frame = pro->cold;
        uint32_t kind = frame_get(frame)->policy & (PRO_HOT | PRO_TEST);
        pro->cold = queue_next_round(&pro->ring, frame);
        if ((kind & PRO_HOT) || !policy_may_evict(frame))
            continue;
        if (!policy_test_referenced(frame))
            return frame;
        pro_take(pro, frame);
        pro_insert(group, frame, kind & PRO_TEST ? PRO_HOT : PRO_TEST);
        if (kind & PRO_TEST)
            pro_test_ends(pro, true);
        pro_demote(group);
    }
    return policy_first(&pro->ring); /* no cold page may go just now */
}

const struct policy policy_clock_pro = {
    .name = "clock-pro",
    .description = "CLOCK-Pro: hot, cold and test; short distances stay",
    .open = pro_open,
    .admit = pro_admit,
    .remove = pro_remove,
    .victim = pro_victim,
};
