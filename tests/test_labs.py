"""Labs: each is in order (tools/lab check), and what judges them can be relied on.

With FAULTLINE_LONG every part of every lab is checked, at twenty seeds; else each commit tries another part."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import LONG, ROOT, commits, in_turn

from labbing import (
    assembly,
    bodies,
    build,
    checking,
    compilers,
    description,
    diagnosis,
    ending,
    judge,
    leak,
    report,
    starter,
    testing,
)
from labbing.assembly import KILLED
from labbing.memory import Area, Memory
from labbing.promises import BEHIND_END, EXECUTE, NO_ACCESS, NO_REGION, READ, WRITE, Mapping, Object, Promises
from witnessing.seen import Mark, Seen

LABS = [lab.name for lab in description.every(ROOT)]
EVERY = 4  # how many commits it takes until each lab has been judged
VERDICTS = 3  # and how many, until verdicts of one are compared again
PRIVATE = Area("private", 0x700000000000, 4)
INIT_ENDED = "init has ended, with status {}: without it no process can go on; stopped"
# All that a student's machine has, beside the shell's own.
STUDENT = ("clang", "ld.lld", "qemu-system-x86_64", "python3", "env")


@pytest.fixture(params=LABS)
def lab(request) -> description.Lab:
    return description.find(ROOT, request.param)


@pytest.fixture
def check(lab) -> checking.Check:
    return checking.Check(ROOT, lab, [str(n + 1) for n in range(20)] if LONG else [str(commits())], print)


def turn(things: list, many: int) -> list:
    """Those that are tried at this commit, which is a lab's turn."""
    start = commits() // EVERY * many % len(things)
    return things if LONG else (things + things)[start : start + many]


judged = pytest.mark.parametrize("lab", in_turn(LABS, EVERY), indirect=True)


@judged
def test_wrong_solutions_lose_points(check, lab, monkeypatch):
    """And where all are tried, they are known again by their own words."""
    every = lab.solutions("wrong")
    monkeypatch.setattr(description.Lab, "solutions", lambda self, kind: turn(every, 2))
    seen = check.check_wrong()
    if LONG:
        check.check_diagnoses(seen)
    few = [text for text in check.complaints if not LONG and "score nothing" in text]  # of two, one is half
    assert [text for text in check.complaints if text not in few] == []


@judged
def test_right_solutions_lose_no_point(check, lab, monkeypatch):
    every = lab.solutions("right")
    monkeypatch.setattr(description.Lab, "solutions", lambda self, kind: turn(every, 1))
    check.check_solutions()
    assert check.complaints == []


def test_enough_solutions(lab):
    assert len(lab.solutions("wrong")) >= 12 and len(lab.solutions("right")) >= 6
    named = [each.behaviour for kind in ("wrong", "right") for each in lab.solutions(kind)]
    assert len(named) == len(set(named))


def test_the_instructors_table_has_each_wrong_solution(lab):
    recorded = checking.Check(ROOT, lab, ["1"], print).recorded()
    assert set(recorded) == {given.behaviour for given in lab.solutions("wrong")}
    assert {name for fails in recorded.values() for name in fails} <= {test.id for test in lab.tests}


def test_of_wrong_solutions_few_tests_are_run(monkeypatch):
    """The one that is named, and others until one is passed; who passes the one that is named is complained of."""
    lab = description.find(ROOT, "4-copy-on-write")
    check = checking.Check(ROOT, lab, ["1"], print)
    recorded, run = check.recorded(), []
    told = [testing.Test(Path(), lab.tell(test, "1")[1]) for test in lab.tests]
    monkeypatch.setattr(check, "tests", lambda seed: told)
    monkeypatch.setattr(check.workshop, "of", lambda given, kind: Path(given.behaviour))

    def witness(kernel: Path, test: testing.Test, plugin: bool) -> testing.Verdict:
        run.append(test.due.id)
        lost = test.due.id in recorded[str(kernel)]
        return testing.Verdict(test.due, [judge.Finding(0, "", "S1", "", judge.VALUE)] if lost else [], Seen())

    monkeypatch.setattr(testing, "witness", witness)
    check.check_wrong_briefly()
    assert check.complaints == [] and len(run) <= 2 * len(recorded)
    monkeypatch.setattr(check, "recorded", lambda: {name: ["files", "reads"] for name in recorded})
    check.check_wrong_briefly()
    assert any("passes files; instructor.md says that it does not" in text for text in check.complaints)
    check.complaints, check.took = [], {"files": 2.0, "reads": 1.0}  # the quickest that is named
    check.check_wrong_briefly()
    assert check.complaints and not any("passes files" in text for text in check.complaints)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A starter, without what is known of wrong kernels."""
    lab = description.find(ROOT, LABS[commits() % len(LABS)])
    out = tmp_path_factory.mktemp("starter") / "lab"
    said: list[str] = []
    starter.make(ROOT, lab, "7", compilers.words_of_makefile(ROOT), {}, out, said.append)
    return lab, out, said


def test_starter_lacks_what_was_taken(made):
    lab, out, said = made
    for hole in lab.holes:
        assert any(f"removed {hole.function} from {hole.file}" in line for line in said)
        assert (out / hole.file).read_text("utf-8") != (ROOT / hole.file).read_text("utf-8")
    for gone in ("tests", "labs", ".git", "tools/simulator", "Makefile"):
        assert not (out / gone).exists()


def test_starter_with_clang_lld_qemu_and_python_alone(made, tmp_path):
    """Built from nothing, it boots, fails exactly its tests, and says so in four lines each."""
    lab, out, _ = made
    for name in STUDENT:
        place = shutil.which(name, path="/usr/bin:/bin")
        assert place
        (tmp_path / name).symlink_to(place)
    alone = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    echoed = subprocess.run([out / "tools/boot", "--", "echo", "it works"], env=alone, capture_output=True, check=False)
    assert echoed.stdout == b"it works\n", echoed.stderr.decode()
    tested = subprocess.run([out / "tools/lab", "test"], env=alone, capture_output=True, text=True, check=False)
    assert tested.returncode == 1, tested.stderr
    lines = tested.stdout.splitlines()
    failed = [line.split(":")[0].split()[1] for line in lines if line.startswith("FAILED")]
    assert tuple(failed) == lab.fails
    words = [line.split()[0] for line in lines if line.startswith("  ")]
    assert words == ["due", "happened", "so", "see"] * len(failed)
    command = next(line.split("see")[1].split() for line in lines if line.startswith("  see"))
    shown = subprocess.run([out / command[0], *command[1:]], env=alone, capture_output=True, text=True, check=False)
    assert shown.returncode == 0 and f"-> phase {command[-1]}: " in shown.stdout, shown.stderr


@pytest.mark.skipif(not LONG, reason="minutes: with FAULTLINE_LONG")
def test_starter_and_handout_are_in_order(check):
    check.check_starter({})
    check.check_handout()
    assert check.complaints == []


def kernels_of(lab: description.Lab, given: bodies.Bodies, folder: Path) -> dict[str, Path]:
    """One solution, compiled as make does, and in two other ways, of which one has its turn; clang's beside the
    objects of a starter (checking.py)."""
    others = {"gcc-Og": ("gcc", ("-Og",)), "clang": ("clang", ("-Werror",))}
    ways = {"gcc": ("gcc", ("-Werror",)), **{way: others[way] for way in in_turn(others, 2)}}
    words, found = compilers.words_of_makefile(ROOT), {}
    for way, (name, extra) in ways.items():
        compiler, tree = compilers.choose(name), ROOT / "build/labs" / f"tree-{way}"
        base = build.Kernel(ROOT, ROOT / "build" if way == "gcc" else tree, compiler, words, ROOT / "build/obj", extra)
        if way != "gcc":
            build.make(base)
        changed = bodies.overlay(ROOT, given)
        calm = (*extra, "-Wno-error", "-w")
        made = build.Kernel(ROOT, folder / way, compiler, words, base.assembled, calm, base, changed)
        build.make(made)
        found[way] = made.elf
    return found


def test_a_verdict_hangs_on_no_compiler_and_on_no_load(lab, tmp_path):
    """What is told of a wrong solution is the same, letter by letter, however it was compiled and whatever else the
    machine does meanwhile."""
    nth = commits() // VERDICTS
    if not LONG and (commits() % VERDICTS or lab.name != LABS[nth % len(LABS)]):
        pytest.skip("another lab's turn, or another commit's")
    check = checking.Check(ROOT, lab, ["3"], print)
    wrong = lab.solutions("wrong")
    for given in [wrong[(nth + more) % len(wrong)] for more in range(3 if LONG else 1)]:
        told = {}
        for way, kernel in kernels_of(lab, given, tmp_path / given.name).items():
            for attempt in range(4 if LONG else 1):
                verdicts = check.judged(kernel, "3")
                told[f"{way} {attempt}"] = report.summary(verdicts, {test.id: "" for test in lab.tests}, "show")
        assert len({"\n".join(lines) for lines in told.values()}) == 1, told


def test_an_old_file_is_compiled_too(tmp_path):
    """What is copied into a starter may be older than what was made there before."""
    (tmp_path / "mm").mkdir()
    place = tmp_path / "mm/a.c"
    words = compilers.Words(("-std=gnu11",), ())
    kernel = build.Kernel(tmp_path, tmp_path / "out", compilers.choose(), words, tmp_path)
    place.write_text("int a = 1;\n")
    assert not build.is_fresh(kernel, "mm/a.c")
    assert build.compile_one(kernel, "mm/a.c") == "" and build.is_fresh(kernel, "mm/a.c")
    place.write_text("int a = 2;\n")
    os.utime(place, (1, 1))
    assert not build.is_fresh(kernel, "mm/a.c")
    assert build.compile_one(kernel, "mm/a.c") == "" and build.is_fresh(kernel, "mm/a.c")
    kernel.extra = ("-DMORE",)
    assert not build.is_fresh(kernel, "mm/a.c")
    place.write_text("int a = ;\n")
    assert build.compile_one(kernel, "mm/a.c") and not build.is_fresh(kernel, "mm/a.c")


def test_what_is_the_same_is_not_made_again(tmp_path):
    """Not in a kernel with other bodies; and a starter has the tree's objects, where the sources are the tree's."""
    given, to = tmp_path / "tree", tmp_path / "starter"
    for root in (given, to):
        (root / "mm").mkdir(parents=True)
        (root / "mm/a.h").write_text("extern int a;\n")
        (root / "mm/a.c").write_text('#include "mm/a.h"\nint a = 1;\n')
        (root / "mm/b.c").write_text('#include "mm/a.h"\nint b = 1;\n')
    (to / "mm/b.c").write_text('#include "mm/a.h"\nint b = 2;\n')
    words, chosen = compilers.Words(("-std=gnu11", "-I."), ("-r",)), compilers.choose()
    tree, mine = (
        build.Kernel(root, root / "out", chosen, words, root, extra)
        for root, extra in ((given, ("-Werror",)), (to, ()))
    )
    build.compile_all(tree, tree.sources())
    build.lend(tree, mine)
    assert [build.is_fresh(mine, source) for source in mine.sources()] == [True, False]
    changed = {"mm/a.c": "int a = 3;\n"}
    other = build.Kernel(given, tmp_path / "other", chosen, words, given, base=tree, changed=changed, lean=True)
    (other.out / "src/mm").mkdir(parents=True)
    (other.out / "src/mm/a.c").write_text(changed["mm/a.c"])
    build.compile_all(other, build.touched(other))
    objects = build.objects_of(other, ["mm/a.c"])
    other.elf.touch()
    (other.out / "linked").write_text(build.said_of(objects))
    assert not build.make(other)
    (given / "mm/b.c").write_text("int b = 4;\n")
    build.compile_all(tree, ["mm/b.c"])
    assert build.said_of(objects) != (other.out / "linked").read_text()


def test_stories_can_be_told_from_any_seed(lab):
    """Each commit tries others."""
    many = 100 if LONG else 2
    for seed in range(commits() * many, (commits() + 1) * many):
        for test in lab.tests:
            text, due = lab.tell(test, str(seed))
            assert text and due.phases, (seed, test.id)


# --- what judges ---


def test_a_program_is_made_from_its_seed(lab):
    for test in lab.tests:
        assert lab.tell(test, "1") == lab.tell(test, "1")
        assert lab.tell(test, "1") != lab.tell(test, "2")


def test_the_first_writer_pays_and_the_last_owner_may():
    memory = Memory()
    memory.write(0, PRIVATE, 0, 0, 17)
    memory.fork(0, 1)
    first, again = memory.write(1, PRIVATE, 0, 0, 18), memory.write(1, PRIVATE, 0, 0, 19)
    assert (first.least, first.most, first.sentence) == (1, 1, "S5") and again.most == 0
    last = memory.write(0, PRIVATE, 0, 0, 20)
    assert (last.least, last.most, last.sentence) == (0, 1, "S6")
    cells = [memory.cell(process, PRIVATE, 0) for process in (0, 1)]
    assert [cell.words[0] for cell in cells if cell] == [20, 19]


def test_who_only_read_may_have_a_frame():
    memory = Memory()
    assert memory.read(0, PRIVATE, 1).most == 1
    due = memory.write(0, PRIVATE, 1, 0, 17)
    assert (due.least, due.most) == (0, 1)


def test_what_was_not_promised_is_refused():
    """One fault each time, and with the word that is due; any right allows reading."""
    promises, code = Promises(), Mapping("code", 0x700000000000, 4, shared=False)
    promises.map(0, code, EXECUTE)
    touches = ((4, READ, NO_REGION), (1, WRITE, NO_ACCESS), (1, WRITE, NO_ACCESS), (-1, WRITE, NO_REGION))
    for page, access, word in touches:
        outcome = promises.touch(0, code, page, access)
        assert (outcome.refused, outcome.due.least, outcome.due.most) == (word, 1, 1)
    assert [promises.touch(0, code, 1, READ).due.most for _ in range(2)] == [1, 0]
    promises.protect(0, code, range(4), 0)
    assert promises.touch(0, code, 1, READ).refused == NO_ACCESS


def test_a_file_ends_within_a_page_and_is_one_for_all():
    promises, file = Promises(), Object("file", 4097)
    whole = Mapping("whole", 0x700000000000, 4, shared=True, object=file)
    aside = Mapping("aside", 0x700000400000, 4, shared=False, object=file, first=1)
    for mapping in (whole, aside):
        promises.map(0, mapping, READ | WRITE)
    assert promises.touch(0, whole, 1, WRITE).cell is promises.touch(0, aside, 0, READ).cell
    assert promises.touch(0, whole, 2, READ).refused == promises.touch(0, aside, 1, READ).refused == BEHIND_END
    write = promises.touch(0, aside, 0, WRITE)
    assert write.cell is not file.cell(1) and (write.due.least, write.due.most) == (1, 1)


def test_a_program_may_end_with_its_contents(tmp_path):
    """Nothing that is not loaded stands behind them in the file."""
    text = f"    .globl _start\n_start: ret\n    .balign 4096\n    .quad 17\n{assembly.FILE_ENDS}:\n"
    assembly.assemble(text, tmp_path / "a")
    data = (tmp_path / "a").read_bytes()
    assert len(data) % 4096 == 8 and data[-8:] == (17).to_bytes(8, "little")


def test_what_the_kernel_says_is_not_asked(lab):
    """No mark, no fault, but the finest words: nothing is passed."""
    for test in lab.tests:
        _, due = lab.tell(test, "1")
        if due.runs:
            continue  # no kernel is asked (test_labs_tables.py)
        forged = Seen(end="lost", console="1..10\nok: all passed\n", output=b"ok\n", status=0)
        assert judge.judge(due, forged)


def live(lab: description.Lab) -> description.Test:
    """One that is a program."""
    return next(test for test in lab.tests if test.kind == "live")


def verdict(lab: description.Lab, seen: Seen) -> testing.Verdict:
    _, due = lab.tell(live(lab), "1")
    return testing.Verdict(due, judge.judge(due, seen), seen)


def test_unknown_is_unknown(lab):
    stopped = diagnosis.profile([verdict(lab, Seen(end="stopped"))])
    lost = diagnosis.profile([verdict(lab, Seen(end="lost"))])
    known = {"it stops": stopped}
    known_words = "of the known wrong kernels, just so behaves one where it stops"

    def words(seen: diagnosis.Profile, known: dict[str, diagnosis.Profile]) -> str:
        return diagnosis.unsealed(seen, diagnosis.seal(known))

    assert words(stopped, known) == known_words
    assert words(lost, known) == diagnosis.UNKNOWN
    assert words(stopped, {name: stopped for name in ("one", "another", "a third")}) == diagnosis.UNKNOWN
    sealed = diagnosis.seal({"it stops": stopped, "it ends": lost})
    assert "stops" not in str(sealed) and diagnosis.unsealed(stopped, sealed) == known_words
    assert diagnosis.unsealed({**stopped, "another": "!test"}, sealed) == diagnosis.UNKNOWN


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Seen(end="limit"), "it went on and on"),
        (Seen(end="stopped"), "the machine stood still"),
        (Seen(end="done", marks=[Mark(KILLED, 11, 0, {})]), "a child was ended by SIGSEGV"),
        (Seen(end="stopped", console=INIT_ENDED.format("0x7")), "the first process was ended by SIGBUS"),
        (Seen(end="stopped", console=INIT_ENDED.format("0x100")), "the machine stood still"),
        (
            Seen(end="stopped", console="faultline: panic: mm/a.c:123: does not hold: frame 4711 at 0x1000\ncr2 7\n"),
            "the kernel stopped with a panic: mm/a.c:123: does not hold: frame … at …",
        ),
    ],
)
def test_how_a_run_ended_is_told(lab, seen, said):
    """In words that hold no number which another run would change."""
    assert ending.words(seen).startswith(said)
    told = report.summary([verdict(lab, seen)], {live(lab).id: ""}, "show")
    assert said in "\n".join(told)


# Of each lab: functions that somebody solves alone, and the points that are not for them.
HALVES = [
    ("1-page-tables", ("table_step", "table_find", "table_seek"), 40),
    ("1-page-tables", ("table_trim",), 20),
    ("2-free-frame-list", ("list_for", "list_put"), 35),
    ("2-free-frame-list", ("frame_take_zeroed", "zero_one"), 40),
    ("2-free-frame-list", ("frame_rescue", "page_rescue"), 15),
    ("3-demand-paging", ("fault_region", "fault_page"), 50),
    ("3-demand-paging", ("fault_fill", "page_in_zeroes", "object_fill"), 65),
    ("4-copy-on-write", ("fork_page_frames", "fork_entry"), 25),
    ("4-copy-on-write", ("fault_copy", "fault_unshare"), 25),
    ("7-frame-allocation", ("allocation_weight", "measure", "settle_minimums", "divide"), 50),
    ("7-frame-allocation", ("wish_working_sets", "cut_to_fit"), 30),
    ("7-frame-allocation", ("adjusted", "adjust"), 30),
    ("8-working-sets", ("entry_used", "entry_grow_older", "stretch_grow_older"), 40),
    ("8-working-sets", ("sets_overloaded", "sets_admit"), 25),
    ("8-working-sets", ("victim", "reduce"), 25),
    ("8-working-sets", ("waiter", "admit"), 25),
    ("10-shootdown", ("remembers", "request_write", "ask", "has_forgotten", "shootdown"), 56),
    ("10-shootdown", ("trap_shootdown", "shootdown_catch_up", "use_memory"), 40),
]


@pytest.mark.parametrize(("name", "side", "most"), in_turn(HALVES, EVERY))
def test_half_a_solution_has_few_points(name, side, most):
    """Neither side alone, the baseline in place of the other: what that does is no half of it."""
    lab = description.find(ROOT, name)
    check = checking.Check(ROOT, lab, ["1"], print)
    alone = {hole.function: hole.file for hole in lab.holes}
    rest = lab.baseline()
    for function in side:
        del rest.parts[alone[function]][function]
    half = bodies.Bodies(f"half-{side[0]}", "", {file: part for file, part in rest.parts.items() if part})
    verdicts = check.judged(check.workshop.of(half, "alone"), "1", plugin=False)
    assert sum(each.points for each in verdicts) <= most


def test_bodies_take_their_place(tmp_path):
    two = "int two(void)\n{\n    return 2;\n}\n"
    (tmp_path / "a.c").write_text(f"/* A contract. */\nint one(void)\n{{\n    return 1;\n}}\n\n{two}")
    new = tmp_path / "new.c"
    new.write_text(
        "/* it is three. */\n\n/* file: a.c */\n\nint help(void)\n{\n    return 3;\n}\n\n"
        "/* Not this. */\nint one(void)\n{\n    return help();\n}\n"
    )
    given = bodies.read(new)
    assert given.behaviour == "it is three"
    assert bodies.overlay(tmp_path, given)["a.c"] == (
        "int help(void)\n{\n    return 3;\n}\n\n/* A contract. */\nint one(void)\n{\n    return help();\n}\n\n"
        + two
    )
    new.write_text("/* it fits nowhere. */\n/* file: a.c */\n\nint nine(void)\n{\n    return 9;\n}\n")
    with pytest.raises(bodies.BodyError):
        bodies.overlay(tmp_path, bodies.read(new))


def test_a_copy_under_other_names_is_a_leak():
    text = "{ for (int i = 0; i < n; i++) if (a[i] > most) most = a[i]; return most; }"
    other = text.replace("most", "best").replace("a[", "list[")
    assert leak.leak(leak.shingles(text), leak.shingles(other)) == 1
    assert leak.leak(leak.shingles(text), leak.shingles("{ return 0; }")) == 0


def test_commands_of_the_tree():
    listed = subprocess.run([ROOT / "tools/lab", "list"], capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["0-tour", *LABS]
    environment = {**os.environ, "FAULTLINE_NO_BUILD": "1"}
    wrong = subprocess.run(
        [ROOT / "tools/lab", "check", "none"], env=environment, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 1 and "no lab none" in wrong.stderr


def test_frames_tell_who_copies_at_once_and_protects(monkeypatch):
    """With memory enough, it computes what is right and takes the faults that are due: only frames tell."""
    lab = description.find(ROOT, "4-copy-on-write")
    check = checking.Check(ROOT, lab, ["1"], print)
    given = next(each for each in lab.solutions("wrong") if each.name == "eager-protected")
    kernel = check.workshop.of(given, "wrong")
    test = next(test for test in check.tests("1") if test.due.id == "first-write")
    test.due.ram = "64M"
    assert testing.witness(kernel, test, plugin=False).passed
    told = testing.witness(kernel, test, plugin=True)
    assert told.findings[0].sentence == "S3" and "frame" in told.findings[0].due, told.findings
    assert testing.witness(ROOT / "build/faultline.elf", test, plugin=True).passed
