"""What a command sees in a box (bubblewrap's): programs and libraries of this machine, to read, and what it is given.

There is no network in it, no other process, nobody's folder, no way to become another user, and no file system
without a bound. What it may write goes when it ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ALONE = ("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"}
FOLDERS = ("bin", "sbin", "lib", "lib64")  # links into /usr with most distributions
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")
SHUT = ("--unshare-user", "--disable-userns")  # there can be no further box in this one


def system() -> list[str]:
    """What is in every box: /usr, what leads there, and this Python, if it lies elsewhere."""
    words = ["--ro-bind", "/usr", "/usr"]
    for place in (Path("/", name) for name in FOLDERS):
        if place.is_symlink():
            words += ["--symlink", os.readlink(place), str(place)]
        elif place.is_dir():
            words += ["--ro-bind", str(place), str(place)]
    pythons = {prefix for prefix in (sys.base_prefix, sys.prefix) if not Path(prefix).is_relative_to("/usr")}
    for name in (*(name for name in SETTINGS if Path(name).exists()), *sorted(pythons)):
        words += ["--ro-bind", name, name]
    return words


def words(reads: Mapping[str, Path], rooms: Mapping[str, int], more: tuple[str, ...] = SHUT) -> list[str]:
    """The command that others are put behind. `reads`: a place in the box, and what of this machine is there, only to
    be read. `rooms`: a folder in which it may write, and how many bytes. `more`: further words for bwrap."""
    found = ["bwrap", *ALONE, *more]
    for name, value in ENVIRONMENT.items():
        found += ["--setenv", name, value]
    found += [*system(), "--proc", "/proc", "--dev", "/dev"]
    for place, size in rooms.items():
        found += ["--size", str(size), "--perms", "0700", "--tmpfs", place]
    for place, here in reads.items():
        found += ["--ro-bind", str(here), place]
    return [*found, "--remount-ro", "/dev", "--remount-ro", "/", "--"]
