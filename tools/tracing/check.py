"""What a trace may say. Looked at once, when the file is opened, and every reader can rely on it.

A trace is a file, and a file can be anything: cut off by a full disk, damaged on its way, or of
another program. So the header's text and each record are held against what docs/trace.md says;
whatever would lead a reader astray is refused with the place where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tracing.reader import Header

NONE = 0xFFFFFFFF
FRAMES_MOST = 1 << 23  # a frame's number in a pte's (mm/page_tables/mapper.h): 32 GiB
SLOTS_MOST = 1 << 24  # 64 GiB, the most that swap= may ask for
ADDRESSES = 1 << 47  # of user memory
BYTES = ~0xFFF  # of a detail that has flags below them
NAMES_MOST = 256  # of a kind
ANYTHING = 1 << 32  # more than a field holds
NOTE_MOST, NOTE_PART = 240, 16  # bytes of a note, and of it in a record
NAME = re.compile(r"[A-Za-z0-9_.-]+")
NUMBER = re.compile(r"[0-9]{1,20}")
PROCESSORS_MOST = 8
PROCESSOR_SHIFT = 24  # of the processor, in the word with the event

# Of each kind of name, how many words follow it in its line of the header.
LINES = {"event": 2, "kind": 2, "state": 2, "policy": 2, "device": 3, "parameter": 2}
NEEDED = ("event", "kind", "state", "policy", "device")

# What the fields are where they are not "a page or none, a frame or none". These are of processes
# and threads, of objects and places in them, of devices:
OTHER_PAGE = (
    *("process", "exec", "exit", "switch", "suspend", "note", "map", "dump-region"),
    *("name", "fork", "request", "served", "shootdown", "shootdown-sent"),
)
OTHER_FRAME = ("process", "exec", "exit", "switch", "suspend", "note", "map", "dump-region")
# And these must have one.
SURE_PAGE = (
    *("new", "free", "object", "no-object", "slot", "written", "evict", "rescue", "page-in", "charge"),
    *("dump-page", "request", "served", "shootdown-sent"),
)
SURE_FRAME = (
    *("new", "withdraw", "evict", "rescue", "page-in", "give", "take", "table", "state"),
    *("list", "forget", "zeroed", "hand", "space", "charge", "dump-frame"),
)
RANGES = ("map", "unmap", "protect", "discard", "wire", "fork", "dump-region")

# Every event of version 1 that a reader looks for by name; `working-set`, `note` and `charge` came later.
# Those of several processors are named where there are several.
EVENTS = {*OTHER_PAGE, *SURE_PAGE, *SURE_FRAME, *RANGES} - {"note", "charge", "shootdown", "shootdown-sent"}
EVENTS |= {"fault", "region", "pte", "page", "fill", "unshare", "install", "done", "entry", "grow"}
EVENTS |= {"space-end", "pageoutd", "join", "tick", "limit", "policy", "heir", "out-of-memory"}
EVENTS_OF_SEVERAL = {"load", "mode", "lock-wait", "shootdown", "shootdown-sent", "shootdown-done", "shootdown-over"}
MODES = ("kernel", "user", "idle", "fault", "copy")  # of a processor, by their numbers
ELSEWHERE = len(MODES)  # in a `shootdown-sent`: it has another space loaded, or none
LOCKS = ("the kernel's lock", "the mm lock")


class NotATrace(ValueError):
    """The file is no trace, or of another version, or damaged; the words say where."""


# --- The header's text ---------------------------------------------------------------------------


def header_line(header: Header, line: str) -> None:
    """Take one line into the header: a name of a number, or a parameter."""
    kind, *words = line.split(" ")
    if len(words) != LINES.get(kind):
        raise NotATrace(f"its header is damaged: {line[:60]!r} is none of its lines")
    if kind == "parameter":
        words.reverse()
    number, name = words[:2]
    if not NUMBER.fullmatch(number) or not NAME.fullmatch(name):
        raise NotATrace(f"its header is damaged: no number and name in {line[:60]!r}")
    if kind == "parameter":
        header.parameters[name] = int(number)
        return
    names = header.names.setdefault(kind, [])
    if int(number) >= NAMES_MOST or name in names:
        raise NotATrace(f"its header is damaged: in {line[:60]!r} number or name cannot be")
    names += [""] * (int(number) + 1 - len(names))
    if names[int(number)]:
        raise NotATrace(f"its header is damaged: {line[:60]!r} names a number again")
    names[int(number)] = name


def header_whole(header: Header) -> None:
    """Its numbers are possible, and no name is missing that somebody will look for."""
    if not 0 < header.nframes <= FRAMES_MOST or not 0 <= header.npages - header.nframes <= SLOTS_MOST:
        raise NotATrace(f"its header is damaged: {header.nframes} frames, {header.npages} page ids")
    if header.zero_frame >= header.nframes:
        raise NotATrace(f"its header is damaged: the zero page in frame {header.zero_frame} of {header.nframes}")
    for kind in NEEDED:
        if "" in header.names.get(kind, [""]):
            raise NotATrace(f"its header is damaged: names of kind {kind!r} are missing")
    if not 1 <= header.processors <= PROCESSORS_MOST:
        raise NotATrace(f"its header is damaged: {header.processors} processors")
    wanted = EVENTS | EVENTS_OF_SEVERAL if header.processors > 1 else EVENTS
    missing = sorted(wanted - set(header.names["event"]))
    if missing:
        raise NotATrace(f"its header is damaged: it does not name the event {missing[0]!r}")


# --- The records ---------------------------------------------------------------------------------


class Rule(NamedTuple):
    """Of one event: fields are below these, or none where that may be; and what else must hold."""

    name: str
    pages: int
    no_page: bool
    frames: int
    no_frame: bool
    detail: Callable[[int, int, int], bool] | None  # (address, detail, frame)


def _details(header: Header) -> dict[str, Callable[[int, int, int], bool]]:
    """What detail must be, of those events whose detail leads somewhere."""
    kinds, states = len(header.names["kind"]), len(header.names["state"])
    frames, slots = header.nframes, header.npages - header.nframes

    def slot(_address: int, detail: int, _frame: int) -> bool:
        return detail < slots or detail == NONE

    def state(_address: int, detail: int, _frame: int) -> bool:
        return detail < states

    def note(_address: int, _detail: int, frame: int) -> bool:
        length, at = frame & 0xFFFF, frame >> 16
        return at < length <= NOTE_MOST and at % NOTE_PART == 0

    details: dict[str, Callable[[int, int, int], bool]] = {
        "done": lambda _address, detail, _frame: detail & 0xFF < kinds,
        "give": lambda _address, detail, frame: frame + detail <= frames,
        "unshare": lambda _address, detail, _frame: detail < frames,
        "dump-frame": lambda _address, detail, _frame: detail & 0xFF < states,
        "dump-page": lambda _address, detail, _frame: slot(0, detail & NONE, 0),
        "note": note,
        "mode": lambda _address, detail, _frame: detail < len(MODES),
        "lock-wait": lambda _address, detail, _frame: detail < len(LOCKS),
        "shootdown-sent": lambda address, _detail, _frame: address <= ELSEWHERE,
        "shootdown-done": lambda address, _detail, _frame: address <= 1,
    }
    details |= dict.fromkeys(("take", "state"), state)
    details |= dict.fromkeys(("slot", "free", "evict"), slot)
    for name in RANGES:
        details[name] = lambda address, detail, _frame: address + (detail & BYTES) <= ADDRESSES
    return details


def _rules(header: Header) -> list[Rule]:
    """By the event's number."""
    details, devices = _details(header), len(header.names["device"])
    rules = []
    for name in header.names["event"]:
        pages = ANYTHING if name in OTHER_PAGE else header.npages
        pages = devices if name in ("request", "served") else pages
        pages = header.processors if name == "shootdown-sent" else pages
        frames = ANYTHING if name in OTHER_FRAME else header.nframes
        none = (name not in SURE_PAGE, name not in SURE_FRAME)
        rules.append(Rule(name, pages, none[0], frames, none[1], details.get(name)))
    return rules


def records(header: Header, unpacked: Iterable[tuple[int, ...]]) -> None:
    """Look at each record; the first that cannot be is told."""
    rules, processors = _rules(header), header.processors
    before = 0
    for n, (time, event, _, address, detail, page, frame) in enumerate(unpacked):
        if event >> PROCESSOR_SHIFT:
            processor, event = event >> PROCESSOR_SHIFT, event & ((1 << PROCESSOR_SHIFT) - 1)
            if processor >= processors:
                there = f"there is no processor {processor}, but {processors} from 0 on"
                raise NotATrace(f"record {n} is damaged: {there}")
        if event >= len(rules):
            raise NotATrace(f"record {n} is damaged: there is no event {event}")
        rule = rules[event]
        if time < before:
            raise NotATrace(f"record {n} ({rule.name}) is damaged: it was at {time} ns, the one before at {before} ns")
        if page >= rule.pages and not (page == NONE and rule.no_page):
            raise NotATrace(f"record {n} ({rule.name}) is damaged: it is about page {page} of {rule.pages}")
        if frame >= rule.frames and not (frame == NONE and rule.no_frame):
            raise NotATrace(f"record {n} ({rule.name}) is damaged: it is about frame {frame} of {rule.frames}")
        if rule.detail and not rule.detail(address, detail, frame):
            raise NotATrace(f"record {n} ({rule.name}) is damaged: its detail {detail:#x} (at {address:#x}) cannot be")
        before = time
