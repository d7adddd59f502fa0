"""A real GDB on a real machine: a list of commands, and what each of them said."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field

from support import BUILD, LAST_RESORT, ROOT

PROMPT = "(gdb) "
# What GDB says as it leaves. The machine then goes on, and may have ended before GDB's last word to it.
LEAVING = re.compile(r"(Remote communication error\..*\n)?(\[Inferior 1 .* detached\]\n?)?$")
DEBUG_BUILD = BUILD / "debug"  # the kernel that make gdb takes


@dataclass
class Transcript:
    """Command by command."""

    said: list[tuple[str, str]] = field(default_factory=list)
    before: str = ""  # until the first of them

    def all(self, command: str) -> list[str]:
        """What the command said, each time it was given."""
        return [text for given, text in self.said if given == command]

    def __getitem__(self, command: str) -> str:
        found = self.all(command)
        assert found, f"{command!r} was never given"
        return found[0]

    def text(self) -> str:
        return self.before + "".join(f"{PROMPT}{command}\n{text}" for command, text in self.said)


def environment() -> dict[str, str]:
    """The tools', for the kernel with every function kept."""
    words = {key: value for key, value in os.environ.items() if key != "MAKEFLAGS"}
    return {**words, "BUILD": str(DEBUG_BUILD), "DEBUG": "1"}


def run(*debug_words: str, commands: list[str]) -> Transcript:
    """tools/debug with these words; GDB given the commands one after the other."""
    words: list[str] = []
    for command in commands:
        words += ["-ex", f"echo \\n{PROMPT}{escaped(command)}\\n", "-ex", command]
    ended = subprocess.run(
        [ROOT / "tools/debug", *debug_words, "--", "-batch", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=LAST_RESORT,
        env=environment(),
        check=False,
    )
    return parse(ended.stdout.decode("utf-8", "replace"), commands)


def escaped(command: str) -> str:
    return command.replace("\\", "\\\\").replace('"', '\\"')


def parse(text: str, commands: list[str]) -> Transcript:
    """Cut GDB's output at the prompts that were echoed."""
    transcript = Transcript()
    rest = text
    for place, command in enumerate(commands):
        mark = f"\n{PROMPT}{command}\n"
        assert mark in rest, f"GDB stopped before {command!r}:\n{text[-3000:]}"
        said, rest = rest.split(mark, 1)
        if place == 0:
            transcript.before = said
        else:
            transcript.said.append((commands[place - 1], said))
    if commands:
        transcript.said.append((commands[-1], LEAVING.sub("", rest)))
    return transcript
