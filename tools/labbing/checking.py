"""Is a lab in order? What `tools/lab check` asks of each, in the order in which it is cheapest to be refused.

Each kernel is judged with hidden programs: from a seed, with the frames behind their pages told. The starter
itself is built with each compiler that is here, and fails exactly the tests that lab.toml records.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from labbing import bodies, build, compilers, diagnosis, handout, private, starter, testing
from labbing.description import Lab
from labbing.diagnosis import Profile
from labbing.starting import PREBUILT
from labbing.workshop import Workshop

PARTS = ("solutions", "wrong", "starter", "variants")
STRICT = ("-Werror",)
SEEDS = 2  # unless more are asked for; then all is done at each
SLOWED = 4  # else one in so many tests of each right solution is run with it slowed, others of the next
NOTHING_MOST = 4  # one in so many wrong solutions may score nothing
BEGINNING = 50_000_000  # instructions: by then the kernel has booted, and the program runs
NAMED_LEAST = 2 / 3  # of the wrong solutions are known again by their own words
ROW = re.compile(r"^\| (.+) \| \d+ \| ([a-z0-9-]+(?:, [a-z0-9-]+)*) \| [^|]+ \|$", re.MULTILINE)  # of table()


@dataclass
class Row:
    """A wrong solution in the table."""

    name: str
    behaviour: str
    points: int
    failed: list[str]
    named: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """A kernel with its tests, and what to call it."""

    name: str
    seed: str
    trial: testing.Trial


@dataclass
class Check:
    """One lab's."""

    root: Path
    lab: Lab
    seeds: list[str]
    say: Callable[[str], None]
    complaints: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = compilers.words_of_makefile(self.root)
        self.workshop = Workshop(self.root, self.lab, self.words)
        self.folder = self.root / "build/labs" / self.lab.name
        self.told: dict[str, list[testing.Test]] = {}  # by their seeds
        self.took: dict[str, float] = {}  # seconds, that a test took with a right kernel

    def complain(self, what: str) -> None:
        self.complaints.append(what)
        self.say(f"  wrong: {what}")

    def tests(self, seed: str) -> list[testing.Test]:
        if seed not in self.told:
            self.told[seed] = starter.tell_tests(self.lab, seed, self.folder / f"tests-{seed}")
        return self.told[seed]

    def judged(self, kernel: Path, seed: str, plugin: bool = True) -> list[testing.Verdict]:
        return testing.all_of(kernel, self.tests(seed), plugin)

    def tried(self, trials: Iterable[Named]) -> Iterator[tuple[Named, list[testing.Verdict]]]:
        """Each with its verdicts; what cannot be made is complained of."""
        trials = list(trials)
        for each, verdicts in zip(trials, testing.of_each([each.trial for each in trials], plugin=True), strict=True):
            seen = None
            with self.reported(each.name):
                seen = verdicts.result()
            if seen is not None:
                yield each, seen

    def seeds_of(self, number: int) -> list[str]:
        """Those that one of several kernels is tried at: of few seeds one, of many all."""
        return self.seeds if len(self.seeds) > SEEDS else [self.seeds[number % len(self.seeds)]]

    # --- the parts ---

    def want_passed(self, name: str, verdicts: list[testing.Verdict], seed: str) -> None:
        for verdict in verdicts:
            for finding in verdict.findings[:1]:
                self.complain(f"{name} loses {verdict.due.id} at seed {seed}: due {finding.due}; {finding.happened}")

    def right(self) -> Iterator[Named]:
        """The tree's own kernel, unless it solves nothing, and each right one's; as they are, and slowed."""
        plain, slowed = (self.tests(seed) for seed in (self.seeds[0], self.seeds[-1]))
        part = SLOWED if len(self.seeds) <= SEEDS else 1
        if not self.lab.template:
            yield Named("the solution", self.seeds[0], testing.Trial(lambda: self.root / "build/faultline.elf", plain))
        for number, given in enumerate([*([] if self.lab.template else [None]), *self.lab.solutions("right")]):
            name = given.name if given else "solution"
            if given:
                yield Named(name, self.seeds[0], *self.workshop.trials([given], "right", plain))
            slow = functools.partial(self.workshop.slowed, given, name)
            yield Named(f"{name}, slowed", self.seeds[-1], testing.Trial(slow, slowed[number % part :: part]))

    def check_solutions(self) -> None:
        """They lose no point."""
        tree = "" if self.lab.template else "the solution and "
        self.say(f"{tree}{len(self.lab.solutions('right'))} right ones, also slowed, lose no point")
        for each, verdicts in self.tried(self.right()):
            self.want_passed(each.name, verdicts, each.seed)
            self.took |= {verdict.due.id: verdict.took for verdict in verdicts}

    def check_wrong(self) -> dict[str, Profile]:
        """Each loses points in a named test. What each looks like from outside."""
        wrong = self.lab.solutions("wrong")
        known = {given.name: given for given in wrong}
        self.say(f"{len(wrong)} wrong solutions lose points")
        seen: dict[str, Profile] = {}
        tests, seed = self.tests(self.seeds[0]), self.seeds[0]
        trials = zip(wrong, self.workshop.trials(wrong, "wrong", tests), strict=True)
        for each, verdicts in self.tried(Named(given.name, seed, trial) for given, trial in trials):
            given = known[each.name]
            failed = [verdict.due.id for verdict in verdicts if not verdict.passed]
            row = Row(given.name, given.behaviour, sum(verdict.points for verdict in verdicts), failed)
            self.rows.append(row)
            seen[given.behaviour] = diagnosis.profile(verdicts)
            if not failed:
                self.complain(f"wrong/{given.name} loses no point")
        self.want_few([row.name for row in self.rows if row.points == 0])
        return seen

    def check_wrong_briefly(self) -> None:
        """Each loses points in a test that the instructor's table names: the quickest. Other tests are run only until
        one is passed, the quickest first: at most so many score nothing."""
        wrong = self.lab.solutions("wrong")
        self.say(f"{len(wrong)} wrong solutions lose points")
        tests, fails, trials = {test.due.id: test for test in self.tests(self.seeds[0])}, self.recorded(), []
        for given in wrong:
            lost = self.quickest(name for name in fails.get(given.behaviour, []) if name in tests)
            if not lost:
                self.complain(f"instructor.md names no test that wrong/{given.name} fails")
                continue
            own = [tests[name] for name in (*lost[:1], *self.quickest(name for name in tests if name not in lost))]
            make = functools.partial(self.workshop.of, given, "wrong")
            trials.append(Named(given.name, self.seeds[0], testing.Trial(make, own, has_both)))
        nothing = []
        for each, verdicts in self.tried(trials):
            if verdicts[0].passed:
                self.complain(f"wrong/{each.name} passes {verdicts[0].due.id}; instructor.md says that it does not")
            if not any(verdict.passed for verdict in verdicts):
                nothing.append(each.name)
        self.want_few(nothing)

    def quickest(self, names: Iterable[str]) -> list[str]:
        """These tests, the quickest first, as far as that is known."""
        return sorted(names, key=lambda name: self.took.get(name, 0))

    def want_few(self, nothing: list[str]) -> None:
        if len(nothing) * NOTHING_MOST > len(self.lab.solutions("wrong")):
            self.complain(f"too many wrong solutions score nothing: {', '.join(nothing)}")

    def recorded(self) -> dict[str, list[str]]:
        """Which tests the wrong solutions fail, as the instructor's table says: by their behaviours."""
        rows = ROW.findall((self.lab.folder / "instructor.md").read_text("utf-8"))
        every = [test.id for test in self.lab.tests]
        return {behaviour: every if fails == "all" else fails.split(", ") for behaviour, fails in rows}

    def check_diagnoses(self, seen: dict[str, Profile]) -> None:
        """Each wrong solution, slowed and at another seed, is known by its own words, and by no other's."""
        self.say("wrong solutions are known again")
        for row in self.rows:
            parts = diagnosis.by_piece(seen[row.behaviour], self.lab.parts_of_tests())
            row.named = sorted({name for part in parts for name in diagnosis.known_as(part, seen)})
        own = [row for row in self.rows if row.behaviour in row.named and len(row.named) <= diagnosis.MOST]
        if len(own) < NAMED_LEAST * len(self.rows):
            self.complain(f"only {len(own)} of {len(self.rows)} wrong solutions are known again")

    def check_variant(self, lab: Lab, seeds: list[str]) -> None:
        """The tree's solution loses points in each piece, and the variant's own loses none, at each seed."""
        assert lab.variant
        self.say(f"another rule: {lab.variant.title}")
        own = self.workshop.of(bodies.read(lab.variant.solution), f"variant-{lab.variant.id}")
        for seed in seeds:
            tests = starter.tell_tests(lab, seed, self.folder / f"tests-{lab.variant.id}-{seed}")
            for piece in sorted(self.pieces_that_pass(self.root / "build/faultline.elf", tests)):
                self.complain(f"the book's {piece or 'solution'} passes {lab.variant.id} at seed {seed}")
            self.want_passed(f"{lab.variant.id}'s solution", testing.all_of(own, tests, plugin=True), seed)

    def pieces_that_pass(self, kernel: Path, tests: list[testing.Test]) -> set[str]:
        """In which no test is failed. Of a piece in which one is, the other tests are not run."""
        pieces, many = self.lab.parts_of_tests(), os.cpu_count() or 2
        passing, left = set(pieces.values()), list(tests)
        while left:
            now, left = left[:many], left[many:]
            for verdict in testing.all_of(kernel, now, plugin=True):
                if not verdict.passed:
                    passing.discard(pieces[verdict.due.id])
            left = [test for test in left if pieces[test.due.id] in passing]
        return passing

    def check_variants(self, named: list[str]) -> None:
        """Those that are named; else the tree's, and some that are drawn for an archive."""
        for name in named:
            self.check_variant(self.lab.with_variant(name), self.seeds)
        if named:
            return
        for each in self.lab.variants:
            self.check_variant(self.lab.with_variant(each.id), self.seeds_of(0))
        many = private.MANY if len(self.seeds) > SEEDS else 1
        with tempfile.TemporaryDirectory(prefix="faultline-private-") as folder:
            for place in private.variants_into(self.lab, Path(folder), self.seeds[0], many):
                self.check_variant(self.lab.with_variant(str(place)), self.seeds_of(1))

    def check_starter(self, known: dict[str, Profile]) -> None:
        """It builds with each compiler, and fails what it should, at each seed."""
        out, kept = self.folder / "starter", self.folder / "starter-build"
        if (out / "build").exists():  # its objects are told apart by what they are made of, and serve again
            shutil.rmtree(kept, ignore_errors=True)
            (out / "build").rename(kept)
        shutil.rmtree(out, ignore_errors=True)
        starter.make(self.root, self.lab, self.seeds[0], self.words, known, out, lambda _: None)
        if kept.exists():
            kept.rename(out / "build")
        for number, name in enumerate(("clang", "gcc")):
            self.say(f"the starter with {name}")
            try:
                kernel = self.starter_kernel(name)
            except build.BuildError as error:
                self.complain(f"the starter does not compile with {name}: {error}")
                continue
            for seed in self.seeds_of(number):
                self.check_fails(kernel, seed)
        self.lend_objects(out)

    def lend_objects(self, out: Path) -> None:
        """What the tree's own files make need not be made again in the starter."""
        first = compilers.choose()
        own = build.Kernel(out, out / "build" / first.name, first, self.words, out / PREBUILT)
        build.lend(self.strict_tree(first), own)

    def check_alone(self) -> None:
        """With any one hole solved and the baseline in the others, programs run: on each machine that a test has, one
        of its programs."""
        baseline = self.lab.baseline()
        pieces = self.lab.pieces()
        self.say(f"each of {len(pieces)} functions alone, the baseline in place of the others")
        live = [soon(test) for test in self.tests(self.seeds[0]) if not test.due.runs]
        machines = ((test.due.ram, test.due.swap, test.due.cpus, *test.due.options) for test in live)
        tests = list(dict(zip(machines, live, strict=True)).values())
        for name, holes in pieces.items():
            solved = {(hole.file, hole.function) for hole in holes}
            parts = {
                file: {function: text for function, text in each.items() if (file, function) not in solved}
                for file, each in baseline.parts.items()
            }
            rest = bodies.Bodies(f"without-{name}", "", {file: each for file, each in parts.items() if each})
            with self.reported(name):
                verdicts = testing.all_of(self.workshop.of(rest, "alone"), tests)
                if not all(verdict.seen.marks for verdict in verdicts):
                    self.complain(f"with {name} alone solved, the kernel does not boot")

    def starter_kernel(self, name: str) -> Path:
        """What the starter's sources make. Of all files that are the tree's own, the objects are kept for the
        next time."""
        compiler = compilers.choose(name)
        base = self.workshop.base  # make's own objects, if it is make's compiler
        if compiler != base.compiler:
            base = self.strict_tree(compiler)
            build.make(base)
        changed = bodies.overlay(self.root, self.lab.baseline())
        made = build.Kernel(
            self.root, self.folder / f"starter-{name}", compiler, self.words, base.assembled, STRICT, base, changed
        )
        build.make(made)
        return made.elf

    def strict_tree(self, compiler: compilers.Compiler) -> build.Kernel:
        """The tree's own kernel, of that compiler."""
        tree = self.root / "build/labs" / f"tree-{compiler.name}"
        return build.Kernel(self.root, tree, compiler, self.words, self.workshop.base.assembled, STRICT)

    def check_fails(self, kernel: Path, seed: str) -> None:
        failed = tuple(verdict.due.id for verdict in self.judged(kernel, seed, plugin=False) if not verdict.passed)
        if failed != self.lab.fails:
            recorded = ", ".join(self.lab.fails)
            self.complain(f"the starter fails {', '.join(failed)} at seed {seed}; lab.toml says {recorded}")

    def check_handout(self) -> None:
        self.say("the handout")
        for what in handout.complaints(self.root, self.lab, self.folder / "starter"):
            self.complain(what)

    @contextlib.contextmanager
    def reported(self, name: str) -> Iterator[None]:
        try:
            yield
        except (build.BuildError, bodies.BodyError) as error:
            self.complain(f"{name}: {str(error)[:400]}")


def soon(test: testing.Test) -> testing.Test:
    """The same, of which only the beginning is run."""
    return replace(test, due=replace(test.due, budget=min(test.due.budget, BEGINNING)))


def has_both(seen: list[testing.Verdict]) -> bool:
    """One that was passed, and one that was not."""
    return len({verdict.passed for verdict in seen}) == 2


def table(check: Check) -> list[str]:
    """The wrong solutions, with what each loses: for docs and for instructors."""
    lines = ["| wrong solution: a kernel where | points | fails | known by its words |", "|---|---|---|---|"]
    for row in sorted(check.rows, key=lambda row: -row.points):
        known = "yes" if row.named == [row.behaviour] else f"with {len(row.named) - 1} other" if row.named else "no"
        lines.append(f"| {row.behaviour} | {row.points} | {', '.join(row.failed)} | {known} |")
    return lines
