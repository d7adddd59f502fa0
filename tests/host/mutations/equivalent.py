"""Mutations that change nothing anybody could see, and why. Kept, so that nobody tries them again."""

# Of those that are thought out, by what they are called.
EQUIVALENT = {
    "names are found and not counted": "the count only ends the search; it goes on in vain",
    "mappers are not counted": "the count only ends the search; it goes on in vain",
    "what has been written is mapped again": "and taken back at once, for a name as before",
    "who was judged is judged again": "who grows finds no room; without bounds nobody shrinks",
    "shared entries beyond the end go once more": "they have gone with the object's pages already",
}

# Of the generated ones (tests/host/generated.py), by file and function.
SAME = "the same at the limit"
SHARES = {
    "group_whose_turn_it_is: < is <= in for (uint32_t tried = 0; tried < nframes; tried++) {": "one frame is looked at twice",
    "shares_frames: > is >= in return sum > mark ? sum - mark : 0;": SAME,
    "shrink: without laundry_send()": "it ends by waiting, which sends all, or with nothing to send",
    "shrink: without continue": "it waits for each page: slower",
    "shares_apply: < is <= in if (claims[i].share < group->limit) {": "what could not go is tried once more",
    "shares_apply: < is <= in uint64_t room = limits < frames_ ? frames_ - limits : 0;": SAME,
    "shares_apply: > is >= in uint32_t more = claims[i].share > group->limit ? claims[i].s": SAME,
    "claims_renew: without last.claims[kept].judged = false": "who grows finds no room; without bounds nobody shrinks",
    "shares_press: <= is < in if (sum <= missing || missing == 0)": "of no frames nobody has a minimum",
    "shares_apply: < is <= in more = more < room ? more : (uint32_t)room;": SAME,
}
GENERATED = {f"mm/frame_allocation/shares.c: {what}": why for what, why in SHARES.items()}
