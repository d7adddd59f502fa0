"""A box: one message goes in, a command works on it, one message comes out; nothing else does.

The message is the command's standard input, and a file without a name; what comes back is its standard output, and at
most so many bytes. So there is no file outside that a box could write, and no secret in a file that it could
read. What it sees is told in faultline/box.py; what it may use up is told here, by the machine's own limits
(setrlimit). Processor time, not the clock, ends what goes on and on: a slow machine fails nobody. And what does nothing
at all, look after look, is ended, too.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faultline import box
from grading import somebody

ENTERING = Path(__file__).with_name("entering.py")
ROOM = "/tmp"  # where a command in a box may write
PIECE = 1 << 16
LOOK = 1  # seconds between two looks at what goes on
MIB, GIB = 1 << 20, 1 << 30


MASKED = "Can't mount proc"  # bubblewrap's words: a part of /proc is covered, and another would show it
NAMESPACES = [True]  # False: without_namespaces() was said


class BoxError(Exception):
    """There can be no box here, for the reason told."""


@dataclass(frozen=True)
class Limits:
    """Of what a command in a box may use up."""

    processes: int
    memory: int  # bytes of addresses, of each process
    file: int  # bytes of one file
    seconds: int  # of processor time, of each process
    answer: int  # bytes of the message that comes out
    still: int = 60  # looks, one a second, at which all that is in the box sleeps
    last_resort: int = 3600  # seconds by the clock

    def words(self) -> list[str]:
        return [
            "prlimit",
            f"--nproc={self.processes}",
            f"--as={self.memory}",
            f"--fsize={self.file}",
            f"--cpu={self.seconds}",
            "--core=0",
            "--nofile=256",
            "--memlock=65536",
            "--",
        ]


@dataclass(frozen=True)
class Answer:
    """What came out, and how the command ended."""

    message: bytes
    ended: str  # "": as it should; else in words


@dataclass(frozen=True)
class Box:
    """What a command sees, and what it may use up."""

    limits: Limits
    reads: Mapping[str, Path] = field(default_factory=dict)
    room: int = 256 * MIB  # of its disk
    nests: bool = False  # there may be a further box in it

    def command(self, words: Sequence[str], uid: int | None) -> list[str]:
        """All of it. `uid`: who to become; None: nobody else. NobodyError: as root, that would be root."""
        if os.geteuid() == 0 and not uid:
            raise somebody.NobodyError("nothing of a submission runs as root: it wants a user ID of its own")
        who = "-" if uid is None else str(uid)
        if not NAMESPACES[0]:
            return [sys.executable, "-I", "-S", str(ENTERING), who, *self.limits.words(), *words]
        more = ("--unshare-user",) if self.nests else box.SHUT
        inside = box.words(self.reads, {ROOM: self.room}, (*more, "--chdir", ROOM))
        return [sys.executable, "-I", "-S", str(ENTERING), who, *inside, *self.limits.words(), *words]

    def place(self, read: str) -> str:
        """Where the command finds what it may read."""
        return read if NAMESPACES[0] else str(self.reads[read])

    def run(self, words: Sequence[str], message: bytes = b"") -> Answer:
        """Let the command work on the message. BoxError: there is no box; NobodyError: nobody to enter it."""
        with somebody.somebody() as uid, open(os.memfd_create("message"), "w+b") as given, bare_room(uid) as room:
            given.write(message)
            given.seek(0)
            with subprocess.Popen(
                self.command(words, uid),
                cwd=room or "/",
                env=None if room is None else {**box.ENVIRONMENT, "TMPDIR": room},
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:
                try:
                    return self._answer(process, uid)
                finally:
                    process.kill()

    def _answer(self, process: subprocess.Popen[bytes], uid: int | None) -> Answer:
        assert process.stdout
        message, until, still = bytearray(), time.monotonic() + self.limits.last_resort, 0
        while True:
            said = select.select([process.stdout], [], [], LOOK)[0]
            if time.monotonic() > until:
                return Answer(bytes(message), "it did not end")
            still = 0 if said or at_work(process.pid) else still + 1
            if still > self.limits.still:
                return Answer(b"", "it stood still")
            if not said:
                if uid and not NAMESPACES[0] and process.poll() is not None:
                    somebody.end_all(uid)  # whoever was left has its output
                continue
            piece = os.read(process.stdout.fileno(), PIECE)
            if not piece:
                break
            message += piece
            if len(message) > self.limits.answer:
                return Answer(b"", "it said too much")
        status = process.wait()
        return Answer(bytes(message), f"it ended with {status}" if status else "")


def at_work(pid: int) -> bool:
    """Does a thread of it do anything, or of a process that it has begun, or that these have? Who waits for a disk
    does."""
    with contextlib.suppress(OSError):  # it has just ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            state = (thread / "stat").read_text("ascii", "replace").rsplit(") ", 1)[-1][:1]
            if state not in "SZ" or any(map(at_work, map(int, (thread / "children").read_text("ascii").split()))):
                return True
    return False


def without_namespaces() -> None:
    """From now on a box is a second user, and limits: for a container of one submission's own that allows no more.
    BoxError: we are not root, so there is no second user."""
    if os.geteuid() != 0:
        raise BoxError("without namespaces only root can shut submissions in, for he can become somebody else")
    NAMESPACES[0] = False


@contextlib.contextmanager
def bare_room(uid: int | None) -> Iterator[str | None]:
    """Without namespaces: a folder of that user's, to work in; whoever is left of his when it is over goes, and his
    files, too."""
    if NAMESPACES[0]:
        yield None
        return
    assert uid
    with tempfile.TemporaryDirectory(prefix="faultline-room-") as room:
        os.chown(room, uid, uid)
        try:
            yield room
        finally:
            somebody.end_all(uid)


def check(reads: Mapping[str, Path]) -> None:
    """Can there be boxes, with this in them? BoxError: why not, in words. NobodyError: as whom?"""
    some = Box(Limits(processes=16, memory=GIB, file=MIB, seconds=10, answer=MIB), reads, room=MIB)
    with somebody.somebody() as uid:
        try:
            done = subprocess.run(some.command(["true"], uid), cwd="/", capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise BoxError(f"{error.filename} is missing: tools/setup grade installs it") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        hint = " (in a container: unmask /proc, docs/grading.md)" if MASKED in "".join(said) else ""
        raise BoxError(f"submissions cannot be shut in here: {said[-1] if said else 'bwrap does not say why'}{hint}")
