"""What the page's machine is made of, as scripts that the page loads when it wants a machine.

A page from a file may not fetch what lies beside it, but may load it as a script. So each part, packed (deflate)
and in base64, is a string in a script: the same folder opens from a web server and from a disk.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from faultline import bochs, cpio, iso, project
from tracing.view import packed

from playing import emulator

WORKER = Path(__file__).resolve().parent / "page/worker.js"
SECTOR = 2048


def write(folder: Path) -> None:
    """Into `folder`/parts: the emulator, its firmware, and the CD."""
    emulator.have()
    place = folder / "parts"
    place.mkdir(parents=True, exist_ok=True)
    archive = image()
    disc = cd(archive)
    _script(
        place / "emulator.js",
        {
            "glue": emulator.GLUE.read_bytes() + WORKER.read_bytes(),
            "module": emulator.MODULE.read_bytes(),
            "firmware": bochs.FIRMWARE.read_bytes(),
            "screen_firmware": bochs.SCREEN_FIRMWARE.read_bytes(),
        },
    )
    _script(place / "cd.js", {"cd": disc, "places": json.dumps(places(disc, archive)).encode()})


def _script(file: Path, parts: dict[str, bytes]) -> None:
    lines = ["globalThis.faultlineParts = globalThis.faultlineParts || {};\n"]
    lines += [f'globalThis.faultlineParts["{name}"] = "{packed(data)}";\n' for name, data in parts.items()]
    file.write_text("".join(lines), "ascii")


def image() -> bytes:
    """The built one, without the tests of the kernel: a page loads them in vain."""
    return cpio.pack([each for each in cpio.unpack(project.IMAGE.read_bytes()) if not each.name.startswith("test/")])


def cd(image: bytes) -> bytes:
    """For BIOS machines, with room for parameters in its menu."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "cd"
        iso.make_ready(file, project.KERNEL, image)
        return file.read_bytes()


def places(cd: bytes, image: bytes) -> dict[str, object]:
    """Where on the CD the page finds what it replaces: numbers of bytes. A file's `entries` are the places in
    directories that say where it lies and how long it is."""
    line = iso.KERNEL_LINE + b" " * iso.ROOM
    kernel = re.search(rb"\x7fELF\x02", cd)  # GRUB's own are of 32 bits
    assert kernel
    return {
        "parameters": cd.index(line) + len(iso.KERNEL_LINE),
        "room": iso.ROOM,
        "image": _file(cd, cd.index(image)),
        "kernel": _file(cd, kernel.start()),
    }


def _file(cd: bytes, at: int) -> dict[str, object]:
    """The file that begins there. Each number stands in a directory twice, with its lowest byte first and last."""
    sector = _twice(at // SECTOR)
    entries = [found.start() for found in re.finditer(re.escape(sector), cd)]
    lengths = {int.from_bytes(cd[entry + 8 : entry + 12], "little") for entry in entries}
    entries = [entry for entry in entries if cd[entry + 8 : entry + 16] == _twice(max(lengths))]
    return {"at": at, "length": max(lengths), "entries": entries}


def _twice(number: int) -> bytes:
    return number.to_bytes(4, "little") + number.to_bytes(4, "big")
