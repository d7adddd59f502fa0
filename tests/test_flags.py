"""docs/flags.md says of every flag whether it is kept, refused or ignored: each is tried."""

import errno
import re
from typing import NamedTuple

import pytest
from support import ROOT, run_boot

PAGE = ROOT / "docs/flags.md"
SEMANTICS = re.compile(r"user/tests/[a-z0-9-]+\.c|tests/[a-z_]+\.py|tests/host/[a-z_]+\.c")


class Row(NamedTuple):
    call: str
    flag: str
    verdict: str
    words: str

    @property
    def expected(self) -> str:
        refused = re.match(r"(?:refused|asked): (E[A-Z0-9]+)", self.verdict)
        return str(getattr(errno, refused.group(1))) if refused else "ok"


def numbers() -> dict[str, int]:
    """The system calls that are there."""
    text = "".join((ROOT / "kernel/linux" / name).read_text("utf-8") for name in ("table.c", "descriptors.h"))
    return {name: int(number) for number, name in re.findall(r"\bX\((\d+), (\w+)\)", text)}


def rows() -> list[Row]:
    found, call = [], ""
    for line in PAGE.read_text("utf-8").splitlines():
        if heading := re.match(r"### (\w+)", line):
            call = heading.group(1)
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if call and len(cells) == 3 and cells[2].startswith("`"):
            found.append(Row(call, cells[0], cells[1], cells[2].strip("`")))
    return found


def without_flags() -> set[str]:
    """The calls that the page says have none."""
    text = PAGE.read_text("utf-8").split("## Calls without flags", 1)[1]
    return set(re.findall(r"`(\w+)`", text))


def test_every_flag(tmp_path):
    table, tried = numbers(), rows()
    feed = tmp_path / "calls"
    feed.write_text("".join(f"{table[row.call]} {row.words}\n" for row in tried), "utf-8")
    result = run_boot("--ram", "64M", "--stdin", str(feed), "--", "/test/try-call")
    answers = result.text.splitlines()
    assert len(answers) == len(tried)
    wrong = [
        f"{row.call} {row.flag}: {answer}, and the page says {row.verdict}"
        for row, answer in zip(tried, answers, strict=True)
        if answer != row.expected
    ]
    assert wrong == []


def test_every_call_is_in_the_list():
    listed = {row.call for row in rows()}
    missing = set(numbers()) - listed - without_flags()
    assert missing == set(), "calls of which the page says nothing"
    assert listed & without_flags() == set()


@pytest.mark.parametrize("verdict", ["kept", "refused", "ignored"])
def test_verdicts_have_a_word_why(verdict):
    bare = [row for row in rows() if row.verdict == verdict]
    assert verdict == "kept" or bare == [], "refused with what, ignored why?"


def test_what_the_page_names_is_there():
    named = SEMANTICS.findall(PAGE.read_text("utf-8"))
    assert named and [name for name in named if not (ROOT / name).is_file()] == []
