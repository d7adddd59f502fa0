"""What a machine is given and cannot use: processors, options, command lines, program images.

Each is refused in one line that names it, with status 125 by the kernel and 2 by tools/boot; never
by a panic, a traceback, or a machine that says nothing. The kernel's own readers get a thousand
damaged inputs each on this machine, under ASan (tests/host/refuse.h); real boots get some of them,
and all with FAULTLINE_LONG=1.
"""

from __future__ import annotations

import os
import random
import re
import stat
import subprocess
from collections import Counter
from pathlib import Path

import mutate
import pytest
from support import BUILD, LONG, find

from faultline import cpio, ranges
from faultline.machine import Machine
from faultline.run import QEMU_NORMAL, QEMU_REFUSED, die_with_parent

COUNT = 1000
BOOTS = COUNT if LONG else 20
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
        preexec_fn=die_with_parent,
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


@pytest.mark.parametrize("feature", FEATURES)
def test_processor_without(boot, feature):
    """Whatever every x86-64 has. The machine says so before it runs anything that wants it."""
    result = boot("--qemu-arg=-cpu", f"--qemu-arg=qemu64,-{feature}", "--", "true")
    name = {"lm": "long mode", "fpu": "floating point"}.get(feature, feature.upper())
    lacks = re.search(r"this processor lacks (.*?);.*qemu64.*stopped", result.stderr)
    assert result.status == 125 and lacks and name.lower() in lacks[1].lower(), result.report()


# --- options -------------------------------------------------------------------------------------

BAD_OPTIONS = [
    ("--ram", "0", "9M to 32G"),
    ("--ram", "33G", "9M to 32G"),
    ("--ram", "1e9", "9M to 32G"),
    ("--ram", "M", "9M to 32G"),
    ("--ram", "9" * 5000, "9M to 32G"),
    ("--swap", "4T", "0 to 32G"),
    ("--frames", "1", "8 to 8388608"),
    ("--frames", "0x10", "8 to 8388608"),
    ("--swap-latency", "10000001", "0 to 10000000"),
    ("--image-latency", "1.5", "0 to 10000000"),
    ("--trace-size", "1M", "2M to 256G"),
    ("--shift", "11", "0 to 10"),
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


def command_lines() -> list[bytes]:
    """Damaged ones. QEMU passes none with a NUL, nor the kernel's loader."""
    return [line.replace(b"\0", b"") for line in mutate.mutants(COMMAND_LINE.encode(), COUNT, seed=6)]


def test_command_lines(tmp_path):
    told = Counter(read_by("refuse_parameter", [COMMAND_LINE.encode(), *command_lines()], tmp_path))
    refused = [line for line in told if line != "taken"]
    assert all(re.fullmatch(r'parameter "[!-~]*": .+', line) for line in refused), refused
    assert len(refused) > 300 and 0 < told["taken"] < COUNT // 2, told.most_common(5)


def bootable() -> list[cpio.Member]:
    """A small image that runs one program to its end."""
    members = [m for m in cpio.unpack((BUILD / "image.cpio").read_bytes()) if m.name in ("init", "bin/one-fault")]
    folders = [cpio.directory(name) for name in ("bin", "dev", "etc", "proc", "sys", "tmp")]
    return [*members, *folders, cpio.file("etc/job", b"/bin/one-fault\0"), cpio.file("etc/job.stdin", b"")]


def test_command_lines_in_real_boots(tmp_path):
    image, lines = cpio.pack(bootable()), command_lines()
    said = read_by("refuse_parameter", lines, tmp_path)
    for number in sorted(random.Random(7).sample(range(COUNT), BOOTS)):
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


def images() -> list[bytes]:
    """Half of them damaged, half of them odd."""
    good, dice = cpio.pack(bootable()), random.Random(8)
    damaged = mutate.mutants(good, COUNT // 2, seed=9, within=1200)
    return [*damaged, *(cpio.pack([*bootable(), *odd_members(dice)]) for _ in range(COUNT // 2))]


def test_images(tmp_path):
    told = Counter(read_by("refuse_image", [cpio.pack(bootable()), *images()], tmp_path))
    refused = [line for line in told if line != "taken"]
    assert all(line.startswith("program image: ") for line in refused), refused
    assert len(refused) > 100 and 0 < told["taken"] < COUNT * 3 // 4, told.most_common(5)


def test_images_in_real_boots(tmp_path):
    """What the reader takes may still lack an /init that can run, or have other things in /dev."""
    all_images = images()
    said = read_by("refuse_image", all_images, tmp_path)
    init = next(member.data for member in bootable() if member.name == "init")
    for number in sorted(random.Random(10).sample(range(COUNT), BOOTS)):
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
