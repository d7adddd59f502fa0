"""What the tests share: the machine as tools/boot starts it, and as nobody should start it."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("BUILD", "build")
BOOT = ROOT / "tools/boot"
PANIC = 125
TIMEOUT = 124
DEADLINE = 600  # virtual seconds, of 62 million instructions each
LAST_RESORT = 1800  # seconds of the host's, for what nothing else ends: a machine may be loaded
LONG = bool(os.environ.get("FAULTLINE_LONG"))
T = TypeVar("T")
WITHOUT_NETWORK = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]  # words before a command


@cache
def commits() -> int:
    """Whose turn it is, where each commit tries another part; without git, the first's."""
    command = ["git", "rev-list", "--count", "HEAD"]
    count = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return int(count or 0)


def changed_files() -> list[str]:
    """Since the commit before the last one; none, without git."""
    command = ["git", "diff", "--name-only", "HEAD~1"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def in_turn(things: Iterable[T], share: int, after: int = 0) -> list[T]:
    """Every so manyth of them, others with each commit, so that all are tried in so many; all with FAULTLINE_LONG.
    `after`: those whose turn it would be so many commits later."""
    every = list(things)
    return every if LONG else every[(commits() + after) % share :: share]


def run_folder(what: str) -> Path:
    """build/WHAT/N, this run's own: N is the process that was started as pytest. Several may test
    the same tree at once."""
    folder = BUILD / what / os.environ.setdefault("FAULTLINE_TEST_RUN", str(os.getpid()))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def is_turn(share: int, after: int = 0) -> bool:
    """Of something that is done as a whole: at one commit of so many; always with FAULTLINE_LONG."""
    return LONG or (commits() + after) % share == 0


sys.path.insert(0, str(ROOT / "tools"))

from faultline import options  # noqa: E402
from faultline.deadline import Deadline  # noqa: E402
from faultline.machine import Machine  # noqa: E402
from faultline.run import ends_with_us  # noqa: E402
from witnessing import log  # noqa: E402
from witnessing.seen import Seen  # noqa: E402


def find(pattern: str, text: str) -> re.Match[str]:
    """The first place where the pattern is, ^ and $ being a line's; the test fails if there is none."""
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no {pattern} in:\n{text[-3000:]}"
    return found


def await_that(condition: Callable[[], object], otherwise: str = "it never came to be so") -> None:
    """Until it holds, of what nobody tells us: a process of somebody else's that comes, or goes."""
    end = time.monotonic() + LAST_RESORT
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)


def script(name: str) -> ModuleType:
    """tools/NAME, which has no .py, as a module: in this process, for a thousand would take minutes."""
    loader = importlib.machinery.SourceFileLoader(f"tools_{name}", str(ROOT / "tools" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@cache
def symbols(kernel: Path = BUILD / "faultline.elf") -> dict[str, int]:
    """Where things lie in a kernel."""
    text = subprocess.run(["nm", kernel], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in map(str.split, text.splitlines())}


@dataclass
class Result:
    """How a boot went."""

    command: str
    stdout: bytes
    stderr: str
    status: int
    seconds: float
    seen: Seen = field(default_factory=Seen)  # what QEMU itself told of faults, if it was asked

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")

    def report(self) -> str:
        return (
            f"$ {self.command}\nstatus {self.status} after {self.seconds:.1f} s\n"
            f"--- stdout\n{self.text}\n--- stderr\n{self.stderr}"
        )


def run_boot(
    *words: str, deadline: float = DEADLINE, environment: dict[str, str] | None = None, witness: bool = False
) -> Result:
    """tools/boot with these words. Past the deadline, in virtual seconds, it is 124, as for
    everybody; where time is not counted in instructions, only the last resort is left. `witness`: QEMU
    tells of the faults, too (docs/witness.md)."""
    if witness:
        with tempfile.TemporaryDirectory(dir=run_folder("test-logs")) as folder:
            file = Path(folder) / "exceptions"
            asked = [f"--qemu-arg={word}" for word in ("-d", "int", "-D", file)]
            result = run_boot(*asked, *words, deadline=deadline, environment=environment)
            result.seen = log.read(file.read_bytes())
        return result
    counted = "--" in words and not {"--realtime", "--record", "bochs"} & set(words)
    limits = ["--deadline", f"{deadline:g}"] if counted else []
    command = [str(BOOT), "--timeout", str(LAST_RESORT), *limits, *words]
    start = time.monotonic()
    ended = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        preexec_fn=ends_with_us(),
        env={**os.environ, **(environment or {})},
        check=False,
    )
    return Result(
        " ".join(command),
        ended.stdout,
        ended.stderr.decode("utf-8", "replace").replace("\r\n", "\n"),
        ended.returncode,
        time.monotonic() - start,
    )


class RawMachine:
    """QEMU under the test's own hand: any image or none, any processor, nobody to end it.

    There is no debug-exit device, so a machine that has stopped stays, and its screen with it.
    """

    def __init__(
        self,
        image: bytes | None,
        command_line: str = "",
        memory: int = 128 << 20,
        extra: tuple[str, ...] = (),
        held: bool = False,
    ):
        """`held`: it does not begin before a debugger has it run."""
        self.folder = tempfile.TemporaryDirectory(prefix="faultline-test-")
        top = Path(self.folder.name)
        self.serial = top / "serial"
        self.monitor = top / "monitor"
        if image is not None:
            (top / "image").write_bytes(image)
        machine = Machine(
            kernel=str(BUILD / "faultline.elf"),
            image=str(top / "image") if image is not None else "",
            command_line=command_line,
            memory=memory,
            console=f"file,path={options.value(self.serial)}",
            can_exit=False,
            extra=[
                *extra,
                *("-chardev", f"socket,path={options.value(self.monitor)},server=on,wait=off,id=monitor"),
                *("-mon", "chardev=monitor"),
            ],
        )
        self.deadline = Deadline(DEADLINE)
        words = machine.arguments() + self.deadline.words()
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            pass_fds=[self.deadline.theirs],
            preexec_fn=ends_with_us(),
        )
        self.deadline.start(held)

    def __enter__(self) -> RawMachine:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.deadline.close()
        self.folder.cleanup()

    def serial_text(self) -> str:
        if not self.serial.exists():
            return ""
        return self.serial.read_text("utf-8", "replace").replace("\r\n", "\n")

    def wait_for(self, words: str) -> str:
        """The serial text, once `words` are in it, or when the machine ended, or at the deadline,
        where a machine that has stopped for good is at once."""
        while not self.deadline.passed and self.process.poll() is None:
            if words.lower() in self.serial_text().lower():
                break
            self.deadline.listen(0.05)
        return self.serial_text()

    def ask(self, command: str) -> str:
        """One command of QEMU's monitor."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(LAST_RESORT)
            link.connect(str(self.monitor))
            read_until_prompt(link)
            link.sendall(command.encode() + b"\n")
            return read_until_prompt(link)

    def screen(self) -> str:
        """The text on the VGA screen, 80 columns a line."""
        dump = self.ask("xp /4000bx 0xb8000")
        data = bytearray()
        for line in dump.splitlines():
            if ": 0x" in line:
                data += bytes(int(word, 16) for word in line.split(": ", 1)[1].split())
        letters = data[::2].decode("cp437")
        return "\n".join(letters[i : i + 80].rstrip() for i in range(0, len(letters), 80))


def read_until_prompt(link: socket.socket) -> str:
    text = b""
    while not text.endswith(b"(qemu) "):
        piece = link.recv(65536)
        if not piece:
            break
        text += piece
    return text.decode("utf-8", "replace")
