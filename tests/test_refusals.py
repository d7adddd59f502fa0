"""On any bytes a clear refusal: never a traceback, a panic, an endless loop, or silence.

Each reader of something from outside gets damaged inputs, a thousand in a long run (mutate.py). It
may make sense of one or refuse it; when it refuses, then with a message of its own.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import random
import resource
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import mutate
import pytest
from mutate import COUNT, Field
from support import BUILD, script
from traces import make_trace

from tracing import perfetto, view
from tracing import reader
from tracing.reader import Trace

COMMANDS_OF_TRACE = ("info", "faults", "notes", "csv", "counters", "chrome", "view")

# --- tools/trace ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return script("trace")


def refusal(tool: ModuleType, *words: str | Path) -> str:
    """What it says when it refuses; "": it did not. Whatever else it raises is a test that fails."""
    sys.argv = ["tools/trace", *map(str, words)]
    try:
        assert tool.main() == 0
    except SystemExit as ended:
        assert isinstance(ended.code, str), f"{words}: status {ended.code}"
        return ended.code
    return ""


# The numbers of a trace's header, and of its first records.
HEAD_FIELDS = [Field(8, 4), Field(12, 4), Field(16, 4), *(Field(at, 8) for at in (24, 32, 40))]
HEAD_FIELDS += [Field(at, 4) for at in range(48, 80, 4)]
RECORD_FIELDS = ((0, 8), (8, 4), (8, 4), (12, 4), (16, 8), (24, 8), (32, 4), (36, 4))
RECORDS_HURT = 300


def fields_of(trace: bytes) -> list[Field]:
    header = reader.read_header(trace)
    starts = [header.header_size + at * reader.RECORD.size for at in range(min(header.written, RECORDS_HURT))]
    return HEAD_FIELDS * 10 + [Field(start + at, size) for start in starts for at, size in RECORD_FIELDS]


def exchange_records(data: bytearray, dice: random.Random) -> None:
    """Two whole ones, where they still are: each is right, and the order is wrong."""
    size = reader.RECORD.size
    first, second = (len(data) - dice.randrange(1, max(2, len(data) // size)) * size for _ in range(2))
    if min(first, second) >= 0:
        data[first : first + size], data[second : second + size] = (
            data[second : second + size],
            data[first : first + size],
        )


def test_trace_files(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Every command of tools/trace on each: all refuse a file that one of them refuses."""
    monkeypatch.setattr(view, "fetch_uplot", lambda: False)
    monkeypatch.setattr(view, "fetch_d3", lambda: False)
    monkeypatch.setattr(sys, "argv", [])
    good, file, folder = tmp_path / "good", tmp_path / "bad", tmp_path / "ctf"
    result = make_trace(good, "--ram", "12M", "--swap", "1M", "--", "one-fault")
    assert refusal(tool, "info", good) == "", result.report()
    told: Counter[str] = Counter()
    whole, wounds = good.read_bytes(), (*mutate.WOUNDS, exchange_records, exchange_records)
    header = 2000  # where the header's text ends, about
    damaged = mutate.mutants(whole, COUNT, 1, header, fields_of(whole), wounds)
    for number, data in enumerate(damaged):
        file.write_bytes(data)
        found = {refusal(tool, command, file) for command in COMMANDS_OF_TRACE}
        found.add(refusal(tool, "ctf", file, folder))
        if number % 10 == 0:  # it reads two
            found.add(refusal(tool, "diff", file, good))
        assert len(found) == 1, (number, found)
        message = found.pop()
        assert not message or message.startswith(f"tools/trace: {file}: "), (number, message)
        explained = refusal(tool, "explain", file, "1")
        assert explained == message or "fault" in explained, (number, explained)
        if not message:
            perfetto.export(Trace(file), io.BytesIO())  # binary, which capsys would not have
        told[message] += 1
        capsys.readouterr()
    assert told[""] < COUNT * 2 // 3 and len(told) > COUNT // 10, told.most_common(5)


def test_a_request_is_to_a_device(tool: ModuleType, tmp_path: Path):
    """Who draws devices has one for it."""
    good, file = tmp_path / "good", tmp_path / "bad"
    result = make_trace(good, "--ram", "12M", "--swap", "1M", "--", "one-fault")
    assert result.status == 0, result.report()
    trace = Trace(good)
    for event in ("request", "served"):
        n = next(n for n, record in enumerate(trace) if record.event == trace.number[event])
        data = bytearray(good.read_bytes())
        page = trace.header.header_size + n * reader.RECORD.size + 32
        data[page : page + 4] = b"\xff" * 4
        file.write_bytes(data)
        assert f"record {n} ({event}) is damaged" in refusal(tool, "info", file)


TRACE_COMMANDS = (
    "info FILE",
    "faults FILE",
    "explain FILE 3",
    "explain FILE 0x400000 --kind cow --program one-fault",
    "explain FILE --kind zero-fill",
    "csv FILE",
    "diff FILE FILE --program one-fault",
    "view --program one-fault FILE",
    "view FILE FILE",
)
# Words that start a machine, wait for a browser or write binary: not for the dice, nor what argparse takes for them.
NOT_HERE = ("--l", "--pl", "--b", "--t", "perfetto", "ctf")


def test_command_lines_of_trace(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(view, "fetch_uplot", lambda: False)
    monkeypatch.setattr(view, "fetch_d3", lambda: False)
    monkeypatch.chdir(tmp_path)
    assert make_trace(tmp_path / "good", "--ram", "12M", "--", "one-fault").status == 0
    good = [line.replace("FILE", "good") for line in TRACE_COMMANDS]
    odd = (*mutate.ODD_WORDS, "--kind", "--program", "--port", "view", "diff", "notes", "--help")
    told: Counter[str] = Counter()
    for words in mutate.command_lines(good, COUNT, 4, odd):
        if any(word.startswith(NOT_HERE) for word in words):
            continue
        monkeypatch.setattr(sys, "argv", ["tools/trace", *words])
        status: object = 0
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(out):
            try:
                status = tool.main()
            except SystemExit as ended:
                status = ended.code
        assert status in (0, None) or isinstance(status, str) or said.getvalue(), (ascii(words), status)
        told["" if status in (0, None) else "refused"] += 1
    assert told["refused"] > COUNT // 4, told


def test_what_is_no_file(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", [])
    empty = tmp_path / "empty"
    empty.touch()
    for path, words in ((empty, "empty"), (tmp_path, "plain file"), (tmp_path / "none", "No such file")):
        assert words in refusal(tool, "info", path)


# --- tools/policysim -----------------------------------------------------------------------------

SIMULATOR = BUILD / "host/policysim"  # under ASan and UBSan
SECONDS = 60  # of the processor's, at which a run counts as one without end

STRING = "7 0 1 2 0 3 0 4 2 3 0 3 2 1r 2 0x10 1w 7 0 1 # the textbook's\n18446744073709551615 r 5 w\n"
LACKEY = "==1== lackey\nI  04016b,3\n L 1ffefff8e0,8\n S 1ffefffff8,16\n M 0421c7c0,4\nhello\n" * 3
BATCH = "fifo 3 0 0 7 0 1 2 0 3 0 4\nlru 2 1 3 1r 2 1 3\nopt 4 0 1 1 2 3 4 1 2 5\n"
COMMANDS = (
    "--frames 3 --policy fifo,lru --grid 7 0 1 2 0 3 0 4 2 3r",
    "--policy aging,clock --frames 3,4,5 --table --tick 2 --seed 7 1 2 3 4 1 2 5",
    "--generate zipf 30 10 4 --frames 10 --tsv --victims --policy distance,sieve --warm",
    "--generate transpose 8 4 2 --policy random,clock-pro --seed 3",
    "--generate stack 20 5 3 --policy wsclock,lfu --exact --stack",
    "--generate scan_hot 20 5 3 --policy mfu,clock-rm --tick 1",
)


SIMULATOR_ODD = (
    *("--policy", "--frames", "--seed", "--tick", "--generate", "--grid", "--table", "--tsv", "--victims", "--warm"),
    *("--exact", "--stack", "--batch", "--help", "opt", "opt,opt", "nobody", "zipf", "stack", "transpose", "3,", ",3"),
)


def simulator_runs(folder: Path) -> Iterator[tuple[list[str], bytes]]:
    """Words and standard input, COUNT of them."""
    share = COUNT // 4
    good = (("--file", STRING), ("--lackey", LACKEY))
    for seed, (option, text) in enumerate(good):
        file = folder / option.strip("-")
        for data in mutate.mutants(text.encode(), share, seed):
            file.write_bytes(data)
            yield ["--policy", "fifo,opt", option, str(file)], b""
    for data in mutate.mutants(BATCH.encode(), share, seed=2):
        yield ["--batch"], data
    each = [mutate.mutants(command.encode(), share, seed) for seed, command in enumerate(COMMANDS)]
    for data in itertools.islice(itertools.chain.from_iterable(zip(*each, strict=True)), share // 2):
        yield [word.decode("latin-1") for word in data.replace(b"\0", b"").split(b" ")], b""
    for words in mutate.command_lines(COMMANDS, share - share // 2, 5, (*mutate.ODD_WORDS, *SIMULATOR_ODD)):
        yield words, b""


def simulator(words: list[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [SIMULATOR, *words],
        input=stdin,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)),
    )


def test_strings_of_references(tmp_path: Path):
    """policysim: status 0 and nothing said, or 2 and one line that says why."""
    told: Counter[str] = Counter()
    for words, stdin in simulator_runs(tmp_path):
        result = simulator(words, stdin)
        message = result.stderr.decode("utf-8")
        assert result.returncode in (0, 2), (words, stdin, result.returncode, message[-3000:])
        assert bool(message) == (result.returncode == 2), (words, stdin, message)
        assert not message or (message.startswith("policysim: ") and message.count("\n") == 1), message
        told[message] += 1
    assert told[""] < COUNT * 2 // 3 and len(told) > COUNT // 20, told.most_common(5)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--frames 0 1", "--frames: \"0\" is no number from 1 to"),
        ("--frames , 1", "--frames: \"\" is no number"),
        ("--frames 2147483647 1", "--frames"),
        ("--policy , 1", "no policy"),
        ("99999999999999999999", "not a reference: \"99999999999999999999\""),
        ("--generate transpose 1 1 1", "at least 2 pages"),
        ("--generate cyclic 4000000 1 4000000", "K: \"4000000\" is no number from 1 to 4"),
        ("--generate cyclic 5 5 0 --warm", "K: \"0\""),
        ("--grid --frames 1000000 1 2 3", "--grid"),
        ("--seed x 1", "--seed: \"x\""),
    ],
)
def test_what_the_simulator_cannot_do(words: str, reason: str):
    result = simulator(words.split(" "), b"")
    assert result.returncode == 2 and reason in result.stderr.decode("utf-8"), result.stderr


def test_cases_and_accesses_that_cannot_be(tmp_path: Path):
    for case in (b"fifo 0 0 0 1 2", b"fifo -3 0 0 1", b"fifo 3 2 0 1", b"nobody 3 0 0 1", b"fifo", b"\n"):
        result = simulator(["--batch"], b"fifo 1 0 0 1 2\n" + case)
        assert result.returncode == 2 and b"line 2: " in result.stderr, (case, result.stderr)
    for access in ("S 0,0", "L 10,4294967295", "L fffffffffffffff8,16"):
        (tmp_path / "file").write_text(access + "\n", "ascii")
        result = simulator(["--lackey", str(tmp_path / "file")], b"")
        assert result.returncode == 2 and b"line 1 of " in result.stderr, (access, result.stderr)


# --- refstring, on the live kernel ---------------------------------------------------------------

REFSTRING = """
cd /tmp; tar xf /bin/strings.tar
for file in strings/*; do
    refstring --file $file > out 2> err; status=$?
    case $status in
    0) [ -s err ] && { echo $file: succeeded and said; cat err; } ;;
    2) grep -q "^refstring: \\|^usage: " err || { echo $file: silent; } ;;
    *) echo $file: status $status; cat err ;;
    esac
    echo $status
done
cat /proc/audit
"""


REFUSED = {
    "echo clock 0 0 0 1 2 | refstring --batch": "at least 1",
    "refstring --generate zipf 2147483647 1": "at most 16777216 references",
    "refstring --generate cyclic 10 2147483647": "at most 16777216 references",
    "refstring --generate cyclic 3 3 7 8 9": "references, and --generate as well",
    "refstring --batch 7 8 9": "references, and --batch as well",
    "refstring --batch --generate cyclic 3 3": "--generate, and --batch as well",
}


def test_refstring_refuses(boot):
    """What would kill it for want of frames, take hours, or quietly be another string."""
    script = ";".join(f"({command}) 2>&1; echo $?" for command in REFUSED)
    result = boot("--ram", "32M", "--", "sh", "-c", script)
    lines = result.text.splitlines()
    assert lines[1::2] == ["2"] * len(REFUSED), result.report()
    assert all(told in line for told, line in zip(REFUSED.values(), lines[::2], strict=True)), result.report()


def tar_of(contents: Iterator[bytes]) -> bytes:
    """An archive of files strings/NUMBER."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for number, data in enumerate(contents):
            member = tarfile.TarInfo(f"strings/{number}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def test_refstring(boot, tmp_path: Path):
    """The same for strings that live memory is to follow: done, or refused in words."""
    archive = tmp_path / "strings.tar"
    archive.write_bytes(tar_of(mutate.mutants(STRING.encode(), COUNT, seed=3)))
    result = boot("--ram", "64M", "--swap", "4M", "--add", str(archive), "--", "sh", "-c", REFSTRING)
    lines = result.text.splitlines()
    assert lines.pop() == "0 broken", result.report()
    assert set(lines) == {"0", "2"} and len(lines) == COUNT, result.report()


REFSTRING_LINES = (
    "--frames 3 --policy fifo 7 0 1 2 0 3 0 4 2 3r 0 3 2w",
    "--generate cyclic 5 3 --frames 3 --count --exact",
    "--generate zipf 20 3 --for 5 --warm --ticks 2 --policy lru",
    "--policy opt --grid 1 2 3 4 1 2 5",
    "--generate loop_hot 9 2 --for 4 --frames 4 --policy clock",
)
REFSTRING_ODD = (
    *("--frames", "--policy", "--ticks", "--generate", "--for", "--file", "--grid", "--count", "--exact", "--warm"),
    *("--batch", "--help", "nobody", "clock-pro", "wsclock", "transpose", "matrix_row", "100000", "3r", "3w", "3x"),
)
# Each line of the file is one command line, its words apart by tabs. What takes long is stopped: it was taken.
REFSTRING_EACH = """
cd /tmp; set -f; IFS="$(printf '\\t')"
while read -r line; do
    timeout 1 refstring $line > out 2> err < /dev/null; status=$?
    case $status in
    0) [ -s err ] && { echo succeeded and said: $line; cat err; } ;;
    2) [ -s err ] || echo silent: $line ;;
    143) status=0 ;;
    *) echo status $status: $line; cat err ;;
    esac
    echo $status
done
cat /proc/audit
"""


def test_refstrings_words(boot, tmp_path: Path):
    """The same for its options and references: hundreds of command lines in one boot."""
    lines = mutate.command_lines(REFSTRING_LINES, COUNT, 7, (*mutate.ODD_WORDS, *REFSTRING_ODD))
    feed = tmp_path / "lines"
    text = "".join("\t".join(words).replace("\n", " ") + "\n" for words in lines)
    feed.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = boot("--ram", "64M", "--swap", "4M", "--stdin", str(feed), "--", "sh", "-c", REFSTRING_EACH)
    told = result.text.splitlines()
    assert told.pop() == "0 broken", result.report()
    assert set(told) == {"0", "2"} and len(told) == COUNT, result.report()[:4000]
