"""Another computer Faultline runs on: Bochs, which takes less on trust than QEMU does.

It boots the CD. Time is the number of instructions here too, so the same input gives the same faults. It has none
of QEMU's ports: what the job writes, and how it ended, go through two parallel ports (arch/board.c), the console
through the serial line; each is a file to Bochs, and here a pipe. Bochs itself wants a terminal to draw a screen
on, at which nobody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROGRAM = "bochs"
FIRMWARE = Path("/usr/share/bochs/BIOS-bochs-latest")
SCREEN_FIRMWARE = Path("/usr/share/bochs/VGABIOS-lgpl-latest")
MODEL = "broadwell_ult"  # with SMEP and SMAP
INSTRUCTIONS_A_SECOND = 50_000_000
START = 1704067200  # 2024-01-01, as QEMU's clock
MIB = 1 << 20
SETTINGS = """\
config_interface: textconfig
display_library: term
sound: driver=dummy
memory: guest={megabytes}, host={megabytes}
romimage: file={firmware}
vgaromimage: file={screen_firmware}
cpu: model={model}, count=1, ips={speed}, reset_on_triple_fault=0
clock: sync=none, time0={start}
ata0-master: type=cdrom, path={cd}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={console}
parport1: enabled=1, file={output}
parport2: enabled=1, file={status}
log: {log}
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
"""


@dataclass
class Bochs:
    """One run. The channels are paths that Bochs opens and writes to."""

    cd: Path
    memory: int  # bytes
    output: str
    status: str
    console: str
    folder: Path  # for its settings and its log

    def arguments(self) -> list[str]:
        """The command to start."""
        settings, debugger = self.folder / "settings", self.folder / "debugger"
        settings.write_text(
            SETTINGS.format(
                megabytes=-(-self.memory // MIB),
                firmware=FIRMWARE,
                screen_firmware=SCREEN_FIRMWARE,
                model=MODEL,
                speed=INSTRUCTIONS_A_SECOND,
                start=START,
                cd=self.cd,
                console=self.console,
                output=self.output,
                status=self.status,
                log=self.folder / "log",
            ),
            "utf-8",
        )
        debugger.write_text("continue\n", "ascii")  # Debian's has its debugger in, and stops there first
        return ["env", "TERM=vt100", PROGRAM, "-q", "-f", str(settings), "-rc", str(debugger)]

    def last_words(self) -> str:
        """Why it ended, if it was not told to."""
        log = self.folder / "log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        return next((line for line in reversed(lines) if "PANIC" in line or "FATAL" in line), "")
