"""What was seen, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from witnessing.seen import BEFORE, LAST_MARK, Fault, Seen

LINES_MOST = 40  # faults of a phase that are told one by one
ENDS = {
    "done": "the program has made its last mark",
    "limit": "the budget is spent: it runs on, and on",
    "stopped": "the machine is halted for ever (a kernel that has switched off is, too)",
    "lost": "the machine was reset or switched off, or QEMU ended",
}


def phases(seen: Seen) -> list[tuple[int, int]]:
    """(the place in `marks` where it begins, its number) of each phase."""
    return [(BEFORE, BEFORE), *((place, mark.number) for place, mark in enumerate(seen.marks))]


def fault_line(fault: Fault) -> str:
    why = "present" if fault.present else "absent"
    return f"  {fault.access:7}  {fault.address:#14x}  {why:7}  at {fault.ip:#14x}  space {fault.space >> 12:#x}"


def frames(seen: Seen, place: int) -> dict[int, int]:
    """The frame behind each page that was touched in a phase, as it was at its end."""
    return {touch.address: touch.frame for touch in seen.touches if touch.mark == place}


def phase_lines(seen: Seen, place: int, number: int) -> Iterator[str]:
    """A phase: its mark, its faults, its frames."""
    faults = [fault for fault in seen.faults if fault.mark == place]
    behind = frames(seen, place)
    count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    if place == BEFORE:
        yield f"before the first mark: {count}"
    else:
        mark = seen.marks[place]
        name = "the last mark" if number == LAST_MARK else f"mark {number}"
        yield f"{name}, value {mark.value:#x}, space {mark.space >> 12:#x}: then {count}"
    yield from map(fault_line, faults[:LINES_MOST])
    if len(faults) > LINES_MOST:
        yield f"  … and {len(faults) - LINES_MOST} more (--json has all)"
    if behind:
        yield "  frames behind the pages that were touched:"
        pairs = [f"{page:#14x} {frame:#7x}" for page, frame in sorted(behind.items())]
        yield from (f"  {'   '.join(pairs[at : at + 3])}" for at in range(0, min(len(pairs), LINES_MOST), 3))
        if len(pairs) > LINES_MOST:
            yield f"  … and {len(pairs) - LINES_MOST} more (--json has all)"


def last_line(console: str) -> str:
    """Of what the kernel printed, whatever bytes it is made of."""
    line = "".join(letter if letter.isprintable() else "?" for letter in console.strip().splitlines()[-1])
    return line if len(line) <= 64 else f"{line[:63]}…"


def text(seen: Seen, ran: bool = True) -> str:
    """For people. `ran`: it was a run of ours, and not a log alone."""
    lines = [line for place, number in phases(seen) for line in phase_lines(seen, place, number)]
    if seen.kernel_faults:
        lines.append(f"{len(seen.kernel_faults)} faults of the kernel itself at user addresses, in copies")
    if ran:
        lines.append(f"{seen.end}: {ENDS[seen.end]}")
        lines.append(f"{seen.instructions} instructions")
        says = "nothing of the program's end" if seen.status is None else f"that the program's status is {seen.status}"
        lines.append(f"the kernel says {says}, which proves nothing")
        if seen.end != "done" and seen.status is None and seen.console.strip():
            lines.append(f"its last line: {last_line(seen.console)}")
    return "\n".join(lines) + "\n"


def as_json(seen: Seen) -> str:
    """For programs: the fields of Seen, all of them."""
    words = asdict(seen)
    words["output"] = seen.output.decode("utf-8", "replace")
    return json.dumps(words, indent=1) + "\n"
