"""Make a starter: the tree without the holes' functions, that builds and boots with clang, lld, QEMU and Python.

What goes in is what KEEP and the lab name, of the files that git knows; so nothing of the tests, the
simulator, the mutations or the history. In place of each hole stands the baseline's body, below the contract
that was there. Assembled objects, the image and the public tests' programs are shipped as they are.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path

from labbing import assembly, bodies, diagnosis, expectation, handout, leak, source
from labbing.build import FLOORS
from labbing.compilers import Words
from labbing.description import Lab, LabError, want_empty
from labbing.diagnosis import Profile
from labbing.starting import MARK, PREBUILT, TESTS
from labbing.testing import Test

STARTING = (
    *("__init__", "assembly", "build", "compilers", "diagnosis", "ending", "expectation", "frame_rules"),
    *("judge", "report", "starting", "stretches", "testing"),
)
KEEP = (
    *("boot/*", "arch/*", "lib/*", "mm/*", "kernel/*", "linker.ld", "LICENSE", ".clang-format"),
    *("tools/boot", "tools/lab", "tools/symbols.py", "tools/needs.txt", "tools/trace", "tools/tracing/*"),
    *("tools/faultline/*", "tools/witnessing/*", "tools/gdb/*", "tools/debug"),
    *("docs/glossary.md", "docs/reference.md", "docs/gdb.md", "docs/trace.md", "docs/reading-order.md"),
    *(f"tools/labbing/{name}.py" for name in STARTING),
    "tools/labbing/host/*",
)
DROP = ("tools/faultline/race/*",)
WORKFLOW = ".github/workflows/public-tests.yml"  # in a student's own repository
TELLING = 200  # shingles: a solution of fewer only calls what stands elsewhere


def tracked(root: Path) -> list[str]:
    """Files that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def kept(root: Path, lab: Lab) -> list[str]:
    """Files that go into the starter."""

    def wanted(file: str) -> bool:
        named = any(fnmatch(file, pattern) for pattern in (*KEEP, *lab.keep))
        return named and not any(fnmatch(file, pattern) for pattern in (*DROP, *lab.drop))

    return [file for file in tracked(root) if wanted(file)]


def check_holes(root: Path, lab: Lab, baseline: bodies.Bodies) -> None:
    """LabError: a hole without a baseline, or the reverse."""
    for hole in lab.holes:
        if hole.function not in source.functions(root, hole.file):
            raise LabError(f"{hole.file} has no function {hole.function}")
        if hole.function not in baseline.parts.get(hole.file, {}):
            raise LabError(f"baseline.c has nothing in place of {hole.function}")
    names = {(hole.file, hole.function) for hole in lab.holes}
    for file, parts in baseline.parts.items():
        for name in parts:
            if name in source.functions(root, file) and (file, name) not in names:
                raise LabError(f"baseline.c replaces {name}, which lab.toml does not take away")


def struck(root: Path, lab: Lab, changed: dict[str, str]) -> dict[str, str]:
    """The same, and without the words that name dropped files' functions. LabError: one is not there just once."""
    for each in lab.strike:
        text = changed.get(each.file) or (root / each.file).read_text("utf-8")
        for words in each.words:
            if text.count(words) != 1:
                raise LabError(f"{each.file} has {words} {text.count(words)} times")
            text = text.replace(words, each.instead)
        changed = {**changed, each.file: text}
    return changed


def without_contracts(lab: Lab, file: str, text: str) -> str:
    """With another rule than the book's, the handout says what is due, and no comment above a hole."""
    for hole in (hole for hole in lab.holes if hole.file == file):
        before = re.compile(rf"/\*(?:(?!\*/).)*\*/\n(?=static [^\n]*\b{hole.function}\()", re.DOTALL)
        text = before.sub(f"/* {', '.join(lab.sentences())} of HANDOUT.md say what is due. */\n", text)
    return text


def leaks(root: Path, lab: Lab, files: list[str], changed: dict[str, str]) -> dict[str, tuple[float, str]]:
    """Of each piece: how much of it stands where most of it does, and where."""
    texts = {file: changed.get(file) or (root / file).read_text("utf-8", "replace") for file in files}
    others = {file: leak.shingles(text) for file, text in texts.items() if file.endswith((".c", ".h", ".md", ".py"))}
    common = leak.idioms(others.values())
    telling = {file: shingles - common for file, shingles in others.items()}
    found = {}
    for name, own in parts_of_holes(root, lab).items():
        most = max(telling, key=lambda file: leak.leak(own, telling[file]))
        found[name] = (leak.leak(own, telling[most]), most)
    return found


def parts_of_holes(root: Path, lab: Lab) -> dict[str, set[leak.Shingle]]:
    """Shingles of each piece: a hole of a few lines alone is like every other list's, whatever that is for."""
    if lab.template:
        return parts_of_solutions(lab)
    found: dict[str, set[leak.Shingle]] = {}
    for name, holes in lab.pieces().items():
        found[name] = set()
        for hole in holes:
            function = source.functions(root, hole.file)[hole.function]
            text = (root / hole.file).read_text("utf-8")
            found[name] |= leak.shingles(text[function.body : function.end])
    return found


def parts_of_solutions(lab: Lab) -> dict[str, set[leak.Shingle]]:
    """Where the tree's own functions solve nothing: shingles of each right solution that is more than calls of what
    stands elsewhere."""
    found = {given.name: leak.shingles(solution_text(given)) for given in lab.solutions("right")}
    return {name: own for name, own in found.items() if len(own) >= TELLING}


def solution_text(given: bodies.Bodies) -> str:
    return "\n".join(text for parts in given.parts.values() for text in parts.values())


def with_live_links(root: Path, files: list[str], changed: dict[str, str]) -> dict[str, str]:
    """The same, and its pages without links to what is not in the starter."""
    pages = [file for file in files if file.endswith(".md")]
    texts = {file: changed.get(file) or (root / file).read_text("utf-8") for file in pages}
    return {**changed, **{file: handout.without_dead_links(text, file, set(files)) for file, text in texts.items()}}


def copy_tree(root: Path, out: Path, files: list[str], changed: dict[str, str]) -> None:
    for file in files:
        place = out / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / file, place)
        if file in changed:
            place.write_text(changed[file], "utf-8")


def copy_prebuilt(root: Path, out: Path) -> None:
    """What a student's machine cannot make: assembled objects, and the image."""
    for floor in FLOORS:
        for path in (root / "build/obj" / floor).rglob("*.asm.o"):
            place = out / PREBUILT / path.relative_to(root / "build/obj")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
    (out / PREBUILT).mkdir(exist_ok=True)
    shutil.copy2(root / "build/image.cpio", out / PREBUILT / "image.cpio")


def tell_tests(lab: Lab, seed: str, folder: Path) -> list[Test]:
    """Programs and expectations of a lab's tests, from a seed."""
    folder.mkdir(parents=True, exist_ok=True)
    tests = []
    for test in lab.tests:
        text, due = lab.tell(test, seed)
        program = folder / test.id
        if due.runs:
            program.with_suffix(".txt").write_text(text, "utf-8")
        else:
            assembly.assemble(text, program)
        expectation.save(due, folder / f"{test.id}.json")
        tests.append(Test(program, due))
    return tests


def write_mark(lab: Lab, seed: str, words: Words, known: dict[str, Profile], out: Path) -> None:
    about = {
        "lab": lab.name,
        "title": lab.title,
        "seed": seed,
        "words": asdict(words),
        "tests": [test.id for test in lab.tests],
        "submit": list(lab.submit),
        "pieces": lab.parts_of_tests(),
        "known": diagnosis.seal(known, lab.parts_of_tests()),
    }
    (out / MARK).write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def make(
    root: Path, lab: Lab, seed: str, words: Words, known: dict[str, Profile], out: Path, say: Callable[[str], None]
) -> list[Test]:
    """Write the starter, telling what was removed. Its public tests. LabError: it cannot be made."""
    want_empty(out)
    baseline = lab.baseline()
    check_holes(root, lab, baseline)
    changed = struck(root, lab, bodies.overlay(root, baseline))
    if lab.variant:
        changed = {file: without_contracts(lab, file, text) for file, text in changed.items()}
    files = kept(root, lab)
    for name, (most, where) in leaks(root, lab, files, changed).items():
        if most > leak.MOST:
            raise LabError(f"{most:.0%} of {name} stands in {where}: drop that, or take it away, too")
    copy_tree(root, out, files, with_live_links(root, files, changed))
    copy_prebuilt(root, out)
    text = (lab.folder / "handout.md").read_text("utf-8")
    (out / "HANDOUT.md").write_text(handout.with_variant(text, lab), "utf-8")
    shutil.copy2(lab.folder.parent / "debugging.md", out / "DEBUGGING.md")
    (out / WORKFLOW).parent.mkdir(parents=True)
    shutil.copy2(lab.folder.parent / "public-tests.yml", out / WORKFLOW)
    tests = tell_tests(lab, seed, out / TESTS)
    write_mark(lab, seed, words, known, out)
    for hole in lab.holes:
        say(f"removed {hole.function} from {hole.file}; the baseline's stands there")
    say(f"left out {len(tracked(root)) - len(files)} files of the tree; {len(files)} are in the starter")
    return tests
