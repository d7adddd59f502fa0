"""Metadata of the Common Trace Format 1.8, so that its tools read the file as it is.

CTF describes binary records in a small language of its own: a few lines tell where the time
and the event's number lie. The whole file is one packet, whose header is ours, skipped, but for
its last eight bytes: they are zero, and stand for the time at which the packet begins. A packet
without such a time ends babeltrace2 2.1 in an assertion of its own, where events have times.
"""

from __future__ import annotations

import os
from pathlib import Path

from tracing.reader import Trace

PREAMBLE = """/* CTF 1.8 */
typealias integer {{ size = 8; align = 8; signed = false; }} := uint8_t;
typealias integer {{ size = 8; align = 8; signed = false; encoding = UTF8; }} := text_t;
typealias integer {{ size = 32; align = 8; signed = false; }} := uint32_t;
typealias integer {{ size = 64; align = 8; signed = false; }} := uint64_t;
typealias integer {{ size = 64; align = 8; signed = false; base = 16; }} := hex64_t;

trace {{
    major = 1;
    minor = 8;
    byte_order = le;
    packet.header := struct {{ uint8_t faultline_header[{skipped}]; }};
}};

env {{
    domain = "kernel";
    tracer_name = "faultline";
    frames = {frames};
    pages = {pages};
}};

clock {{
    name = kernel;
    description = "ns since kernel entry";
    freq = 1000000000;
}};

stream {{
    packet.context := struct {{
        integer {{ size = 64; align = 8; signed = false; map = clock.kernel.value; }} timestamp_begin;
    }};
    event.header := struct {{
        integer {{ size = 64; align = 8; signed = false; map = clock.kernel.value; }} timestamp;
        {id};
    }};
}};
"""

EVENT = """
event {{
    name = "{name}";
    id = {number};
    fields := struct {{
        {before}uint32_t space;
        {fields};
        uint32_t page;
        uint32_t frame;
    }};
}};
"""


# What address and detail are, where they are neither.
FIELDS = {
    "working-set": "uint64_t working_set; uint64_t resident",
    "note": "text_t text[16]",
    "mode": "uint64_t since; uint64_t mode",
    "lock-wait": "uint64_t waited; uint64_t lock",
    "shootdown-sent": "uint64_t mode; uint64_t number",
    "shootdown-done": "uint64_t interrupted; uint64_t number",
    "shootdown-over": "uint64_t unused; uint64_t number",
    "shootdown": "hex64_t address; uint64_t number",
}
PLAIN = "hex64_t address; hex64_t detail"

# With several processors the one on which it happened stands above the event, in the same word.
ID = ("uint32_t id", "")
ID_OF_SEVERAL = ("integer { size = 24; align = 8; signed = false; } id", "uint8_t processor; ")


def metadata(trace: Trace) -> str:
    """The description of this trace."""
    header = trace.header
    number_of, before = ID if header.processors == 1 else ID_OF_SEVERAL
    text = PREAMBLE.format(
        skipped=header.header_size - 8, frames=header.nframes, pages=header.npages, id=number_of
    )
    for number, name in enumerate(trace.event_names):
        text += EVENT.format(name=name, number=number, before=before, fields=FIELDS.get(name, PLAIN))
    return text


def write(trace: Trace, folder: Path) -> None:
    """A folder with the metadata, and the trace itself beside it (a link, not a copy)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata").write_text(metadata(trace), encoding="ascii")
    stream = folder / "stream"
    stream.unlink(missing_ok=True)
    os.symlink(trace.path.resolve(), stream)
