"""How the code is written: formatted, warning-free, within its line counts, finished."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support import ROOT, changed_files, find, in_turn

TEXTS = ("*.c", "*.h", "*.cpp", "*.asm", "*.py", "Makefile", "*.md", "tools/*")


def run(*words: str) -> None:
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[-5000:]


# Each version of these has opinions of its own: what Debian 12's say is kept, and no other's stops anybody.
WRITTEN_WITH = {
    "lint-format": "clang-format 14",
    "lint-tidy": "clang-tidy 14",
    "lint-cppcheck": "cppcheck 2.10",
    "lint-python": "mypy 1.0",
    "lint-shell": "shellcheck 0.9",
    "lint-page": "tsc 4.8",
}
# Minutes of the processor: what the last commit changed, and one file of so many, others with each commit.
IN_TURN = ("lint-tidy", "lint-cppcheck")
KERNEL = ("arch", "boot", "kernel", "lib", "mm")
PARTS = 24
CHANGED_MOST = 12  # of those that changed
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CHECKS = find(r"^lint: (.*)$", MAKEFILE)[1].split()


def is_here(tool: str, version: str) -> bool:
    told = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+(\.\d+)+", told)
    return found is not None and f"{found[0]}.".startswith(f"{version}.")


def linted(check: str) -> list[str]:
    if check not in IN_TURN:
        return []
    files = sorted(str(path.relative_to(ROOT)) for room in KERNEL for path in (ROOT / room).glob("**/*.c"))
    changed = [name for name in changed_files() if name in files][:CHANGED_MOST]
    return ["LINTED=" + " ".join(sorted({*in_turn(files, PARTS), *changed}))]


@pytest.mark.parametrize("check", CHECKS)
def test_lint(check):
    if check in WRITTEN_WITH and not is_here(*WRITTEN_WITH[check].split()):
        pytest.skip(f"wants {WRITTEN_WITH[check]}")
    run("make", "--no-print-directory", check, *linted(check))


PLANTED = """
import { nobody } from "page/words.js";
/** @param {import("page/state.js").State} s */
export const misspelt = (s) => s.F_STAET;
export const perhaps = document.getElementById("memory").title;
const unused = 1;
export const untyped = (given) => given;
"""
REFUSED = ("'nobody'", "'F_STAET'", "possibly 'null'", "'unused' is assigned a value but never used",
           "'given' implicitly has an 'any' type")


def test_lint_of_the_page_refuses(tmp_path: Path):
    """What nobody exports, a section that the state has not, an element that may not be there, what nobody uses,
    what has no type."""
    if not is_here("tsc", "4.8"):
        pytest.skip("wants tsc 4.8")
    for page in ("tools/tracing/page", "tools/playing/page"):
        shutil.copytree(ROOT / page, tmp_path / page)
        (tmp_path / page / "planted.js").write_text(PLANTED)
    recipe = re.findall(r"^lint-page:\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[0]
    said = ""
    for command in recipe.splitlines():
        ended = subprocess.run(command, cwd=tmp_path, shell=True, capture_output=True, text=True, check=False)
        assert ended.returncode != 0
        said += ended.stdout
    assert [word for word in REFUSED if word not in said] == [], said


def test_line_counts():
    run("tools/loc")


def tracked_files() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", *TEXTS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listing.stdout.split("\n") if name and (ROOT / name).is_file()]


def test_nothing_unfinished():
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        name
        for name in tracked_files()
        if name != "tests/test_style.py" and words.search((ROOT / name).read_text("utf-8"))
    ]
    assert found == []


def test_one_idea_a_file():
    code = [name for name in tracked_files() if name.endswith((".c", ".h", ".asm", ".py"))]
    long = {
        name: lines
        for name in code
        if not name.startswith("tests/bench/")
        and (lines := len((ROOT / name).read_text("utf-8").splitlines())) > 500
    }
    assert long == {}


def test_columns_of_python():
    """As pyproject.toml has it; the texts of mutations are lines of C, as they stand in the kernel."""
    limit = int(re.findall(r"^line-length = (\d+)$", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[0])
    long = []
    for name in tracked_files():
        text = (ROOT / name).read_text("utf-8")
        python = name.endswith(".py") or text.startswith("#!/usr/bin/python3")
        if python and "/mutations/" not in name:
            long += [f"{name}:{n}" for n, line in enumerate(text.splitlines(), 1) if len(line) > limit]
    assert long == []


def prose(text: str) -> list[tuple[int, str]]:
    """The numbered lines of a page that are not tables, pictures, or what a program has said."""
    found, fenced = [], False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.lstrip().startswith("```")
        if not fenced and not line.startswith(("|", "![", "    ", "<")):
            found.append((number, line))
    return found


def test_columns_of_everything_else():
    """C and NASM have 100, comments and all; C++ and prose 120."""
    long = []
    for name in tracked_files():
        text = (ROOT / name).read_text("utf-8")
        lines = prose(text) if name.endswith(".md") else list(enumerate(text.splitlines(), 1))
        limit = 120 if name.endswith((".md", ".cpp")) or name.startswith("tools/simulator/") else 100
        if name.endswith((".c", ".h", ".asm", ".cpp", ".md")) and not name.startswith("tests/bench/"):
            long += [f"{name}:{number}" for number, line in lines if len(line) > limit]
    assert long == []


def test_kernel_files_open_with_their_idea():
    rooms = ("boot/", "arch/", "lib/", "mm/", "kernel/", "user/")
    code = [name for name in tracked_files() if name.startswith(rooms)]
    for name in code:
        if name.endswith((".c", ".h", ".asm")):
            opening = (ROOT / name).read_text("utf-8").lstrip()[:3]
            assert opening.startswith(("/*", ";")), f"{name} has no opening comment"
