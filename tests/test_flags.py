"""docs/flags.md says of every flag whether it is kept, refused or ignored: each is tried."""

import errno
import re
from typing import NamedTuple

import pytest
from support import ROOT, run_boot

PAGE = ROOT / "docs/flags.md"
SEMANTICS = re.compile(r"user/tests/[a-z0-9-]+\.c|tests/[a-z_]+\.py|tests/host/[a-z_]+\.c")
LINUX = ROOT / "kernel/linux"

# What the arguments by which a call chooses among things are called in kernel/linux/.
CHOICES = {
    *("flags", "mode", "rights", "operation", "command", "how", "option", "options", "whence", "advice", "given"),
    *("protection", "which", "kind", "policy", "clock", "code", "persona", "resource", "domain", "magic", "mask"),
}
# Arguments of these names that are none: sets of signals.
NO_CHOICE = {"ppoll", "epoll_pwait", "epoll_pwait2"}
# Flags, commands and kinds as Linux's headers name them: by these beginnings.
NAMES = re.compile(
    r"\b(?:ADJ|ARCH|AT|CLONE|CLOSE_RANGE|EFD|EPOLL_CTL|F|FALLOC_FL|FUTEX|F_SEAL|IPC|LOCK|MADV|MAP|MCL|MEMBARRIER_CMD"
    r"|MFD|MLOCK|MREMAP|MSG|MS|O|P|PER|PR|PRIO|PROT|RENAME|RLIMIT|RUSAGE|RWF|SA|SCHED|SEEK|SHM|SIG|SIGEV|SOCK|SS|STATX"
    r"|TFD|TIMER|UTIME)_[A-Z][A-Z0-9_]*\b"
)


class Try(NamedTuple):
    call: str
    flag: str
    verdict: str
    words: str

    @property
    def expected(self) -> str:
        refused = re.match(r"(?:refused|asked): (E[A-Z0-9]+)", self.verdict)
        return str(getattr(errno, refused.group(1))) if refused else "ok"

    @property
    def ends(self) -> bool:
        return self.verdict.startswith("ends")


def numbers() -> dict[str, int]:
    """The system calls that are there."""
    text = "".join((LINUX / name).read_text("utf-8") for name in ("table.c", "descriptors.h"))
    return {name: int(number) for number, name in re.findall(r"\bX\((\d+), (\w+)\)", text)}


def lines() -> list[list[Try]]:
    """The page's lines, with what each tries."""
    found, call = [], ""
    for line in PAGE.read_text("utf-8").splitlines():
        if heading := re.match(r"### (\w+)", line):
            call = heading.group(1)
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if call and len(cells) == 3 and cells[2].startswith("`"):
            found.append([Try(call, cells[0], cells[1], words) for words in re.findall("`([^`]*)`", cells[2])])
    return found


def tries() -> list[Try]:
    return [each for line in lines() for each in line]


def without_flags() -> set[str]:
    """The calls that the page says have none."""
    text = PAGE.read_text("utf-8").split("## Calls without flags", 1)[1]
    return set(re.findall(r"`(\w+)`", text))


def choosing() -> set[str]:
    """The calls of the table that have an argument to choose by."""
    text = "".join(path.read_text("utf-8") for path in LINUX.glob("*.c"))
    declared = re.findall(r"^(?:static )?SYSCALL\((\w+)([^)]*)\)", text, re.MULTILINE)
    return {name for name, arguments in declared if CHOICES & set(re.findall(r"\w+", arguments))} - NO_CHOICE


def test_every_flag(tmp_path):
    table, tried = numbers(), [each for each in tries() if not each.ends]
    feed = tmp_path / "calls"
    feed.write_text("".join(f"{table[each.call]} {each.words}\n" for each in tried), "utf-8")
    result = run_boot("--ram", "64M", "--stdin", str(feed), "--", "/test/try-call")
    answers = result.text.splitlines()
    assert len(answers) == len(tried), result.report()[-3000:]
    wrong = [
        f"{each.call} {each.flag} ({each.words}): {answer}, and the page says {each.verdict}"
        for each, answer in zip(tried, answers, strict=True)
        if answer != each.expected
    ]
    assert wrong == []


@pytest.mark.parametrize("each", [each for each in tries() if each.ends], ids=lambda each: each.words)
def test_what_ends_the_machine(tmp_path, each):
    feed = tmp_path / "calls"
    feed.write_text(f"{numbers()[each.call]} {each.words}\n{numbers()['getpid']}\n", "utf-8")
    result = run_boot("--ram", "64M", "--stdin", str(feed), "--", "/test/try-call")
    assert result.text == "" and "panic" not in result.stderr, result.report()


def test_each_flag_is_tried():
    """As many calls as the line names flags; "X and Y" is one, both together."""
    few = [line[0] for line in lines() if len(line) < len(line[0].flag.split(", "))]
    assert few == []


def test_every_call_is_in_the_list():
    listed = {each.call for each in tries()}
    missing = set(numbers()) - listed - without_flags()
    assert missing == set(), "calls of which the page says nothing"
    assert listed & without_flags() == set()


def test_what_chooses_has_flags():
    listed = {each.call for each in tries()}
    assert choosing() > {"mmap", "openat", "timer_settime", "membarrier", "shutdown", "reboot"}
    assert choosing() - listed == set(), "an argument to choose by, and no section on the page"


def test_every_flag_that_is_named():
    """What the kernel's sources call a flag, the page does; but for masks, and what is ours or no choice."""
    page = set(NAMES.findall(PAGE.read_text("utf-8")))
    defined: set[str] = set()
    for path in (*LINUX.glob("*.c"), *(ROOT / "kernel").rglob("*.h")):
        text = path.read_text("utf-8")
        defined |= set(re.findall(r"^#define (\w+)", text, re.MULTILINE))
        for body in re.findall(r"\benum(?: \w+)? \{(.*?)\}", text, re.DOTALL):
            defined |= set(re.findall(r"\b[A-Z]\w+\b", re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)))
    named = {name for name in defined if NAMES.fullmatch(name)}
    ours = {"AT_FDCWD", "CLONE_IDLE", "CLONE_KNOWN", "CLONE_SIZE_FIRST", "FUTEX_COMMAND", "MAP_TYPE", "MAP_VALID"}
    ours |= {"FUTEX_ALL", "O_ACCMODE", "PER_MASK", "PROT_ALL", "SHM_DEST", "SA_ALL", "SHM_LOCKED", "SIG_DFL", "SIG_IGN"}
    ours |= {"AT_STATX_SYNC_TYPE", "STATX_BASIC_STATS", "SEEK_ADDRESS", "SEEK_IN_FILE", "SEEK_NOWHERE", "SEEK_NO_END"}
    assert named - page - ours == set()


@pytest.mark.parametrize("verdict", ["refused", "ignored", "ends"])
def test_verdicts_have_a_word_why(verdict):
    assert [each for each in tries() if each.verdict == verdict] == [], "refused with what, ignored why?"


def test_what_the_page_names_is_there():
    named = SEMANTICS.findall(PAGE.read_text("utf-8"))
    assert named and [name for name in named if not (ROOT / name).is_file()] == []
