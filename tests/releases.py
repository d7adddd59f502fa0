#!/usr/bin/python3
"""A newcomer's first minutes on a fresh Debian: the README's lines, typed word for word.

  tests/releases.py                      Debian 12 and 13, as root (debootstrap wants that)
  tests/releases.py --release trixie     one of them
  tests/releases.py --part without-sudo  one part: with-sudo, without-sudo, bundle, labs
  tests/releases.py --run 'make test'    other words, in the clone, after the README's lines
  tests/releases.py --arm                a lab's starter, built on ARM (emulated: some ten minutes)

A root of the release is made once, in /var/tmp, and the packages that its front doors want are fetched
once, into a folder beside it; each run has a copy of the root. The lines are typed at a terminal by an
ordinary user.

with-sudo     The README's lines, typed word for word. What comes back is watched: how long it takes, and
              how long the longest silence is.
without-sudo  Somebody has installed what "run" wants, out of the folder, and there is no network: then run,
              view, and what says which package it lacks; that one installed, it works, too.
bundle        Only QEMU and Python were installed, and there is no network: the archive of `make bundle`, made
              here, is unpacked, and the first lines of its README and its machine at the terminal work.
labs          Only clang, lld, QEMU and Python were installed, and there is no network: each lab's starter, made here,
              is built and tested, as it is and with the solution in it; the reports are the same, letter by letter,
              as this machine's.
"""

from __future__ import annotations

import argparse
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from labbing import bodies, compilers, description, starter  # noqa: E402

FOLDER = Path(os.environ.get("FAULTLINE_RELEASES", "/var/tmp/faultline-releases"))
RELEASES = ("bookworm", "trixie")
LIMIT, SILENCE = 300, 3.0  # seconds: all of it, and without a word
PATIENCE = 3600  # seconds until a line that does not end is given up
PROMPT = re.compile(r"student\$ $")
MACHINE = re.compile(r"[~/]\S* # (\x1b\[6n)?$|^faultline# (\x1b\[6n)?$", re.MULTILINE)
EITHER = re.compile(f"{PROMPT.pattern}|{MACHINE.pattern}", re.MULTILINE)
PURPOSES = ("run", "gdb", "record", "race", "docs", "charts", "figures")  # whose packages are fetched
# What the run in the root does before somebody is there: devices and /proc of its own.
ENTER = """
set -e
mount -t proc proc {root}/proc
mount -t tmpfs tmpfs {root}/tmp -o mode=1777
mount --rbind /dev {root}/dev
mkdir -p {root}/packages
mount --bind {packages} {root}/packages
exec chroot {who} {root} env -i HOME={home} TERM=xterm \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin {environment} {command}
"""
PACKAGES = "FAULTLINE_PACKAGES=/packages"
STUDENT = {"who": "--userspec=student:student", "home": "/home/student"}
CLONE = f"{STUDENT['home']}/faultline"
SHELL = """sh -c 'cd && PS1="student\\$ " exec bash --norc --noprofile'"""
FETCH = """
options="-o Dir::State::lists=/tmp/lists -o Dir::Cache::archives=/packages -o Dir::Cache::pkgcache= \
    -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root"
mkdir -p /tmp/lists/partial /packages/partial
apt-get $options -qq update
apt-get $options -qq -y --no-install-recommends $ONLY install $NAMES
"""


def mirror() -> str:
    """Where this machine's Debian comes from; the other releases are there too."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Component: main"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    usual = [place for place in found if "security" not in place]
    return usual[0] if usual else sys.exit("tests/releases.py: no source of Debian's packages here (apt-get update?)")


def base(release: str) -> Path:
    """A minimal root with a user who has sudo; made once."""
    root = FOLDER / release
    if not (root / "done").exists():
        shutil.rmtree(root, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["debootstrap", "--variant=minbase", "--include=sudo,ca-certificates", release, str(root), mirror()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        chroot = ["chroot", str(root), "sh", "-c"]
        subprocess.run([*chroot, "useradd -m -s /bin/bash student"], check=True)
        rules = "student ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += FAULTLINE_PACKAGES\n"
        (root / "etc/sudoers.d/student").write_text(rules)
        for conf in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(conf, root / "etc/apt/apt.conf.d")
        (root / "done").touch()
    return root


def within(root: Path, folder: Path, command: str, network: bool = True, **how: str) -> list[str]:
    """The words that start a command in the root: as its root, or with STUDENT."""
    how = {"who": "", "home": "/root", "environment": "", **how}
    script = ENTER.format(root=root, packages=folder, command=command, **how)
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return [*words, *([] if network else ["--net"]), "sh", "-c", script]


def packages(release: str) -> Path:
    """The folder of packages that this release's front doors want; fetched once, and again for other needs."""
    folder = FOLDER / f"{release}-packages"
    folder.mkdir(exist_ok=True)
    lines = [line.split() for line in (ROOT / "tools/needs.txt").read_text("utf-8").splitlines()]
    names = " ".join(sorted({line[2] for line in lines if line and line[0] in PURPOSES} | {"git", "ca-certificates"}))
    fetched = folder / "fetched"
    if not fetched.exists() or fetched.read_text("utf-8") != names:
        words = within(base(release), folder, f"sh -ec '{FETCH}'", environment=f"NAMES='{names}' ONLY=--download-only")
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        fetched.write_text(names, "utf-8")
    return folder


def solution(lab: description.Lab, file: str) -> str:
    """The tree's own; where that is a template, of a right one that needs nothing else of the tree."""
    if not lab.template:
        return (ROOT / file).read_text("utf-8")
    name = min(starter.parts_of_holes(ROOT, lab))
    given = next(each for each in lab.solutions("right") if each.name == name)
    return bodies.overlay(ROOT, given)[file]


@dataclass
class Newcomer:
    """Somebody at a terminal of that root."""

    release: str
    part: str
    text: str = ""
    seen: int = 0
    silences: list[tuple[float, str]] = field(default_factory=list)

    def __enter__(self) -> Newcomer:
        self.root = FOLDER / f"{self.release}-run-{os.getpid()}"
        subprocess.run(["cp", "-a", "--reflink=auto", str(base(self.release)), str(self.root)], check=True)
        subprocess.run(["git", "clone", "-q", "--bare", str(ROOT), str(self.root / "repository")], check=True)
        if self.part == "without-sudo":
            self.provide("run")
        if self.part == "bundle":
            self.unpack()
        if self.part == "labs":
            self.hand_out()
        subprocess.run(["chroot", str(self.root), "chown", "-R", "student", "/repository", STUDENT["home"]], check=True)
        network = self.part == "with-sudo"
        words = within(self.root, packages(self.release), SHELL, network, environment=PACKAGES, **STUDENT)
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execvp(words[0], words)
        self.process = pid
        self.wait(PROMPT)
        return self

    def provide(self, *purposes: str) -> None:
        """What whoever runs the machine does for those without sudo: out of the folder, with no network."""
        clone = self.root / CLONE.lstrip("/")
        if not clone.exists():
            subprocess.run(["git", "clone", "-q", str(self.root / "repository"), str(clone)], check=True)
            (self.root / "usr/bin/sudo").unlink()
        command = f"{CLONE}/tools/setup {' '.join(purposes)}"
        words = within(self.root, packages(self.release), command, network=False, environment=PACKAGES)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    def install(self, names: str) -> None:
        """These packages, and what they depend on."""
        names = f"NAMES='{names}' ONLY= DEBIAN_FRONTEND=noninteractive"
        words = within(self.root, packages(self.release), f"sh -ec '{FETCH}'", environment=names)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    def hand_out(self) -> None:
        """A starter of each lab, where nothing but what a student needs is."""
        self.install("clang lld qemu-system-x86 python3")
        for lab in description.every(ROOT):
            place = self.root / STUDENT["home"].lstrip("/") / lab.name
            starter.make(ROOT, lab, "1", compilers.words_of_makefile(ROOT), {}, place, lambda line: None)
            for file in lab.submit:
                solved = place / "solved" / file
                solved.parent.mkdir(parents=True, exist_ok=True)
                solved.write_text(solution(lab, file), "utf-8")

    def unpack(self) -> None:
        """The bundle, where nothing but what runs it is."""
        self.install("qemu-system-x86 python3")
        nowhere = subprocess.DEVNULL
        subprocess.run(["make", "-s", "bundle"], cwd=ROOT, check=True, stdout=nowhere, stderr=nowhere)
        archive = max((ROOT / "build").glob("faultline-*.tar.gz"), key=lambda path: path.stat().st_mtime)
        shutil.copy(archive, self.root / STUDENT["home"].lstrip("/") / "bundle.tar.gz")

    def __exit__(self, *_: object) -> None:
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)
        subprocess.run(["rm", "-rf", "--one-file-system", str(self.root)], check=False)

    def wait(self, pattern: re.Pattern[str]) -> str:
        """Until it comes, after what was seen before; silences are noted."""
        last, end = time.monotonic(), time.monotonic() + PATIENCE
        while not pattern.search(self.text, self.seen):
            if select.select([self.terminal], [], [], 1.0)[0]:
                now = time.monotonic()
                self.silences.append((now - last, self.text[-60:]))
                last = now
                self.text += os.read(self.terminal, 65536).decode("utf-8", "replace")
            if time.monotonic() > end:
                raise TimeoutError(self.text[-2000:])
        answer = self.text[self.seen :]
        self.seen = len(self.text)
        return answer

    def type(self, line: str, pattern: re.Pattern[str] = PROMPT) -> str:
        os.write(self.terminal, f"{line}\n".encode())
        return self.wait(pattern)


def first_lines() -> list[str]:
    """The README's first lines to type: the block below "Two commands"."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.compile(r"^## Two commands$.*?((?:^    \S[^\n]*\n)(?:^    \S[^\n]*\n|^\n)*)", re.MULTILINE | re.DOTALL)
    found = block.search(text)
    assert found, "README.md has no block of commands"
    lines = [line.partition("#")[0].strip() for line in found.group(1).splitlines() if line]
    return [re.sub(r"git clone \S+", "git clone -q /repository", line) for line in lines if line != "make test"]


def first_fault(someone: Newcomer) -> None:
    """From nothing to the first fault, as the README says it."""
    begin = time.monotonic()
    for line in first_lines():
        if line == "make run":
            someone.silences.clear()  # those before are apt-get's and git's
        said = someone.type(line, EITHER)
        assert PROMPT.search(said) is None or line != "make run", said
    told = someone.type("faults one-fault", MACHINE)
    seconds = time.monotonic() - begin
    someone.type("poweroff")
    assert "4  in all" in told.replace("\r", ""), told
    silence, where = max(someone.silences)
    crowding = max(1.0, os.getloadavg()[1] / len(os.sched_getaffinity(0)))  # the limits are for an idle machine
    print(f"{someone.release}: {seconds:.0f} s to the first fault; longest silence {silence:.1f} s, after {where!r}")
    assert seconds <= LIMIT * crowding and silence <= SILENCE * crowding


def told_to_install(someone: Newcomer, line: str, package: str) -> None:
    """This door lacks a package here, and says which."""
    said = someone.type(f"{line}; echo status $?").replace("\r", "")
    assert re.search(rf"apt-get install --no-install-recommends {re.escape(package)} ?$", said, re.MULTILINE), said
    assert "Traceback" not in said and "status 0" not in said, said


def works(someone: Newcomer, line: str, says: str) -> None:
    said = someone.type(f"{line}; echo status $?").replace("\r", "")
    assert re.search(says, said) and said.rstrip().splitlines()[-2:-1] == ["status 0"], said


def without_sudo(someone: Newcomer) -> None:
    """With what "run" wants, and then with what the others say that they want."""
    someone.type("cd faultline")
    someone.type("make run", MACHINE)
    assert "4  in all" in someone.type("faults one-fault", MACHINE)
    someone.type("poweroff")
    works(someone, "tools/boot -- echo hello", "hello")
    works(someone, "tools/witness one-fault", r"execute +0x401000  absent (?s:.*)frames behind")
    works(someone, "make view PROGRAM=one-fault", f"file://{CLONE}/build/view/one-fault.html")
    told_to_install(someone, "make gdb", "gdb")
    told_to_install(someone, "tools/race --policy mine --workload zipf --frames 64", "g++")
    told_to_install(someone, "tools/policysim 1 2 3", "g++")
    told_to_install(someone, "make record", "gdb qemu-utils")
    someone.provide("gdb", "race", "record", "docs")
    works(someone, "make gdb GDB_ARGS=-batch", "kernel_main")
    works(someone, "tools/race --policy mine --workload zipf --frames 64", "OPT")
    works(someone, "tools/policysim 1 2 3", "3")
    works(someone, "make record && make replay GDB_ARGS=-batch", "is recorded")
    works(someone, "make docs", "index.html")
    print(f"{someone.release}: without sudo and network, the front doors work or say which package they lack")


def bundle(someone: Newcomer) -> None:
    """The console blocks of its README, and then its machine as `make run` starts it."""
    someone.type("tar xzf bundle.tar.gz && cd faultline-*")
    works(someone, "sha256sum --quiet -c SHA256SUMS && tools/boot -- faults one-fault", "4  in all")
    page = "tools/boot --trace run.trace -- one-fault && tools/trace view run.trace > run.html && ls run.html"
    works(someone, page, "run.html")
    works(someone, "! command -v make gcc nasm gdb && echo none", "none")
    someone.type("tools/boot --grub --realtime --cpus 2 --swap 64M --swap-latency 1000", MACHINE)
    assert "4  in all" in someone.type("faults one-fault", MACHINE)
    someone.type("poweroff")
    print(f"{someone.release}: the bundle runs where only QEMU and Python are")


def report_of(place: Path) -> str:
    """A starter's public tests, here."""
    done = subprocess.run([place / "tools/lab", "test"], capture_output=True, text=True, check=False)
    return done.stdout


def labs(someone: Newcomer) -> None:
    """What a student is told there, he is told here."""
    with tempfile.TemporaryDirectory(prefix="faultline-labs-") as folder:
        for lab in description.every(ROOT):
            there, here = someone.root / STUDENT["home"].lstrip("/") / lab.name, Path(folder) / lab.name
            shutil.copytree(there, here)
            for kind in ("as it is", "solved"):
                if kind == "solved":
                    shutil.copytree(here / "solved", here, dirs_exist_ok=True)
                    someone.type(f"cp -r ~/{lab.name}/solved/. ~/{lab.name}/")
                someone.type(f"cd ~/{lab.name} && tools/lab test > report")
                said, due = (there / "report").read_text("utf-8"), report_of(here)
                assert said == due, f"{lab.name}, {kind}: there\n{said}\nhere\n{due}"
                assert ("FAILED" in due) == (kind != "solved"), due
    print(f"{someone.release}: labs' reports are this machine's, where only clang, lld, QEMU and Python are")


PARTS = {"with-sudo": first_fault, "without-sudo": without_sudo, "bundle": bundle, "labs": labs}


# --- on ARM ---

ARM_PACKAGES = "clang,lld,python3"
SECTIONS = (".text", ".rodata", ".data")


def arm_root() -> Path:
    """Debian 12's for ARM, unpacked and no more: what a build needs runs so. Made once."""
    root = FOLDER / "arm64"
    if not (root / "done").exists():
        shutil.rmtree(root, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        kind = ["--foreign", "--arch=arm64", "--variant=minbase", f"--include={ARM_PACKAGES}"]
        subprocess.run(["debootstrap", *kind, RELEASES[0], str(root), mirror()], check=True, stdout=subprocess.DEVNULL)
        for package in (root / "var/cache/apt/archives").glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        (root / "done").touch()
    return root


def code_of(kernel: Path) -> list[bytes]:
    """What the machine is given of it: no names, and no paths."""
    found = []
    with tempfile.NamedTemporaryFile() as out:
        for section in SECTIONS:
            words = ["objcopy", "-O", "binary", f"--only-section={section}", str(kernel), out.name]
            subprocess.run(words, check=True)
            found.append(Path(out.name).read_bytes())
    return found


def on_arm() -> None:
    """A starter's kernel as clang for ARM makes it, and as clang makes it here: the same, byte for byte."""
    root, lab = arm_root(), description.find(ROOT, "4")
    runs = subprocess.run(["chroot", root, "uname", "-m"], capture_output=True, text=True, check=False)
    if runs.stdout.strip() != "aarch64":
        sys.exit("tests/releases.py: no program for ARM runs here (apt-get install qemu-user-static)")
    with tempfile.TemporaryDirectory(prefix="faultline-arm-") as folder:
        there, here = root / "starter", Path(folder) / "starter"
        shutil.rmtree(there, ignore_errors=True)
        starter.make(ROOT, lab, "1", compilers.words_of_makefile(ROOT), {}, there, lambda line: None)
        shutil.copytree(there, here)
        script = f"mount --rbind /dev {root}/dev; mount -t proc proc {root}/proc; "
        build = "cd /starter && tools/lab --compiler clang build"
        words = ["unshare", "--mount", "sh", "-ec", f"{script} exec chroot {root} sh -c '{build}'"]
        subprocess.run(words, check=True)
        subprocess.run([here / "tools/lab", "--compiler", "clang", "build"], check=True)
        assert code_of(there / "build/faultline.elf") == code_of(here / "build/faultline.elf")
        shutil.rmtree(there)
    print("arm64: the kernel that clang makes there is the one that it makes here")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", choices=RELEASES, action="append")
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--arm", action="store_true", help="only that")
    parser.add_argument("--run", metavar="LINE", action="append", help="then these, in the clone; repeatable")
    args = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("tests/releases.py: wants to be root, and debootstrap (apt-get install debootstrap)")
    if args.arm:
        return on_arm()
    for release in args.release or RELEASES:
        for part in args.part or PARTS:
            with Newcomer(release, part) as someone:
                PARTS[part](someone)
                for line in args.run or ():
                    print(someone.type(line))


if __name__ == "__main__":
    main()
