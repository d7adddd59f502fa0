"""What people who tried the page complained of, each a test in a real browser; the terminal's in test_vmtop.py.

The ten complaints, and their tests:

 1. counts in the owner's legend freeze           test_counts_in_every_legend_are_those_of_the_moment
 2. the line below the slider stands while it plays   test_the_line_follows_while_it_plays
 3. steps have two numbers, and gaps              test_a_step_has_one_number_and_no_gap_is_silent
 4. a fault that slept does not say so            test_a_fault_that_slept_says_so
 5. a chart's labels are cut off                  test_no_label_of_a_chart_is_cut_off
 6. numbers out of range are ignored              test_numbers_out_of_range_are_answered (fields, the address)
 7. even slow is too fast to follow               test_speeds_are_rates_that_are_kept_and_told
 8. the map of memory cannot be enlarged          test_the_map_zooms_by_buttons_wheel_and_keys
 9. `make view PROGRAM=nosuch` prints a link      test_no_page_of_a_program_that_is_not_there
10. not all can be done without a mouse           test_view_keyboard.py
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, READY, opened, text_of
from support import ROOT

from faultline.browser import Browser
from tracing.faults import all_faults
from tracing.reader import Trace

pytestmark = NEEDS_BROWSER

@pytest.fixture(scope="module")
def browser(rich_page: Path):
    with opened(rich_page) as window:
        yield window


def at(browser: Browser) -> int:
    return browser.run("return faultline.app.travel.at")


def moment_with_swap(browser: Browser) -> int:
    """In the midst of the swapping."""
    return browser.run("const { evictions } = faultline.app.travel; return evictions[evictions.length >> 1] + 1")


def choose(browser: Browser, select: str, value: str) -> None:
    browser.run(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('change'))",
        select,
        value,
    )


# --- 1. Legends -----------------------------------------------------------------------------------

# Counted anew, from the page tables: frames that one space alone sees, and frames of its own tables.
COUNT = """
    const { app } = faultline, s = app.travel.state, S = s.S, seenBy = new Map(), found = {};
    for (let space = 1; space < s.size.spaces; space++) {
        if (!S[s.A_LIVE + space]) continue;
        found[app.travel.spaceName(space)] = 0;
        for (const entry of s.within(space, 0, 2 ** 47)) {
            const page = S[s.E_PAGE + entry];
            if (page >= 0) seenBy.set(page, (seenBy.get(page) || new Set()).add(space));
        }
    }
    let several = 0;
    for (let frame = app.memory.begin; frame < app.memory.end; frame++) {
        const state = app.trace.names.state[S[s.F_STATE + frame]], page = S[s.F_PAGE + frame];
        const spaces = state === "table" ? (S[s.F_LEVEL + frame] >= 0 ? [S[s.F_SPACE + frame]] : [])
            : (state === "resident" || state === "busy") && page >= 0 ? [...(seenBy.get(page) || [])] : [];
        if (spaces.length === 1) found[app.travel.spaceName(spaces[0])] += 1;
        if (spaces.length > 1) several++;
    }
    return { ...found, several };"""

LEGEND = """
    return [...document.querySelectorAll('#memory-legend span')].map((e) => e.textContent.match(/^(.*): ([\\d,]+)$/))
        .filter(Boolean).map(([, name, count]) => [name, Number(count.replaceAll(',', ''))]);"""


def legend(browser: Browser) -> dict[str, int]:
    return dict(browser.run(LEGEND))


def test_counts_in_every_legend_are_those_of_the_moment(browser: Browser):
    middle = moment_with_swap(browser)
    choose(browser, "colour-by", "owner")
    told = []
    for moment in (middle // 3, middle, middle + 500, middle // 3):
        browser.run("faultline.app.goto(arguments[0])", moment)
        shown, counted = legend(browser), browser.run(COUNT)
        assert {name: shown.get(name) for name in counted} == counted, moment
        told.append(shown)
    assert told[0] == told[3] and len({str(each) for each in told}) == 3
    for by in ("kind", "bits", "age", "group"):
        choose(browser, "colour-by", by)
        browser.run("faultline.app.goto(arguments[0])", middle // 3)
        before = legend(browser)
        browser.run("faultline.app.goto(arguments[0])", middle)
        after = legend(browser)
        assert before != after and sum(after.values()) > 100, by
    choose(browser, "colour-by", "kind")


# --- 2, 7. Play -----------------------------------------------------------------------------------


def test_the_line_follows_while_it_plays(browser: Browser):
    browser.run("faultline.app.goto(100)")
    choose(browser, "speed", "10")
    browser.run("faultline.app.controls.go('play')")
    for until in (103, 108, 113):
        browser.wait(f"faultline.app.travel.at >= {until}")
        now, said, live = browser.run(
            "const e = document.getElementById('said');"
            "return [faultline.app.travel.at, e.textContent, e.getAttribute('aria-live')]"
        )
        assert f"Event {now}: " in said and said.startswith("Playing, ")
        assert live == "off", "who listens is not flooded"
    browser.run("faultline.app.controls.go('play')")
    said = text_of(browser, "said")
    assert said.startswith(f"Event {at(browser)}: "), "the last is read out"
    assert browser.run("return document.getElementById('said').getAttribute('aria-live')") == "polite"


MEASURE = """
    const [speed, ms] = arguments, { app } = faultline;
    document.getElementById('speed').value = speed;
    app.goto(200);
    const began = performance.now();
    app.controls.go('play');
    return new Promise((done) => setTimeout(() => {
        const took = performance.now() - began, gone = app.travel.at - 200;
        const said = document.getElementById('said').textContent;
        app.controls.go('play');
        done([gone, took / 1000, said]);
    }, ms));"""


def test_speeds_are_rates_that_are_kept_and_told(browser: Browser):
    """By the clock, whatever a picture costs; the slowest leaves time to read."""
    options = browser.run("return [...document.getElementById('speed').options].map((e) => [e.text, Number(e.value)])")
    assert [rate for _, rate in options] == sorted(rate for _, rate in options)
    for words, rate in options:
        assert re.search(rf"^[a-z ]+: {rate:,} per second$", words)
    assert options[0][1] <= 1
    for _, rate in options:
        gone, seconds, said = browser.run(MEASURE, str(rate), 3500)
        assert rate * (seconds - 1) - 1 <= gone <= rate * seconds + 1, (rate, gone, seconds)
        told = float(re.match(r"Playing, ([\d,.]+) events? per second\.", said)[1].replace(",", ""))  # type: ignore
        assert 0.5 * rate <= told <= 1.5 * rate, (rate, said)
    choose(browser, "speed", "10")


# --- 3, 4. The fault's story ----------------------------------------------------------------------

LINES = """
    const { app } = faultline, of = [];
    for (const fault of arguments[0]) {
        app.controls.toFault(fault);
        const list = document.querySelector('#story ol');
        of.push([[...list.children].map((e) => e.textContent), getComputedStyle(list.children[0]).listStyleType,
                 document.getElementById('story').textContent]);
    }
    return of;"""


def faults_of(browser: Browser, count: int) -> list[int]:
    """Spread over all."""
    there = browser.run("return faultline.app.travel.faults.start.length")
    return list(range(0, there, max(1, there // count)))


def test_a_step_has_one_number_and_no_gap_is_silent(browser: Browser):
    """The steps' own, 1 to 6; what was not needed is said; after a sleep they begin again."""
    skipped = 0
    for lines, marker, _ in browser.run(LINES, faults_of(browser, 300)):
        assert marker == "none", "no second number beside the step's"
        expected = 1
        for line in lines:
            if "slept" in line:
                expected = 1 if "begins again" in line else expected
                continue
            step = re.match(r"step (\d), (\w+): ", line)
            if not step:
                assert line.startswith("fault ends")
                continue
            assert int(step[1]) == expected, lines
            expected += 1
            skipped += "not needed" in line
    assert skipped > 10


def test_a_fault_that_slept_says_so(browser: Browser, rich_trace: Path):
    """As often as `tools/trace explain` says, which reads the records in another language."""
    faults = {fault.number: fault.slept for fault, _ in all_faults(Trace(rich_trace))}
    awake = [number for number, slept in faults.items() if not slept][:20]
    asleep = [number for number, slept in faults.items() if slept]
    chosen = awake + asleep[:: max(1, len(asleep) // 40)]
    assert len(asleep) > 40
    for number, (lines, _, story) in zip(chosen, browser.run(LINES, [n - 1 for n in chosen]), strict=True):
        slept = faults[number]
        assert sum("the fault slept for" in line for line in lines) == slept, number
        times = "once" if slept == 1 else f"{slept} times"
        assert (f"It slept {times}, " in story) == bool(slept), story


# --- 5. Charts ------------------------------------------------------------------------------------

# Ink in the outermost columns of a chart: something goes on beyond them.
EDGES = """
    return [...document.querySelectorAll('#charts .uplot canvas')].map((canvas) => {
        const context = canvas.getContext('2d'), { width, height } = canvas;
        const inked = (x) => context.getImageData(x, 0, 1, height).data.some((value, i) => i % 4 === 3 && value);
        return [inked(0), inked(1), inked(width - 1), inked(width - 2)];
    });"""


@pytest.mark.parametrize("width", [1400, 800])
def test_no_label_of_a_chart_is_cut_off(rich_page: Path, width: int):
    with Browser(f"--window-size={width},1000") as window:
        window.open(rich_page)
        window.wait(READY)
        if not window.run("return typeof uPlot !== 'undefined'"):
            pytest.skip("npm could not get uPlot, so there are no charts")
        window.run(
            "const { app } = faultline, { samples } = app.travel;"
            "for (const name of ['free', 'kept', 'resident', 'faults', 'evicted', 'written', 'paged_in'])"
            "    samples[name] = samples[name].map((value) => value * 12345);"
            "samples.event = samples.event.map((n) => n * 100);"
            "app.charts.build()"
        )
        window.run("return new Promise((done) => setTimeout(done, 500))")
        edges = window.run(EDGES)
        assert len(edges) == 4
        assert edges == [[False] * 4] * 4


# --- 6. Out of range ------------------------------------------------------------------------------


def enter(browser: Browser, field: str, text: str) -> str:
    """Typed into a field; what is refused."""
    browser.run("const e = document.getElementById(arguments[0]); e.focus(); e.select()", field)
    browser.key(*text, "Enter")
    return browser.run("const e = document.getElementById('refused'); return e.hidden ? '' : e.textContent")


def test_numbers_out_of_range_are_answered(browser: Browser):
    count, faults, frames = browser.run(
        "const { trace, travel } = faultline.app;"
        "return [trace.count, travel.faults.start.length, trace.header.nframes]"
    )
    browser.run("faultline.app.goto(1000)")
    for field, name, least, most in (("fault-number", "fault", 1, faults), ("event-number", "event", 0, count)):
        for text in (str(most + 1), "-1", "999999999999999999999", "12abc", "1.5", *(["0"] if least else [])):
            told = enter(browser, field, text)
            assert text in told and f"{name}s are numbered from {least} to {most:,}." in told
            assert at(browser) == 1000
            assert browser.run("return document.getElementById(arguments[0]).ariaInvalid", field) == "true"
        assert enter(browser, field, str(least + 1)) == ""
        assert at(browser) != 1000
        browser.run("faultline.app.goto(1000)")
        assert browser.run("return document.getElementById(arguments[0]).ariaInvalid", field) != "true"
    role = browser.run("return document.getElementById('refused').getAttribute('role')")
    assert role == "alert", "it is read out at once"
    for name, most in (("fault", faults), ("event", count), ("frame", frames - 1)):
        browser.run("faultline.app.goto(1000); faultline.app.openAt(arguments[0])", f"#{name}={most + 1}")
        assert f"There is no {name} {most + 1}: {name}s are numbered from " in text_of(browser, "refused")
        assert at(browser) == 1000
    browser.run("faultline.app.openAt('#fault=1')")
    assert text_of(browser, "refused") == ""


def test_an_address_out_of_range_is_answered_on_opening(rich_page: Path):
    with Browser() as window:
        window.open(f"{rich_page.resolve().as_uri()}#fault=99999999")
        window.wait(READY)
        assert "There is no fault 99999999: faults are numbered from 1 to " in text_of(window, "refused")
        assert window.run("return document.getElementById('refused').getBoundingClientRect().height") > 10


# --- 8. The map of memory -------------------------------------------------------------------------

MAP = """
    const { memory, selection } = faultline.app, { window: shown } = memory;
    return { cell: shown.cell, first: shown.first, last: shown.last, whole: shown.whole, height: memory.canvas.height,
             selected: selection.frame, seen: selection.frame !== undefined && shown.shows(selection.frame),
             corner: selection.frame === undefined ? [] : shown.corner(selection.frame),
             text: document.getElementById('memory-text').textContent };"""


def test_the_map_zooms_by_buttons_wheel_and_keys(browser: Browser):
    browser.run("faultline.app.goto(arguments[0])", moment_with_swap(browser))
    whole = browser.run(MAP)
    frame = (whole["first"] + whole["last"]) // 2 + 7
    browser.run("faultline.app.select({ frame: arguments[0] })", frame)
    cells = [whole["cell"]]
    while (shown := zoomed(browser, "map-in"))["cell"] != cells[-1]:
        assert shown["cell"] == 2 * cells[-1] and shown["height"] <= 440
        assert shown["selected"] == frame and shown["seen"], "what is selected stays so, and stays in sight"
        assert f"frames {shown['first']} to {shown['last']}" in shown["text"]
        cells.append(shown["cell"])
    assert cells[-1] >= 33 and "no larger" in text_of(browser, "said"), "room for the frame's number"
    browser.click("#memory", *(place + shown["cell"] / 2 for place in shown["corner"]))
    assert browser.run(MAP)["selected"] == frame, "a click still finds it"
    assert ink_in(browser, frame) > 40, "its number stands in it"
    while not browser.run(MAP)["whole"]:
        zoomed(browser, "map-out")
    assert browser.run(MAP)["cell"] == cells[0]

    browser.run("document.getElementById('memory').focus()")
    browser.key("+", "+")
    assert browser.run(MAP)["cell"] == cells[2]
    browser.key("-")
    assert browser.run(MAP)["cell"] == cells[1]
    before = browser.run(MAP)["first"]
    browser.key("PageDown")
    assert browser.run(MAP)["first"] > before
    browser.key("PageUp", "PageUp", "PageUp", "PageUp")
    assert browser.run(MAP)["first"] == whole["first"]
    browser.key("Right")
    there = browser.run(MAP)
    assert there["selected"] == frame + 1 and there["seen"], "the map follows what the keys select"
    browser.key("0")
    assert browser.run(MAP)["whole"]

    browser.wheel("#memory", 100, 100, -120)
    larger = browser.run(MAP)
    assert larger["cell"] == cells[1]
    browser.wheel("#memory", 100, 100, 120)
    assert browser.run(MAP)["whole"] and browser.run(MAP)["selected"] == frame + 1


def zoomed(browser: Browser, button: str) -> dict:
    browser.run("document.getElementById(arguments[0]).click()", button)
    return browser.run(MAP)


def ink_in(browser: Browser, frame: int) -> int:
    """Points within a frame's cell that are not of its ground's colour."""
    return browser.run(
        """
        const { memory } = faultline.app, { cell } = memory.window, [x, y] = memory.window.corner(arguments[0]);
        const { data } = memory.canvas.getContext('2d').getImageData(x + 4, y + 4, cell - 8, cell - 8);
        const words = new Uint32Array(data.buffer);
        return words.filter((word) => word !== words[0]).length;""",
        frame,
    )


# --- 9. A program that is not there -----------------------------------------------------------------


def make_view(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", "view", f"PROGRAM={program}"], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_no_page_of_a_program_that_is_not_there():
    stale = ROOT / "build/view/nosuch.html"
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_text("of another time", "utf-8")
    made = make_view("nosuch")
    assert made.returncode != 0
    assert "file://" not in made.stdout and not stale.exists()
    assert "nosuch did not run, so there is no page of it" in made.stderr


def test_a_program_that_fails_has_its_page():
    made = make_view("false")
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == (ROOT / "build/view/false.html").as_uri()
