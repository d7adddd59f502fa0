#!/usr/bin/python3
"""A newcomer's first minutes on a fresh Debian: the README's lines, typed word for word.

  tests/releases.py                      Debian 12 and 13, as root (debootstrap wants that)
  tests/releases.py --release trixie     one of them
  tests/releases.py --run 'make test'    other words than the README's, in the same root

A root of the release is made once, in /var/tmp; each run has a copy of its own. Where packages lie
beside it, in RELEASE-packages, they come from there, and the network is not measured. The lines are typed at
a terminal by an ordinary user, and what comes back is watched: how long it takes, and how long the
longest silence is.
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
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("FAULTLINE_RELEASES", "/var/tmp/faultline-releases"))
RELEASES = ("bookworm", "trixie")
LIMIT, SILENCE = 300, 3.0  # seconds: all of it, and without a word
PATIENCE = 3600  # seconds until a line that does not end is given up
PROMPT = re.compile(r"student\$ $")
MACHINE = re.compile(r"[~/]\S* # (\x1b\[6n)?$|^faultline# (\x1b\[6n)?$", re.MULTILINE)
EITHER = re.compile(f"{PROMPT.pattern}|{MACHINE.pattern}", re.MULTILINE)
# What the run in the root does before the user is there: devices and /proc of its own.
ENTER = """
set -e
mount -t proc proc {root}/proc
mount -t tmpfs tmpfs {root}/tmp -o mode=1777
mount --rbind /dev {root}/dev
mkdir -p {root}/packages
mount --bind {packages} {root}/packages
exec chroot --userspec=student:student {root} env -i HOME=/home/student USER=student TERM=xterm \
    PATH=/usr/local/bin:/usr/bin:/bin {environment} sh -c 'cd && PS1="student\$ " exec bash --norc --noprofile'
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
        (root / "etc/sudoers.d/student").write_text("student ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += FAULTLINE_PACKAGES\n")
        for conf in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(conf, root / "etc/apt/apt.conf.d")
        (root / "done").touch()
    return root


def packages(release: str) -> Path:
    """The folder of packages that this release's set-up wants."""
    folder = FOLDER / f"{release}-packages"
    folder.mkdir(exist_ok=True)
    return folder


@dataclass
class Newcomer:
    """Somebody at a terminal of that root."""

    release: str
    environment: str = ""
    text: str = ""
    seen: int = 0
    silences: list[tuple[float, str]] = field(default_factory=list)

    def __enter__(self) -> Newcomer:
        self.root = FOLDER / f"{self.release}-run-{os.getpid()}"
        subprocess.run(["cp", "-a", "--reflink=auto", str(base(self.release)), str(self.root)], check=True)
        subprocess.run(["git", "clone", "-q", "--bare", str(ROOT), str(self.root / "repository")], check=True)
        subprocess.run(["chroot", str(self.root), "chown", "-R", "student", "/repository"], check=True)
        script = ENTER.format(root=self.root, packages=packages(self.release), environment=self.environment)
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script])
        self.process = pid
        self.wait(PROMPT)
        return self

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
    block = re.search(r"^## Two commands$.*?((?:^    \S[^\n]*\n)(?:^    \S[^\n]*\n|^\n)*)", text, re.MULTILINE | re.DOTALL).group(1)
    lines = [line.partition("#")[0].strip() for line in block.splitlines() if line]
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
    print(f"{someone.release}: {seconds:.0f} s to the first fault; longest silence {silence:.1f} s, after {where!r}")
    assert seconds <= LIMIT and silence <= SILENCE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", choices=RELEASES, action="append")
    parser.add_argument("--run", metavar="WORDS", help="after the README's lines, these, in the clone")
    args = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("tests/releases.py: wants to be root, and debootstrap (apt-get install debootstrap)")
    for release in args.release or RELEASES:
        with Newcomer(release, "FAULTLINE_PACKAGES=/packages" if any(packages(release).iterdir()) else "") as someone:
            first_fault(someone)
            if args.run:
                print(someone.type(args.run))


if __name__ == "__main__":
    main()
