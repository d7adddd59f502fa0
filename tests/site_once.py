"""The site of `make docs`, made once for all that look at it in a run of the tests, whichever worker they are in."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

from support import ROOT, WITHOUT_NETWORK, run_folder

SITES = "test-site"


def make_site(folder: Path) -> Path:
    """As `make docs` does, without a network."""
    words = [*WITHOUT_NETWORK, str(ROOT / "tools/site"), "-o", str(folder)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0 and ended.stderr == "", ended.stderr
    return folder


def the_site() -> Path:
    """To be read only. Who comes first makes it, while the others wait."""
    folder = run_folder(SITES) / "site"
    done = run_folder(SITES) / "done"
    with open(run_folder(SITES) / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make_site(folder)
            done.touch()
    return folder
