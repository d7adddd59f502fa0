"""A short script of forks and writes, or a reference string: played as it says, or refused in words."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from support import ROOT, Result, run_boot

from tracing import notes, play
from tracing.reader import Trace

MACHINE = ("--ram", "16M", "--swap", "4M")


def played(script: str) -> Result:
    return run_boot(*MACHINE, "--", "play", script)


# --- Forks and writes -----------------------------------------------------------------------------

FORKS = "map 3 A; share 2 B; write A B0; fork; child: read A0; child: write A2 A1; write A1; child: write B; read B1"
# What each statement says, and how many faults it takes.
TOLD = [
    ("the parent maps 3 pages, called A", None),
    ("the parent maps 2 shared pages, called B", None),
    ("the parent writes A0 to A2, B0", 4),
    ("fork: the child begins, and shares what the parent has", None),
    ("the child prints a line: the program's stack and data are copied", None),
    ("the parent prints a line: it is alone with its stack and data by now", None),
    ("the child reads A0", 0),
    ("the child writes A2, A1", 2),
    ("the parent writes A1", 1),
    ("the child writes B0 to B1", 1),
    ("the parent reads B1", 1),
    ("the child ends", None),
    ("the parent waits for the child", None),
    ("the parent ends", None),
]


def lines_of(text: str) -> list[tuple[str, int | None]]:
    """Each line's sentence, and its number of faults."""
    found = []
    for line in text.splitlines():
        counted = re.fullmatch(r"(.*\S) +(\d+) faults?", line)
        found.append((counted[1], int(counted[2])) if counted else (line, None))
    return found


def test_forks_and_writes():
    result = played(FORKS)
    assert result.status == 0, result.report()
    told = lines_of(result.text)
    assert [line[0] for line in told] == [line[0] for line in TOLD]
    shared = next(i for i, line in enumerate(TOLD) if line[0] == "the child writes B0 to B1")
    assert [line[1] for i, line in enumerate(told) if i != shared] == [
        line[1] for i, line in enumerate(TOLD) if i != shared
    ]
    assert told[shared][1] in (1, 2)  # whether fork copies the entry of a shared page is the kernel's affair


def test_the_script_of_the_docs(tmp_path: Path):
    """Each statement is a note, and only what it is about comes of it."""
    text = (ROOT / "docs/view.md").read_text("utf-8")
    script = re.findall(r"tools/trace view --play '([^']+)' > play\.html", text)[0]
    said = play.record(script, [], tmp_path / "trace")
    told = list(notes.with_answers(Trace(tmp_path / "trace")))
    assert [note.text for note, _ in told] == [line for line, _ in lines_of(said)] + ["the script ends"]
    answers = {note.text: "\n".join(lines) for note, lines in told}
    assert "takes 3 faults: zero-fill at 0x10000000, zero-fill at 0x10001000" in answers["the parent writes A0 to A2"]
    for who, page in (("the child", 2), ("the parent", 1)):
        answer = answers[f"{who} writes A{page}"]
        assert re.search(rf"^play \(\d+\) takes 1 fault: copy at 0x1000{page}000\.$", answer, re.M), answer
        assert re.search(r"^1 page copied: frame \d+ to frame \d+\.$", answer, re.M)


def test_children_of_children_and_who_ends_first():
    script = """
        map 1 A; write A     # before anybody begins
        fork                 # child
        child: fork          # child2, of the child
        child2: write A; child: exit
        child2: read A; write A
        fork; child3: write A; child3: map 2 C; child3: write C
        wait; exit"""
    result = played(script)
    assert result.status == 0, result.report()
    told = [line for line, _ in lines_of(result.text)]
    assert told[-1] == "the parent ends" and "the second child reads A0" in told
    assert told.index("the child ends") < told.index("the second child reads A0")
    assert told.index("the third child ends") < told.index("the parent waits for the third child")
    assert told.count("the second child ends") == 1


# --- Reference strings -----------------------------------------------------------------------------

BELADY = "1 2 3 4 1 2 5 1 2 3 4 5"


@pytest.mark.parametrize("frames, policy, faults", [(3, "fifo", 9), (4, "fifo", 10), (3, "lru", 10), (4, "lru", 8)])
def test_reference_strings_take_the_textbooks_faults(frames: int, policy: str, faults: int):
    result = played(f"frames {frames}; policy {policy}; {BELADY}")
    assert result.status == 0, result.report()
    assert f"a reference string in {frames} frames: 12 references, {faults} faults" in result.text
    assert len(re.findall(r"  fault", result.text)) == faults
    assert len(re.findall(r", page \d goes$", result.text, re.M)) == faults - frames


def test_references_say_what_is_in_the_frames(tmp_path: Path):
    play.record(f"frames 3; policy fifo; {BELADY}", [], tmp_path / "trace")
    told = list(notes.with_answers(Trace(tmp_path / "trace")))
    assert len(told) == 13
    assert told[0][0].text == "reference 1: page 1 is written; in frames: none"
    assert told[3][0].text == "reference 4: page 4 is written; in frames: 1 2 3"
    assert told[4][0].text == "reference 5: page 1 is written; in frames: 2 3 4"
    assert "takes 1 fault: zero-fill" in "\n".join(told[3][1])
    hit = next(lines for note, lines in told if note.text.startswith("reference 8:"))
    assert hit[0] == "No fault."


def test_two_strings_and_what_is_only_read():
    result = played("7 7r 8r 7; frames 1; 1 2 1")
    assert result.status == 0, result.report()
    assert "1 frame: 3 references, 3 faults" in result.text


# --- Refused -----------------------------------------------------------------------------------------

REFUSED = {
    "": "there is nothing to play",
    " ; # nothing\n;": "there is nothing to play",
    "wirte A0": 'in "wirte A0": "wirte" is nothing that can be done',
    "map": "how many pages is a number, 1024 at most",
    "map 0 A": "how many pages is a number from 1 to 1024",
    "map 99999999999999999999 A": "how many pages is a number",
    "map 2 a": "an area is called by one letter, A to Z",
    "map 2 A B": '"B" is one word too many',
    "map 2 A; map 1 A": "there is an area called A already",
    "write A0": "the parent has no memory called A",
    "map 2 A; write A2": "the page is a number, 1 at most",
    "map 2 A; write A1-0": '"A1-0" is no page',
    "map 2 A; write A0x": '"A0x" is no page',
    "map 2 A; write": "which pages?",
    "map 2 A; write 0": '"0" is no page',
    "child: exit": "before the colon stands who does it",
    "fork; child: map 1 A; write A": "the parent has no memory called A",
    "fork; child: exit; child: exit": "the child has ended",
    "wait": "the parent has no child to wait for",
    "exit; map 1 A": "the parent has ended",
    "fork; fork; fork; fork; fork; fork": "there are 5 children at most",
    "child:": "before the colon stands who does it",
    "parent:": "who is named, but not what is done",
    "1 2 x": '"x" is no reference',
    "1 2; map 1 A": "do not go together",
    "policy nosuch; 1": "there is no such policy",
    "policy ../x; 1": "there is no such policy",
    "frames 0; 1": "how many frames is a number from 1 to 100",
    "1000": "a page of a reference string is a number, 999 at most",
    "parent: 1 2": '"1" is nothing that can be done by a process',
    "map 1 A; \033[2J A": 'in "?[2J A"',
    "fork; wait;" * 5 + "read": "which pages?",
}


def test_what_is_no_script_is_refused_in_words(tmp_path: Path):
    """All in one machine; nothing is done, and nothing is noted."""
    scripts = tmp_path / "scripts"
    scripts.write_bytes(b"".join(f"{script}\0".encode() for script in REFUSED))
    each = """play "$(echo "$s" | tr '\\001' '\\n')" 2>&1; echo "=$?\""""
    job = f"tr '\\n\\0' '\\001\\n' | while IFS= read -r s; do {each}; done"
    result = run_boot(*MACHINE, "--stdin", str(scripts), "--", "sh", "-c", job)
    answers = result.text.split("=2\n")
    assert len(answers) == len(REFUSED) + 1, result.report()
    for (script, words), answer in zip(REFUSED.items(), answers, strict=False):
        assert answer.startswith("play: ") and words in answer.splitlines()[0], (script, answer)
        assert "statements, which end in ;" in answer and "\033" not in answer


def test_what_is_too_long_or_no_text(tmp_path: Path):
    for data, words in (
        (b"#" * 5000, "a script has at most 4096 bytes"),
        (b"map 1 A\0", "there is a NUL"),
        (b"fork;wait;" * 200, "there are 5 children at most"),
        (b"1 " * 1001, "more than 1000 references"),
    ):
        file = tmp_path / "script"
        file.write_bytes(data)
        result = run_boot(*MACHINE, "--stdin", str(file), "--", "play")
        assert result.status == 2 and words in result.stderr, result.report()


def test_no_swap_area():
    result = run_boot("--ram", "16M", "--", "play", "frames 1; 1 2")
    assert result.status == 2 and "there is no swap area" in result.stderr, result.report()


def test_the_front_door_refuses_likewise(capsys: pytest.CaptureFixture):
    page = io.StringIO()
    assert play.write_page("map 1 A; write B", [], page) == 2
    assert page.getvalue() == ""
    assert capsys.readouterr().err.startswith('tools/trace: play: in "write B": the parent has no memory called B\n')
