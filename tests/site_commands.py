"""The commands that the pages show, and how each is run by a test: for tests/test_docs.py.

A command is a line of a block, indented or fenced, that begins with `make`, `tools/`, a prompt, or the
name of a program that one types. What stands in ```console and ```gdb blocks is run where the page's own
test does; of all others tests/test_docs.py runs each,
but for those in the tables here.
"""

from __future__ import annotations

import re
from pathlib import Path

TYPED = r"make\b|tools/|sudo |git |cd |mkdir |echo |cat |faults (?:-|one)|demo-"
SHOWN = re.compile(rf"^(?:(?:\$ |faultline# )?(?:{TYPED})|\(gdb\) )")
COMMENT = re.compile(r"(?:\s{2,}|\s#)\s*(?:#.*|stopped at .*|write the run .*|… and .*)$")

# Pages whose ```console and ```gdb blocks are given again by a test, line by line.
PLAYED = {
    "chapter.md": "test_chapter.py",
    "misconceptions.md": "test_chapter.py",
    "first-session.md": "test_chapter.py, test_first_session.py",
    "bundle.md": "test_bundle.py",
    "guided-session.md": "test_guided_session.py",
    "race-session.md": "test_race_session.py",
    "gdb.md": "test_gdb_doc.py",
}
LECTURES = "lectures"  # the folder of pages that tests/test_lectures.py gives again

# Run by a test elsewhere: command -> a test file, and what shows it there.
ELSEWHERE = {
    "make run": ("test_first_session.py", '"make", "run"'),
    "tools/boot --grub --realtime --cpus 2 --swap 64M --swap-latency 1000": ("test_bundle.py", "--swap-latency 1000"),
    "demo-thrash": ("test_demonstrations.py", '"demo-thrash"'),
    "demo-matrix": ("test_demonstrations.py", '"demo-matrix"'),
    "faults --step ls /": ("test_first_session.py", "faults --step ls /"),
    "faults one-fault": ("test_first_session.py", "faults one-fault"),
    "(gdb) break fault_steps": ("test_gdb_steps.py", "break fault_steps"),
    "(gdb) continue": ("test_gdb_steps.py", '"continue"'),
    "(gdb) next": ("test_gdb_steps.py", '"next"'),
    "make CC='clang --target=x86_64-linux-gnu' LD=ld.lld kernel": ("test_setup.py", "ld.lld"),
    "tools/trace ctf run.trace": ("test_trace.py", '"ctf"'),
    "tools/trace view --live -- demo-cow": ("test_view.py", '"--live"'),
    "make view WHATIF=list": ("test_trace_diff.py", '"WHATIF=list"'),
    "make view PROGRAM=demo-cow WHATIF=parent-first": ("test_trace_diff.py", '"WHATIF=parent-first"'),
    "make view PROGRAM=demo-cow WHATIF=w-kept": ("test_trace_diff.py", 'what_if("w-kept", '),
    "make view PROGRAM=demo-cow WHATIF=no-flush": ("test_trace_diff.py", 'what_if("no-flush", '),
    "make view PROGRAM=demo-cow WHATIF=copied-at-once": ("test_trace_diff.py", 'what_if("copied-at-once", '),
    'make view PROGRAM=swaptest ARGS=10 BOOT_ARGS="--ram 12M --swap 32M" WHATIF=policy=fifo': (
        "test_trace_diff.py",
        'what_if("policy=fifo", ',
    ),
    "tools/witness --add ./prog -- prog 1 2": ("test_witness.py", '"--add"'),
    "tools/witness --read run.log": ("test_witness.py", '"--read"'),
    "tools/cost --program ./mine --at work -- 1 2": ("test_cost.py", '"--program", mine, "--at", "work"'),
    "make lecture N=3": ("test_lectures.py", '"make", "-s", "lecture", "N=3"'),
    "tools/lecture 3 --pdf build/lectures/3.pdf": ("test_lectures.py", '"--pdf"'),
    "tools/lecture 3 --pdf build/lectures/3.pdf --notes": ("test_lectures.py", '"--notes", "--pdf"'),
    "tools/lecture 3 --sheet build/lectures/3-sheet.pdf": ("test_lectures.py", '"--sheet"'),
    "tools/lecture --play 3": ("test_lectures.py", "playing.play("),
    "tools/lab grade DIR --lab 5 --out RESULTS --seed WORD": ("test_grade.py", '"tools/lab", "grade"'),
    "tools/lab graded RESULTS NAME TEST PHASE": ("test_grade.py", '"graded"'),
    "tools/lab release TERM": ("grade_term.py", 'lab_words("release", '),
    "tools/lab grade DIR --lab 5 --term TERM": ("grade_term.py", '"--term"'),
    "tools/lab grades TERM --lab 5": ("test_grade.py", 'lab_words("grades", '),
    "tools/lab release TERM --mended 5": ("test_grade_class.py", '"--mended"'),
    "tools/lab grade --lab 5 --term TERM --regrade": ("test_grade.py", 'term.grade("--regrade"'),
    "tools/lab purge TERM --yes": ("test_grade.py", '"--yes"'),
    "tools/lab export gradescope RESULTS --out DIR": ("test_grade.py", '"export", "gradescope"'),
    "tools/lab export likeness RESULTS --out DIR": ("test_grade.py", '"export", "likeness"'),
    "tools/race --policy mine,clock,lru --workload zipf,loop": ("test_race.py", "zipf,loop"),
}

# Run as they are but for this, so that they end by themselves, soon, and beside others.
CHEAPER = {
    "make gdb": "make gdb GDB_ARGS=-batch",
    "make replay": "make replay GDB_ARGS=-batch",
    "thrash --csv": "thrash --rounds 20 --csv",
}

# Not run, and why.
NOT_RUN = {
    "make playground": "minutes of compiling: test_playground.py makes it where time is no matter",
    "tools/playground --serve": "the same, and it serves until somebody ends it",
    "make test": "it is what runs the tests",
    "sudo apt-get update": "it changes the machine: typed in one of its own by tests/releases.py",
    "sudo apt-get install -y --no-install-recommends git make ca-certificates": "the same",
    "git clone ADDRESS-OF-THIS-REPOSITORY faultline": "the same",
    "cd faultline": "the same",
    "make BUSYBOX=there/bin/busybox run": "of a host that is no x86-64",
    "tools/boot [options] [-- PROGRAM ARG…]": "a form, not a command",
}


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """The kind (`console`, `gdb`, …; `indented`) and the lines of each block."""
    found: list[tuple[str, list[str]]] = []
    fence = None
    for line in text.splitlines():
        opened = re.match(r"^ *```(.*)$", line)
        if opened:
            fence = None if fence is not None else opened[1]
            found.append((opened[1], []))
        elif fence is not None:
            found[-1][1].append(line)
        elif re.match(r"^(?:    |\t)", line):
            if not found or found[-1][0] != "indented":
                found.append(("indented", []))
            found[-1][1].append(line.strip())
        elif line.strip():
            found.append(("text", []))
    return [block for block in found if block[1]]


def shown(page: Path) -> list[str]:
    """The commands of a page that its own test does not give again, in order."""
    commands: list[str] = []
    for kind, lines in blocks(page.read_text("utf-8")):
        if kind.split(" ")[0] in ("console", "gdb") and (page.name in PLAYED or page.parent.name == LECTURES):
            continue
        commands += [COMMENT.sub("", line).strip() for line in lines if SHOWN.match(line)]
    return commands


def to_run(page: Path) -> list[str]:
    """Of those, the ones that no other test runs either, as they can be run."""
    left = [command for command in shown(page) if command not in ELSEWHERE and command not in NOT_RUN]
    for words, instead in CHEAPER.items():
        left = [command.replace(words, instead) for command in left]
    return left


def each_once(pages: list[Path]) -> dict[str, list[str]]:
    """For each page the commands to be run that no page before it has; pages without are left out."""
    seen: set[str] = set()
    left = {}
    for page in pages:
        new = [command for command in dict.fromkeys(to_run(page)) if command not in seen]
        seen.update(new)
        if new:
            left[page.name] = new
    return left
