"""What happens to contents when pages leave their frames and come back: a model of who must fault, and where the
same frame is due, on top of memory.py's.

A cell that has *gone* is in no process's tables: whoever touches it first takes a fault. The others may find
that it is back with one fault, or with none, if the kernel has given it back to all at once.
"""

from __future__ import annotations

from labbing.memory import Area, Cell, Due, Memory

PRESENT, WITHDRAWN, RIGHTS, SHARED, CONTENTS = "S0", "S5", "S4", "S3", "S1"
# What memory.py cites, in this lab's words.
SENTENCES = {"S4": PRESENT, "S5": RIGHTS, "S6": RIGHTS, "S7": SHARED, "S8": CONTENTS}
Key = tuple[int, Area, int]  # a process, and a page


class LeavingMemory(Memory):
    """Of all processes."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: dict[Key, Cell] = {}  # an entry that was taken away, and is not back
        self.away: list[Cell] = []  # nobody has brought it back
        self.unread: set[Key] = set()  # of a file that a disk has: nobody has touched it yet

    def leave(self, area: Area) -> None:
        """All that processes see there goes."""
        entries = [key for key in (*self.cells, *self.mapped) if key[1] is area]
        cells: list[Cell] = []
        for key in entries:
            cell = self.cell(*key)
            assert cell is not None
            self.gone[key] = cell
            cells += [] if any(cell is each for each in cells) else [cell]
        self.away += cells

    def put(self, process: int, area: Area, page: int, word: int) -> None:
        """Contents that a disk has, and that nobody has touched yet."""
        cell = Cell({0: word}, {process})
        self.cells[process, area, page] = self.gone[process, area, page] = cell
        self.away.append(cell)
        self.unread.add((process, area, page))

    def fork(self, parent: int, child: int) -> None:
        super().fork(parent, child)
        for (process, area, page), cell in list(self.gone.items()):
            if process == parent:
                self.gone[child, area, page] = cell

    def end(self, process: int) -> None:
        super().end(process)
        self.gone = {key: cell for key, cell in self.gone.items() if key[0] != process}

    def forget(self, process: int, area: Area, page: int) -> None:
        super().forget(process, area, page)
        self.gone.pop((process, area, page), None)

    def read(self, process: int, area: Area, page: int) -> Due:
        cell, first = self.back((process, area, page))
        due = self.cited(super().read(process, area, page))
        if (process, area, page) in self.unread:
            self.unread.remove((process, area, page))
            return Due(1, 1, PRESENT, "the first touch of a page of a file", protection=False)
        return due if cell is None else came_back(due, first, copies=False)

    def write(self, process: int, area: Area, page: int, word: int, value: int) -> Due:
        cell, first = self.back((process, area, page))
        due = self.cited(super().write(process, area, page, word, value))
        return due if cell is None else came_back(due, first, copies=due.most > 0 and not area.shared)

    def back(self, key: Key) -> tuple[Cell | None, bool]:
        """What had gone from there, and whether this touch is the first that brings it back."""
        cell = self.gone.pop(key, None)
        first = any(cell is each for each in self.away)
        self.away = [each for each in self.away if each is not cell]
        return cell, first

    def cited(self, due: Due) -> Due:
        due.sentence = SENTENCES.get(due.sentence, due.sentence)
        return due


def came_back(due: Due, first: bool, copies: bool) -> Due:
    """The faults of a touch of what had gone. `copies`: it is a write, for which one more may be due."""
    why = "it had gone, and comes back" if first else "it had gone, and another process may have brought it back"
    if copies:
        why += f"; {due.why}"
    least = max(due.least, 1 if first else 0)
    most = due.most + 1 if copies else 1
    return Due(least, most, WITHDRAWN if first else due.sentence, why, protection=copies)
