"""RAM that is not zero when the machine starts: the host fills it with a nonce, so that a kernel that
hands out what it did not clear is seen at once, whatever it says of itself.

It is a file without a name (memfd), which goes when nobody has it open any more, however we end.
"""

from __future__ import annotations

import os

CHUNK = 1 << 20


class Ram:
    """So many bytes, a multiple of a mebibyte: the nonce, 64 bits of it, again and again."""

    def __init__(self, size: int, nonce: int):
        self.size = size
        self.file = os.memfd_create("ram")
        chunk = nonce.to_bytes(8, "little") * (CHUNK // 8)
        with open(self.file, "wb", closefd=False) as out:
            for _ in range(size // CHUNK):
                out.write(chunk)

    def words(self) -> list[str]:
        """For QEMU, which must inherit `file`."""
        memory = f"memory-backend-file,id=ram,size={self.size},mem-path=/proc/self/fd/{self.file},share=on"
        return ["-object", memory, "-machine", "memory-backend=ram"]

    def read(self, address: int, size: int) -> bytes:
        """What stands at a physical address (all RAM lies below 3 GiB, in one piece, in such machines)."""
        return os.pread(self.file, size, address)

    def close(self) -> None:
        os.close(self.file)
