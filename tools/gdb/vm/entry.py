"""One word of a page table, bit by bit (arch/pte.h)."""

from __future__ import annotations

from vm import arrays
from vm.words import NONE

PRESENT, WRITABLE, USER = 1 << 0, 1 << 1, 1 << 2
REFERENCED, DIRTY, LARGE, GLOBAL = 1 << 5, 1 << 6, 1 << 7, 1 << 8
WIRED, UNWRITTEN, LENT = 1 << 9, 1 << 10, 1 << 11
NO_EXECUTE = 1 << 63
ADDRESS = 0x000FFFFFFFFFF000
AGE_SHIFT, AGE_MAX = 52, 15  # ours: when it was used, for working sets (mm/working_sets/working_set.h)

BITS = [  # bit, name, what it says
    (0, "present", "the processor may use it"),
    (1, "writable", "writing is allowed"),
    (2, "user", "user code may use it"),
    (5, "referenced", "A: used since this was last cleared"),
    (6, "dirty", "D: written since this was last cleared"),
    (7, "large", "maps 2 MiB or 1 GiB here"),
    (8, "global", "survives a write to CR3"),
    (9, "wired", "ours: locked in memory"),
    (10, "unwritten", "ours: not written since /proc/PID/clear_refs asked"),
    (11, "lent", "ours: the table below is the kernel's, and in every space"),
    (63, "no_execute", "no instruction may be fetched"),
]
WHERE_SET = {10, 11}  # 0 nearly everywhere: told only where they are set
KNOWN = ADDRESS | AGE_MAX << AGE_SHIFT | sum(1 << bit for bit, _, _ in BITS)


def is_present(bits: int) -> bool:
    return bool(bits & PRESENT)


def frame_of(bits: int) -> int:
    return (bits & ADDRESS) >> 12


def page_of(bits: int) -> int:
    """The page that a not-present, non-zero entry names: its id is kept inverted."""
    return (~bits & ADDRESS) >> 12


def age_of(bits: int) -> int:
    """0: used since its space was sampled last; k: in the kth period back; 15: longer ago."""
    return bits >> AGE_SHIFT & AGE_MAX


def rights(bits: int) -> str:
    return "r" + ("w" if bits & WRITABLE else "-") + ("-" if bits & NO_EXECUTE else "x")


def flags(bits: int) -> str:
    """What is set beside the rights."""
    words = [
        word
        for mask, word in (
            (USER, "user"),
            (REFERENCED, "A"),
            (DIRTY, "D"),
            (LARGE, "large"),
            (GLOBAL, "global"),
            (WIRED, "wired"),
            (UNWRITTEN, "unwritten"),
            (LENT, "lent"),
        )
        if bits & mask
    ]
    if bits & ~KNOWN:
        words.append(f"and {bits & ~KNOWN:#x}, which nobody sets")
    return " ".join(words)


def page_meant(bits: int) -> int:
    """The page that an entry of a last-level table stands for, or NONE."""
    if not bits:
        return NONE
    if not is_present(bits):
        return page_of(bits)
    frame = frame_of(bits)
    if frame == arrays.zero_frame() or frame >= arrays.frame_limit():
        return NONE
    return arrays.frames()[frame].page


def describe(bits: int, is_table: bool = False) -> str:
    """An entry in a few words; `is_table`: it leads to another table."""
    if not bits:
        return "zero: no table below" if is_table else "zero: the region says what comes"
    if not is_present(bits):
        return f"not present, names page {page_of(bits)}"
    target = f"table in frame {frame_of(bits)}" if is_table else f"frame {frame_of(bits)}"
    return f"{target}  {rights(bits)} {flags(bits)}".rstrip()
