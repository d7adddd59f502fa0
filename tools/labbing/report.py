"""What is said of a test that was failed: four lines. No instructions, no times, no frame's number."""

from __future__ import annotations

import math

from labbing import ending
from labbing.expectation import BEST, Bound
from labbing.judge import NS_PER_SECOND, Finding, Run, origin, times
from labbing.host import judge as host
from labbing.testing import HostVerdict, Verdict
from witnessing.seen import Fault


FEW = 4  # faults on a page that are told one by one


def four_lines(verdict: Verdict, diagnosis: str, command: str) -> list[str]:
    first = verdict.findings[0]
    return [
        f"  due       {first.due} (specification, sentence {first.sentence})",
        f"  happened  {first.happened}{others(verdict.findings)}{early_end(verdict)}",
        f"  so        {diagnosis}",
        f"  see       {command}",
    ]


def others(findings: list[Finding]) -> str:
    more = len(findings) - 1
    return "" if more < 1 else f"; and {more} more {'is' if more == 1 else 'are'} not as due"


def early_end(verdict: Verdict) -> str:
    """What cut the run short, where that is not what happened first."""
    words = ending.words(verdict.seen)
    if not ending.is_early(verdict.seen) or verdict.findings[0].happened == words:
        return ""
    return f"; then {words}"


def summary(verdicts: list[Verdict], diagnoses: dict[str, str], show: str) -> list[str]:
    """A line for each test, four more for each that was failed, and the points. `diagnoses`: the third line of each."""
    lines = []
    for verdict in verdicts:
        word = "passed" if verdict.passed else "FAILED"
        lines.append(f"{word}  {verdict.due.id}: {verdict.due.title} ({verdict.points} of {verdict.due.points} points)")
        if not verdict.passed:
            command = f"{show} {verdict.due.id} {max(verdict.findings[0].phase, 0)}"
            lines += four_lines(verdict, diagnoses[verdict.due.id], command)
    lines += beside_the_best(verdicts)
    total = sum(verdict.due.points for verdict in verdicts)
    lines.append(f"{sum(verdict.points for verdict in verdicts)} of {total} points")
    return lines


def beside_the_best(verdicts: list[Verdict]) -> list[str]:
    """For fun, and without points: the faults of each stretch that was gone through, as so many times OPT's."""
    said: list[str] = []
    every: list[float] = []
    for verdict in (each for each in verdicts if each.due.stretches):
        done = Run(verdict.due, verdict.seen).stretches_done()
        ratios = [faults / stretch.known[BEST] for stretch, faults in done]
        if ratios:
            said.append(f"{verdict.due.id} {' and '.join(f'{ratio:.2f}' for ratio in ratios)}")
            every += ratios
    if not every:
        return []
    mean = math.prod(every) ** (1 / len(every))
    return [f"faults, as times {BEST}'s: {', '.join(said)}; in the mean {mean:.2f}"]


def phase_lines(verdict: Verdict, wanted: int) -> list[str]:
    """A phase of a test, page by page: what was due, and what happened. An exclamation mark: not as it was due."""
    if isinstance(verdict, HostVerdict):
        return host.phase_lines(verdict.due, verdict.tried, wanted)
    run = Run(verdict.due, verdict.seen)
    lines = []
    for number, phase in enumerate(verdict.due.phases):
        away = "" if number <= run.last_phase() else " (not reached)"
        lines.append(f"{'->' if number == wanted else '  '} phase {number}: {phase.who} {phase.what}{away}")
        if number == wanted and not away:
            lines += page_lines(run, number) + bound_lines(run, number)
    found = [finding for finding in verdict.findings if finding.phase == wanted and not finding.of_page]
    lines += [f"due: {finding.due} ({finding.sentence}); happened: {finding.happened}" for finding in found]
    return lines


def page_line(bound: Bound, faults: list[Fault]) -> str:
    few = faults if len(faults) <= min(bound.most + 2, FEW) else faults[:1]
    kinds = ", ".join(f"{fault.access}, the page {'was' if fault.present else 'was not'} there" for fault in few)
    due = f"{bound.least}" if bound.least == bound.most else f"{bound.least} to {bound.most}"
    happened = f"{times(len(faults))} happened" + (f" ({kinds}{', …' * (few != faults)})" if kinds else "")
    mark = " " if bound.least <= len(faults) <= bound.most else "!"
    return f"   {mark} {bound.page:#x} {bound.name}: {due} due, {happened}"


def page_lines(run: Run, phase: int) -> list[str]:
    lines = [page_line(bound, run.faults.get((phase, bound.page), [])) for bound in run.due.bounds[phase]]
    for number, told in enumerate(run.due.told):
        if told.phase == phase and number in run.told and run.told[number] != told.value:
            value = run.told[number]
            lines.append(f"   ! {told.what}: due {origin(run.due, told.value)}; found {origin(run.due, value)}")
    return lines


def bound_lines(run: Run, phase: int) -> list[str]:
    """Bounds that begin in that phase: on faults in all, and on time."""
    lines = []
    for total in run.due.totals:
        if run.due.told[total.begin].phase == phase:
            count = run.faults_of(total)
            mark = "!" if count > total.most else " "
            lines.append(f"   {mark} {total.what}: {total.most} at most; {count} happened")
    for pace in run.due.paces:
        if run.due.told[pace.marks[0]].phase == phase:
            longest, most = run.longest(pace) / NS_PER_SECOND, pace.most / NS_PER_SECOND
            mark = "!" if longest > most else " "
            lines.append(f"   {mark} {pace.what}: {most:g} s at most; the longest took {longest:.3f} s")
    return lines
