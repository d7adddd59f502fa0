"""RAM that is not zero when the machine starts: the host fills it with a nonce, so that a kernel that
hands out what it did not clear is seen at once, whatever it says of itself.

It is a file without a name (memfd), which goes when nobody has it open any more, however we end. Files of machines that
have ended serve the next: to fill their pages again takes a quarter of the time that new ones take.
"""

from __future__ import annotations

import os

CHUNK = 1 << 20
SPARES_MOST, SPARE_MOST = 4, 64 << 20  # so many files, of so many bytes
_spares: list[int] = []


class Ram:
    """So many bytes, a multiple of a mebibyte: the nonce, 64 bits of it, again and again."""

    def __init__(self, size: int, nonce: int):
        self.size = size
        self.file = _any_file()
        os.ftruncate(self.file, size)
        chunk = nonce.to_bytes(8, "little") * (CHUNK // 8)
        for address in range(0, size, CHUNK):
            os.pwrite(self.file, chunk, address)

    def words(self) -> list[str]:
        """For QEMU, which must inherit `file`."""
        memory = f"memory-backend-file,id=ram,size={self.size},mem-path=/proc/self/fd/{self.file},share=on"
        return ["-object", memory, "-machine", "memory-backend=ram"]

    def read(self, address: int, size: int) -> bytes:
        """What stands at a physical address (all RAM lies below 3 GiB, in one piece, in such machines)."""
        return os.pread(self.file, size, address)

    def close(self) -> None:
        """Once the machine has ended."""
        if self.size <= SPARE_MOST and len(_spares) < SPARES_MOST:
            _spares.append(self.file)
        else:
            os.close(self.file)


def _any_file() -> int:
    try:
        return _spares.pop()
    except IndexError:
        return os.memfd_create("ram")
