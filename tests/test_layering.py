"""The walls of the house: what runs down and never up, in includes and in calls.

user -> (system calls) -> kernel -> mm -> arch -> lib, and inside mm/ from room to room. What has
to be called upward is declared in one of two headers, and in no other: mm/above.h (the kernel
answers) and mm/hooks.h (a higher room of mm/ does)."""

from __future__ import annotations

from collections import defaultdict

import pytest
from house import house, includes, room_of

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
LOWEST = {"mm/above.h", "mm/hooks.h", "mm/trace.h", "mm/trace.c"}  # every room may use them
UPWARD = {"mm/above.h", "mm/hooks.h", "mm/trace.h"}  # what they declare is called, not included
FACE = {"mm/mm.h", "mm/view.h"}

# Of arch/, entered by the processor; of boot/, entered by the boot loader; and a panic.
ENTRIES = {"kernel_main", "kernel_interrupt", "kernel_exception", "kernel_trap_fatal", "panic"}

# What the kernel fills in to ask for something, or to write it down: its own while it does.
MESSAGES = {"block_request", "map_request", "claim", "trace_record"}


def height(file: str) -> int | None:
    """Of a file of mm/ in its rooms; the face is above them."""
    if file in LOWEST:
        return -1
    room = "mm/check" if file in LOOKERS else room_of(file)
    return HEIGHT.get(room, len(ROOMS)) if file.startswith("mm/") else None


def main_header(room: str) -> str:
    return f"{room}/{room.split('/')[-1]}.h"


@pytest.mark.parametrize("floor", FLOORS)
def test_includes_run_downwards(floor):
    for name, included in includes():
        target = included.split("/")[0]
        if name.split("/")[0] != floor or included in FROM_EVERYWHERE:
            continue
        assert target in FLOORS, f"{name} includes {included}: write it from the root"
        assert FLOORS[target] <= FLOORS[floor], f"{name} includes {included}, which is above it"


def test_user_programs_know_only_system_calls():
    above = [(name, what) for name, what in includes("user") if not what.startswith("user/")]
    assert above == []


def test_rooms_include_downwards():
    up = [
        f"{name} includes {what}"
        for name, what in includes()
        if height(name) is not None and height(what) is not None and height(what) > height(name)
    ]
    assert up == []


def test_rooms_meet_by_their_main_headers():
    through = [
        f"{name} includes {what}: {main_header(room_of(what))}"
        for name, what in includes()
        if name.startswith("mm/") and what not in LOWEST and what.count("/") > 1
        and room_of(what) != room_of(name) and what != main_header(room_of(what))
    ]
    assert through == []


def test_the_kernel_knows_the_face_alone():
    beyond = [(n, w) for n, w in includes() if n.startswith("kernel/") and w.startswith("mm/") and w not in FACE]
    assert beyond == []


def test_calls_run_downwards():
    """Also what is called through a header that lies low: only the two tables may do that."""
    found, up = house(), []
    tables = {name for name, files in found.declared.items() if UPWARD.intersection(files)}
    for file, function, name in found.calls:
        target = found.defined.get(name)
        if target is None or name in tables or name in ENTRIES:
            continue
        floors = FLOORS[file.split("/")[0]], FLOORS[target.split("/")[0]]
        inside = floors == (2, 2) and height(target) > height(file)
        if floors[0] < floors[1] or inside:
            up.append(f"{file}: {function} calls {name} of {target}")
    assert up == []


def test_few_calls_run_upwards():
    found = house()
    names = [name for name, files in found.declared.items() if {"mm/above.h", "mm/hooks.h"}.intersection(files)]
    assert len(names) <= 20, names


def test_headers_declare_what_their_own_file_defines():
    found, strange = house(), []
    for name, files in found.declared.items():
        target = found.defined.get(name)
        for file in files:
            own = target is None or target.rsplit(".", 1)[0] == file.rsplit(".", 1)[0]
            policies = target is not None and target.startswith("mm/replacement/policy/")
            if file.startswith("mm/") and file.endswith(".h") and file not in UPWARD and not own and not policies:
                strange.append(f"{file} declares {name}, which is in {target}")
    assert strange == []


def test_the_kernel_writes_no_field_of_mm():
    written = defaultdict(list)
    for file, function, what in house().writes:
        struct = what.split(": ")[1].split(".")[0]
        if file.startswith("kernel/") and what.startswith("mm/") and struct not in MESSAGES:
            written[what].append(f"{file}: {function}")
    assert dict(written) == {}
