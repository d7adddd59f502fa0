"""A pane of GDB's text screen: the walk of the address that matters now, kept up to date.

`layout vm` shows it beside the source; `vm walk ADDR` chooses another address for it.
"""

from __future__ import annotations

import gdb

from vm import arrays, faulting, spaces, walking
from vm.words import MASK


def content() -> list[str]:
    """What the pane says, before it is cut to its width."""
    try:
        arrays.frames()
        at = walking.chosen.get("address")
        if at is None:
            at = _interesting()
        root, space = walking.root_and_space(at, None)
        return walking.lines(root, at, space)
    except (gdb.GdbError, gdb.error, gdb.MemoryError) as error:
        return [str(error)]


def _interesting() -> int:
    """The address that faulted, else where the program is."""
    try:
        return faulting.current().address
    except gdb.GdbError:
        pc = int(gdb.newest_frame().pc())
        if pc >> 47 == 0 or spaces.space_loaded() is None:
            return pc & MASK
        return int(gdb.parse_and_eval("$cr2")) & MASK


def fold(lines: list[str], width: int) -> list[str]:
    """Long lines go on below, indented."""
    folded: list[str] = []
    for line in lines:
        indent = len(line) - len(line.lstrip()) + 4
        while len(line) > width > indent + 8:
            cut = line.rfind(" ", indent, width)
            cut = cut if cut > indent else width
            folded.append(line[:cut])
            line = " " * indent + line[cut:].lstrip()
        folded.append(line[:width])
    return folded


class Window:
    """One pane."""

    def __init__(self, pane: gdb.TuiWindow):
        self.pane = pane
        self.first = 0
        pane.title = "the walk"
        gdb.events.before_prompt.connect(self.render)

    def render(self) -> None:
        """Draw it anew."""
        if not self.pane.is_valid():
            return
        lines = fold(content(), self.pane.width)
        self.first = max(min(self.first, len(lines) - self.pane.height), 0)
        self.pane.erase()
        for line in lines[self.first : self.first + self.pane.height]:
            self.pane.write(line + "\n" if len(line) < self.pane.width else line)

    def vscroll(self, by: int) -> None:
        self.first = max(self.first + by, 0)
        self.render()

    def close(self) -> None:
        """GDB has taken the pane away."""
        gdb.events.before_prompt.disconnect(self.render)


def register() -> None:
    gdb.register_window_type("vm", Window)
    gdb.execute("tui new-layout vm {-horizontal src 1 vm 1} 2 status 0 cmd 1")
