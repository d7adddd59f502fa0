"""The translation of an address, in a real browser: as GDB walks it in the same run, as the kernel dumps its ptes."""

from __future__ import annotations

import re
from pathlib import Path

import gdb_session
import pytest
from pages import NEEDS_BROWSER, READY, opened, page_of
from support import find
from traces import make_trace

from faultline.browser import Browser

pytestmark = NEEDS_BROWSER

# What is drawn, what is said, and what the table says.
SHOWN = """
    const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
    const drawn = all("#translation g[data-level]:not(.part)").map((e) => ({ ...e.dataset }));
    const parts = all("#translation g.part").map((e) => {
        const texts = all("text", e).map((t) => t.textContent);
        return [Number(e.dataset.level), texts[1], Number(texts[2])]; });
    const rows = all("#translation-steps tr").map((r) => all("td", r).map((c) => c.textContent));
    const text = document.getElementById("translation-text").textContent;
    const wrong = document.getElementById("address-wrong").textContent;
    return { drawn, parts, rows, text, wrong };"""
ASK = """
    const field = document.getElementById("address");
    field.value = arguments[0];
    field.dispatchEvent(new Event("change"));"""


def ask(browser: Browser, text: str) -> dict:
    """What the page shows once somebody has typed this."""
    browser.run(ASK, text)
    return browser.run(SHOWN)


# --- The same as GDB ----------------------------------------------------------------------------------

LAST = "few+4096+291"
STEP = re.compile(r"level (\d)  entry +(\d+) of the table in frame (\d+): (0x[0-9a-f]+)")
USED = 0x60  # A and D: what the processor has set, the trace does not tell


def test_as_gdb_walks_it_in_the_same_run(tmp_path: Path):
    """fault-kinds writes to its memory; then GDB and the page are asked for the same address."""
    trace = tmp_path / "run"
    boot = f"--boot=--ram 10M --swap 32M --image-latency 500 --trace {trace}"
    commands = ["tbreak kind_file", "continue", f"vm walk {LAST}", "vm walk 16", "delete", "continue"]
    said = gdb_session.run(boot, "fault-kinds", commands=commands)
    walked = said[f"vm walk {LAST}"]
    whose = find(r"(0x[0-9a-f]+) in space (\d+)", walked)
    address, space = int(whose[1], 16), int(whose[2])
    with Browser() as browser:
        browser.open(page_of(trace))
        browser.wait(READY)
        # To the end of the last fault on that page before kind_file's.
        browser.run(
            "const { app } = faultline, { trace, travel } = app, page = arguments[0] - arguments[0] % 4096;"
            "const ours = travel.faults.start.map((n, i) => [n, i])"
            "  .filter(([n]) => trace.space(n) === arguments[1] && trace.address(n) === page).map(([, i]) => i);"
            "app.controls.toFault(ours[0]);",
            address, space,
        )  # fmt: skip
        compare(walked, ask(browser, hex(address)), address)
        compare(said["vm walk 16"], ask(browser, "16"), 16)
        assert browser.log() == []


def compare(walked: str, shown: dict, address: int) -> None:
    steps = [(int(level), int(index), int(frame), int(bits, 16)) for level, index, frame, bits in STEP.findall(walked)]
    drawn = [each for each in shown["drawn"] if "index" in each]
    for (level, index, frame, bits), each in zip(steps, drawn, strict=True):
        assert (level, index, frame) == (int(each["level"]), int(each["index"]), int(each["table"]))
        age = 15 << 52
        assert bits & ~USED & ~age == int(each["entry"], 16) & ~USED & ~age
    assert [part[1] for part in shown["parts"]] == find(r"^  bits +(.*)$", walked)[1].split()
    physical = re.search(r"physical address (0x[0-9a-f]+)", walked)
    told = [each["physical"] for each in shown["drawn"] if "physical" in each]
    assert told == ([physical[1]] if physical else [])
    assert f"offset {address % 4096}." in shown["text"]


# --- As the kernel's own words have it ------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(rich_page: Path):
    with opened(rich_page) as window:
        yield window


# At each dump: some of the ptes that the kernel says, of all kinds, and what is drawn of each.
DUMPED = """
    const { app, Comparison } = faultline, { trace, travel } = app, { E } = trace, found = [];
    for (const n of Comparison.dumps(trace)) {
        app.goto(n);
        const entries = [];
        for (let m = n + 1; m < trace.count && trace.event(m) !== E.dump; m++)
            if (trace.event(m) === E["dump-entry"]) entries.push(m);
        const apart = Math.max(1, Math.floor(entries.length / 12));
        for (let i = 0; i < entries.length; i += apart) {
            const m = entries[i], address = trace.address(m), space = trace.space(m);
            app.select({ space, address });
            const last = document.querySelector("#translation g[data-level='1']:not(.part)");
            const frame = document.querySelector("#translation g[data-level='0']:not(.part)");
            found.push([address, trace.detailLow(m), trace.detailHigh(m), last.dataset.entry ?? "",
                        frame.dataset.physical ?? "", document.getElementById("translation-text").textContent]);
        }
    }
    return found;"""


def test_ptes_are_the_kernels_at_ten_moments(browser: Browser):
    found = browser.run(DUMPED)
    assert len(found) > 60
    absent = 0
    for address, low, high, entry, physical, text in found:
        told = (high << 32 | low) & ~(15 << 52)
        assert int(entry, 16) & ~USED == told & ~USED, f"{address:#x}: {text}"
        if told & 1:
            assert int(physical, 16) == told & 0x000FFFFFFFFFF000, text
            assert physical in text
        else:
            absent += 1
            assert physical == "" and "not present: a reference is a page fault. It names page" in text
    assert absent > 0, "nothing was swapped out"


def test_parts_are_the_address(browser: Browser):
    for address in (0, 0xFFF, 0x401567, 0x7FFFEFFFD123, 0x7FFFFFFFFFFF):
        shown = ask(browser, hex(address))
        assert int("".join(bits for _, bits, _ in shown["parts"]), 2) == address
        assert [len(bits) for _, bits, _ in shown["parts"]] == [9, 9, 9, 9, 12]
        assert all(int(bits, 2) == value for _, bits, value in shown["parts"])
        assert [row[2] for row in shown["rows"]] == [bits for _, bits, _ in shown["parts"]]
        assert [row[3] for row in shown["rows"]] == [str(value) for _, _, value in shown["parts"]]


def test_the_table_and_the_words_say_what_is_drawn(browser: Browser):
    """A reader without eyes can have all of it."""
    browser.run("faultline.app.controls.toFault(200)")
    browser.run("document.getElementById('address-fault').click()")
    shown = browser.run(SHOWN)
    drawn = [each for each in shown["drawn"] if "index" in each]
    assert len(drawn) == 4
    for row, each in zip(shown["rows"], drawn, strict=False):
        assert [row[0], row[3], row[4], row[5]] == [each["level"], each["index"], each["table"], each["entry"]]
        assert f"Entry {each['index']} of the" in shown["text"] and f"in frame {each['table']}" in shown["text"]
    assert "present, " in shown["rows"][0][6] and "for user code" in shown["rows"][0][6]
    assert "Of fault 201." in shown["text"]


# --- What leads nowhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0x800000000000", "not canonical"),
        ("0xffff7fffffffffff", "not canonical"),
        ("0xffff800000001000", "kernel's half"),
        ("0xffffffff80000000", "2 MiB at level 2, 1 GiB at level 3"),
        ("0x123456789000", "Nothing of these 512 GiB has a table"),
        ("0x10", "in no region"),
    ],
)
def test_what_leads_nowhere_is_said(browser: Browser, text: str, said: str):
    browser.run("faultline.app.controls.toFault(200)")
    shown = ask(browser, text)
    assert said in shown["text"] and shown["wrong"] == ""
    assert not any("physical" in each for each in shown["drawn"])
    assert sum("not reached" in row or "" in row for row in shown["rows"]) > 0


@pytest.mark.parametrize("text", ["nonsense", "0x", "12ab", "-1", "0x10000000000000000", "1e3", "0x12 34"])
def test_bad_input_is_answered(browser: Browser, text: str):
    shown = ask(browser, text)
    assert shown["wrong"] and text.strip() in shown["wrong"]
    assert browser.run("return document.getElementById('address').getAttribute('aria-invalid')") == "true"
    assert ask(browser, "4096")["wrong"] == ""
    assert browser.run("return document.getElementById('address').getAttribute('aria-invalid')") is None


def test_a_space_that_has_ended(browser: Browser):
    gone = browser.run(
        "const { app } = faultline, { trace } = app; let n = trace.count - 1;"
        "while (trace.event(n) !== trace.E['space-end']) n--;"
        "app.goto(n); app.spaceView.follow.checked = false; app.spaceView.space = trace.space(n); app.draw();"
        "return [n, trace.space(n)];"
    )
    assert "Entry" in ask(browser, "0x401000")["text"]
    browser.run("faultline.app.goto(arguments[0] + 1)", gone[0])
    assert f"Space {gone[1]} is not there at this moment" in browser.run(SHOWN)["text"]
    browser.run("faultline.app.spaceView.follow.checked = true; faultline.app.draw()")


# --- Which address ----------------------------------------------------------------------------------------


def test_it_follows_the_fault_and_the_selection(browser: Browser):
    browser.run("document.getElementById('address-fault').click()")
    browser.run("faultline.app.controls.toFault(100)")
    assert "Of fault 101." in browser.run(SHOWN)["text"]
    browser.run("faultline.app.controls.toFault(150)")
    fault = browser.run(
        "const { travel, trace } = faultline.app, n = travel.faults.start[150];"
        "return [trace.space(n), trace.address(n)]"
    )
    assert f"{fault[1]:#x} of " in browser.run(SHOWN)["text"] and "Of fault 151." in browser.run(SHOWN)["text"]
    browser.run("faultline.app.select({ space: arguments[0], address: arguments[1] })", fault[0], 0x401000)
    assert browser.run(SHOWN)["text"].startswith("The selected page. 0x401000 of ")
    assert ask(browser, "0x402123")["text"].startswith("0x402123 of ")
    browser.run("faultline.app.select({ space: arguments[0], address: arguments[1] })", *fault)
    assert f"{fault[1]:#x} of " in browser.run(SHOWN)["text"], "what was selected last counts"
    assert browser.run("return document.getElementById('address').value") == ""


def test_by_keyboard(browser: Browser):
    browser.run("document.activeElement.blur()")
    browser.key("a")
    assert browser.run("return document.activeElement.id") == "h-translation"
    browser.key("Tab")
    assert browser.run("return document.activeElement.id") == "address"
    browser.key(*"0x401008", "Enter")
    assert browser.run(SHOWN)["text"].startswith("0x401008 of ")
    browser.run("document.activeElement.blur()")


# --- Before the first, and of the zero page --------------------------------------------------------------------


def test_before_the_first_fault(browser: Browser):
    browser.run("document.getElementById('address-fault').click()")
    browser.run("faultline.app.goto(0)")
    assert "No fault has been yet" in browser.run(SHOWN)["text"]
    assert browser.run(SHOWN)["drawn"] == []


def test_the_zero_page(tmp_path: Path):
    make_trace(tmp_path / "run", "--ram", "10M", "--", "fault-kinds")
    with Browser() as window:
        window.open(page_of(tmp_path / "run"))
        window.wait(READY)
        window.run(
            "const { app } = faultline, { travel } = app, kinds = app.trace.names.kind;"
            "app.controls.toFault(travel.faults.kind.findIndex((kind) => kinds[kind] === 'zero-page'));"
            "document.getElementById('address-fault').click();"
        )
        assert "It is the one zero page" in window.run(SHOWN)["text"]


# --- How it is drawn --------------------------------------------------------------------------------------------


OVER = """
    document.getElementById("address-fault").click();
    const box = document.querySelector("#translation svg").getBoundingClientRect();
    return [...document.querySelectorAll("#translation text")].filter((e) => {
        const r = e.getBoundingClientRect();
        return r.right > box.right + 1 || r.bottom > box.bottom + 1 || r.left < box.left;
    }).map((e) => e.textContent);"""


@pytest.mark.parametrize("width", [1400, 800])
def test_nothing_is_cut_off(rich_page: Path, width: int):
    """Every word of the drawing lies within it."""
    with Browser(f"--window-size={width},1000") as window:
        window.open(rich_page)
        window.wait(READY)
        window.run("faultline.app.controls.toFault(200)")
        assert window.run("return innerWidth") <= width
        assert window.run(OVER) == []
