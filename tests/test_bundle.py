"""`make bundle`: the same bytes twice, and from a clone elsewhere; and it runs where only QEMU and Python are.

The bundle is unpacked in a folder, and its commands get a PATH of few links, and no network."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from site_once import the_site
from support import LAST_RESORT, LONG, ROOT, WITHOUT_NETWORK, is_turn
from test_chapter import BLOCK, missing
from test_terminal import Terminal

PROGRAMS = ("qemu-system-x86_64", "python3")
COREUTILS = ("cat", "env", "ls", "sh", "sha256sum")


def make_bundle(file: Path, tree: Path = ROOT) -> Path:
    """As `make bundle` does, from what is built; without a network, but for the charts' set-up. This tree's site
    is the one that test_docs.py looks at, and makes twice."""
    subprocess.run([tree / "tools/setup", "charts"], check=True, stdout=subprocess.DEVNULL)
    words = ["make", "-s", "--no-print-directory", "build/bundle/faultline.elf"]
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "BUILD", "DEBUG")}
    subprocess.run(words, cwd=tree, check=True, env=environment)
    if tree == ROOT:
        shutil.rmtree(tree / "build/docs", ignore_errors=True)
        shutil.copytree(the_site(), tree / "build/docs")
    else:
        run_alone(environment, tree / "tools/site", tree / "build/docs")
    run_alone(environment, tree / "tools/bundle", file)
    return file


def run_alone(environment: dict[str, str], tool: Path, output: Path) -> None:
    """Where there is no network."""
    words = [*WITHOUT_NETWORK, str(tool), "-o", str(output)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle") / "bundle.tar.gz")


@pytest.fixture(scope="module")
def unpacked(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    with tarfile.open(bundle) as archive:
        archive.extractall(folder)
    return next(folder.iterdir())


def with_only(folder: Path, *programs: str) -> list[str]:
    """Words before a command: nothing but those and a few of coreutils on the PATH, no network."""
    folder.mkdir()
    for name in (*programs, *COREUTILS):
        program = "/usr/bin/python3" if name == "python3" else shutil.which(name)
        assert program, name
        (folder / name).symlink_to(program)
    return [*WITHOUT_NETWORK, "env", "-i", f"PATH={folder}", "TERM=xterm"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """QEMU and Python."""
    return with_only(tmp_path_factory.mktemp("path") / "alone", *PROGRAMS)


def run(alone: list[str], folder: Path, command: str) -> str:
    ended = subprocess.run(
        [*alone, "sh", "-c", command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LAST_RESORT,
        check=False,
    )
    assert ended.returncode == 0, f"$ {command}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
    return ended.stdout


@pytest.mark.skipif(not is_turn(3, after=2), reason="all of it once more: at every third commit")
def test_twice_the_same(bundle: Path, tmp_path: Path):
    assert make_bundle(tmp_path / "again.tar.gz").read_bytes() == bundle.read_bytes()


@pytest.mark.skipif(not LONG, reason="builds everything again: make test-long")
def test_the_same_from_a_clone(bundle: Path, tmp_path: Path):
    """In another folder, with a name of another length: nothing of where it was built is in it."""
    clone = tmp_path / "some-other-place"
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listing.stdout.splitlines():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "BUILD", "DEBUG")}
    subprocess.run(["make", "-s", "-j2", "kernel", "image"], cwd=clone, check=True, env=environment)
    assert make_bundle(tmp_path / "clone.tar.gz", clone).read_bytes() == bundle.read_bytes()


def test_nothing_tells_where_it_was_built(unpacked: Path):
    here = str(ROOT).encode() + b"/"
    assert [path for path in unpacked.rglob("*") if path.is_file() and here in path.read_bytes()] == []


def test_the_sums_are_of_every_file(unpacked: Path):
    lines = [line.split("  ") for line in (unpacked / "SHA256SUMS").read_text("utf-8").splitlines()]
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert {name for _, name in lines} >= names - {"SHA256SUMS", "run.trace", "run.html"}
    assert all(hashlib.sha256((unpacked / name).read_bytes()).hexdigest() == sum_ for sum_, name in lines)


def test_third_parties_are_named(unpacked: Path):
    text = (unpacked / "THIRD-PARTY.txt").read_text("utf-8")
    for name in ("busybox-static", "grub-pc-bin", "musl", "uPlot", "d3", "furo"):
        assert re.search(rf"^{name}\S* .*\n    .*\n    \S+.*\n    https://", text, re.MULTILINE), name


@pytest.mark.parametrize("n", range(2))
def test_its_readme(unpacked: Path, alone: list[str], n: int):
    """The console blocks of its README, in order; python3 stands for the tools' first line."""
    text = (unpacked / "README.md").read_text("utf-8")
    found = BLOCK.findall(text)
    assert len(found) == 2
    varies, body = found[n]
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines()
        said = run(alone, unpacked, f"python3 -B {command}")
        lacks = missing(lines, said, bool(varies))
        assert lacks is None, f"$ {command}\nshould say: {lacks}\nsays:\n{said}"


def test_the_cd(unpacked: Path, alone: list[str]):
    """The first session's machine: GRUB, a shell, a swap area, the first fault told."""
    command = "cd $0 && exec python3 -B tools/boot --grub --realtime --cpus 2 --swap 64M --swap-latency 1000"
    with Terminal(*alone, "sh", "-c", command, str(unpacked)) as terminal:
        terminal.prompt()
        terminal.type("free | grep -c 'Swap: *65536'; faults one-fault\r")
        terminal.expect(r"\n1\r*\n")
        terminal.expect(r"4  in all, 2 of them major")
        terminal.prompt()
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0


def test_gdb(unpacked: Path, tmp_path: Path):
    """On the bundle's machine, with its sources; and backwards, in a run that is recorded."""
    debugger = with_only(tmp_path / "path", *PROGRAMS, "gdb", "qemu-img")
    looking = "vm step;vm why;vm audit;list;break fault_install;continue;bt"
    said = run(debugger, unpacked, gdb_words("demo-cow", looking))
    assert "step 1 of 6, region" in said and "all invariants hold" in said
    assert "served = fault_steps(&fault)" in said  # mm/demand_paging/fault.c, as it lies in the bundle
    innermost = r"#0 +(?:0x\w+ in )?fault_install .* at mm/demand_paging/fault\.c:\d+\n"
    assert re.search(innermost + r"(?s:.*)<signal handler called>(?s:.*) main \(", said)
    run(debugger, unpacked, f"python3 -B tools/boot --record {tmp_path}/run -- demo-cow")
    looking = "delete;tbreak demo_end;continue;vm last-write region size=1"
    said = run(debugger, unpacked, gdb_words(f"--replay {tmp_path}/run", looking))
    assert re.search(r"instructions back, demo-cow .*write_counted", said)


def gdb_words(debug_words: str, commands: str) -> str:
    """tools/debug of the bundle, and what GDB is asked."""
    asked = " ".join(f"-ex '{command}'" for command in commands.split(";"))
    return f"python3 -B tools/debug {debug_words} -- -batch {asked}"


@pytest.mark.parametrize("command, there, told", [
    ("tools/debug demo-cow", PROGRAMS, "gdb is missing (Debian, Ubuntu: gdb; "),
    ("tools/boot --record run -- true", PROGRAMS, "qemu-img is missing (Debian, Ubuntu: qemu-utils; "),
    ("tools/boot -- true", PROGRAMS[1:], "qemu-system-x86_64 is missing (Debian, Ubuntu: qemu-system-x86; "),
])  # fmt: skip
def test_what_is_missing_is_said(unpacked: Path, tmp_path: Path, command: str, there: tuple[str, ...], told: str):
    """Not how to install it in the tree; and no compiler is asked for."""
    words = [*with_only(tmp_path / "path", *there), "sh", "-c", f"python3 -B {command}"]
    ended = subprocess.run(words, cwd=unpacked, capture_output=True, text=True, check=False)
    assert ended.returncode != 0 and told in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("words, told", [
    (("--grub", "--", "true"), "a bundle's CD has one image"),
    (("--uefi", "--", "true"), "a bundle's CD is for machines with a BIOS"),
])  # fmt: skip
def test_what_a_bundle_cannot_is_said(unpacked: Path, alone: list[str], words: tuple[str, ...], told: str):
    command = [*alone, "python3", "-B", "tools/boot", *words]
    ended = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=False)
    assert ended.returncode != 0 and told in ended.stderr
