"""Tables for spreadsheets and scripts: the records, one line each, and counters over time."""

from __future__ import annotations

import csv
from typing import TextIO

from tracing.check import NONE
from tracing.notes import Notes
from tracing.reader import Trace, Who
from tracing.spaces import FreeFrames, Residents

COLUMNS = (
    *("n", "time", "event", "process", "program", "space", "address", "detail", "page", "frame", "note"),
    "processor",
)


def export(trace: Trace, out: TextIO) -> None:
    """Write the table. Empty: none. `process` is who ran, or whom the event is about; `note`, in a
    note's last record, the whole of it."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    who, notes = Who(trace), Notes(trace)
    for n, record in enumerate(trace):
        who.follow(record)
        note = notes.feed(n, record, who)
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
                note.text if note else "",
                record.processor,
            )
        )


COUNTERS = ("time", "free_frames", "process", "program", "space", "resident", "working_set")
COUNTERS_EVERY = 64  # records


def export_counters(trace: Trace, out: TextIO) -> None:
    """A line for each process's space, again and again: its pages in frames, and its working set
    as it was sampled last (empty: not yet)."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COUNTERS)
    who, residents, free = Who(trace), Residents(trace), FreeFrames(trace)
    working: dict[int, int] = {}
    for n, record in enumerate(trace):
        who.follow(record)
        residents.follow(record)
        free.follow(record)
        sampled = record.event == trace.number.get("working-set")
        if sampled:
            working[record.space] = record.address
        if n % COUNTERS_EVERY and not sampled:
            continue
        for space, count in residents.resident.items():
            process = who.of_space.get(space)
            if process:
                name = who.program(process)
                writer.writerow((record.time, free.count, process, name, space, count, working.get(space, "")))
