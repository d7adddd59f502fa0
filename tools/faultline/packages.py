"""Programs of the host or of Debian's packages, with everything they need to run.

A package that is installed is taken from this machine; any other is fetched with
`apt-get download` and unpacked under build/packages/, and so are the packages it depends on.
Nothing is installed, and nothing of a package is run. In the image every file lies where it
lies in the package, /bin, /lib and /lib64 being what they are on Debian: names for /usr's.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from faultline import cpio, elf, project

CACHE = project.ROOT / "build/packages"
FOLDERS = [  # where loaders look
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-musl",
    "/usr/lib",
    "/usr/lib64",
]
LEFT_OUT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/lintian/")
# Names that the image has for folders below /usr (the other way round for bin and sbin).
MERGED = {"/lib/": "/usr/lib/", "/lib64/": "/usr/lib64/", "/usr/bin/": "/bin/"}
MERGED |= {"/usr/sbin/": "/bin/", "/sbin/": "/bin/"}


def image_path(path: str) -> str:
    """Where a path lies in the image, whichever of its names is given."""
    for name, real in MERGED.items():
        if path.startswith(name):
            return real + path[len(name) :]
    return path


class Tree:
    """A root folder that packages are, or could be, installed under."""

    def __init__(self, top: Path):
        self.top = top

    def spellings(self, path: str) -> Iterable[Path]:
        """The path under this root, and under the other names that Debian has for it."""
        yield self.top / path.lstrip("/")
        for one, other in MERGED.items():
            for short, long in ((one, other), (other, one)):
                if path.startswith(short):
                    yield self.top / (long + path[len(short) :]).lstrip("/")

    def find(self, path: str) -> Path | None:
        """The file or link, not followed."""
        return next((spelled for spelled in self.spellings(path) if os.path.lexists(spelled)), None)


def _run(*words: str, folder: Path | None = None) -> str:
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode:
        raise ValueError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def installed_files(package: str) -> list[str] | None:
    """The files of a package that is installed here; None: it is not."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stdout.strip() != "installed":
        return None
    return [line for line in _run("dpkg", "-L", package).splitlines() if line.startswith("/")]


def fetch(package: str) -> Path:
    """The package unpacked, from the cache if it is there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        top = CACHE / package
        if not top.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
                _run("apt-get", "download", "-o", "APT::Sandbox::User=root", package,
                     folder=Path(scratch))  # fmt: skip
                (archive,) = Path(scratch).glob("*.deb")
                _run("dpkg", "-x", str(archive), f"{scratch}/tree")
                Path(scratch, "tree").rename(top)
    return top


def dependencies(package: str) -> list[str]:
    """The packages that a package needs, and those need, as far as they are not installed here;
    libraries first."""
    text = _run(
        "apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests",
        "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", package,
    )  # fmt: skip
    names = re.findall(r"^[ |]*(?:PreDepends: |Depends: |)([\w.+-]+)$", text, re.MULTILINE)
    missing = [n for n in dict.fromkeys(names) if n != package and installed_files(n) is None]
    return sorted(missing, key=lambda name: not name.startswith("lib"))


class Collection:
    """Files on their way to the image."""

    def __init__(self) -> None:
        self.members: dict[str, cpio.Member] = {}
        self.trees = [Tree(Path("/"))]
        self.unsearched: list[str] = []  # packages that may hold what is missing

    def add_package(self, package: str) -> None:
        """Every file of the package, and the libraries that its programs need."""
        files = installed_files(package)
        tree = self.trees[-1]
        if files is None:
            tree = Tree(fetch(package))
            self.trees.insert(0, tree)
            files = ["/" + str(p.relative_to(tree.top)) for p in sorted(tree.top.rglob("*"))]
            self.unsearched += dependencies(package)
        for path in files:
            found = tree.find(path)
            if found and not path.startswith(LEFT_OUT) and not found.is_dir():
                self._add(path, found)

    def add_file(self, host: Path, guest: str) -> None:
        """One file of this machine, and the libraries it needs if it is a program."""
        self._put(guest, host.read_bytes(), os.access(host, os.X_OK), str(host.resolve().parent))

    def _add(self, path: str, found: Path) -> None:
        guest = image_path(path)
        if guest in self.members:
            return
        if found.is_symlink():
            target = os.readlink(found)
            self._member(cpio.symlink(guest, target))
            whole = os.path.normpath(os.path.join(str(PurePosixPath(path).parent), target))
            self._need(whole)
        elif found.is_file():
            executable = bool(found.stat().st_mode & stat.S_IXUSR)
            self._put(path, found.read_bytes(), executable, str(found.parent))

    def _member(self, member: cpio.Member) -> None:
        path = "/" + member.name
        self.members[path] = member
        for folder in cpio.parents(path):
            self.members.setdefault("/" + folder, cpio.directory(folder))

    def _put(self, path: str, data: bytes, executable: bool, origin: str) -> None:
        self._member(cpio.file(image_path(path), data, executable))
        wanted = elf.needs(data)
        if not wanted:
            return
        if wanted.interpreter:
            self._need(wanted.interpreter)
        own = [f.replace("$ORIGIN", origin).replace("${ORIGIN}", origin) for f in wanted.folders]
        musl = "ld-musl" in wanted.interpreter
        for name in wanted.libraries:
            if not (musl and name == "libc.so"):  # musl's loader is its libc
                self._need_library(name, own)

    def _find(self, path: str) -> Path | None:
        return next((found for tree in self.trees if (found := tree.find(path))), None)

    def _need(self, path: str) -> None:
        """Add the file of that path from wherever it is; packages are fetched until one has it."""
        if image_path(path) in self.members:
            return
        found = self._find(path)
        while found is None and self.unsearched:
            self.trees.append(Tree(fetch(self.unsearched.pop(0))))
            found = self._find(path)
        if found is not None and not found.is_dir():
            self._add(path, found)

    def _need_library(self, name: str, own: list[str]) -> None:
        places = [name] if "/" in name else [f"{folder}/{name}" for folder in own + FOLDERS]
        if any(image_path(place) in self.members for place in places):
            return
        while True:
            for place in places:
                if self._find(place):
                    self._need(place)
                    return
            if not self.unsearched:
                raise ValueError(f"the library {name} is nowhere to be found")
            self.trees.append(Tree(fetch(self.unsearched.pop(0))))

    def all_members(self) -> list[cpio.Member]:
        return list(self.members.values())
