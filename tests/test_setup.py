"""tools/setup: what is missing is found by its command, installed where one may, and named where not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from support import ROOT

SETUP = ROOT / "tools/setup"
FAMILIES = ("Debian, Ubuntu", "Fedora", "Arch", "macOS (Homebrew)")
ALWAYS = (
    *("bash", "env", "awk", "grep", "tr", "head", "tail", "dirname", "id", "cat", "sh"),
    *("mktemp", "rm", "chmod", "sleep", "true"),
)

# Stands in for apt-get: says on descriptor 3 what it does, as the real one, and is slow.
APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in *update*) exit 0;; esac
echo dlstatus:1:50:Retrieving >&3; sleep 4; echo pmstatus:nasm:70:Unpacking >&3; sleep 4
for name in {brings}; do printf '#!/bin/sh\\n' > {folder}/$name; chmod +x {folder}/$name; done
exit {status}
"""


def needs() -> list[list[str]]:
    """The lines of tools/needs.txt, by their columns."""
    lines = (ROOT / "tools/needs.txt").read_text("utf-8").splitlines()
    return [line.split() for line in lines if line and line[0] != "#"]


def program(name: str) -> str:
    """Where this machine has it."""
    found = shutil.which(name)
    assert found, f"{name} is not here"
    return found


class Host:
    """A machine that has some commands, and maybe apt-get and sudo."""

    def __init__(self, folder: Path, without: tuple[str, ...]):
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.log = folder / "apt.log"
        self.environment: dict[str, str] = {}
        needed = {what for purpose, what, *_ in needs() if purpose == "run"}
        for name in {*ALWAYS, *(word.partition("|")[0] for word in needed if re.match(r"[\w|-]+$", word)), "python3"}:
            if name not in without and shutil.which(name):
                (self.folder / name).symlink_to(program(name))

    def add(self, name: str, text: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def add_apt(self, brings: str = "", status: int = 0) -> None:
        self.add("apt-get", APT.format(log=self.log, brings=brings, folder=self.folder, status=status))
        self.add("dpkg-query", "#!/bin/sh\n")

    def add_user(self, sudo: str | None) -> None:
        self.add("id", "#!/bin/sh\necho 1000\n")
        if sudo:
            self.add("sudo", sudo)

    def setup(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "bash", SETUP, *words],
            env={"PATH": str(self.folder), "HOME": "/root", **self.environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )


def says_what_to_install(text: str, package: str) -> bool:
    return all(f"{family}:" in text for family in FAMILIES) and package in text


def test_all_is_there(tmp_path: Path):
    told = Host(tmp_path, without=()).setup("run")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_where_there_is_no_apt(tmp_path: Path):
    told = Host(tmp_path, without=("nasm", "xorriso")).setup("run")
    assert told.returncode == 1
    assert says_what_to_install(told.stderr, "apt-get install --no-install-recommends nasm xorriso")
    assert "pacman -S --needed nasm libisoburn" in told.stderr


@pytest.mark.parametrize("sudo", [None, "#!/bin/sh\nexit 1\n"])
def test_who_may_not_install(tmp_path: Path, sudo: str | None):
    host = Host(tmp_path, without=("nasm",))
    host.add_apt()
    host.add_user(sudo)
    told = host.setup("run")
    assert told.returncode == 1 and says_what_to_install(told.stderr, "nasm")
    assert not host.log.exists()


def test_with_sudo_only_what_is_missing_is_installed_and_never_in_silence(tmp_path: Path):
    host = Host(tmp_path, without=("nasm",))
    host.add_apt(brings="nasm")
    host.add_user('#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n')
    words = [str(host.folder / "bash"), str(SETUP), "run"]
    last, silences = time.monotonic(), []
    path = {"PATH": str(host.folder)}
    with subprocess.Popen(words, env=path, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as told:
        assert told.stdout is not None
        for _ in told.stdout:
            silences.append(time.monotonic() - last)
            last = time.monotonic()
    assert told.returncode == 0
    assert host.log.read_text().splitlines()[-1].endswith(" install nasm")
    assert len(silences) >= 4  # 8 seconds of work


@pytest.fixture
def host_with_folder(tmp_path: Path) -> Host:
    """Its packages come from a folder."""
    host = Host(tmp_path, without=("nasm",))
    host.add_apt(brings="nasm")
    host.add_user('#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n')
    host.add("dpkg-deb", "#!/bin/sh\necho Package: ${2##*/}\n")
    for name in ("sha256sum", "stat", "mkdir", "ln", "mv", "cp"):
        (host.folder / name).symlink_to(program(name))
    (tmp_path / "packages").mkdir()
    host.environment["FAULTLINE_PACKAGES"] = str(tmp_path / "packages")
    return host


# Stands in for a tool that takes a second for each file, of those it is given or of its standard input.
SLOW = """#!/bin/sh
for file; do case "$file" in *.deb) sleep 1 ;; esac; done
[ $# -gt 0 ] || sleep 1
exec {program} "$@"
"""


@pytest.mark.parametrize("slow", ["dpkg-deb", "sha256sum"])
def test_a_folder_of_packages_is_looked_into_aloud(host_with_folder: Host, tmp_path: Path, slow: str):
    real = (host_with_folder.folder / slow).rename(tmp_path / f"real-{slow}")
    host_with_folder.add(slow, SLOW.format(program=real))
    for number in range(5):
        (tmp_path / f"packages/p{number}.deb").write_bytes(b"%d" % number)
    told = host_with_folder.setup("run")
    assert told.returncode == 0 and told.stdout.count("looked into") >= 2, told.stderr  # 5 seconds of work
    assert "Dir::Etc::sourceparts=/dev/null" in host_with_folder.log.read_text()


def test_a_folder_without_packages(host_with_folder: Host):
    told = host_with_folder.setup("run")
    assert told.returncode == 1 and "no .deb files there" in told.stderr and says_what_to_install(told.stderr, "nasm")


def test_an_installation_that_fails(tmp_path: Path):
    host = Host(tmp_path, without=("nasm",))
    host.add_apt(status=100)
    told = host.setup("run")
    assert told.returncode == 1 and says_what_to_install(told.stderr, "nasm")


def test_telling_installs_nothing(tmp_path: Path):
    host = Host(tmp_path, without=())
    host.add_apt()
    told = host.setup("--tell", "race")
    assert told.returncode == 1 and says_what_to_install(told.stderr, "g++") and "tools/setup race" in told.stderr
    assert not host.log.exists()


@pytest.mark.parametrize("tool", [["tools/race", "--policy", "mine"], ["tools/policysim", "1", "2"]])
def test_a_tool_tells_what_it_lacks(tmp_path: Path, tool: list[str]):
    """Right after `make run`, which brought no C++ compiler."""
    host = Host(tmp_path, without=())
    plain = {key: value for key, value in os.environ.items() if key != "FAULTLINE_NO_BUILD"}
    told = subprocess.run(
        ["/usr/bin/python3" if tool[0].endswith("race") else "/bin/sh", *tool],
        cwd=ROOT,
        env={**plain, "PATH": str(host.folder)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert told.returncode != 0 and "Traceback" not in told.stderr
    assert says_what_to_install(told.stderr, "g++")


@pytest.mark.parametrize("words, lacks, package", [
    (("--grub", "--", "true"), "grub-mkrescue", "grub-common"),
    (("--grub", "--", "true"), "xorriso", "xorriso"),
    (("--grub", "--", "true"), "mformat", "mtools"),
    (("--", "true"), "qemu-system-x86_64", "qemu-system-x86"),
])  # fmt: skip
def test_a_boot_tells_what_it_lacks(tmp_path: Path, words: tuple[str, ...], lacks: str, package: str):
    host = Host(tmp_path, without=(lacks,))
    environment = {**os.environ, "PATH": str(host.folder), "FAULTLINE_NO_BUILD": "1"}
    command = ["/usr/bin/python3", str(ROOT / "tools/boot"), *words]
    told = subprocess.run(
        command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert told.returncode != 0 and "Traceback" not in told.stderr
    assert says_what_to_install(told.stderr, package)


@pytest.mark.parametrize("lacks, package", [("nasm", "nasm"), ("make", "make"), ("musl-gcc", "musl-tools")])
def test_a_build_tells_what_it_lacks(tmp_path: Path, lacks: str, package: str):
    host = Host(tmp_path, without=(lacks,))
    for name in ("find", "uname", "mkdir", "cmp", "echo", "gcc", "as", "ar"):
        if not (host.folder / name).exists():
            (host.folder / name).symlink_to(program(name))
    plain = {key: value for key, value in os.environ.items() if key not in ("FAULTLINE_NO_BUILD", "MAKEFLAGS")}
    wanted = {"nasm": "{}/obj/arch/entry.asm.o", "make": "{}/faultline.elf", "musl-gcc": "{}/obj/user/lib/arena.user.o"}
    target = wanted[lacks].format(tmp_path / "b")
    told = subprocess.run(
        ["/usr/bin/python3", ROOT / "tools/build", target],
        cwd=ROOT,
        env={**plain, "PATH": str(host.folder), "BUILD": str(tmp_path / "b")},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert told.returncode != 0 and "Traceback" not in told.stderr
    assert says_what_to_install(told.stderr, package), told.stderr


LATER_THAN_3_2 = {
    r"\b(mapfile|readarray|coproc)\b": "mapfile -t lines",
    r"\b(declare|local|typeset) -\w*[Agnlu]": "local -A known",
    r"\$\{!?\w+(\[[^]]*\])?(,|\^|@[A-Za-z])": "echo ${name,,}",
    r"&>>|\|&|;;?&": "make |& cat",
    r"\bread\b.* -t *(\d*\.|0\b)": "read -r -t 0.5 line",
    r"\bread\b.* -[iN]\b": "read -N 1 key",
    r"\[\[? -v |\bwait -n\b|%\(.*\)T|\$\{?(EPOCH|BASHPID|SRANDOM)": "[ -v name ]",
    r"\bshopt .*(globstar|lastpipe|inherit_errexit)": "shopt -s globstar",
    r"\w+=\(\)": "words=()",
}


def bash_scripts() -> list[Path]:
    scripts = [path for path in (ROOT / "tools").rglob("*") if path.is_file() and b"bash" in path.read_bytes()[:24]]
    assert SETUP in scripts
    return scripts


@pytest.mark.parametrize("pattern", LATER_THAN_3_2)
def test_macos_bash_is_enough(pattern: str):
    """Bash 3.2, of 2006: later words are unknown to it, and an empty array is unset."""
    assert re.search(pattern, LATER_THAN_3_2[pattern])
    for script in bash_scripts():
        code = re.sub(r"(^|\s)#.*", "", script.read_text("utf-8"), flags=re.MULTILINE)
        assert not re.search(pattern, code), script


def test_no_such_purpose(tmp_path: Path):
    told = Host(tmp_path, without=()).setup("everything")
    assert told.returncode == 2 and "usage" in told.stderr and "figures" in told.stderr


def test_every_front_door_asks_for_its_own():
    """Each target of the Makefile that calls the set-up names purposes that there are."""
    purposes = {purpose for purpose, *_ in needs()}
    asked = " ".join(re.findall(r"tools/setup (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)).split()
    assert len(asked) >= 6 and {*asked} <= purposes | {"view"}


@pytest.mark.parametrize("machine, compiler", [("x86_64", "gcc "), ("aarch64", "x86_64-linux-gnu-gcc ")])
def test_another_processor_gets_a_cross_compiler(machine: str, compiler: str):
    if not shutil.which(compiler.strip()):
        pytest.skip(f"no {compiler}")
    words = ["make", f"MACHINE={machine}", "BUILD=build/none", "-n", "build/none/obj/mm/demand_paging/fault.c.o"]
    plan = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert any(line.startswith(compiler) for line in plan.splitlines())


def test_clang_makes_the_same_kernel_for_any_machine(tmp_path: Path):
    """Clang and LLD are cross compilers in themselves."""
    if not shutil.which("clang"):
        pytest.skip("no clang")
    (tmp_path / "bin").mkdir()
    for name in ("clang", "make", "sh", "mkdir", "cmp", "echo", "find", "grep", "uname", "python3"):
        (tmp_path / "bin" / name).symlink_to(program(name))
    (tmp_path / "bin/ld.lld").symlink_to(program("true"))
    target = f"{tmp_path}/b/obj/kernel/file/pipe.c.o"
    words = ["make", "MACHINE=aarch64", f"BUILD={tmp_path}/b", target]
    subprocess.run(words, cwd=ROOT, env={"PATH": f"{tmp_path}/bin"}, check=True, capture_output=True)
    assert Path(target).read_bytes()[18:20] == b"\x3e\0"


def test_a_link_to_nowhere_is_not_there(tmp_path: Path):
    """Debian's Bochs brings a link to a file that another package has."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/setup", tmp_path / "tools")
    link, file = tmp_path / "link", tmp_path / "file"
    (tmp_path / "tools/needs.txt").write_text(f"bochs  {link}  what-has-the-file  -  -  -\n", encoding="utf-8")
    link.symlink_to(file)
    words = [str(tmp_path / "tools/setup"), "--tell", "bochs"]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert told.returncode != 0 and "what-has-the-file" in told.stdout + told.stderr, told
    file.touch()
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
