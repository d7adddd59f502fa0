"""vmtop, and the predictions of faults: what the terminal shows of memory."""

from __future__ import annotations

import re
from pathlib import Path

import agreement
import pytest
from support import BOOT, LAST_RESORT, ROOT, run_boot

from picturing.terminal import Terminal

LETTERS = "psfw!Tk0.K"
NAMES = ["private", "shared", "file", "wired", "busy", "table", "kept", "zeroed", "free", "kernel"]
ITEM = re.compile(r"([psfw!Tk0.K]) ([a-z]+) (\d+)(?:  |$)")
CELL = re.compile(r"A cell is (?:one frame|(\d+) frames)\b")


def test_the_map_and_the_processes():
    result = run_boot("--ram", "16M", "--", "sh", "-c", "cat /proc/frames; vmtop -b -n 2 -d 0.1")
    assert result.status == 0, result.report()
    frames, _, rest = result.text.partition("\n")
    assert set(frames) <= set(LETTERS)
    pictures = rest.split("\n\n")
    assert len(pictures) == 2
    for picture in pictures:
        lines = picture.splitlines()
        assert len(lines) <= 24 and all(len(line) <= 80 for line in lines)
        assert "key" not in lines[1], "there are none"
        counts = {letter: count for letter, _, count in legend_of(lines)}
        assert abs(int(counts["."]) + int(counts["0"]) - frames.count(".") - frames.count("0")) < 200
        assert re.search(r"^ +\d+ vmtop +\d+ +0 ", picture, re.MULTILINE)
        assert re.search(r"^ +1 init ", picture, re.MULTILINE)


def legend_of(lines: list[str]) -> list[tuple[str, str, str]]:
    """Letter, name and count, from the lines below the first two, as many as there are."""
    found: list[tuple[str, str, str]] = []
    for line in lines[2:]:
        if ITEM.sub("", line):
            break
        found += ITEM.findall(line)
    return found


def test_it_refuses_what_makes_no_sense():
    assert run_boot("--ram", "16M", "--", "vmtop", "-n", "0").status == 2


def predict(tmp_path: Path, answers: str, *words: str) -> str:
    file = tmp_path / "answers"
    file.write_text(answers, "ascii")
    job = ("faults", "--predict", *words, "one-fault")
    result = run_boot("--ram", "16M", "--stdin", str(file), "--", *job, witness=True)
    assert result.status == 0, result.report()
    assert len(agreement.of_who_enters(result.seen, 0x401000)) == 4, "what is predicted, and scored"
    return result.text


def test_predictions_are_scored_and_misses_explained(tmp_path: Path):
    text = predict(tmp_path, "f\n1\nc\nzero-page\nz\n")
    assert re.search(r"kinds of faults +3 of 4, 75 %", text)
    assert re.search(r"pages of files +1 of 1, 100 %", text)
    assert "No, it is zero-fill: private memory without a file, never written, and now written" in text


def test_a_seed_asks_the_same_each_time(tmp_path: Path):
    texts = [predict(tmp_path, "z\n" * 20, "--seed", "7") for _ in range(2)]
    assert texts[0] == texts[1]
    assert 0 < texts[0].count("What will it be?") < 4


def test_a_key_that_is_no_answer_is_not_a_wrong_answer(tmp_path: Path):
    """It is said, does not count, and the question comes again; so with a number that is none."""
    text = predict(tmp_path, "x\n\nf\none\n1\nzerofill\nc\nz\nz\n")
    assert '"x" is no kind, and does not count: one of these letters, or its name.' in text
    assert "Which? One of these letters, or its name." in text
    assert '"zerofill" is no kind' in text and '"one" is no number, and does not count.' in text
    assert re.search(r"kinds of faults +4 of 4, 100 %", text)
    assert re.search(r"pages of files +1 of 1, 100 %", text)
    assert "No, it is" not in text


def step(tmp_path: Path, keys: str, status: int) -> str:
    file = tmp_path / "keys"
    file.write_text(keys, "ascii")
    result = run_boot("--ram", "16M", "--stdin", str(file), "--", "faults", "--step", "one-fault")
    assert result.status == status, result.report()
    return result.text


KEYS = "Enter: the next fault   c: the rest without waiting   q: end the program\n"


def test_step_shows_its_keys(tmp_path: Path):
    """At the first fault, and after a key that is none, which changes nothing."""
    text = step(tmp_path, "\nx\n\n\n\n", 0)
    assert text.count(KEYS) == 2 and "x is none of the keys.\n     " + KEYS in text
    assert text.index(KEYS) > text.index("  1  execute 0x401000")
    assert "4  in all" in text and text.count(" > ") == 5


def test_step_goes_on_without_waiting_and_ends(tmp_path: Path):
    text = step(tmp_path, "\nc\n", 0)
    assert "4  in all" in text and text.count(" > ") == 2
    text = step(tmp_path, "\nq\n", 128 + 9)
    assert "2  in all" in text
    text = step(tmp_path, "\n", 0)
    assert "(no more keys: the rest without waiting)" in text and "4  in all" in text


def test_answers_may_run_out(tmp_path: Path):
    text = predict(tmp_path, "f\n")
    assert "(no more answers)" in text and "Your score:" in text


# --- On a terminal --------------------------------------------------------------------------------

# The letter of a frame, and the colours that vmtop gives it, as the emulator calls them.
LOOKS = {"p": ("brightwhite", "blue"), "s": ("black", "cyan"), "f": ("black", "green"),
         "w": ("brightwhite", "red"), "!": ("black", "red"), "T": ("brightwhite", "magenta"),
         "k": ("black", "brown"), "0": ("brightblack", "brightwhite"), ".": ("brightblack", "white"),
         "K": ("white", "black")}  # fmt: skip


def map_lines(terminal: Terminal, columns: int) -> list[int]:
    """The rows of the map: between the counts and the heading of the processes. Each cell's letter
    has its colours, so that neither is needed to read the other."""
    lines = terminal.text().splitlines()
    heading = next(row for row, line in enumerate(lines) if line.split()[:2] == ["PID", "NAME"])
    rows = list(range(first_of_map(lines), heading))
    for row in rows:
        cells = [terminal.screen.buffer[row][column] for column in range(columns)]
        shown = [cell for cell in cells if cell.data != " "]
        assert len(shown) == columns or row == rows[-1]
        for cell in shown:
            assert (cell.fg, cell.bg) == LOOKS[cell.data]
        assert all(terminal.screen.buffer[row][column].data == " " for column in range(columns, 100))
    return rows


def first_of_map(lines: list[str]) -> int:
    """The row below the legend."""
    return next(row for row, line in enumerate(lines) if row >= 2 and ITEM.sub("", line))


def check_picture(terminal: Terminal, columns: int, lines: int) -> None:
    """It fills so many columns, and no more lines than that; and says what all of it means."""
    shown = terminal.text().rstrip().splitlines()
    found = re.match(r"vmtop: (\d+) frames, \d+ KiB free; \d+ pages in slots$", shown[0])
    assert found, shown[0]
    legend = legend_of(shown)
    assert [letter for letter, _, _ in legend] == list(LETTERS) and [name for _, name, _ in legend] == NAMES
    assert sum(int(count) for _, _, count in legend) == int(found[1])
    top = first_of_map(shown) + 1
    rows = map_lines(terminal, columns)
    assert (lines - top) * 2 // 3 // 2 < len(rows) <= (lines - top) * 2 // 3
    cell = CELL.match(shown[1])
    assert cell, shown[1]
    cells = sum(len(shown[row].rstrip()) for row in rows)
    each = int(cell[1] or 1)
    assert (cells - 1) * each < int(found[1]) <= cells * each, "what a cell is said to be"
    assert "Any key ends it." in shown[1] or columns < 80
    assert not cell[1] or "what most of them are" in shown[1] or columns < 60
    assert len(shown) <= lines
    assert terminal.screen.cursor.hidden


def pictures_until(terminal: Terminal, pattern: str) -> None:
    """Some pictures may pass."""
    for _ in range(300):
        if re.search(pattern, terminal.picture(), re.MULTILINE):
            return
    raise AssertionError(f"no {pattern!r} in 300 pictures:\n{terminal.text()}")


def test_full_screen():
    """80 by 24, then larger, while memory is being swapped; a key ends it."""
    machine = [str(BOOT), "--ram", "16M", "--swap", "64M", "--swap-latency", "200"]
    prompt = r"^faultline#$"
    with Terminal(machine, ROOT, 100, 30) as terminal:
        terminal.at_prompt(prompt)
        terminal.type("stty rows 24 cols 80; clear; swaptest 40 > /dev/null & vmtop -d 0.1\r")
        pictures_until(terminal, "^vmtop: .*slots$")
        check_picture(terminal, 80, 24)
        assert re.search(r"^ +1 init ", terminal.text(), re.MULTILINE)
        pictures_until(terminal, r"^ +\d+ swaptest +\d{4} +[1-9]\d* +\+\d+ +\+[1-9]\d*$")  # it pages in
        check_picture(terminal, 80, 24)
        first = terminal.text()
        assert terminal.picture() != first
        terminal.type("q")
        terminal.at_prompt(prompt)
        assert not terminal.screen.cursor.hidden
        terminal.type("kill %1; wait; clear; (sleep 2; stty rows 30 cols 100) & vmtop -d 0.1\r")
        while not terminal.screen.cursor.hidden:
            terminal.picture()
        pictures_until(terminal, MAP_OF.format(80))
        check_picture(terminal, 80, 24)
        pictures_until(terminal, MAP_OF.format(100))
        check_picture(terminal, 100, 30)
        terminal.type("x")
        terminal.at_prompt(prompt)
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0


@pytest.mark.parametrize("key", ["q", "\x03", "\x1b[A", "\x1b[15~", "\x1bOP"])
def test_what_is_typed_behind_the_key_is_kept(key: str):
    """At once: the shell has it, whole, and nothing of the key, also where that is several bytes."""
    prompt = r"^faultline#$"
    with Terminal([str(BOOT), "--realtime", "--ram", "16M"], ROOT) as terminal:
        terminal.at_prompt(prompt)
        terminal.type("clear; vmtop -d 3600\r")
        terminal.wait_for("Any key ends it")
        terminal.settle()
        terminal.type(f"{key}echo kept $((6 * 7))\r")
        terminal.wait_for("^kept 42$")
        terminal.at_prompt(prompt)
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0


MAP_OF = r"^vmtop: [^\n]*\n(?:.*\n)+?[psfw!Tk0.K]{{{0}}}$"  # a map of so many columns


def test_it_follows_the_terminals_size_at_once():
    """Smaller than usual, too; and without waiting for the next picture, which would be in an hour."""
    machine = [str(BOOT), "--realtime", "--ram", "16M", "--swap", "16M"]
    prompt = r"^faultline#$"
    with Terminal(machine, ROOT, 100, 30) as terminal:
        terminal.at_prompt(prompt)
        terminal.type("clear; vmtop -d 3600\r")
        terminal.wait_for(MAP_OF.format(100))
        terminal.settle()
        check_picture(terminal, 100, 30)
        for columns, lines in ((60, 20), (120, 40), (64, 16)):
            terminal.resize(columns, lines)
            terminal.wait_for(MAP_OF.format(columns))
            terminal.settle()
            check_picture(terminal, columns, lines)
        terminal.type("q")
        terminal.at_prompt(prompt)
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0


@pytest.mark.parametrize("end", ["\x03", "\x1c", "TERM", "HUP", "\x1a"])
def test_the_terminal_is_as_before_however_it_ends(end: str):
    """By ^C, ^\\, a signal of another process, and while it is stopped by ^Z: the cursor is seen, and what is
    typed is echoed."""
    machine = [str(BOOT), "--realtime", "--ram", "16M"]
    prompt = r"^faultline#$"
    wide = "until stty size < /dev/tty | grep -q ' 90$'; do sleep 0.1; done"  # the terminal: then it is sent
    with Terminal(machine, ROOT) as terminal:
        terminal.at_prompt(prompt)
        terminal.type("stty -g > /tmp/before; clear\r")
        terminal.at_prompt(prompt)
        sent = f"({wide}; kill -{end} $(pidof vmtop)) & " if end.isalpha() else ""
        terminal.type(f"{sent}vmtop -d 3600\r")
        terminal.wait_for("Any key ends it")
        terminal.settle()
        assert terminal.screen.cursor.hidden
        if sent:
            terminal.resize(90, 24)
        else:
            terminal.type(end)
        terminal.at_prompt(prompt)
        assert not terminal.screen.cursor.hidden
        terminal.type("stty -g > /tmp/after; cmp /tmp/before /tmp/after && echo the same\r")
        terminal.wait_for("^the same$")
        if end == "\x1a":
            terminal.at_prompt(prompt)
            terminal.type("clear; fg\r")
            terminal.wait_for("Any key ends it")
            terminal.settle()
            assert terminal.screen.cursor.hidden, "it goes on as it was"
            terminal.type("q")
        terminal.at_prompt(prompt)
        assert not terminal.screen.cursor.hidden
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0
