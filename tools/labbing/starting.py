"""In a starter: build the kernel, run the public tests, show a phase of one. Wants clang with lld (or a gcc for
x86-64), QEMU and Python, and nothing of the tree that the starter was made from."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from faultline import project
from labbing import build, diagnosis, expectation, report, testing
from labbing.compilers import NoCompiler, Words, choose

MARK = project.STARTER.name
PREBUILT, TESTS = "prebuilt", "lab/tests"


def about(root: Path) -> dict[str, Any]:
    return json.loads((root / MARK).read_text("utf-8"))


def is_museum(root: Path) -> bool:
    return "museum" in about(root)


def kernel(root: Path, compiler: str = "") -> Path:
    """The kernel of the sources as they are now; in a museum, the exhibit's. It ends us, with what the compiler
    says, if there is none."""
    if is_museum(root):
        return root / "build/faultline.elf"
    words = about(root)["words"]
    try:
        chosen = choose(compiler)
        made = build.Kernel(
            root,
            root / "build" / chosen.name,
            chosen,
            Words(tuple(words["compile"]), tuple(words["link"])),
            root / PREBUILT,
        )
        build.make(made)
    except (build.BuildError, NoCompiler) as error:
        sys.exit(str(error))
    shutil.copy2(made.elf, root / "build/faultline.elf")  # what tools/boot and tools/debug take
    image = root / "build/image.cpio"
    if not image.exists():
        shutil.copy2(root / PREBUILT / "image.cpio", image)
    return made.elf


def tests(root: Path, names: list[str]) -> list[testing.Test]:
    known = about(root)["tests"]
    for name in names:
        if name not in known:
            sys.exit(f"no test {name}: there are {', '.join(known)}")
    folder = root / TESTS
    wanted = names or known
    return [testing.Test(folder / name, expectation.load(folder / f"{name}.json")) for name in wanted]


def test(root: Path, names: list[str], compiler: str = "") -> int:
    """The public tests; 0 if all passed."""
    verdicts = testing.all_of(kernel(root, compiler), tests(root, names))
    print("\n".join(report.summary(verdicts, diagnoses(root, verdicts, bool(names)), "tools/lab show")))
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def diagnoses(root: Path, verdicts: list[testing.Verdict], some: bool) -> dict[str, str]:
    """The third line for each test. `some`: they are not all of the lab's."""
    lab = about(root)
    found = {}
    for part in diagnosis.by_piece(diagnosis.profile(verdicts), lab["pieces"]):
        words = diagnosis.unsealed(part, lab["known"])
        if some and words == diagnosis.UNKNOWN:
            words = "these tests alone do not tell: run all of them (tools/lab test)"
        found.update(dict.fromkeys(part, words))
    return found


def show(root: Path, name: str, phase: int, compiler: str = "") -> int:
    """A phase of a test, page by page."""
    chosen = tests(root, [name])[0]
    if not 0 <= phase < len(chosen.due.phases):
        sys.exit(f"{name} has no phase {phase}: they are 0 to {len(chosen.due.phases) - 1}")
    verdict = testing.witness(kernel(root, compiler), chosen, plugin=False)
    print("\n".join(report.phase_lines(verdict, phase)))
    if verdict.seen.console:
        print(f"the kernel's own words:\n{verdict.seen.console.rstrip()}")
    kind = "calls" if chosen.due.runs else "program"
    print(f"the {kind}, phase by phase: {TESTS}/{name}.{'txt' if chosen.due.runs else 's'}")
    return 0
