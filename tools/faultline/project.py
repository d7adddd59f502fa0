"""Where things lie in this project, and how to have them built."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
KERNEL = BUILD / "faultline.elf"
IMAGE = BUILD / "image.cpio"


def build(*targets: str) -> None:
    """Have make bring `targets` up to date; its output goes to stderr, so stdout stays pure.

    Several tools may want this at once: one builds, the others wait for it and find all done.
    FAULTLINE_NO_BUILD in the environment leaves everything as it is.
    """
    if os.environ.get("FAULTLINE_NO_BUILD"):
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = ["make", "-s", "--no-print-directory", "-C", str(ROOT), *targets]
        environment = {key: value for key, value in os.environ.items() if key != "MAKEFLAGS"}
        result = subprocess.run(command, stdout=sys.stderr, env=environment, check=False)
    if result.returncode:
        sys.exit(f"tools/boot: make {' '.join(targets)} failed")
