"""A solution in C for a rule of clocks (rules.py): what a course's archive holds, and the tree does not."""

from __future__ import annotations

from labbing import rules
from labbing.rules import Case, Round, Rule

WORD = "frame_get(frame)->policy"
ASKED = {
    rules.USED: "{piece}_used(frame)",
    rules.UNUSED: "!{piece}_used(frame)",
    rules.MODIFIED: "policy_test_modified(frame)",
    rules.CLEAN: "!policy_test_modified(frame)",
    rules.MARKED: f"({WORD} & MARKED)",
    rules.UNMARKED: f"!({WORD} & MARKED)",
}
DONE = {
    rules.CLEAR: f"{WORD} &= ~USED;",
    rules.MARK: f"{WORD} |= MARKED;",
    rules.UNMARK: f"{WORD} &= ~MARKED;",
    rules.TAKE: "return frame;",
}

USED = """enum {{ USED = 1, MARKED = 2, NEWEST = 4 }};

/* R is kept in the policy's word, as asking for it clears the machine's bit. */
static bool {piece}_used(frame_t frame) REQUIRES(mm)
{{
    if (policy_test_referenced(frame))
        frame_get(frame)->policy |= USED;
    return frame_get(frame)->policy & USED;
}}
"""
NEWEST = """/* The frame whose page came last, if it is still there. */
static frame_t {piece}_newest(const struct {piece} *clock) REQUIRES(mm)
{{
    for (frame_t frame = clock->ring.head; frame_is(frame); frame = frame_get(frame)->next)
        if (frame_get(frame)->policy & NEWEST)
            return frame;
    return FRAME_NONE;
}}

static void {piece}_forget_first_use(const struct {piece} *clock) REQUIRES(mm)
{{
    frame_t newest = {piece}_newest(clock);
    if (frame_is(newest) && policy_may_evict(newest) && {piece}_used(newest))
        frame_get(newest)->policy &= ~USED;
}}
"""
ROUND = """static frame_t {piece}_round_{number}(struct {piece} *clock) REQUIRES(mm)
{{
    for (uint32_t left = clock->ring.count; left > 0; left--) {{
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {{
{cases}
        }}
        clock->hand = queue_next_round(&clock->ring, frame);
    }}
    return FRAME_NONE;
}}
"""


def case(piece: str, each: Case, first: bool) -> list[str]:
    asked = " && ".join(ASKED[what] for what in each.asked).format(piece=piece)
    head = f"if ({asked}) {{" if asked else "{"
    return [head if first else f"}} else {head}", *(f"    {DONE[what]}" for what in each.done)]


def round_of(piece: str, number: int, each: Round) -> str:
    lines = [line for at, one in enumerate(each) for line in case(piece, one, at == 0)] + ["}"]
    return ROUND.format(piece=piece, number=number, cases="\n".join(" " * 12 + line for line in lines))


def admit(piece: str, rule: Rule) -> str:
    newest = [
        f"    frame_t newest = {piece}_newest(clock);",
        "    if (frame_is(newest))",
        "        frame_get(newest)->policy &= ~NEWEST;",
    ]
    behind = [
        "    frame_t place = clock->hand;",
        "    if (frame_is(place))",
        "        place = queue_next_round(&clock->ring, place);",
    ]
    lines = [
        f"static void {piece}_admit(struct group *group, frame_t frame) REQUIRES(mm)",
        "{",
        f"    struct {piece} *clock = {piece}_of(group);",
        *(newest if rule.first_use_free else []),
        *(behind if rule.second else []),
        f"    queue_insert(&clock->ring, {'place' if rule.second else 'clock->hand'}, frame);",
        "    if (!frame_is(clock->hand))",
        "        clock->hand = frame;",
        f"    frame_get(frame)->policy = {'NEWEST' if rule.first_use_free else '0'};",
        "}",
    ]
    return "\n".join(lines) + "\n"


def victim(piece: str, rule: Rule, names: dict[Round, int]) -> str:
    lines = [
        f"static frame_t {piece}_victim(struct group *group) REQUIRES(mm)",
        "{",
        f"    struct {piece} *clock = {piece}_of(group);",
        *([f"    {piece}_forget_first_use(clock);"] if rule.first_use_free else []),
        f"    frame_t frame = {piece}_round_{names[rule.rounds[0]]}(clock);",
    ]
    for each in rule.rounds[1:]:
        lines += ["    if (!frame_is(frame))", f"        frame = {piece}_round_{names[each]}(clock);"]
    return "\n".join([*lines, "    return frame;", "}"]) + "\n"


def piece_text(piece: str, rule: Rule) -> str:
    names = {each: number for number, each in enumerate(dict.fromkeys(rule.rounds), 1)}
    parts = [
        f"/* file: mm/replacement/policy/{piece}.c */\n",
        *(["/* without: clock_rm_referenced clock_rm_round */\n"] if piece == "clock_rm" else []),
        USED.format(piece=piece),
        *([NEWEST.format(piece=piece)] if rule.first_use_free else []),
        *(round_of(piece, number, each) for each, number in names.items()),
        admit(piece, rule),
        victim(piece, rule, names),
    ]
    return "\n".join(parts)


def solution(uses: dict[str, list[str]], title: str) -> str:
    """A file of bodies."""
    pieces = [piece_text(piece, rules.rule(piece, parts)) for piece, parts in uses.items()]
    return "\n".join([f"/* {title}. */\n", *pieces])
