#!/usr/bin/python3
"""`make test`: build all that the tests start, then run them; words go to pytest.

Everything is built first, so that the boots of the tests find nothing to do. What that costs counts as
the tests' cost."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = [sys.executable, str(ROOT / "tools/build")]
OPTIMISED = ["kernel", "image", "untraced", "bench", "host-programs", "policysim", "accesses", "policy-check"]


def main() -> int:
    plain = {key: value for key, value in os.environ.items() if key != "FAULTLINE_NO_BUILD"} | {"WERROR": "-Werror"}
    subprocess.run([*BUILD, *OPTIMISED], cwd=ROOT, env=plain, check=True)
    debug = {**plain, "BUILD": "build/debug", "DEBUG": "1"}
    subprocess.run([*BUILD, "kernel", "image"], cwd=ROOT, env=debug, check=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {
        **plain,
        "FAULTLINE_NO_BUILD": "1",
        "FAULTLINE_IN_TURN": "" if sys.argv[1:] else "1",  # who picks some has all of them
        "FAULTLINE_CPU_BEFORE": str(spent.ru_utime + spent.ru_stime),
    }
    command = [sys.executable, "-m", "pytest", "tests", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError:
        sys.exit("make test: the build failed")
