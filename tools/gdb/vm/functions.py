"""$page(ID), $frame(N), $pte(ADDR), $region(ADDR): for use in any expression."""

from __future__ import annotations

import gdb

from vm import arrays, entry, kernel, spaces, walking
from vm.words import MASK, NONE, Complaint


def _pointed(kind: str, at: int) -> gdb.Value:
    return gdb.Value(at).cast(kernel.c_type(kind).pointer()).dereference()


def _number(value: gdb.Value) -> int:
    """A number, a pointer, or one of the typed numbers."""
    try:
        return kernel.scalar(value)
    except (gdb.error, gdb.MemoryError, TypeError):
        raise Complaint(f"a {value.type} is no number") from None


def _bits(value: gdb.Value) -> int | None:
    """Of a pte; None: it is something else."""
    return int(value["bits"]) & MASK if value.type.name == "pte_t" else None


class PageFunction(gdb.Function):
    """$page(ID): the entry of pages[] for a page id, a number or a page_t; or of a pte's page."""

    def __init__(self) -> None:
        super().__init__("page")

    def invoke(self, page: gdb.Value) -> gdb.Value:
        bits = _bits(page)
        index = _number(page) if bits is None else entry.page_meant(bits)
        if bits is not None and index == NONE:
            raise Complaint(f"a pte that means no page: {entry.describe(bits)}")
        arrays.pages()[index]  # complains when there is none
        return _pointed("struct page", arrays.pages().address(index))


class FrameFunction(gdb.Function):
    """$frame(N): the entry of frames[] for a frame, a number or a frame_t; or for a pte's."""

    def __init__(self) -> None:
        super().__init__("frame")

    def invoke(self, frame: gdb.Value) -> gdb.Value:
        bits = _bits(frame)
        if bits is not None and not entry.is_present(bits):
            raise Complaint(f"a pte that leads to no frame: {entry.describe(bits)}")
        index = _number(frame) if bits is None else entry.frame_of(bits)
        arrays.frames()[index]
        return _pointed("struct frame", arrays.frames().address(index))


class PteFunction(gdb.Function):
    """$pte(ADDR): the last-level entry of an address in the space that is loaded; it can be
    watched and changed."""

    def __init__(self) -> None:
        super().__init__("pte")

    def invoke(self, address: gdb.Value) -> gdb.Value:
        at = _number(address) & MASK
        step = walking.leaf(spaces.root_loaded(), at)
        if step is None:
            raise Complaint(f"{at:#x} has no pte: a table on the way is missing (vm walk {at:#x})")
        return _pointed("pte_t", step.address)


class RegionFunction(gdb.Function):
    """$region(ADDR): the region that holds an address, of the space that is loaded."""

    def __init__(self) -> None:
        super().__init__("region")

    def invoke(self, address: gdb.Value) -> gdb.Value:
        at = _number(address) & MASK
        region = spaces.region_at(spaces.space_of(None), at)
        if region is None:
            raise Complaint(f"{at:#x} is in no region (vm maps)")
        return _pointed("struct region", region.address)


FUNCTIONS = [PageFunction, FrameFunction, PteFunction, RegionFunction]
