"""Images that podman builds on a root of Debian's, made by debootstrap: without a registry of images, and no container
runs.

What was built is taken out as a folder, and runs there under bubblewrap, or below chroot.
"""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import releases

BASE = "debian:bookworm-slim"  # what the Dockerfiles begin with
# What builds below chroot sets the rights of the devices that it finds there: it finds some of its own.
OWN_DEVICES = """
set -e
mount -t tmpfs -o mode=755 tmpfs /dev
for name in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "/dev/${name%:*}" c 1 "${name#*:}"; done
mknod -m 666 /dev/tty c 5 0
mkdir -m 1777 /dev/shm && mkdir /dev/pts
ln -s /proc/self/fd /dev/fd
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "/dev/${number#*:}"; done
exec "$@"
"""


class Podman:
    """With images of its own, in this folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.words = ["unshare", "--mount", "sh", "-c", OWN_DEVICES, "sh", "podman"]
        self.words += [f"--root={folder}/images", f"--runroot={folder}/run", "--storage-driver=vfs"]
        self.words += ["--cgroup-manager=cgroupfs", "--events-backend=none"]

    def run(self, *words: str | Path) -> str:
        done = subprocess.run([*self.words, *map(str, words)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout.strip()

    def take_in(self, root: Path, arch: str) -> None:
        """A root of Debian's, as the image that others begin with."""
        words = ["tar", "-C", str(root), "--numeric-owner", "--exclude=./done", "-cf", "-", "."]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as packed:
            taken = [*self.words, "import", f"--arch={arch}", "-", BASE]
            subprocess.run(taken, stdin=packed.stdout, capture_output=True, check=True)

    def build(self, name: str, dockerfile: Path, context: Path, arch: str) -> Path:
        """The root of what it describes. Packages are this machine's mirror's: the snapshot's are elsewhere."""
        words = ["--isolation=chroot", "--layers=false", "--pull=never", f"--arch={arch}"]
        words.append(f"--build-arg=ARCHIVE={releases.mirror()}")
        self.run("build", *words, "-f", dockerfile, "-t", name, context)
        root = self.folder / name
        # With its devices as what they are: to read one, as copytree would, never ends.
        subprocess.run(["cp", "-a", self.run("image", "mount", name), str(root)], check=True)
        return root


def here() -> str:
    """This machine, as images call it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
