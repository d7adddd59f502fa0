"""Does breaking the kernel break what boots it?

A live mutant changes what only a machine shows. It is made in a copy of the kernel, which is
built and booted with the tests that should notice: programs of user/tests, run as
tests/test_user.py runs them, or tests of pytest's. What a test says counts only if it passes, in
the same way, in a copy with nothing changed; a test that could not be run says nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from mutations import Mutation, Outcome, Unusable
from support import BUILD, PANIC, ROOT, TIMEOUT, run_boot
from user_programs import complaints, words

KERNEL = (
    *("boot", "arch", "lib", "mm", "kernel", "linker.ld", "Makefile"),
    *("tools/symbols.py", "tools/list.mk", "tools/toolchain.mk"),
)
PYTEST = (sys.executable, "-m", "pytest")
DEADLINE = 120  # virtual seconds
NOT_RUN = (126, 127)  # a shell's words for a program that is not there, or is none
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed", re.MULTILINE)  # tests/conftest.py


def kernel_copy(work: Path) -> None:
    """The kernel's sources, and what is compiled of them already."""
    for name in KERNEL:
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target)
        else:
            shutil.copy2(ROOT / name, target)
    for name in ("boot", "arch", "lib", "mm", "kernel"):
        shutil.copytree(BUILD / "obj" / name, work / "build/obj" / name)
    (work / "build/image.cpio").symlink_to(BUILD / "image.cpio")


def kernel_build(work: Path) -> None:
    command = ["make", "-s", "--no-print-directory", "BUILD=build", "WERROR=-w", "kernel"]
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "BUILD")}
    made = subprocess.run(
        command, cwd=work, capture_output=True, text=True, env=environment, check=False
    )
    if made.returncode:
        raise Unusable(f"it does not build: {(made.stderr or 'make failed')[-300:]}")


def mutant_build(mutation: Mutation, work: Path) -> None:
    mutation.make(work)
    if mutation.file.endswith(".inc"):
        for made in (work / "build/obj").rglob("*.asm.o"):
            made.unlink()
    kernel_build(work)


def complaint_of_program(name: str, options: list[str], build: Path) -> str | None:
    """What a program of user/tests has to say against the kernel in `build`."""
    result = run_boot(
        *words(name, "--ram", "64M", *options),
        deadline=DEADLINE,
        environment={"BUILD": str(build), "FAULTLINE_NO_BUILD": "1"},
    )
    if result.status == TIMEOUT and "deadline:" not in result.stderr:
        raise Unusable(f"{name}: {result.stderr.strip()[-100:]}")  # the last resort
    killed = result.status == PANIC and "QEMU's status -" in result.stderr
    if killed or result.status in NOT_RUN or result.status < 0 or "Traceback" in result.stderr:
        raise Unusable(f"{name} was not run: {(result.text + result.stderr).strip()[-100:]}")
    return next(iter(complaints(result)), None)


def complaint_of_pytest(name: str, options: list[str], build: Path) -> str | None:
    """What tests of pytest's have to say against the kernel in `build`: all of them, and not those whose turn it is."""
    run = subprocess.run(
        [*PYTEST, "-q", "-n0", "-x", *options, name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        env={**os.environ, "BUILD": str(build), "FAULTLINE_NO_BUILD": "1", "FAULTLINE_LONG": "1"},
        check=False,
    )
    text = run.stdout + run.stderr
    counts = SUMMARY.search(text)
    passed, failed = (int(n) for n in counts.groups()) if counts else (0, 0)
    if run.returncode == 1 and failed:
        told = [line for line in text.splitlines() if line.startswith("E  ") or "panic" in line]
        return (told or [f"{failed} failed"])[0]
    if run.returncode or not passed:
        raise Unusable(f"{name} was not run: {text.strip()[-100:]}")
    return None


def complaint(test: str, build: Path) -> str | None:
    """What a test has to say against the kernel in `build`, or None."""
    *options, name = test.split()
    ask = complaint_of_pytest if name.startswith("tests/") else complaint_of_program
    said = ask(name, options, build)
    return said.strip()[:110] if said is not None else None


class Control:
    """What each test says to the kernel with nothing changed: nothing, or it is no test. Asked
    once, of a copy that is made as the mutants' are."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.said: dict[str, str | None] = {}

    def passes(self, test: str) -> None:
        """Unusable if not."""
        with self.lock:
            if self.folder is None:
                self.folder = tempfile.TemporaryDirectory(prefix="live-", dir=BUILD / "mutants")
                kernel_copy(Path(self.folder.name))
                kernel_build(Path(self.folder.name))
            if test not in self.said:
                self.said[test] = complaint(test, Path(self.folder.name) / "build")
        if self.said[test] is not None:
            raise Unusable(f"{test} fails with nothing changed: {self.said[test]}")


class Tests:
    """The tests of user/tests and of pytest's, for mutants of this kernel."""

    def __init__(self) -> None:
        (BUILD / "mutants").mkdir(parents=True, exist_ok=True)
        self.control = Control()

    def notices(self, mutation: Mutation, work: Path) -> Outcome:
        kernel_copy(work)
        mutant_build(mutation, work)
        for test in mutation.tests:
            detail = complaint(test, work / "build")
            self.control.passes(test)
            if detail is not None:
                return Outcome(test, detail)
        return Outcome("SURVIVED")

    def try_mutation(self, mutation: Mutation) -> Outcome:
        if mutation.is_stale(ROOT):
            return Outcome("stale", "its text is not there exactly once")
        with tempfile.TemporaryDirectory(prefix="live-", dir=BUILD / "mutants") as directory:
            try:
                return self.notices(mutation, Path(directory))
            except (OSError, Unusable) as error:
                return Outcome("error", str(error)[-300:])
