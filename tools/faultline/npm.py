"""Packages of npm's that a page of ours is made with: into build/node_modules when they are first wanted.

None of them is part of this tree, and none of them wants others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from faultline import project

MODULES = project.ROOT / "build/node_modules"


def have(name: str, version: str, without: str) -> bool:
    """The package is in build/node_modules; false when it cannot be had, and on stderr why, and what
    comes of it: `without`."""
    if (MODULES / name).is_dir():
        return True
    with project.alone(".npm-lock"):
        return (MODULES / name).is_dir() or _fetch(name, version, without)


def _fetch(name: str, version: str, without: str) -> bool:
    """Aside first: half a package is none."""
    tool = shutil.which("npm")
    if tool is None:
        print(f"npm is missing (tools/setup charts installs it): {without}", file=sys.stderr)
        return False
    MODULES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODULES.parent) as scratch:
        words = ["install", "--prefix", scratch, "--no-save", "--no-audit", "--no-fund", "--fetch-retries=0"]
        words += ["--ignore-scripts", source(name, version)]
        result = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
        if result.returncode:
            why = next(iter(result.stderr.splitlines()), "")
            print(f"npm cannot get {name}, so {without}: {why}", file=sys.stderr)
            return False
        Path(scratch, "node_modules", name).rename(MODULES / name)
    return True


def source(name: str, version: str) -> str:
    """What npm shall install: the file that `npm pack` makes, if it is in the folder that packages come
    from; else from the network."""
    folder = os.environ.get("FAULTLINE_PACKAGES")
    packed = Path(folder or "/nonexistent", f"{name}-{version}.tgz").resolve()
    return str(packed) if packed.exists() else f"{name}@{version}"
