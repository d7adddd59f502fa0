"""What may be odd beside the submissions: a roster, a term, names, a folder of results, and this machine. It is said in
words, and costs nobody a point."""

from __future__ import annotations

import csv
import errno
import fcntl
import json
import os
import unicodedata
from pathlib import Path

import jsonschema
import pytest
from grade_term import lab_words

from grading import entries, results, roster, submission, taking, term
from grading.programs import compiling
from grading.release import Release
from grading.taking import Taken

HEADS = "name,team,extension,pseudonym,seed,full name,number\n"
LAB = '[[lab]]\nname = "5-clock"\ndue = 2027-01-15T23:59:00Z\n'
DEFINED = {"definitions": json.loads(results.SCHEMA.read_text("utf-8"))["definitions"]}
WANTED = Release(Path(), {"submit": ["mm/a.c"]})


def made(folder: Path, lines: str) -> term.Term:
    given = term.make(folder / "term")
    (given.folder / term.SETTINGS).write_text(LAB)
    (given.folder / term.ROSTER).write_text(HEADS + lines)
    return given


def hand_in(folder: Path, *names: str) -> Path:
    """Each hands in something else."""
    for number, name in enumerate(names):
        (folder / "in" / name).mkdir(parents=True)
        (folder / "in" / name / "a.c").write_text(f"int a = {number};\n")
    return folder / "in"


# --- a roster ---


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"ann,,,,,Ann\nben,,,,,Ben\n', "unexpected end"),
        ("ann,,,,,Ann,1,,of course\n", "'ann' has more cells"),
        ("ann,,nan,,,,\n", "and not nan"),
        ("ann,,5-clock=inf,,,,\n", "and not 5-clock=inf"),
        ("ann,,1e9,,,,\n", "and not 1e9"),
        ("ann,,5=3,,,,\n", "'5', which is no lab of term.toml"),
        ("ann,,,../../ann,,,\n", "is no pseudonym"),
        ("ann,,,-rf,,,\n", "is no pseudonym"),
        ("ann,,,odd-1,,,\n", "is no pseudonym"),
        ("ann,,,a b,,,\n", "is no pseudonym"),
    ],
)
def test_an_odd_roster_is_said(line, said, tmp_path):
    given = made(tmp_path, line)
    with pytest.raises(term.TermError, match=said):
        roster.fill(given)
        roster.units(given)


@pytest.mark.parametrize("text", ["5-clock=3 1", "1 5-clock=3"])
def test_an_extension_for_a_lab_stands_before_that_for_all(text):
    assert [roster.extension(text, lab).days for lab in ("5-clock", "4-copy-on-write")] == [3, 1]


def test_who_is_called_like_a_team_is_not_in_it(tmp_path):
    given = made(tmp_path, "team Blue,,,,,,\nann,Blue,,,,,\n")
    roster.fill(given)
    assert [len(unit.members) for unit in roster.units(given)] == [1, 1]


def test_each_name_of_somebody_is_struck_out(tmp_path):
    given = made(tmp_path, "lee_ann_77,,,,,Ann-Mary O'Haralan,4711002\nben,,,,,waits for Cyd,12\n")
    names = roster.strings(roster.read(given))
    for text in ("haralan_get(1)", "by Mary", "lee", "4711002", "for cyd"):
        assert roster.STRUCK in roster.struck(text, names), text
    for text in ("int waits = 77;", "for (;;)", "page 12", "annotate"):
        assert roster.struck(text, names) == text


def test_a_name_is_the_same_however_its_accents_are_written(tmp_path):
    name = "zoë"
    given = made(tmp_path, f"{name},,,,,,\n")
    roster.fill(given)
    handed_in = hand_in(tmp_path, unicodedata.normalize("NFD", name))
    (handed_in / roster.TIMES).write_text(f"name,time\n{name},2027-01-16T01:00:00+00:00\n")
    who = entries.of(handed_in, given, "5-clock")
    assert [each.files for each in who.take(WANTED)] == [{"mm/a.c": "int a = 0;\n"}]
    assert who.complaints == [] and list(who.late.values()) == [61]


def test_two_of_a_team_at_the_same_moment(tmp_path):
    given = made(tmp_path, "ann,Blue,,,,,\nben,Blue,,,,,\n")
    roster.fill(given)
    handed_in = hand_in(tmp_path, "ann", "ben")
    lines = "".join(f"{name},2027-01-15T12:00:00+00:00\n" for name in ("ann", "ben"))
    (handed_in / roster.TIMES).write_text(f"name,time\n{lines}")
    assert entries.TWO in [each.refused for each in entries.of(handed_in, given, "5-clock").take(WANTED)]


def test_whose_time_is_told_twice_or_of_whom_nobody_knows_is_said(tmp_path):
    """Who is misspelt there would be in time; and which of two counts, nobody can tell."""
    given = made(tmp_path, "ann,,,,,,\n")
    roster.fill(given)
    handed_in = hand_in(tmp_path, "ann")
    late = "2027-01-17T12:00:00+00:00"
    (handed_in / roster.TIMES).write_text(f"name,time\nAnn,{late}\n")
    who = entries.of(handed_in, given, "5-clock")
    assert len(who.take(WANTED)) == 1 and who.complaints == ["'Ann' of times.csv is not in the roster"]
    (handed_in / roster.TIMES).write_text(f"name,time\nann,{late}\nann,{late}\n")
    assert len(who.take(WANTED)) == 1 and who.complaints == [] and list(who.late.values()) == [2161]
    (handed_in / roster.TIMES).write_text(f"name,time\nann,{late}\nann,2027-01-15T12:00:00+00:00\n")
    with pytest.raises(term.TermError, match="'ann' is there with two times"):
        who.take(WANTED)


def test_times_are_no_submission(tmp_path):
    handed_in = hand_in(tmp_path, "ann")
    (handed_in / roster.TIMES).write_text("name,time\n")
    assert [each.name for each in entries.of(handed_in, None, "5-clock").take(WANTED)] == ["ann"]
    (handed_in / roster.TIMES).write_text('name,time\n"ann,2027-01-15T12:00:00+00:00\n')
    with pytest.raises(term.TermError, match=roster.TIMES):
        roster.times(handed_in)


def test_names_that_are_formulas_are_told(tmp_path):
    """They stay as the course's system has them, or it would not know them again."""
    given = made(tmp_path, '"=cmd(""a"")",,,,,,\nann,@Blue,,,,,\nben,,,,,,\n')
    roster.fill(given)
    results.write(given.folder / "5-clock" / results.TABLE, {"rows": []})
    done = lab_words("grades", str(given.folder), "--lab", "5")
    assert done.returncode == 0 and '"=cmd(""a"")"' in done.stdout
    assert done.stderr.count("is a formula to a spreadsheet") == 2 and "ben" not in done.stderr


def test_who_is_left_for_no_fault_of_his_own_has_no_zero(tmp_path):
    """Nor has a class that was not graded at all; and whoever is left is graded the next time, with the others."""
    given = made(tmp_path, "ann,,,,,,\nben,,,,,,\ncyd,,,,,,\n")
    roster.fill(given)
    folder = given.folder / "5-clock"
    done = lab_words("grades", str(given.folder), "--lab", "5")
    assert done.returncode == 1 and done.stdout == "" and "nobody was graded" in done.stderr
    ann, ben, _ = (unit.pseudonym for unit in roster.units(given))
    about = {"lab": "5-clock", "title": "", "tests": []}
    (folder / "release").mkdir(parents=True)
    (folder / "release/release.json").write_text(json.dumps(about))
    row = {"submission": ann, "verdict": "graded", "points": 5, "of": 5, "look": [], "said": [], "tests": []}
    results.write(results.row_place(folder, ann), row)
    for name in (ann, ben):
        results.write(results.taken_place(folder, name), vars(Taken(name)))
    all_of = results.write_all(folder, Release(folder / "release", about), [ann], {}, [ben])
    assert f"Not graded, for the machine was to blame: {ben}." in (folder / "results.html").read_text("utf-8")
    jsonschema.validate(all_of["left"], json.loads(results.SCHEMA.read_text("utf-8"))["properties"]["left"] | DEFINED)
    done = lab_words("grades", str(given.folder), "--lab", "5")
    points = {line["name"]: (line["points"], line["verdict"]) for line in csv.DictReader(done.stdout.splitlines())}
    nothing = ("0", "nothing was handed in")
    assert done.returncode == 1 and points == {"ann": ("5", "graded"), "ben": ("", "not graded"), "cyd": nothing}
    again = entries.before(folder, given, "5-clock")
    assert [each.name for each in again.take(WANTED)] == sorted([ann, ben]) and again.unread == []
    results.taken_place(folder, ben).unlink()
    assert [each.name for each in again.take(WANTED)] == [ann] and again.unread == [ben]


# --- a term ---


def test_what_follows_from_a_secret_that_is_cut_short_is_refused(tmp_path):
    given = made(tmp_path, "ann,,,,,,\n")
    for text in ("", "\n", "short\n"):
        (given.folder / term.SECRET).write_text(text)
        with pytest.raises(term.TermError, match="secret is not what it was"):
            given.hidden_seed("5-clock")
    (given.folder / term.SECRET).unlink()
    with pytest.raises(term.TermError, match="secret"):
        given.hidden_seed("5-clock")


def test_a_term_that_is_made_where_a_disk_is_full_has_no_secret(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(results.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        term.make(tmp_path / "term")
    assert not (tmp_path / "term" / term.SECRET).exists()


def test_a_lab_in_single_brackets_is_said(tmp_path):
    given = made(tmp_path, "")
    (given.folder / term.SETTINGS).write_text(LAB.replace("[[lab]]", "[lab]"))
    with pytest.raises(term.TermError, match="two brackets"):
        given.labs()


def test_a_term_is_not_purged_while_somebody_grades_in_it(tmp_path):
    """But whatever has become of its own files."""
    given = made(tmp_path, "")
    (given.folder / "5-clock").mkdir()
    with open(given.folder / "5-clock/.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "is at work in" in lab_words("purge", str(given.folder), "--yes").stderr and given.folder.exists()
    (given.folder / term.SETTINGS).write_text("[[lab\n")
    assert lab_words("purge", str(given.folder), "--yes").returncode == 0 and not given.folder.exists()


# --- folders ---


def test_where_results_cannot_be_is_said(tmp_path):
    handed_in = hand_in(tmp_path, "ann")
    (tmp_path / "file").touch()
    within, below = "lies within the submissions", "Not a directory"
    for out, said in ((handed_in / "results", within), (tmp_path / "file/out", below)):
        done = lab_words("grade", str(handed_in), "--lab", "5", "--out", str(out), "--seed", "hidden")
        assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
        assert not out.exists()
    done = lab_words("grade", str(handed_in), "--lab", "5", "--out", str(tmp_path / "out"), "--cores", "0")
    assert done.returncode == 2 and "--cores" in done.stderr


# --- this machine ---


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES])
def test_what_this_machine_cannot_read_is_nobodys_zero(code, tmp_path, monkeypatch):
    """Of others there are verdicts. An archive may have brought rights along that keep out whoever grades."""
    handed_in, really = hand_in(tmp_path, "ann", "ben"), taking.read_file

    def read_file(folder: int, path: str) -> tuple[str, bool]:
        if os.readlink(f"/proc/self/fd/{folder}").endswith("/ann"):
            raise OSError(code, os.strerror(code))
        return really(folder, path)

    monkeypatch.setattr(taking, "read_file", read_file)
    who = entries.of(handed_in, None, "5-clock")
    for _ in range(2):
        assert [each.name for each in who.take(WANTED)] == ["ben"]
        assert who.complaints == [f"'ann' cannot be read here ({os.strerror(code)}): it was not graded"]
        assert who.unread == ["ann"]


@pytest.mark.parametrize(("points", "verdict"), [(5, "graded"), (4, "graded"), (0, "does not compile"), (0, "refused")])
def test_who_fails_while_memory_runs_out_has_no_row(points, verdict, monkeypatch):
    """Linux ends whom it likes then; who has all points has them."""
    row = {"points": points, "of": 5, "verdict": verdict}
    killed = iter((7, 8, 8, 8))
    monkeypatch.setattr(submission, "killed_for_memory", lambda: next(killed))
    monkeypatch.setattr(submission, "row_as_it_went", lambda *words: row)
    if points == 5 or verdict == "refused":
        assert submission.row_of(WANTED, Taken("ann")) == row
    else:
        with pytest.raises(submission.MachineError, match="out of memory"):
            submission.row_of(WANTED, Taken("ann"))
        assert submission.row_of(WANTED, Taken("ann")) == row


def test_how_often_memory_ran_out_is_linuxs_count(monkeypatch, tmp_path):
    (tmp_path / "vmstat").write_text("nr_free_pages 5\noom_kill 3\noom_kill_other 4\n")
    for place, count in ((tmp_path / "vmstat", 3), (tmp_path / "none", 0)):
        monkeypatch.setattr(submission, "VMSTAT", place)
        assert submission.killed_for_memory() == count


def test_what_a_compiler_says_is_the_same_each_time():
    """Though its file for the assembler has another name."""
    room = compiling.OUT.parent
    said = [f"{room}/cc{name}.s:7: Error: odd\n{room}/kernel/src/mm/a.c:1: error" for name in ("0ob1zu", "aaXk2_")]
    assert {compiling.told(each) for each in said} == {"assembly:7: Error: odd\nmm/a.c:1: error"}


@pytest.mark.parametrize(
    ("said", "too_much"),
    [
        ("mm/a.c:1: warning: odd\nvirtual memory exhausted: Cannot allocate memory", True),
        ("x86_64-linux-gnu-gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.", True),
        ("cc1: out of memory allocating 65536 bytes after a total of 1 bytes", True),
        ("mm/a.c:1:2: error: #error cc1: out of memory\n    1 | #error cc1: out of memory", False),
    ],
)
def test_who_takes_too_much_is_told_the_same_on_a_slow_machine(said, too_much):
    assert (compiling.told(said) == compiling.TOO_MUCH) == too_much


def test_what_is_looked_at_can_be_printed(monkeypatch):
    given = Release(Path(), {"submit": ["a.c"], "allow": [], "functions": []})
    monkeypatch.setattr(Release, "starter_text", lambda self, file: "int a;\n")
    look = submission.looked_at(given, Taken("ann", {"a.c": '#include "\x1b[31m\u202eb.h"\n'}))
    assert look == ['a.c includes "?[31m?b.h"']
