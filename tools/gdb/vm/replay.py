"""A recorded run, replayed: where in it the machine stands, and going to any place in it.

QEMU counts instructions; a place is such a number. Virtual time, which trace records carry, is
2^shift ns an instruction, plus leaps where the processor was idle. Each snapshot knows both, so
between two of them without a leap a time is a place; where there is one it is searched for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gdb
from faultline.qmp import Monitor, MonitorError

from vm import kernel, programs
from vm.words import Complaint

END = "machine_off"  # the kernel's function that ends the machine
_monitor: Monitor | None = None


@dataclass(frozen=True, order=True)
class Place:
    """A snapshot's: instructions since reset, ns of virtual time since then, and its name."""

    count: int
    time: int
    name: str


def is_replay() -> bool:
    return "FAULTLINE_MONITOR" in os.environ


def monitor() -> Monitor:
    """QEMU's monitor; complains when this is no replay."""
    global _monitor
    if not is_replay():
        raise Complaint(
            "this run is not recorded, time goes forwards only: make record PROGRAM=…, "
            "then make replay"
        )
    kernel.attached()
    if _monitor is None:
        try:
            _monitor = Monitor(Path(os.environ["FAULTLINE_MONITOR"]))
        except MonitorError as error:
            raise Complaint(str(error)) from None
    return _monitor


def ask(command: str, **arguments: object) -> Any:
    """QEMU's answer, whatever JSON it is."""
    try:
        return monitor().call(command, **arguments)
    except MonitorError as error:
        raise Complaint(f"the replay: {error}") from None


def count_now() -> int:
    """Instructions run until here."""
    return ask("query-replay")["icount"]


def places() -> list[Place]:
    """All snapshots, in order."""
    found = []
    for drive in ask("query-block"):
        for each in drive.get("inserted", {}).get("image", {}).get("snapshots", []):
            time = each["vm-clock-sec"] * 10**9 + each["vm-clock-nsec"]
            found.append(Place(each.get("icount", 0), time, each["name"]))
    return sorted(found)


def snapshot() -> Place:
    """A snapshot of here and now; it stays, and makes going back to here quick."""
    count = count_now()
    for place in places():
        if place.count == count and place.name != "init":
            return place
    problem = monitor().human(f"savevm at{count}")
    if problem:
        raise Complaint(f"no snapshot could be taken: {problem}")
    return next(place for place in places() if place.count == count and place.name != "init")


# --- Moving ----------------------------------------------------------------------------------
# In the protocol's own words, past GDB: so none of its breakpoints is in the machine meanwhile,
# nothing is printed, and it does not take a stop in the past for a strange signal.


def packet(text: str) -> bytes:
    """Send a packet of GDB's protocol; the answer, which for a move comes when it stops."""
    try:
        return gdb.selected_inferior().connection.send_packet(text)
    except gdb.error as error:
        raise Complaint(f"the replay: {error}") from None


def moved() -> None:
    """The machine is elsewhere: GDB has to look again."""
    gdb.execute("maintenance flush register-cache", to_string=True)
    gdb.execute("maintenance flush dcache", to_string=True)
    kernel.forget()
    programs.follow()


def back_one() -> None:
    """One instruction back."""
    packet("bs")
    moved()


def back_to_write(places: list[int], size: int) -> bool:
    """Behind the instruction that wrote to one of the places last; False: nobody did."""
    before = count_now()
    for place in places:
        packet(f"Z2,{place:x},{size:x}")
    packet("bc")
    for place in places:
        packet(f"z2,{place:x},{size:x}")
    moved()
    return count_now() not in (0, before)


def forward(count: int) -> None:
    """On to a place, or to the recording's end."""
    end = int(kernel.value(END).address)
    ask("replay-break", icount=count)
    packet(f"Z1,{end:x},1")
    packet("vCont;c")
    packet(f"z1,{end:x},1")
    moved()
    if count_now() < count:
        ask("replay-delete-break")
        raise Complaint(f"the recording ends before that, at instruction {count_now()}: here")


def go(count: int) -> None:
    """To the place with that number: from the nearest snapshot before it, forwards."""
    now = count_now()
    before = [place for place in places() if place.count <= count]
    if not before:
        raise Complaint(f"instruction {count} is before the first snapshot")
    if count < now or before[-1].count > now:
        problem = monitor().human(f"loadvm {before[-1].name}")
        if problem:
            raise Complaint(f"the snapshot {before[-1].name} could not be loaded: {problem}")
        moved()
    if count_now() < count:
        forward(count)


class EndBreakpoint(gdb.Breakpoint):
    """A recording's end: QEMU would end too, and there would be no way back."""

    def __init__(self) -> None:
        super().__init__(END, internal=True)
        self.silent = True

    def stop(self) -> bool:
        """True, and say so."""
        gdb.write("the recorded run ends here: from here it goes backwards only\n")
        return True


# --- Time ------------------------------------------------------------------------------------


_entry_time = 0


def entry_time() -> int:
    """Virtual time when the kernel was entered: trace records count from there. Where the kernel
    has not looked at its clock yet, the last snapshot is asked."""
    global _entry_time
    if not _entry_time and not clock_runs():
        here = count_now()
        go(places()[-1].count)
        _entry_time = kernel.number("timer_entry_tsc")
        go(here)
    elif not _entry_time:
        _entry_time = kernel.number("timer_entry_tsc")
    return _entry_time


def clock_runs() -> bool:
    """Has the kernel looked at its clock already?"""
    try:
        return kernel.number("timer_entry_tsc") != 0
    except Complaint:
        return False


def shift() -> int:
    """log2 of the ns an instruction takes."""
    first, *rest = places()
    pairs = zip([first, *rest], rest, strict=False)
    steps = [(b.time - a.time) // (b.count - a.count) for a, b in pairs if b.count > a.count]
    return min(steps).bit_length() - 1


def find(time: int) -> int:
    """The place with that virtual time."""
    known = places()
    before = [place for place in known if place.time <= time]
    after = [place for place in known if place.time > time]
    low = before[-1]
    high = after[0] if after else None
    width = shift()
    while True:
        guess = low.count + (time - low.time >> width)  # right, unless there is a leap between
        if high is None:
            return guess
        if low.time + (high.count - low.count << width) == high.time:
            return guess
        if high.count - low.count <= 1:
            return low.count  # within the leap itself: the processor was idle then
        if high.time - (high.count - low.count << width) <= time and guess >= high.count:
            return high.count - (high.time - time >> width)
        go((low.count + min(high.count, guess + 1)) // 2)
        middle = snapshot()
        if middle.time <= time:
            low = middle
        else:
            high = middle
