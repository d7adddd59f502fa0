"""The page's picture, in a real browser: it opens where the story is, what is drawn is the state, and one finds a
moment by words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pages import NEEDS_BROWSER, READY, page_of
from test_view import table_add
from traces import make_trace

from faultline.browser import Browser

pytestmark = NEEDS_BROWSER

SMALL = ("--ram", "12M", "--swap", "32M")
SHELL = ("sh", "-c", "(echo one; x=2; echo $x); demo-cow > /dev/null; echo three")
RUNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "demo-cow": ((), ("demo-cow",)),
    "demo-share": ((), ("demo-share",)),
    "swaptest": ((*SMALL, "--swap-latency", "100"), ("swaptest", "6", "1")),
    "shell": ((), SHELL),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Made when they are first asked for."""

    class Pages(dict[str, Path]):
        def __missing__(self, name: str) -> Path:
            machine, words = RUNS[name]
            file = tmp_path_factory.mktemp("picture") / name
            make_trace(file, *machine, "--", *words)
            self[name] = page_of(file)
            return self[name]

    return Pages()


@pytest.fixture(scope="module")
def browser():
    """Nothing moves by itself, so that what is drawn is there at once."""
    with Browser("--force-prefers-reduced-motion", "--window-size=1400,1000") as window:
        yield window
        assert window.log() == []


@pytest.fixture
def show(browser: Browser, pages: dict[str, Path]):
    def shown(name: str, hash: str = "") -> Browser:
        browser.open("about:blank")
        browser.open(pages[name].resolve().as_uri() + hash)
        browser.wait(READY)
        return browser

    return shown


def each(window: Browser, selector: str, what: str) -> list[str]:
    """A property of all elements."""
    script = f"return [...document.querySelectorAll(arguments[0])].map((element) => element.{what})"
    found: list[str] = window.run(script, selector)
    return found


# --- It opens where the story is ---


STORIES = [("demo-cow", "demo-cow"), ("swaptest", "swaptest"), ("shell", "demo-cow")]


@pytest.mark.parametrize(("name", "program"), STORIES)
def test_it_opens_at_the_first_event_of_the_program(show, name: str, program: str):
    """The shell and init are left out where something else ran."""
    window = show(name)
    event, ran, words = window.run(
        "const { trace, travel } = faultline.app, n = travel.at - 1;"
        "return [trace.eventName(n), trace.text(n), document.getElementById('moment').textContent]"
    )
    assert (event, ran) == ("exec", program) and f"runs {program}" in words
    offered = each(window, "#picture-left option", "text")
    assert offered and all(text.startswith(program) for text in offered)
    window.run("document.getElementById('picture-all').click()")
    offered = each(window, "#picture-left option", "text")
    assert any(text.startswith("init") for text in offered)


def test_the_shell_alone_is_a_story_too(show, pages: dict[str, Path], tmp_path: Path):
    make_trace(tmp_path / "sh", "--", "sh", "-c", "(echo one; x=2; echo $x); echo two")
    pages["sh"] = page_of(tmp_path / "sh")
    window = show("sh")
    assert window.run("return faultline.app.picture.processes.length") == 2
    assert "runs sh" in window.run("return document.getElementById('moment').textContent")


# --- What is drawn is the state ---

# Read back from the drawing: words and places, not what they were made from.
DRAWN = """
    const at = (group) =>
        /translate\\(([-\\d.]+),([-\\d.]+)\\)/.exec(group.getAttribute('transform')).slice(1).map(Number);
    const boxes = (kind) => [...document.querySelectorAll(`#picture .${kind}`)].map((group) => {
        const [x, y] = at(group), rect = group.querySelector('rect');
        return { number: Number(/\\d+/.exec(group.querySelector('.title').textContent)[0]), kind, x, y,
                 width: Number(rect.getAttribute('width')), height: Number(rect.getAttribute('height')) };
    });
    const ends = [...boxes('frame'), ...boxes('slot')];
    const arrows = [...document.querySelectorAll('#picture .arrows path')].map((path) => {
        const [x, y] = path.getAttribute('d').split(',').slice(-2).map(Number);
        const to = ends.find((box) =>
            y > box.y && y < box.y + box.height && x >= box.x - 1 && x <= box.x + box.width + 1);
        return [path.dataset.page, to && [to.kind, to.number]];
    });
    const rights = new Map([...document.querySelectorAll('#picture .rights text')].map((text) => [text.__data__.key,
        [...text.querySelectorAll('tspan:not(.gone)')].map((word) => word.textContent).join('')]));
    return [...document.querySelectorAll('#picture .page')].map((group) => {
        const bits = [...group.querySelectorAll('.bits tspan.on, .bits tspan.set')];
        const [side] = group.dataset.page.split(':').map(Number), left = at(group)[0] < 100;
        return { side, left, address: group.querySelector('.address').textContent,
                 bits: bits.map((word) => word.textContent.trim()).join(''),
                 to: (arrows.find(([key]) => key === group.dataset.page) || [])[1] || null,
                 rights: rights.get(group.dataset.page) || '' };
    });"""

STATE = """
    const { app } = faultline, { travel } = app, s = travel.state, S = s.S, [side, address] = arguments;
    const process = app.picture.processes[side], space = S[s.R_SPACE + process];
    if (!space || !S[s.A_LIVE + space]) return { bits: '', to: null, rights: '' };
    const entry = s.findAddress(space, Number(address));
    if (entry < 0) return { bits: '', to: null, rights: '' };
    const low = S[s.E_PTE + entry], high = S[s.E_PTE_HIGH + entry], page = S[s.E_PAGE + entry], P = low & 1;
    const names = [['P', 1], ['W', 2], ['U', 4], ['A', 32], ['D', 64]];
    const bits = P ? names.filter(([, bit]) => low & bit).map(([name]) => name) : [];
    const frame = P ? (low >>> 12) + (high & 0xfffff) * 2 ** 20 : S[s.P_FRAME + page], slot = S[s.P_SLOT + page];
    const to = frame >= 0 ? ['frame', frame] : slot >= 0 ? ['slot', slot] : null;
    return { bits: bits.join(''), to, rights: P ? 'R' + (low & 2 ? 'W' : '') + (high & 0x80000000 ? '' : 'X') : '' };"""


@pytest.mark.parametrize("name", ["demo-cow", "demo-share", "swaptest"])
def test_the_picture_is_the_state(show, name: str):
    """At twenty moments, faults' ends and others, back and forth: boxes, bits, rights, and where arrows end."""
    window = show(name)
    moments = window.run(
        "const { app } = faultline, first = app.cast.opening(), many = app.trace.count - first;"
        "const spread = [...Array(10).keys()].map((i) => first + Math.floor((i + 0.5) * many / 10));"
        "return spread.concat(spread.map((n) => app.travel.faultEnd(app.travel.faultAt(n)) + 1)).reverse()"
    )
    assert len(moments) == 20
    arrows = 0
    for moment in moments:
        window.run("faultline.app.goto(arguments[0])", moment)
        drawn = window.run(DRAWN)
        assert 5 <= len(drawn) <= 12
        for page in drawn:
            due = window.run(STATE, page["side"], page["address"])
            assert (page["bits"], page["to"], page["rights"]) == (due["bits"], due["to"], due["rights"]), (moment, page)
            assert page["left"] == (page["side"] == 0)
            arrows += page["to"] is not None
        assert table_of(window) == [(page["address"], page["bits"], page["to"]) for page in in_table_order(drawn)]
    assert arrows > 60


def in_table_order(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(drawn, key=lambda page: (int(page["address"], 16), page["side"]))


def table_of(window: Browser) -> list[tuple[str, str, list[Any] | None]]:
    """The same from the table that stands for the picture."""
    rows = window.run(
        "return [...document.querySelectorAll('#picture-table tbody tr')].map((row) =>"
        " [...row.cells].map((cell) => cell.textContent))"
    )
    found = []
    for _, address, _, *bits, _, frame, slot, _, _, _ in rows:
        to = ["frame", int(frame)] if frame else ["slot", int(slot)] if slot else None
        found.append((address, "".join(name for name, bit in zip("PWUAD", bits, strict=True) if bit == "1"), to))
    return found


def test_a_copy_is_seen_happening(show):
    """Two arrows to one frame, without W; then a new frame, an arrow that has turned to it, and the old one beside."""
    window = show("demo-cow")
    faults = window.run(
        "const { app } = faultline, { trace, travel } = app, { faults } = travel;"
        "return faults.kind.map((kind, fault) => [trace.names.kind[kind], fault, trace.address(faults.start[fault])])"
        ".filter(([kind, , address]) => kind === 'copy' && address > 0x7ff000000000 && address < 0x7fffff000000)"
    )
    _, fault, address = faults[0]
    key = hex(address - address % 4096)
    window.run("faultline.app.goto(faultline.app.travel.faults.start[arguments[0]])", fault)
    before = {page["side"]: page for page in window.run(DRAWN) if page["address"] == key}
    assert before[0]["to"] == before[1]["to"] and before[0]["rights"] == before[1]["rights"] == "R"
    window.run("faultline.app.controls.toFault(arguments[0])", fault)
    after = {page["side"]: page for page in window.run(DRAWN) if page["address"] == key}
    moved = [side for side in (0, 1) if after[side]["to"] != before[side]["to"]]
    assert len(moved) == 1 and after[moved[0]]["rights"] == "RW"
    beside = each(window, "#picture .before path", "dataset.page")
    assert beside == [f"{moved[0]}:{int(key, 16)}"]
    struck = each(window, "#picture .old .struck", "textContent")
    assert len(struck) == 1 and f"frame {before[0]['to'][1]}" in struck[0]
    said = window.run("return document.getElementById('picture-text').textContent")
    assert f"frame {before[0]['to'][1]}" in said and f"is: frame {after[moved[0]]['to'][1]}" in said


def test_changes_are_numbered_from_1_without_a_gap(show):
    """Though a page may change twice in a step, as one that is read back does; and only what is otherwise now has a
    number."""
    window = show("swaptest")
    script = """
        const { app } = faultline, { travel, picture } = app, found = [];
        const every = Math.ceil(travel.faults.start.length / 100);
        for (let fault = 0; fault < travel.faults.start.length; fault += every) {
            app.goto(travel.faultEnd(fault) + 1, true);
            const cells = picture.model.blocks.flatMap((block) => block.rows.flatMap((row) => row.cells));
            const numbers = [...new Set(cells.map((cell) => cell.change))].filter(Boolean).sort((a, b) => a - b);
            const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b);
            const idle = cells.filter((cell) => cell.change && cell.before && alike(cell.before, cell.look));
            found.push([fault, numbers, idle.length]);
        }
        return found;"""
    told = window.run(script)
    assert [each for each in told if each[1] != list(range(1, len(each[1]) + 1)) or each[2]] == []
    assert sum(len(numbers) for _, numbers, _ in told) > 50


def test_shared_memory_is_two_arrows_to_one_frame(show):
    """At different addresses, too."""
    window = show("demo-share")
    shared = window.run(
        "const { app } = faultline; for (const end of app.travel.faults.end) { const n = end + 1; app.goto(n, true);"
        " const rows = app.picture.model.blocks.flatMap((block) => block.rows.flatMap((row) => row.cells));"
        " const by = new Map(); for (const { side, look } of rows) if (look.writable && look.present)"
        "  by.set(look.frame, new Set([...(by.get(look.frame) || []), side]));"
        " if ([...by.values()].some((sides) => sides.size > 1)) return n; } return -1"
    )
    assert shared > 0


def test_a_step_touches_few_elements(show):
    """However many pages there are: elements that a step adds, takes away or changes."""
    window = show("swaptest")
    counts = window.run(
        "const { app } = faultline, counts = []; app.goto(Math.floor(app.trace.count / 2));"
        "for (let i = 0; i < 30; i++) { let changed = 0; const seen = new MutationObserver(() => {});"
        " seen.observe(document.getElementById('picture-part'), { childList: true, subtree: true, attributes: true });"
        " app.controls.go(i % 2 ? 'fault-on' : 'on'); changed = seen.takeRecords().length; seen.disconnect();"
        " counts.push(changed); } return counts"
    )
    assert max(counts) < 1500 and window.run("return document.querySelectorAll('#picture *').length") < 600


def test_a_hundred_thousand_pages(browser: Browser, tmp_path: Path):
    """Strips whose cells stand for many pages, which is said; a step stays quick."""
    make_trace(tmp_path / "many", "--ram", "512M", "--", "/test/count-touch", "100000")
    browser.open(page_of(tmp_path / "many"))
    browser.wait(READY)
    took, sort = browser.run(
        "const { app } = faultline, took = []; app.goto(Math.floor(app.trace.count * 0.4));"
        "for (let i = 0; i < 50; i++) took.push(app.goto(app.travel.at - 20)); "
        "const sorts = took.map(() => {"
        " const many = Float64Array.from({ length: 100000 }, (_, i) => (i * 7919) % 100003);"
        " const begin = performance.now(); many.sort(); return performance.now() - begin; });"
        "return [Math.min(...took), Math.min(...sorts)]"
    )
    words = each(browser, "#picture .labels text", "textContent")
    assert any(re.search(r"a cell: [\d,]+ pages", text) for text in words)
    said = f"twenty events back, the quickest of fifty: {took:.1f} ms of script, a sort {sort:.1f}"
    table_add("steps among 100,000 pages", said)
    assert took <= max(16, 2.8 * sort), "on a busy machine: beside a hundred thousand numbers that are sorted"


def test_more_pages_are_shown_to_who_asks(show):
    """By the keyboard."""
    window = show("swaptest")
    window.run("const { app } = faultline; app.goto(Math.floor(app.trace.count / 2))")
    before = window.run("return document.querySelectorAll('#picture .page').length")
    window.run("document.querySelector('#picture .strip').focus()")
    window.key("Enter")
    assert before < window.run("return document.querySelectorAll('#picture .page').length") <= before + 24


def test_for_a_projector(show):
    """Letters from 20 pixels, lines from 3."""
    window = show("demo-cow", "#find=copy")
    window.key("t")
    sizes, lines = window.run(
        "const seen = (e) => e.getClientRects().length > 0;"
        "const words = [...document.querySelectorAll('body *')].filter((e) => seen(e) && [...e.childNodes].some((n) =>"
        " n.nodeType === 3 && n.data.trim()));"
        "const drawn = [...document.querySelectorAll('#picture rect, #picture .arrows path, #picture .before path')];"
        "return [words.map((e) => parseFloat(getComputedStyle(e).fontSize)),"
        " drawn.map((e) => parseFloat(getComputedStyle(e).strokeWidth))]"
    )
    assert min(sizes) >= 20 and min(lines) >= 3
    window.key("t")
    assert window.run("return document.body.classList.contains('projector')") is False


def test_it_moves_unless_asked_not_to(pages: dict[str, Path]):
    with Browser("--window-size=1400,1000") as window:
        window.open(pages["demo-cow"])
        window.wait(READY)
        window.run("faultline.app.finder.find('copy')")
        window.wait("document.querySelectorAll('#picture .leaving').length === 0")
        assert window.run("return faultline.app.picture.still.matches") is False


# --- One finds a moment ---


HERE = "faultline.app.trace.address(faultline.app.travel.at - 1)"


def said(window: Browser) -> str:
    """What the page says; first, what it refuses."""
    text: str = window.run("return ['refused', 'said'].map((id) => document.getElementById(id).textContent).join(' ')")
    return text


def found(window: Browser, words: str) -> None:
    """Typed into the field, as anybody would."""
    window.run("const f = document.getElementById('find'); f.value = arguments[0]; f.form.requestSubmit()", words)


def test_words_lead_to_moments(show):
    window = show("demo-cow")
    found(window, "copy")
    assert "fault ends: copy" in window.run("return document.getElementById('moment').textContent")
    first = window.run("return faultline.app.travel.at")
    window.key(".")
    assert window.run("return faultline.app.travel.at") > first
    window.key(",")
    assert window.run("return faultline.app.travel.at") == first
    found(window, "fault 57")
    assert window.run("return faultline.app.travel.faultOf(faultline.app.travel.at - 1)") == 56
    found(window, "event 1000")
    assert window.run("return faultline.app.travel.at") == 1000
    address = window.run("return faultline.app.trace.address(faultline.app.travel.faults.start[60])")
    found(window, hex(address))
    assert window.run(f"return [faultline.app.selection.address, {HERE}]") == [address] * 2
    found(window, "frame 1503")
    assert "frame 1503" in window.run("return document.getElementById('selected').textContent")
    found(window, "Frame 1503")
    assert "frame 1503" in said(window)
    found(window, "demo-cow")  # a program
    assert "runs demo-cow" in window.run("return document.getElementById('moment').textContent")
    found(window, "process 1")
    assert "init (1) stands on the left" in said(window)
    found(window, "main")  # a function's name
    symbol = window.run("return faultline.app.finder.symbols['demo-cow'].main[0]")
    assert window.run(f"return {HERE}") // 4096 == symbol // 4096


@pytest.mark.parametrize("words", ["copy", "fork", "0x40b000"])
def test_behind_the_last_one_it_is_the_first_again(show, words: str):
    """A kind of fault, an event, an address: and it is said."""
    window = show("demo-cow", "#event=0")
    moments: list[int] = []
    while not moments or "No later" not in said(window):
        found(window, words)
        moments.append(window.run("return faultline.app.travel.at"))
    assert moments[-1] == moments[0] > 0 and moments == [*sorted(moments[:-1]), moments[0]]
    assert "from the first again" in said(window) and f"Event {moments[0]}: " in said(window)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("frame 99999999", "numbered from 0 to"),
        ("fault 0", "numbered from 1 to"),
        ("fault", "Which fault? Faults are numbered from 1 to"),
        ("event -1", "numbered from 0 to"),
        ("page 1.5", "numbered from 0 to"),
        ("slot 3", "There is no slot 3"),
        ("process 77", "There is no process 77 in this trace; there are: 1, 2,"),
        ("57", "57 of what? fault 57"),
        ("page-in", "There is no fault of the kind “page-in” in this trace."),
        ("0x12345678901234567", "Nothing is called"),
        ("nosuch", "Nothing is called"),
        ("0xzz", "Nothing is called"),
        ("constructor", "Nothing is called"),
        ("evict", "happens in this trace"),
        ("0xdead000", "No fault at 0xdead000"),
    ],
)
def test_what_is_not_there_is_said(show, words: str, answer: str):
    window = show("demo-cow", "#event=1000")
    found(window, words)
    assert answer in said(window)
    assert window.run("return faultline.app.travel.at") == 1000


def test_what_was_refused_before_is_not_said_of_what_is_asked_for_now(show):
    """Nor is a kind said not to be there, when it is the other filters that let none through."""
    window = show("demo-cow", "#event=1000")
    found(window, "slot 3")
    found(window, "nosuch")
    assert "slot" not in said(window) and "Nothing is called" in said(window)
    window.run("const f = document.getElementById('filter-address'); f.value = '0x1000';"
               "f.dispatchEvent(new Event('change'))")  # fmt: skip
    found(window, "copy")
    assert "The filters let no fault through" in said(window)


def test_ways_that_lead_nowhere_say_so(show):
    window = show("demo-cow")
    for keys, answer in (
        (["End", "Shift+Right"], "There is no later fault."),
        (["Home", "Shift+Left"], "There is no fault before."),
        (["["], "There is no eviction in this trace."),
    ):
        window.key(*keys)
        assert answer in said(window)


def test_filters(show):
    """Process, kind, region, address: alone and together; next and previous stay within them."""
    window = show("demo-cow")
    script = """
        const [process, kind, region, address] = arguments, { finder, travel, trace } = faultline.app;
        const set = (id, value) => { const e = document.getElementById(id); e.value = value;
                                     e.dispatchEvent(new Event('change')); };
        set('filter-process', process); set('filter-kind', kind);
        set('filter-region', region); set('filter-address', address);
        return finder.found.map((fault) => [trace.names.kind[travel.faults.kind[fault]],
            trace.address(travel.faults.start[fault]), travel.faults.space[fault]]);"""
    everything = window.run(script, "", "", "", "")
    assert len(everything) == window.run("return faultline.app.travel.faults.start.length")
    copies = window.run(script, "", "copy", "", "")
    assert copies == [fault for fault in everything if fault[0] == "copy"] and copies
    stack = window.run(script, "", "", "stack", "")
    assert stack and all(address > 0x7FFFFF000000 for _, address, _ in stack)
    page = window.run(script, "", "", "", hex(copies[-1][1]))
    assert page == [fault for fault in everything if fault[1] // 4096 == copies[-1][1] // 4096]
    both = window.run(script, "2", "copy", "", "")
    assert both and len(both) < len(copies)
    window.run("faultline.app.goto(0)")
    count = 0
    while "No later fault" not in said(window):
        window.key(".")
        count += 1
    assert count == len(both) + 1
    assert window.run("return document.getElementById('filter-count').textContent") == f"{len(both)} faults"


def test_the_address_follows_and_leads(show):
    window = show("demo-cow", "#fault=57")
    fault = "faultline.app.travel.faultOf(faultline.app.travel.at - 1)"
    assert window.run(f"return {fault}") == 56
    window.wait("location.hash === '#fault=57'")
    window.key("Right")
    at = window.run("return faultline.app.travel.at")
    window.wait(f"location.hash === '#event={at}'")
    window.run("location.hash = '#fault=60'")
    window.wait("faultline.app.travel.faultOf(faultline.app.travel.at - 1) === 59")
    window.run("location.hash = '#fault=6000'")
    window.wait("document.getElementById('refused').textContent.includes('numbered from 1 to')")
    window.run("location.hash = '#nonsense=1'")
    window.wait("document.getElementById('refused').textContent.includes('#nonsense')")
