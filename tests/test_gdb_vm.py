"""The commands of tools/gdb/vm, each given to a real GDB on a live kernel, right and wrong."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import gdb_session
import pytest
from gdb_session import Transcript
from support import BOOT, LAST_RESORT, ROOT, find

KINDS = ("--boot=--ram 10M --swap 32M --image-latency 500", "fault-kinds")

LOOKING = [
    "help vm",
    "vm why",
    "vm walk $rip",
    "vm walk &frames",
    "vm walk 0",
    "vm walk $rip pid=1",
    "vm maps",
    "vm maps 1",
    "vm page 3",
    "vm free",
    "vm groups",
    "vm policy",
    "vm policy 0 all",
    "vm ws",
    "vm swap",
    "vm swap 1",
    "vm audit",
    "p $pte($rip)",
    "p $region($rip)",
    "p *$region($rip).object",
    "p $page(3)",
    "p $frame($page(3).frame)",
    "p *space_first",
    "p groups[0]",
    "p zero_frame",
    "p $frame(0)",
    "p ((pte_t){0xdeadbeef})",
]

WRONG = {
    "vm walk": "say what",
    "vm walk nonsense": "is not an address",
    "vm walk 1 2": "too many words",
    "vm walk 1 size=3": "size= is not known",
    "vm walk 1 pid=": "needs a value",
    "vm walk 0xffff000000000000": "not canonical",
    "vm walk pages[0]": "is a struct page, not an address",
    "vm walk $rip pid=99": "there is no process 99; there are: 1 init",
    "vm maps 99": "there is no process 99",
    "vm page": "say what",
    "vm page -1": "there is no page -1",
    "vm page 4000000000": "they go from 0 to",
    "vm frame x": "'x' is not a frame",
    "vm frame 4000000000": "they go from 0 to",
    "vm free now": "too many words",
    "vm policy 99": "there is no group 99",
    "vm policy 0 1": "only one group",
    "vm swap 99999999": "they go from 0 to",
    "vm ws x": "'x' is not a process",
    "vm break": "vm break fault",
    "vm break fault kind=odd": "there is no kind odd: they are zero-fill",
    "vm break fault colour=red": "colour= is not known",
    "vm break fault pid=x": "'x' is not a process",
    "vm break fault addr=x": "is not an address",
    "vm step 3": "too many words",
    "vm last-write $rsp": "this run is not recorded",
    "vm last-change $rsp": "this run is not recorded",
    "vm goto 1": "this run is not recorded",
    "vm nonsense": "vm has no command 'nonsense'",
    "p $page(4000000000)": "there is no page",
    'p $frame("x")': "is no number",
    "p $pte(0)": "has no pte",
    "p $region(0)": "is in no region",
}


@pytest.fixture(scope="module")
def looking() -> Transcript:
    return gdb_session.run(*KINDS, commands=[*LOOKING, *WRONG])


def test_help_lists_all(looking: Transcript):
    names = ("walk", "maps", "page", "frame", "free", "groups", "policy", "swap", "ws", "audit",
             "break", "step", "why", "last-write", "last-change", "goto")  # fmt: skip
    for name in names:
        assert f"vm {name} -- " in looking["help vm"]


def test_walk(looking: Transcript):
    text = looking["vm walk $rip"]
    assert re.search(r"in space \d+ of fault-kinds \(process 2\)", text)
    assert [int(level) for level in re.findall(r"level (\d)", text)] == [4, 3, 2, 1]
    assert "r-x user A" in text and "page 1 of /bin/fault-kinds" in text and "region 0x" in text
    assert "of the kernel" in looking["vm walk &frames"]
    assert re.search(r"level +4 +3 +2 +1 +offset\n  bits +0{9}  0{9}  0{9}  0{9}  0{12}\n", looking["vm walk 0"])


def test_walk_splits_the_address_as_the_tables_are_walked(looking: Transcript):
    for command in ("vm walk $rip", "vm walk &frames", "vm walk 0"):
        text = looking[command]
        bits, numbers = (find(rf"^  {row} +(.*)$", text)[1].split() for row in ("bits", "entry"))
        assert [int(each, 2) for each in bits] == [int(each) for each in numbers]
        assert [len(each) for each in bits] == [9, 9, 9, 9, 12]
        whole = int(find(r"^(0x[0-9a-f]+) ", text)[1], 16)
        assert int("".join(bits), 2) == whole & ((1 << 48) - 1)
        walked = re.findall(r"level \d  entry +(\d+)", text)
        assert walked == numbers[: len(walked)]


def test_walk_of_other_spaces(looking: Transcript):
    assert "in no region" in looking["vm walk 0"]
    assert "of init (process 1)" in looking["vm walk $rip pid=1"]


def test_maps(looking: Transcript):
    text = looking["vm maps"]
    assert "fault-kinds" in text and "r-x private" in text and "the stack" in text
    assert re.search(r"/bin/fault-kinds from page 1; \d+ resident", text)
    assert "/init from page" in looking["vm maps 1"]


def test_lists_and_sums(looking: Transcript):
    free = looking["vm free"]
    counted, total = map(int, find(r"(\d+) of (\d+) frames are free", free).groups())
    listed = sum(int(n) for n in re.findall(r"^  \w+ +(\d+)  ", free, re.MULTILINE))
    assert counted == listed < total
    assert (
        "policy clock" in looking["vm groups"] and "fault-kinds (process 2)" in looking["vm groups"]
    )
    assert "group 0, clock: second chance" in looking["vm policy"]
    charged = int(find(r"(\d+) frames charged", looking["vm groups"])[1])
    assert len(re.findall(r"frame \d+ [R.][M.]  page \d+", looking["vm policy 0 all"])) == charged
    assert "0 of 8192 slots are taken" in looking["vm swap"]
    assert "slot 1: no page's" in looking["vm swap 1"]
    assert re.search(r"\d+ .* space \d+ of fault-kinds", looking["vm ws"])
    assert looking["vm audit"].strip() == "all invariants hold"
    assert "no page fault is under way: fault-kinds (process 2) runs user code" in looking["vm why"]


def test_printers_and_functions(looking: Transcript):
    pte = looking["p $pte($rip)"]
    assert re.search(r"= 0x\w+ frame \d+  r-x user A = \{frame = \d+, present = 1", pte)
    assert "writable = 0, user = 1" in pte and "wired = 0" in pte and "unwritten" not in pte
    assert "r-x private, /bin/fault-kinds from page" in looking["p $region($rip)"]
    assert re.search(
        r"/bin/fault-kinds, \d+ pages of \d+ bytes", looking["p *$region($rip).object"]
    )
    assert re.search(r"page 3: .*, in frame \d+", looking["p $page(3)"])
    assert "page 3 (in frame" in looking["p $frame($page(3).frame)"]
    assert (
        "space 3 of fault-kinds" in looking["p *space_first"]
        or "space" in looking["p *space_first"]
    )
    assert "group 0: policy clock" in looking["p groups[0]"]
    assert re.search(r"= frame \d+ \(the zero page\)", looking["p zero_frame"])
    assert "frame 0: KERNEL = {state = KERNEL" in looking["p $frame(0)"]
    assert re.search(
        r"frame 912091 .*present = 1.*dirty = 1.*wired = 1.*unwritten = 1",
        looking["p ((pte_t){0xdeadbeef})"],
    )


@pytest.mark.parametrize("command", WRONG)
def test_wrong_arguments(looking: Transcript, command: str):
    text = looking[command]
    assert WRONG[command] in text
    assert "Traceback" not in text and "Python Exception" not in text


# --- Before there is anything ---------------------------------------------------------------

EARLY = ["vm walk $rip", "vm maps", "vm page 1", "vm frame 1", "vm free", "vm groups", "vm policy",
         "vm swap", "vm ws", "vm audit", "p $page(1)", "p $pte(0)"]  # fmt: skip


def test_early_and_late():
    """Before memory management, at the first fault of all, and after the machine's end."""
    commands = [*EARLY, "vm why", "vm step", "vm maps", "vm why", "vm step", "vm audit", "delete",
                "continue", *EARLY]  # fmt: skip
    said = gdb_session.run(commands=commands)
    for command in EARLY:
        early, *_, late = said.all(command)
        if "$rip" in command:
            assert "No registers" in late
            continue
        assert "memory management has not started yet" in early or "no pte" in early, command
        assert "no machine is attached" in late, command
    assert "in kernel_main" in said["vm why"]
    assert "init (process 1)" in said["vm step"] and "step 1 of 6, region" in said["vm step"]
    assert "a copy from or to user memory" in said.all("vm why")[1]
    assert (
        "the mm lock is held" in said.all("vm audit")[1]
        and "all invariants hold" in said.all("vm audit")[1]
    )
    assert "Traceback" not in said.text() and "Python Exception" not in said.text()


# --- Faults -------------------------------------------------------------------------------------

BACKTRACES = [
    "break fault_install", "continue", "bt", "delete",
    "break *&'page_fault'", "continue", "bt 2", "stepi 9", "bt 2", "vm why", "delete",
    "tbreak trap_leave", "continue", "stepi 5", "bt 2",
    "tbreak kernel_syscall", "continue", "bt", "tbreak syscall_return", "continue",
    "stepi 14", "bt 2", "tbreak syscall_entry", "continue", "stepi 2", "bt 2",
    "tbreak copy_words", "continue", "bt",
    "tbreak context_swap", "continue", "stepi 3", "bt",
]  # fmt: skip


def test_backtraces_reach_user_code():
    said = gdb_session.run("demo-cow", commands=BACKTRACES)
    for text in said.all("bt"):
        assert "<signal handler called>" in text and "corrupt" not in text
    assert re.search(
        r"fault_install.*kernel_page_fault.*signal handler.*main \(", said["bt"], re.DOTALL
    )
    users = [re.search(r"#1 +(0x0000000000[0-9a-f]{6} in |\w+ \(.* at user/)", text) for text in said.all("bt 2")]
    assert len(users) == 5 and all(users)
    assert "kernel_syscall" in said.all("bt")[1]
    assert re.search(r"#0 +copy_words.*sys_\w+.*kernel_syscall", said.all("bt")[2], re.DOTALL)
    assert re.search(r"#0 +context_swap.*thread_switch", said.all("bt")[3], re.DOTALL)
    assert "the processor says" in said["vm why"]


FILTERS = [
    "delete", "vm break fault kind=reuse prog=fault-kinds", "continue", "vm why", "delete",
    "tbreak kind_page_in", "continue",
    "vm break fault pid=2 addr=0x10", "continue", "vm why", "info breakpoints", "delete",
    *["vm step"] * 24,
]  # fmt: skip


def test_break_fault_and_step():
    said = gdb_session.run(*KINDS, commands=FILTERS)
    assert "will be: reuse" in said["continue"] and "so this is: reuse" in said["vm why"]
    assert "write at 0x10" in said.all("continue")[2]
    assert "so this is: invalid, refused" in said.all("vm why")[1]
    assert "fault_region" in said["info breakpoints"]
    its, end, _ = "".join(said.all("vm step")).partition("no more steps: its thread ends")
    assert end
    # beyond the file's end: refused in step 3; then others, some of which sleep in step 4
    assert re.fullmatch("123((1234)?123456)+", "".join(re.findall(r"step (\d) of 6", its)))


def test_step_follows_its_process_over_sleeps():
    """Reading the disk takes time: others run, and fault; the steps told are one process's."""
    said = gdb_session.run(
        *KINDS, commands=["delete", "tbreak kind_spurious", "continue", *["vm step"] * 9, "vm why"]
    )
    told = "".join(said.all("vm step"))
    steps = [int(n) for n in re.findall(r"step (\d) of 6", told)]
    assert steps == [1, 2, 3, 4, 1, 2, 3, 4, 5]  # fill slept, and began again
    assert told.count("kind_spurious") == 2
    assert "so this is: spurious" in said["vm why"]


def test_optimised_kernel():
    """The steps are inlined there, and found all the same."""
    text = subprocess.run(
        ["make", "-s", "--no-print-directory", "gdb", "OPTIMISED=1", "PROGRAM=demo-cow",
         "GDB_ARGS=-batch -ex 'vm step' -ex 'vm step' -ex 'vm step' -ex 'vm step' -ex 'vm step' "
         "-ex 'vm step' -ex 'vm why' -ex 'vm audit'"],
        cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LAST_RESORT,
        check=False,
        env={key: value for key, value in os.environ.items() if key != "MAKEFLAGS"},
    ).stdout  # fmt: skip
    assert [int(n) for n in re.findall(r"^step (\d) of 6", text, re.MULTILINE)] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    assert "it has become: " in text and "all invariants hold" in text


def test_symbols_follow_the_process():
    said = gdb_session.run(
        "demo-cow",
        commands=[
            "info symbol main",
            "delete",
            "vm break fault prog=init pid=1",
            "continue",
            "info symbol main",
        ],
    )
    assert "demo-cow" in said["info symbol main"]
    assert said.all("info symbol main")[1].strip().endswith("user/bin/init")


def test_policy_faces():
    """A clock with few frames is drawn as one, with its hand; a queue is a list."""
    for policy, word in (
        ("clock", "hand>"),
        ("clock-pro", "cold"),
        ("sieve", "hand"),
        ("fifo", "frame"),
    ):
        said = gdb_session.run(
            f"--boot=--ram 16M --frames 24 --swap 32M --policy {policy}",
            "fault-kinds",
            commands=["delete", "tbreak kind_rescue", "continue", "vm policy", "vm audit"],
        )
        text = said["vm policy"]
        assert word in text and f"group 0, {policy}:" in text
        assert len(re.findall(r"\d+ [R.][M.]", text)) >= 10
        assert "all invariants hold" in said["vm audit"]


# --- The pane -----------------------------------------------------------------------------------


class Terminal:
    """GDB on a terminal of its own, for what it draws."""

    def __init__(self, *words: str):
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(ROOT)
            os.execve(ROOT / "tools/debug", ["tools/debug", *words],
                      {**gdb_session.environment(), "TERM": "xterm"})  # fmt: skip
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))

    def read(self, until: str) -> str:
        """What it draws, until those words are in it; without the terminal's own commands."""
        text = b""
        deadline = time.monotonic() + LAST_RESORT
        while time.monotonic() < deadline:
            if select.select([self.descriptor], [], [], 0.2)[0]:
                try:
                    text += os.read(self.descriptor, 65536)
                except OSError:
                    break
            plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\([B0]|\x1b[=>]", b" ", text).decode(
                "utf-8", "replace"
            )
            if until in plain:
                return plain
        raise AssertionError(f"{until!r} was never drawn:\n{plain[-2000:]}")

    def type(self, line: str) -> None:
        os.write(self.descriptor, line.encode() + b"\n")

    def close(self) -> None:
        self.type("quit")
        os.waitpid(self.process, 0)
        os.close(self.descriptor)


def test_pane_shows_the_walk():
    terminal = Terminal("demo-cow")
    try:
        terminal.read("(gdb)")
        terminal.type("layout vm")
        terminal.read("level 1")
        terminal.type("vm walk &frames")
        terminal.read("of the kernel")
    finally:
        terminal.close()


# --- Backwards ------------------------------------------------------------------------------------

BACKWARDS = [
    "vm goto", "delete", "tbreak demo_end", "continue",
    "vm last-write region size=1", "vm goto", "stepi", "reverse-stepi", "info symbol $rip",
    "vm last-change region", "bt", "vm why",
    "vm goto 140000000", "vm goto instruction=12000000", "vm goto 99999999999",
    "reverse-stepi", "vm last-write 16", "vm goto", "vm last-change 16", "vm goto x",
    "vm last-write $rsp size=5000", "continue",
]  # fmt: skip


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("recording") / "run"
    trace = folder.parent / "trace"
    ended = subprocess.run(
        [BOOT, "--record", folder, "--trace", trace, "--", "demo-cow"],
        capture_output=True, stdin=subprocess.DEVNULL, env=gdb_session.environment(), timeout=LAST_RESORT,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0 and b"is recorded" in ended.stderr, ended.stderr
    return folder, trace


def test_backwards_to_the_cause(recording):
    """From a value to the store that made it, and to the fault that let it."""
    folder, _ = recording
    said = gdb_session.run("--replay", str(folder), commands=BACKWARDS)
    write = said["vm last-write region size=1"]
    assert "in write_counted" in write and "about to change 0x61 to what became 0x31" in write
    assert "write_counted" in said["info symbol $rip"]
    change = said["vm last-change region"]
    assert re.search(r"the pte before: .* r-- .*\n  now, later: .* rw- ", change)
    assert re.search(
        r"in a fault: demo-cow \(process 2\): write at 0x\w+000, from user code", change
    )
    assert "fault_install" in said["bt"] and "write_counted" in said["bt"]
    assert "it has become: reuse" in said["vm why"]
    assert ", 140000000 ns since the kernel's entry" in said["vm goto 140000000"]
    assert said["vm goto instruction=12000000"].startswith("instruction 12000000,")
    assert "the recording ends before that" in said["vm goto 99999999999"]
    assert "nobody has written to 0x10 since the recording began" in said["vm last-write 16"]
    assert "instruction 0, before the kernel has a clock" in said.all("vm goto")[2]
    assert "is not a time" in said["vm goto x"]
    assert "there is no size 5000" in said["vm last-write $rsp size=5000"]
    assert "the recorded run ends here" in said.all("continue")[1]
    assert "Traceback" not in said.text() and "Python Exception" not in said.text()


def test_goto_a_trace_record(recording):
    """The time of a record leads to the instruction that read it."""
    folder, trace = recording
    data = trace.read_bytes()
    _, _, header, size, _, written, _, _ = struct.unpack_from("<8sIIIIQQQ", data)
    times = [struct.unpack_from("<Q", data, header + i * size)[0] for i in range(written)]
    chosen = [times[len(times) * place // 4] for place in (3, 1, 2)]  # to and fro
    commands = [word for moment in chosen for word in (f"vm goto {moment}", "bt 4")]
    said = gdb_session.run("--replay", str(folder), commands=commands)
    for moment in chosen:
        assert f", {moment} ns since the kernel's entry" in said[f"vm goto {moment}"]
    assert all("above_trace" in text for text in said.all("bt 4"))


def test_each_step_back_is_quick(recording):
    folder, _ = recording
    commands = ["delete", "tbreak demo_end", "continue", "python import time; began = time.time()",
                *["reverse-stepi"] * 5, "python print('took', time.time() - began)"]  # fmt: skip
    said = gdb_session.run("--replay", str(folder), commands=commands)
    took = float(find(r"took ([\d.]+)", said.text())[1])
    assert took / 5 < 5


def test_recordings_that_are_none(tmp_path):
    (tmp_path / "something").write_text("else")
    for words in (["tools/debug", "--replay", str(tmp_path)],
                  ["tools/boot", "--record", str(tmp_path), "--", "one-fault"],
                  ["tools/boot", "--record", str(tmp_path / "new")]):  # fmt: skip
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, env=gdb_session.environment(),
                               timeout=LAST_RESORT, check=False)  # fmt: skip
        assert ended.returncode and ("recording" in ended.stderr or "--record" in ended.stderr)
        assert "Traceback" not in ended.stderr
