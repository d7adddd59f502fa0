"""For Sphinx: below a block that shows a command, a link that runs it in the playground (docs/playground.md).

Only where tools/site is told where the playground is: a site without it has no such links. What the playground
cannot do (several processors, a file of the reader's, GDB) has none either.
"""

from __future__ import annotations

import functools
import html
import re
import shlex
from typing import Any

from docutils import nodes
from lecturing import deck as decks
from playing import links
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

PROMPT = re.compile(r"^(?:faultline|lecture (\d+))# +(.+)$")
TYPED = re.compile(r"^(?:faults|demo-[a-z]+|refstring|thrash|vmtop|locality) ?[^…=]*$")
COMMENT = re.compile(r"\s{2,}#.*$")


@functools.cache
def lecture(number: int) -> tuple[list[str], dict[str, str]]:
    """Its machine, and what its short names stand for."""
    deck = decks.read(decks.all_paths()[number])
    return deck.machine, {each.name: each.command for each in deck.demonstrations}


def of_view(line: str) -> str | None:
    """`make view PROGRAM=…`: the same run."""
    words = shlex.split(line)
    given = dict(word.split("=", 1) for word in words[2:] if "=" in word)
    if words[:2] != ["make", "view"] or "WHATIF" in given or "PROGRAM" not in given:
        return None
    command = f"{given['PROGRAM']} {given.get('ARGS', '')}".strip()
    return links.fragment(shlex.split(given.get("BOOT_ARGS", "")), [command])


def of_block(text: str) -> str | None:
    """What stands behind the # of a link that runs what a block shows; None: nothing that the playground can."""
    typed: list[str] = []
    machine: list[str] = ["--swap", "16M", "--swap-latency", "1000"]
    for line in text.splitlines():
        shown = COMMENT.sub("", line.removeprefix("$ ")).strip()
        prompt = PROMPT.match(shown)
        if prompt:
            number, command = prompt[1], prompt[2]
            if number:
                machine, names = lecture(int(number))
                command = names.get(command, command)
            if command != "poweroff":
                typed.append(command)
        elif not typed and shown.startswith(("tools/boot ", "make view ")):
            return links.of_command(shown) or of_view(shown)
        elif TYPED.match(shown) and line == text.splitlines()[0]:
            typed.append(shown)
    return links.fragment(machine, typed)


class TryIt(SphinxTransform):
    """The links, below their blocks."""

    default_priority = 800

    def apply(self, **_: Any) -> None:
        playground = self.config.playground
        if not playground:
            return
        where = "../" * self.env.docname.count("/") + playground
        for block in list(self.document.findall(nodes.literal_block)):
            runs = of_block(block.astext())
            if runs is not None:
                link = f'<p class="try-it"><a href="{html.escape(f"{where}#{runs}")}">Try it in the browser</a></p>'
                block.parent.insert(block.parent.index(block) + 1, nodes.raw("", link, format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("playground", "", "html")
    app.add_transform(TryIt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
