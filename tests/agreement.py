"""What the kernel says that faults were, beside what the processor raised: for tests that count.

A kernel's counter and the test that believes it can be wrong together. QEMU's log (docs/witness.md) has
every fault with its address; which of them are those that a program means is told from outside: by the
instruction in the loop that took most of them, or by the neighbouring pages on which they fell."""

from __future__ import annotations

import re
from collections import Counter
from itertools import accumulate

from witnessing.seen import PAGE, Fault, Seen


def of_a_loop(seen: Seen) -> list[Fault]:
    """The faults of the one instruction, in one process, that took most."""
    who = Counter((fault.space, fault.ip) for fault in seen.faults).most_common(1)[0][0]
    return [fault for fault in seen.faults if (fault.space, fault.ip) == who]


def again(seen: Seen) -> list[Fault]:
    """Later faults, of whichever process, on pages that the loop had brought in: of copy-on-write."""
    pages = {fault.page for fault in of_a_loop(seen) if not fault.present}
    return [fault for fault in seen.faults if fault.page in pages and fault.present]


def of_who_enters(seen: Seen, address: int) -> list[str]:
    """What the program did in each of its faults, whose first was the fetch of its code at that address."""
    space = next(fault.space for fault in seen.faults if fault.address == fault.ip == address)
    return [fault.access for fault in seen.faults if fault.space == space]


def by_instruction(seen: Seen) -> list[int]:
    """How many faults each instruction of each process took, the most first."""
    return sorted(Counter((fault.space, fault.ip) for fault in seen.faults).values(), reverse=True)


def unseen(text: str, seen: Seen) -> Counter[tuple[str, int]]:
    """Faults that `faults` told (`3  write to 0x403000 (…`), and that the processor did not raise."""
    told = re.findall(r"^ *\d+  (?:\[\d+\] )?(execute|read|write)\D*? 0x([0-9a-f]+) \(", text, re.MULTILINE)
    assert told, text
    raised = Counter((fault.access, fault.address) for fault in seen.faults + seen.kernel_faults)
    return Counter((access, int(address, 16)) for access, address in told) - raised


def on_pages(seen: Seen, pages: set[int]) -> list[int]:
    """The pages on which the program that faulted most on these faulted, in order."""
    space = Counter(fault.space for fault in seen.faults if fault.page in pages).most_common(1)[0][0]
    return [fault.page for fault in seen.faults if fault.page in pages and fault.space == space]


def of_a_region(seen: Seen, pages: int) -> list[int]:
    """Of the program that faulted most on so many neighbouring pages, each of which it touched: which of them, in
    order. Read or written, brought in or copied: what is not there, or not allowed, is a miss."""
    space = Counter(fault.space for fault in seen.faults).most_common(1)[0][0]
    touched = [fault.page // PAGE for fault in seen.faults if fault.space == space and not fault.present]
    counts = Counter(touched)
    distinct = sorted(counts)
    before = [0, *accumulate(counts[page] for page in distinct)]
    whole = [at for at in range(len(distinct) - pages + 1) if distinct[at + pages - 1] == distinct[at] + pages - 1]
    busiest = max(whole, key=lambda at: before[at + pages] - before[at])
    first = distinct[busiest]
    return [page - first for page in touched if first <= page < first + pages]
