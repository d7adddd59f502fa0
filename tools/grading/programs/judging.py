"""In the judge's box: run the hidden tests on a kernel that was compiled in another, and judge what was seen.

    in     {"kernel": base64, "libraries": {file: base64}, "secret": secret.json of the release,
            "show": null, or [test, phase]}
    out    {"tests": [row, …], "look": [what a person should look at, …]}; with "show": {"lines": [line, …]};
           {"failed": words}, if this machine is to blame

No byte that the kernel wrote comes out: what happened is told by the witness. Where there is nothing to be told, the
starter's own kernel says who is to blame: if it can be tried, it is not this machine.
"""

import base64
import dataclasses
import json
import os
import re
import resource
import sys
import tempfile
from pathlib import Path

TREE, OUT, TESTS = Path(__file__).parents[3], Path("kernel").absolute(), Path("tests").absolute()
STARTER = TREE / "build/gcc/faultline.elf"
sys.path.insert(0, str(TREE / "tools"))

from labbing import diagnosis, ending, expectation, report, testing  # noqa: E402
from labbing.host import library, process  # noqa: E402
from labbing.judge import Finding, judge  # noqa: E402
from witnessing.run import WitnessError  # noqa: E402

SAID_BY_IT = re.compile(r"(a panic|cannot be loaded|compiled for that): .*", re.DOTALL)
PANIC = "panic: its words are not shown"
SECONDS = 300  # of processor time, for all tests of a submission: a solution takes a twentieth
UNTOLD = "nothing that could be judged: with this kernel, and not with the starter's, the machine or the judge ends"
TOO_SLOW = f"nothing: {SECONDS // 60} minutes of processor time were used up, the tests before it included"


def unpack(place: Path, data: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(base64.b64decode(data))


def kernel_of(message: dict) -> Path:
    for file, data in message["libraries"].items():
        unpack(OUT / file, data)
    unpack(OUT / library.LIBRARIES / library.READY, "")
    unpack(OUT / "faultline.elf", message["kernel"])
    return OUT / "faultline.elf"


def tests_of(secret: dict) -> list[testing.Test]:
    TESTS.mkdir()
    found = []
    for each in secret["tests"]:
        place = TESTS / each["id"]
        unpack(place, each["program"])
        place.with_suffix(".json").write_text(json.dumps(each["due"]), "utf-8")
        found.append(testing.Test(place, expectation.load(place.with_suffix(".json"))))
    return found


def findings(verdict: testing.Verdict) -> list[Finding]:
    """The same, without a word of the kernel's: that it panicked is told, and not in which words."""
    if isinstance(verdict, testing.HostVerdict):
        return [dataclasses.replace(f, happened=SAID_BY_IT.sub(r"\1", f.happened)) for f in verdict.findings]
    verdict.seen.console = PANIC if ending.PANIC.search(verdict.seen.console) else ""
    return judge(verdict.due, verdict.seen)


def row(verdict: testing.Verdict) -> dict:
    """What is told of a test; not yet the third line."""
    due = verdict.due
    passed = verdict.passed
    verdict.findings = findings(verdict)
    told = {"id": due.id, "title": due.title, "points": due.points if passed else 0, "of": due.points, "passed": passed}
    if passed:
        return told
    phase = max(verdict.findings[0].phase, 0)
    lines = report.four_lines(verdict, "-", f"--show {due.id} {phase}")
    four = dict(line.split(None, 1) for line in lines)
    return {**told, "phase": phase, "due": four["due"], "happened": four["happened"]}


def untold(due: expectation.Expectation, why: str) -> tuple[dict, str]:
    """Of a test in which there is nothing to be judged."""
    told = {"id": due.id, "title": due.title, "points": 0, "of": due.points, "passed": False, "phase": 0}
    return {**told, "due": "a run that can be judged", "happened": why}, f"{diagnosis.FAILED}{why}"


def seconds_left() -> float:
    """Of the processor time."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return SECONDS - sum(each.ru_utime + each.ru_stime for each in used)


def tried(kernel: Path, test: testing.Test) -> tuple[dict, str]:
    """A test's row, and how the kernel behaved in it. WitnessError, OSError: this machine cannot."""
    try:
        if seconds_left() <= 0:
            return untold(test.due, TOO_SLOW)
        verdict = testing.witness(kernel, test, plugin=True, seconds=seconds_left())
        if not verdict.passed and seconds_left() <= 0:  # the limit has ended that machine
            return untold(test.due, TOO_SLOW)
        return row(verdict), diagnosis.profile([verdict])[test.due.id]
    except Exception as error:  # whatever a kernel can bring about is its own
        if test.due.runs and isinstance(error, OSError):
            raise  # nothing of the submission has run then
        if not test.due.runs:
            testing.witness(STARTER, test, plugin=True)
        return untold(test.due, UNTOLD)


def diagnoses(seen: diagnosis.Profile, secret: dict) -> dict[str, str]:
    """The third line for each test."""
    found = {}
    for part in diagnosis.by_piece(seen, secret["pieces"]):
        found.update(dict.fromkeys(part, diagnosis.unsealed(part, secret["known"])))
    return found


def work(message: dict) -> dict:
    kernel, tests = kernel_of(message), tests_of(message["secret"])
    if message["show"]:
        name, phase = message["show"]
        chosen = next(test for test in tests if test.due.id == name)
        return {"lines": report.phase_lines(testing.witness(kernel, chosen, plugin=True), phase)}
    rows, seen = [], {}
    for test in tests:
        told, seen[test.due.id] = tried(kernel, test)
        rows.append(told)
    so = diagnoses(seen, message["secret"])
    look = [f"{told['id']}: {told['happened']}" for told in rows if told.get("happened") in (UNTOLD, TOO_SLOW)]
    return {"tests": [told if told["passed"] else {**told, "so": so[told["id"]]} for told in rows], "look": look}


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever else is printed is no part of the answer
    tempfile.tempdir = str(Path.cwd())
    message = json.load(sys.stdin)
    try:
        if any(each["due"]["runs"] for each in message["secret"]["tests"]) and not process.has_box():
            raise WitnessError("there can be no box within the judge's")
        said = work(message)
    except (WitnessError, OSError) as error:
        said = {"failed": str(error)}
    with open(answer, "w", encoding="ascii") as out:
        json.dump(said, out)


if __name__ == "__main__":
    main()
