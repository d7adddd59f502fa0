"""The page of two runs, in a real browser: it opens where they part, and moves both in step."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import axe
import pytest
from pages import NEEDS_BROWSER, READY, opened
from support import ROOT, run_folder
from traces import TRACE, make_trace

from faultline.browser import Browser
from supposing import what_if
from tracing.part import Compared
from tracing.reader import Trace

pytestmark = NEEDS_BROWSER

MACHINE = ("--ram", "64M")


class Two:
    """The page, and what it is made of."""

    def __init__(self, browser: Browser, compared: Compared):
        self.browser, self.compared = browser, compared
        self.rows = compared.rows

    def moments(self) -> tuple[int, int]:
        """How many events each run's own page shows."""
        a, b = self.browser.run("return faultline.runs.apps.map((app) => app.travel.at)")
        return a, b

    def said(self) -> str:
        return str(self.text("row-told"))

    def text(self, of: str) -> Any:
        return self.browser.run("return document.getElementById(arguments[0]).textContent", of)

    def go(self, what: str) -> None:
        self.browser.run("document.querySelector(`[data-go=${arguments[0]}]`).click()", what)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """demo-cow as it is, and on a kernel whose fork keeps W; in the midst the second tells all its state."""
    folder = tmp_path_factory.mktemp("two")
    make_trace(folder / "right", *MACHINE, "--", "demo-cow")
    what_if.run(what_if.find("w-kept", "demo-cow").b, folder / "kept", [*MACHINE], ["demo-cow"])
    return folder / "right", folder / "kept"


@pytest.fixture(scope="module")
def two(files: tuple[Path, Path]):
    page = files[0].with_suffix(".html")
    with open(page, "w", encoding="utf-8") as out:
        subprocess.run([TRACE, "view", *files, "--program", "demo-cow"], stdout=out, check=True)
    with opened(page, "--host-resolver-rules=MAP * ~NOTFOUND") as window:
        yield Two(window, Compared(Trace(files[0]), Trace(files[1]), "demo-cow"))


def test_it_opens_where_they_part_and_says_why(two: Two):
    assert two.compared.parting is not None
    row = two.rows[two.compared.parting]
    assert two.moments() == row.moments
    where = two.text("where")
    assert "Then they part: demo-cow writes to 0x7ff" in where and "W was off" in where and "W is on" in where
    assert "Only A does this: demo-cow (" in two.said() and "A copy; B does not" in two.said()
    assert two.browser.run("return performance.getEntriesByType('resource').length") == 0


def test_each_run_has_its_own_state(two: Two):
    """Where they part: A has copied the page, and in B both name the same frame, with W."""
    two.go("parting")
    row = two.rows[two.compared.parting or 0]
    look = """
        const [address] = arguments;
        return faultline.runs.apps.map((app) => {
            const s = app.travel.state, found = [];
            for (let space = 1; space < s.size.spaces; space++) {
                const entry = s.A_LIVE && s.S[s.A_LIVE + space] ? s.findAddress(space, address) : -1;
                if (entry >= 0) found.push(app.words.pte(s.S[s.E_PTE + entry], s.S[s.E_PTE_HIGH + entry]));
            }
            return found;
        });"""
    a, b = two.browser.run(look, row.one.key.address)
    frames = [[pte.split(",")[1] for pte in run if pte.startswith("present")] for run in (a, b)]
    assert len(frames[0]) == 2 == len(set(frames[0])), a
    assert len(frames[1]) == 2 and len(set(frames[1])) == 1, b
    assert all(", rw-" in pte for pte in b)


def test_the_state_told_is_the_other_kernels_too(tmp_path: Path):
    """Its trace says what its entries say: the state worked out is the kernel's own dump, on each of these kernels."""
    script = "demo-cow > /dev/null & for i in 1 2 3 4 5 6 7 8; do echo dump > /proc/trace; sleep 0.01; done; wait"
    compare = """
        const { app, Comparison } = faultline;
        return Comparison.dumps(app.trace).map((n) => {
            app.travel.seek(n);
            return new Comparison(app.travel, n).different.slice(0, 5);
        });"""
    with Browser() as window:
        for kernel in ("w-kept", "copied-at-once"):
            file = tmp_path / kernel
            what_if.run(what_if.Setting(kernel=kernel), file, [*MACHINE], ["sh", "-c", script])
            page = file.with_suffix(".html")
            with open(page, "w", encoding="utf-8") as out:
                subprocess.run([TRACE, "view", file], stdout=out, check=True)
            window.open(page)
            window.wait(READY)
            found = window.run(compare)
            assert len(found) == 8 and not any(found), (kernel, found)


def test_one_slider_moves_both(two: Two):
    for number in (1, len(two.rows) // 2, len(two.rows)):
        two.browser.run(
            "const e = document.getElementById('row'); e.value = arguments[0]; e.dispatchEvent(new Event('input'));",
            number,
        )
        assert two.moments() == two.rows[number - 1].moments
        assert f"Step {number:,} of {len(two.rows):,}" in two.said()


def test_keys_and_buttons(two: Two):
    different = two.compared.differences()
    two.browser.run("document.activeElement.blur()")
    two.browser.key("Home")
    assert two.moments() == (0, 0) and "Nothing has happened yet" in two.said()
    two.browser.key("Right", "Right", "Left")
    assert two.moments() == two.rows[0].moments and "The same in both" in two.said()
    two.browser.key("]")
    assert two.moments() == two.rows[different[0]].moments
    two.browser.key("End", "[")
    last = different[-1] if different[-1] < len(two.rows) - 1 else different[-2]
    assert two.moments() == two.rows[last].moments
    two.browser.key("p")
    assert two.moments() == two.rows[two.compared.parting or 0].moments
    two.go("first")
    two.browser.key("[")
    assert two.said() == "There is no difference before this step."


def test_a_run_that_is_moved_takes_the_other_along(two: Two):
    """Whatever moves it in its own page; not when nobody wants that."""
    row = two.rows[len(two.rows) // 3]
    for side in (0, 1):
        two.go("last")
        two.browser.run("faultline.runs.apps[arguments[0]].goto(arguments[1])", side, row.moments[side])
        shown = two.browser.run("return faultline.runs.at")
        assert two.rows[shown].moments[side] == row.moments[side] and two.moments() == two.rows[shown].moments
    two.go("last")
    before = two.moments()
    two.browser.run("document.getElementById('together').click(); faultline.runs.apps[0].goto(5)")
    assert two.moments() == (5, before[1]) and "(a run is between two)" in two.said()
    two.browser.run("document.getElementById('together').click()")


# Of each run: the process and the address of each page, and where its box stands in the picture, or is moving to;
# and where the picture stands.
BOXES = """
    return [...document.querySelectorAll('iframe')].map(({ contentDocument, contentWindow }) => {
        const rows = [...contentDocument.querySelectorAll('#picture-table tbody tr')];
        const places = contentWindow.faultline.app.picture.drawing.made.pages;
        return [rows.map((row) => [row.cells[0].textContent, row.cells[1].textContent]),
                [...places].map(([page, { x, y }]) => [page, x, y]),
                contentDocument.getElementById('picture').getBoundingClientRect().top];
    });"""


def test_a_page_stands_at_the_same_place_in_both(two: Two):
    """At every difference, whoever acts there, and after a step in one run's own page."""
    different = two.compared.differences()
    rows = [*different[:: max(1, len(different) // 10)], *range(0, len(two.rows), max(1, len(two.rows) // 20))]
    for row in rows:
        two.browser.run("faultline.runs.show(arguments[0])", row)
        a, b = two.browser.run(BOXES)
        assert a == b and len(a[0]) >= 6, two.rows[row]
    for side in (0, 1, 0):
        two.browser.run("faultline.runs.apps[arguments[0]].controls.go('fault-on')", side)
        a, b = two.browser.run(BOXES)
        assert a == b


def test_a_page_stands_at_the_same_place_in_runs_of_different_programs(tmp_path: Path):
    """Where one has not begun, and its regions are others."""
    for program in ("demo-cow", "demo-share"):
        make_trace(tmp_path / program, *MACHINE, "--", program)
    page = tmp_path / "two.html"
    with open(page, "w", encoding="utf-8") as out:
        subprocess.run([TRACE, "view", tmp_path / "demo-cow", tmp_path / "demo-share"], stdout=out, check=True)
    with opened(page) as window:
        for row in range(0, window.run("return faultline.runs.count"), 40):
            window.run("faultline.runs.show(arguments[0])", row)
            (_, a, _), (_, b, _) = window.run(BOXES)
            assert a == b, row


def test_who_is_shown_is_chosen_for_both(two: Two):
    """By who chose last, in either run; more of a region's pages, too."""
    two.go("parting")
    for side, process in ((0, 2), (1, 3), (0, 2)):
        two.browser.run("faultline.runs.apps[arguments[0]].picture.choose(1, arguments[1])", side, process)
        shown = two.browser.run("return faultline.runs.apps.map((app) => app.picture.processes)")
        assert shown[0] == shown[1] and shown[side][1] == process
        two.go("back")
        assert two.browser.run("return faultline.runs.apps.map((app) => app.picture.processes)") == shown
    before = len(two.browser.run(BOXES)[0][0])
    two.browser.run("const { picture } = faultline.runs.apps[1]; picture.open(picture.drawing.made.strips[0])")
    a, b = two.browser.run(BOXES)
    assert a == b and len(a[0]) > before
    two.browser.run(
        "faultline.runs.apps.forEach(({ picture }) => { picture.chosen = false; picture.more.clear(); });"
    )


def test_what_is_not_found_is_said_in_its_own_page(two: Two):
    two.go("parting")
    two.browser.run("faultline.runs.apps[1].finder.find('nosuch')")
    said = two.browser.run(
        "const e = document.getElementById('run-b').contentDocument.getElementById('said');"
        "return [e.textContent, e.getClientRects().length]"
    )
    assert "Nothing is called" in said[0] and said[1] > 0
    two.go("back")
    said = "return document.getElementById('run-b').contentDocument.getElementById('said').textContent"
    assert two.browser.run(said) == ""


@pytest.mark.parametrize("flags", [(), ("--blink-settings=preferredColorScheme=0",)], ids=["light", "dark"])
def test_axe_finds_nothing_serious(files: tuple[Path, Path], two: Two, flags: tuple[str, ...]):
    """On the page, nor on those within."""
    if not axe.have():
        pytest.skip("npm could not get axe-core, which looks for what hinders screen readers")
    with opened(files[0].with_suffix(".html"), "--force-prefers-reduced-motion", *flags) as window:
        window.run("for (const details of document.querySelectorAll('details')) details.open = true;")
        found = axe.hindrances(window)
        assert found == [], "\n".join(found)


def test_numbers_that_there_are_not_are_answered(two: Two):
    two.go("parting")
    before = two.moments()
    for word in ("999999", "-1", "1.5", ""):
        two.browser.run(
            "const e = document.getElementById('row-number'); e.value = arguments[0];"
            "e.dispatchEvent(new Event('change'));",
            word,
        )
        assert two.said().startswith("There is no such step") and two.moments() == before


def test_totals_and_differences_are_listed(two: Two):
    lines = "[...document.querySelectorAll('#totals tbody tr')]"
    cells = two.browser.run(f"return {lines}.map((row) => [...row.cells].map((cell) => cell.textContent))")
    rows = {row[0]: row[1:] for row in cells}
    copies = [int(number) for number in rows["of these copy"][:2]]
    assert copies[0] > copies[1] and rows["of these copy"][2] == "≠" and rows["of these file"][2] == ""
    listed = two.browser.run("return [...document.querySelectorAll('#differences li')].map((e) => e.textContent)")
    assert len(listed) == min(200, len(two.compared.differences()))
    assert listed[0] == two.compared.row_told(two.rows[two.compared.differences()[0]])
    two.browser.run("document.querySelector('#differences li button').click()")
    assert two.moments() == two.rows[two.compared.differences()[0]].moments


def test_both_are_seen_side_by_side_or_below_each_other(files: tuple[Path, Path], two: Two):
    """At 1400 beside each other, at 800 one below the other; no frame has a scroll bar of its own."""
    boxes = """
        return [...document.querySelectorAll("iframe")].map((e) => {
            const box = e.getBoundingClientRect();
            return [box.left, box.top, box.height, e.contentDocument.body.scrollHeight];
        });"""
    pictures = run_folder("pictures")
    for width, flag in ((1400, "light"), (800, "light"), (1400, "dark")):
        words = ["--blink-settings=preferredColorScheme=0"] if flag == "dark" else []
        with Browser(f"--window-size={width},1000", *words) as window:
            window.open(files[0].with_suffix(".html"))
            window.wait(READY)
            frames = "[...document.querySelectorAll('iframe')]"  # each grows to what is in it, when that is drawn
            window.wait(f"{frames}.every((e) => e.clientHeight > 610)")
            window.wait(f"{frames}.every((e) => e.offsetHeight >= e.contentDocument.body.scrollHeight)")
            (a_left, a_top, *a), (b_left, b_top, *b) = window.run(boxes)
            assert (a_top == b_top and a_left < b_left) if width == 1400 else (a_left == b_left and a_top < b_top)
            assert all(height >= inner for height, inner in (a, b))
            (pictures / f"two-{width}-{flag}.png").write_bytes(window.screenshot())


def test_a_run_that_is_the_same_says_so(files: tuple[Path, Path], tmp_path: Path):
    page = tmp_path / "same.html"
    with open(page, "w", encoding="utf-8") as out:
        subprocess.run([TRACE, "view", files[0], files[0]], stdout=out, check=True)
    with Browser() as window:
        window.open(page)
        window.wait(READY)
        assert "do the same to the end" in window.run("return document.getElementById('where').textContent")
        window.run("document.querySelector('[data-go=parting]').click()")
        assert window.run("return document.getElementById('row-told').textContent") == "There is no difference at all."


def test_a_what_if_opens_as_a_page():
    """Of the page that is printed last: both are called what they are."""
    words = [str(ROOT / "tools/what-if"), "ram=96M", *MACHINE, "--", "demo-cow"]
    address = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    with Browser() as window:
        window.open(address)
        window.wait(READY)
        names = window.run("return ['h-a', 'h-b'].map((id) => document.getElementById(id).textContent)")
        assert names == ["A: demo-cow, as it is", "B: demo-cow, ram 96M"]
