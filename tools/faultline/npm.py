"""Packages of npm's that a page of ours is made with: into build/node_modules when they are first wanted.

None of them is part of this tree, and none of them wants others: each has a file that is whole by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from faultline import project

MODULES = project.ROOT / "build/node_modules"
INSIDE = "package"  # the folder in the file that npm makes


def have(name: str, version: str, without: str) -> bool:
    """The package is in build/node_modules; false when it cannot be had, and on stderr why, and what
    comes of it: `without`."""
    if (MODULES / name).is_dir():
        return True
    with project.alone(".npm-lock"):
        return (MODULES / name).is_dir() or _fetch(name, version, without)


def _fetch(name: str, version: str, without: str) -> bool:
    """Aside first: half a package is none."""
    (MODULES / name).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODULES.parent) as scratch:
        packed, why = _packed(name, version, Path(scratch))
        if packed is None:
            print(f"{why}, so {without}", file=sys.stderr)
            return False
        with tarfile.open(packed) as archive:
            archive.extractall(scratch, members=[each for each in archive if each.isfile() and _inside(each.name)])
        Path(scratch, INSIDE).rename(MODULES / name)
    return True


def _inside(name: str) -> bool:
    return name.startswith(f"{INSIDE}/") and ".." not in Path(name).parts


def _packed(name: str, version: str, scratch: Path) -> tuple[Path | None, str]:
    """The file that `npm pack` makes: of the folder that packages come from, or from the network. None: why not.

    What the package itself would want is not fetched: each of ours has a file in it that needs nothing else."""
    folder = os.environ.get("FAULTLINE_PACKAGES")
    file = name.removeprefix("@").replace("/", "-")  # as npm names it: of @owner/name too
    given = Path(folder or "/nonexistent", f"{file}-{version}.tgz").resolve()
    if given.exists():
        return given, ""
    tool = shutil.which("npm")
    if tool is None:
        return None, f"npm is missing (tools/setup charts installs it), and cannot get {name}"
    words = [tool, "pack", f"{name}@{version}", "--pack-destination", str(scratch), "--fetch-retries=0", "--silent"]
    result = subprocess.run(words, capture_output=True, text=True, check=False, cwd=scratch)
    made = next(scratch.glob("*.tgz"), None)
    if result.returncode or made is None:
        why = next(iter(result.stderr.splitlines()), "no file was made")
        return None, f"npm cannot get {name}: {why}"
    return made, ""
