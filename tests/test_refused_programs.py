"""Programs that are damaged: ELF files, with and without an interpreter, and #! lines.

Each of hundreds, in a long run of two thousand, is executed in a child. It runs, is refused with an
errno, or ends by a signal of its own; the machine goes on, nobody else is touched, and the audit
finds nothing broken.
"""

from __future__ import annotations

import errno
import struct
from collections import Counter

import mutate
import pytest
from mutate import COUNT, Field

LOAD, INTERP, GNU_STACK = 1, 3, 0x6474E551
EXECUTABLE, SHARED = 2, 3
EXIT = bytes.fromhex("b83c000000bf2a0000000f05")  # exit(42)
ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = struct.Struct("<IIQQQQQQ")
DATA_AT = 0x1800

Segment = tuple[int, int, int, int, int, int]  # type, flags, offset, address, in the file, in memory


def elf(kind: int, base: int, segments: list[Segment], interpreter: bytes = b"", **changes: int) -> bytes:
    """A program of one page of code and some data; `changes`: of the header's fields."""
    head = ELF_HEADER.size + len(segments) * SEGMENT.size
    fields = {"entry": base + head, "headers": ELF_HEADER.size, "segment": SEGMENT.size, "count": len(segments)}
    fields |= changes
    out = ELF_HEADER.pack(
        *(b"\x7fELF\2\1\1" + bytes(9), kind, 62, 1, fields["entry"], fields["headers"], 0, 0, 64),
        *(fields["segment"], fields["count"], 64, 0, 0),
    )
    for what, flags, offset, address, in_file, in_memory in segments:
        out += SEGMENT.pack(what, flags, offset, address, address, in_file, in_memory, 0x1000)
    out += EXIT
    out += interpreter.rjust(0x300 - len(out), b"\xcc")
    return out.ljust(DATA_AT, b"\xcc") + b"data" * 16


def usual(base: int) -> list[Segment]:
    data = (LOAD, 6, DATA_AT, base + DATA_AT, 64, 0x3000)
    return [(LOAD, 5, 0, base, 0x400, 0x400), data, (GNU_STACK, 6, 0, 0, 0, 0)]


PATH = b"/tmp/interpreter\0"
PLAIN = elf(EXECUTABLE, 0x400000, usual(0x400000))
NAMED = (INTERP, 4, 0x300 - len(PATH), 0, len(PATH), len(PATH))
PIE = elf(SHARED, 0, [NAMED, *usual(0)], PATH)
INTERPRETER = elf(SHARED, 0, usual(0))
TWO_NAMES = elf(SHARED, 0, [NAMED, *usual(0), (INTERP, 4, 0, 0, 9, 9)], PATH)
SCRIPT = b"#! /bin/true one two\nexit 3\n"


def one_segment(segment: Segment) -> bytes:
    return elf(EXECUTABLE, 0x400000, [segment])


def text_at(address: int) -> bytes:
    return elf(EXECUTABLE, address, [(LOAD, 5, 0, address, 0x400, 0x400)])


# Each with what comes of it. Where Linux has given up the old program already, and can only kill
# (SIGSEGV, SIGBUS), the new space here is complete before: ENOEXEC, and the old program goes on.
KINDS = {
    "as it should be": (PLAIN, "exit 42"),
    "with an interpreter": (PIE, "exit 42"),
    "a script": (SCRIPT, "exit 0"),
    "an entry no address can be": (elf(EXECUTABLE, 0x400000, usual(0x400000), entry=1 << 63), "signal 11"),
    "an entry of the kernel's": (elf(EXECUTABLE, 0x400000, usual(0x400000), entry=(1 << 64) - 4096), "signal 11"),
    "an entry between the halves": (elf(EXECUTABLE, 0x400000, usual(0x400000), entry=1 << 47), "signal 11"),
    "an entry where nothing is": (elf(EXECUTABLE, 0x400000, usual(0x400000), entry=0x10000), "signal 11"),
    "no segments": (elf(EXECUTABLE, 0x400000, [], count=0), errno.ENOEXEC),
    "segments of another size": (elf(EXECUTABLE, 0x400000, usual(0x400000), segment=32), errno.ENOEXEC),
    "headers beyond the file": (elf(EXECUTABLE, 0x400000, usual(0x400000), headers=1 << 40), errno.ENOEXEC),
    "headers round the end": (elf(EXECUTABLE, 0x400000, usual(0x400000), headers=(1 << 64) - 56), errno.ENOEXEC),
    "cut in its headers": (PLAIN[:100], errno.ENOEXEC),
    "more in the file than in memory": (one_segment((LOAD, 5, 0, 0x400000, 0x400, 0x10)), errno.ENOEXEC),
    "above all user memory": (text_at(0xFFFF_8000_0000_0000), errno.ENOEXEC),
    "round the end of memory": (one_segment((LOAD, 7, 0, 0x400000, 0x400, (1 << 64) - 0x1000)), errno.ENOEXEC),
    # a promise of all there is: as overcommit decides
    "all of memory": (one_segment((LOAD, 7, 0, 0x400000, 0x400, (1 << 47) - 0x401000)), None),
    "off its page": (one_segment((LOAD, 5, 0x10, 0x400000, 0x400, 0x400)), errno.ENOEXEC),
    "an offset beyond all files": (one_segment((LOAD, 5, 1 << 62, 0x400000, 0x400, 0x400)), errno.ENOEXEC),
    "an interpreter that is not there": (PIE.replace(PATH, b"/tmp/interpretex\0"), errno.ENOENT),
    "an interpreter without an end": (PIE.replace(PATH, PATH[:-1] + b"x"), errno.ENOEXEC),
    "two interpreters, of whom the first counts": (TWO_NAMES, "exit 42"),
    "an interpreter's name beyond the file": (elf(SHARED, 0, [(INTERP, 4, 0x10000, 0, 9, 9), *usual(0)]), errno.EIO),
    "an interpreter that is a directory": (PIE.replace(PATH, b"/proc/self/././\0\0"), errno.EACCES),
    "a #! line without a name": (b"#!\n", errno.ENOEXEC),
    "a #! line without an end": (b"#!" + b"x" * 5000, errno.ENOEXEC),
    "a #! line with too long an argument": (b"#!/bin/true " + b"x" * 5000, "exit 0"),
    "a #! line with as long a name as fits": (b"#!" + b"/" * 244 + b"bin/true \n", "exit 0"),
    "a #! line with too long a name": (b"#!" + b"/" * 246 + b"bin/true\n", errno.ENOEXEC),
    "itself as its interpreter": (b"#!/tmp/each\n", errno.ELOOP),
}
ERRNOS = {errno.ENOEXEC, errno.EINVAL, errno.ENOMEM, errno.ELIBBAD, errno.EACCES, errno.ENOENT, errno.ELOOP}
ERRNOS |= {errno.EFAULT, errno.E2BIG, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EIO, errno.EPERM}
SIGNALS = {4, 5, 7, 8, 9, 11, 14, 31}  # of one's own, the alarm, and SIGKILL


def fields_of(count: int) -> list[Field]:
    """The numbers of the header, and of so many segments' headers."""
    header = [(16, 2), (18, 2), (20, 4), (24, 8), (32, 8), (40, 8), (48, 4), *((at, 2) for at in range(52, 64, 2))]
    one = [(0, 4), (4, 4), *((at, 8) for at in range(8, 56, 8))]
    starts = [ELF_HEADER.size + SEGMENT.size * at for at in range(count)]
    return [Field(*each) for each in header] + [Field(start + at, size) for start in starts for at, size in one]


def run_each(boot, folder, files: list[bytes]) -> list[str]:
    (folder / "pack").write_bytes(mutate.pack(files))
    (folder / "interpreter").write_bytes(INTERPRETER)
    script = "/test/run-each /bin/pack /bin/interpreter; echo $?; cat /proc/audit"
    words = ("--ram", "32M", "--param", "audit=5000", "--param", "junk=1")
    added = ("--add", f"{folder}/pack", "--add", f"{folder}/interpreter:/bin/interpreter")
    result = boot(*words, *added, "--", "sh", "-c", script)
    *lines, status, audit = result.text.splitlines() or ["", ""]
    assert (status, audit) == ("0", "0 broken") and len(lines) == len(files), result.report()[-3000:]
    return lines


def check_outcome(line: str) -> None:
    how, number = line.split()
    assert how == "exit" or int(number) in (ERRNOS if how == "errno" else SIGNALS), line


def test_each_kind(boot, tmp_path):
    lines = run_each(boot, tmp_path, [file for file, _ in KINDS.values()])
    for (name, (_, expected)), line in zip(KINDS.items(), lines, strict=True):
        check_outcome(line)
        wanted = f"errno {expected}" if isinstance(expected, int) else expected
        assert wanted is None or line == wanted, f"{name}: {line}, not {wanted}"


@pytest.mark.parametrize("kind", ["plain", "interpreter"])
def test_damaged_programs(boot, tmp_path, kind):
    """Half of them damaged in the headers alone, where all that exec believes stands."""
    good, seed = (PLAIN, 11) if kind == "plain" else (PIE, 12)
    damaged = list(mutate.mutants(good, COUNT * 4 // 5, seed, within=64 + 4 * 56, fields=fields_of(3)))
    scripts = list(mutate.mutants(SCRIPT, COUNT // 5, seed))
    lines = run_each(boot, tmp_path, damaged + scripts)
    for line in lines:
        check_outcome(line)
    told = Counter(lines)
    assert len(told) > 3 and told["exit 42"] < COUNT * 3 // 5, told
