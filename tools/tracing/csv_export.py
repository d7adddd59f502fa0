"""The records as a table for spreadsheets and scripts: one line each, numbers as they are."""

from __future__ import annotations

import csv
from typing import TextIO

from tracing.reader import NONE, Trace, Who

COLUMNS = ("n", "time", "event", "process", "program", "space", "address", "detail", "page", "frame")


def export(trace: Trace, out: TextIO) -> None:
    """Write the table. Empty: none. `process` is who ran, or whom the event is about."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    who = Who(trace)
    for n, record in enumerate(trace):
        who.follow(record)
        writer.writerow(
            (
                n,
                record.time,
                trace.event_names[record.event],
                who.process or "",
                who.program(who.process),
                record.space or "",
                f"{record.address:#x}",
                f"{record.detail:#x}",
                "" if record.page == NONE else record.page,
                "" if record.frame == NONE else record.frame,
            )
        )
