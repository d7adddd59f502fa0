"""Links into the playground: the machine and the commands that the documentation shows, as its page reads them.

playing/page/choices.js reads them: #memory=64&swap=16&latency=100&policy=lru&run=demo-cow.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from urllib.parse import quote, urlencode

from faultline import project, ranges

PAGE = project.BUILD / "playground/index.html"
MIB = 1 << 20
MEMORY_LEAST, MEMORY_MOST, SWAP_MOST = 16, 64, 64  # MiB, as in choices.js
RUN_MOST = 900  # letters: a line of the machine's shell has about a thousand
HOSTS = {"|", "||", "&&", "&", ";", ">", "<"}  # words of a line of which a part is the host's shell's
LEFT_OUT = "/test/"  # the tests of the kernel, which its image has not (parts.py)
Choices = dict[str, int | str | list[str]]


class _Quiet(argparse.ArgumentParser):
    """Which of tools/boot's options the playground has; others end in ValueError."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise ValueError(message)


def _parser() -> _Quiet:
    parser = _Quiet(add_help=False, allow_abbrev=False)
    parser.add_argument("--ram", type=ranges.size(1, 1 << 40), default=64 * MIB)
    parser.add_argument("--swap", type=ranges.size(0, 1 << 40), default=0)
    parser.add_argument("--swap-latency", type=int, default=0)
    parser.add_argument("--policy", default="clock")
    parser.add_argument("--param", action="append", default=[])
    for ignored in ("--trace", "--timeout", "--deadline"):  # it traces in any case, and has no end
        parser.add_argument(ignored)
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--grub", action="store_true")
    return parser


def choices(boot_words: list[str]) -> Choices | None:
    """The machine of these options of tools/boot; None: the playground has none like it."""
    try:
        given = _parser().parse_args(boot_words)
    except ValueError:
        return None
    memory, swap = given.ram // MIB, given.swap // MIB
    if not MEMORY_LEAST <= memory <= MEMORY_MOST or swap > SWAP_MOST:
        return None
    return {
        "memory": memory,
        "swap": swap,
        "latency": given.swap_latency,
        "policy": given.policy,
        "more": given.param,
    }


def fragment(boot_words: list[str], commands: list[str]) -> str | None:
    """What stands behind the # of a link that runs these lines there; None: they cannot be."""
    machine = choices(boot_words)
    if any(LEFT_OUT in line for line in commands):
        return None
    if machine is None or not commands or any(len(line) > RUN_MOST or "\n" in line for line in commands):
        return None
    more = machine.pop("more")
    assert isinstance(more, list)
    words = [*machine.items(), *(("parameter", word) for word in more), *(("run", line) for line in commands)]
    return urlencode(words, quote_via=quote)


def of_command(line: str) -> str | None:
    """The same for a line of a page: `tools/boot … -- PROGRAM…`, as it is typed on the host."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    if words[:1] != ["tools/boot"] or "--" not in words:
        return None
    at = words.index("--")
    program = words[at + 1 :]
    if not program or not HOSTS.isdisjoint(program):
        return None
    command = program[2] if program[:2] == ["sh", "-c"] and len(program) == 3 else shlex.join(program)
    return fragment(words[1:at], [command])


def to_playground(page: Path) -> str | None:
    """Its address, from a page that lies in build/; None: there is no playground (make playground makes it)."""
    if not PAGE.is_file() or not page.is_relative_to(project.BUILD):
        return None
    above = len(page.parent.relative_to(project.BUILD).parts)
    return "../" * above + str(PAGE.relative_to(project.BUILD))
