"""A trace in Perfetto's format: protoc, which knows nothing of ours, reads it by Perfetto's schema, and what it finds
is counted against the trace itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from traces import TRACE

from tracing.faults import all_faults
from tracing.reader import Trace

pytestmark = pytest.mark.skipif(not shutil.which("protoc"), reason="protoc is not installed")

SCHEMA = Path(__file__).with_name("perfetto.proto")


@dataclass
class Message:
    """As protoc tells it: values, and messages within, by the names of fields."""

    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    inner: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))

    def one(self, name: str, default: str = "") -> str:
        return self.values[name][0] if self.values[name] else default

    def args(self) -> dict[str, str]:
        """Of an event, its annotations."""
        found = {}
        for each in self.inner["debug_annotations"]:
            (value,) = (each.one(kind) for kind in each.values if kind.endswith("_value"))
            found[each.one("name")] = value
        return found


def read(text: str) -> Message:
    """protoc's text: `name: value`, and `name {` … `}`."""
    top = Message()
    inside = [top]
    for line in text.splitlines():
        word = line.strip()
        if word.endswith("{"):
            name = word[:-2]
            inside[-1].inner[name].append(Message())
            inside.append(inside[-1].inner[name][-1])
        elif word == "}":
            inside.pop()
        else:
            name, value = word.split(": ", 1)
            inside[-1].values[name].append(value.strip('"'))
    assert inside == [top]
    return top


@pytest.fixture(scope="module")
def trace(rich_trace: Path) -> Trace:
    return Trace(rich_trace)


@pytest.fixture(scope="module")
def text(trace: Trace) -> str:
    binary = subprocess.run([TRACE, "perfetto", trace.path], capture_output=True, check=True).stdout
    words = ["protoc", f"--proto_path={SCHEMA.parent}", "--decode=perfetto.protos.Trace", SCHEMA.name]
    return subprocess.run(words, input=binary, capture_output=True, check=True, cwd=SCHEMA.parent).stdout.decode()


@pytest.fixture(scope="module")
def packets(text: str) -> list[Message]:
    return read(text).inner["packet"]


@pytest.fixture(scope="module")
def events(packets: list[Message]) -> list[tuple[int, Message]]:
    """Each with its time, in Perfetto's order: by time, and of one time as they stand."""
    found = [(int(p.one("timestamp")), e) for p in packets for e in p.inner["track_event"]]
    return sorted(found, key=lambda each: each[0])


def kind(event: Message) -> str:
    return event.one("type").removeprefix("TYPE_")


def begun(events: list[tuple[int, Message]], category: str) -> list[tuple[int, Message]]:
    """The slices of a category, where they begin."""
    return [(t, e) for t, e in events if kind(e) == "SLICE_BEGIN" and e.one("categories") == category]


def test_the_schema_knows_every_field(text: str, packets: list[Message]):
    assert not re.search(r"^\s*\d+( \{|: )", text, re.MULTILINE)
    assert len(packets) > 10000
    assert {packet.one("trusted_packet_sequence_id") for packet in packets} == {"1"}


def test_every_track_is_described_before_it_is_used(packets: list[Message]):
    known = set()
    for packet in packets:
        for track in packet.inner["track_descriptor"]:
            known.add(track.one("uuid"))
            assert track.one("parent_uuid", track.one("uuid")) in known
        for event in packet.inner["track_event"]:
            assert event.one("track_uuid") in known


def test_slices_nest(events: list[tuple[int, Message]]):
    """Each end has a beginning on its track; what begins last ends first, and all is closed at the end."""
    opened: dict[str, list[int]] = defaultdict(list)
    for time, event in events:
        if kind(event) == "SLICE_BEGIN":
            opened[event.one("track_uuid")].append(time)
        elif kind(event) == "SLICE_END":
            assert opened[event.one("track_uuid")].pop() <= time
    assert not any(opened.values())


def test_faults_are_the_traces_own(trace: Trace, events: list[tuple[int, Message]]):
    """As many of each kind, at the same nanosecond, with the same address."""
    faults = {fault.number: fault for fault, _ in all_faults(trace)}
    told = [(time, event) for time, event in begun(events, "fault") if event.one("name") != "unfinished"]
    assert len(told) == len(faults) > 500
    for time, event in told:
        args = event.args()
        fault = faults[int(args["fault"])]
        assert (time, event.one("name")) == (fault.begin.time, fault.kind(trace))
        assert args["address"] == f"{fault.begin.address:#x}" and args["access"] == fault.access
        assert args["major"] == str(fault.major).lower()
    ends = Counter(time for time, event in events if kind(event) == "SLICE_END")
    assert all(ends[fault.end.time] for fault in faults.values())


def test_evictions_devices_and_counters(trace: Trace, events: list[tuple[int, Message]]):
    number, counts = trace.number, Counter(record.event for record in trace)
    instants = [(time, event) for time, event in events if kind(event) == "INSTANT"]
    evicted = [(time, event.args()["page"]) for time, event in instants if event.one("categories") == "evict"]
    assert evicted == [(r.time, str(r.page)) for r in trace if r.event == number["evict"]] and len(evicted) > 100
    requests = begun(events, "device")
    outer = [event for _, event in requests if event.one("name") != "waits"]
    assert len(outer) == counts[number["request"]] > 100
    assert sum(event.args()["served"] == "true" for event in outer) == counts[number["served"]]
    assert {event.one("name") for _, event in requests} == {"read", "write", "waits"}


def test_counters(trace: Trace, packets: list[Message], events: list[tuple[int, Message]]):
    """Free frames, faults, resident pages and working sets, each on a track of its own."""
    tracks = [track for packet in packets for track in packet.inner["track_descriptor"] if track.inner["counter"]]
    names = {track.one("uuid"): track.one("name") for track in tracks}
    assert len(names) == len(tracks)
    last: dict[str, int] = {}
    told: Counter[str] = Counter()
    for _, event in events:
        if kind(event) == "COUNTER":
            name = names[event.one("track_uuid")]
            told[name] += 1
            last[name] = int(event.one("counter_value"))
    assert set(told) == {"free frames", "faults", "resident pages", "working set"}
    assert last["faults"] == told["faults"] == len(begun(events, "fault"))
    assert told["working set"] <= sum(record.event == trace.number["working-set"] for record in trace)


def test_processes_and_threads_have_names(packets: list[Message]):
    tracks = [track for packet in packets for track in packet.inner["track_descriptor"]]
    named = {each.one("process_name") for track in tracks for each in track.inner["process"]}
    assert any(name.startswith("swaptest (") for name in named)
    pids = {each.one("pid") for track in tracks for each in track.inner["process"]}
    for track in tracks:
        assert all(each.one("pid") in pids and int(each.one("tid")) > 0 for each in track.inner["thread"])
