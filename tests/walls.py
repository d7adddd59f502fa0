"""The walls of the house: what runs down and never up, in includes and in calls.

user -> (system calls) -> kernel -> mm -> arch -> lib, and inside mm/ from room to room. What has
to be called upward is declared in one of two headers, and in no other: mm/above.h (the kernel
answers) and mm/hooks.h (a higher room of mm/ does). Each function here says what breaks one rule."""

from __future__ import annotations

import re
from collections.abc import Iterable

from house import House, room_of

Includes = Iterable[tuple[str, str]]

FLOORS = {"lib": 0, "arch": 1, "boot": 1, "mm": 2, "kernel": 3}
FROM_EVERYWHERE = {"arch/types.h"}

# The rooms of mm/, from below. Those of one row meet by their main headers.
ROOMS = [
    {"mm/frames"},
    {"mm/page_tables"},
    {"mm/address_spaces", "mm/demand_paging", "mm/replacement", "mm/frame_allocation"},
    {"mm/reference_tracing"},
    {"mm/working_sets"},
    {"mm/check"},
]
HEIGHT = {room: height for height, row in enumerate(ROOMS) for room in row}
LOOKERS = {"mm/view.h", "mm/view.c"}  # as high as mm/check/
LOWEST = {"mm/lock.h", "mm/lock.c", "mm/above.h", "mm/hooks.h", "mm/trace.h", "mm/trace.c"}  # every room may use them
UPWARD = {"mm/above.h", "mm/hooks.h", "mm/trace.h"}  # what they declare is called, not included
FACE = {"mm/mm.h", "mm/view.h"}

EXACT = "mm/reference_tracing"

# Of arch/, entered by the processor, or told to who traces; of boot/, entered by the boot loader; a panic, a refusal.
ENTRIES = {"kernel_main", "kernel_interrupt", "kernel_exception", "kernel_trap_fatal", "panic", "refuse"}
ENTRIES |= {"kernel_processor_trace"}

# What the kernel fills in to ask for something, or to write it down: its own while it does.
MESSAGES = {"block_request", "map_request", "claim", "trace_record"}


def floor_of(file: str) -> int:
    return FLOORS[file.split("/")[0]]


def height(file: str) -> int:
    """Of a file of mm/ in its rooms; the face is above them."""
    assert file.startswith("mm/")
    if file in LOWEST:
        return -1
    room = "mm/check" if file in LOOKERS else room_of(file)
    return HEIGHT.get(room, len(ROOMS))


def main_header(room: str) -> str:
    return f"{room}/{room.split('/')[-1]}.h"


def includes_upward(included: Includes) -> list[str]:
    """From floor to floor, and in mm/ from room to room."""
    found = []
    for name, what in included:
        if what in FROM_EVERYWHERE:
            continue
        if what.split("/")[0] not in FLOORS:
            found.append(f"{name} includes {what}: write it from the root")
        elif floor_of(what) > floor_of(name):
            found.append(f"{name} includes {what}, which is above it")
        elif name.startswith("mm/") and what.startswith("mm/") and height(what) > height(name):
            found.append(f"{name} includes {what}, which is above it")
    return found


def includes_through_walls(included: Includes) -> list[str]:
    """Rooms of mm/ meet by their main headers; the kernel knows the face alone."""
    found = []
    for name, what in included:
        if not what.startswith("mm/"):
            continue
        other = room_of(what) != room_of(name) and what.count("/") > 1
        if name.startswith("mm/") and what not in LOWEST and other and what != main_header(room_of(what)):
            found.append(f"{name} includes {what}: {main_header(room_of(what))}")
        if name.startswith("kernel/") and what not in FACE:
            found.append(f"{name} includes {what}: mm/mm.h")
    return found


def calls_upward(house: House) -> list[str]:
    """Also what is called through a header that lies low: only the tables may do that."""
    tables = {name for name, files in house.declared.items() if UPWARD.intersection(files)}
    found = []
    for file, function, name in house.calls:
        target = house.defined.get(name)
        if target is None or name in tables or name in ENTRIES:
            continue
        inside = file.startswith("mm/") and target.startswith("mm/") and height(target) > height(file)
        if floor_of(file) < floor_of(target) or inside:
            found.append(f"{file}: {function} calls {name} of {target}")
    return found


def strangers_declared(house: House) -> list[str]:
    """A header declares what the file of its own name defines."""
    found = []
    for name, files in house.declared.items():
        target = house.defined.get(name)
        for file in files:
            own = target is None or target.rsplit(".", 1)[0] == file.rsplit(".", 1)[0]
            policies = target is not None and target.startswith("mm/replacement/policy/")
            if file.startswith("mm/") and file.endswith(".h") and file not in UPWARD and not own and not policies:
                found.append(f"{file} declares {name}, which is in {target}")
    return found


def fields_written(house: House) -> list[str]:
    """The kernel writes no field of a structure of mm/."""
    found = []
    for file, function, what in house.writes:
        struct = what.split(": ")[1].split(".")[0]
        if file.startswith("kernel/") and what.startswith("mm/") and struct not in MESSAGES:
            found.append(f"{file}: {function} writes {what}")
    return found


def without_words(text: str) -> str:
    """C without its comments, and with nothing in its strings."""
    return re.sub(r'/\*.*?\*/|"(\\.|[^"\\])*"', " ", text, flags=re.S)


def exact_named_outside(source: dict[str, str]) -> list[str]:
    """Exact mode attaches itself to a group by hooks: nothing outside its room uses a name of its file."""
    found = []
    for file, text in source.items():
        names = set() if room_of(file) == EXACT else set(re.findall(r"\bexact(?:_\w+)?\b", without_words(text), re.I))
        found += [f"{file} names {name}" for name in sorted(names)]
    return found


PAGE_TABLES = "mm/page_tables"


def entries_seen_outside(source: dict[str, str]) -> list[str]:
    """Who has to do with the entries of a space goes from one to the next by a position: nobody outside
    the room keeps a pointer to one, looks it up in a table, or changes it without its counts."""
    bare = r"\bpte_t \*|\btable_(?:find|build|seek)\b|\bmapper_(?:install|replace|move|add|remove)\b"
    found = []
    for file, text in source.items():
        names = [] if room_of(file) == PAGE_TABLES else re.findall(bare, without_words(text))
        found += [f"{file} names {name}" for name in names if file.startswith(("mm/", "kernel/"))]
    return found


def hooks_called_bare(house: House, source: dict[str, str]) -> list[str]:
    """A pointer to a function that mm/ keeps is called in one function, which says what lock it wants:
    the compiler's proof of who holds one ends at a pointer. `source`: the text of each file."""
    callers: dict[str, set[tuple[str, str]]] = {}
    for file, function, what in house.hooks:
        if what.startswith("mm/"):
            callers.setdefault(what, set()).add((file, function))
    found = []
    for what, places in callers.items():
        found += [f"{what} is called in {sorted(places)}: one function is to"] if len(places) > 1 else []
        for file, function in sorted(places):
            says = re.compile(rf"^[a-z][^;{{}}]*\b{function}\([^;{{}}]*\)[^;{{}}]*\b(?:REQUIRES|EXCLUDES)\(", re.M)
            said = any(function in text and says.search(text) for text in source.values())
            found += [] if said else [f"{file}: {function} calls {what} and says not what lock it wants"]
    return found


# --- Who may sleep -------------------------------------------------------------------------

# Where a thread gives up the processor; and what may meet a page that has to be brought in first.
SLEEP = {"thread_sleep", "thread_yield", "thread_switch", "above_sleep", "above_sleep_killable", "above_pass"}
INTERRUPTS = {"kernel_interrupt", "trap_interrupt"}
COPIES = {"copy_to_user", "copy_from_user", "clear_user", "user_exchange_if", "copy_string_from_user"}


def sleepers(house: House) -> set[str]:
    """Functions from which a chain of calls by name leads to a sleep. A static one is "its file: its name"."""
    inner = {(file, function) for file, function, _ in house.direct if house.defined.get(function) != file}

    def which(file: str, name: str) -> str:
        return f"{file}: {name}" if (file, name) in inner else name

    callers: dict[str, set[str]] = {}
    for file, function, name in house.direct:
        callers.setdefault(which(file, name), set()).add(which(file, function))
    found: set[str] = set()
    waiting = [*SLEEP, *COPIES]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += callers.get(name, ())
    return found


def in_header(house: House, name: str) -> str | None:
    """The header of mm/ or kernel/ that a function is found in."""
    files = [*house.declared.get(name, []), house.defined.get(name, "")]
    return next((file for file in files if file.endswith(".h") and file.startswith(("mm/", "kernel/"))), None)


def sleeping_unsaid(house: House) -> list[str]:
    """Each function of a header says SLEEPS if it may sleep, and only then. (System calls all may.)"""
    asleep = {name for name in sleepers(house) if in_header(house, name) and not name.startswith("syscall_")}
    said = {*house.marked}
    found = [f"{in_header(house, name)}: {name} may sleep: SLEEPS" for name in asleep - said]
    return sorted(found + [f"{in_header(house, name)}: {name} does not sleep" for name in said - asleep])


def sleeping_interrupts(house: House) -> list[str]:
    """An interrupt has no thread of its own that could sleep."""
    return sorted(sleepers(house) & INTERRUPTS)
