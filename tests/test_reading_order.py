"""The reading order is closed: what its files call is in it, or in the page's list of helpers."""

from __future__ import annotations

import re
from functools import cache

from house import House, house
from support import ROOT

PAGE = (ROOT / "docs/reading-order.md").read_text("utf-8")
SCREEN = 40  # rows


def order() -> list[str]:
    """The files of the table, in order."""
    return re.findall(r"^\| \d+ \| `([\w./]+)`", PAGE, re.MULTILINE)


def helpers(page: str = PAGE) -> dict[str, str]:
    """Function -> the file that defines it."""
    rows = re.findall(r"^\| `([\w./]+\.[ch])` \| (`.*`) \| .+ \|$", page, re.MULTILINE)
    return {name: file for file, names in rows for name in re.findall(r"`(\w+)`", names)}


@cache
def is_function(name: str, file: str) -> bool:
    return re.search(rf"\b{name}\(", (ROOT / file).read_text("utf-8")) is not None


def called_outside(known: House, files: list[str]) -> dict[str, tuple[str, str]]:
    """Function -> where it is defined, and a file of the order that calls it."""
    found = {}
    for file, _, name in known.calls:
        defined = known.defined.get(name)
        if file in files and defined and defined not in files and is_function(name, defined):
            found[name] = (defined, file)
    return found


def breaches(known: House, files: list[str], listed: dict[str, str]) -> list[str]:
    called = called_outside(known, files)
    missing = [f"{file} calls {name} of {defined}" for name, (defined, file) in called.items() if name not in listed]
    idle = [f"nothing calls {name}" for name in listed if name not in called]
    moved = [f"{name} is of {called[name][0]}" for name in listed if name in called and called[name][0] != listed[name]]
    return sorted(missing + idle + moved)


def test_the_order_has_the_files_it_cannot_do_without():
    assert {"kernel/trap.c", "mm/demand_paging/page_in.c", "mm/page_tables/mapper.h"} <= set(order())
    assert all((ROOT / file).exists() for file in order())


def test_it_is_closed():
    assert breaches(house(), order(), helpers()) == []


def test_the_helpers_fit_a_screen():
    assert len(set(helpers().values())) <= SCREEN


def test_a_new_call_is_noticed():
    call = ("mm/demand_paging/fault.c", "fault_fill", "oom_relieve")
    added = House(house().defined, house().declared, [*house().calls, call])
    assert breaches(added, order(), helpers()) == [
        "mm/demand_paging/fault.c calls oom_relieve of mm/frame_allocation/oom.c"
    ]


def test_an_idle_helper_is_noticed():
    listed = {**helpers(), "oom_relieve": "mm/frame_allocation/oom.c"}
    assert breaches(house(), order(), listed) == ["nothing calls oom_relieve"]


def test_a_file_that_is_left_out_is_noticed():
    shorter = [file for file in order() if file != "mm/demand_paging/page_in.c"]
    found = breaches(house(), shorter, helpers())
    assert "mm/demand_paging/fault.c calls page_in of mm/demand_paging/page_in.c" in found
