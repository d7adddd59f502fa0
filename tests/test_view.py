"""The page, in a real browser: what it shows is what the kernel says."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, READY, opened, page_of
from support import LONG, in_turn, run_folder
from traces import TRACE, make_trace

from faultline.browser import Browser

pytestmark = NEEDS_BROWSER

@pytest.fixture(scope="module")
def browser(rich_page: Path):
    # Every name leads nowhere: whatever the page wanted from a network would fail.
    with opened(rich_page, "--host-resolver-rules=MAP * ~NOTFOUND") as window:
        yield window


def test_needs_nothing_from_outside(browser: Browser):
    assert browser.run("return location.protocol") == "file:"
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


MILLION = 1_000_000 if LONG else 200_000  # events
COMPARE = """
    const { app, Comparison } = faultline, { travel } = app, found = Comparison.dumps(app.trace);
    const order = [...found].reverse().concat(found);
    return order.map((n) => {
        travel.seek(n);
        const compared = new Comparison(travel, n);
        return [n, compared.counts, compared.different.slice(0, 5)];
    });"""


def compared_moments(browser: Browser) -> list[tuple[int, dict[str, int]]]:
    """Frame by frame, page by page, pte by pte, region by region; backwards, forwards."""
    results = browser.run(COMPARE)
    for n, _, different in results:
        assert different == [], f"at event {n}: {different}"
    return [(n, counts) for n, counts, _ in results]


def test_state_is_the_kernels_at_ten_moments(browser: Browser):
    results = compared_moments(browser)
    assert len({n for n, _ in results}) >= 10
    for _, counts in results:
        assert min(counts["frames"], counts["pages"], counts["entries"], counts["regions"]) > 10
    assert max(counts["entries"] for _, counts in results) > 500


SUSPENDING = """
thrash --rounds 60 12 > /dev/null &
for i in 1 2 3 4; do sleep 0.5; echo dump > /proc/trace; done; wait
grep -E '^(suspensions|prepaged)' /proc/load_control
"""


def test_state_is_the_kernels_while_processes_are_suspended_and_brought_back(tmp_path: Path):
    machine = ("--ram", "16M", "--swap", "64M", "--swap-latency", "1000")
    often = ("--param", "working_set_window=80")
    result = make_trace(tmp_path / "trace", *machine, *often, "--", "sh", "-c", SUSPENDING)
    assert all(int(line.split()[1]) > 0 for line in result.text.splitlines()), result.report()
    with Browser() as window:
        window.open(page_of(tmp_path / "trace"))
        window.wait(READY)
        assert len(compared_moments(window)) == 8


# Eight pages are wired, and the group's limit has room for others meanwhile; then they are wired no more.
UNWIRING = """
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
    enum { WIRED = 8, OTHERS = 200, PAGE = 4096 };
    char *all = mmap(0, (WIRED + OTHERS) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int trace = open("/proc/trace", O_WRONLY);
    mlock(all, WIRED * PAGE);
    for (int i = WIRED; i < WIRED + OTHERS; i++)
        all[i * PAGE] = 1;
    write(trace, "dump", 4);
    munlock(all, WIRED * PAGE);
    return write(trace, "dump", 4) != 4;
}
"""
IN_A_GROUP = """
mkdir /sys/fs/cgroup/g; echo 400K > /sys/fs/cgroup/g/memory.max
(echo 0 > /sys/fs/cgroup/g/cgroup.procs; exec unwire)
"""


def test_state_is_the_kernels_when_a_full_group_is_not_charged(tmp_path: Path, compile_static):
    words = ("--ram", "16M", "--swap", "16M", "--add", compile_static("unwire", UNWIRING))
    result = make_trace(tmp_path / "trace", *map(str, words), "--", "sh", "-c", IN_A_GROUP)
    assert result.status == 0, result.report()
    with opened(page_of(tmp_path / "trace")) as window:
        assert len({n for n, _ in compared_moments(window)}) == 2
        told = "const { trace, words } = faultline.app; return [...Array(trace.count).keys()].filter((n) =>"
        told += " trace.event(n) === trace.E.charge).map((n) => words.event(n))"
        assert [text.partition(" is charged")[0] for text in window.run(told)] == ["group 0"] * 8


# Calls that change much of a space do so in pieces, and others run between two of them: here
# they have the kernel's own word written into the trace, again and again.
LONG_CALLS = """
(turns -p 3072 -n 3000 $CALLS > /dev/null; echo $? > /tmp/over) &
until [ -e /tmp/over ]; do echo dump > /proc/trace; done
exit $(cat /tmp/over)
"""
OF_MEMORY = """mprotect madvise-dontneed madvise-free mlock munlock mremap-move mremap-cut munmap munmap-shared
    mmap-fixed brk fork exit exec ftruncate-private"""
OF_REGIONS = "regions-mprotect regions-mlockall regions-fork regions-madvise regions-mmap regions-munmap"
LONG_LISTS = {"memory": OF_MEMORY, "regions": OF_REGIONS}


@pytest.mark.parametrize("calls", in_turn(LONG_LISTS, 2))
def test_state_is_the_kernels_in_the_middle_of_long_calls(tmp_path: Path, calls: str):
    script = LONG_CALLS.replace("$CALLS", " ".join(LONG_LISTS[calls].split()))
    result = make_trace(tmp_path / "trace", "--ram", "24M", "--swap", "64M", "--", "sh", "-c", script)
    assert result.status == 0, result.report()
    with Browser() as window:
        window.open(page_of(tmp_path / "trace"))
        window.wait(READY)
        assert len(compared_moments(window)) > 100


def test_a_difference_would_be_seen(browser: Browser):
    script = """
        const { app, Comparison } = faultline, { travel } = app, n = Comparison.dumps(app.trace)[3];
        travel.seek(n - 40);
        return new Comparison(travel, n).different.length;"""
    assert browser.run(script) > 0


STEP_OVER = """
    const { app } = faultline, { travel } = app, s = travel.state, kinds = app.trace.names.kind;
    const fault = travel.faults.kind.findIndex((kind, i) => kinds[kind] === 'zero-fill' && i > 200);
    app.controls.toFault(fault);
    const end = travel.faults.end[fault];
    return [fault, app.trace.frame(end), app.trace.space(end), app.trace.address(end)];"""

LOOK = """
    const [frame, space, address] = arguments, { app } = faultline, s = app.travel.state, m = app.memory;
    const place = frame - m.begin, cell = m.cell, entry = s.findAddress(space, address);
    const x = (place % m.columns + 0.5) * cell, y = (Math.floor(place / m.columns) + 0.5) * cell;
    const colour = m.pixels.getContext('2d').getImageData(place % m.columns, Math.floor(place / m.columns), 1, 1).data;
    return [entry < 0 ? 'zero' : app.words.pte(s.S[s.E_PTE + entry], s.S[s.E_PTE_HIGH + entry]),
            [...colour].join(), s.S[s.F_STATE + frame], document.getElementById('moment').textContent];"""


def test_stepping_back_over_a_fault(browser: Browser):
    """The frame's cell and the pte change back, and forth again."""
    _, frame, space, address = browser.run(STEP_OVER)
    after = browser.run(LOOK, frame, space, address)
    assert "present" in after[0] and f"frame {frame}" in after[0] and after[2] == 2
    browser.key("Shift+Left")
    before = browser.run(LOOK, frame, space, address)
    assert before[0] == "zero" and before[2] == 1 and before[1] != after[1]
    browser.key("Shift+Right")
    assert browser.run(LOOK, frame, space, address) == after


def test_events_one_by_one_and_to_the_ends(browser: Browser):
    browser.run("faultline.app.goto(1000)")
    browser.key("Right", "Right", "Left")
    assert browser.run("return faultline.app.travel.at") == 1001
    browser.key("Home")
    assert browser.run("return faultline.app.travel.at") == 0
    browser.key("End")
    assert browser.run("return faultline.app.travel.at === faultline.app.trace.count")
    browser.key("[")
    assert "has gone from frame" in browser.run("return document.getElementById('moment').textContent")


def test_a_click_selects_a_frame_and_tells_its_history(browser: Browser):
    _, frame, _, address = browser.run(STEP_OVER)
    where = browser.run(
        "const m = faultline.app.memory, p = arguments[0] - m.begin;"
        "return [(p % m.columns + 0.5) * m.cell, (Math.floor(p / m.columns) + 0.5) * m.cell]",
        frame,
    )
    browser.click("#memory", *where)
    told = browser.run("return document.getElementById('selected').textContent")
    assert f"frame {frame}: private page" in told and f"{address:#x} of " in told
    history = browser.run("return [...document.querySelectorAll('#history li')].map((e) => e.textContent)")
    assert any("begins in frame" in line for line in history)
    here = browser.run("return document.querySelector('#history .now').textContent")
    assert "fault ends: zero-fill" in here


def test_the_story_of_the_fault(browser: Browser):
    fault, *_ = browser.run(STEP_OVER)
    story = browser.run("return document.getElementById('story').textContent")
    assert f"Fault {fault + 1}:" in story and "It was a minor fault, zero-fill" in story
    for step in ("step 1, region", "step 2, pte", "step 3, page", "step 4, fill", "step 6, install"):
        assert step in story


def test_every_event_is_told_in_words(browser: Browser):
    """Not by its name alone, the kernel's own word neither."""
    script = """
        const { trace, words } = faultline.app, dull = [], seen = new Set();
        for (let n = 0; n < trace.count; n++) {
            const name = trace.eventName(n), told = words.event(n);
            seen.add(name);
            if (!told.includes(" ") || /undefined|NaN|null|4294967295/.test(told)) dull.push([n, name, told]);
        }
        return [dull.slice(0, 5), [...seen]];"""
    dull, seen = browser.run(script)
    assert dull == [] and {"dump", "dump-frame", "dump-page", "dump-region", "dump-entry", "hand"} <= set(seen)


def test_said_as_text_too(browser: Browser):
    """For a screen reader: each step is said, and all of the state can be read."""
    browser.run("faultline.app.goto(5000)")
    said = "const e = document.getElementById('said'); return [e.getAttribute('aria-live'), e.textContent]"
    live, text = browser.run(said)
    assert live == "polite" and text.startswith("Event 5000: ") and "frames free" in text
    browser.run("document.getElementById('text-details').open = true")
    browser.wait("document.getElementById('text').textContent.includes('Faults by kind')")
    unnamed = browser.run(
        "return [...document.querySelectorAll('canvas:not([aria-hidden]):not([hidden])')]"
        ".filter((e) => !e.getAttribute('aria-label') && !e.closest('#charts')).map((e) => e.id)"
    )
    assert unnamed == []
    browser.run("document.getElementById('text-details').open = false")


def test_charts(browser: Browser):
    text = browser.run("return document.getElementById('charts').textContent")
    charts = browser.run("return document.querySelectorAll('#charts .uplot').length")
    assert charts == 4 or "uPlot was not there" in text


def test_working_sets(browser: Browser):
    """Each sample's record, in its process's line, in the counters, and gone with the space."""
    script = """
        const { app } = faultline, { trace, travel } = app, { E } = trace;
        let n = trace.count - 1;
        while (trace.event(n) !== E["working-set"]) n--;
        app.goto(n + 1);
        const s = travel.state, space = trace.space(n);
        const most = Math.max(...travel.samples.working.map((each) => Math.max(0, ...Object.values(each))));
        return [trace.address(n), s.S[s.A_WORKING + space], document.getElementById("space-text").textContent, most];"""
    told, known, text, most = browser.run(script)
    assert told == known > 0 and f"working set {told} when it was last sampled" in text
    assert most > 100  # the swapping


def test_play_moves_and_stays_still_when_asked(browser: Browser, rich_page: Path):
    browser.run("faultline.app.goto(100); faultline.app.controls.go('play')")
    browser.wait("faultline.app.travel.at > 110")
    browser.run("faultline.app.controls.go('play')")
    with Browser("--force-prefers-reduced-motion") as still:
        still.open(rich_page)
        still.wait(READY)
        still.run("faultline.app.goto(100); faultline.app.controls.go('play')")
        assert still.run("return Boolean(faultline.app.controls.timer)") is False
        assert "fault ends" in still.run("return document.getElementById('moment').textContent")


def test_a_million_events(tmp_path: Path):
    """A fifth of a million, but with FAULTLINE_LONG."""
    file = tmp_path / "million"
    make_trace(file, "--ram", "512M", "--", "/test/count-touch", str(MILLION // 10))
    with Browser() as window:
        begun = time.monotonic()
        window.open(page_of(file))
        window.wait(READY)
        opening = time.monotonic() - begun
        count, lost = window.run("const { trace } = faultline.app; return [trace.count, trace.header.lost]")
        assert count >= MILLION and lost == 0
        script = """
            const { app } = faultline, took = [];
            app.goto(Math.floor(app.trace.count * 0.6));
            for (let i = 0; i < 100; i++) took.push(app.goto(app.travel.at - 1));
            for (let i = 0; i < 100; i++) took.push(app.goto(app.travel.at + 1));
            return took.sort((a, b) => a - b)[20];"""
        took = window.run(script)
        step = f"a step, the quickest tenth: {took:.1f} ms of script"
        table_add("the page", f"{count:,} events: opened in {opening:.1f} s of wall time; {step}")
        assert took <= 16


def table_add(name: str, line: str) -> None:
    folder = run_folder("test-tables")
    (folder / f"{name}.txt").write_text(line + "\n", "utf-8")


def test_live(tmp_path: Path):
    """Records arrive in the page while the machine runs."""
    words = [str(TRACE), "view", "--live", "--", "sh", "-c", "demo-cow; ls /bin"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        address = next(line.split()[-1] for line in server.stderr if "http://127.0.0.1" in line)
        with Browser() as window:
            window.open(address)
            window.wait(READY)
            window.wait("document.getElementById('said').textContent.includes('has ended')")
            assert window.run("return faultline.app.travel.faults.start.length") > 100
            assert window.log() == []
    finally:
        server.terminate()
        server.wait()
