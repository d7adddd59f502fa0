"""vm groups, vm ws: who competes with whom for frames, and what they used lately."""

from __future__ import annotations

import gdb

from vm import arrays, entry, kernel, spaces, walking
from vm.kernel import Array, Record
from vm.words import NONE, Command, Complaint, number, say


@kernel.remembered
def groups() -> Array:
    arrays.frames()
    return Array("groups", "struct group", kernel.number("group_count"), "group")


def group_of(text: str | None) -> tuple[int, Record]:
    """A group by its number; without one, that of all."""
    index = number(text, "a group", len(groups())) if text else 0
    group = groups()[index]
    if not group.in_use:
        raise Complaint(f"group {index} is not in use")
    return index, group


def policy_field(group: Record, name: str) -> str:
    """The policy's name or description."""
    if not group.policy:
        return "none"
    pointer = kernel.c_type("struct policy", "policies").pointer()
    return gdb.Value(group.policy).cast(pointer)[name].string()


def members(index: int) -> list[str]:
    """The processes whose faults are the group's."""
    return [
        str(process)
        for space in spaces.spaces()
        if space.group == index
        for process in spaces.users_of(space)
    ]


class Groups(Command):
    """The groups of frames: vm groups.

    Each with its policy, the frames charged to it, its limit, what it has counted, and the
    processes whose faults are its."""

    name = "groups"
    most = 0

    def run(self, _plain: list[str], _named: dict[str, str]) -> None:
        for index, group in enumerate(groups()):
            if not group.in_use:
                continue
            limit = "no limit" if group.limit == NONE else f"limit {group.limit}"
            say(
                f"group {index}: policy {policy_field(group, 'name')}, {group.charged} frames"
                f" charged, {limit}, at most {group.peak} so"
                f" far{', exact mode' if group.hooks else ''}"
            )
            say(
                f"  clock: {group.faults} pages brought in, {group.ticks} ticks"
                + (f", one every {group.tick_period} pages" if group.tick_period else "")
            )
            counts = ("scanned", "evicted", "written", "rescued", "page_ins", "refaulted")
            say(
                "  "
                + ", ".join(
                    f"{name.replace('_', '-')} {getattr(group, name)}"
                    for name in counts
                    if group.has(name)
                )
            )
            say(f"  processes: {', '.join(members(index)) or 'none'}")


# --- Working sets ----------------------------------------------------------------------------

PERIODS = 8  # in the window: WORKING_SET_PERIODS of mm/working_sets/working_set.h
WINDOWS = (1, 2, 4, PERIODS)


class Ages:
    """When the pages that a space's entries name were used, as the entries say (arch/pte.h)."""

    def __init__(self, space: Record):
        self.resident = self.since = self.away = 0
        self.within = [0] * len(WINDOWS)
        for _, bits in walking.entries(space.table_root, 0, spaces.USER_END):
            if entry.page_meant(bits) != NONE:
                self._count(bits)

    def _count(self, bits: int) -> None:
        present = entry.is_present(bits)
        age = 0 if present and bits & entry.REFERENCED else entry.age_of(bits)
        self.resident += present
        self.since += age == 0
        self.away += not present and age <= PERIODS
        for place, width in enumerate(WINDOWS):
            self.within[place] += age <= width


class WorkingSets(Command):
    """Working sets, from the ages that the ptes keep: vm ws [PID].

    For each process: its pages in frames; those used since its space was last sampled, and within
    1, 2, 4 and 8 periods of its own running time before. 8 are the window: that is its working
    set now. "away": pages of it that are in no frame. "sampled": what it was at the last sample."""

    name = "ws"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        list(arrays.frames())
        wanted = (
            [spaces.space_of(plain[0])]
            if plain
            else [s for s in spaces.spaces() if spaces.users_of(s)]
        )
        say(
            "resident  since  within periods: "
            + " ".join(f"{width:5}" for width in WINDOWS)
            + "   away  sampled  space"
        )
        for space in wanted:
            ages = Ages(space)
            counts = " ".join(f"{count:5}" for count in ages.within)
            say(
                f"{ages.resident:8}  {ages.since:5}                  {counts}  {ages.away:5}"
                f"  {space.working_set:7}  {spaces.space_name(space)}"
            )
