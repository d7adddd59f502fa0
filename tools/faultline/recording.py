"""A run of the machine that can be run again, forwards and backwards: a folder.

QEMU writes down what came from outside (run.rr), and snapshots of the whole machine go into a
disk of their own that the machine never sees (snapshots.qcow2). To step back is to go to the
nearest snapshot before, and forwards from there: so after the run it is replayed once, and a
snapshot taken every few million instructions.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from faultline import options, ranges, run
from faultline.machine import Machine, Recorder
from faultline.qmp import Monitor, MonitorError, MonitorTimeout
from faultline.tracing import Module

FIRST = "init"  # QEMU's own snapshot, before the first instruction
STRIDE = 4_000_000  # instructions from snapshot to snapshot, which replay in a third of a second
SNAPSHOTS_MOST = 48  # then the stride doubles
STANDS_STILL = 120  # seconds from one snapshot to the next
TRIES = 3
TRACE_SIZE = 64 << 20  # of a recorded run; every snapshot looks through it all


@dataclass
class Settings:
    """What the replayed machine must have like the recorded one."""

    command_line: str
    memory: int
    shift: int
    program: list[str]
    trace: list[int] | None = None  # the size and the address of the trace's memory


class Recording:
    """The folder."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.kernel = self.folder / "kernel.elf"
        self.image = self.folder / "image.cpio"
        self.programs = self.folder / "user"
        self.settings_file = self.folder / "recording.json"

    @classmethod
    def create(cls, folder: Path, kernel: Path, image: bytes, programs: Path) -> Recording:
        """A new one, with everything the replay needs; an old one there is replaced."""
        made = cls(folder)
        if made.folder.exists() and any(made.folder.iterdir()) and not made.settings_file.exists():
            raise ValueError(f"{folder} is not empty, and no recording")
        made.folder.mkdir(parents=True, exist_ok=True)
        made.settings_file.write_text("{}", "utf-8")
        shutil.copyfile(kernel, made.kernel)
        made.image.write_bytes(image)
        shutil.rmtree(made.programs, ignore_errors=True)
        if programs.is_dir():
            shutil.copytree(programs, made.programs)
        disk = made.recorder("record").snapshots
        disk.unlink(missing_ok=True)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "64M"], check=True)
        return made

    def recorder(self, mode: str) -> Recorder:
        return Recorder(mode, self.folder / "run.rr", self.folder / "snapshots.qcow2")

    def save(self, settings: Settings) -> None:
        self.settings_file.write_text(json.dumps(asdict(settings), indent=1) + "\n", "utf-8")

    def settings(self) -> Settings:
        """ValueError: there is no recording, or only the beginning of one."""
        try:
            return Settings(**json.loads(self.settings_file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            raise ValueError(
                f"{self.folder} has no recording: tools/boot --record DIR -- PROGRAM makes one"
            ) from None

    def machine(self, monitor: Path, gdb_socket: Path | None = None) -> Machine:
        """The machine that runs it again, stopped before the first instruction."""
        settings = self.settings()
        extra = ["-chardev", f"socket,path={options.value(monitor)},server=on,wait=off,id=monitor"]
        extra += ["-mon", "chardev=monitor,mode=control"]
        if gdb_socket is None:
            extra.append("-S")
        return Machine(
            kernel=str(self.kernel),
            image=str(self.image),
            command_line=settings.command_line,
            memory=settings.memory,
            shift=settings.shift,
            gdb_socket=gdb_socket,
            recorder=self.recorder("replay"),
            trace=Module(settings.trace[0], settings.trace[1]) if settings.trace else None,
            extra=extra,
        )

    def take_snapshots(self) -> int:
        """Replay it to the end, with a snapshot now and then. How many. A replay that stands
        still, which happens, is begun again."""
        for _ in range(TRIES):
            try:
                return self._replay_once()
            except MonitorTimeout:
                continue
        raise ValueError("the replay stands still, again and again")

    def _replay_once(self) -> int:
        taken: list[str] = []
        with ranges.short_folder() as scratch:
            socket = Path(scratch) / "monitor"
            qemu = subprocess.Popen(
                self.machine(socket).arguments(),
                stdin=subprocess.DEVNULL,
                preexec_fn=run.ends_with_us(),
            )
            try:
                monitor = Monitor(socket, timeout=STANDS_STILL)
                while True:
                    advance(monitor, taken)
            except MonitorTimeout:
                raise
            except MonitorError:
                return len(taken)  # the replay has come to its end, and QEMU to its
            finally:
                qemu.kill()
                qemu.wait()


def advance(monitor: Monitor, taken: list[str]) -> None:
    """On to the next place, and a snapshot there."""
    stride = STRIDE << len(taken) // SNAPSHOTS_MOST
    at = monitor.call("query-replay")["icount"] + stride
    monitor.call("replay-break", icount=at)
    monitor.call("cont")
    monitor.wait("STOP")
    name = f"at{at}"
    problem = monitor.human(f"savevm {name}")
    if problem:
        raise ValueError(f"the snapshot {name} could not be taken: {problem}")
    taken.append(name)
