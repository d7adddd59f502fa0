"""Where things lie in this project, and how to have them built."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
KERNEL = BUILD / "faultline.elf"
IMAGE = BUILD / "image.cpio"
MADE = ("obj", "user", "host", "bench", "untraced", "lists")  # folders there that make fills
UNFINISHED = BUILD / ".unfinished"  # there while make is at work


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Of several at once that want to change something in build/, one goes in and the others wait;
    who is killed in there is no longer in the way."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / name, "w", encoding="ascii") as lock:
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


def build(*targets: str) -> None:
    """Have make bring `targets` up to date; its output goes to stderr, so stdout stays pure.

    Several tools may want this at once: one builds, the others wait for it and find all done.
    FAULTLINE_NO_BUILD in the environment leaves everything as it is.
    """
    if os.environ.get("FAULTLINE_NO_BUILD"):
        return
    with alone(".lock"):
        forget_half_made()
        UNFINISHED.touch()
        command = ["make", "-s", "--no-print-directory", "-C", str(ROOT), *targets]
        environment = {key: value for key, value in os.environ.items() if key != "MAKEFLAGS"}
        result = subprocess.run(command, stdout=sys.stderr, env=environment, check=False)
        UNFINISHED.unlink()
    if result.returncode:
        sys.exit(f"make {' '.join(targets)} failed")
