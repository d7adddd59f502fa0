"""Is the tour in order? What `tools/lab check 0` asks.

Rules are tried on paper, at each seed; the machine and the model must say the same at each; and once the kernel's own
words must be the same, too, since they are what a student reads in GDB and in the page.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faultline import project
from labbing import handout
from labbing.description import LabError
from touring import beliefs, files, making, marking, measuring, rules, sheet
from touring.asking import Sheet
from touring.facts import NONE
from touring.making import NAME, folder, known_beliefs, measured, told
from touring.marking import Marked
from tracing.faults import all_faults
from tracing.reader import Trace

PARTS = ("rules", "seeds", "starter")
PART_OF = {"rules": "wrong", "seeds": "solutions", "starter": "starter"}  # as tools/lab check names a lab's parts
SEEDS_LEAST = 20  # a seed costs a second
WRONG_LEAST, RIGHT_LEAST = 12, 6
NAMED_LEAST = 2 / 3  # of the wrong rules are known again by their own words in each question that they fail


def is_meant(name: str | None) -> bool:
    """As of other labs, the beginning of the name will do."""
    return bool(name) and NAME.startswith(str(name))


def run(root: Path, args: argparse.Namespace, say: Callable[[str], None]) -> int:
    """`tools/lab make` or `check` of this lab; our exit status. LabError: it cannot be made, or has no such thing."""
    if args.command not in ("make", "check") or args.variant:
        raise LabError(f"lab {NAME} takes nothing away: there are neither solutions of it nor other rules")
    if args.command == "make":
        making.make(root, args.seed, Path(args.out), say)
        return 0
    say(f"{NAME}:")
    checked = Check(root, [str(number + 1) for number in range(max(args.seeds, SEEDS_LEAST))], say)
    checked.run([part for part in PARTS if PART_OF[part] in (args.part or PART_OF.values())])
    if args.table:
        say("\n".join(table(root, checked.seeds[0])))
    say(f"{NAME}: {len(checked.complaints) or 'nothing'} wrong")
    return 1 if checked.complaints else 0


@dataclass
class Check:
    """Of the tour."""

    root: Path
    seeds: list[str]
    say: Callable[[str], None]
    complaints: list[str] = field(default_factory=list)

    def complain(self, what: str) -> None:
        self.complaints.append(what)
        self.say(f"  wrong: {what}")

    def place(self, seed: str) -> Path:
        return project.BUILD / "labs" / NAME / f"seed-{seed}"

    def run(self, parts: list[str]) -> None:
        if "rules" in parts:
            self.check_rules()
        if "seeds" in parts:
            self.check_seeds()
        if "starter" in parts:
            self.check_starter()

    def check_rules(self) -> None:
        """At each seed, wrong rules lose points and are known again, right ones lose none."""
        wrong, right = (rules.every(folder(self.root) / kind) for kind in ("wrong", "right"))
        self.say(f"{len(wrong)} wrong rules and {len(right)} right ones, at {len(self.seeds)} seeds")
        if len(wrong) < WRONG_LEAST or len(right) < RIGHT_LEAST:
            self.complain(f"there are only {len(wrong)} wrong rules and {len(right)} right ones")
        for seed in self.seeds:
            asked = told(seed, self.place(seed))
            for each in wrong_rows(self.root, asked):
                if not each.lost:
                    self.complain(f"wrong/{each.name} loses no point at seed {seed}")
                for question in each.misnamed:
                    self.complain(f"wrong/{each.name} is taken for another in {question} at seed {seed}")
            named = [each for each in wrong_rows(self.root, asked) if each.named]
            if len(named) < NAMED_LEAST * len(wrong):
                self.complain(f"at seed {seed} only {len(named)} of {len(wrong)} wrong rules are known again")
            self.check_right(asked, right, seed)

    def check_right(self, asked: Sheet, right: list[rules.Rule], seed: str) -> None:
        key = asked.under()
        for rule in right:
            for each in marked_file(asked, rule.written(asked, key), key):
                if not each.passed:
                    self.complain(f"right/{rule.name} loses {each.question.id} at seed {seed}")

    def check_seeds(self) -> None:
        """The witness and the model say the same."""
        self.say(f"the machine and the model, at {len(self.seeds)} seeds")
        for seed in self.seeds:
            try:
                measured(told(seed, self.place(seed)), self.place(seed))
            except LabError as error:
                self.complain(str(error))
        self.check_words(self.seeds[0])

    def check_words(self, seed: str) -> None:
        """The kernel's own words in its trace: the same faults of the same kinds, and the same were major."""
        asked = told(seed, self.place(seed))
        events = beliefs.facts(asked.tale).events
        due = [
            (step.page, step.access, events[step.number].kind, events[step.number].image)
            for step in asked.tale.steps
            if events[step.number].kind != NONE
        ]
        said = kernels_words(asked, self.place(seed) / "tour")
        if said != due:
            self.complain(f"the kernel calls the faults of seed {seed} {said}, not {due}")

    def check_starter(self) -> None:
        """It is made, an empty file has no point, a full one has all, and the handout's commands run."""
        out = project.BUILD / "labs" / NAME / "starter"
        shutil.rmtree(out, ignore_errors=True)
        self.say("the starter")
        making.make(self.root, self.seeds[0], out, lambda _: None)
        for what in starter_complaints(out):
            self.complain(what)
        self.say("the handout")
        for what in handout_complaints(self.root, out):
            self.complain(what)


def kernels_words(asked: Sheet, program: Path) -> list[tuple[int, str, str, bool]]:
    """Of each fault on one of the program's pages, from its first step on: page, access, kind, major."""
    trace = program.with_suffix(".trace")
    command = [str(project.ROOT / "tools/boot"), f"--ram={measuring.RAM}", f"--add={program}", f"--trace={trace}"]
    subprocess.run([*command, "--", program.name], capture_output=True, check=True)
    opened = Trace(trace)
    found = [
        (fault.begin.address // 4096 * 4096, fault.access, fault.kind(opened), fault.major)
        for fault, _ in all_faults(opened)
        if fault.program == program.name
    ]
    first = (asked.tale.steps[0].page, "execute")
    return found[[each[:2] for each in found].index(first) :]


def marked_file(asked: Sheet, raw: marking.Raw, key: marking.Answers) -> list[Marked]:
    """By way of the file that a student hands in."""
    with tempfile.NamedTemporaryFile(prefix="faultline-answers-", suffix=".toml") as file:
        path = Path(file.name)
        path.write_text(sheet.filled(asked, raw, predicted=False), "utf-8")
        read = marking.load(path)
    marking.check_names(read, asked, path.name)
    return marking.mark(asked, read, key)


@dataclass
class Row:
    """A wrong rule at one seed: the questions that it loses, and in which its own words are said, or others'."""

    name: str
    behaviour: str
    points: int
    lost: list[str]
    named: list[str]
    misnamed: list[str]


def wrong_rows(root: Path, asked: Sheet) -> list[Row]:
    key, known, rows = asked.under(), known_beliefs(root, asked), []
    for rule in rules.every(folder(root) / "wrong"):
        marked = marked_file(asked, rules.as_raw(rule.answers(asked)), key)
        lost = [each.question.id for each in marked if not each.passed]
        words = marking.diagnoses(marked, known)
        named = [question for question in lost if rule.behaviour in words[question]]
        other = [question for question in lost if question not in named and words[question] != marking.UNKNOWN]
        rows.append(Row(rule.name, rule.behaviour, marking.total(marked), lost, named, other))
    return rows


def table(root: Path, seed: str) -> list[str]:
    """The wrong rules, with what each loses: for instructors."""
    with tempfile.TemporaryDirectory(prefix="faultline-tour-") as scratch:
        rows = wrong_rows(root, told(seed, Path(scratch)))
    lines = ["| answers of somebody who believes that | points | loses | named |", "|---|---|---|---|"]
    for row in sorted(rows, key=lambda each: -each.points):
        named = "yes" if row.named == row.lost else f"in {len(row.named)} of {len(row.lost)}"
        lines.append(f"| {row.behaviour} | {row.points} | {', '.join(row.lost)} | {named} |")
    return lines


def starter_complaints(out: Path) -> list[str]:
    """It refuses until predictions are there; then it marks."""
    found = []

    def lab(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([out / "tools/lab", *words], capture_output=True, text=True, check=False)

    for words in (("faults",), ("test",), ("seal",)):
        done = lab(*words)
        if done.returncode != 1 or "predict" not in done.stderr:
            found.append(f"the starter does not refuse {words[0]} before the predictions: {done.stderr}")
    asked = files.load(out)
    key = asked.under()
    (out / files.PREDICTIONS).write_text(sheet.filled(asked, rules.as_raw(key), predicted=True), "utf-8")
    done = lab("seal")
    if done.returncode:
        found.append(f"the predictions are not taken: {done.stderr}")
    for text, due in (("", "0 of 100 points"), (sheet.filled(asked, rules.as_raw(key), False), "100 of 100 points")):
        (out / files.ANSWERS).write_text(text or sheet.empty_answers(asked, predicted=False), "utf-8")
        done = lab("test")
        if f"\n{due}\n" not in done.stdout or bool(text) != (done.returncode == 0):
            found.append(f"not {due}: {done.stdout[-300:]}{done.stderr}")
    return found


def handout_complaints(root: Path, out: Path) -> list[str]:
    """Its sections, the sentences that questions cite, the figures of points, and each command, in the starter."""
    text = (folder(root) / "handout.md").read_text("utf-8")
    asked = files.load(out).questions
    found = handout.text_complaints(text, {question.id: question.sentences for question in asked})
    found += [f"the handout does not say what {q.id} is worth" for q in asked if f"| {q.id} | {q.points} |" not in text]
    failed = [each for each in handout.commands(text) if not found and not handout.runs(each, out)]
    return [*found, *(f"the handout's command fails: {each}" for each in failed)]
