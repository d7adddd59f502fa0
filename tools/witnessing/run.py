"""Run a program in a kernel, and tell what it did, without believing that kernel."""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faultline import image as images
from faultline import ranges
from faultline.machine import Machine
from faultline.run import Channels, Status, Text, ends_with_us

from witnessing import plugin as plugins
from witnessing.log import EVENTS_MOST, EXCEPTIONS_MOST, LogError, Reader
from witnessing.ram import Ram
from witnessing.seen import LAST_MARK, Seen
from witnessing.watch import Watch

MIB = 1 << 20
BUDGET = 2_000_000_000
SILENCE_MOST = 900  # seconds of the host's in which QEMU itself says nothing: the last resort
ASK = 1  # seconds between two questions to QEMU, where it is
PIECE = 1 << 18
GATHER = 0.003  # seconds: QEMU writes its log line by line, and it is read in larger pieces
EVERYWHERE = (0, 1 << 47)
NONCE = 0x6E6F74207A65726F


class WitnessError(Exception):
    """There is nothing to tell: why, in words."""


@dataclass
class Run:
    """One machine at work, and what is heard of it."""

    watch: Watch
    events_most: int = EVENTS_MOST
    exceptions_most: int = EXCEPTIONS_MOST
    seconds: float | None = None  # of processor time, QEMU's and ours
    qemu: int = 0  # the process
    look: Callable[[Seen], None] | None = None  # when it is paused
    seen: Seen = field(default_factory=Seen)
    output: Text = field(default_factory=Text)
    status: Text = field(default_factory=Text)
    console: Text = field(default_factory=Text)
    complaints: Text = field(default_factory=Text)  # QEMU's own
    channels: Channels = field(default_factory=Channels)

    def __post_init__(self) -> None:
        self.reader = Reader(self.seen, self.events_most, self.exceptions_most)
        self.exhausted = False  # the processor time
        self.begun = time.thread_time()

    def is_done(self) -> bool:
        """The program has said so."""
        return any(mark.number == LAST_MARK for mark in self.seen.marks)

    def is_exhausted(self) -> bool:
        """Has it taken the processor time that it may?"""
        return self.seconds is not None and time.thread_time() - self.begun + processor_time(self.qemu) > self.seconds

    def carry(self) -> None:
        """Take in what comes until it has ended, or QEMU has."""
        consumers: dict[int, Callable[[bytes], None]] = dict(self.channels.consumers)
        consumers[self.watch.ours] = self.watch.consume
        last_word = asked = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for descriptor in consumers:
                selector.register(descriptor, selectors.EVENT_READ)
            while self.watch.ended is None and not self.reader.full and not self.exhausted:
                ready = selector.select(ASK)
                if ready and all(key.fd != self.watch.ours for key, _ in ready):
                    time.sleep(GATHER)
                for key, _ in ready:
                    if not self._take(selector, consumers, key.fd):
                        return  # QEMU has ended
                    last_word = time.monotonic()
                if time.monotonic() - asked >= ASK:  # however much else is said
                    self.watch.ask()
                    self.exhausted = self.is_exhausted()
                    asked = time.monotonic()
                if time.monotonic() - last_word > SILENCE_MOST:
                    raise WitnessError(f"QEMU has said nothing for {SILENCE_MOST} s")
                if self.watch.counted:
                    self._drain(selector, consumers)
                    if self.look:
                        self.look(self.seen)
                    self.watch.decide(self.is_done())

    def _take(self, selector: selectors.BaseSelector, consumers: dict, descriptor: int) -> bool:
        """A piece of what came there. False: that was all."""
        try:
            data = os.read(descriptor, PIECE)
        except ConnectionResetError:  # the monitor's: QEMU ended with a command unread
            data = b""
        if data:
            consumers[descriptor](data)
        else:
            selector.unregister(descriptor)
        return bool(data) or descriptor != self.watch.ours

    def _drain(self, selector: selectors.BaseSelector, consumers: dict) -> None:
        """The machine is paused: take all that it told before."""
        while not self.reader.full:
            ready = [key for key, _ in selector.select(0) if key.fd != self.watch.ours]
            if not ready:
                return
            for key in ready:
                self._take(selector, consumers, key.fd)

    def result(self) -> Seen:
        """What was seen, with how it ended."""
        seen, watch = self.seen, self.watch
        cut_short = watch.ended is None and (self.reader.full or self.exhausted)
        ended = "limit" if cut_short else watch.ended or "lost"
        seen.end = "done" if self.is_done() else ended
        seen.instructions = watch.instructions
        seen.console = bytes(self.console.data).decode("utf-8", "replace").replace("\r\n", "\n")
        seen.output = bytes(self.output.data)
        seen.status = Status(bytes(self.status.data)).job()
        return seen


def processor_time(pid: int) -> float:
    """Of a process with all its threads, in seconds; 0: nobody knows (Linux does)."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rsplit(") ", 1)[-1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0


def witness(
    kernel: Path,
    image: Path,
    program: Path | str,
    *arguments: str,
    ram: str = "64M",
    swap: str = "0",
    options: Sequence[str] = (),
    cpus: int = 1,
    files: Sequence[str] = (),
    nonce: int = NONCE,
    budget: int = BUDGET,
    events: int = EVENTS_MOST,
    exceptions: int = EXCEPTIONS_MOST,
    seconds: float | None = None,
    window: tuple[int, int] | None = None,
    plugin: bool = True,
    shift: int = 4,
    look: Callable[[Ram, Seen], None] | None = None,
) -> Seen:
    """Run `program`, a file of the host's (a Path) or of the image (a name), as init's only job.

    `ram` and `swap` are sizes as tools/boot takes them, `options` parameters of the kernel, `cpus` processors,
    `files` what --add of tools/boot takes. RAM is filled with `nonce`. `budget` is in instructions; a run of more
    `events` (faults, marks and touches) or `exceptions` (of any kind) is at its limit, too; and so is one that has
    taken more `seconds` of processor time, on whatever machine. `window`: addresses whose frames are told, by the
    plugin; EVERYWHERE: all. `look` is called whenever the machine is paused, every LONGEST seconds of virtual time
    at least, with its RAM and what was seen until then. WitnessError: it cannot be run, or QEMU does not tell; what
    the kernel does wrong is never one.
    """
    added = list(files)
    if isinstance(program, Path):
        added.append(f"{program}:/bin/{program.name}")
    name = program.name if isinstance(program, Path) else program
    try:
        members = images.added_members(added, []) + images.job_members([name, *arguments], None)
        data = images.compose(image, members)
        extra_words = plugins.words(window) if plugin and window else []
    except (OSError, ValueError) as error:
        raise WitnessError(str(error)) from None
    run = Run(Watch(budget, shift), events, exceptions, seconds)
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(run.watch.close)
        image_file = os.memfd_create("image")
        cleanup.callback(os.close, image_file)
        with open(image_file, "wb", closefd=False) as out:
            out.write(data)
        swap_size = ranges.size(0, 1 << 35)(swap)
        size = ranges.size(MIB, 1 << 35)(ram) + swap_size + len(data)
        memory = Ram(-(-size // MIB) * MIB, nonce)
        cleanup.callback(memory.close)
        if look:
            run.look = functools.partial(look, memory)
        words = ["job=1", *([f"swap={swap_size}"] if swap_size else []), *options]
        machine = Machine(
            kernel=str(kernel),
            image=f"/proc/self/fd/{image_file}",
            command_line=" ".join(words),
            memory=memory.size,
            processors=cpus,
            output=run.channels.add(run.output.consume),
            status=run.channels.add(run.status.consume),
            console=run.channels.add(run.console.consume),
            shift=shift,
            light=True,
            can_exit=False,
            extra=[*memory.words(), "-no-shutdown", *extra_words],
        )
        with started(run, machine, [image_file, memory.file]):
            run.carry()
    return checked(run)


@contextlib.contextmanager
def started(run: Run, machine: Machine, files: list[int]) -> Iterator[None]:
    """QEMU runs in here, and is gone behind it."""
    log = run.channels.add(run.reader.consume).partition("path=")[2]
    theirs = run.channels.add(run.complaints.consume).rpartition("/")[2]
    try:
        words = [*machine.arguments(), "-d", "int,plugin", "-D", log, *run.watch.words()]
        qemu = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=int(theirs),
            pass_fds=[*run.channels.write_ends, *files, run.watch.theirs],
            preexec_fn=ends_with_us(),
        )
    except FileNotFoundError:
        raise WitnessError("qemu-system-x86_64 is missing: tools/setup run installs it") from None
    run.qemu = qemu.pid
    try:
        for write_end in run.channels.write_ends:
            os.close(write_end)
        run.watch.start()
        yield
    except LogError as error:
        raise WitnessError(f"QEMU's log: {error}") from None
    finally:
        qemu.kill()
        qemu.wait()
        for descriptor in run.channels.consumers:
            os.close(descriptor)


def checked(run: Run) -> Seen:
    """The result, unless QEMU did not even begin."""
    seen = run.result()
    if seen.end == "lost" and not run.reader.line:
        said = bytes(run.complaints.data).decode("utf-8", "replace").strip()
        raise WitnessError(f"QEMU did not run: {said or 'it says nothing'}")
    return seen
