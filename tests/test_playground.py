"""The playground's machine: Bochs in a browser's worker, and the CD that is made for it there.

The page around it: test_playground_page.py."""

from __future__ import annotations

import base64
import json
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import playground_machine as playground
import pytest
from firefox import NEEDS_FIREFOX, Firefox
from pages import NEEDS_BROWSER
from playground_machine import NEEDS_EMULATOR, Window, output_of_job, typed
from support import LONG, ROOT, run_boot
from test_bochs import STRINGS, faults_in, faults_told

from faultline import cpio, project
from faultline.browser import Browser
from playing import parts
from tracing.reader import Trace

# --- The CD, changed in the page ------------------------------------------------------------------

CHANGED = """
import fs from "fs";
const {composed} = await import("data:text/javascript;base64," + process.argv[1]);
const [cd, places, wanted, out] = process.argv.slice(2);
const asked = JSON.parse(wanted);
for (const file of asked.files) file.bytes = new Uint8Array(fs.readFileSync(file.bytes));
if (asked.kernel) asked.kernel = new Uint8Array(fs.readFileSync(asked.kernel));
fs.writeFileSync(out, composed(new Uint8Array(fs.readFileSync(cd)), JSON.parse(places), asked).cd);
"""


def changed(tmp_path: Path, **wanted: object) -> tuple[bytes, bytes]:
    """A CD's image, and the CD as the page makes it of that."""
    image = parts.image()
    cd = parts.cd(image)
    (tmp_path / "cd").write_bytes(cd)
    text = base64.b64encode((ROOT / "tools/playing/page/cd.js").read_bytes()).decode()
    asked = json.dumps({"parameters": [], "files": []} | wanted)
    words = [text, str(tmp_path / "cd"), json.dumps(parts.places(cd, image)), asked, str(tmp_path / "out")]
    subprocess.run(["node", "--input-type=module", "-e", CHANGED, *words], check=True)
    return image, (tmp_path / "out").read_bytes()


def on_cd(cd: bytes, name: str) -> bytes:
    """A file of it, as xorriso finds it."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "cd").write_bytes(cd)
        command = ["xorriso", "-osirrox", "on", "-indev", "cd", "-extract", name, "found"]
        subprocess.run(command, cwd=scratch, capture_output=True, check=True)
        return (Path(scratch) / "found").read_bytes()


NEEDS_NODE = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


@NEEDS_NODE
def test_a_cd_with_a_file_and_a_kernel(tmp_path: Path):
    (tmp_path / "mine").write_bytes(b"A program." * 1000)
    files = [{"name": name, "bytes": str(tmp_path / "mine")} for name in ("mine", "/deep/er/it")]
    image, cd = changed(tmp_path, parameters=["swap=16M", "policy=lru"], files=files, kernel=str(tmp_path / "mine"))
    data = (tmp_path / "mine").read_bytes()
    added = [cpio.directory("deep"), cpio.directory("deep/er"), cpio.file("deep/er/it", data, executable=True)]
    added.append(cpio.file("bin/mine", data, executable=True))
    assert on_cd(cd, "/boot/image.cpio") == cpio.pack([*cpio.unpack(image), *added])
    assert on_cd(cd, "/boot/faultline.elf") == data
    assert b"multiboot2 /boot/faultline.elf swap=16M policy=lru " in on_cd(cd, "/boot/grub/grub.cfg")


@NEEDS_NODE
def test_a_cd_with_nothing_else_is_the_same_but_for_its_parameters(tmp_path: Path):
    image, cd = changed(tmp_path)
    assert cd == (tmp_path / "cd").read_bytes() and on_cd(cd, "/boot/image.cpio") == image


# --- In browsers ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return playground.folder(tmp_path_factory.mktemp("playground"))


CHROMIUM, FIREFOX = pytest.param(Browser, marks=NEEDS_BROWSER), pytest.param(Firefox, marks=NEEDS_FIREFOX)
BROWSERS = [CHROMIUM, FIREFOX] if LONG else [CHROMIUM]


@pytest.fixture(scope="module", params=BROWSERS)
def window(page: Path, request: pytest.FixtureRequest) -> Iterator[Window]:
    """From a file."""
    with request.param() as opened:
        opened.open(page)
        opened.wait("window.ready")
        yield opened


@NEEDS_EMULATOR
def test_it_boots_from_a_file_and_takes_what_is_typed(window: Window):
    playground.start(window, commands="faults one-fault")
    window.wait("told.text.split('faultline# ').length > 2")
    assert len(faults_in(window.run("return told.text").replace("\r", ""))) == 4
    assert "told so\r\n" in typed(window, "echo told so")
    window.run("told.machine.pause()")
    window.wait("window.then === (window.then = told.machine.virtualSeconds())")  # the same at two looks
    window.run("told.machine.type('echo after\\n')")
    for _ in range(10):
        time.sleep(0.05)
        assert window.run("return then === told.machine.virtualSeconds() && !told.text.includes('after')")
    window.run("told.machine.resume()")
    window.wait("told.text.includes('after')")
    window.run("told.machine.stop()")


@NEEDS_EMULATOR
@NEEDS_BROWSER
def test_it_asks_a_server_for_its_parts_only(page: Path):
    with playground.served(page.parent) as (address, asked), Browser() as opened:
        opened.open(address)
        opened.wait("window.ready")
        assert output_of_job(opened, ["/bin/echo", "told"]) == "told\n"
    assert sorted({path for path in asked if path != "/favicon.ico"}) == ["/", "/parts/cd.js", "/parts/emulator.js"]


@NEEDS_EMULATOR
def test_the_same_faults_and_victims_as_elsewhere(window: Window):
    """What a fault tells, and which pages went: as in QEMU, which test_bochs.py holds against Bochs."""
    assert faults_in(output_of_job(window, ["/bin/faults", "one-fault"])) == faults_told()
    room = ("--ram", "32M", "--swap", "64M", "--frames", "512", "--policy", "fifo")
    for job in (STRINGS, "swaptest 4"):
        words = ["swap=64M", "frames=512", "policy=fifo"]
        text = output_of_job(window, ["/bin/sh", "-c", job], megs=32, parameters=words)
        assert text == run_boot("--grub", *room, "--", "sh", "-c", job).text


@NEEDS_EMULATOR
def test_a_program_and_a_kernel_that_are_dropped(window: Window):
    program = (project.BUILD / "user/test/vectors").read_bytes()
    playground.start(window, files={"dropped": program}, kernel=project.KERNEL.read_bytes(), commands="dropped")
    window.wait("told.text.split('faultline# ').length > 2")
    assert "\nok 1" in window.run("return told.text").replace("\r", "")
    window.run("told.machine.stop()")


@NEEDS_EMULATOR
def test_how_it_ends(window: Window):
    playground.start(window, parameters=["nosuch=1"])
    window.wait("told.ended")
    status, words = window.run("return told.ended")
    assert status == 125 and "refused" in words
    assert 'parameter "nosuch=1": not known' in window.run("return told.text")
    broken = bytearray(project.KERNEL.read_bytes())
    broken[0x2000:0x40000] = bytes(0x40000 - 0x2000)  # a loader takes it, and there are no handlers in it
    playground.start(window, kernel=bytes(broken))
    window.wait("told.ended")
    assert window.run("return told.ended")[1].startswith("a triple fault")


@NEEDS_EMULATOR
def test_the_trace_of_a_swapping_run_is_whole(window: Window, tmp_path: Path):
    """Each record comes, once; and what came is a trace that our tools take. Paused, nothing comes."""
    room = {"megs": 32, "parameters": ["swap=64M", "frames=512", "policy=fifo"]}
    output_of_job(window, ["/bin/swaptest", "4"], trace=True, **room)
    data = bytearray(playground.records(window))
    count = (len(data) - 16384) // 40
    struct.pack_into("<Q", data, 24, count)
    (tmp_path / "trace").write_bytes(data)
    trace = Trace(tmp_path / "trace")
    assert window.run("return told.lost") == 0 and trace.count == count > 10_000
    times = [record.time for record in trace]
    assert times == sorted(times)
    assert sum(record.event == trace.number["evict"] for record in trace) > 100
    behind = window.run("return told.behind")
    assert max(behind) - min(behind) < 1000  # ms; the least: from power to the kernel's entry
    again = output_of_job(window, ["/bin/swaptest", "4"], trace=True, **room)
    assert again and bytes(data[16384:]) == playground.records(window)[16384:], "not the same run twice"
