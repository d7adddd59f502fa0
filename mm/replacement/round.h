/* mm/replacement/round.h - a clock with two hands, of which one has no business with most pages.
 *
 * Hot pages are many, cold ones few; the hand `hot` passes all of them, the hand `cold` only cold
 * ones, and must not go by all the others to the next. So the round is kept as two queues, and a
 * number for each page, its ghost while it is in a frame, says where in the round it stands. The
 * hand `hot` is before the lowest number, and what it passes gets the next one; the hand `cold` is
 * before the page of number `place`. The lowest bit of a page's policy word says that it is hot. */
#ifndef MM_ROUND_H
#define MM_ROUND_H

#include "mm/policy.h"

#define ROUND_HOT 1u

struct round {
    struct frame_queue hot, cold;
    frame_t hand;         /* the first cold page from `place` on, round and round */
    uint32_t place, next; /* where the hand `cold` is; the next number */
};

static inline void round_begin(struct round *round)
{
    *round = (struct round){.hand = FRAME_NONE};
    queue_init(&round->hot);
    queue_init(&round->cold);
}

static inline uint32_t round_count(const struct round *round)
{
    return round->hot.count + round->cold.count;
}

static inline uint32_t round_number(frame_t frame) REQUIRES(mm)
{
    return page_get(frame_get(frame)->page)->ghost;
}

static inline bool round_lower(uint32_t number, uint32_t other)
{
    return (int32_t)(number - other) < 0;
}

/* Of two frames, one of which may be none: the lower (or higher) number. */
static inline frame_t round_choose(frame_t one, frame_t other, bool lower) REQUIRES(mm)
{
    if (!frame_is(one) || !frame_is(other))
        return frame_is(one) ? one : other;
    return round_lower(round_number(one), round_number(other)) == lower ? one : other;
}

/* The page that the hand `hot` is on. */
static inline frame_t round_first(const struct round *round) REQUIRES(mm)
{
    return round_choose(round->hot.head, round->cold.head, true);
}

/* A hand `cold` behind the last page is before the first. */
static inline void round_settle(struct round *round) REQUIRES(mm)
{
    frame_t last = round_choose(round->hot.tail, round->cold.tail, false);
    if (!frame_is(last))
        round->place = round->next;
    else if (round_lower(round_number(last), round->place))
        round->place = round_number(round_first(round));
}

/* To the end: the youngest is the last that the hand `hot` comes to. */
static inline void round_put(struct round *round, frame_t frame) REQUIRES(mm)
{
    page_get(frame_get(frame)->page)->ghost = round->next++;
    bool hot = frame_get(frame)->policy & ROUND_HOT;
    queue_append(hot ? &round->hot : &round->cold, frame);
    if (!hot &&
        (!frame_is(round->hand) || round_lower(round_number(round->hand), round->place)))
        round->hand = frame;
}

static inline void round_take(struct round *round, frame_t frame) REQUIRES(mm)
{
    if (frame_same(frame, round->hand))
        round->hand =
            round->cold.count > 1 ? queue_next_round(&round->cold, frame) : FRAME_NONE;
    queue_remove(frame_get(frame)->policy & ROUND_HOT ? &round->hot : &round->cold, frame);
}

/* The hand `hot` passes the page that it is on, whose policy word is `word` from now on. A hand
 * `cold` that is there, too, stays on it. */
static inline void round_pass(struct round *round, uint32_t word) REQUIRES(mm)
{
    frame_t frame = round_first(round);
    round_settle(round);
    bool both = !round_lower(round_number(frame), round->place);
    round_take(round, frame);
    frame_get(frame)->policy = word;
    if (both)
        round->place = round->next;
    round_put(round, frame);
}

/* The hand `cold` goes on from the page that it is on, which it returns. */
static inline frame_t round_step(struct round *round) REQUIRES(mm)
{
    frame_t frame = round->hand;
    round->hand = queue_next_round(&round->cold, frame);
    round->place = round_number(frame) + 1;
    return frame;
}

#endif
