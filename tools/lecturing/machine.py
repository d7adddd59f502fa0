"""The machine of a lecture: a prompt at which each demonstration is a word of two letters.

What the shell in it knows comes from /etc/profile, which is put into the image for this. `reset` ends
the machine, and tools/boot, told to, starts it again: so it is as it was at the start, whatever had happened.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from faultline import project

from lecturing.deck import Deck, Demonstration

BOOT = project.ROOT / "tools/boot"
HEAD = """export PATH=/bin:/test HOME=/root PS1='lecture {number}# '
reset() {{ echo status 1 > /dev/hoststatus; poweroff; }}
demos() {{
cat <<'THE-END'
Lecture {number}: {name}

{listed}
  reset   the machine as it was at the start; Ctrl-A x: the same, if it does not listen any more
  demos   this list
  poweroff leaves it

THE-END
}}
"""


def function(demonstration: Demonstration) -> str:
    """It says what it runs: the room shall see the command."""
    command = demonstration.command
    return f"{demonstration.name}() {{\n    printf '  %s\\n' {shlex.quote(command)}\n    {command}\n}}\n"


def profile(deck: Deck) -> str:
    """What the shell reads when it begins."""
    listed = "".join(f"  {one.name}      {one.shows}\n" for one in deck.demonstrations)
    head = HEAD.format(number=deck.number, name=deck.name, listed=listed)
    return head + "".join(map(function, deck.demonstrations)) + "demos\n"


def profile_file(deck: Deck) -> Path:
    """Where it lies on our side."""
    return project.BUILD / "lectures" / f"{deck.number}.profile"


def boot_words(deck: Deck) -> list[str]:
    """The command that starts it, in real time; its profile is written where the image is made from."""
    file = profile_file(deck)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(profile(deck), "utf-8")
    return [str(BOOT), "--realtime", "--again", *deck.machine, "--add", f"{file}:/etc/profile"]


def prompt(deck: Deck) -> str:
    return f"lecture {deck.number}# "
