"""Hold what was seen of a run against what was due. Nothing that the kernel prints is asked.

What is found wrong is a list of findings in the order in which it happened; the first is what a report
tells. A phase that was not reached is judged no further than that.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from labbing import ending, frame_rules, stretches
from labbing.assembly import CALLS, KILLED, LAST, REFUSED
from labbing.expectation import Bound, Expectation, FrameRule, Pace, Stretch, Told, Total
from witnessing.seen import Fault, Seen

ERRNO = {4: "EINTR", 11: "EAGAIN", 12: "ENOMEM", 14: "EFAULT"}
NS_PER_SECOND = 1_000_000_000
LINE = re.compile(r"(?<=\.[ch]):\d+")  # of a source: a student's file has others
MANY = 1000  # faults: to count more of them would count how long we looked on
ARRIVES, WHOLE, NO_COPY = "S0", "S1", "S2"
WITHIN_LIMIT = "S2"
# Kinds of findings: a value; faults on a page that may be touched, or elsewhere; a right; a frame; no end; too many
# faults of a stretch, or too many frames; too much time.
VALUE, MORE, FEWER, ELSEWHERE = "value", "more", "fewer", "elsewhere"
RIGHT, FRAME, END, STRETCH, ROOM, LONGER = "right", "frame", "end", "stretch", "room", "longer"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was due."""

    phase: int
    due: str
    sentence: str
    happened: str
    kind: str  # VALUE, MORE, …

    @property
    def of_page(self) -> bool:
        """A count of faults, or a value: what the lines of a phase tell, too."""
        return self.kind in (VALUE, MORE, FEWER)

    @property
    def symptom(self) -> tuple[str, str]:
        """What it shows, whichever page it was."""
        return self.sentence, self.kind


def times(count: int) -> str:
    if count > MANY:
        return "the same fault again and again"
    return {0: "no fault", 1: "one fault"}.get(count, f"{count} faults")


def bound_words(bound: Bound) -> str:
    if bound.least == bound.most:
        return times(bound.least).replace("one fault", "exactly one fault")
    return f"{bound.least} to {bound.most} faults"


class Run:
    """What was seen, sorted by the test's phases."""

    def __init__(self, due: Expectation, seen: Seen):
        self.due, self.seen = due, seen
        numbers = [mark.number for mark in seen.marks]
        self.refused = next((mark for mark in seen.marks if mark.number == REFUSED), None)
        self.told = dict(zip(numbers, (mark.value for mark in seen.marks), strict=True))
        self.ordered = [n for n in numbers if n < len(due.told)] == sorted(n for n in numbers if n < len(due.told))
        low, high = due.window
        self.faults: dict[tuple[int, int], list[Fault]] = {}
        for fault in seen.faults:
            if low <= fault.address < high and 0 <= fault.phase < len(due.told):
                key = (due.told[fault.phase].phase, fault.page)
                self.faults.setdefault(key, []).append(fault)
        self.places = {mark.number: place for place, mark in enumerate(seen.marks)}
        self.frames: dict[tuple[int, int], int] = {}  # at the end of the phase
        for touch in seen.touches:
            if 0 <= touch.phase < len(due.told):
                self.frames[due.told[touch.phase].phase, touch.address] = touch.frame

    def faults_of(self, total: Total) -> int:
        """So many were taken; if it has not come to its end, until then."""
        if total.begin not in self.places:
            return 0
        marks = range(self.places[total.begin], self.places.get(total.end, len(self.seen.marks)))
        return sum(1 for fault in self.seen.faults if total.low <= fault.address < total.high and fault.mark in marks)

    def longest(self, pace: Pace) -> int:
        """From one of its marks to the next, in ns, as far as it came."""
        marks = [self.seen.marks[self.places[number]] for number in pace.marks if number in self.places]
        times = [mark.registers.get("R9", 0) for mark in marks]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0)

    def broken_rules(self) -> list[tuple[FrameRule, str]]:
        """About frames, of the phases that were gone through to their end."""
        return frame_rules.broken(self.due.rules, self.frames, self.seen.looks, self.phases_done())

    def phases_done(self) -> int:
        reached = self.reached()
        return self.due.told[reached].phase if reached < len(self.due.told) else len(self.due.phases)

    def last_phase(self) -> int:
        """The phase that it came to last; -1: none."""
        reached = self.reached()
        return self.due.told[reached - 1].phase if reached else -1

    def stretches_done(self) -> list[tuple[Stretch, int]]:
        """Those that are about faults and were gone through, with what they took."""
        until = self.phases_done()
        done = [each for each in self.due.stretches if each.known and each.last < until]
        made = [stretches.references(each, self.due.bounds, until) for each in done]
        return [(each, len(stretches.taken(own, self.faults))) for each, own in zip(done, made, strict=True)]

    def reached(self) -> int:
        """How many marks it came to, in order, from the first."""
        count = 0
        while count < len(self.due.told) and count in self.told:
            count += 1
        return count


def origin(due: Expectation, value: int) -> str:
    """Where such a value comes from, in words."""
    if value == 0:
        return "zeroes"
    if value == due.nonce:
        return "what was in the frame before the machine started"
    return due.origins.get(f"{value:x}", "a value that nobody wrote there")


def wrong_value(due: Expectation, told: Told, value: int) -> Finding:
    return Finding(told.phase, f"{told.what}: {origin(due, told.value)}", told.sentence, origin(due, value), VALUE)


def not_reached(run: Run, told: Told) -> Finding:
    if run.refused is not None:
        number, errno = divmod(run.refused.value, 1 << 32)
        name = f"{CALLS.get(number, f'call {number}')}, {ERRNO.get(errno, f'errno {errno}')}"
        phase = max(told.phase - 1, 0)
        doing = run.due.phases[phase]
        due = f"{doing.who} {doing.what}: there is memory enough for all that it asks"
        return Finding(phase, due, NO_COPY, f"a system call was refused: {name}", END)
    return Finding(told.phase, told.what, told.sentence, ending.words(run.seen), END)


def value_findings(run: Run) -> list[Finding]:
    found: list[Finding] = []
    for number, told in enumerate(run.due.told):
        if number not in run.told:
            return [*found, not_reached(run, told)]
        if run.told[number] != told.value:
            found.append(wrong_value(run.due, told, run.told[number]))
    if LAST not in run.told:
        last = run.due.told[-1]
        found.append(Finding(last.phase, "the program ends", WHOLE, ending.words(run.seen), END))
    return found


def fault_finding(run: Run, phase: int, bound: Bound) -> Finding | None:
    faults = run.faults.get((phase, bound.page), [])
    who = run.due.phases[phase].who
    due = f"{who}, {bound.name}: {bound.why}: {bound_words(bound)}"
    if not bound.least <= len(faults) <= bound.most:
        kind = MORE if len(faults) > bound.most else FEWER
        return Finding(phase, due, bound.sentence, times(len(faults)), kind)
    if not bound.protection and any(fault.present for fault in faults):
        return Finding(phase, due, bound.sentence, "a fault on a page that was there: the right was missing", RIGHT)
    return None


def fault_findings(run: Run) -> list[Finding]:
    """Of the phases that were gone through to their end."""
    found = []
    for phase in range(run.phases_done()):
        bounds = {bound.page: bound for bound in run.due.bounds[phase]}
        for bound in bounds.values():
            finding = fault_finding(run, phase, bound)
            found += [finding] if finding else []
        strange = [page for at, page in run.faults if at == phase and page not in bounds]
        who = run.due.phases[phase].who
        if strange:
            due = f"{who} touches other pages only"
            found.append(Finding(phase, due, ARRIVES, f"a fault at {strange[0]:#x}", ELSEWHERE))
    return found


def of_book(stretch: Stretch) -> str:
    """What policies of the book take."""
    return ", ".join(f"{name} {faults}" for name, faults in stretch.known.items())


def stretch_findings(run: Run) -> list[Finding]:
    found = []
    for stretch in run.due.stretches:
        made = stretches.references(stretch, run.due.bounds, run.phases_done())
        faults = stretches.taken(made, run.faults)
        if len(faults) > stretch.most:
            due = f'"{stretch.name}": at most {stretch.most} faults in all its references ({of_book(stretch)})'
            seen = f"{len(faults)} faults" + ("" if run.phases_done() > stretch.last else " until the run ended")
            found.append(Finding(faults[stretch.most], due, stretch.sentence, seen, STRETCH))
        many = stretches.too_many_pages(stretch, made, run.faults)
        if many:
            phase, pages = many
            due = f'"{stretch.name}": no more pages are there than its {stretches.frames_at(stretch, phase)} frames'
            seen = f"{pages} pages were: none of them faulted when it was touched next"
            found.append(Finding(phase, due, WITHIN_LIMIT, seen, ROOM))
    return found


def frame_findings(run: Run) -> list[Finding]:
    found = []
    for relation in run.due.relations:
        earlier = run.frames.get((relation.earlier, relation.page))
        later = run.frames.get((relation.later, relation.page))
        if earlier is None or later is None or (earlier == later) == relation.same:
            continue
        who = run.due.phases[relation.later].who
        before = run.due.phases[relation.earlier]
        kind = "the same frame" if relation.same else "another frame"
        due = f"{who} finds {kind} behind {relation.name} as there was when {before.who} {before.what}"
        due = due if relation.same else due.replace(" as there was", " than there was")
        happened = "the same frame" if earlier == later else "another frame"
        found.append(Finding(relation.later, due, relation.sentence, happened, FRAME))
    return found


def bound_findings(run: Run) -> list[Finding]:
    """Of faults in all, and of time."""
    found = []
    for total in run.due.totals:
        if run.faults_of(total) > total.most:
            phase = run.due.told[total.begin].phase
            found.append(Finding(phase, f"{total.what}: at most {total.most}", total.sentence, "more", MORE))
    for pace in run.due.paces:
        if run.longest(pace) > pace.most:
            phase = run.due.told[pace.marks[0]].phase
            due = f"{pace.what}: {pace.most / NS_PER_SECOND:g} s at most"
            found.append(Finding(phase, due, pace.sentence, "longer", LONGER))
    return found


def as_a_whole(due: Expectation) -> Finding:
    """Where a wrong kernel goes wrong hangs on how large it is, or on who ran when: so only that it does is told."""
    if due.paces:
        bounds = f"{due.title}: within the bounds that are stated"
        first, sentence = due.paces[0].marks[0], due.paces[0].sentence
        return Finding(due.told[first].phase, bounds, sentence, "it is not so", LONGER)
    faults = ", and it faults where it must, and nowhere else" if "faults" in due.judged else ""
    what = f"{due.title}: all that it reads is as it was written{faults}"
    return Finding(0, what, WHOLE, "it is not, or does not" if faults else "it is not, or not read", VALUE)


def judge(due: Expectation, seen: Seen) -> list[Finding]:
    """All that is wrong, the earliest first; nothing: the test has passed."""
    run = Run(due, seen)
    found = value_findings(run) if "values" in due.judged else []
    if "faults" in due.judged:
        found += fault_findings(run) + stretch_findings(run)
    if "frames" in due.judged and seen.touches:
        found += frame_findings(run)
    if "frames" in due.judged:
        broken = run.broken_rules()
        found += [Finding(rule.phase, rule.due, rule.sentence, happened, FRAME) for rule, happened in broken]
    found += bound_findings(run)
    if "whole" in due.judged and found:
        return [as_a_whole(due)]
    return sorted(found, key=lambda finding: finding.phase)


def signature(due: Expectation, seen: Seen) -> str:
    """How this kernel behaved, in a form that two kernels with the same behaviour share: how it ended, how many
    marks it came to and which values were wrong, where faults were taken; if it came to none, in which words it ended.
    No times, and no frames' numbers."""
    if "whole" in due.judged:
        return ("failed " if judge(due, seen) else "passed ") + seen.end
    run = Run(due, seen)
    reached = run.reached()
    wrong = [
        f"{number}: {origin(due, run.told[number])}"
        for number in range(reached)
        if run.told[number] != due.told[number].value
    ]
    pages = [
        f"{phase} {page:x} " + " ".join(f"{fault.access}{'!' * fault.present}" for fault in faults[: MANY + 1])
        for (phase, page), faults in sorted(run.faults.items())
    ]
    end = "refused" if run.refused else "killed" if KILLED in run.told else seen.end
    if reached == 0:
        end += f" ({LINE.sub('', ending.words(seen))})"
    rules = [f"{rule.kind} in {rule.phase}: {happened}" for rule, happened in run.broken_rules()]
    return "\n".join([f"{end} after {reached}", *wrong, *pages, *rules])
