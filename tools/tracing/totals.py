"""What two runs came to, beside each other: how they were set, faults by kind, evictions, frames; and all that
`tools/trace diff` says."""

from __future__ import annotations

from collections import Counter

from tracing.part import SIDES, Compared
from tracing.reader import Trace
from tracing.spaces import FreeFrames
from tracing.steps import Run
from tracing.words import many


def _counts(run: Run) -> dict[str, int | str]:
    """What one run came to."""
    trace = run.trace
    number, faults = trace.number, [step for steps in run.threads.values() for step in steps if step.fault]
    seen = Counter(record.event for record in trace)
    written = sum(record.event == number["written"] and record.detail == 0 for record in trace)
    found: dict[str, int | str] = {"faults": len(faults)}
    kinds = Counter(step.outcome[0] for step in faults)
    found |= {f"of these {kind}": kinds[kind] for kind in [*trace.header.names["kind"], "unfinished"]}
    found["major faults"] = sum(step.outcome[1] for step in faults)
    for program, count in sorted(Counter(step.program for step in faults).items()):
        found[f"faults of {program}"] = count
    found["evictions"] = len(run.evictions)
    found["pages read from slots"] = seen[number["page-in"]]
    found["pages written to slots"] = written
    found["frames in use at most"] = _frames_most(trace)
    found["time until the last event, in ms"] = f"{trace[trace.count - 1].time / 1e6:.3f}" if trace.count else "0"
    found["events"] = trace.count
    return found


def _frames_most(trace: Trace) -> int:
    """How many of the frames that were free at the start were in use at one time."""
    free, least, given = FreeFrames(trace), 0, 0
    for record in trace:
        free.follow(record)
        if record.event == trace.number["give"]:
            given += record.detail
            least = given
        least = min(least, free.count)
    return given - least


def _set(trace: Trace) -> dict[str, int | str]:
    """How the machine was set: the kernel's parameters, frames, the policy of the group of all."""
    chosen = {name: value for name, value in trace.header.parameters.items() if not name.startswith("shared_")}
    found: dict[str, int | str] = {name.replace("_", " "): value for name, value in chosen.items()}
    found |= {"frames": trace.header.nframes, "slots": trace.header.npages - trace.header.nframes}
    policies = (record.address for record in trace if record.event == trace.number["policy"])
    first = next(policies, None)
    if first is not None and first < len(trace.header.names["policy"]):
        found["policy"] = trace.header.names["policy"][first]
    return found


def _table(a: dict[str, int | str], b: dict[str, int | str], only_different: bool) -> list[tuple[str, str, str]]:
    rows = []
    for name in [*a, *(each for each in b if each not in a)]:
        one, two = a.get(name, 0), b.get(name, 0)
        if one != two or not only_different and (one or two):
            rows.append((name, str(one), str(two)))
    return rows


def settings(compared: Compared) -> list[tuple[str, str, str]]:
    """What was set differently: name, A's, B's."""
    a, b = (_set(run.trace) for run in compared.runs)
    return _table(a, b, only_different=True)


def totals(compared: Compared) -> list[tuple[str, str, str]]:
    """Name, A's, B's; without what both have none of."""
    a, b = (_counts(run) for run in compared.runs)
    return _table(a, b, only_different=False)


# --- As text -------------------------------------------------------------------------------------

MOST_TOLD = 20  # differences


def report(compared: Compared, names: tuple[str, str]) -> str:
    """All of it, as lines."""
    lines = [f"{side}: {name}" for side, name in zip(SIDES, names, strict=True)]
    lines += [f"set differently: {name}: A {a}, B {b}" for name, a, b in settings(compared)]
    lines += ["", *compared.where(), ""]
    different = compared.differences()
    lines.append(f"Of {many(len(compared.rows), 'step')} in all {len(different)} differ" + (":" if different else "."))
    lines += [f"  {compared.row_told(compared.rows[n])}" for n in different[:MOST_TOLD]]
    if len(different) > MOST_TOLD:
        lines.append(f"  … and {len(different) - MOST_TOLD} more")
    table = totals(compared)
    wide = max(len(name) for name, _, _ in table)
    lines += ["", f"{'':{wide}} {'A':>12} {'B':>12}"]
    lines += [f"{name:{wide}} {a:>12} {b:>12}" for name, a, b in table]
    return "\n".join(lines)
