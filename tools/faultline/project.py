"""Where things lie in this project, and how to have them built."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from faultline.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
KERNEL = BUILD / "faultline.elf"
IMAGE = BUILD / "image.cpio"
MADE = ("obj", "user", "host", "bench", "untraced", "lists")  # folders there that make fills
BUNDLED = ROOT / "BUNDLE"  # there in a bundle (tools/bundle), in which all is built
STARTER = ROOT / "LAB"  # there in a lab's starter (tools/lab make), which has no make
NEEDS = ROOT / "tools/needs.txt"
FAMILIES = ("Debian, Ubuntu", "Fedora", "Arch", "macOS (Homebrew)")  # its columns
UNFINISHED = BUILD / ".unfinished"  # there while make is at work


@contextlib.contextmanager
def alone(name: str, waiting: str = "") -> Iterator[None]:
    """Of several at once that want to change something in build/, one goes in and the others wait, and say so
    in these words; who is killed in there is no longer in the way."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / name, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(waiting, file=sys.stderr, end="\n" if waiting else "", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget_half_made() -> None:
    """Remove what a build that was killed has made: its last file may be half a file, and make
    goes by the time."""
    if UNFINISHED.exists():
        begun = UNFINISHED.stat().st_mtime_ns
        for place in ("*", *(f"{folder}/**/*" for folder in MADE)):
            for file in BUILD.glob(place):
                young = not file.is_dir() and file.lstat().st_mtime_ns >= begun
                if young and not file.name.startswith("."):  # those are ours, the lock among them
                    file.unlink()


def lines_of(purpose: str) -> Iterator[tuple[list[str], str]]:
    """tools/needs.txt: commands of which one is wanted, and whose packages bring it."""
    for line in NEEDS.read_text("utf-8").splitlines():
        if line.startswith(f"{purpose} "):
            _, commands, *packages = line.split()
            brings = (f"{family}: {package}" for family, package in zip(FAMILIES, packages, strict=True))
            yield commands.split("|"), "; ".join(brings)


def who_brings(command: str, purpose: str) -> str:
    """Words for somebody who lacks a command; in a bundle nothing is installed."""
    packages = next(packages for commands, packages in lines_of(purpose) if command in commands)
    return packages if BUNDLED.exists() or STARTER.exists() else f"{packages}; tools/setup {purpose} installs it"


def needs_in_bundle(purpose: str) -> None:
    """As `needs`, where all is built: no compiler is wanted, only that door's own commands."""
    for commands, packages in lines_of(purpose):
        if not any(map(shutil.which, commands)):
            sys.exit(f"{commands[0]} is missing ({packages})")


def needs(purpose: str) -> None:
    """What this front door needs is here, or we end, and it has been said what is missing."""
    if BUNDLED.exists() or STARTER.exists():
        needs_in_bundle(purpose)
    elif subprocess.run([ROOT / "tools/setup", "--tell", purpose], check=False).returncode:
        sys.exit(1)


def tell_what_is_missing(purpose: str) -> None:
    """Something has failed that other programs do for us: is one of them not here? Then that is said."""
    if not (BUNDLED.exists() or STARTER.exists()):
        subprocess.run([ROOT / "tools/setup", "--tell", purpose], check=False)


def planned(command: list[str], environment: dict[str, str]) -> int:
    """How many files make would make; one when it cannot tell, and shall say so itself."""
    plan = subprocess.run([*command, "-n"], capture_output=True, text=True, env=environment, check=False)
    return sum(map(is_step, plan.stdout.splitlines())) if plan.returncode == 0 else 1


def is_step(line: str) -> bool:
    """Is this a command that makes a file? Those name it behind -o."""
    return " -o " in line


def what_is_made(line: str) -> str:
    """The source that is compiled, or what is put together."""
    words = line.split()
    return words[-1] if "-c" in words else words[words.index("-o") + 1]


def lines_and_waits(stream: IO[bytes]) -> Iterator[tuple[str, int]]:
    """Each line when it comes; and where none comes, each second how many it has been."""
    rest, waited = b"", 0
    while True:
        if not select.select([stream], [], [], 1)[0]:
            waited += 1
            yield "", waited
            continue
        data = os.read(stream.fileno(), 65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        waited = 0
        yield from ((line.decode("utf-8", "replace"), 0) for line in lines)


def run_make(command: list[str], environment: dict[str, str], steps: int) -> int:
    """Make them, as many at once as there are processors, and say how far it is. Its status."""
    jobs = f"-j{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()}"
    progress, done, what = Progress(), 0, "looking up what to make"
    with subprocess.Popen([*command, jobs], stdout=subprocess.PIPE, env=environment) as make:
        assert make.stdout is not None
        try:
            for line, waited in lines_and_waits(make.stdout):
                if is_step(line):
                    done, what = done + 1, what_is_made(line)
                if is_step(line) or waited:
                    progress.say(f"building {done} of {steps}: {what}" + (f", {waited} s" if waited else ""))
        except BaseException:  # we are being ended: nobody waits for the rest
            make.kill()
            raise
    progress.end()
    return make.returncode


def build(*targets: str) -> None:
    """Have make bring `targets` up to date; what is said goes to stderr, so stdout stays pure.

    Several tools may want this at once: one builds, the others wait for it and find all done.
    FAULTLINE_NO_BUILD in the environment leaves everything as it is; a bundle has no make, and a lab's
    starter builds its kernel by itself.
    """
    if os.environ.get("FAULTLINE_NO_BUILD") or BUNDLED.exists():
        return
    if STARTER.exists():
        done = subprocess.run([sys.executable, ROOT / "tools/lab", "build"], check=False)
        if done.returncode:  # it has said why
            sys.exit(done.returncode)
        return
    if not shutil.which("make"):
        needs("run")
    command = ["make", "--no-print-directory", "-C", str(ROOT), *targets]
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL")}
    if BUILD.exists() and not os.access(BUILD, os.W_OK):
        if UNFINISHED.exists() or planned(command, environment):
            owner = BUILD.owner()
            sys.exit(f"{BUILD} is {owner}'s and not up to date: have {owner} build, or name a folder with BUILD=")
        return
    with alone(".lock"):
        forget_half_made()
        steps = planned(command, environment)
        if not steps:
            return
        UNFINISHED.touch()
        status = run_make(command, environment, steps)
        UNFINISHED.unlink()
    if status:
        tell_what_is_missing("run")
        sys.exit(f"make {' '.join(targets)} failed")
