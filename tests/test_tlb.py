"""The modelled TLB: by hand, against a second model, and on programs of which one can say what it must come to."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
from pathlib import Path

import pytest
import tlb_model
from accessing import run, seen
from support import BUILD, LAST_RESORT, ROOT, is_turn

MODEL = str(BUILD / "tlb-model")
MOST = 10**7
PROGRAM = ("sh", "-c", "seq 1 30000 | sort -r | md5sum")
SETTINGS = {
    "usual": ("", tlb_model.Tlb()),
    "asids": ("l1i=16:4,l1d=16:4,l2=64:4,asids=2", tlb_model.Tlb((16, 4), (16, 4), (64, 4), asids=2)),
    "one set": ("l1i=8,l1d=24,l2=0,replacement=fifo", tlb_model.Tlb((8, 8), (24, 24), (0, 0), lru=False)),
    "large": ("l1i=4,l1d=8,l2=32:8,page=2M", tlb_model.Tlb((4, 4), (8, 8), (32, 8), page=512)),
}


def model(text: str, *words: str) -> str:
    told = subprocess.run(
        [MODEL, "--text", *words], input=text, capture_output=True, text=True, timeout=LAST_RESORT, check=True
    )
    return told.stdout


# --- By hand ------------------------------------------------------------------------------------


def example() -> list[list[str]]:
    """Rows of the table in docs/tlb.md."""
    text = (ROOT / "docs/tlb.md").read_text("utf-8")
    section = text[text.index("## An example by hand") : text.index("## Effective access time")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def test_the_example_by_hand():
    rows = example()
    numbered = [row for row in rows if row[0]]
    assert [row[0] for row in numbered] == [str(n) for n in range(1, 17)]
    text = "page 0x800000007 global\n" + "\n".join(row[1] for row in rows)
    told = model(text, "--each", "l1i=4,l1d=4,l2=0", "l1i=4,l1d=4,l2=0,asids=2").splitlines()
    assert [line.split() for line in told] == [[row[2], row[4]] for row in numbered]


def entries(changes: str) -> list[tuple[int, int]]:
    """(page, space) that are there at the end, by --changes."""
    there: dict[str, tuple[int, int]] = {}
    for line in changes.splitlines()[1:]:
        _, what, level, place, space, page, _ = line.split(",")
        assert level == "1"
        if what == "fill":
            assert place not in there
            there[place] = (int(page), int(space))
        else:
            assert there.pop(place) == (int(page), int(space))
    return sorted(there.values())


@pytest.mark.parametrize(("words", "column"), [("asids=0", 3), ("asids=2", 5)])
def test_the_entries_by_hand(tmp_path, words, column):
    """After each step, those that the table says."""
    rows = example()
    space = "1"
    for count in range(1, len(rows) + 1):
        text = "page 0x800000007 global\n" + "\n".join(row[1] for row in rows[:count])
        model(text, "--changes", str(tmp_path / "changes"), f"l1i=4,l1d=4,l2=0,{words}")
        space = rows[count - 1][1].split()[1] if rows[count - 1][1].startswith("space") else space
        expected = [
            (0x800000007, 0) if word == "G" else (int(word.split("/")[0]), int((word + f"/{space}").split("/")[1]))
            for word in rows[count - 1][column].split()
        ]
        assert entries((tmp_path / "changes").read_text("ascii")) == sorted(expected), rows[count - 1]


def test_what_cannot_be_is_refused():
    for words in (["l1d=0"], ["l1d=64:5"], ["l1d=x"], ["page=8K"], ["nosuch=1"], ["--nosuch"]):
        ended = subprocess.run([MODEL, "--text", *words], input="", capture_output=True, text=True, check=False)
        assert ended.returncode == 2 and "tlb-model:" in ended.stderr, words
    ended = subprocess.run([MODEL, "--text"], input="r\n", capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and "line 1" in ended.stderr


def words_of(*words: int) -> bytes:
    return struct.pack(f"<{len(words)}Q", *words)


def test_a_reader_passes_over_what_it_does_not_know():
    access = 0x01 << 56 | 5 | 1 << 38 | 3 << 39
    unknown, unknown_long = 0x3E << 56 | 99, 0xFE << 56
    stream = words_of(access, unknown, unknown_long, 1, 2, 3, access, 0x08 << 56 | 7)
    told = subprocess.run([MODEL], input=stream, capture_output=True, check=True).stdout
    assert json.loads(told)["models"][0]["user"] == {"accesses": 6, "first": 5, "common": 0, "walks": 1, "steps": 4}
    short = subprocess.run([MODEL], input=stream[8:], capture_output=True, check=False)
    assert short.returncode == 2 and b"lost" in short.stderr


def test_what_a_page_is_given(tmp_path):
    """Records as the table in docs/tlb.md has them."""
    traced = [0x07 << 56 | n for n in range(4)]
    root, page = 0x02 << 56 | 9 << 12, 0x01 << 56 | 5 | 1 << 38
    words = [root, page | 3 << 39, traced[1], page | 1 << 36 | 2 << 39, traced[2], root, traced[3]]
    stream = words_of(*words, 0x08 << 56 | len(words))
    file = tmp_path / "moments"
    command = [MODEL, "--moments", str(file), "l1i=4:2,l1d=8:4,l2=0"]
    subprocess.run(command, input=stream, check=True, capture_output=True)
    found = struct.unpack(f"<{file.stat().st_size // 4}I", file.read_bytes())
    assert found[:12] == (0x424C5446, 1, 4, 2, 8, 4, 0, 0, 12, 0, 0, 0)
    filled = 4 + 4  # all places for fetches, then the second of two sets for data
    assert [found[at : at + 6] for at in range(12, len(found), 6)] == [
        (1, filled, 9, 5, 12 << 8, 0),
        (1, 1 << 30, 9, 3, 1, 1),
        (1, 2 << 30 | 1, 0, 1, 0, 0),
        (2, 1 << 30, 9, 2, 0, 0),
        (3, filled, 0, 0, 0, 0),
        (3, 2 << 30 | 2, 0, 1, 1, 0),
    ]


# --- A real program ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The stream of a program's run, its beginning; and the trace."""
    folder = tmp_path_factory.mktemp("accesses")
    keep = ["sh", "-c", f"head -c {8 * MOST} > {folder}/stream; cat > /dev/null"]
    ended = run.follow(run.Job(PROGRAM), keep, folder)
    assert ended.status == 0
    return folder / "stream", ended.trace


def counts(told: dict) -> dict[tuple[bool, str], int]:
    found = {}
    for user, name in ((True, "user"), (False, "kernel")):
        found[user, "accesses"] = told[name]["accesses"]
        found[user, "missed"] = told[name]["accesses"] - told[name]["first"]
        found[user, "walks"] = told[name]["walks"]
    return found


@pytest.mark.skipif(not is_turn(3), reason="a minute: at every third commit")
def test_both_models_agree(recorded):
    stream, trace = recorded
    settings = [f"name={name},{words}".rstrip(",") for name, (words, _) in SETTINGS.items()]
    with open(stream, "rb") as file:
        command = [MODEL, "--trace", str(trace), "--most", str(MOST), *settings]
        told = subprocess.run(command, stdin=file, capture_output=True, check=True, timeout=LAST_RESORT).stdout
    done = tlb_model.run(stream, trace, [tlb for _, tlb in SETTINGS.values()], MOST)
    assert done >= MOST
    data = json.loads(told)
    assert data["switches"] > 10 and data["page_flushes"] > 10 and data["blind_flushes"] == 0
    for model, (name, (_, tlb)) in zip(data["models"], SETTINGS.items(), strict=True):
        assert counts(model) == tlb.counts, name


# --- Programs whose misses are known -------------------------------------------------------------------


def tlb(*words: str) -> str:
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    ended = subprocess.run(
        [ROOT / "tools/tlb", *words], capture_output=True, text=True, env=environment, check=False, timeout=LAST_RESORT
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def array(text: str) -> dict[str, int]:
    """What --json says of the array of demo-tlb."""
    rows = json.loads(text)["regions"]["demo-tlb"]
    return max((counts for _, counts in rows), key=lambda counts: counts["accesses"] * (counts["pages"] == 256))


@pytest.mark.parametrize(("order", "entries", "misses"), [
    ("rows", 64, 256), ("columns", 64, 256 * 64), ("columns", 300, 0),
])  # fmt: skip
def test_rows_against_columns(order, entries, misses):
    """Four passes over 256 pages, and one that fills them; what else is in the TLB may cost a few."""
    found = array(tlb("--json", "--l1d", str(entries), "--l2", "0", "demo-tlb", order))
    assert found["pages"] == 256
    walks = found["walks"] - found["pages"] * (1 + (order == "rows") * 0)
    assert 4 * misses <= walks + 256 and walks <= 4 * misses * 1.02 + 600, found


def test_asids_save_what_a_switch_costs():
    data = json.loads(tlb("--json", "demo-tlb", "turns"))
    without, named = (model["user"]["walks"] for model in data["models"][1:3])
    assert data["switches"] >= 400
    assert (without - named) / data["switches"] >= 32
    assert data["blind_flushes"] == data["all_flushes"] == 0


def test_a_program_that_fails_is_told_of():
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    words = [str(ROOT / "tools/tlb"), "--csv", "--", "sh", "-c", "exit 3"]
    ended = subprocess.run(words, capture_output=True, text=True, env=environment, check=False, timeout=LAST_RESORT)
    assert ended.returncode == 1 and "the program ended with status 3" in ended.stderr
    assert ended.stdout.count("\n") > 1


def test_twice_the_same():
    assert tlb("--json", "one-fault") == tlb("--json", "one-fault")


def test_the_report_fits_a_terminal():
    text = tlb("--l2", "0", "demo-tlb", "rows")
    assert max(map(len, text.splitlines())) <= 80, max(text.splitlines(), key=len)
    formula, measured = map(float, re.findall(r"= ([\d.]+) ns", text))
    assert abs(formula - measured) < 0.002


def test_costs():
    counts = seen.Counts(accesses=1000, missed=100, walks=20, steps=80)
    costs = seen.Costs(memory=100, first=1, common=10)
    assert counts.formula(costs) == pytest.approx(0.98 * 101 + 0.02 * 501)
    assert counts.measured(costs, False) == pytest.approx(0.98 * 101 + 0.02 * 501)
    assert counts.measured(costs, True) == pytest.approx(0.98 * 101 + 0.02 * 501 + 1)
