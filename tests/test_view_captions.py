"""Captions, lessons and scripts on the page, in a real browser."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, READY, opened, page_of
from traces import TRACE, make_trace

from faultline.browser import Browser
from tracing import notes
from tracing.reader import Trace

pytestmark = NEEDS_BROWSER

ODD = r"printf 'note </script><img src=x onerror=window.bad=1>\033[2J\377' > /proc/trace"
SAYING = f"note one and more than sixteen bytes; {ODD}; swaptest 12 1 > /dev/null; demo-cow > /dev/null"
ODD_TOLD = "</script><img src=x onerror=window.bad=1>�[2J�"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("captions") / "saying"
    result = make_trace(file, "--ram", "16M", "--swap", "32M", "--", "sh", "-c", SAYING)
    assert result.status == 0, result.report()
    return file


@pytest.fixture(scope="module")
def page(file: Path) -> Path:
    return page_of(file)


@pytest.fixture(scope="module")
def told(file: Path) -> list[tuple[notes.Note, list[str]]]:
    return list(notes.with_answers(Trace(file)))


@pytest.fixture(scope="module")
def window(page: Path) -> Iterator[Browser]:
    with opened(page) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser) -> Browser:
    """At the beginning, without a lesson, with nothing focused."""
    window.run(
        "const { captions } = faultline.app; if (captions.stage !== 'off') captions.lesson();"
        "document.activeElement.blur(); document.getElementById('caption-chapters').open = false;"
        "faultline.app.goto(0);"
    )
    return window


def text(browser: Browser, name: str) -> str:
    return browser.run("return document.getElementById(arguments[0]).textContent", name)


def seen(browser: Browser, name: str) -> bool:
    """On the page, and not of no size."""
    return browser.run(
        "const box = document.getElementById(arguments[0]).getBoundingClientRect(); return box.width * box.height > 0",
        name,
    )


def at(browser: Browser) -> int:
    return browser.run("return faultline.app.travel.at")


def answer(browser: Browser) -> list[str]:
    return browser.run("return [...document.querySelectorAll('#caption-answer li')].map((e) => e.textContent)")


def sentence(note: notes.Note) -> str:
    """As it is shown."""
    return note.text[0].upper() + note.text[1:] + ("" if note.text[-1] in ".?!…" else ".")


# --- Captions -----------------------------------------------------------------------------------


def test_each_caption_in_its_turn_with_what_came_of_it(browser: Browser, told: list[tuple[notes.Note, list[str]]]):
    """The page and tools/trace notes go through the records each for itself."""
    assert text(browser, "caption-text") == "Nothing has been said yet." and answer(browser) == []
    for number, (note, lines) in enumerate(told, 1):
        browser.key("n")
        assert at(browser) == note.last + 1
        assert text(browser, "caption-text") == sentence(note)
        assert text(browser, "caption-place") == f"{number} of {len(told)}"
        assert text(browser, "caption-who").startswith(f"{note.program} ({note.process}), ")
        assert answer(browser) == lines
        assert text(browser, "said") == f"Caption {number} of {len(told)}: {sentence(note)}"
    browser.key("n")
    assert text(browser, "said") == "That was the last caption."
    assert any("evicted" in line for _, lines in told for line in lines)
    assert any("copied" in line for _, lines in told for line in lines)


def test_back_is_first_to_where_this_one_began(browser: Browser, told: list[tuple[notes.Note, list[str]]]):
    browser.key("n", "n", "n", "Right", "Right", "b")
    assert at(browser) == told[2][0].last + 1
    browser.key("b")
    assert at(browser) == told[1][0].last + 1
    browser.key("b", "b")
    assert text(browser, "said") == "There is no caption before."


def test_it_is_in_force_from_when_it_was_said_until_the_next(
    browser: Browser, told: list[tuple[notes.Note, list[str]]]
):
    first, second = told[0][0], told[1][0]
    for moment, words in (
        (first.first, "Nothing has been said yet."),
        (first.first + 1, sentence(first)),
        (second.first, sentence(first)),
        (second.first + 1, sentence(second)),
    ):
        browser.run("faultline.app.goto(arguments[0])", moment)
        assert text(browser, "caption-text") == words


def test_whatever_is_said_is_only_text(browser: Browser, page: Path):
    browser.key("n", "n")
    assert text(browser, "caption-text") == ODD_TOLD + "."
    assert browser.run("return window.bad === undefined && document.querySelectorAll('main img').length === 0")
    assert "onerror=window.bad" not in page.read_text("utf-8")  # it is among the packed records


def test_it_is_large_and_above_everything_that_is_drawn(browser: Browser):
    browser.key("n")
    size, bottom, top = browser.run(
        "const e = document.getElementById('caption-text');"
        "return [parseFloat(getComputedStyle(e).fontSize), document.getElementById('caption').getBoundingClientRect()"
        ".bottom, document.getElementById('main').getBoundingClientRect().top]"
    )
    assert size >= 20 and bottom <= top


def test_chapters(browser: Browser, told: list[tuple[notes.Note, list[str]]]):
    browser.run("document.getElementById('caption-chapters').open = true")
    browser.wait("document.querySelectorAll('#caption-list a').length > 0")
    links = browser.run("return [...document.querySelectorAll('#caption-list a')].map((e) => [e.textContent, e.hash])")
    assert links == [[sentence(note), f"#caption={n}"] for n, (note, _) in enumerate(told, 1)]
    browser.run("document.querySelectorAll('#caption-list a')[3].click()")
    assert at(browser) == told[3][0].last + 1
    now = browser.run("return [...document.querySelectorAll('#caption-list [aria-current]')].map((e) => e.textContent)")
    assert now == [sentence(told[3][0])]


def test_an_address_leads_to_a_caption(browser: Browser, page: Path, told: list[tuple[notes.Note, list[str]]]):
    browser.run("faultline.app.openAt('#caption=3')")
    assert at(browser) == told[2][0].last + 1
    browser.run("faultline.app.openAt('#caption=99')")
    assert text(browser, "refused") == f"There is no caption 99: captions are numbered from 1 to {len(told)}."


def test_the_event_itself_is_told_in_words(browser: Browser, told: list[tuple[notes.Note, list[str]]]):
    for moment, words in ((told[0][0].first + 1, "one and more tha"), (told[0][0].last + 1, told[0][0].text)):
        browser.run("faultline.app.goto(arguments[0])", moment)
        assert f"note ({told[0][0].process}) says: {words}" in text(browser, "moment")


def test_a_run_in_which_nobody_says_anything(tmp_path: Path):
    make_trace(tmp_path / "silent", "--ram", "16M", "--", "one-fault")
    with Browser() as window:
        window.open(page_of(tmp_path / "silent"))
        window.wait(READY)
        assert not seen(window, "caption") and not seen(window, "script")
        window.key("n")
        assert "there are no captions" in text(window, "said")
        window.key("l")
        assert "There is no lesson" in text(window, "said")
        assert window.log() == []


# --- A lesson -------------------------------------------------------------------------------------


def test_a_lesson_hides_asks_and_reveals(browser: Browser, told: list[tuple[notes.Note, list[str]]]):
    browser.key("l")
    for number, (note, lines) in enumerate(told):
        assert at(browser) == note.last + 1
        assert text(browser, "caption-text") == sentence(note)
        assert seen(browser, "caption-question") and text(browser, "caption-question") == "What will happen?"
        assert answer(browser) == []
        assert text(browser, "said") == f"{sentence(note)} What will happen?"
        browser.key("Enter")
        browser.wait("faultline.app.captions.stage === 'told'")
        assert not seen(browser, "caption-question") and answer(browser) == lines
        assert text(browser, "said") == f"What happened: {' '.join(lines)}"
        end = told[number + 1][0].first if number + 1 < len(told) else browser.run("return faultline.app.trace.count")
        assert at(browser) == end
        browser.key("Enter")
    assert text(browser, "said") == "The lesson has ended." and not seen(browser, "caption-reveal")


def test_the_answer_plays_through(browser: Browser):
    """In some pictures, not in one; and Enter has it at once."""
    browser.key("l", "n", "n")
    moments = browser.run(
        "const moments = [], { app } = faultline, { goto } = app;"
        "window.moments = moments;"
        "app.goto = function (n, quietly) { moments.push(n); return goto.call(app, n, quietly); };"
    )
    browser.key("Enter")
    browser.wait("faultline.app.captions.stage === 'told'")
    moments = browser.run("delete faultline.app.goto; return window.moments")
    assert 10 < len(moments) <= 45 and moments == sorted(moments)
    browser.key("b")
    assert browser.run("return faultline.app.captions.stage") == "asked"
    browser.key("Enter", "Enter")
    assert browser.run("return faultline.app.captions.stage") == "told"


def test_the_button_does_what_enter_does(browser: Browser):
    browser.click("#caption-lesson", 5, 5)
    assert browser.run("return document.getElementById('caption-lesson').getAttribute('aria-pressed')") == "true"
    assert text(browser, "caption-reveal") == "Reveal"
    browser.click("#caption-reveal", 5, 5)
    browser.wait("faultline.app.captions.stage === 'told'")
    assert text(browser, "caption-reveal") == "Next question"
    browser.click("#caption-lesson", 5, 5)
    assert text(browser, "said") == "The lesson has ended."


def test_who_goes_elsewhere_is_asked_what_comes_there(browser: Browser, told: list[tuple[notes.Note, list[str]]]):
    browser.key("l")
    browser.run("faultline.app.goto(arguments[0])", told[4][0].last + 3)
    assert text(browser, "caption-text") == sentence(told[4][0])
    assert seen(browser, "caption-question") and answer(browser) == []


def test_where_things_stand_still_nothing_plays(page: Path, told: list[tuple[notes.Note, list[str]]]):
    with Browser("--force-prefers-reduced-motion") as still:
        still.open(page)
        still.wait(READY)
        still.run("faultline.app.goto(0)")
        still.key("l", "Enter")
        assert still.run("return [faultline.app.captions.timer, faultline.app.captions.stage]") == [0, "told"]
        assert at(still) == told[1][0].first and answer(still) == told[0][1]


# --- A script -------------------------------------------------------------------------------------

SCRIPT = "map 3 A; write A; fork; child: write A2; write A1"


def test_a_scripts_page(tmp_path: Path):
    page = tmp_path / "play.html"
    with open(page, "w", encoding="utf-8") as out:
        subprocess.run([TRACE, "view", "--play", SCRIPT], stdout=out, stderr=subprocess.DEVNULL, check=True)
    with Browser() as window:
        window.open(page)
        window.wait(READY)
        window.run("faultline.app.openAt('#caption=6')")
        assert text(window, "caption-text") == "The child writes A2."
        assert re.fullmatch(r"play \(\d+\) takes 1 fault: copy at 0x10002000\.", answer(window)[0])
        assert window.log() == []


def test_a_wrong_script_makes_no_page():
    words = [str(TRACE), "view", "--play", "write A0"]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 2 and result.stdout == ""
    assert 'in "write A0": the parent has no memory called A' in result.stderr


TYPE = "const field = document.getElementById('script-text'); field.value = arguments[0]; field.focus();"


def test_typed_in_the_page_of_a_machine_that_runs():
    words = [str(TRACE), "view", "--live", "--boot-arg=--ram", "--boot-arg=16M", "--", "demo-lazy"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        address = next(line.split()[-1] for line in server.stderr if "http://127.0.0.1" in line)
        with Browser() as window:
            window.open(address)
            window.wait(READY)
            window.wait("document.getElementById('said').textContent.includes('has ended')")
            window.run(TYPE, "write A0")
            window.key("Enter")
            window.wait("document.getElementById('script-said').textContent.includes('no memory called A')")
            assert window.run("return faultline.app.captions.notes.all[0].program") == "demo-lazy"
            refused = window.log()  # the browser itself tells of the refusal
            assert len(refused) == 1 and "400" in refused[0]
            for script, caption in (
                (SCRIPT, "The parent maps 3 pages, called A."),
                ("frames 3; policy lru; 1 2 3 4 1 2 5", "Reference 1: page 1 is written; in frames: none."),
            ):
                window.run(f"window.old = true; {TYPE}", script)
                window.key("Enter")
                window.wait(f"!window.old && {READY}")
                window.wait(f"document.getElementById('caption-text').textContent === {caption!r}")
                assert window.run("return document.getElementById('script-text').value") == script
            assert window.log() == []
    finally:
        server.terminate()
        server.wait()
