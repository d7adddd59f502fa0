"""The computer Faultline runs on: one QEMU command line, deterministic unless asked otherwise.

Deterministic means that virtual time is the number of instructions run (`-icount`), that idle
time is skipped (`sleep=off`), and that the clock starts at a fixed date: the same input then
gives the same bytes, the same faults and the same virtual time, whatever the host is doing.
"""

from __future__ import annotations

import functools
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from faultline import options
from faultline.tracing import Module

CPU = "qemu64,+smep,+smap,+umip,+fsgsbase"
EXIT_PORT = 0xF4
# Where distributions put UEFI's firmware for virtual machines.
UEFI_FIRMWARE = (
    "/usr/share/OVMF/OVMF_CODE.fd",
    "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "/usr/share/edk2/ovmf/OVMF_CODE.fd",
    "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
    "/usr/share/edk2/x64/OVMF_CODE.fd",
    "/opt/homebrew/share/qemu/edk2-x86_64-code.fd",
    "/usr/local/share/qemu/edk2-x86_64-code.fd",
)
# The smallest firmware that comes with QEMU: it finds out about RAM and starts the kernel, and looks for no bus, no
# screen and no disk.
LIGHT_FIRMWARE = "bios-microvm.bin"
MIB = 1 << 20


def uefi_firmware() -> str:
    """The first that is here. FileNotFoundError: none."""
    for place in UEFI_FIRMWARE:
        if Path(place).exists():
            return place
    raise FileNotFoundError(2, "no firmware for UEFI", UEFI_FIRMWARE[0])


@functools.cache
def light_words() -> list[str]:
    """For QEMU, if it has that firmware; else it takes its usual one, and the same happens more slowly."""
    command = ["qemu-system-x86_64", "-L", "help"]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    there = any((Path(folder) / LIGHT_FIRMWARE).exists() for folder in said.stdout.splitlines())
    return ["-bios", LIGHT_FIRMWARE] if there else []


@dataclass(frozen=True)
class Recorder:
    """QEMU's record and replay. It wants a disk for the snapshots, which no controller has; and
    without `apic-common.vapic=off` most replays hang."""

    mode: str  # record, replay
    log: Path
    snapshots: Path

    def arguments(self) -> list[str]:
        """Words for QEMU."""
        disk = f"file={options.value(self.snapshots)},format=qcow2,if=none,id=snapshots"
        return ["-global", "apic-common.vapic=off", "-drive", disk]

    def icount_words(self) -> str:
        """What -icount needs to know beside the shift."""
        return f",rr={self.mode},rrfile={options.value(self.log)},rrsnapshot=init"


@dataclass
class Machine:
    """What may differ from one run to the next. Paths may be /proc/self/fd/N of passed files."""

    kernel: str
    image: str
    command_line: str
    memory: int  # bytes, the disks included
    output: str = "null"  # chardevs: what init's job wrote, how it ended, the console
    status: str = "null"
    console: str = "null"
    iso: Path | None = None  # boot through GRUB instead of -kernel
    uefi: bool = False  # with UEFI's firmware instead of the BIOS
    processors: int = 1
    parallel: bool = False  # each of them on a processor of the host's; else they take turns on one
    realtime: bool = False
    shift: int = 4
    gdb_socket: Path | None = None
    trace: Module | None = None
    recorder: Recorder | None = None
    light: bool = False  # no screen, and firmware that is done soon
    can_exit: bool = True  # the guest can end QEMU: else it halts, and all that it was is still there
    extra: list[str] = field(default_factory=list)

    def arguments(self) -> list[str]:
        """The command to start."""
        turns = "multi" if self.parallel else "single"
        command = ["qemu-system-x86_64", "-M", "pc", "-cpu", CPU, "-accel", f"tcg,thread={turns}"]
        command += ["-smp", str(self.processors)]
        words = self.trace.memory_words() if self.trace else ""
        command += ["-m", f"{-(-self.memory // MIB)}M{words}"]
        command += ["-nodefaults", "-vga", "none" if self.recorder or self.light else "std"]
        command += ["-display", "none", "-no-reboot", *(light_words() if self.light else [])]
        if not self.realtime:
            recorded = self.recorder.icount_words() if self.recorder else ""
            command += ["-icount", f"shift={self.shift},sleep=off{recorded}"]
            command += ["-rtc", "base=2024-01-01T00:00:00,clock=vm"]
        if self.uefi:
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={uefi_firmware()}"]
        if self.iso:
            command += ["-drive", f"file={options.value(self.iso)},media=cdrom,format=raw,readonly=on"]
        else:
            command += ["-kernel", self.kernel, "-append", self.command_line]
            if self.image:
                command += ["-initrd", self.image]
        command += ["-chardev", f"{self.output},id=output"]
        command += ["-device", "isa-debugcon,iobase=0xe9,chardev=output"]
        command += ["-chardev", f"{self.status},id=status"]
        command += ["-device", "isa-debugcon,iobase=0xea,chardev=status"]
        command += ["-chardev", f"{self.console},id=console", "-serial", "chardev:console"]
        if self.can_exit:
            command += ["-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=4"]
        if self.gdb_socket:
            command += ["-chardev", f"socket,path={options.value(self.gdb_socket)},server=on,wait=off,id=gdb"]
            command += ["-gdb", "chardev:gdb", "-S"]
        if self.trace:
            command += self.trace.arguments()
        if self.recorder:
            command += self.recorder.arguments()
        return command + self.extra
