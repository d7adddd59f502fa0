"""What programs say of themselves in a trace: whole, harmless whatever it is, and in every reader."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from support import ROOT, run_boot
from traces import TRACE, make_trace

from tracing import notes
from tracing.check import NotATrace
from tracing.reader import RECORD, Trace

ODD = r"printf 'note \033[2J\007a\nb\377</script>\342\200\256' > /proc/trace"
ODD_BYTES = b"\033[2J\007a\nb\377</script>\342\200\256"
ODD_TOLD = "�[2J�a�b�</script>�"
SAYING = f"""
note one; note two   words; echo note of the shell > /proc/trace
note "$(printf '%0240d' 7)"; {ODD}
demo-cow > /dev/null
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("notes") / "saying"
    result = make_trace(path, "--ram", "32M", "--", "sh", "-c", SAYING)
    assert result.status == 0, result.report()
    return path


@pytest.fixture(scope="module")
def trace(file: Path) -> Trace:
    return Trace(file)


@pytest.fixture(scope="module")
def said(trace: Trace) -> list[tuple[notes.Note, list[str]]]:
    return list(notes.with_answers(trace))


def tool(*words: str | Path) -> str:
    return subprocess.run([TRACE, *words], capture_output=True, text=True, check=True).stdout


def test_texts_are_whole_and_of_who_said_them(said: list[tuple[notes.Note, list[str]]]):
    told = [(note.program, note.text) for note, _ in said[:5]]
    assert told[:3] == [("note", "one"), ("note", "two words"), ("sh", "of the shell")]
    assert told[3:] == [("note", "7".zfill(240)), ("sh", ODD_TOLD)]
    assert said[4][0].data == ODD_BYTES
    assert len({note.process for note, _ in said[:5]}) == 4


COW = [
    "the parent writes A, B and C",
    "fork: the child gets what the parent has",
    "the child writes C",
    "the parent writes B",
    "the child ends",
    "the parent, alone with it, writes A",
    "fork, then exec: the child runs the program anew",
    "the parent, alone again, writes A, B and C",
    "the demonstration ends",
]
LOOKS = "the parent looks which page is in which frame"


def answer_to(said: list[tuple[notes.Note, list[str]]], text: str) -> str:
    return next("\n".join(lines) for note, lines in said if note.text == text)


def test_a_demonstration_says_what_comes_and_it_comes(said: list[tuple[notes.Note, list[str]]]):
    assert [note.text for note, _ in said[5:] if note.text != LOOKS] == COW
    filled = answer_to(said, COW[0])
    three = r"^demo-cow \(\d+\) takes 3 faults: (zero-fill at 0x[0-9a-f]+000(, )?){3}\.$"
    assert re.search(three, filled, re.M), filled
    copied = answer_to(said, COW[2])
    assert re.search(r"^demo-cow \(\d+\) takes 1 fault: copy at 0x[0-9a-f]+000\.$", copied, re.M), copied
    assert re.search(r"^1 page copied: frame \d+ to frame \d+\.$", copied, re.M)
    assert re.search(r"^Off the free list: 1 frame; ", copied, re.M)
    assert re.search(r"^demo-cow \(\d+\) ends\.$", answer_to(said, COW[4]), re.M)
    alone = answer_to(said, COW[5])
    assert "takes 1 fault: reuse at 0x" in alone and "copied" not in alone
    assert "takes 3 faults: reuse at" in answer_to(said, COW[7])
    who = {note.text: note.process for note, _ in said[5:]}
    assert who[COW[2]] != who[COW[3]] == who[COW[0]]


def test_as_text_nothing_is_obeyed_by_a_terminal(file: Path):
    text = tool("notes", file)
    assert ODD_TOLD in text and all(letter.isprintable() for letter in text.replace("\n", ""))


def test_in_tables(file: Path, trace: Trace, said: list[tuple[notes.Note, list[str]]]):
    rows = list(csv.DictReader(io.StringIO(tool("csv", file))))
    assert len(rows) == trace.count
    assert [(row["event"], row["note"]) for row in rows if row["note"]] == [("note", note.text) for note, _ in said]


def test_in_perfettos_format(file: Path, said: list[tuple[notes.Note, list[str]]]):
    events = json.loads(tool("chrome", file))["traceEvents"]
    instants = [event for event in events if event.get("cat") == "note"]
    assert [event["name"] for event in instants] == [note.text for note, _ in said]
    assert [event["pid"] for event in instants] == [note.process for note, _ in said]
    assert {event["ph"] for event in instants} == {"i"}


def test_in_babeltrace2(file: Path, tmp_path: Path):
    if not shutil.which("babeltrace2"):
        pytest.skip("babeltrace2 is not installed")
    tool("ctf", file, tmp_path / "ctf")
    words = ["babeltrace2", str(tmp_path / "ctf")]
    result = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    assert result.returncode == 0, result.stderr
    assert re.search(r' note: \{ .*text = "of the shell"', result.stdout)


def test_where_nobody_traces_it_is_nothing():
    """The same calls, the same status; and the program that has tests of its own says all is well."""
    job = f"{SAYING}\n/test/note && cat /proc/trace; note; echo $?; note \"$(printf '%0241d' 7)\"; echo $?"
    result = run_boot("--", "sh", "-c", job)
    assert result.status == 0 and "not ok" not in result.text, result.report()
    assert re.search(r"^1\.\.\d+\n2\n2\n$", result.text, re.M), result.text
    assert "usage: note TEXT" in result.stderr and "a note has at most 240 bytes" in result.stderr


def test_what_is_too_long_is_cut_in_words(tmp_path: Path):
    result = make_trace(tmp_path / "trace", "--", "/test/note")
    texts = [note.text for note, _ in notes.with_answers(Trace(tmp_path / "trace"))]
    assert texts[:3] == ["x", "x" * 240, "x" * 240], result.report()
    assert texts[3] == "the child writes C"
    words, word, letters = texts[4:]
    assert words == ("and again " * 24)[:234] + "…" or words.endswith(("and…", "again…"))
    assert word == "y" * 237 + "…" and letters == "é" * 118 + "…"
    assert all(len(text.encode()) <= 240 for text in texts)


def test_in_proc_trace():
    job = "note hello > /dev/null; grep ' note ' /proc/trace"
    result = run_boot("--param", "trace=1", "--", "sh", "-c", job)
    hello = struct.unpack("<Q", b"hello\0\0\0")[0]
    told = rf"^\d+ note space=\d+ address={hello:#x} page=\d+ frame=5 detail=0$"
    assert re.search(told, result.text, re.M), result.text


def damaged(file: Path, to: Path, change: int) -> Path:
    """The same trace, with another frame in its first note."""
    data = bytearray(file.read_bytes())
    trace = Trace(file)
    n = next(n for n, record in enumerate(trace) if record.event == trace.number["note"])
    struct.pack_into("<I", data, trace.header.header_size + n * RECORD.size + 36, change)
    to.write_bytes(data)
    return to


@pytest.mark.parametrize("frame", [0, 241, 3 | 16 << 16, 40 | 8 << 16, 0xFFFFFFFF])
def test_a_note_that_cannot_be_is_refused(file: Path, tmp_path: Path, frame: int):
    with pytest.raises(NotATrace, match=r"record \d+ \(note\) is damaged"):
        Trace(damaged(file, tmp_path / "damaged", frame))


def test_a_part_without_its_beginning_is_left_out(file: Path, tmp_path: Path):
    trace = Trace(damaged(file, tmp_path / "torn", 40 | 16 << 16))
    assert [note.text for note, _ in notes.with_answers(trace)][:2] == ["two words", "of the shell"]


def test_a_trace_from_before_there_were_notes_is_read(file: Path, tmp_path: Path):
    trace, data = Trace(file), bytearray(file.read_bytes())
    first = next(n for n, record in enumerate(trace) if record.event == trace.number["note"])
    head = bytes(data[: trace.header.header_size]).replace(b" note\n", b" else\n")
    struct.pack_into("<Q", data, 24, first)  # records written: those before the first note
    (tmp_path / "old").write_bytes(head[:24] + data[24:32] + head[32:] + data[len(head) :])
    old = Trace(tmp_path / "old")
    assert list(notes.with_answers(old)) == [] and "note" not in old.number
    for command in ("notes", "csv", "chrome", "info"):
        tool(command, tmp_path / "old")


def test_every_demonstration_says_what_it_does():
    """At its turning points; in one of these the words are given by others, or chosen at one place."""
    for name in {path.stem for path in (ROOT / "user").glob("demo-*")}:
        files = [*(ROOT / "user").glob(f"{name}.c"), *(ROOT / "user" / name).glob("*.c")]
        at_one_place = name in ("demo-lazy", "demo-matrix")
        assert sum(path.read_text("utf-8").count("trace_note(") for path in files) >= 2 - at_one_place, name


QUICK = ("demo-lazy", "demo-share", "demo-segv", "demo-ipc", "demo-tlb", "demo-free", "demo-matrix 127", "demo-fork")


def test_the_quick_ones_say_it_in_a_run(tmp_path: Path):
    job = "; ".join(f"{demo} > /dev/null || exit 1" for demo in QUICK)
    result = make_trace(tmp_path / "trace", "--ram", "64M", "--swap", "16M", "--", "sh", "-c", job)
    assert result.status == 0, result.report()
    by: dict[str, list[str]] = {}
    for note, _ in notes.with_answers(Trace(tmp_path / "trace")):
        by.setdefault(note.program, []).append(note.text)
    assert set(by) == {words.split()[0] for words in QUICK}
    for texts in by.values():
        assert len(texts) >= 3 and texts[-1] == "the demonstration ends"
        assert all(len(text) < 100 for text in texts)


def test_the_words_of_the_documents():
    text = (ROOT / "docs/trace.md").read_text("utf-8")
    assert "user/lib/trace_note.h" in text and "at most 240 bytes" in " ".join(text.split())
    for name in ("mm/trace.h", "user/lib/trace_note.h"):
        assert "TRACE_NOTE_MOST = 240" in (ROOT / name).read_text("utf-8")
