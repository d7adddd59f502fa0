"""Make a release: the starter with its kernel's objects, the judge, and the hidden tests of a seed.

What grades goes into it, too, as it is now: so whatever becomes of the tree's judge, a release keeps its own.
"""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grading import looking
from grading.release import ABOUT, HERE, SECRET, TOOLS, TREE, Release, digests, read
from labbing import build, diagnosis, starter, testing
from labbing.compilers import Words, choose, words_of_makefile
from labbing.description import Lab
from labbing.diagnosis import Profile
from labbing.host.judge import judge_of
from labbing.workshop import Workshop
from witnessing import plugin


def known_wrong(root: Path, lab: Lab, tests: list[testing.Test]) -> dict[str, Profile]:
    """How each known wrong kernel, and the baseline, behaves in the hidden tests, frames and all."""
    workshop = Workshop(root, lab, words_of_makefile(root))
    some = [lab.baseline(), *lab.solutions("wrong")]
    each = testing.of_each(workshop.trials(some, "wrong", tests), plugin=True)
    return {given.behaviour: diagnosis.profile(seen.result()) for given, seen in zip(some, each, strict=True)}


def libraries(tests: list[testing.Test]) -> list[tuple[str, list[int] | None]]:
    """What the tests without a machine want to be compiled: drivers, and how addresses are taken apart."""
    found = []
    for test in tests:
        for raw in test.due.runs:
            judge = judge_of(raw, test.due.nonce)
            judge.memory.close()
            numbers = [*asdict(judge.geometry).values()] if judge.geometry else None
            if (judge.driver, numbers) not in found:
                found.append((judge.driver, numbers))
    return found


def secret_of(lab: Lab, seed: str, tests: list[testing.Test], known: dict[str, Profile]) -> dict[str, Any]:
    return {
        "seed": seed,
        "tests": [
            {
                "id": test.due.id,
                "due": asdict(test.due),
                "program": "" if test.due.runs else base64.b64encode(test.program.read_bytes()).decode(),
            }
            for test in tests
        ],
        "pieces": lab.parts_of_tests(),
        "known": diagnosis.seal(known, lab.parts_of_tests()),
    }


def build_tree(tree: Path, words: Words) -> None:
    """The starter's own kernel, whose objects submissions are linked with, and the plugin."""
    build.make(build.Kernel(tree, tree / "build/gcc", choose("gcc"), words, tree / "prebuilt"))
    made = plugin.fitting()
    (tree / "build/plugins").mkdir()
    for file in made.parent.glob(f"{made.name.split('-')[0]}-*.so"):
        shutil.copy(file, tree / "build/plugins")  # younger than its source, so nobody makes it anew


def about_of(lab: Lab, tests: list[testing.Test], tree: Path) -> dict[str, Any]:
    sources = [path.read_text("utf-8") for path in sorted(tree.rglob("*.[ch]"))]
    return {
        "lab": lab.name,
        "title": lab.title,
        "submit": list(lab.submit),
        "allow": [*lab.allow, *(hole.function for hole in lab.holes)],
        "functions": looking.functions_of(sources),
        "libraries": libraries(tests),
        "tests": [
            {"id": test.id, "title": told.due.title, "points": test.points, "piece": test.piece, "kind": test.kind}
            for test, told in zip(lab.tests, tests, strict=True)
        ],
    }


def make(
    root: Path, lab: Lab, seed: str, out: Path, diagnose: bool, say: Callable[[str], None] = lambda line: None
) -> Release:
    """Into a folder that is not there yet. `seed`: of the hidden tests. `diagnose`: reports shall name known wrong
    kernels, which takes minutes. LabError, BuildError, NoCompiler: it cannot be made."""
    new = out.with_name(f".{out.name}-new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    new.chmod(0o755)
    words = words_of_makefile(root)
    with tempfile.TemporaryDirectory(prefix="faultline-release-") as folder:
        starter.make(root, lab, f"released {lab.name}", words, {}, new / TREE, lambda line: None)
        tests = starter.tell_tests(lab, seed, Path(folder))
        if diagnose:
            say(f"{lab.title}: how known wrong kernels behave in the hidden tests (some minutes)")
        secret = secret_of(lab, seed, tests, known_wrong(root, lab, tests) if diagnose else {})
    build_tree(new / TREE, words)
    shutil.copytree(HERE, new / TOOLS, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (new, *new.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)  # boxes are entered as somebody
    (new / SECRET).touch(0o600)
    (new / SECRET).write_text(json.dumps(secret), "utf-8")
    about = about_of(lab, tests, new / TREE) | {"files": digests(new)}
    (new / ABOUT).write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    new.rename(out)
    return read(out)
