"""A fault in words: who, where, why, what was done, which frame, what it cost."""

from __future__ import annotations

from collections.abc import Iterator

from tracing.faults import Collector, Fault, all_faults, number_or_none
from tracing.reader import Record, Trace, Who
from tracing.regions import Region, Regions
from tracing.words import PRESENT, page_of, pte_bits, pte_short, rights

VERBS = {"read": "reads", "write": "writes to", "execute": "executes"}

MEANING = {
    "zero-fill": "private memory never written got a frame of zeroes",
    "zero-page": "memory never written was only read, and the one zero page will do for that",
    "file": "the page is an object's, a file's or shared memory's",
    "page-in": "the page had been evicted, and was read back from its slot",
    "copy": "others hold the page too, so the writer got a copy of its own (copy-on-write)",
    "reuse": "nobody else holds the page any more, so it was only made writable",
    "resident": "the page was in its frame all the time, only the pte was missing",
    "rescue": "the page was taken back off the free list before its frame was used again",
    "spurious": "the pte allowed the access already",
    "invalid": "nothing that was promised allows the reference, and a signal tells the program so",
}


def sentence(fault: Fault, trace: Trace) -> str:
    """One line."""
    done = fault.end
    frame = "" if number_or_none(done.frame) is None else f", frame {done.frame}"
    page = "" if number_or_none(done.page) is None else f", page {done.page}"
    major = ", major" if fault.major else ""
    return (
        f"{fault.number:6} {fault.begin.time / 1e6:11.3f} ms  {fault.program} ({fault.process}) "
        f"{VERBS.get(fault.access, fault.access)} {fault.begin.address:#x}: "
        f"{fault.kind(trace)}{major}{page}{frame} ({fault.duration} ns)"
    )


def sentences(trace: Trace) -> Iterator[str]:
    """Every fault of the trace, in the order of their ends."""
    for fault, _ in all_faults(trace):
        yield sentence(fault, trace)


def find(trace: Trace, number: int) -> tuple[Fault, Who, Region | None]:
    """Fault `number`, counted from 1 in the order of their beginnings."""
    collector, regions = Collector(trace), Regions(trace)
    for n, record in enumerate(trace):
        regions.follow(record)
        fault = collector.feed(n, record)
        if fault and fault.number == number:
            return fault, collector.who, regions.find(fault.begin.space, fault.begin.address)
    if number in (fault.number for fault in collector.open.values()):
        raise LookupError(f"fault {number} had not ended when the trace did")
    raise LookupError(f"there is no fault {number}: the trace has {collector.count}, counted from 1")


def number_of(trace: Trace, address: int | None, kind: str | None, program: str | None) -> int:
    """The first fault at an address's page, of a kind, of a program; None: any."""
    page = None if address is None else address & ~0xFFF
    for fault, _ in all_faults(trace):
        wanted = page in (None, fault.begin.address) and kind in (None, fault.kind(trace))
        if wanted and program in (None, fault.program):
            return fault.number
    raise LookupError("there is no such fault")


def explain(trace: Trace, number: int) -> str:
    """Some plain sentences, and the pte before and after."""
    fault, who, region = find(trace, number)
    lines = [_opening(fault)]
    lines += [f"  {name:8} {_step(name, record, fault, trace, who, region)}" for name, record in _told(fault)]
    lines += _meanwhile(fault, trace)
    lines.append(_close(fault, trace))
    pte, install = fault.step("pte"), fault.step("install")
    if pte and install:
        first = next(record for name, record in fault.steps if name == "pte")
        lines += ["", "The pte:", *pte_bits(first.detail, install.detail, trace.header.zero_frame)]
    return "\n".join(lines)


def _opening(fault: Fault) -> str:
    verb = VERBS.get(fault.access, fault.access)
    return (
        f"Fault {fault.number}: {fault.program} (process {fault.process}) {verb} "
        f"{fault.begin.address:#x} at {fault.begin.time / 1e6:.3f} ms."
    )


def _told(fault: Fault) -> list[tuple[str, Record]]:
    return [(name, record) for name, record in fault.steps if name not in ("fault", "done")]


def _step(
    name: str, record: Record, fault: Fault, trace: Trace, who: Who, region: Region | None
) -> str:
    zero = trace.header.zero_frame
    match name:
        case "region":
            if region is None or record.detail == 0 and region.access != 0:
                return "No region holds the address: nothing was promised there."
            allowed = rights(record.detail)
            return f"The address lies in the region {region.told(who)}, which allows {allowed}."
        case "pte":
            return f"The pte says: {pte_short(record.detail, zero)}."
        case "page":
            return _page(record, fault, region, zero)
        case "fill":
            how = "A device was read" if record.detail else "No device had to be read"
            if record.frame == zero:
                return "Nothing was filled: the one page of zeroes stands in."
            return f"{how}; frame {record.frame} now holds page {record.page}."
        case "unshare":
            source = "the zero page" if record.detail == zero else f"frame {record.detail}"
            return f"A copy of {source} was made: page {record.page} in frame {record.frame}."
        case _:
            return f"The pte now says: {pte_short(record.detail, zero)}; the instruction runs again."


def _page(record: Record, fault: Fault, region: Region | None, zero: int) -> str:
    pte = fault.step("pte")
    if number_or_none(record.frame) is not None:
        if record.frame == zero:
            return "It is the zero page."
        return f"It is page {record.page}, in frame {record.frame}."
    if pte and pte.detail and not pte.detail & PRESENT:
        return f"It is page {page_of(pte.detail)}, which has no frame now."
    if region and number_or_none(region.object) is not None:
        return "It is a page of the object that no frame holds yet."
    return "There is no page yet: zeroes were promised."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _meanwhile(fault: Fault, trace: Trace) -> list[str]:
    evicted = [record for record in fault.between if record.event == trace.number["evict"]]
    lines = []
    if evicted:
        told = ", ".join(f"page {record.page} from frame {record.frame}" for record in evicted[:5])
        more = f" and {len(evicted) - 5} more" if len(evicted) > 5 else ""
        lines.append(f"  Meanwhile went {told}{more}.")
    if fault.slept:
        again = sum(name == "region" for name, _ in fault.steps) - 1
        told = f", and began again at the first step {_times(again)}" if again else ""
        lines.append(f"  It slept {_times(fault.slept)}{told}.")
    return lines


def _close(fault: Fault, trace: Trace) -> str:
    kind = fault.kind(trace)
    weight = "major" if fault.major else "minor"
    weight = "refused" if kind == "invalid" else weight
    return f"It was a {weight} fault, {kind}: {MEANING.get(kind, '?')}. It took {fault.duration:,} ns."
