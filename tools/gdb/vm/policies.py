"""vm policy: what a policy keeps in order, a queue or a clock with its hands."""

from __future__ import annotations

import math

import gdb

from vm import arrays, entry, groups, kernel
from vm.kernel import Layout, Record
from vm.words import NONE, Command, Complaint, many, say

FACE_MOST = 24  # more frames do not fit round a clock face
LIST_MOST = 32
WIDTH, HEIGHT = 74, 17


def state_layout(group: Record) -> Layout:
    """What the policy's state words are: struct clock in mm/replacement/policy/clock.c, and so on."""
    name = groups.policy_field(group, "name").replace("-", "_")
    block = kernel.symbol(f"policy_{name}").symtab.static_block()
    for struct in (name, name.rpartition("_")[2], "frame_queue"):
        try:
            kind = gdb.lookup_type(f"struct {struct}", block)
        except gdb.error:
            continue
        if kind.fields() and (struct == "frame_queue" or _is_queue(kind.fields()[0].type)):
            return Layout(kind)
    raise Complaint(f"policy {name} keeps nothing that is known here")


def _is_queue(kind: gdb.Type) -> bool:
    return kind.strip_typedefs().tag == "frame_queue"


def queue(group: Record) -> list[int]:
    """The frames in the policy's order, from the head."""
    raw = group.bytes("state")
    at, count = (int.from_bytes(raw[i : i + 4], "little") for i in (0, 8))
    found: list[int] = []
    while at != NONE:
        if len(found) >= count or at >= arrays.frame_limit():
            raise Complaint(
                f"the policy's queue is broken at frame {at}, number {len(found)} of {count}"
            )
        found.append(at)
        at = arrays.frames()[at].next
    return found


def state_words(group: Record) -> tuple[dict[str, int], dict[str, int]]:
    """What else it keeps: places in the queue (hands), and numbers."""
    layout = state_layout(group)
    raw = group.bytes("state")
    hands: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for name, (at, size, _, _) in layout.fields.items():
        if size > 8 or name in ("head", "tail", "count"):
            continue
        found = int.from_bytes(raw[at : at + size], "little")
        (hands if name in ("hand", "hot", "cold", "newest", "place") else numbers)[name] = found
    return hands, numbers


def referenced(frame: Record) -> bool:
    """R: harvested, or in some pte's A."""
    return bool(frame.referenced) or any(_bits(m) & entry.REFERENCED for m in arrays.mappers(frame))


def modified(frame: Record) -> bool:
    """M: eviction would have to write it."""
    return bool(frame.dirty) or any(_bits(m) & entry.DIRTY for m in arrays.mappers(frame))


def _bits(mapper: int) -> int:
    return kernel.read_word(arrays.mapper_entry(mapper))


def label(index: int) -> str:
    """412 RM: a frame with its bits."""
    frame = arrays.frames()[index]
    return f"{index} {'R' if referenced(frame) else '.'}{'M' if modified(frame) else '.'}"


def face(order: list[int], hands: dict[str, int]) -> list[str]:
    """The frames round a clock face; the first at the top, the hands named beside theirs."""
    rows: list[list[tuple[int, str]]] = [[] for _ in range(HEIGHT)]
    for place, index in enumerate(order):
        angle = 2 * math.pi * place / len(order) - math.pi / 2
        row = round((HEIGHT - 1) / 2 + (HEIGHT - 1) / 2 * math.sin(angle))
        middle = round((WIDTH - 1) / 2 + (WIDTH / 2 - 12) * math.cos(angle))
        text = label(index)
        pointing = [name for name, at in hands.items() if at == index]
        if pointing:
            text = f"{'/'.join(pointing)}>{text}"
        rows[row].append((middle - len(text) // 2, text))
    return ["  " + beside_each_other(sorted(row)) for row in rows]


def beside_each_other(texts: list[tuple[int, str]]) -> str:
    """Each where it wants to begin, or behind the one before it."""
    line = ""
    for start, text in texts:
        line = line.ljust(max(start, len(line) + 1 if line else 0)) + text
    return line


def column(order: list[int], hands: dict[str, int], most: int) -> list[str]:
    """One frame a line, from the head, or from a bit before the hand."""
    hand = next((order.index(at) for at in hands.values() if at in order), 0)
    first = max(min(hand - 4, len(order) - most), 0)
    told = [f"  … {many(first, 'frame')} before"] if first else []
    for index in order[first : first + most]:
        frame = arrays.frames()[index]
        pointing = "/".join(name for name, at in hands.items() if at == index)
        told.append(
            f"  {pointing + '>' if pointing else '':>8} frame {label(index)}  page {frame.page}"
            f"  word {frame.policy}  history {frame.history:#010x}"
            + (f"  {many(frame.pins, 'pin')}" if frame.pins else "")
        )
    rest = len(order) - first - most
    return told + ([f"  … {many(rest, 'frame')} behind"] if rest > 0 else [])


class Policy(Command):
    """A group's policy, its queue or clock with the hands: vm policy [GROUP] [all].

    R and M beside each frame are what the policy would see. Up to 24 frames on a clock are drawn
    as a face, others one a line; "all" shows all of them so."""

    name = "policy"
    most = 2

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        everything = "all" in plain
        rest = [word for word in plain if word != "all"]
        if len(rest) > 1:
            raise Complaint("vm policy [GROUP] [all]: only one group at a time")
        index, group = groups.group_of(rest[0] if rest else None)
        if group.charged > 64:
            list(arrays.frames())  # all at once
        order = queue(group)
        hands, numbers = state_words(group)
        say(
            f"group {index}, {groups.policy_field(group, 'name')}:"
            f" {groups.policy_field(group, 'description')}"
        )
        say(
            f"  {many(len(order), 'frame')} in order from the head; R used since the policy last"
            " asked, M modified"
        )
        if numbers:
            say(
                "  "
                + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in numbers.items())
            )
        is_ring = bool(hands) and 0 < len(order) <= FACE_MOST and not everything
        for line in (
            face(order, hands)
            if is_ring
            else column(order, hands, len(order) if everything else LIST_MOST)
        ):
            if line.strip():
                say(line)
