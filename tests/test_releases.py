"""From nothing to a first fault on Debian 12 and 13, in roots of their own: make test-long, as root.

tests/releases.py does it, and fetches what it wants (2 GB in /var/tmp)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from support import LONG, ROOT

from releases import PARTS, RELEASES

pytestmark = [
    pytest.mark.skipif(not LONG, reason="some minutes for each: make test-long"),
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("debootstrap"), reason="wants root, and debootstrap"),
]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("part", PARTS)
def test_a_newcomer(release: str, part: str):
    command = [sys.executable, str(ROOT / "tests/releases.py"), "--release", release, "--part", part]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-6000:]


@pytest.mark.skipif(not shutil.which("qemu-aarch64-static"), reason="wants qemu-user-static")
def test_a_starter_is_built_on_arm():
    command = [sys.executable, str(ROOT / "tests/releases.py"), "--arm"]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-6000:]
