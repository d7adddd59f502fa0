"""What a submission's code might try: each attempt is a function, and comes to its end only if it has succeeded.

    attempts.py NAME WORLD      WORLD: what there is to be had outside, as JSON (test_grade_box.py)

Standard library only, for it runs in boxes that have nothing else.
"""

import contextlib
import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

MARK = b"what nobody may know"
KEY = b"faultline-attempt"
LIBC = ctypes.CDLL(None, use_errno=True)
KEYCTL, KEYCTL_SEARCH, KEYCTL_READ, SESSION = 250, 10, 11, -3
PTRACE_ATTACH, PTRACE_DETACH = 16, 17
CLONE_NEWUSER = 0x10000000
MIB = 1 << 20
DISK, MEMORY, PROCESSES = 24 * MIB, 6 << 30, 80  # more than the boxes of the test allow
PLACES = ("/", "/tmp", "/dev", "/dev/shm", "/var/tmp", "/run", "/proc", "/tree", "/usr")

World = dict


def want(found: bytes) -> None:
    """The secret is in it, or we have failed."""
    assert MARK in found, found[:100]


# --- files ---


def read_secret(world: World) -> None:
    want(Path(world["secret"]).read_bytes())


def read_secret_by_link(world: World) -> None:
    link = Path(f"/tmp/link-{os.getpid()}")
    link.symlink_to(world["secret"])
    try:
        want(link.read_bytes())
    finally:
        link.unlink()


def read_other_submission(world: World) -> None:
    want(Path(world["other"], "clock.c").read_bytes())


def list_machine(world: World) -> None:
    assert "root:" in Path("/etc/passwd").read_text("utf-8")
    assert os.listdir("/var")


def write_result(world: World) -> None:
    Path(world["results"], "forged.json").write_text('{"points": 100}')


def change_result(world: World) -> None:
    with open(Path(world["results"], "row.json"), "r+b") as row:
        row.write(b"100")


def delete_others(world: World) -> None:
    Path(world["results"], "to-be-deleted").unlink()


def change_programs(world: World) -> None:
    """What the next submission would be built with."""
    with open(Path(world["tree"], "source.c"), "ab") as source:
        source.write(b"/* changed */")


def reach_root_of_another(world: World) -> None:
    """By /proc/N/root, the file system as another process sees it."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.name != str(os.getpid()) and MARK in Path(f"{process}/root{world['secret']}").read_bytes():
                return
    raise AssertionError("no process shows it")


def use_descriptor(world: World) -> None:
    """Which our parent had open, and did not close."""
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if MARK in os.pread(number, 100, 0):
                return
    raise AssertionError("there is none")


# --- the compiler ---


def compiled(text: str) -> bytes:
    """What gcc makes of it: the text with all that it includes, and the object."""
    found = b""
    for way in ("-E", "-c"):
        words = ["gcc", way, "-x", "c", "-o", "/dev/stdout", "-"]
        done = subprocess.run(words, input=text.encode(), capture_output=True, check=False)
        found += done.stdout + done.stderr  # it quotes lines that it does not understand
    return found


def include_secret(world: World) -> None:
    want(compiled(f'#include "{world["secret"]}"\n'))


def incbin_secret(world: World) -> None:
    object_file = f"/tmp/incbin-{os.getpid()}.o"
    text = f'__asm__(".incbin \\"{world["secret"]}\\"");\n'
    try:
        subprocess.run(["gcc", "-c", "-x", "c", "-o", object_file, "-"], input=text.encode(), check=True)
        want(Path(object_file).read_bytes())
    finally:
        Path(object_file).unlink(missing_ok=True)


def include_other_submission(world: World) -> None:
    want(compiled(f'#include "{world["other"]}/clock.c"\n'))


def include_by_proc(world: World) -> None:
    want(compiled(f'#include "/proc/{world["victim"]}/root{world["secret"]}"\n'))


# --- other processes ---


def see_processes(world: World) -> None:
    assert MARK.replace(b" ", b"-") in Path(f"/proc/{world['victim']}/cmdline").read_bytes()


def read_environment(world: World) -> None:
    want(Path(f"/proc/{world['victim']}/environ").read_bytes())


def take_descriptor(world: World) -> None:
    """Of another process, by /proc."""
    for link in Path(f"/proc/{world['victim']}/fd").iterdir():
        with contextlib.suppress(OSError):
            if os.readlink(link) == world["secret"]:
                return want(link.read_bytes())
    raise AssertionError("it has none")


def send_signal(world: World) -> None:
    os.kill(world["victim"], signal.SIGCONT)


def trace(world: World) -> None:
    if LIBC.ptrace(PTRACE_ATTACH, world["victim"], None, None):
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(world["victim"], 0)
    LIBC.ptrace(PTRACE_DETACH, world["victim"], None, None)


def read_memory(world: World) -> None:
    with open(f"/proc/{world['victim']}/mem", "rb"):
        pass


def use_key(world: World) -> None:
    """Of the session that we were started in."""
    key = LIBC.syscall(KEYCTL, KEYCTL_SEARCH, SESSION, b"user", KEY, 0)
    assert key > 0, os.strerror(ctypes.get_errno())
    data = ctypes.create_string_buffer(100)
    LIBC.syscall(KEYCTL, KEYCTL_READ, key, data, 100)
    want(data.raw)


def shared_memory(world: World) -> None:
    assert LIBC.shmget(world["segment"], 0, 0) >= 0, os.strerror(ctypes.get_errno())


def shared_file(world: World) -> None:
    want(Path("/dev/shm", world["shared"]).read_bytes())


# --- sockets ---


def talk(family: int, address) -> bytes:
    with socket.socket(family, socket.SOCK_STREAM) as there:
        there.settimeout(20)
        there.connect(address)
        return there.recv(100)


def connect_by_name(world: World) -> None:
    want(talk(socket.AF_UNIX, world["socket"]))


def connect_abstract(world: World) -> None:
    want(talk(socket.AF_UNIX, "\0" + world["abstract"]))


def connect_by_network(world: World) -> None:
    want(talk(socket.AF_INET, ("127.0.0.1", world["port"])))


def command_monitor(world: World) -> None:
    """QEMU's: what it is told there it does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
        there.settimeout(20)
        there.connect(world["monitor"])
        assert b"QMP" in there.recv(1000)
        there.sendall(b'{"execute": "qmp_capabilities"} {"execute": "query-status"}\n')
        said = b""
        while b"running" not in said:
            said += there.recv(1000)


# --- using up what others want ---


def fill_disk(world: World) -> None:
    """Wherever it can be written."""
    written: list[Path] = []
    try:
        for place in PLACES:
            with contextlib.suppress(OSError):
                for number in range(8):
                    written.append(Path(place, f"attempt-{os.getpid()}-{number}"))
                    with open(written[-1], "wb", buffering=0) as out:
                        for _ in range(4):
                            out.write(bytes(MIB))
        assert sum(file.stat().st_size for file in written if file.exists()) >= DISK
    finally:
        for file in written:
            file.unlink(missing_ok=True)


def take_memory(world: World) -> None:
    with mmap.mmap(-1, MEMORY, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000):  # nothing of it is touched
        pass


def fork_without_end(world: World) -> None:
    children = []
    try:
        for _ in range(PROCESSES):
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def raise_limits(world: World) -> None:
    """To what they were, or beyond."""
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
    resource.setrlimit(resource.RLIMIT_AS, (unlimited, unlimited))


def outlive(world: World) -> None:
    """Who reads the answer waits for our end; here is a child that goes on, and tells by its name in /proc."""
    if os.fork() == 0:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        os.execvp("sleep", ["sleep", world["asleep"]])


# --- becoming somebody else ---


def become_root_of_a_namespace(world: World) -> None:
    """With rights there that open a kernel's seldom tried doors."""
    if LIBC.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")


def run_setuid(world: World) -> None:
    """A program that runs as root, whoever starts it."""
    assert subprocess.run([world["setuid"], "-u"], capture_output=True, text=True, check=True).stdout == "0\n"


ATTEMPTS = {
    name: function
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__annotations__", {}).get("world") is World
}


if __name__ == "__main__":
    ATTEMPTS[sys.argv[1]](json.loads(sys.argv[2]))
    print("succeeded")
