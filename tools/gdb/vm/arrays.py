"""The two arrays: frames[], physical memory, and pages[], logical memory."""

from __future__ import annotations

from vm import kernel
from vm.kernel import Array, Record
from vm.words import NONE, Complaint

DIRECT_MAP = 0xFFFF800000000000
FREE, RESIDENT, BUSY, TABLE = "FREE", "RESIDENT", "BUSY", "TABLE"


@kernel.remembered
def frames() -> Array:
    count = kernel.number("nframes")
    if not count:
        raise Complaint("memory management has not started yet: frames[] and pages[] are empty")
    return Array("frames", "struct frame", count, "frame")


@kernel.remembered
def pages() -> Array:
    frames()  # says so if it is too early
    return Array("pages", "struct page", kernel.number("npages"), "page")


@kernel.remembered
def frame_limit() -> int:
    return len(frames())


def state(frame: Record) -> str:
    """FREE, RESIDENT, BUSY, TABLE, KERNEL."""
    name = kernel.enum("frame_state").get(frame.state)
    return name.removeprefix("FRAME_") if name else f"state {frame.state}, which there is not"


def frame_data(number: int) -> int:
    """Where the direct map shows the frame's contents."""
    return DIRECT_MAP + number * 4096


def zero_frame() -> int:
    return kernel.number("zero_frame")


def is_resident(page: Record) -> bool:
    return page.frame != NONE and state(frames()[page.frame]) == RESIDENT


# --- The reverse map ----------------------------------------------------------------------


def mapper_entry(mapper: int) -> int:
    """The address of the pte that a mapper is."""
    return DIRECT_MAP + mapper * 8


def mapper_address(mapper: int) -> int:
    """What the pte maps: its table's frame says."""
    return frames()[mapper // 512].span * (512 * 4096) + mapper % 512 * 4096


def mappers(frame: Record) -> list[int]:
    """The present ptes that point to a frame."""
    found: list[int] = []
    at = frame.mappers
    while at != NONE:
        if len(found) > 100000 or at // 512 >= frame_limit():
            raise Complaint(f"the frame's list of mappers is broken at mapper {at}")
        found.append(at)
        links = frames()[at // 512].links
        at = int.from_bytes(kernel.read(frame_data(links) + at % 512 * 8, 4), "little")
    return found


# --- In words --------------------------------------------------------------------------------


def page_where(page: Record) -> str:
    """Where a page's contents are."""
    places = []
    if page.frame != NONE:
        frame = frames()[page.frame]
        kept = {FREE: ", on the free list: can be rescued", BUSY: ", on its way"}
        places.append(f"frame {page.frame}{kept.get(state(frame), '')}")
    if page.slot != NONE:
        places.append(f"slot {page.slot}")
    return " and ".join(places) or "nowhere: this id is not in use"


def frame_is(number: int) -> str:
    """A frame in a few words."""
    if number == zero_frame():
        return "the zero page"
    frame = frames()[number]
    name = state(frame)
    if name in (RESIDENT, BUSY):
        return f"{name}, page {frame.page}"
    if name == FREE and frame.page != NONE:
        return f"FREE, keeps page {frame.page}"
    return name
