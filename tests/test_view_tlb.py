"""The TLB in the page, in a real browser: what the panel says is what a second model holds at the same event."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import tlb_model
from accessing import run
from pages import NEEDS_BROWSER, READY, opened, page_of
from support import LAST_RESORT, in_turn
from traces import TRACE, make_trace

from faultline.browser import Browser
from tracing.reader import Trace
from tracing.spaces import PAGE, Entries
from tracing.words import NO_EXECUTE, PRESENT, WRITABLE, frame_of

pytestmark = NEEDS_BROWSER

PROGRAM = ("demo-cow",)
MOMENTS = 10
SETTINGS: dict[str, tuple[tuple[str, ...], Callable[[], tlb_model.Tlb]]] = {
    "usual": ((), tlb_model.Tlb),
    "small, with ASIDs": (
        ("--l1i", "16:4", "--l1d", "16:4", "--l2", "64:4", "--asids", "2"),
        lambda: tlb_model.Tlb((16, 4), (16, 4), (64, 4), asids=2),
    ),
}
CHOSEN = in_turn(SETTINGS, len(SETTINGS))
LEVELS = ("code", "data", "common")


@dataclass
class Held:
    """At one event: entries (set, page, pages, owner, frame) of each level; accesses, misses, walks so far."""

    entries: list[set[tuple[int, int, int, int, int]]]
    counts: tuple[int, int, int]


def entries_of(level: tlb_model.Level, tlb: tlb_model.Tlb, replay: tlb_model.Replay) -> set:
    found = set()
    for number, here in enumerate(level.sets):
        for page, pages, owner in here:
            first = page * pages
            space = 0 if first >= tlb_model.KERNEL_HALF else int(str(owner)) if tlb.asids else tlb.loaded
            frame = replay.tables[space, first][1] if space else 0
            found.add((number, first, pages, space, frame))
    return found


def held(tlb: tlb_model.Tlb, replay: tlb_model.Replay) -> Held:
    sums = [sum(tlb.counts.get((user, what), 0) for user in (True, False)) for what in ("accesses", "missed", "walks")]
    return Held([entries_of(getattr(tlb, level), tlb, replay) for level in LEVELS], (sums[0], sums[1], sums[2]))


Stale = set[tuple[int, int, int, str]]  # level, page, space, and how the pte differs


def difference(bits: int, rights: int, frame: int) -> str:
    """How a pte differs from what the TLB holds; "": not at all."""
    if not bits & PRESENT:
        return "its pte is not present"
    if frame_of(bits) != frame:
        return f"its pte names frame {frame_of(bits)}"
    now = {"W": bool(bits & WRITABLE), "X": not bits & NO_EXECUTE}
    then = {"W": bool(rights & 2), "X": bool(rights & 8)}
    return ", ".join(f"{name} is {'on' if now[name] else 'off'} in its pte" for name in now if now[name] != then[name])


def stale(tlb: tlb_model.Tlb, replay: tlb_model.Replay, entries: Entries) -> Stale:
    """By the second model, and the ptes as tools/trace reads them."""
    found = set()
    for level, name in enumerate(LEVELS):
        for _, page, pages, space, frame in entries_of(getattr(tlb, name), tlb, replay):
            if space and pages == tlb_model.SMALL_PAGE:
                what = difference(entries.at(space, page * PAGE), replay.tables[space, page][0], frame)
                found |= {(level, page, space, what)} if what else set()
    return found


@dataclass
class Replayed:
    """By the second model: what was held at ten events of user code's; what was stale at every event."""

    held: dict[str, dict[int, Held]]
    stale: dict[str, dict[int, Stale]]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """From a stream of the same run."""
    folder = tmp_path_factory.mktemp("accesses")
    ended = run.follow(run.Job(PROGRAM), ["sh", "-c", f"cat > {folder}/stream"], folder)
    assert ended.status == 0
    trace = Trace(ended.trace)
    first = next(n for n, record in enumerate(trace) if record.event == trace.number["exec"])
    wanted = {first + (trace.count - first) * k // (MOMENTS + 1) for k in range(1, MOMENTS + 1)}
    tlbs = {name: SETTINGS[name][1]() for name in CHOSEN}
    replay = tlb_model.Replay(ended.trace, list(tlbs.values()))
    found = Replayed({name: {} for name in CHOSEN}, {name: {} for name in CHOSEN})
    entries, done = Entries(trace), 0
    for record in tlb_model.records(folder / "stream"):
        replay.take(*record)
        if record[0] != tlb_model.TRACED:
            continue
        for n in range(done, replay.traced):
            entries.follow(trace[n])
        done = replay.traced
        for name, tlb in tlbs.items():
            found.stale[name][done] = stale(tlb, replay, entries)
            if done in wanted:
                found.held[name][done] = held(tlb, replay)
    return found


def watched(file: Path, *words: str) -> Path:
    """tools/trace view --tlb."""
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    with open(file, "w", encoding="utf-8") as out:
        command = [str(TRACE), "view", "--tlb", *words]
        subprocess.run(command, stdout=out, check=True, env=environment, timeout=LAST_RESORT)
    return file


@pytest.fixture(scope="module", params=CHOSEN)
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A page in a browser, and which setting it is of."""
    words, _ = SETTINGS[request.param]
    page = watched(tmp_path_factory.mktemp("tlb") / "tlb.html", *words, "--", *PROGRAM)
    with opened(page) as window:
        yield window, request.param


# The rows of both tables at a moment.
READ = """
    const { app } = faultline, level = document.getElementById("tlb-level");
    if (arguments[0] >= 0) app.goto(arguments[0]);
    const rows = (id) => [...document.querySelectorAll(`#${id} tr`)].map((r) => [...r.cells].map((c) => c.textContent));
    const levels = [...level.options].map((option) => {
        level.value = option.value;
        level.dispatchEvent(new Event("change"));
        const more = document.getElementById("tlb-more");
        if (!more.hidden) more.click();
        return rows("tlb-entries").slice(1);
    });
    return [levels, rows("tlb-programs").slice(1)];"""

UNITS = {"KiB": 1, "MiB": 1 << 10, "GiB": 1 << 20}


def number(text: str) -> int:
    return int(text.replace(",", ""))


def entry(row: list[str]) -> tuple[int, int, int, int, int]:
    place, _, page, size, frame, whose, _ = row
    many, unit = size.split()
    space = int(whose.rpartition(" ")[2]) if "space" in whose else 0
    first = (int(page, 16) >> 12) & (1 << 36) - 1
    return int(place), first, number(many) * UNITS[unit] // 4, space, int(frame) if space else 0


def test_entries_are_the_models_at_ten_moments(shown, replayed: Replayed):
    window, setting = shown
    moments = replayed.held[setting]
    assert len(moments) == MOMENTS
    there = 0
    for moment in [*reversed(moments), *moments]:  # back, and forth
        levels, programs = window.run(READ, moment)
        for level, expected in zip(levels, moments[moment].entries, strict=True):
            found = [entry(row) for row in level]
            assert len(found) == len(set(found)) and set(found) == expected, f"event {moment}"
            there += len(found)
        sums = tuple(sum(number(row[column]) for row in programs) for column in (1, 2, 3))
        assert sums == moments[moment].counts, f"event {moment}"
    assert there > 20 * 30


# What the panel calls stale, at each of these moments.
STALE = """
    const { app } = faultline, { tlb } = app.tlb;
    return arguments[0].map((moment) => {
        app.travel.seek(moment);
        tlb.seek(moment);
        return [0, 1, 2].flatMap((level) => tlb.entries(level)).map((entry) => [entry, app.tlb.stale(entry)])
            .filter(([, how]) => how).map(([entry, how]) => [entry.level, entry.page / 4096, entry.space, how]);
    });"""


def test_what_is_stale_is_so_by_the_second_model_and_the_page_tables(shown, replayed: Replayed):
    """At every event of the run: a fork has W off before the TLB is flushed, and a page goes before its entry does."""
    window, setting = shown
    moments = {moment: found for moment, found in replayed.stale[setting].items() if moment > 0}
    assert len(moments) > 1000
    for moment, told in zip(moments, window.run(STALE, list(moments)), strict=True):
        assert {tuple(each) for each in told} == moments[moment], f"event {moment}"
    ways = {how for found in moments.values() for *_, how in found}
    assert "W is off in its pte" in ways and "its pte is not present" in ways


def test_a_line_says_what_is_stale(shown, replayed: Replayed):
    window, setting = shown
    moment, found = next((n, found) for n, found in replayed.stale[setting].items() if any(e[0] == 1 for e in found))
    levels, _ = window.run(READ, moment)
    told = {(int(row[2], 16) // 4096, row[6].removeprefix("new ")) for row in levels[1] if "stale" in row[6]}
    assert told == {(page, f"stale: {how}") for level, page, _, how in found if level == 1}
    many = len(found)
    said = window.run("return document.getElementById('tlb-since').textContent")
    assert f"{many} {'entry is' if many == 1 else 'entries are'} stale" in said


def test_hit_rates_by_program(shown):
    window, _ = shown
    _, programs = window.run(READ, window.run("return faultline.app.trace.count"))
    assert [row[0] for row in programs][-1] == "the kernel" and "demo-cow" in [row[0] for row in programs]
    for _, accesses, missed, walks, rate in programs:
        assert number(accesses) >= number(missed) >= number(walks)
        assert float(rate.split()[0]) == pytest.approx(100 * (1 - number(walks) / number(accesses)), abs=0.0006)


def test_what_the_panel_says(shown):
    window, setting = shown
    window.run("faultline.app.goto(faultline.app.trace.count)")
    text, since, reach = (
        window.run("return document.getElementById(arguments[0]).textContent", f"tlb-{name}")
        for name in ("text", "since", "reach")
    )
    if setting == "usual":
        assert "of 64 entries for data (16 sets of 4)" in text and "no ASIDs" in text
        assert "256 KiB for data, 6,144 KiB behind both" in reach
    else:
        assert "of 64 entries behind both (16 sets of 4); lru; 2 ASIDs." in text
        assert "64 KiB for data, 256 KiB behind both" in reach
    assert since.startswith("Since the event before: ")


def test_switches_and_flushes_are_told(shown):
    """Over the whole run, event by event."""
    window, setting = shown
    told = window.run(
        "const { app } = faultline, found = [];"
        "for (let n = 1; n <= app.trace.count; n++) { app.tlb.tlb.seek(n);"
        " const since = app.tlb.tlb.since(); if (since.moment === n) found.push(...since.drops); }"
        "return found;"
    )
    causes = {each["cause"] for each in told}
    assert {"switches of space", "flushes of a page"} <= causes
    dropped = sum(each["entries"] for each in told if each["cause"] == "switches of space")
    assert (dropped > 100) == (setting == "usual"), "with ASIDs a switch drops little"


# An event at which pages of programs are in the TLB.
BUSY = """
    const { app } = faultline, { tlb } = app.tlb;
    for (let n = app.trace.count; n > 0; n--) {
        tlb.seek(n);
        if (tlb.entries(1).filter((entry) => entry.space).length > 4) return n;
    }
    return 0;"""
PICK = """
    const { app } = faultline, row = [...document.querySelectorAll("#tlb-entries tr")].find((r) =>
        r.cells[5] && r.cells[5].textContent.includes(arguments[0]));
    const button = row.cells[2].querySelector("button");
    button.focus();
    return button.textContent;"""


def test_a_line_leads_to_its_page(shown):
    """By keyboard."""
    window, _ = shown
    window.run(READ, window.run(BUSY))
    for whose in ("space", "the kernel"):
        address = window.run(PICK, whose)
        window.key("Enter")
        assert window.run("return faultline.app.selection.address") == int(address, 16)
        assert address in window.run("return document.getElementById('selected').textContent")
        assert address in window.run("return document.getElementById('translation-text').textContent")


def test_a_cell_leads_to_its_page(shown):
    window, _ = shown
    window.run("faultline.app.select({})")
    x, y, page = window.run(
        "const { app } = faultline, entry = app.tlb.tlb.entries(1)[0], cell = app.tlb.cells.cell(entry);"
        "return [cell.x + cell.wide / 2, cell.y + 5, entry.page]"
    )
    window.click("#tlb", x, y)
    assert window.run("return faultline.app.selection.address") == page


def test_a_step_draws_a_bounded_number_of_lines(shown):
    window, _ = shown
    most = window.run(
        "const { app } = faultline; let most = 0;"
        "document.getElementById('tlb-level').dispatchEvent(new Event('change'));"
        "for (let n = 0; n < 40; n++) { app.goto(app.trace.count - 40 + n);"
        " most = Math.max(most, document.querySelectorAll('#tlb-entries tr').length); } return most"
    )
    assert 0 < most <= 65


def test_a_page_without_says_how_to_get_one(tmp_path: Path):
    make_trace(tmp_path / "run", "--ram", "10M", "--", "one-fault")
    with Browser() as window:
        window.open(page_of(tmp_path / "run"))
        window.wait(READY)
        text = window.run("return document.getElementById('tlb-text').textContent")
        assert "tools/trace view --tlb -- PROGRAM" in text
        assert window.run("return document.getElementById('tlb-part').hidden") is True
        assert window.log() == []


def test_a_program_that_fails_has_a_page_all_the_same(tmp_path: Path):
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    command = [str(TRACE), "view", "--tlb", "--", "sh", "-c", "exit 3"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=LAST_RESORT)
    assert ended.returncode == 1 and "the program ended with status 3" in ended.stderr
    assert ended.stdout.startswith("<!DOCTYPE html>")
    nothing = subprocess.run(command[:3], capture_output=True, text=True, check=False, env=environment)
    assert nothing.returncode == 2 and "a PROGRAM is wanted" in nothing.stderr
