"""As whom a box is entered: never as root.

Root's limits do not bind, and root's files are open to it. So root becomes somebody first: a user ID that is in no
list of users and that no process has, so there is nothing that it could read, signal or use up. Each box that is
entered at the same time has another one. Who is not root enters as himself.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

FIRST, LAST = 59_000, 59_999  # of Debian's users, the last that adduser would come to


class NobodyError(Exception):
    """We are root, and there is nobody to become."""


def is_listed(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def has_processes(uid: int) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == uid:
                return True
    return False


def end_all(uid: int) -> None:
    """Nobody of that user's is left, however fast they fork."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    os.waitpid(child, 0)


def taken(uid: int) -> socket.socket | None:
    """A name that only one process of this machine can have, and that goes with it; None: another has it."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0faultline-somebody-{uid}")
    except OSError:
        name.close()
        return None
    return name


def closed(folder: Path) -> Path | None:
    """The first folder on the way there, or itself, that others may not come through."""
    return next((each for each in (*reversed(folder.parents), folder) if not each.stat().st_mode & 0o001), None)


@contextlib.contextmanager
def somebody() -> Iterator[int | None]:
    """A user ID that is nobody else's for as long; None: we are not root. NobodyError: there is none."""
    if os.geteuid() != 0:
        yield None
        return
    for uid in range(FIRST, LAST + 1):
        name = None if is_listed(uid) else taken(uid)
        if name is None:
            continue
        with name:
            if not has_processes(uid):
                yield uid
                return
    raise NobodyError(f"nothing of a submission runs as root, and no user ID from {FIRST} to {LAST} is free")
