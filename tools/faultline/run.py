"""Run one QEMU to its end: carry its channels to ours, keep its time, tell how it ended.

QEMU never outlives us, however we end: the parent-death signal sees to that.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import functools
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from faultline.deadline import Deadline

TIMEOUT = 124
PANIC = 125
QEMU_ENDED = 0  # by somebody: Ctrl-A x
QEMU_NORMAL = 1  # isa-debug-exit: the guest wrote 0, QEMU exits 2 * 0 + 1
QEMU_PANIC = 3  # the guest wrote 1
QEMU_REFUSED = 5  # the guest wrote 2: what it was given cannot be
PR_SET_PDEATHSIG = 1
PIPE_SIZE = 1 << 18  # bytes that wait in a channel while we do something else
TEXT_MOST = 1 << 20  # bytes kept of what a channel says
WAIT_MOST = 86400  # seconds at once: the host's calls take no more than some weeks

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(how: signal.Signals = signal.SIGKILL, parent: int | None = None) -> None:
    """Get a signal when the parent ends, however it does; at once if this parent has ended by now."""
    _libc.prctl(PR_SET_PDEATHSIG, how)
    if parent not in (None, os.getppid()):
        os.kill(os.getpid(), how)


def ends_with_us(how: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """For a child of ours, before it executes (preexec_fn): it gets a signal when we end."""
    return functools.partial(die_with_parent, how, os.getpid())


def say(message: str) -> None:
    print(f"tools/boot: {message}", file=sys.stderr, flush=True)


@dataclass
class Text:
    """The first bytes of a channel, kept."""

    data: bytearray = field(default_factory=bytearray)

    def consume(self, data: bytes) -> None:
        self.data += data[: TEXT_MOST - len(self.data)]


@dataclass
class Channels:
    """Pipes that QEMU writes to. Each has a consumer for the bytes that arrive."""

    consumers: dict[int, Callable[[bytes], None]] = field(default_factory=dict)
    write_ends: list[int] = field(default_factory=list)

    def add(self, consumer: Callable[[bytes], None]) -> str:
        """A new channel, as the chardev that QEMU opens for it."""
        read_end, write_end = os.pipe()
        with contextlib.suppress(OSError, AttributeError):  # not everywhere, and not for all that one may have
            fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.consumers[read_end] = consumer
        self.write_ends.append(write_end)
        return f"file,path=/proc/self/fd/{write_end}"


def to_descriptor(descriptor: int) -> Callable[[bytes], None]:
    """A consumer that writes everything to a descriptor of ours, at once."""

    def consume(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    return consume


# Said once, when nothing but a key can wake the machine: in the middle of what stands on the screen.
HARMLESS = b"icount sleep disabled and no active timers"


@dataclass
class Complaints:
    """What QEMU itself says on stderr: all of it goes to ours, line by line, but for what says nothing."""

    rest: bytes = b""

    def consume(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if HARMLESS not in line:
                to_descriptor(2)(line + b"\n")


def run(
    arguments: list[str],
    channels: Channels,
    files: list[int],
    timeout: float,
    deadline: Deadline | None = None,
    screen: int | None = None,
) -> int:
    """Start an emulator and carry its channels until it ends. Its exit status, or TIMEOUT.

    `files` are further descriptors it may open through /proc/self/fd. `timeout` is in seconds of
    the host; 0 is none. `deadline` is in virtual time. `screen`: a terminal for all that it says
    itself, and asks, closed here; without one its complaints go to ours.
    """
    if deadline:
        arguments, files = arguments + deadline.words(), [*files, deadline.theirs]
    told, theirs = os.pipe()
    channels.consumers[told] = Complaints().consume
    stdin = None if "stdio" in " ".join(arguments) else subprocess.DEVNULL
    qemu = subprocess.Popen(
        arguments,
        stdin=stdin if screen is None else screen,
        stdout=screen,
        stderr=theirs if screen is None else screen,
        pass_fds=[*channels.write_ends, *files],
        preexec_fn=ends_with_us(),
    )
    for write_end in [*channels.write_ends, theirs, *([] if screen is None else [screen])]:
        os.close(write_end)
    if deadline:
        deadline.start()
    end = time.monotonic() + timeout if timeout else None
    try:
        if _carry(channels, end, deadline) and _wait(qemu, end):
            return qemu.returncode
        if deadline and deadline.passed:
            say(f"deadline: {deadline.seconds:g} s of virtual time have passed, QEMU killed")
        else:
            say(f"timeout after {timeout:g} s, {'QEMU' if screen is None else 'Bochs'} killed")
        return TIMEOUT
    finally:
        if qemu.poll() is None:
            qemu.kill()
            qemu.wait()


def _left(end: float | None) -> float | None:
    """Seconds until then, or as many of them as can be waited at once."""
    return min(max(end - time.monotonic(), 0), WAIT_MOST) if end else None


def _carry(channels: Channels, end: float | None, deadline: Deadline | None) -> bool:
    """Carry bytes until all channels are closed; false when time is up first."""
    consumers = dict(channels.consumers)
    if deadline:
        consumers[deadline.ours] = deadline.consume
    with selectors.DefaultSelector() as selector:
        for read_end in consumers:
            selector.register(read_end, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(_left(end))
            if not ready and end and time.monotonic() >= end:
                return False
            for key, _ in ready:
                data = _received(key.fd)
                if data:
                    consumers[key.fd](data)
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
            if deadline and deadline.passed:
                return False
    return True


def _received(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except ConnectionResetError:  # the monitor's socket: QEMU ended with a command unread
        return b""
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal that nobody has open any more
            return b""
        raise


def _wait(qemu: subprocess.Popen[bytes], deadline: float | None) -> bool:
    while True:
        try:
            qemu.wait(_left(deadline))
            return True
        except subprocess.TimeoutExpired:
            if deadline and time.monotonic() >= deadline:
                return False


@dataclass
class Status:
    """The status channel: lines `status N`, written when init's job ends."""

    text: bytes = b""

    def consume(self, data: bytes) -> None:
        self.text += data

    def job(self) -> int | None:
        """How the job ended: its exit status, or 128 and the signal; None while unknown."""
        return self._last("status")

    def machine(self) -> int | None:
        """How the machine ended (arch/cpu.h), where the emulator's own status cannot say it."""
        return self._last("machine")

    def _last(self, word: str) -> int | None:
        words = [line.split() for line in self.text.decode("ascii", "replace").splitlines()]
        found = [int(w[1]) for w in words if len(w) == 2 and w[0] == word and w[1].isdigit()]
        return found[-1] if found else None


def verdict(qemu_status: int, job_status: int | None, is_job: bool) -> int:
    """Our exit status, from how QEMU ended and what the job's status was."""
    if qemu_status == TIMEOUT:
        return TIMEOUT
    if qemu_status == QEMU_PANIC:
        say("the kernel stopped with a panic")
        return PANIC
    if qemu_status == QEMU_REFUSED:
        say("the kernel refused to go on; its last line says why")
        return PANIC
    if not is_job and qemu_status in (QEMU_ENDED, QEMU_NORMAL):
        return 0
    if qemu_status != QEMU_NORMAL:
        say(f"the machine ended without being told to (QEMU's status {qemu_status})")
        return PANIC
    if job_status is None:
        say("the machine ended without the job's status")
        return PANIC
    return job_status
