"""Tests run beside others, on busy machines, and are killed: what they may not do for that."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import test_user
from support import ROOT, await_that
from test_front_door import machines_of

from faultline import project

PROGRAMS = [ROOT / f"user/tests/{name}.c" for name in test_user.PROGRAMS]
TESTS = sorted((ROOT / "tests").glob("*.py"))
HERE = Path(__file__).name


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    found = []
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if re.search(pattern, line) and file.name != HERE:
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def test_programs_stay_in_their_folder():
    """The TAP programs of user/tests run on this machine too, in a folder of their own, and so name no other
    place to write to. (To stand in /tmp leaves nothing there.)"""
    assert lines_with(r'"/tmp/|"/var|"/dev/shm', PROGRAMS) == []


def test_no_test_waits_by_the_clock_of_this_machine():
    """But for the last resort; and who asks again after a moment takes a short one."""
    assert lines_with(r"timeout=\d|time\.sleep\((?!0\.[01]\d?\))", TESTS) == []


STARTS = {
    "a boot": "import support; support.run_boot('--realtime', '--qemu-arg=-name', {0!r}, '--', 'sleep', '1000')",
    "a terminal": "import test_terminal, support\n"
    "test_terminal.Terminal(str(support.BOOT), '--realtime', '--qemu-arg=-name', {0!r}).expect('never')",
}


@pytest.mark.parametrize("what", STARTS)
def test_a_killed_test_leaves_no_machine(what: str):
    marker = f"killed-{os.getpid()}-{what.split()[1]}"
    text = STARTS[what].format(f"--qemu-arg={marker}")
    with subprocess.Popen([sys.executable, "-c", text], cwd=ROOT / "tests") as process:
        await_that(lambda: machines_of(marker))
        process.kill()
    await_that(lambda: not machines_of(marker))


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build folder to do anything in."""
    monkeypatch.setattr(project, "BUILD", tmp_path)
    monkeypatch.setattr(project, "UNFINISHED", tmp_path / ".unfinished")
    (tmp_path / "obj").mkdir()
    (tmp_path / "untraced").mkdir()
    return tmp_path


def test_what_a_killed_build_made_is_made_anew(build: Path):
    old, half = build / "obj/old.o", build / "obj/half.o"
    old.write_text("whole")
    os.utime(old, (time.time() - 60,) * 2)
    project.UNFINISHED.touch()
    half.write_text("ha")
    others = [build / name for name in (".lock", "debug/obj.o", "packages/file", "test-logs/1/log")]
    for file in others:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("of somebody who is at it")
    (build / "faultline.elf").write_text("ha")
    project.forget_half_made()
    assert old.exists() and not half.exists() and not (build / "faultline.elf").exists()
    assert all(file.exists() for file in others)


def test_a_finished_build_is_kept(build: Path):
    (build / "obj/new.o").write_text("whole")
    project.forget_half_made()
    assert (build / "obj/new.o").exists()
