"""vmtop, and the predictions of faults: what the terminal shows of memory."""

from __future__ import annotations

import re
from pathlib import Path

from support import run_boot

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
    result = run_boot("--ram", "16M", "--stdin", str(file), "--", "faults", "--predict", *words, "one-fault")
    assert result.status == 0, result.report()
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
