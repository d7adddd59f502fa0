"""Other rules for a course's lab of page tables: which of the frames that are taken becomes which new table, and in
which order tables are given back."""

from __future__ import annotations

from pathlib import Path

from labbing.host.bench import HIGH_ABOVE, LOW_ABOVE, LOWEST_FIRST

SAMPLE = Path(__file__).resolve().parents[2] / "labs/1-page-tables/variant/by-number.c"
ORDER = "made[level].number < made[level + 1].number"
TITLES = {
    LOW_ABOVE: "of new tables, that of the highest level has the frame with the lowest number",
    HIGH_ABOVE: "of new tables, that of the highest level has the frame with the highest number",
    LOWEST_FIRST: "of tables that become empty together, that of the lower level is given back first",
}
S7 = (
    "`table_build` builds the tables on the way that are missing, no others, and answers where the entry of the page "
    "stands. A new table is all zeroes. Of the frames that become tables in one call (those of links do not count), "
    "the one with the {first} number becomes the table of the highest level, the next {lower} one that of the level "
    "below, and so on."
)
S14 = (
    "A frame of a table is given back when no entry leads to it any more, and, if its tree is loaded, after the "
    "processor was told to forget it. That is so for tables that were built in vain, too. Of the tables that become "
    "empty in one call of `table_trim`, that of a lower level is given back before those of higher ones."
)


def every_use() -> list[dict[str, list[str]]]:
    orders = (LOW_ABOVE, HIGH_ABOVE)
    return [{"tables": [order]} for order in orders] + [{"tables": [order, LOWEST_FIRST]} for order in orders]


def title(uses: dict[str, list[str]]) -> str:
    return "; ".join(TITLES[rule] for rule in uses["tables"])


def sentences(uses: dict[str, list[str]]) -> dict[str, str]:
    rules = uses["tables"]
    first, lower = ("lowest", "higher") if LOW_ABOVE in rules else ("highest", "lower")
    return {"S7": S7.format(first=first, lower=lower)} | ({"S14": S14} if LOWEST_FIRST in rules else {})


def solution(uses: dict[str, list[str]], said: str) -> str:
    """The sample's: as much of it as the rules want."""
    _, rest = SAMPLE.read_text("utf-8").split("*/", 1)
    assert rest.count(ORDER) == 1
    if HIGH_ABOVE in uses["tables"]:
        rest = rest.replace(ORDER, ORDER.replace("<", ">"))
    if LOWEST_FIRST not in uses["tables"]:
        rest = rest[: rest.index("void table_trim(")].rstrip() + "\n"
    return f"/* {said}. */{rest}"
