"""The page of several processors: a lane for each, shootdowns as arrows that the keyboard reaches; and with one it is
as it was."""

from __future__ import annotations

from pathlib import Path

import axe
import pytest
from pages import NEEDS_BROWSER, opened, page_of, text_of
from test_view import compared_moments
from traces import WORK, make_trace

from faultline.browser import Browser
from tracing.reader import Trace, Who
from tracing.shootdowns import Shootdown, all_shootdowns

pytestmark = NEEDS_BROWSER

# As test_view.py's run, with the kernel's own word in the midst of things, and threads of one space beside it.
JOB = f"(/test/shootdown > /dev/null) & {WORK}\nwait; echo dump > /proc/trace"
SMALL = ("--ram", "12M", "--swap", "32M", "--swap-latency", "100", "--image-latency", "30")
DARK = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"]
ARROW = "document.querySelector('#lanes .shootdown[data-number=\"%d\"]')"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("several") / "trace"
    result = make_trace(file, "--cpus", "2", *SMALL, "--", "sh", "-c", JOB)
    assert result.status == 0, result.report()
    return file


@pytest.fixture(scope="module")
def trace(file: Path) -> Trace:
    return Trace(file)


@pytest.fixture(scope="module")
def asked(trace: Trace) -> list[Shootdown]:
    return list(all_shootdowns(trace))


@pytest.fixture(scope="module")
def browser(file: Path):
    with opened(page_of(file)) as window:
        yield window


def test_what_the_page_works_out_is_what_the_kernel_says(browser: Browser):
    """At each dump, of frames, pages and ptes, though records of two processors come between each other."""
    assert len({n for n, _ in compared_moments(browser)}) >= 10


def test_the_page_has_the_same_shootdowns(browser: Browser, asked: list[Shootdown]):
    """As tools/trace shootdowns: who asks, whom, and when each had answered; which frames are free then."""
    found = browser.run("""
        const { trace, lanes } = faultline.app;
        return lanes.shootdowns.all.map((each) => [each.n, each.number, each.asker, each.process,
            each.answers.map((a) => [a.processor, a.mode, a.end < 0 ? null : a.time]),
            each.over < 0 ? null : trace.time(each.over), each.freed]);""")
    expected = [
        [
            *(each.n, each.number, each.asker, each.process),
            [[a.processor, a.mode, a.time if a.end else None] for a in each.answers.values()],
            each.over.time if each.over else None,
            [record.frame for record in each.freed],
        ]
        for each in asked
    ]
    assert len(found) > 500 and found == expected


def test_who_runs_where(browser: Browser, trace: Trace):
    """At moments all over the trace, forwards and back."""
    wanted = list(range(1, trace.count, trace.count // 40))
    who, expected, n = Who(trace), {}, 0
    for moment in wanted:
        while n < moment:
            who.follow(trace[n])
            n += 1
        expected[moment] = [list(who.runs_on(processor)) for processor in range(2)]
    for moments in (wanted, wanted[::-1]):
        found = browser.run(
            """return arguments[0].map((n) => {
                faultline.app.travel.seek(n);
                const s = faultline.app.travel.state;
                return [0, 1].map((p) => [s.S[s.C_PROCESS + p], s.S[s.C_THREAD + p]]);
            });""",
            moments,
        )
        assert found == [expected[moment] for moment in moments]


def interrupted(asked: list[Shootdown]) -> Shootdown:
    """One whose answer was waited for."""
    return next(each for each in asked if any(answer.mode == 1 for answer in each.answers.values()))


def test_a_lane_for_each_and_an_arrow(browser: Browser, asked: list[Shootdown]):
    each = interrupted(asked)
    browser.run("faultline.app.goto(arguments[0])", each.n + 1)
    assert browser.run("return document.querySelectorAll('#lanes .mode-none').length") == 2
    labels = browser.run("return [...document.querySelectorAll('#lanes > text')].map((e) => e.textContent)")
    assert any(label.startswith(f"processor {1 - each.asker}: ") and "user code" in label for label in labels), labels
    arrow = ARROW % each.number
    assert browser.run(f"return {arrow}.querySelectorAll('path.asked').length") == 1
    # It leads from the lane of who asks to the edge of the other's, onwards in time.
    line = browser.run(f"return {arrow}.querySelector('path').getAttribute('d')")
    (x, y), (to_x, to_y) = (tuple(map(float, point.split(","))) for point in line[1:].split("L"))
    assert x <= to_x and (y < to_y) == (each.asker == 0)
    told = browser.run(f"return {arrow}.getAttribute('aria-label')")
    assert told.startswith(f"Shootdown {each.number}: ") and "ran user code and was interrupted" in told
    assert told in text_of(browser, "lanes-text") and told in text_of(browser, "lanes-list")


def test_by_the_keyboard(browser: Browser, asked: list[Shootdown]):
    """s and S go from one to the next and back; Tab reaches an arrow, and Enter goes to its moment."""
    first, second = asked[10].n + 1, asked[11].n + 1
    browser.run("faultline.app.goto(arguments[0]); document.activeElement.blur()", first)
    browser.key("s")
    assert browser.run("return faultline.app.travel.at") == second
    assert text_of(browser, "said").startswith("Shootdown 12: ")
    browser.key("S")
    assert browser.run("return faultline.app.travel.at") == first
    each = interrupted(asked)
    browser.run("faultline.app.goto(arguments[0]); document.getElementById('lanes-out').focus()", each.n + 5)
    for _ in range(90):
        browser.key("Tab")
        if browser.run("return document.activeElement.dataset.number") == str(each.number):
            break
    browser.key("Enter")
    assert browser.run("return faultline.app.travel.at") == each.n + 1
    assert browser.run("return document.activeElement.dataset.number") == str(each.number), "the focus stays"
    browser.run("document.activeElement.blur()")
    browser.key("c")
    assert browser.run("return document.activeElement.id") == "h-lanes"


def test_buttons_and_zoom(browser: Browser, asked: list[Shootdown]):
    browser.run("faultline.app.goto(arguments[0])", asked[20].n + 1)
    browser.run("document.getElementById('shootdown-on').click()")
    assert browser.run("return faultline.app.travel.at") == asked[21].n + 1
    browser.run("document.getElementById('shootdown-back').click()")
    assert browser.run("return faultline.app.travel.at") == asked[20].n + 1
    spans = []
    for button in ("lanes-in", "lanes-in", "lanes-out"):
        browser.run(f"document.getElementById('{button}').click()")
        spans.append(browser.run("return faultline.app.lanes.span"))
    assert spans[0] == 2 * spans[1] == spans[2]


def test_every_event_says_its_processor(browser: Browser):
    told = browser.run("""
        const { app } = faultline, { trace } = app, seen = {};
        for (let n = 0; n < trace.count; n++)
            if (!(trace.eventName(n) in seen)) seen[trace.eventName(n)] = app.words.event(n);
        return seen;""")
    assert all(words.startswith(("processor 0: ", "processor 1: ")) for words in told.values())
    dull = [name for name, words in told.items() if words.split(": ", 1)[1] == name]
    assert dull == [] and {"mode", "load", "lock-wait", "shootdown", "shootdown-sent", "shootdown-done"} <= set(told)


LOOK = """
    return axe.run(document.getElementById("lanes-part"), { resultTypes: ["violations"] }).then((results) =>
        results.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.failureSummary}`)));"""


@pytest.mark.parametrize("flags", [["--window-size=1280,1000"], ["--window-size=500,900"], DARK])
def test_nobody_is_kept_out(file: Path, asked: list[Shootdown], flags: list[str]):
    """By what axe-core finds, in the dark, too; and nothing is wider than the window."""
    if not axe.have():
        pytest.skip("axe-core could not be had")
    with opened(file.with_suffix(".html"), *flags) as window:
        window.run("faultline.app.goto(arguments[0])", interrupted(asked).n + 1)
        window.run(axe.INTO_ALL, axe.SCRIPT.read_text("utf-8"))
        assert window.run(LOOK) == []
        assert window.run("return document.getElementById('lanes-part').scrollWidth <= innerWidth")


def test_with_one_processor_nothing_of_it_is_there(rich_page: Path):
    with opened(rich_page) as window:
        hidden = "return [...document.querySelectorAll('.several')].every((e) => e.hidden && !e.checkVisibility())"
        assert window.run(hidden)
        window.run("faultline.app.goto(1000)")
        before = window.run("return faultline.app.travel.at")
        window.key("s")
        assert window.run("return faultline.app.travel.at") == before
        assert "processor" not in text_of(window, "moment-text")
