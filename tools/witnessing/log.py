"""QEMU's log of exceptions (`-d int`), read as it is written.

Each exception is a line that says vector, error code and ring, and then the registers, on some twenty
lines, the last of which begins with EFER. QEMU writes numbers only: no byte of it is the guest's choice.
The log also has a line before each: "check_exception" if the processor raised it, "Servicing hardware INT"
if a device did. A device may well use vector 14; that is no page fault.
"""

from __future__ import annotations

import re
import sys

from witnessing.seen import BEFORE, MAGIC, Fault, Mark, Seen, Touch

USER_TOP = 1 << 47
BREAKPOINT, PAGE_FAULT = 0x03, 0x0E
PRESENT, WRITE, FETCH = 1, 2, 16  # of a page fault's error code
LINE_MOST = 4096
EVENTS_MOST = 200_000  # faults, marks and touches that are kept
EXCEPTIONS_MOST = 1_000_000  # of any kind, the kernel's own included, that are read: a gigabyte and more
LINES_EACH = 25  # of an exception; so many lines of whatever else count as one
HEADER = re.compile(rb" *\d+: v=([0-9a-f]{2}) e=([0-9a-f]{4}) i=([01]) cpl=([0-3]) IP=[0-9a-f]{4}:([0-9a-f]+) ")
STARTS_LIKE_HEADER = re.compile(rb" *\d+: v=")
NESTED = re.compile(rb"^ +\d+: v=", re.MULTILINE)
SPACE = re.compile(rb"\bCR3=([0-9a-f]+)")
FAULT_ADDRESS = re.compile(rb" CR2=([0-9a-f]{16})$")
REGISTER = re.compile(rb"\b(R[A-Z0-9]{1,2}|CR3) ?=([0-9a-f]+)")
TOUCH = re.compile(rb"witness ([rw]) ([0-9a-f]+) ([0-9a-f]+)$")
INTERRUPT = b"Servicing hardware INT"
LAST_LINE = b"\nEFER="


class LogError(ValueError):
    """These bytes are no log of QEMU's."""


class Reader:
    """Takes the log in pieces, and enters in `seen` what it tells."""

    def __init__(self, seen: Seen, most: int = EVENTS_MOST, exceptions_most: int = EXCEPTIONS_MOST):
        self.seen = seen
        self.most, self.exceptions_most = most, exceptions_most
        self.rest = b""
        self.line = 0
        self.exceptions = 0
        self.full = False  # what comes now is not read any more
        self.header: re.Match[bytes] | None = None  # of the exception whose registers we are at
        self.registers = b""
        self.address = b""
        self.interrupt = False  # the next exception is a device's
        self.touched: dict[int, tuple[int, int, bool]] = {}  # by page: mark, frame, was it written

    def consume(self, data: bytes) -> None:
        """The next bytes. LogError: they are none of a log's."""
        text, at = self.rest + data, 0
        while not self.full:
            end = self._end_of_registers(text, at) if self.header else text.find(b"\n", at) + 1
            if not end:
                break
            self.line += text.count(b"\n", at, end)
            self.full = self.line >= self.exceptions_most * LINES_EACH
            if self.header:
                self.registers = text[at:end]
                self._take_exception()
            else:
                self._take(text[at : end - 1])
            at = end
        self.rest = text[at:]
        if not self.full and len(self.rest) - self.rest.rfind(b"\n") > LINE_MOST:
            raise LogError(f"line {self._last_line()} has no end")

    def _last_line(self) -> int:
        """The number of the line that is not there to its end."""
        return self.line + self.rest.count(b"\n") + 1

    def finish(self) -> None:
        """There is no more. LogError: something is missing, or it never was a log."""
        if self.full:
            return
        if self.rest or self.header:
            raise LogError(f"it breaks off in line {self._last_line()}, within an exception")
        if not self.exceptions:
            raise LogError("there is no exception in it: was it written with -d int?")

    def _take(self, line: bytes) -> None:
        if STARTS_LIKE_HEADER.match(line):
            self._take_header(line)
        elif line.startswith(b"witness "):
            self._take_touch(line)
        elif line.startswith(INTERRUPT):
            self.interrupt = True
        elif not line.isascii() or b"\0" in line:
            raise LogError(f"line {self.line} is no text of QEMU's")

    def _take_header(self, line: bytes) -> None:
        header = HEADER.match(line)
        if not header:
            raise LogError(f"line {self.line}: no exception can be read from it")
        address = FAULT_ADDRESS.search(line)
        raised, self.interrupt = not self.interrupt, False
        if raised and int(header[1], 16) == PAGE_FAULT and not address:
            raise LogError(f"line {self.line}: a page fault without an address")
        self.exceptions += 1
        self.header = header
        self.address = address[1] if address and raised else b""

    def _end_of_registers(self, text: bytes, at: int) -> int:
        """Where the exception ends whose registers begin there; 0: that is still to come."""
        last = text.find(LAST_LINE, at)
        end = text.find(b"\n", last + 1) + 1 if last >= 0 else 0
        if text.find(b": v=", at, end or len(text)) >= 0:
            nested = NESTED.search(text[at : end or len(text)])
            if nested:
                line = self.line + text.count(b"\n", at, at + nested.start()) + 1
                raise LogError(f"line {line}: an exception within the registers of another")
        return end

    def _count(self) -> None:
        seen = self.seen
        events = len(seen.faults) + len(seen.kernel_faults) + len(seen.marks) + len(seen.touches)
        self.full |= events >= self.most or self.exceptions >= self.exceptions_most

    def _take_exception(self) -> None:
        assert self.header
        vector, ring = int(self.header[1], 16), int(self.header[4])
        if vector == PAGE_FAULT and self.address:
            self._enter_fault(int(self.address, 16), int(self.header[2], 16), ring)
        elif vector == BREAKPOINT and ring == 3 and self.header[3] == b"1":
            self._enter_mark(self._read_registers())
        self.header = None
        self._count()

    def _read_registers(self) -> dict[str, int]:
        found = REGISTER.findall(self.registers)
        return {name.decode(): int(value, 16) for name, value in found}

    def _space(self) -> int:
        found = SPACE.search(self.registers)
        if found:
            return int(found[1], 16)
        raise LogError(f"line {self.line}: an exception without CR3")

    def _phase(self) -> tuple[int, int]:
        """The last mark's number, and its place."""
        marks = self.seen.marks
        return (marks[-1].number, len(marks) - 1) if marks else (BEFORE, BEFORE)

    def _enter_fault(self, address: int, code: int, ring: int) -> None:
        assert self.header
        if ring != 3 and address >= USER_TOP:
            return  # the kernel's own affair
        access = "execute" if code & FETCH else "write" if code & WRITE else "read"
        ip = int(self.header[5], 16)
        fault = Fault(address, access, bool(code & PRESENT), ip, self._space(), *self._phase(), ring == 3)
        (self.seen.faults if fault.by_user else self.seen.kernel_faults).append(fault)

    def _enter_mark(self, registers: dict[str, int]) -> None:
        if not {"RAX", "RBX", "CR3"} <= registers.keys():
            raise LogError(f"line {self.line}: a breakpoint without its registers")
        space = registers.pop("CR3")
        if registers["RAX"] >> 32 == MAGIC:
            number = registers["RAX"] & 0xFFFFFFFF
            self.seen.marks.append(Mark(number, registers["RBX"], space, registers))

    def _take_touch(self, line: bytes) -> None:
        """What the plugin tells: more than once where it could not know that nothing has changed."""
        touch = TOUCH.match(line)
        if not touch:
            raise LogError(f"line {self.line}: no access can be read from it")
        written, page, frame = touch[1] == b"w", int(touch[2], 16), int(touch[3], 16)
        phase, mark = self._phase()
        if self.touched.get(page) in ((mark, frame, written), (mark, frame, True)):
            return
        self.touched[page] = (mark, frame, written)
        self.seen.touches.append(Touch(phase, page, "write" if written else "read", frame, mark))
        self._count()


def read(data: bytes) -> Seen:
    """A whole log, however long. LogError: it is none."""
    seen = Seen()
    reader = Reader(seen, sys.maxsize, sys.maxsize)
    reader.consume(data)
    reader.finish()
    return seen
