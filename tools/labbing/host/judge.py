"""Let a student's functions do what a test says, in a process of their own, and hold what they did against what was
due: page tables (tables.py), claims for frames (claims.py), ages of pages (ages.py), load control (load.py), shootdowns
(shootdown.py)."""

from __future__ import annotations

from pathlib import Path

from labbing.expectation import Expectation
from labbing.host import ages, claims, library, load, shootdown_lives, tables
from labbing.host.calls import BEGIN, COMES_BACK, Call, Judge, Seen
from labbing.judge import END, VALUE, Finding


def judge_of(raw: dict, nonce: int) -> Judge:
    """Of one run."""
    if raw.get("kind") == "ages":
        return ages.Judge(raw, f"{nonce}")
    if raw.get("kind") == "load":
        return load.Judge(raw)
    if raw.get("kind") == "shootdown":
        return shootdown_lives.Judge(raw)
    if "geometry" in raw:
        return tables.Judge(tables.Run.of(raw), f"{nonce}")
    return claims.Judge(raw["operations"], f"{nonce}")


def tried(kernel: Path, due: Expectation) -> Seen:
    """The functions in that kernel's sources do all that the test says."""
    seen = Seen()
    for raw in due.runs:
        judge = judge_of(raw, due.nonce)
        try:
            made = judge.made(kernel)
        except library.LibraryError as error:
            call = Call(judge.first_phase(), BEGIN, asked=True)
            call.gone(str(error))
            seen.calls.append(call)
            seen.gone = str(error)
            continue
        seen.gone = judge.go(made) or seen.gone
        seen.calls += judge.calls
    return seen


def findings(seen: Seen) -> list[Finding]:
    """What is wrong, in the order in which it happened."""
    return [
        Finding(
            phase=call.phase,
            due=f"{call.words}: {wrong.due}",
            sentence=wrong.sentence,
            happened=wrong.happened,
            kind=END if wrong.sentence == COMES_BACK else VALUE,
        )
        for call in seen.calls
        for wrong in call.wrong
    ]


def signature(seen: Seen) -> str:
    """How the functions behaved, in a form that others share which behave alike."""
    return "\n".join(f"{at} {wrong.happened}" for at, call in enumerate(seen.calls) for wrong in call.wrong)


def phase_lines(due: Expectation, seen: Seen, wanted: int) -> list[str]:
    """A phase, call by call. An exclamation mark: not as it was due."""
    lines = []
    reached = {call.phase for call in seen.calls}
    for number, phase in enumerate(due.phases):
        away = "" if number in reached else " (not reached)"
        lines.append(f"{'->' if number == wanted else '  '} phase {number}: {phase.who}: {phase.what}{away}")
        for call in seen.calls if number == wanted else []:
            if call.phase == number:
                lines.append(f"   {'!' if call.wrong else '-' if not call.asked else ' '} {call.words}")
                lines += [f"       due: {due_then} ({of}); happened: {what}" for of, what, due_then in call.wrong]
    return lines
