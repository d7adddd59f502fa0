"""A trace that was full before its run had ended: the page, the other readers and two runs beside each other say so."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, READY, opened, page_of, text_of
from traces import TRACE, make_trace

from tracing.reader import HEAD, RECORD, Trace

pytestmark = NEEDS_BROWSER
WRITTEN_AT = 24  # in the header: records written, then records lost


def full_after(whole: Path, count: int, file: Path) -> Path:
    """The file that there is if the area has room for so many records only (docs/trace.md)."""
    data = bytearray(whole.read_bytes())
    header_size, written = HEAD.unpack_from(data)[2], HEAD.unpack_from(data)[5]
    struct.pack_into("<QQQ", data, WRITTEN_AT, count, written - count, count)
    file.write_bytes(data[: header_size + count * RECORD.size])
    return file


@pytest.fixture(scope="module")
def lost(rich_trace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It ends in the midst of a fault, which has its page but no pte yet."""
    trace = Trace(rich_trace)
    fills = (n for n in range(trace.count // 2, trace.count) if trace[n].event == trace.number["fill"])
    return full_after(rich_trace, next(fills) + 1, tmp_path_factory.mktemp("lost") / "lost")


def test_the_page_says_so(lost: Path, rich_trace: Path):
    count, whole = Trace(lost).count, Trace(rich_trace).count
    with opened(page_of(lost)) as window:
        told = text_of(window, "lost")
        assert f"full after event {count:,}" in told and f"{whole - count:,} records" in told
        assert window.run("return document.getElementById('lost').checkVisibility()")
        window.key("End")
        assert text_of(window, "moment-text").startswith(f"Event {count:,} of {count:,}")
        assert "It had not ended when the trace did" in text_of(window, "story")


def test_a_whole_trace_has_no_such_line(rich_page: Path):
    with opened(rich_page) as window:
        assert not window.run("return document.getElementById('lost').checkVisibility()")


@pytest.mark.parametrize("words", ["info", "faults", "notes", "csv", "counters", "perfetto", "chrome"])
def test_the_other_readers_take_it(lost: Path, words: str):
    """And who reads a list of what happened is told that it is not all."""
    told = subprocess.run([TRACE, words, lost], capture_output=True, check=True)
    assert told.stdout
    assert b"records were lost" in told.stderr


def test_two_runs_say_so(lost: Path, rich_trace: Path):
    told = subprocess.run([TRACE, "diff", lost, rich_trace], capture_output=True, text=True, check=True).stdout
    assert "A's trace is not whole" in told and "B's trace" not in told


def test_an_area_that_is_too_small(tmp_path: Path):
    """--trace-size is what it says: no more goes into the file, and the rest is counted."""
    result = make_trace(tmp_path / "small", "--trace-size", "2M", "--", "swaptest", "24")
    assert result.status == 0 and "records were lost" in result.stderr
    trace = Trace(tmp_path / "small")
    assert trace.header.lost > 0 and (tmp_path / "small").stat().st_size <= 2 << 20
    with opened(page_of(tmp_path / "small")) as window:
        assert f"{trace.header.lost:,} records" in text_of(window, "lost")
        window.wait(READY)
