"""A release: all that a submission is graded with, frozen in a folder. Whatever happens to the tree later, a submission
that is graded again gets the same bytes.

    tree/           the starter, with its kernel's objects, QEMU's plugin, and the judge's own code
    programs/       what works in the boxes
    secret.json     the hidden tests, with what is due; nobody else's to read
    release.json    the lab, what may be handed in and used, and what every file of this folder is (SHA-256)
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grading import looking
from labbing import build, diagnosis, starter, testing
from labbing.compilers import Words, choose, words_of_makefile
from labbing.description import Lab
from labbing.diagnosis import Profile
from labbing.host.judge import judge_of
from labbing.workshop import Workshop
from witnessing import plugin

ABOUT, SECRET, TREE, PROGRAMS = "release.json", "secret.json", "tree", "programs"
HERE = Path(__file__).parent


class ReleaseError(Exception):
    """It is not as it was released, or there is none."""


@dataclass(frozen=True)
class Release:
    """One, in its folder."""

    folder: Path
    about: dict[str, Any]

    @property
    def tree(self) -> Path:
        return self.folder / TREE

    @property
    def programs(self) -> Path:
        return self.folder / PROGRAMS

    @property
    def name(self) -> str:
        """It is another for each other release."""
        return digest(self.folder / ABOUT)

    def secret(self) -> dict[str, Any]:
        return json.loads((self.folder / SECRET).read_text("utf-8"))

    def starter_text(self, file: str) -> str:
        return (self.tree / file).read_text("utf-8")

    def check(self) -> None:
        """ReleaseError: a file is not what it was, by its name."""
        there, due = digests(self.folder), self.about["files"]
        for file in sorted(due.keys() | there.keys()):
            if there.get(file) != due.get(file):
                what = "is gone" if file not in there else "has changed" if file in due else "is new"
                raise ReleaseError(f"{self.folder / file} {what} since the release: nothing more is graded with it")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Of all files but the list itself."""
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / ABOUT)
    return {str(path.relative_to(folder)): digest(path) for path in files if "__pycache__" not in path.parts}


def read(folder: Path) -> Release:
    """ReleaseError: there is none."""
    try:
        return Release(folder, json.loads((folder / ABOUT).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{folder} is no release: {error}") from None


# --- to make one ---


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


def secret_of(lab: Lab, tests: list[testing.Test], known: dict[str, Profile]) -> dict[str, Any]:
    return {
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
        secret = secret_of(lab, tests, known_wrong(root, lab, tests) if diagnose else {})
    build_tree(new / TREE, words)
    shutil.copytree(HERE / PROGRAMS, new / PROGRAMS, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (new, *new.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)  # boxes are entered as somebody
    (new / SECRET).touch(0o600)
    (new / SECRET).write_text(json.dumps(secret), "utf-8")
    about = about_of(lab, tests, new / TREE) | {"files": digests(new)}
    (new / ABOUT).write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    new.rename(out)
    return read(out)
