"""From inside the boxes nothing outside is read, changed, signalled or used up: a list of attempts (attempts.py), each
of which fails in every box and succeeds without one."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import attempts
import grade_class
import pytest
from attempts import ATTEMPTS, KEY, MARK
from support import await_that

from grading import box, boxes, somebody
from grading.box import MIB, Answer, Box
from labbing.host import process

PYTHON = ["/usr/bin/python3", "-I", "-S"]  # as in a box; another may be where root alone comes
SCRIPT = Path(attempts.__file__)
PR_SET_PTRACER, ANYBODY = 0x59616D61, -1
KEYCTL, JOIN, ADD_KEY, SESSION = 250, 1, 248, -3
# Root alone can make such a program, or what another user may not use.
ROOTS = ("run_setuid",) if os.geteuid() else ()
VICTIM = """
import ctypes, signal, sys
ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_long(-1), 0, 0, 0)
secret = open(sys.argv[1])
print("ready", flush=True)
signal.pause()
"""


def as_somebody(uid: int | None) -> list[str]:
    """What goes before a command that another user runs, without a box."""
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []


@contextlib.contextmanager
def answering(listener: socket.socket) -> Iterator[None]:
    """Whoever connects is told the secret."""
    listener.listen()

    def tell() -> None:
        with contextlib.suppress(OSError):
            while True:
                with listener.accept()[0] as who:
                    who.sendall(MARK)

    threading.Thread(target=tell, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def with_key() -> None:
    """In a session of its own, with a key that all its processes may use."""
    libc = ctypes.CDLL(None)
    libc.syscall(KEYCTL, JOIN, None)
    key = libc.syscall(ADD_KEY, b"user", KEY, MARK, len(MARK), SESSION)
    libc.syscall(KEYCTL, 5, key, 0x3F3F3F3F)  # KEYCTL_SETPERM: whoever has it, or is the user, a member or anybody


class World:
    """All that there is to be had."""

    def __init__(self, folder: Path, uid: int | None, cleanup: contextlib.ExitStack):
        self.uid, self.cleanup, self.folder = uid, cleanup, folder
        self.secret = folder / "secret"
        self.secret.write_bytes(MARK)
        self.secret.chmod(0o644)
        for name in ("results", "other", "tree"):
            (folder / name).mkdir()
            (folder / name).chmod(0o777)
        (folder / "other/clock.c").write_bytes(b'char text[] = "' + MARK + b'";\n')
        (folder / "tree/source.c").write_bytes(b"")
        (folder / "results/row.json").write_bytes(b"000")
        (folder / "other/clock.c").chmod(0o644)
        (folder / "tree/source.c").chmod(0o666)
        (folder / "results/row.json").chmod(0o666)
        shutil.copy2(SCRIPT, folder / SCRIPT.name)
        (folder / SCRIPT.name).chmod(0o644)
        self.setuid = folder / "id"
        shutil.copy2("/usr/bin/id", self.setuid)
        self.setuid.chmod(0o4755)
        self.victim = self.begin_victim()
        self.monitor = self.begin_qemu()
        self.port = self.listen(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        self.socket = folder / "socket"
        self.listen(socket.AF_UNIX, str(self.socket))
        self.socket.chmod(0o777)
        self.abstract = f"faultline-attempt-{os.getpid()}"
        self.listen(socket.AF_UNIX, f"\0{self.abstract}")
        self.segment = os.getpid()
        self.begin_shared()
        self.open = open(self.secret, "rb")
        cleanup.callback(self.open.close)
        os.set_inheritable(self.open.fileno(), True)

    def begin_victim(self) -> int:
        """A process of the same user's."""
        words = [*as_somebody(self.uid), *PYTHON, "-c", VICTIM, str(self.secret), MARK.decode().replace(" ", "-")]
        victim = subprocess.Popen(words, stdout=subprocess.PIPE, env={**os.environ, "SECRET": MARK.decode()})
        self.cleanup.callback(victim.wait)
        self.cleanup.callback(victim.kill)
        assert victim.stdout and victim.stdout.readline()
        return victim.pid

    def begin_qemu(self) -> Path:
        place = self.folder / "qemu"
        place.mkdir()
        place.chmod(0o777)
        words = ["qemu-system-x86_64", "-M", "none", "-display", "none", "-nodefaults"]
        qemu = subprocess.Popen([*as_somebody(self.uid), *words, "-qmp", f"unix:{place}/monitor,server=on,wait=off"])
        self.cleanup.callback(qemu.wait)
        self.cleanup.callback(qemu.kill)
        await_that(lambda: (place / "monitor").exists() or qemu.poll() is not None)
        assert qemu.poll() is None
        return place / "monitor"

    def listen(self, family: int, address) -> socket.socket:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(address)
        self.cleanup.enter_context(answering(listener))
        return listener

    def begin_shared(self) -> None:
        libc = ctypes.CDLL(None)
        segment = libc.shmget(self.segment, 4096, 0o1666)
        self.cleanup.callback(libc.shmctl, segment, 0, None)
        shared = Path("/dev/shm", self.abstract)
        shared.write_bytes(MARK)
        shared.chmod(0o644)
        self.cleanup.callback(shared.unlink)

    def told(self) -> str:
        """For attempts.py."""
        (self.folder / "results/to-be-deleted").touch()
        return json.dumps(
            {
                "secret": str(self.secret),
                "other": str(self.folder / "other"),
                "results": str(self.folder / "results"),
                "tree": str(self.folder / "tree"),
                "victim": self.victim,
                "monitor": str(self.monitor),
                "socket": str(self.socket),
                "abstract": self.abstract,
                "port": self.port,
                "segment": self.segment,
                "shared": self.abstract,
                "setuid": str(self.setuid),
                "asleep": str(100_000 + os.getpid()),
            }
        )


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with contextlib.ExitStack() as cleanup:
        uid = cleanup.enter_context(somebody.somebody())
        folder = cleanup.enter_context(grade_class.open_folder("faultline-box-"))
        yield World(folder, uid, cleanup)


def smaller(one: Box, world: World) -> Box:
    """The same, with less to be used up, and the attempts in it."""
    limits = dataclasses.replace(one.limits, last_resort=300)
    reads = {**one.reads, "/attempts.py": world.folder / SCRIPT.name}
    return dataclasses.replace(one, limits=limits, reads=reads, room=8 * MIB)


def run_in(name: str, world: World, *words: str) -> Answer:
    """In one of the three."""
    tree = world.folder / "tree"
    if name == "compile":
        return smaller(boxes.compiling(tree), world).run(words)
    judge = smaller(boxes.judging(tree), world)
    if name == "judge":
        return judge.run(words)
    return judge.run([*process.in_box({"/attempts.py": Path("/attempts.py")}), *words])


def without(world: World, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*as_somebody(world.uid), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[world.open.fileno()],
        preexec_fn=with_key,
        check=False,
    )


def sleepers(world: World) -> list[int]:
    """Processes that an attempt has left behind."""
    name = json.loads(world.told())["asleep"].encode()
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if place.read_bytes() == b"sleep\0" + name + b"\0":
                found.append(int(place.parent.name))
    return found


@pytest.mark.parametrize("attempt", [name for name in ATTEMPTS if name not in ("outlive", *ROOTS)])
def test_succeeds_without_a_box_and_fails_in_each(attempt, world):
    done = without(world, *PYTHON, str(world.folder / SCRIPT.name), attempt, world.told())
    assert done.stdout == b"succeeded\n", done.stderr.decode()
    allowed = {"judge"} if attempt == "become_root_of_a_namespace" else set()  # it holds the host's
    for name in {"compile", "judge", "host"} - allowed:
        answer = run_in(name, world, *PYTHON, "/attempts.py", attempt, world.told())
        assert answer.message == b"" and answer.ended, f"in the box {name}"
    assert (world.folder / "results/row.json").stat().st_size == 3


def test_nobody_outlives_a_box(world):
    words = ["/attempts.py", "outlive", world.told()]
    done = without(world, *PYTHON, str(world.folder / SCRIPT.name), *words[1:])
    assert done.stdout == b"succeeded\n", done.stderr.decode()
    for _ in range(100):
        if sleepers(world):
            break
        time.sleep(0.1)
    left = sleepers(world)
    assert left
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    for name in ("compile", "judge", "host"):
        await_that(lambda: not sleepers(world))
        answer = run_in(name, world, *PYTHON, *words)
        assert answer == Answer(b"succeeded\n", "")  # the box ended with it, so the child is gone, or about to go
        until = time.monotonic() + 20
        while sleepers(world):
            assert time.monotonic() < until
            time.sleep(0.1)


def test_the_boxes_work(world):
    """Nothing fails in them that should not: there is a compiler, there is QEMU, a message goes in and comes out."""
    tree = world.folder / "tree"
    compile_it = ["gcc", "-c", "-x", "c", "-o", "/tmp/a.o", "-"]
    assert smaller(boxes.compiling(tree), world).run(compile_it, b"int a;\n").ended == ""
    judge = smaller(boxes.judging(tree), world)
    assert b"QEMU" in judge.run(["qemu-system-x86_64", "--version"]).message
    assert judge.run(["cat"], b"as it is").message == b"as it is"
    assert run_in("host", world, "id", "-u").ended == ""


def test_who_says_too_much_or_never_ends_is_ended(world):
    one = smaller(boxes.compiling(world.folder / "tree"), world)

    def limited(**limits: int) -> Box:
        return dataclasses.replace(one, limits=dataclasses.replace(one.limits, **limits))

    assert limited(answer=1000).run(["yes"]) == Answer(b"", "it said too much")
    assert limited(last_resort=1).run(["sleep", "1000"]) == Answer(b"", "it did not end")
    assert limited(still=2).run(["sh", "-c", "sleep 1000"]) == Answer(b"", "it stood still")
    assert limited(still=2).run(["sh", "-c", "timeout 5 yes > /dev/null; true"]).ended == ""
    assert limited(seconds=1).run(["sh", "-c", "while :; do :; done"]).ended


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own")
def test_root_without_somebody_is_refused(world, monkeypatch):
    one = smaller(boxes.compiling(world.folder / "tree"), world)
    for uid in (None, 0):
        with pytest.raises(somebody.NobodyError, match="nothing of a submission runs as root"):
            one.command(["true"], uid)
    for who in ("-", "0"):
        words = [sys.executable, "-I", "-S", str(box.ENTERING), who, "echo", "as root"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "") and "runs as root" in done.stderr
    monkeypatch.setattr(somebody, "has_processes", lambda uid: True)
    with pytest.raises(somebody.NobodyError, match="is free"):
        one.run(["true"])


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own")
def test_two_at_once_are_two(world):
    with somebody.somebody() as one, somebody.somebody() as other:
        assert one and other and len({one, other, world.uid, 0}) == 4


def test_no_box_is_said_in_words(monkeypatch, tmp_path):
    monkeypatch.setattr(box.box, "ALONE", ("--no-such-option",))
    with pytest.raises(box.BoxError, match="cannot be shut in here: .*no-such-option"):
        box.check({})


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own")
def test_without_namespaces_a_box_is_a_second_user(world, monkeypatch):
    """As in a container of one submission's own: what is root's alone is closed, and nobody and nothing is left."""
    monkeypatch.setattr(box, "NAMESPACES", [True])
    box.without_namespaces()
    one = boxes.compiling(world.folder / "tree")
    assert int(one.run(["id", "-u"]).message) >= somebody.FIRST
    world.secret.chmod(0o600)
    assert one.run(["cat", str(world.secret)]).ended
    world.secret.chmod(0o644)
    (world.folder / "tree/source.c").write_bytes(b"")
    assert one.run(["cat", one.place(boxes.TREE) + "/source.c"]) == Answer(b"", "")
    answer = one.run(["sh", "-c", "setsid sleep 98765 & echo here > file; pwd"])
    assert answer.message.startswith(b"/") and not Path(answer.message.decode().strip()).exists()
    assert not subprocess.run(["pgrep", "-f", "^sleep 98765"], capture_output=True, check=False).stdout
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(box.BoxError, match="only root"):
        box.without_namespaces()
