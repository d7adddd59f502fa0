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
                f" far{', exact mode' if group.exact else ''}"
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

WINDOWS = (1, 2, 4, 8, 16, 32)


def window_counts(frames: list[Record]) -> list[int]:
    """Of the frames, how many were referenced within the last 1, 2, 4, … ticks."""
    return [sum(1 for each in frames if each.history >> (32 - width)) for width in WINDOWS]


def frames_of(space: Record) -> list[Record]:
    """The frames that a space maps."""
    found = []
    for _, bits in walking.entries(space.root, 0, spaces.USER_END):
        if entry.is_present(bits) and entry.frame_of(bits) != arrays.zero_frame():
            found.append(arrays.frames()[entry.frame_of(bits)])
    return found


class WorkingSets(Command):
    """Working sets, from the history of A bits: vm ws [PID].

    For each process, how many of the frames it maps were referenced within the last 1, 2, 4, …
    32 ticks of their group's clock; "since": used since the last tick."""

    name = "ws"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        list(arrays.frames())
        wanted = (
            [spaces.space_of(plain[0])]
            if plain
            else [s for s in spaces.spaces() if spaces.users_of(s)]
        )
        say(
            "resident  since  within ticks: "
            + " ".join(f"{width:5}" for width in WINDOWS)
            + "  space"
        )
        for space in wanted:
            frames = frames_of(space)
            since = sum(
                1
                for _, bits in walking.entries(space.root, 0, spaces.USER_END)
                if bits & entry.PRESENT and bits & entry.REFERENCED
            )
            counts = " ".join(f"{count:5}" for count in window_counts(frames))
            say(f"{len(frames):8}  {since:5}                {counts}  {spaces.space_name(space)}")
        if not any(group.ticks for group in groups()):
            say(
                "no group has ticked yet: there is no history; a policy that wants ticks, or a tick"
                " by hand (memory.tick), makes one"
            )
