"""The kinds of exercise by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from exercising.worksheet import Refused, Worksheet


@dataclass(frozen=True)
class Kind:
    about: str
    module: str


KINDS = {
    "references": Kind("reference strings: faults, victims, frames step by step", "references"),
    "translation": Kind("page tables of x86-64 read by hand: address, fault, bits", "translation"),
    "page-tables": Kind("how many frames of page tables does a process have?", "page_tables"),
    "tlb": Kind("hits and misses in a TLB, switches with and without ASIDs, reach", "tlb"),
    "access-time": Kind("effective access time, and how rare faults must be", "access_time"),
    "working-sets": Kind("which pages are in the working set at time t?", "working_sets"),
    "copy-on-write": Kind("faults and frames when processes fork and write", "copy_on_write"),
    "allocation": Kind("frames divided: equal, proportional, by priority", "allocation"),
    "thrashing": Kind("a real run to be read: where it begins, and what helps", "thrashing"),
}


def find(name: str) -> Callable[..., Worksheet]:
    """What makes worksheets of that kind. Refused: there is none."""
    if name not in KINDS:
        raise Refused(f"there is no kind {name!r}; there are {', '.join(KINDS)}")
    return importlib.import_module(f"exercising.kinds.{KINDS[name].module}").make
