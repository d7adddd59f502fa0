"""In the judge's box: run the hidden tests on a kernel that was compiled in another, and judge what was seen.

    in     {"kernel": base64, "libraries": {file: base64}, "secret": secret.json of the release,
            "show": null, or [test, phase]}
    out    {"tests": [row, …]}; with "show": {"lines": [line, …]}; {"failed": words}, if this machine is to blame

No byte that the kernel wrote comes out: what happened is told by the witness.
"""

import base64
import dataclasses
import json
import os
import re
import sys
import tempfile
from pathlib import Path

TREE, OUT, TESTS = Path(__file__).parents[3], Path("kernel").absolute(), Path("tests").absolute()
sys.path.insert(0, str(TREE / "tools"))

from labbing import diagnosis, ending, expectation, report, testing  # noqa: E402
from labbing.host import library, process  # noqa: E402
from labbing.judge import Finding, judge  # noqa: E402
from witnessing.run import WitnessError  # noqa: E402

SAID_BY_IT = re.compile(r"(a panic|cannot be loaded|compiled for that): .*", re.DOTALL)
PANIC = "panic: its words are not shown"


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


def diagnoses(verdicts: list[testing.Verdict], secret: dict) -> dict[str, str]:
    """The third line for each test."""
    found = {}
    for part in diagnosis.by_piece(diagnosis.profile(verdicts), secret["pieces"]):
        found.update(dict.fromkeys(part, diagnosis.unsealed(part, secret["known"])))
    return found


def row(verdict: testing.Verdict, so: str) -> dict:
    due = verdict.due
    passed = verdict.passed
    verdict.findings = findings(verdict)
    told = {"id": due.id, "title": due.title, "points": due.points if passed else 0, "of": due.points, "passed": passed}
    if passed:
        return told
    phase = max(verdict.findings[0].phase, 0)
    lines = report.four_lines(verdict, so, f"--show {due.id} {phase}")
    four = dict(line.split(None, 1) for line in lines)
    return {**told, "phase": phase, **{name: four[name] for name in ("due", "happened", "so")}}


def work(message: dict) -> dict:
    kernel, tests = kernel_of(message), tests_of(message["secret"])
    if message["show"]:
        name, phase = message["show"]
        chosen = next(test for test in tests if test.due.id == name)
        return {"lines": report.phase_lines(testing.witness(kernel, chosen, plugin=True), phase)}
    verdicts = [testing.witness(kernel, test, plugin=True) for test in tests]
    so = diagnoses(verdicts, message["secret"])
    return {"tests": [row(verdict, so[verdict.due.id]) for verdict in verdicts]}


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
