"""What a machine is given and cannot use: processors, options, command lines, program images.

Each is refused in one line that names it, with status 125 by the kernel and 2 by tools/boot; never
by a panic, a traceback, or a machine that says nothing. The kernel's own readers get damaged inputs
on this machine, under ASan (tests/host/refuse.h), a thousand each in a long run (mutate.py); real
boots get some of them.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import stat
import subprocess
from collections import Counter
from pathlib import Path
from types import ModuleType

import mutate
import pytest
from mutate import COUNT, Field
from support import BUILD, LONG, find, script

from faultline import cpio, ranges
from faultline.machine import Machine
from faultline.run import QEMU_NORMAL, QEMU_REFUSED, ends_with_us

BOOTS = COUNT if LONG else 8
HOST = BUILD / "host"


def start(folder: Path, image: bytes, command_line: str) -> tuple[int, str]:
    """QEMU's status and the serial line of a machine that is given these."""
    file = folder / "image"
    file.write_bytes(image)
    machine = Machine(str(BUILD / "faultline.elf"), str(file), command_line, memory=24 << 20, console="stdio")
    ended = subprocess.run(
        machine.arguments(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        preexec_fn=ends_with_us(),
        check=False,
    )
    return ended.returncode, ended.stdout.decode("utf-8", "replace").replace("\r\n", "\n")


def read_by(program: str, inputs: list[bytes], folder: Path) -> list[str]:
    """What a reader of the kernel's says of each: "taken", or why not."""
    pack = folder / "pack"
    pack.write_bytes(mutate.pack(inputs))
    result = subprocess.run([HOST / program, pack], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode("utf-8", "replace")[-3000:]
    lines = result.stdout.decode("utf-8", "replace").split("\n")[:-1]
    assert len(lines) == len(inputs)
    return lines


def check_end(status: int, text: str, said: str) -> None:
    """It ran its job, or refused in words, as the reader did on this machine."""
    assert status == (QEMU_NORMAL if said == "taken" else QEMU_REFUSED), text[-2000:]
    last = text.splitlines()[-1]
    assert said == "taken" or (last.startswith("faultline: ") and last.endswith("; stopped")), text
    assert "panic" not in text and "called from" not in text, text


# --- processors ----------------------------------------------------------------------------------

FEATURES = "lm nx syscall fpu pse tsc msr pae cx8 apic pge cmov fxsr sse sse2".split()
# Processors of which some lack what we want, and several together; none of these may say nothing.
PROCESSORS = ("qemu32", "486", "pentium", "qemu64,-syscall,-fxsr,-nx", "qemu64,-sse2,-sse,-fpu", "qemu64,-lm,-fxsr")
# Whatever these have or lack beyond that is used where it is there, and done without.
RICH_AND_POOR = ("qemu64,-smep,-smap,-umip", "qemu64,-pdpe1gb,-rdrand", "max", "kvm64", "Nehalem", "EPYC")


@pytest.mark.parametrize("feature", FEATURES)
def test_processor_without(boot, feature):
    """Whatever every x86-64 has. The machine says so before it runs anything that wants it."""
    result = boot("--qemu-arg=-cpu", f"--qemu-arg=qemu64,-{feature}", "--", "true")
    name = {"lm": "long mode", "fpu": "floating point"}.get(feature, feature.upper())
    lacks = re.search(r"this processor lacks (.*?);.*qemu64.*stopped", result.stderr)
    assert result.status == 125 and lacks and name.lower() in lacks[1].lower(), result.report()


@pytest.mark.parametrize("processor", PROCESSORS)
def test_processor_that_will_not_do(boot, processor):
    result = boot("--qemu-arg=-cpu", f"--qemu-arg={processor}", "--", "true")
    assert result.status == 125 and "this processor lacks" in result.stderr, result.report()
    assert "panic" not in result.stderr, result.report()


@pytest.mark.parametrize("processor", RICH_AND_POOR)
def test_processor_that_will(boot, processor):
    result = boot("--qemu-arg=-cpu", f"--qemu-arg={processor}", "--", "one-fault")
    assert result.status == 0, result.report()


# --- options -------------------------------------------------------------------------------------

BAD_OPTIONS = [
    ("--ram", "0", "9M to 32G"),
    ("--ram", "33G", "9M to 32G"),
    ("--ram", "1e9", "9M to 32G"),
    ("--ram", "M", "9M to 32G"),
    ("--ram", "", "9M to 32G"),
    ("--ram", "-1", "9M to 32G"),
    ("--ram", "64MB", "9M to 32G"),
    ("--ram", "64 M", "9M to 32G"),
    ("--ram", "8M", "9M to 32G"),
    ("--ram", "9" * 5000, "9M to 32G"),
    ("--swap", "4T", "0 to 32G"),
    ("--swap", "-1", "0 to 32G"),
    ("--swap", "18446744073709551616", "0 to 32G"),
    ("--swap", "0.5G", "0 to 32G"),
    ("--frames", "0", "8 to 8388608"),
    ("--frames", "1", "8 to 8388608"),
    ("--frames", "7", "8 to 8388608"),
    ("--frames", "8388609", "8 to 8388608"),
    ("--frames", "-8", "8 to 8388608"),
    ("--frames", "0x10", "8 to 8388608"),
    ("--swap-latency", "10000001", "0 to 10000000"),
    ("--image-latency", "1.5", "0 to 10000000"),
    ("--trace-size", "1M", "2M to 256G"),
    ("--trace-size", "257G", "2M to 256G"),
    ("--shift", "11", "0 to 10"),
    ("--shift", "-1", "0 to 10"),
    ("--deadline", "0", "seconds"),
    ("--deadline", "inf", "seconds"),
    ("--shift", "\u0663", "0 to 10"),
    ("--timeout", "nan", "seconds"),
    ("--policy", "fifo swap=1G", "word"),
    ("--alloc", "", "word"),
    ("--param", "=1", "KEY=VALUE"),
    ("--param", "x=" + "y" * 5000, "3072 at most"),
    ("--add", "/bin/true:/proc/x", "/proc is the kernel's"),
    ("--add", "/bin/true:/sys/fs/cgroup/x/y", "/sys/fs/cgroup is the kernel's"),
    ("--add", "/bin/true:/bin", "/bin is a file"),
    ("--add", "/bin/true:/etc/passwd/x", "/etc/passwd is a file"),
    ("--add", "/bin/true:/a/../b", "no path"),
    ("--add", "/bin/true:/a/", "no path"),
    ("--add", "/bin/true:/" + "a" * 256, "too long"),
    ("--add", "/no/such/file", "no file"),
    ("--stdin", "/no/such/file", "/no/such/file"),
]


@pytest.mark.parametrize(("option", "word", "told"), BAD_OPTIONS, ids=[f"{o} {w[:20]}" for o, w, _ in BAD_OPTIONS])
def test_options_that_cannot_be(boot, option, word, told):
    result = boot(option, word, "--", "true")
    assert result.status == 2 and option in result.stderr, result.report()
    assert told in result.stderr and "Traceback" not in result.stderr, result.report()


SIZES = [
    # the least of each, one more than the least, and much of one where there is little of another
    ("--ram", "9M"),
    ("--ram", "9M", "--frames", "8"),
    ("--ram", "9M", "--swap", "4K"),
    ("--ram", "9M", "--swap", "64M", "--frames", "8"),
    ("--ram", "9437185"),
    ("--ram", "10M", "--frames", "8388608"),
    ("--ram", "64M", "--swap", "4097"),
    ("--ram", "64M", "--swap", "0"),
    ("--ram", "64M", "--swap", "1G"),
    ("--ram", "3G", "--swap", "512M"),
    ("--ram", "4G", "--frames", "9"),
    ("--ram", "64M", "--swap-latency", "10000000", "--image-latency", "0"),
    ("--ram", "64M", "--trace-size", "2M", "--trace", "TRACE"),
]


@pytest.mark.parametrize("words", SIZES, ids=" ".join)
def test_sizes_at_the_edge(boot, tmp_path, words):
    """It runs, or the kernel says which size will not do."""
    words = [str(tmp_path / "trace") if word == "TRACE" else word for word in words]
    result = boot(*words, "--", "one-fault")
    said = result.stderr.strip().splitlines()
    refused = result.status == 125 and said[-1].startswith("tools/boot: the kernel refused to go on")
    killed = result.status == 137 and "out of memory" in result.stderr
    assert result.status == 0 or refused or killed, result.report()
    assert "panic" not in result.stderr and "called from" not in result.stderr, result.report()


# What tools/boot is told, in lines of words: real ones, to be damaged.
BOOT_LINES = (
    "--ram 64M --frames 100 --policy clock --alloc equal -- one-fault",
    "--swap 64M --swap-latency 100 --image-latency 10 --param audit=1000 -- ls -l /bin",
    "--add /bin/true:/bin/yes --add /etc/passwd:/etc/p --stdin /etc/passwd -- cat",
    "--timeout 10 --deadline 5 --shift 3 --trace trace --trace-size 4M -- true",
    "--realtime --grub --timeout 9 --qemu-arg=-S -- sh -c exit",
    "--package lua5.4 --uefi --again --record DIR -- lua5.4",
)
BOOT_ODD = (
    *("--ram", "--frames", "--policy", "--swap", "--param", "--add", "--stdin", "--timeout", "--deadline", "--help"),
    *("/bin/true:", ":/bin/true", "/bin/true:/proc", "/bin/true:/dev/../x", "a=b", "job=0", "swap=1", "33G", "9M"),
)


def told_by_boot(tool: ModuleType, words: list[str]) -> tuple[object, str]:
    """Status and message of tools/boot up to where a machine would start; None: it would."""
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(said):
        try:
            args = tool.parse(words)
            tool.command_line(args)
            if not args.package:  # which would be looked for on the network
                tool.compose_image(args)
        except SystemExit as ended:
            return ended.code, said.getvalue()
    return None, said.getvalue()


def test_damaged_options(tmp_path, monkeypatch):
    """No boot: what tools/boot itself says of command lines, a message each."""
    monkeypatch.chdir(tmp_path)
    tool, told = script("boot"), Counter[object]()
    for words in mutate.command_lines(BOOT_LINES, COUNT, 13, (*mutate.ODD_WORDS, *BOOT_ODD)):
        status, message = told_by_boot(tool, words)
        assert status in (None, 0, 2) and (status is None or message), (ascii(words), status)
        told[status] += 1
    assert told[2] > COUNT // 4 and told[None] > 0, told


# Of those that are taken real boots get some: none may wait for somebody, or for the network.
WAITS = ("--gd", "--g", "--re", "--a", "--u", "--pac", "--q", "-S")


def test_damaged_options_in_real_boots(boot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tool, left = script("boot"), BOOTS
    for words in mutate.command_lines(BOOT_LINES[:4], COUNT, 14, (*mutate.ODD_WORDS, *BOOT_ODD)):
        if left == 0 or any(word.startswith(WAITS) and word != "--add" and word != "--alloc" for word in words):
            continue
        if told_by_boot(tool, words)[0] is not None or "--" not in words:
            continue
        left -= 1
        result = boot(*words)
        assert result.status < 124 or result.stderr.strip(), ascii(result.report())
        assert "Traceback" not in result.stderr and "panic" not in result.stderr, ascii(result.report())


KERNELS_WORD = [
    (("--swap", "4G"), "one piece"),
    (("--swap", "240M", "--ram", "9M"), "7 MiB must be free"),
    (("--swap", "1"), "less than a page"),
    (("--add", "/bin/true:/dev/null"), "/dev/null is another file"),
    (("--add", "/bin/true:/sys"), "/sys is no directory"),
    (("--param", "frames=7"), "at least 8"),
    (("--param", "policy=nobody"), "no such policy"),
    (("--param", "alloc=nobody"), "no such scheme"),
    (("--param", "load_control=nobody"), "working-set"),
    (("--param", "trace_area=2097152", "--param", "trace_size=2097152"), "in use"),
    (("--param", "x=" + "y" * 2000), "command line is too long"),
    (("--param", "policy=" + "y" * 200), "too long for a parameter"),
]


@pytest.mark.parametrize(("words", "told"), KERNELS_WORD, ids=[" ".join(w)[:40] for w, _ in KERNELS_WORD])
def test_what_the_kernel_refuses(boot, words, told):
    result = boot(*words, "--", "true")
    said = result.stderr.strip().splitlines()
    assert result.status == 125 and told in said[-2] and said[-2].endswith("; stopped"), result.report()
    assert said[-1] == "tools/boot: the kernel refused to go on; its last line says why"
    assert "panic" not in result.stderr and "called from" not in result.stderr


# --- command lines -------------------------------------------------------------------------------

COMMAND_LINE = (
    "job=1 image_latency=10 frames=2000 policy=clock swap=1048576 swap_latency=100 swap_fail_read=0 "
    "working_set_window=100 load_control=off prepaging=0 audit=100000 junk=1 alloc=global trace=0x0"
)


PARAMETERS_ODD = (
    *("frames=0", "frames=8", "frames=18446744073709551616", "policy=lru", "policy=", "alloc=priority", "swap=0"),
    *("swap=68719476736", "swap=4095", "trace=1", "trace_area=4096", "trace_size=1", "junk=2", "audit=0", "audit=1"),
    *("copy_sleep=1", "stack_junk=1", "load_control=fault-interval", "image_fail_read=1", "swap_fail_percent=101"),
)


def command_lines() -> list[bytes]:
    """Damaged ones. QEMU passes none with a NUL, nor the kernel's loader."""
    half = COUNT // 2
    damaged = [line.replace(b"\0", b"") for line in mutate.mutants(COMMAND_LINE.encode(), half, seed=6)]
    odd = mutate.command_lines([COMMAND_LINE], COUNT - half, 15, (*mutate.ODD_WORDS, *PARAMETERS_ODD))
    return [*damaged, *(" ".join(words).encode("utf-8", "surrogateescape") for words in odd)]


def test_command_lines(tmp_path):
    told = Counter(read_by("refuse_parameter", [COMMAND_LINE.encode(), *command_lines()], tmp_path))
    refused = [line for line in told if line != "taken"]
    assert all(re.fullmatch(r'parameter "[!-~]*": .+', line) for line in refused), refused
    assert len(refused) > COUNT // 5 and 0 < told["taken"] < COUNT // 2, told.most_common(5)


def bootable() -> list[cpio.Member]:
    """A small image that runs one program to its end."""
    members = [m for m in cpio.unpack((BUILD / "image.cpio").read_bytes()) if m.name in ("init", "bin/one-fault")]
    folders = [cpio.directory(name) for name in ("bin", "dev", "etc", "proc", "sys", "tmp")]
    return [*members, *folders, cpio.file("etc/job", b"/bin/one-fault\0"), cpio.file("etc/job.stdin", b"")]


def test_command_lines_in_real_boots(tmp_path):
    image, lines = cpio.pack(bootable()), command_lines()
    said = read_by("refuse_parameter", lines, tmp_path)
    for number in sorted(mutate.throw(7).sample(range(COUNT), BOOTS)):
        if said[number] == "taken" and b"job=1" not in lines[number].split():
            continue  # a shell, which is not there
        status, text = start(tmp_path, image, os.fsdecode(lines[number]))
        if said[number] == "taken" and status == QEMU_REFUSED:
            continue  # possible words, but not here: frames=5, policy=clokc
        check_end(status, text, said[number])


# --- program images ------------------------------------------------------------------------------


def odd_members(dice: random.Random) -> list[cpio.Member]:
    """Well-formed, and yet: names that lead up, round or into the kernel's own, kinds that clash."""
    names = ["", "/", ".", "..", "../..", "a", "./a", "a/..", "a/../b", "//a//b", "a/b/c"]
    names += ["proc/x", "proc", "sys", "dev"]
    names += ["sys/fs", "sys/fs/cgroup/x", "dev/null", "dev/shm", "tmp", "loop/x", "x" * 255, "x" * 256, "y/" * 2000]
    names += ["y/" * 2100, "a/b", "a/b/", "\n", "\xff"]
    kinds = [stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFBLK]
    kinds += [stat.S_IFSOCK, 0, 0xF000]
    datas = [b"", b"a", b"/", b"..", b"loop", b"proc", b"/dev/", b"x" * 5000, b"a\0b"]
    members = [cpio.symlink("loop", "loop")] if dice.randrange(2) else []
    for _ in range(dice.randint(1, 6)):
        name, mode = dice.choice(names), dice.choice(kinds) | dice.randrange(0o10000)
        members.append(cpio.Member(name, mode, dice.choice(datas)))
    return members


def fields_of(image: bytes) -> list[Field]:
    """The numbers in its headers."""
    at, found = 0, []
    while image[at : at + 6] == b"070701":
        found += [Field(at + start, 8, digits=True) for start in range(6, cpio.HEADER, 8)]
        size, name_size = (int(image[at + start : at + start + 8], 16) for start in (54, 94))
        at += cpio.HEADER + name_size
        at += -at % 4 + size
        at += -at % 4
    return found


def images() -> list[bytes]:
    """Half of them damaged, half of them odd."""
    good, dice = cpio.pack(bootable()), mutate.throw(8)
    damaged = mutate.mutants(good, COUNT // 2, seed=9, within=1200, fields=fields_of(good))
    return [*damaged, *(cpio.pack([*bootable(), *odd_members(dice)]) for _ in range(COUNT // 2))]


def test_images(tmp_path):
    told = Counter(read_by("refuse_image", [cpio.pack(bootable()), *images()], tmp_path))
    refused = [line for line in told if line != "taken"]
    assert all(line.startswith("program image: ") for line in refused), refused
    assert len(refused) > COUNT // 20 and 0 < told["taken"] < COUNT * 3 // 4, told.most_common(5)


def test_images_in_real_boots(tmp_path):
    """What the reader takes may still lack an /init that can run, or have other things in /dev."""
    all_images = images()
    said = read_by("refuse_image", all_images, tmp_path)
    init = next(member.data for member in bootable() if member.name == "init")
    for number in sorted(mutate.throw(10).sample(range(COUNT), BOOTS)):
        if said[number] == "taken" and init not in all_images[number]:
            continue  # damaged code does anything, for ever too
        status, text = start(tmp_path, all_images[number], "job=1")
        if said[number] == "taken" and status == QEMU_REFUSED:
            assert "init" in text.splitlines()[-1] or "/dev/" in text.splitlines()[-1], text
            continue
        check_end(status, text, said[number])


def test_an_image_whose_data_lies_anywhere(tmp_path, monkeypatch):
    """Other tools do not align it: then a page of a file is parts of two pages of the disk."""
    image = cpio.pack(bootable())
    monkeypatch.setattr(cpio, "PAGE", 4)
    loose = cpio.pack(bootable())
    assert len(loose) < len(image)
    status, text = start(tmp_path, loose, "job=1")
    assert status == QEMU_NORMAL, text


def test_a_deep_image(tmp_path):
    """Each member's parents are gone through once, not each from the root again."""
    depths = [cpio.directory("d/" * depth) for depth in range(2, 1500, 7)]
    status, text = start(tmp_path, cpio.pack([*bootable(), *depths]), "job=1")
    assert status == QEMU_NORMAL, text
    assert int(find(r"init starts at (\d+) ns", text)[1]) < 5e9, text


def test_a_refusal_commands_no_terminal(tmp_path):
    """The name that it tells may have any byte in it."""
    image = cpio.pack([*bootable(), cpio.file("proc/a\x1b[2J\nb\u0663", b"")])
    status, text = start(tmp_path, image, "job=1")
    check_end(status, text, "refused")
    assert "/proc/a?[2J?b?? is in it" in text, text


def test_a_timeout_longer_than_the_host_waits(boot):
    assert boot("--timeout", "1e9", "--", "true").status == 0


def test_sizes_in_words():
    assert [ranges.size_words(n) for n in (0, 1, 4096, 9 << 20, 32 << 30)] == ["0", "1", "4K", "9M", "32G"]
