"""docs/lectures/: each deck is whole, each demonstration shows what its slide says, each number of a sheet is
the machine's or the simulator's; and tools/lecture opens, resets, prints and plays them.

A demonstration is run where time is counted, in the lecture's machine, of half the lectures at each commit; and in
real time, as a lecturer meets it, of one: of all six with FAULTLINE_LONG."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import LAST_RESORT, LONG, ROOT, Result, await_that, commits, in_turn
from test_chapter import Block, blocks, desk, missing, output_of  # noqa: F401
from test_prompt import cpu_seconds, slowness, with_children
from test_terminal import Terminal

from faultline.browser import Browser
from lecturing import deck as decks
from lecturing import machine, pages, playing
from lecturing.deck import Deck

TOOL = str(ROOT / "tools/lecture")
ALL = [decks.read(path) for path in decks.all_paths().values()]
NAMES = [f"{one.number}-{one.name}" for one in ALL]
SHOWN = re.compile(r"^```console( varies)?\nlecture (\d+)# (d\d+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LAST_MINUTE, SLIDES_LEAST, QUESTIONS_LEAST = 48, 10, 4
RESET_MOST = 2.0  # seconds of the processor, where nothing else wants it
PLAY_MOST = playing.ALL_MOST / len(ALL)
PDF_PAGE = re.compile(rb"/Type\s*/Page\b")

every_deck = pytest.mark.parametrize("deck", ALL, ids=NAMES)
with_chromium = pytest.mark.skipif(not pages.have_chromium(), reason="Chromium is not installed")


# --- The decks ------------------------------------------------------------------------------------


def test_there_are_six():
    assert [one.number for one in ALL] == [1, 2, 3, 4, 5, 6]
    assert all(one.sheet.is_file() for one in ALL)


@every_deck
def test_a_deck_is_whole(deck: Deck):
    minutes = [slide.minute for slide in deck.slides]
    assert minutes[0] == 0 and minutes == sorted(set(minutes)) and minutes[-1] == LAST_MINUTE
    assert len(deck.slides) >= SLIDES_LEAST and deck.about
    assert [slide.title for slide in deck.slides if not slide.note] == []
    text = deck.path.read_text("utf-8")
    assert text.count("\n## ") == len(deck.slides), "a slide without its minute"
    for figure in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text):
        assert figure.startswith("../figures/") and (deck.path.parent / figure).is_file(), figure


@every_deck
def test_questions_are_answered(deck: Deck):
    asked = [slide for slide in deck.slides if "**Question.**" in slide.text]
    assert len(asked) >= QUESTIONS_LEAST
    for slide in asked:
        assert "Usually answered:" in slide.note and "because" in slide.note, slide.title
        assert "**Question.**" not in slide.note


def shown_below(deck: Deck) -> dict[str, tuple[bool, list[str]]]:
    """What each demonstration shall print, by its name; whether numbers may differ."""
    found = {}
    for varies, number, name, body in SHOWN.findall(deck.path.read_text("utf-8")):
        assert int(number) == deck.number and name not in found
        found[name] = (bool(varies), [line for line in body.splitlines() if line.strip()])
    return found


@every_deck
def test_every_demonstration_is_shown(deck: Deck):
    names = [one.name for one in deck.demonstrations]
    assert names == [f"d{n}" for n in range(1, len(names) + 1)] and len(names) >= 4
    assert list(shown_below(deck)) == names


# --- What they say --------------------------------------------------------------------------------


def lacking(deck: Deck, said: dict[str, str]) -> list[str]:
    """Lines of the deck that its demonstrations do not print."""
    wrong = []
    for name, (varies, lines) in shown_below(deck).items():
        lacks = missing(lines, said[name], varies)
        if lacks is not None:
            wrong.append(f"{name} should say: {lacks}\nsays:\n{said[name]}")
    return wrong


@pytest.mark.parametrize("deck", in_turn(ALL, 2), ids=in_turn(NAMES, 2))
def test_demonstrations_show_what_the_slide_says(boot: Callable[..., Result], deck: Deck):
    """One after the other in the lecture's machine, where time is counted: there `faults` tells costs in
    instructions, not in ns."""
    script = ["exec 2>&1", *(f"echo '=== {one.name}'\n{one.command}" for one in deck.demonstrations)]
    result = boot(*deck.machine, "--", "sh", "-c", "\n".join(script))
    parts = re.split(r"^=== (d\d+)\n", result.text.replace(" instructions", " ns"), flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert lacking(deck, said) == [] and playing.WRONG not in result.text


PAGES = [f"lectures/{path.name}" for path in sorted(decks.FOLDER.glob("[0-9]*.md"))]
COMMANDS = in_turn([block for page in PAGES for block in blocks(page)], 2)


@pytest.mark.parametrize("block", COMMANDS, ids=[block.name for block in COMMANDS])
def test_commands_say_what_the_page_says(block: Block, desk: Path):  # noqa: F811
    """What is typed outside the machine: beside the slides, and for the answers of the sheets."""
    for command in block.commands:
        said = output_of(command.words, desk)
        lacks = missing(command.lines, said, block.varies)
        assert lacks is None, f"$ {command.words}\nshould say: {lacks}\nsays:\n{said}"


TABLES = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static long tables(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof(line), file))
        if (strncmp(line, "VmPTE:", 6) == 0)
            kib = atol(line + 6);
    fclose(file);
    return kib / 4;
}

static void touch(unsigned long address)
{
    mmap((void *)address, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    *(volatile char *)address = 1;
}

int main(void)
{
    const unsigned long low = 1ul << 40, high = 2ul << 40; /* each in 512 GiB of its own */
    tables(); /* what it needs itself */
    long before = tables();
    touch(low + 0x400000), touch(low + 0x5ff000), touch(low + 0x600000);
    long lower = tables();
    touch(high + 0x3fffd000);
    long upper = tables();
    touch(high + 0x3f7fd000);
    printf("%ld %ld %ld\\n", lower - before, upper - lower, tables() - upper);
    return 0;
}
"""


def test_the_tables_of_sheet_1(boot: Callable[..., Result], compile_static: Callable[..., Path]):
    """Questions 4 and 5: the one at level 4 everybody has, and these. Beside each table of level 1 is one more."""
    program = compile_static("tables", TABLES)
    result = boot("--ram", "64M", "--add", str(program), "--", "tables")
    lower, upper, one_more = (int(word) - lowest for word, lowest in zip(result.text.split(), (2, 1, 1), strict=True))
    told = decks.exercises(ALL[0]), ALL[0].sheet.read_text("utf-8")
    assert f"\n4. {1 + lower + upper}: " in told[1] and f"\n5. {1 + lower + upper + one_more}: " in told[1]
    assert "0x5ff000" in told[0] and "Answers" not in told[0]


# --- In real time -----------------------------------------------------------------------------------


def plain(played: playing.Played, deck: Deck) -> str:
    """What it printed, without what the terminal made of it, the command, and the kernel's own words."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", played.text).replace("\r", "")
    text = text.removesuffix(machine.prompt(deck)).partition(f"  {played.command}\n")[2]
    return "\n".join(line for line in text.splitlines() if not line.startswith("faultline: "))


@pytest.fixture(scope="session")
def all_played() -> list[float]:
    """Seconds of each that has been played."""
    return []


@pytest.mark.parametrize("number", range(len(ALL)), ids=NAMES)
def test_a_lecture_played_in_real_time(number: int, all_played: list[float]):
    """All its demonstrations, at its prompt; nobody waits long, and nobody looks at a silent screen."""
    if not LONG and number != commits() % len(ALL):
        pytest.skip("another commit's turn; FAULTLINE_LONG=1 plays all")
    played = playing.play(ALL[number])
    told = playing.report([ALL[number]], [played])
    assert playing.mistakes(played, PLAY_MOST * slowness()) == [], told
    assert lacking(ALL[number], {one.name: plain(one, ALL[number]) for one in played}) == []
    all_played.append(sum(one.seconds for one in played))
    assert sum(all_played) <= playing.ALL_MOST * slowness()


def test_silence_and_wrong_sentences_are_told():
    quiet = playing.Played("d1", "sleep 9", "", seconds=9, silent=9)
    wrong = playing.Played("d2", "demo", "  NOT SO: three fit", seconds=1, silent=1)
    assert playing.mistakes([quiet, wrong], most=9) == [
        "d1 was silent for 9.0 s",
        "d2 says of a sentence that it does not hold",
        "10 s are more than 9",
    ]
    assert playing.mistakes([playing.Played("d1", "true", "", 1, 1)]) == []


# --- tools/lecture ----------------------------------------------------------------------------------


def refused(*words: str) -> str:
    ended = subprocess.run([TOOL, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 2 and ended.stdout == "" and "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize("words, told", [
    (("9",), "no lecture 9: there are 1 to 6"),
    (("three",), "no lecture three: there are 1 to 6"),
    ((), "which lecture? There are 1 to 6"),
    (("1", "2"), "one lecture at a time"),
    (("3", "--notes"), "--notes is for --pdf"),
    (("--play", "3", "--pdf", "x"), "--play plays, it does not print"),
])  # fmt: skip
def test_what_cannot_be_is_said(words: tuple[str, ...], told: str):
    assert told in refused(*words)


def test_make_asks_which():
    command = ["make", "-s", "-C", str(ROOT), "lecture"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and "which lecture, 1 to 6?" in ended.stderr


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no pages but those that are here."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_display")
def test_it_opens_resets_and_leaves():
    """`make lecture N=3`: the slides' address, the list, a demonstration; and reset in two seconds."""
    at_prompt = r"lecture 3# (?:\x1b\[6n|$)"
    with Terminal("make", "-s", "lecture", "N=3") as terminal:
        address = terminal.expect(r"the slides: file://\S+\.html").partition("file://")[2]
        assert Path(address).is_file()
        terminal.expect("d1 +five scenes")
        terminal.expect(at_prompt)
        terminal.type("d1\r")
        terminal.expect(r"\n  demo-cow\r*\n")
        terminal.expect("3 faults, no copy")
        terminal.expect(at_prompt)
        terminal.type("echo here > /tmp/mark; sleep 1000 &\r")
        terminal.expect(at_prompt)
        before = cpu_seconds(terminal.process.pid)
        terminal.type("reset\r")
        terminal.expect("d1 +five scenes")
        terminal.expect(at_prompt)
        seconds = cpu_seconds(terminal.process.pid) - before
        terminal.type("cat /tmp/mark; ps\r")
        assert "sleep" not in terminal.expect(r"No such file[\s\S]*" + at_prompt)
        terminal.type("\x01x")  # Ctrl-A x: from outside
        terminal.expect("d1 +five scenes")
        terminal.expect(at_prompt)
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0
    assert seconds <= RESET_MOST * slowness()


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.usefixtures("no_display")
def test_nothing_is_left_when_the_terminal_closes():
    terminal = Terminal(TOOL, "5")
    terminal.expect(r"lecture 5# (?:\x1b\[6n|$)")
    below = with_children(terminal.process.pid)
    assert playing.machine_below(terminal.process.pid) in below
    os.close(terminal.keyboard)
    terminal.process.wait(LAST_RESORT)
    await_that(lambda: all(map(gone, below)))


# --- Slides and paper -------------------------------------------------------------------------------

TOO_LARGE = """
const wrong = [];
Reveal.getSlides().forEach((slide, number) => {
    Reveal.slide(number);
    const box = [...slide.children].filter((one) => !one.matches("aside"));
    const bottom = Math.max(...box.map((one) => one.offsetTop + one.offsetHeight));
    const right = Math.max(...[...slide.querySelectorAll("table, pre")].map((one) => one.scrollWidth), 0);
    const code = [...slide.querySelectorAll("pre code")].some((one) => one.scrollWidth > one.clientWidth + 1);
    if (bottom > 800 || right > 1280 || code)
        wrong.push(`${slide.querySelector("h1, h2").textContent}: ${bottom} high, ${right} wide, ${code}`);
});
return wrong;
"""


@with_chromium
def test_every_slide_fits():
    """Nothing runs out of it, below or to the right; each has its notes; and the page is content."""
    with Browser() as window:
        for deck in ALL:
            assert pages.have_reveal()
            window.open(pages.deck_page(deck))
            window.wait("document.body.dataset.ready === '1'")
            counts = "return [Reveal.getTotalSlides(), document.querySelectorAll('aside.notes').length]"
            assert window.run(counts) == [len(deck.slides) + 1] * 2
            assert window.run(TOO_LARGE) == [], deck.name
            assert window.run("return [...document.images].every((one) => one.naturalWidth > 0)")
            assert window.log() == []


@with_chromium
def test_on_paper(tmp_path: Path):
    """A page for each slide; with the notes more; and the exercises are one page."""
    deck = ALL[commits() % len(ALL)]
    papers = {"slides": ["--pdf"], "noted": ["--notes", "--pdf"]}
    counts = {}
    for name, words in papers.items():
        subprocess.run([TOOL, str(deck.number), *words, tmp_path / name], check=True, timeout=LAST_RESORT)
        counts[name] = len(PDF_PAGE.findall((tmp_path / name).read_bytes()))
    assert counts["slides"] == len(deck.slides) + 1 < counts["noted"]


@with_chromium
@every_deck
def test_a_sheet_is_one_page(deck: Deck, tmp_path: Path):
    paper = tmp_path / "sheet.pdf"
    subprocess.run([TOOL, str(deck.number), "--sheet", paper], check=True, timeout=LAST_RESORT)
    assert len(PDF_PAGE.findall(paper.read_bytes())) == 1
    assert "## Answers" not in pages.sheet_page(deck).read_text("utf-8")


def test_a_page_wants_nothing_from_elsewhere():
    assert pages.have_reveal()
    for page in (pages.deck_page(ALL[0]), pages.sheet_page(ALL[0])):
        assert not re.search(r"<(?:script|img|link)[^>]*(?:src|href)=\"(?!data:)", page.read_text("utf-8"))


def test_without_chromium_it_says_who_brings_it(tmp_path: Path):
    nothing = {**os.environ, "PATH": str(tmp_path)}
    words = ["/usr/bin/python3", TOOL, "1", "--sheet", str(tmp_path / "x")]
    ended = subprocess.run(words, env=nothing, capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and "chromedriver is missing" in ended.stderr
