"""The images: what they ask for is there. With FAULTLINE_LONG a root of Debian's installs what Gradescope's container
does, and grades; and podman builds the images, and what was built grades (images.py)."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import grade_class
import gradescope_reader
import images
import pytest
import releases
from grade_class import Handed
from grade_term import lab_words
from support import LONG, ROOT

from grading import exporting
from labbing import description

IMAGE = ROOT / "tools/image/Dockerfile"
DEVELOPER = ROOT / ".devcontainer/devcontainer.json"
LAB = description.find(ROOT, "5-clock")  # no test of it goes without a machine, so a container without namespaces does


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
IMAGES = shutil.which("podman") and shutil.which("debootstrap")
LONG_ONLY = pytest.mark.skipif(
    not LONG or os.geteuid() != 0 or not IMAGES, reason="gigabytes, and the network: with FAULTLINE_LONG, as root"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with grade_class.open_folder("faultline-image-") as name:
        yield name


@pytest.fixture(scope="module")
def podman(folder) -> images.Podman:
    made = images.Podman(folder)
    made.take_in(releases.base("bookworm"), images.here())
    return made


def wanted(script: str) -> list[str]:
    """Packages that it installs by name."""
    words = shlex.split(script[script.index("--no-install-recommends") :].split("&&")[0].split("\n\n")[0])
    return [word for word in words if re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", word)]


def test_the_images_are_pinned_and_ask_for_what_there_is():
    lines = (ROOT / "tools/needs.txt").read_text("utf-8").splitlines()
    named = {line.split()[2] for line in lines if line[:1].isalpha()}
    for place in (IMAGE, exporting.CONTAINER / "Dockerfile"):
        text = place.read_text("utf-8")
        assert re.search(r"^ARG SNAPSHOT=\d{8}T\d{6}Z$", text, re.MULTILINE) and "$ARCHIVE bookworm main" in text
        assert re.search(r"^ARG ARCHIVE=http://snapshot.debian.org/archive/debian/\$SNAPSHOT$", text, re.MULTILINE)
    script = (exporting.CONTAINER / "setup.sh").read_text("utf-8")
    assert set(wanted(script)) <= named and "bubblewrap" in wanted(script)
    about = json.loads(DEVELOPER.read_text("utf-8"))
    assert (DEVELOPER.parent / about["build"]["dockerfile"]).resolve() == IMAGE
    copied = re.findall(r"^COPY (\S+) ", IMAGE.read_text("utf-8"), re.MULTILINE)
    assert all((DEVELOPER.parent / about["build"]["context"] / name).exists() for name in copied)


INSIDE = """
set -e
mount -t proc proc {root}/proc
mount -t tmpfs tmpfs {root}/tmp -o mode=1777
mount --rbind /dev {root}/dev
exec chroot {root} env -i HOME=/root PATH={path} {command}
"""


def inside(root: Path, command: str) -> str:
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    script = INSIDE.format(root=root, path=PATH, command=command)
    done = subprocess.run([*words, "sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


OWN_PROC = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def container(root: Path, command: str, *more: str, masked: bool = False) -> subprocess.CompletedProcess[str]:
    """With this root as a container has it. Of /proc, containers mask parts unless they are told not to; then nobody
    in there can mount another, as a box does."""
    proc = ["--proc", "/proc"] if masked else ["--bind", "/proc", "/proc"]
    words = ["bwrap", "--bind", str(root), "/", *proc, "--dev", "/dev", "--tmpfs", "/tmp", *more]
    words += ["--unshare-ipc", "--die-with-parent", "--clearenv", "--setenv", "PATH", PATH]
    words += ["--setenv", "HOME", "/root", "--chdir", "/", "sh", "-c", command]
    return subprocess.run([*OWN_PROC, *words], capture_output=True, text=True, check=False)


def unmasked(root: Path, command: str, *more: str) -> str:
    done = container(root, command, *more)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def masked(root: Path, command: str) -> str:
    done = container(root, command, masked=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@LONG_ONLY
def test_the_image_builds_and_grades(folder, podman):
    """In its root under bubblewrap nothing is missing; the tree is built there, and a class of one is graded."""
    root = podman.build("grading", IMAGE, ROOT, images.here())
    tree = folder / "tree"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
    for each in (Handed("right", grade_class.solution(LAB), ""), Handed("none", {"README": ""}, "")):
        grade_class.hand_in(tree / "handed-in", each)
    words = f"tools/lab grade handed-in --lab {LAB.name} --out results --seed hidden --no-diagnosis"
    there = ("--bind", str(tree), "/faultline")
    script = f"cd /faultline && tools/setup --tell run gdb grade && make -s kernel image && {words}"
    said = unmasked(root, script, *there)
    assert "right: graded" in said and "none: refused" in said, said
    refused = container(root, f"cd /faultline && {words} && echo graded", *there, masked=True)
    assert refused.returncode != 0 and "(in a container: unmask /proc, docs/grading.md)" in refused.stderr, refused
    table = json.loads((tree / "results/results.json").read_text("utf-8"))
    rows = {row["submission"]: row for row in table["rows"]}
    assert rows["right"]["points"] == rows["right"]["of"] > 0


@LONG_ONLY
def test_gradescopes_image_grades(folder, podman):
    """With namespaces, under bubblewrap; and without, where a container masks /proc, or refuses them all, as below
    chroot: a second user is enough for one submission."""
    out = folder / "results"
    grade_class.hand_in(folder / "none", Handed("nobody", {"README": ""}, ""))
    words = ["--lab", LAB.name, "--out", str(out), "--seed", "hidden", "--no-diagnosis"]
    done = lab_words("grade", str(folder / "none"), *words)
    assert done.returncode == 0, done.stderr
    source = folder / "autograder"
    assert lab_words("export", "gradescope", str(out), "--out", str(source)).returncode == 0
    root = podman.build("gradescope", source / "Dockerfile", source, images.here())
    (root / "autograder/source").chmod(0o711)
    ways: list[Callable[[Path, str], str]] = [inside, masked, unmasked]
    for run in ways:
        for given, full in ((grade_class.solution(LAB), True), (grade_class.with_bodies(LAB, LAB.baseline()), False)):
            shutil.rmtree(root / "autograder/submission", ignore_errors=True)
            (root / "autograder/results/results.json").unlink(missing_ok=True)
            grade_class.hand_in(root / "autograder", Handed("submission", given, ""))
            run(root, "/autograder/run_autograder")
            read = gradescope_reader.read(root / "autograder/results/results.json", "due")
            assert (read.points == read.most) == full and read.most == sum(test.points for test in LAB.tests)


@pytest.mark.skipif(not LONG, reason="minutes, and the network: with FAULTLINE_LONG")
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("debootstrap"), reason="root and debootstrap make the image")
def test_a_container_without_namespaces_grades():
    """Below chroot none can be made, as where containers refuse them: a second user is enough for one submission."""
    with grade_class.open_folder("faultline-image-") as folder:
        root, out = folder / "root", folder / "results"
        grade_class.hand_in(folder / "none", Handed("nobody", {"README": ""}, ""))
        words = ["--lab", LAB.name, "--out", str(out), "--seed", "hidden", "--no-diagnosis"]
        done = lab_words("grade", str(folder / "none"), *words)
        assert done.returncode == 0, done.stderr
        subprocess.run(["cp", "-a", str(releases.base("bookworm")), str(root)], check=True)
        source = root / "autograder/source"
        assert lab_words("export", "gradescope", str(out), "--out", str(source)).returncode == 0
        source.chmod(0o711)
        inside(root, "sh /autograder/source/setup.sh")
        for given, full in ((grade_class.solution(LAB), True), (grade_class.with_bodies(LAB, LAB.baseline()), False)):
            shutil.rmtree(root / "autograder/submission", ignore_errors=True)
            (root / "autograder/results").mkdir(exist_ok=True)
            grade_class.hand_in(root / "autograder", Handed("submission", given, ""))
            inside(root, "/autograder/source/run_autograder")
            read = gradescope_reader.read(root / "autograder/results/results.json", "due")
            assert (read.points == read.most) == full and read.most == sum(test.points for test in LAB.tests)
