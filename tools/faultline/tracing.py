"""The trace's channel: a memory module of the machine's, whose cells are a file of ours.

The kernel writes its records there (kernel/report/trace_area.c) and they are in the file; nothing is
copied, and nothing waits. The file is as long as the module while the machine runs, without
taking up room on the disk; afterwards it ends with the last record.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from faultline import options

GIB = 1 << 30
LOW_MEMORY = 0xC0000000  # of QEMU's pc, when it has more than it can put below 4 GiB
LOW_MEMORY_MOST = 0xE0000000
HEADER = struct.Struct("<8sIIIIQQQ")
MAGIC = b"FLTTRACE"


@dataclass
class Module:
    """A memory module, and where the machine has it. Its cells are nobody's, and forgotten."""

    size: int
    address: int
    backend: str = "memory-backend-ram"

    def arguments(self) -> list[str]:
        """Words for QEMU."""
        where = f"{self.backend},id=trace,size={self.size}"
        return ["-object", where, "-device", f"pc-dimm,memdev=trace,addr={self.address:#x}"]

    def memory_words(self) -> str:
        """What -m needs to know beside the memory."""
        return f",slots=1,maxmem={(self.address + self.size) // GIB + 1}G"


class Area(Module):
    """The module whose cells are a file's, which may get so large. `unit`: the module's size is a multiple of it."""

    def __init__(self, file: Path, size: int, memory: int, unit: int = GIB):
        self.file, self.most = file.resolve(), size
        high = memory - LOW_MEMORY if memory >= LOW_MEMORY_MOST else 0
        super().__init__(-(-size // unit) * unit, 4 * GIB + -(-high // GIB) * GIB)
        self.backend = f"memory-backend-file,mem-path={options.value(self.file)},share=on"
        with open(self.file, "wb") as out:
            out.truncate(self.size)

    def parameters(self) -> list[str]:
        """Words for the kernel."""
        return [f"trace_area={self.address}", f"trace_size={self.most}"]

    def finish(self) -> str:
        """Cut the file behind the last record; what there is to say about it, or ""."""
        with open(self.file, "r+b") as trace:
            data = trace.read(HEADER.size)
            magic, _, header, record, _, written, lost, _ = HEADER.unpack(data)
            if magic != MAGIC:
                trace.truncate(0)
                return "the machine ended before it began to trace"
            trace.truncate(header + written * record)
        return f"{lost} records were lost: --trace-size was too small" if lost else ""
