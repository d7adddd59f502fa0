"""Run a program, with a program of this machine's reading every access (records.h) as it happens."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from faultline import elf, plugin, project, tracing
from faultline import image as images
from faultline.deadline import Deadline
from faultline.machine import MIB, Machine
from faultline.run import QEMU_NORMAL, Channels, Status, Text, ends_with_us
from faultline.run import run as run_machine
from witnessing.ram import Ram

SOURCE = Path(__file__).with_name("plugin.c")
RAM_MOST = 3 << 30  # then it lies in one piece
TRACE_SIZE = 4 << 30
READER_PATIENCE = 600  # seconds of the host's, for the reader, once the machine has ended
INVLPG = re.compile(rb"\x0f\x01[\x38-\x3f\x78-\x7f\xb8-\xbf]")
MOV_TO_CR4 = re.compile(rb"\x0f\x22[\xe0-\xe7]")


class AccessError(Exception):
    """There is nothing to tell: why, in words."""


@dataclass
class Job:
    """What is run, and in which machine."""

    program: Sequence[str]
    stdin: Path | None = None
    ram: int = 64 * MIB
    swap: int = 0
    parameters: Sequence[str] = ()
    files: Sequence[str] = ()  # as --add of tools/boot takes them
    packages: Sequence[str] = ()
    deadline: float = 2000  # seconds of virtual time


@dataclass
class Ended:
    """How it was. `output` is what the program wrote, `console` what the kernel said."""

    status: int
    output: bytes
    console: bytes
    told: bytes  # what the reader wrote
    trace: Path


def filters(kernel: Path) -> list[str]:
    """Addresses at which QEMU shall log the registers: at each INVLPG, and behind each write to CR4. What only
    looks like one in the kernel's bytes does no harm."""
    ranges = []
    for address, code in elf.code(kernel.read_bytes()):
        ranges += [f"{address + found.start() - 1:#x}+2" for found in INVLPG.finditer(code)]
        ranges += [f"{address + found.end():#x}+1" for found in MOV_TO_CR4.finditer(code)]
    return ["-dfilter", ",".join(ranges or ["0x0+1"])]


def pipe(cleanup: contextlib.ExitStack) -> tuple[FileIO, FileIO]:
    """Its ends: to read from, and to write to."""
    reading, writing = os.pipe()
    return cleanup.enter_context(FileIO(reading, "r")), cleanup.enter_context(FileIO(writing, "w"))


def composed(job: Job) -> bytes:
    """The image for it. AccessError: it cannot be."""
    try:
        members = images.added_members(list(job.files), list(job.packages))
        return images.compose(project.IMAGE, members + images.job_members(list(job.program), job.stdin))
    except (OSError, ValueError) as error:
        raise AccessError(str(error)) from None


def memory_file(name: str, data: bytes, cleanup: contextlib.ExitStack) -> int:
    """A file without a name that holds this."""
    file = os.memfd_create(name)
    cleanup.callback(os.close, file)
    with open(file, "wb", closefd=False) as out:
        out.write(data)
    return file


def plugin_words(**numbers: int) -> list[str]:
    try:
        return plugin.words(SOURCE, **numbers)
    except (OSError, ValueError) as error:
        raise AccessError(str(error)) from None


def follow(job: Job, reader: Sequence[str], folder: Path, output: int | None = subprocess.PIPE) -> Ended:
    """Run it. `reader` is a command that takes the stream from its standard input; the word {trace} in it becomes
    the trace's file, which lies in `folder` and stays there. AccessError: it cannot be run."""
    data = composed(job)
    size = -(-(job.ram + job.swap + len(data)) // MIB) * MIB
    if size > RAM_MOST:
        raise AccessError(f"RAM and disks take {size >> 20} MiB, and {RAM_MOST >> 20} is the most here")
    with contextlib.ExitStack() as cleanup:
        image = memory_file("image", data, cleanup)
        memory = Ram(size, 0)
        cleanup.callback(memory.close)
        area = tracing.Area(folder / "run.trace", TRACE_SIZE, size)
        trace = cleanup.enter_context(FileIO(area.file, "r"))
        stream, stream_end = pipe(cleanup)
        log, log_end = pipe(cleanup)
        os.set_blocking(log.fileno(), False)
        fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, 1 << 20)
        ends = {"out": stream_end.fileno(), "log": log.fileno(), "ram": memory.file, "trace": trace.fileno()}
        machine = Machine(
            kernel=str(project.KERNEL),
            image=f"/proc/self/fd/{image}",
            command_line=" ".join(["job=1", *area.parameters(), *swap_words(job), *job.parameters]),
            memory=size,
            trace=area,
            extra=[
                *memory.words(),
                *plugin_words(size=size, area=area.address, length=area.size, **ends),
                *("-d", "mmu,cpu", "-D", f"/proc/self/fd/{log_end.fileno()}"),
                *filters(project.KERNEL),
            ],
        )
        command = [str(area.file) if word == "{trace}" else word for word in reader]
        with subprocess.Popen(command, stdin=stream, stdout=output, preexec_fn=ends_with_us()) as native:
            stream.close()
            ended = carried(machine, job, [image, log_end.fileno(), *ends.values()])
            stream_end.close()
            told = native.communicate(timeout=READER_PATIENCE)[0]
        area.finish()
    return checked(ended, told or b"", native.returncode, area.file)


def swap_words(job: Job) -> list[str]:
    return [f"swap={job.swap}"] if job.swap else []


def carried(machine: Machine, job: Job, files: list[int]) -> tuple[int, Status, Text, Text]:
    """QEMU, to its end."""
    status, output, console, channels = Status(), Text(), Text(), Channels()
    machine.output = channels.add(output.consume)
    machine.status = channels.add(status.consume)
    machine.console = channels.add(console.consume)
    try:
        ended = run_machine(machine.arguments(), channels, files, 0, Deadline(job.deadline))
    except FileNotFoundError as error:
        raise AccessError(f"{error.filename} is missing: tools/setup run installs it") from None
    return ended, status, output, console


def checked(ended: tuple[int, Status, Text, Text], told: bytes, reader: int, trace: Path) -> Ended:
    qemu, status, output, console = ended
    if reader:
        raise AccessError(f"the reader of the accesses ended with {reader}")
    job = status.job()
    if qemu != QEMU_NORMAL or job is None:
        last = bytes(console.data).decode("utf-8", "replace").strip().splitlines()[-3:]
        raise AccessError(f"the machine did not end in order (QEMU: {qemu}): " + " / ".join(last))
    return Ended(job, bytes(output.data), bytes(console.data), told, trace)
