"""A run under a modelled TLB, for people: 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accessing.seen import PAGE, Costs, Counts, Part, Seen

ROWS = 20  # of the run over time
BAR = 40
REGIONS_MOST = 24


@dataclass(frozen=True)
class Shape:
    """The main model, as it was asked for."""

    fetches: str  # ENTRIES:WAYS
    data: str
    common: str
    replacement: str
    page: str
    asids: int

    def entries(self, level: str) -> int:
        return int(level.split(":")[0])

    def told(self) -> str:
        levels = f"{self.fetches} for code, {self.data} for data"
        common = f", {self.common} behind both" if self.entries(self.common) else ""
        named = f"{self.asids} ASIDs" if self.asids else "no ASIDs"
        return f"entries:ways {levels}{common}; {self.replacement}; pages of {self.page}; {named}"

    def model(self, name: str, **other: object) -> str:
        """For build/tlb-model; `other` is what is otherwise in it."""
        words = {
            "l1i": self.fetches, "l1d": self.data, "l2": self.common,
            "replacement": self.replacement, "page": self.page, "asids": self.asids, **other,
        }  # fmt: skip
        return ",".join([f"name={name}", *(f"{key}={value}" for key, value in words.items())])


def size(count: int) -> str:
    """KiB, or MiB where it is large."""
    kib = count // 1024
    return f"{kib} KiB" if kib < 10240 else f"{kib / 1024:.1f} MiB"


def percent(part: float) -> str:
    return f"{100 * part:.3f} %"


HEAD = f"{'':34}{'accesses':>13}{'pages':>7}{'missed L1':>11}{'walks':>9}"


def line(name: str, counts: Counts) -> str:
    pages = str(counts.pages) if counts.pages else ""
    return f"{name:34.34}{counts.accesses:13}{pages:>7}{counts.missed:11}{counts.walks:9}"


def summary(seen: Seen, shape: Shape) -> Iterator[str]:
    model = seen.models[0]
    yield shape.told()
    yield ""
    yield HEAD
    yield line("user code", model.user)
    yield line("the kernel's code", model.kernel)
    yield ""
    for program, counts in seen.programs.items():
        yield line(program, counts)


def by_region(seen: Seen, program: str) -> Iterator[str]:
    yield f"Pages of {program}, by region:"
    regions = seen.regions.get(program, [])
    for place, counts in regions[:REGIONS_MOST]:
        yield line(f"  {place.start * PAGE:#014x} {place.what}", counts)
    if len(regions) > REGIONS_MOST:
        yield f"  … and {len(regions) - REGIONS_MOST} more (--json has all)"


def merged(parts: list[Part], rows: int) -> list[Part]:
    """No more than so many: neighbours become one, and its pages are those of its largest."""
    each = -(-len(parts) // rows)
    found = []
    for at in range(0, len(parts), each):
        group = parts[at : at + each]
        found.append(
            Part(
                sum(part.accesses for part in group),
                sum(part.of_user for part in group),
                max(part.pages for part in group),
                [sum(part.walks[i] for part in group) for i in range(len(group[0].walks))],
                [sum(part.missed[i] for part in group) for i in range(len(group[0].missed))],
            )
        )
    return found


def over_time(seen: Seen) -> Iterator[str]:
    parts = merged(seen.parts, ROWS)
    most = max((part.walks[0] / part.accesses for part in parts), default=0)
    yield "Over time: accesses so far, pages of programs that were used, walks per 1000:"
    done = 0
    for part in parts:
        done += part.accesses
        rate = part.walks[0] / part.accesses
        bar = "#" * round(BAR * rate / most) if most else ""
        yield f"{done:13}{part.pages:8}{1000 * rate:10.3f}  {bar}"


def reach(seen: Seen, shape: Shape, program: str) -> Iterator[str]:
    """What the TLB spans, and what the program uses."""
    unit = {"4K": PAGE, "2M": 1 << 21, "1G": 1 << 30}[shape.page]
    entries = shape.entries(shape.common) or shape.entries(shape.data)
    pages = seen.programs[program].pages if program in seen.programs else 0
    at_once = max((part.pages for part in seen.parts), default=0)
    yield f"Reach: {entries} entries of {shape.page}, {size(entries * unit)}. Footprint: {pages} pages,"
    yield f"{size(pages * PAGE)}; at most {at_once} pages of programs in one part of the run."


def switches(seen: Seen) -> Iterator[str]:
    """What they cost: the same run without and with ASIDs."""
    without, named = (model.user.walks + model.kernel.walks for model in seen.models[1:3])
    yield f"Switches of space: {seen.switches}; flushes of a space: {seen.reloads}, of a page: {seen.page_flushes}."
    each = (without - named) / seen.switches if seen.switches else 0
    yield f"Walks without ASIDs {without}, with {named}: {each:.1f} more for each switch."
    changed = seen.models[2].refreshed
    yield f"With ASIDs {changed} entries would have to be flushed in spaces that are not loaded."


def what_if(seen: Seen) -> Iterator[str]:
    main, large = seen.models[0], seen.models[3]
    yield "If pages were of 2 MiB (user code's walks):"
    yield f"  as they are {main.user.walks}, larger {large.user.walks}"


def access_time(seen: Seen, shape: Shape, costs: Costs) -> Iterator[str]:
    model = seen.models[0].user
    has_common = bool(shape.entries(shape.common))
    yield f"Effective access time of user code, memory {costs.memory:g} ns, TLB {costs.first:g} ns:"
    yield f"  hit rate h = {percent(model.hit_rate)}"
    yield f"  h ({costs.first:g} + {costs.memory:g}) + (1 - h) ({costs.first:g} + 5 x {costs.memory:g})"
    yield f"                                        = {model.formula(costs):.3f} ns by the formula"
    behind = f", {costs.common:g} ns for each look behind the first level" if has_common else ""
    yield f"  the mean of all accesses{behind}"
    yield f"                                        = {model.measured(costs, has_common):.3f} ns in the model"


def text(seen: Seen, shape: Shape, costs: Costs, program: str) -> str:
    blocks = [
        summary(seen, shape),
        by_region(seen, program),
        over_time(seen),
        reach(seen, shape, program),
        switches(seen),
        what_if(seen),
        access_time(seen, shape, costs),
    ]
    if seen.blind_flushes:
        note = f"{seen.blind_flushes} flushes of a page that could not be seen: taken as flushes of the space."
        blocks.append(iter([note]))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
