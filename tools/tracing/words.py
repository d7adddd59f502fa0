"""A pte, bit by bit, and other numbers, in the words of the glossary."""

from __future__ import annotations

PRESENT, WRITABLE, USER, REFERENCED, DIRTY, WIRED = 1, 2, 4, 1 << 5, 1 << 6, 1 << 9
NO_EXECUTE = 1 << 63
AGE_SHIFT, AGE_MAX = 52, 15
ADDRESS = 0x000FFFFFFFFFF000

BITS = (
    (0, "P", "present: the processor may use it"),
    (1, "W", "writable"),
    (2, "U", "for user code"),
    (5, "A", "referenced: used since this was last cleared"),
    (6, "D", "dirty: written since this was last cleared"),
    (9, "wired", "ours: the page may not go"),
    (10, "unwritten", "ours: not written since /proc/PID/clear_refs asked"),
    (63, "NX", "not executable"),
)
WHERE_SET = {10}  # as long as nobody asks it is 0 everywhere: told only where it is set


def many(count: int, what: str) -> str:
    """So many of these, which end in s where they are not one."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def rights(access: int) -> str:
    """rwx."""
    return "".join(letter if access & bit else "-" for letter, bit in (("r", 1), ("w", 2), ("x", 4)))


def pte_short(bits: int, zero_frame: int) -> str:
    """A pte in half a line."""
    if bits == 0:
        return "zero: nothing of its own"
    if not bits & PRESENT:
        return f"not present, names page {page_of(bits)}"
    frame = frame_of(bits)
    where = f"frame {frame}" + (" (the zero page)" if frame == zero_frame else "")
    write = "w" if bits & WRITABLE else "-"
    execute = "-" if bits & NO_EXECUTE else "x"
    used = ("A" if bits & REFERENCED else "") + ("D" if bits & DIRTY else "")
    return f"present, {where}, r{write}{execute} {used}".rstrip()


def age_of(bits: int) -> int:
    return bits >> AGE_SHIFT & AGE_MAX


def age_words(age: int) -> str:
    """What an age says: the period, of sampling for working sets, in which the page was used last."""
    if age == 0:
        return "used since the last sample"
    return f"used in period {age} back" if age < AGE_MAX else "used longer ago, or never"


def frame_of(bits: int) -> int:
    return (bits & ADDRESS) >> 12


def page_of(bits: int) -> int:
    return ((~bits & ADDRESS) >> 12) & 0xFFFFFFFF


def pte_bits(before: int, after: int, zero_frame: int) -> list[str]:
    """A table: each bit that counts here, before and after."""
    lines = [
        f"  before  {before:#018x}  {pte_short(before, zero_frame)}",
        f"  after   {after:#018x}  {pte_short(after, zero_frame)}",
        "  bit            before after",
    ]
    for bit, name, meaning in BITS:
        old, new = before >> bit & 1, after >> bit & 1
        if bit in WHERE_SET and not old | new:
            continue
        sign = " " if old == new else "*"
        lines.append(f"  {bit:2} {name:5}          {old}     {new} {sign}  {meaning}")
    for bits, when in ((before, "before"), (after, "after")):
        if bits & PRESENT:
            lines.append(f"  12-51 {when:6} {frame_of(bits):#x}: frame {frame_of(bits)}")
        elif bits:
            lines.append(f"  12-51 {when:6} inverted, {page_of(bits):#x}: page {page_of(bits)}")
        if bits and age_of(bits):
            lines.append(f"  52-55 {when:6} age {age_of(bits)}: {age_words(age_of(bits))}")
    return lines
