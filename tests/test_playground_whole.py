"""The playground as it is made, its page and its machine together, from a file, in Chromium and in Firefox: what a
student does in the first minutes. Each part by itself: test_playground.py, test_playground_page.py."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from firefox import NEEDS_FIREFOX, Firefox
from pages import NEEDS_BROWSER
from playground_machine import NEEDS_EMULATOR, Window
from test_playground_page import COPIES, DROP

from faultline import project
from faultline.browser import Browser
from playing import licences, pages, parts

pytestmark = NEEDS_EMULATOR

BROWSERS = [pytest.param(Browser, marks=NEEDS_BROWSER), pytest.param(Firefox, marks=NEEDS_FIREFOX)]
ANSWERED = "playground.shell.ran.length > {0} && playground.shell.atPrompt"
SHOWN = "!playground.memory.there.live.busy && !playground.memory.waiting.length"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As tools/playground makes it."""
    if not pages.fetch_xterm():
        pytest.skip("xterm.js is not here")
    made = tmp_path_factory.mktemp("playground")
    parts.write(made)
    licences.write(made)
    pages.write(made, licences.listed())
    return made


@pytest.fixture(scope="module", params=BROWSERS)
def page(folder: Path, request: pytest.FixtureRequest) -> Iterator[Window]:
    """At the prompt."""
    with request.param() as window:
        window.open(folder / "index.html")
        window.wait("window.playground && playground.shell.atPrompt && playground.memory.there")
        yield window


def command(page: Window, line: str) -> str:
    """What it says."""
    before = page.run("return playground.shell.ran.length")
    page.run("playground.console.term.input(arguments[0] + '\\r')", line)
    page.wait(ANSWERED.format(before))
    page.wait(SHOWN)
    return str(page.run("return playground.shell.said.replaceAll('\\r', '')"))


def test_the_faults_of_one_fault(page: Window):
    assert "4  in all" in command(page, "faults one-fault")


def test_demo_cow_shows_the_copy(page: Window):
    """Arrows, read back from the drawing: of a page that was copied one to its new frame, and that of before beside."""
    assert "C was copied; A and B are shared still" in command(page, "demo-cow")
    assert any(arrows >= 2 and before == 1 for arrows, before in page.run(COPIES))
    assert page.run("return playground.memory.header.lost") == 0


def test_a_policy_and_a_string(page: Window):
    page.run("""
        document.getElementById('choose-policy').value = 'fifo';
        document.getElementById('policy-now').click();""")
    page.wait("document.getElementById('machine-said').textContent.includes('The machine says: fifo')")
    page.run("""
        document.getElementById('grid-policy').value = 'fifo';
        document.querySelector('#grid-form button').click();""")
    page.wait("document.querySelectorAll('#grid-table tr').length === 5")
    assert "20 references, 15 faults" in page.run("return document.getElementById('grid-said').textContent")


def test_a_dropped_program_runs(page: Window):
    program = (project.BUILD / "user/bin/one-fault").read_bytes()
    page.run(DROP, "dropped", base64.b64encode(program).decode("ascii"))
    page.wait("playground.starts === 2 && playground.shell.ran[0] === '/bin/dropped' && playground.shell.atPrompt")
    assert "not found" not in page.run("return playground.shell.said")
    command(page, "demo-cow")  # of another machine, with a page of its own, which goes on
    frame = "document.getElementById('memory-frame')"
    assert page.run(f"return playground.memory.there === {frame}.contentWindow.faultline")
    assert page.run("return playground.memory.app.travel.at === playground.memory.app.trace.count")


def test_nothing_was_asked_of_others(page: Window):
    asked = page.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert [name for name in asked if not name.startswith(("file:", "blob:", "data:"))] == []


def test_whose_work_it_is_stands_on_the_page(page: Window, folder: Path):
    """The emulator's, both BIOSes', and what lies on the CD: its licence, and its source; what is linked is there."""
    told = page.run("return document.getElementById('licences').textContent")
    for word in ("Bochs", "LGPL-2.1 or later", "bochsbios", "vgabios", "grub-pc-bin", "busybox-static", "xterm.js"):
        assert word in told, word
    links = page.run("return [...document.querySelectorAll('#licences a')].map((each) => each.getAttribute('href'))")
    assert [link for link in links if not link.startswith("http") and not (folder / link).stat().st_size] == []
    assert sum(link.startswith("sources/") for link in links) == 3 and links.count("licences/bochs.txt") == 1
