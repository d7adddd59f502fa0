"""The free-frame list, followed through a trace: its three parts, in order.

They are what mm/frames/frame.c keeps: zeroed frames, plain ones, and those that still keep a page;
frames are taken at the head and come back at the tail.
"""

from __future__ import annotations

from tracing.check import NONE
from tracing.reader import Record, Trace

ZEROED, PLAIN, KEPT = "zeroed", "plain", "kept"


class FreeFrames:
    """Fed with records one by one. Each part is ordered as the list is: a dict keeps the order."""

    def __init__(self, trace: Trace):
        self.parts: dict[str, dict[int, int]] = {ZEROED: {}, PLAIN: {}, KEPT: {}}
        number = trace.number
        self.actions = {
            number["give"]: self._give,
            number["take"]: self._leave,
            number["new"]: self._leave,
            number["rescue"]: self._leave,
            number["list"]: self._list,
            number["forget"]: lambda record: self._append(PLAIN, record.frame),
            number["zeroed"]: lambda record: self._append(ZEROED, record.frame),
        }

    def follow(self, record: Record) -> bool:
        """Whether the list has changed."""
        action = self.actions.get(record.event)
        if action:
            action(record)
        return bool(action)

    def count(self) -> int:
        return sum(map(len, self.parts.values()))

    def in_order(self) -> list[tuple[int, str]]:
        """Frames as they would be taken for a page of zeroes."""
        return [(frame, part) for part in (ZEROED, PLAIN, KEPT) for frame in self.parts[part]]

    def _leave(self, record: Record) -> None:
        self._remove(record.frame)

    def _remove(self, frame: int) -> None:
        for part in self.parts.values():
            part.pop(frame, None)

    def _append(self, part: str, frame: int) -> None:
        self._remove(frame)
        self.parts[part][frame] = 1

    def _give(self, record: Record) -> None:
        self.parts[PLAIN].update(dict.fromkeys(range(record.frame, record.frame + record.detail), 1))

    def _list(self, record: Record) -> None:
        keeps = record.page != NONE
        self._append(KEPT if keeps else ZEROED if record.detail else PLAIN, record.frame)
