"""tools/boot: what goes in, what comes out, and which status it ends with."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import support

HELLO = """
#include <stdio.h>
#include <stdlib.h>
static int table[2] = {40, 2};
static int *pointer = &table[1];     /* a relocation, in a PIE */
int main(int argc, char **argv)
{
    char *heap = malloc(100000);
    heap[99999] = 1;
    printf("%s %d %d\\n", argv[1], argc, table[0] + *pointer * heap[99999]);
    fprintf(stderr, "to stderr\\n");
    return 9;
}
"""

LINK_32 = ("ld", "-m", "elf_i386", "-e", "0x100000", "-Ttext", "0x100000")

# musl-gcc does not know -static-pie: the start files and the linker's options by hand.
MUSL = "/usr/lib/x86_64-linux-musl"
MUSL_STATIC_PIE = (
    *("musl-gcc", "-static", "-fPIE", "-O2", "-nostartfiles"),
    "-Wl,-pie,--no-dynamic-linker,-z,text",
    *(f"{MUSL}/{name}.o" for name in ("rcrt1", "crti", "crtn")),
)


@pytest.mark.parametrize(
    "script, status",
    [
        ("exit 0", 0),
        ("exit 7", 7),
        ("exit 255", 255),
        ("kill -9 $$", 128 + 9),
        ("kill -SEGV $$", 128 + 11),
        ("kill -TERM $$", 128 + 15),
    ],
)
def test_status_is_the_programs(boot, script, status):
    result = boot("--", "/bin/busybox", "sh", "-c", script)
    assert (result.stdout, result.status) == (b"", status)


def test_no_such_program(boot):
    result = boot("--", "no-such-program")
    assert result.status == 127 and b"" == result.stdout
    assert "no-such-program" in result.stderr


@pytest.mark.parametrize("how", ["while :; do :; done", "kill -STOP $$", "sleep 1000000"])
def test_a_deadline_is_124_and_in_virtual_time(boot, how):
    """Whoever computes, waits for nobody, or sleeps: three virtual seconds are four, and over."""
    result = boot("--", "sh", "-c", f"echo before; {how}", deadline=3)
    assert (result.stdout, result.status) == (b"before\n", support.TIMEOUT)
    assert "deadline: 4 s of virtual time have passed" in result.stderr


HANGS = """
bits 32
section note note alloc
    dd 4, 4, 18                 ; the PVH note: where to start
    db "Xen", 0
    dd start
section .text
start:
    cli
    %s
    jmp start
"""


@pytest.mark.parametrize("how", ["hlt", "nop"])
def test_a_deadline_ends_a_machine_that_hears_nothing(boot, tmp_path, how):
    """A kernel with interrupts off, halted or busy."""
    (tmp_path / "hang.asm").write_text(HANGS % how)
    for words in (["nasm", "-f", "elf32", "hang.asm"], [*LINK_32, "-o", "hang", "hang.o"]):
        subprocess.run(words, cwd=tmp_path, check=True)
    kernel = ("--qemu-arg=-kernel", f"--qemu-arg={tmp_path}/hang")
    result = boot(*kernel, "--", "true", deadline=4)
    assert result.status == support.TIMEOUT and "deadline: 4 s" in result.stderr


def test_a_deadline_changes_nothing_before_it(boot):
    """Three minutes, idle and busy, and so the watchdog set seven times: not one instruction more."""
    script = "for i in 1 2 3; do sleep 58; seq 1 2000 | sort | md5sum; cat /proc/uptime /proc/stat; done"
    words = ("--", "sh", "-c", script)
    bare = subprocess.run([support.BOOT, *words], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    with_it = boot(*words, deadline=200)
    assert with_it.status == 0 and with_it.stdout == bare.stdout


def test_timeout_is_124():
    """Seconds of the host's: for a machine that does not count instructions."""
    words = ("--realtime", "--timeout", "4", "--", "sleep", "1000000")
    ended = subprocess.run([support.BOOT, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == support.TIMEOUT and "timeout after 4 s" in ended.stderr


@pytest.mark.parametrize(
    "words", [("--deadline", "0"), ("--deadline", "4", "--realtime"), ("--deadline", "inf")]
)
def test_a_deadline_that_is_none(words):
    command = [support.BOOT, *words, "--", "true"]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 2 and "deadline" in ended.stderr


@pytest.mark.parametrize("words", [("--cpus", "2"), ("--realtime",), ("--realtime", "--cpus", "1")])
def test_at_once_wants_several_processors_and_real_time(words):
    command = [support.BOOT, "--parallel", *words, "--", "true"]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 2 and "--parallel wants --realtime" in ended.stderr


def test_kernel_panic_is_125(boot):
    result = boot("--param", "no_such_parameter=1", "--", "true")
    assert result.status == support.PANIC and result.stdout == b""


def test_stdout_is_raw_and_nothing_else(boot, tmp_path):
    every_byte = bytes(range(256)) * 16 + b"\r\n\n\r\x04\x03"
    (tmp_path / "in").write_bytes(every_byte)
    result = boot("--stdin", str(tmp_path / "in"), "--", "cat")
    assert (result.stdout, result.status) == (every_byte, 0)


def test_a_megabyte_goes_through(boot, tmp_path):
    data = os.urandom(1 << 20)
    (tmp_path / "in").write_bytes(data)
    result = boot("--ram", "64M", "--stdin", str(tmp_path / "in"), "--", "sh", "-c", "cat | cat")
    assert result.stdout == data


def test_stdin_is_empty_without_the_option(boot):
    assert boot("--", "wc", "-c").stdout == b"0\n"


def test_stderr_of_the_program(boot):
    result = boot("--", "sh", "-c", "echo out; echo err >&2")
    assert result.stdout == b"out\n" and "err\n" in result.stderr


def test_arguments_arrive_as_they_are(boot):
    words = ["one", "two words", "", "$HOME", "*", "--", "ünïcödé", "\n"]
    result = boot("--", "sh", "-c", 'printf "<%s>" "$@"', "sh", *words)
    assert result.text == "".join(f"<{word}>" for word in words)


@pytest.mark.parametrize(
    "script, output",
    [
        ("echo a b c | tr a-z A-Z | wc -c", "6\n"),
        ("seq 1 1000 | sort -rn | head -n 3 | tr '\\n' ' '", "1000 999 998 "),
        ("for i in 1 2 3; do echo $i; done > /tmp/f; cat /tmp/f | grep 2", "2\n"),
        ("f() { [ $1 -le 1 ] && echo 1 || echo $(( $1 * $(f $(( $1 - 1 )) ) )); }; f 5", "120\n"),
        ("mkdir -p /tmp/a/b; echo x > /tmp/a/b/c; find /tmp/a | sort", "/tmp/a\n/tmp/a/b\n/tmp/a/b/c\n"),
        ("sleep 5 & kill $!; wait $!; echo $?", "143\n"),
        ("trap 'echo trapped' USR1; kill -USR1 $$; echo after", "trapped\nafter\n"),
        ("echo 'print(1)' | sed s/1/2/; cat /dev/null; head -c 4 /dev/zero | od -An -tx1", "print(2)\n 00 00 00 00\n"),
        ("awk 'BEGIN { for (i = 0; i < 5; i++) s += i; print s }'", "10\n"),
        ("cat /proc/self/cmdline | tr '\\0' ' '", "cat /proc/self/cmdline "),
    ],
)
def test_shell(boot, script, output):
    result = boot("--ram", "64M", "--", "/bin/busybox", "sh", "-c", script)
    assert (result.text, result.status) == (output, 0)


def test_system_programs(boot):
    result = boot("--ram", "64M", "--", "sh", "-c", "top -b -n1; echo =; free; echo =; ps")
    top, free, ps = result.text.split("=\n")
    assert "Mem:" in top and "load average" in top.lower()
    assert "Mem:" in free and int(free.split("Mem:")[1].split()[0]) > 40000
    assert "init" in ps and "ps" in ps


def test_script_with_interpreter_line(boot, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh -e\necho I am $0 with $1\nfalse\necho not reached\n")
    script.chmod(0o755)
    result = boot("--add", f"{script}:/bin/script", "--", "script", "x")
    assert (result.text, result.status) == ("I am /bin/script with x\n", 1)


def test_added_file_in_a_new_folder(boot, tmp_path):
    (tmp_path / "data").write_bytes(b"some data")
    result = boot("--add", f"{tmp_path}/data:/deep/er/data", "--", "cat", "/deep/er/data")
    assert result.stdout == b"some data"


@pytest.mark.parametrize(
    "name, command",
    [
        ("musl-static", ("musl-gcc", "-static", "-O2")),
        ("glibc-static", ("gcc", "-static", "-O2")),
        ("glibc-static-pie", ("gcc", "-static-pie", "-fPIE", "-O2")),
        ("musl-static-pie", MUSL_STATIC_PIE),
    ],
)
def test_program_built_here_runs_unchanged(boot, compile_static, name, command):
    program = compile_static(name, HELLO, *command)
    elf_type = int.from_bytes(program.read_bytes()[16:18], "little")
    assert elf_type == (3 if name.endswith("pie") else 2), "ET_DYN or ET_EXEC"
    result = boot("--ram", "64M", "--add", str(program), "--", name, "answer")
    assert (result.text, result.status) == ("answer 2 42\n", 9)
    assert "to stderr" in result.stderr


def test_bad_options_are_refused(boot):
    assert boot("--add", "/no/such/file", "--", "true").status not in (0, 124, 125)
    assert boot("--param", "novalue", "--", "true").status not in (0, 124, 125)
    assert boot("--stdin", "/no/such/file", "--", "cat").status not in (0, 124, 125)


def machines_of(marker: str) -> list[str]:
    """Numbers of the QEMUs that have the marker on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if marker in words and "qemu" in words[0]:
            found.append(path.parent.name)
    return found


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(how):
    marker = f"marker-{os.getpid()}-{how}"
    words = [str(support.BOOT), "--qemu-arg=-name", f"--qemu-arg={marker}"]
    script = "echo ready; while :; do :; done"
    with subprocess.Popen([*words, "--", "sh", "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        assert machines_of(marker)
        process.send_signal(how)
        process.wait(support.LAST_RESORT)
    support.await_that(lambda: not machines_of(marker))


def test_two_at_once():
    words = [str(support.BOOT), "--", "sh", "-c"]
    both = [subprocess.Popen([*words, f"echo {i}"], stdout=subprocess.PIPE) for i in (1, 2)]
    assert [process.communicate()[0] for process in both] == [b"1\n", b"2\n"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors(tmp_path, closed):
    """As cron and some daemons start a program: what is opened next must not be taken for one of them."""
    said = tmp_path / "said"
    words = f"{support.BOOT} -- sh -c 'echo hi; exit 6' {closed}"
    if ">&-" not in closed.replace("2>&-", ""):
        words += f" > {said}"
    ended = subprocess.run(["bash", "-c", words], stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 6
    assert not said.exists() or said.read_text() == "hi\n"


@pytest.mark.parametrize(
    "script, status",
    [
        ("kill -TERM 0", 128 + 15),  # its own group: not process 1
        ("kill -KILL 0", 128 + 9),
        ("kill 1; sleep 100", 128 + 15),  # asks process 1 to end the machine
        ("kill 1; exit 3", 3),
        ("trap '' TERM; kill 1; sleep 100", 128 + 9),
        ("trap 'exit 9' TERM; poweroff; while :; do sleep 1; done", 9),
        ("reboot; sleep 100", 128 + 15),
        ("kill -KILL 1; exit 4", 4),  # nobody can
        ("sleep 100 & kill -TERM -1; exit 5", 5),
    ],
)
def test_a_job_that_signals_more_than_itself(boot, script, status):
    assert boot("--", "sh", "-c", script).status == status


def test_thousands_of_words(boot):
    words = [str(number) for number in range(6000)]
    result = boot("--", "sh", "-c", 'echo $# ${6000}; shift 5999; echo "$@"', "sh", *words)
    assert result.text == "6000 5999\n5999\n"


def test_more_words_than_there_may_be(boot):
    """As many bytes as Linux allows are fewer than this machine can hold: refused, and said so."""
    result = boot("--ram", "16M", "--", "true", *["x" * 100_000] * 15)
    assert result.status in (0, 126) and (result.status == 0 or "too long" in result.stderr)


@pytest.mark.parametrize("place", ["/tmp/" + "x" * 140, "/nonexistent/socket", "/dev/null", "/etc/passwd", "/tmp/a:b"])
def test_a_bad_place_for_the_debugger(place):
    words = [str(support.BOOT), f"--gdb={place}", "--", "true"]
    ended = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 2 and "--gdb" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--trace", "/nonexistent/run.trace", "--", "true"),
        ("--trace", "/tmp", "--", "true"),
        ("--record", "/etc/passwd", "--", "true"),
        ("--record", "/proc/none", "--", "true"),
        ("--record", "/etc", "--", "true"),
        ("--stdin", "/tmp", "--", "cat"),
        ("--",),
    ],
)
def test_a_command_that_cannot_be(boot, words):
    """Status 2, which is nobody's program's, and a line that says why."""
    result = boot(*words)
    assert result.status == 2, result.report()
    assert result.stderr.startswith("tools/boot: ") and result.stderr.count("\n") == 1, result.report()


@pytest.mark.parametrize(
    "words, status, says",
    [
        (("race", "--policy", "mine", "--frames", "x"), 2, "from 1 to 8192"),
        (("race", "--policy", "mine", "--frames", "64,0"), 2, "from 1 to 8192"),
        (("race", "--policy", "mine", "--frames", "99999999"), 2, "from 1 to 8192"),
        (("site", "-o", "/proc/none"), 1, "tools/site: /proc/none: "),
        (("bundle", "-o", "/proc/none"), 1, "tools/bundle: /proc/none: "),
        (("figures", "--out", "/proc/none", "fifo-grid"), 1, "tools/figures: /proc/none: "),
    ],
)
def test_another_tools_command_that_cannot_be(words, status, says):
    command = [support.ROOT / "tools" / words[0], *words[1:]]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (status, False) and says in ended.stderr, ended.stderr


@pytest.mark.parametrize("tool", ["trace info /dev/null", "policysim 1 2 3", "debug --help", "race --help"])
def test_closed_descriptors_of_other_tools(tool):
    """What goes to nobody may go; what went wrong is said in words."""
    for closed in ("<&-", ">&-", "<&- >&-"):
        words = ["bash", "-c", f"{support.ROOT}/tools/{tool} {closed}"]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        assert "Traceback" not in ended.stderr, ended.stderr


def test_a_shell_wants_a_terminal():
    """It would wait for ever for what nobody types."""
    for command in ([str(support.BOOT)], ["make", "-s", "run"]):
        ended = subprocess.run(
            command, cwd=support.ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        assert ended.returncode == 2 and "tools/boot -- PROGRAM" in ended.stderr


def test_another_users_tree(tmp_path):
    """One who may only read it uses what is built there; and is told when it is not up to date."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    tree = tmp_path / "tree"
    top = {"build", ".git"}
    shutil.copytree(
        support.ROOT, tree, symlinks=True, ignore=lambda at, names: top & {*names} if Path(at) == support.ROOT else ()
    )
    for name in ("obj", "user", "lists"):
        shutil.copytree(support.BUILD / name, tree / "build" / name, symlinks=True)
    for file in support.BUILD.glob("*"):
        if file.is_file() and not file.name.startswith("."):
            shutil.copy2(file, tree / "build")
    plain = {key: value for key, value in os.environ.items() if key not in ("FAULTLINE_NO_BUILD", "BUILD")}
    subprocess.run([tree / "tools/build", "kernel", "image"], env=plain, check=True)
    for folder in [*tmp_path.parents][:3]:
        folder.chmod(0o755)
    tmp_path.chmod(0o755)

    def as_nobody() -> subprocess.CompletedProcess[str]:
        command = [tree / "tools/boot", "--", "echo", "hi"]
        return subprocess.run(
            command, env=plain, capture_output=True, text=True, stdin=subprocess.DEVNULL, user="nobody", check=False
        )

    there = as_nobody()
    assert (there.returncode, there.stdout) == (0, "hi\n"), there.stderr
    os.utime(tree / "mm/demand_paging/fault.c")
    stale = as_nobody()
    assert stale.returncode == 1 and "root's and not up to date" in stale.stderr
