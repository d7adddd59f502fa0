"""How long the playground takes to load and to start, and how far its page is behind a machine that swaps.

The limits are for two processors that have nothing else to do: who else wants them is reckoned in. What was measured
is left as a table in build/test-tables."""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from firefox import NEEDS_FIREFOX, Firefox
from pages import NEEDS_BROWSER
from playground_machine import NEEDS_EMULATOR, Window
from support import LONG, run_folder

from faultline.browser import Browser
from playing import licences, pages, parts

pytestmark = NEEDS_EMULATOR

LOADED = 8 << 20  # bytes, compressed
START, BEHIND = 8, 1  # seconds
ROOM = "#memory=16&swap=64&latency=100&policy=clock"
SWAPS = "swaptest 15 3"  # of 45 MiB in 16, each forked once; nearly a million records

CHROMIUM, FIREFOX = pytest.param(Browser, marks=NEEDS_BROWSER), pytest.param(Firefox, marks=NEEDS_FIREFOX)
BROWSERS = [CHROMIUM, FIREFOX] if LONG else [CHROMIUM]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As tools/playground makes it."""
    made = tmp_path_factory.mktemp("playground")
    parts.write(made)
    pages.write(made, licences.listed())
    return made


@pytest.fixture(params=BROWSERS)
def window(request: pytest.FixtureRequest) -> Iterator[Window]:
    with request.param() as opened:
        yield opened


class Crowd(threading.Thread):
    """How many want a processor besides us, for each that is there, while this goes on: at the worst moment."""

    OURS = 3  # the machine's thread, the page's, and who asks

    def __enter__(self) -> Crowd:
        self.most = 0
        self.over = threading.Event()
        self.start()
        return self

    def run(self) -> None:
        while not self.over.wait(0.2):
            running = int(Path("/proc/loadavg").read_text("ascii").split()[3].split("/")[0])
            self.most = max(self.most, running - self.OURS)

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()

    def slowness(self) -> float:
        """So many times as long may something take: 1, if nobody else was there."""
        return 1 + self.most / len(os.sched_getaffinity(0))


def note(line: str) -> None:
    with open(run_folder("test-tables") / "playground-speed.txt", "a", encoding="utf-8") as table:
        table.write(f"{line}; load {os.getloadavg()[0]:.1f}\n")


def test_what_is_loaded(folder: Path):
    """As a web server sends it that packs what it sends."""
    asked = [folder / "index.html", folder / "parts/emulator.js", folder / "parts/cd.js"]
    sizes = [len(gzip.compress(file.read_bytes(), 6)) for file in asked]
    note(f"loaded: {sum(sizes) / 2**20:.2f} MiB, packed")
    assert sum(sizes) < LOADED, sizes


# The worker says of each message when it was sent: from then on, until it shows it, the page is behind.
WATCHED = """
    const Plain = window.Blob, clock = () => performance.timeOrigin + performance.now();
    const sent = `{ const send = self.postMessage.bind(self);
        self.postMessage = (told, given = []) =>
            send({ ...told, sent: performance.timeOrigin + performance.now() }, given); }\\n`;
    window.Blob = class extends Plain {
        constructor(given, how) { super(how && how.type === 'text/javascript' ? [sent, ...given] : given, how); }
    };
    playground.start([]);
    const { machine, memory } = playground, hear = machine.hear.bind(machine), waiting = [];
    window.watched = { behind: [], waiting };
    let bytes = 0;
    machine.hear = (told) => {
        if (told.records) waiting.push({ until: bytes += told.records.length, sent: told.sent });
        hear(told);
    };
    const look = () => { // before each picture that the browser shows
        const shown = memory.app ? 16384 + 40 * memory.app.travel.at : 0;
        while (waiting.length && waiting[0].until <= shown) watched.behind.push(clock() - waiting.shift().sent);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);"""
AT_PROMPT = "playground.shell.atPrompt && playground.memory.there && !watched.waiting.length"


def test_how_long_it_takes_and_how_far_the_page_is_behind(folder: Path, window: Window):
    """From a page that nobody has loaded to the prompt; then each record until it is on show."""
    with Crowd() as crowd:
        begun = time.monotonic()
        window.open((folder / "index.html").as_uri() + ROOM)
        window.wait("window.playground && playground.shell.atPrompt")
        started = time.monotonic() - begun
    assert started <= START * crowd.slowness()
    window.run("""
        const script = document.createElement('script');
        script.textContent = `{${arguments[0]}}`;
        document.head.append(script)""", WATCHED)
    window.wait(AT_PROMPT)
    with Crowd() as crowd:
        window.run("watched.behind.length = 0; playground.console.term.input(arguments[0] + '\\r')", SWAPS)
        window.wait(f"playground.shell.ran.length && {AT_PROMPT}")
    behind = sorted(each / 1000 for each in window.run("return watched.behind"))
    count, evicted, lost = window.run("""
        const { app, header } = playground.memory;
        return [app.trace.count, app.travel.evictions.length, header.lost]""")
    middle = behind[len(behind) // 2]
    name = type(window).__name__.replace("Browser", "Chromium")
    told = f"{name}: at the prompt after {started:.1f} s; {SWAPS}: {count} records, {evicted} evictions, {lost} lost"
    note(f"{told}; behind {middle:.2f} s in the middle, {behind[-1]:.2f} s at most")
    assert "intact 3 lost 0" in window.run("return playground.shell.said")
    assert lost == 0 and evicted > 10_000 and count > 500_000
    assert behind[-1] <= BEHIND * crowd.slowness()
