"""vmtop, and the predictions of faults: what the terminal shows of memory."""

from __future__ import annotations

import re
from pathlib import Path

import agreement
from support import BOOT, LAST_RESORT, ROOT, run_boot

from picturing.terminal import Terminal

LETTERS = "psfw!Tk0.K"


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
        counts = dict(re.findall(r"([^ ]) (\d+)(?: |$)", lines[1]))
        assert abs(int(counts["."]) + int(counts["0"]) - frames.count(".") - frames.count("0")) < 200
        assert re.search(r"^ +\d+ vmtop +\d+ +0 ", picture, re.MULTILINE)
        assert re.search(r"^ +1 init ", picture, re.MULTILINE)


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
    rows = list(range(2, heading))
    for row in rows:
        cells = [terminal.screen.buffer[row][column] for column in range(columns)]
        shown = [cell for cell in cells if cell.data != " "]
        assert len(shown) == columns or row == rows[-1]
        for cell in shown:
            assert (cell.fg, cell.bg) == LOOKS[cell.data]
        assert all(terminal.screen.buffer[row][column].data == " " for column in range(columns, 100))
    return rows


def check_picture(terminal: Terminal, columns: int, lines: int) -> None:
    """It fills so many columns, and no more lines than that."""
    shown = terminal.text().rstrip().splitlines()
    assert re.match(r"vmtop: \d+ frames, \d+ KiB free; \d+ pages in slots$", shown[0])
    assert re.findall(r"(\S) \d+", shown[1]) == list(LETTERS.removesuffix("K"))
    room = (lines - 3) * 2 // 3
    assert room // 2 < len(map_lines(terminal, columns)) <= room
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
        pictures_until(terminal, r"^vmtop: [^\n]*\n.*\n[^ \n]{80}$")
        check_picture(terminal, 80, 24)
        pictures_until(terminal, r"^vmtop: [^\n]*\n.*\n[^ \n]{100}$")
        check_picture(terminal, 100, 30)
        terminal.type("x")
        terminal.at_prompt(prompt)
        terminal.type("poweroff\r")
        assert terminal.process.wait(LAST_RESORT) == 0
