"""What the playground carries that is not ours: whose it is, under which licence, where its source is.

Bochs is changed (emulator.py says where), so its source goes with it: the archive, our file and our changes lie in
the folder's sources/. The texts of licences lie in licences/.
"""

from __future__ import annotations

import html
import shutil
import tarfile
from pathlib import Path

from bundling import third_party

from playing import emulator

# Debian's package, what of it is here, licence, Debian's name of its source.
PARTS = (
    ("bochsbios", "the machine's BIOS", "LGPL-2.1 or later", "bochs"),
    ("vgabios", "the BIOS of its screen", "LGPL-2.1 or later", "vgabios"),
    ("grub-pc-bin", "the boot loader on the CD", "GPL-3 or later", "grub2"),
    ("busybox-static", "the shell and its tools, on the CD", "GPL-2", "busybox"),
    ("musl-dev", "the C library in the programs on the CD", "MIT", "musl"),
)
TEXTS = Path("/usr/share/doc")
COMMON, NAMED = Path("/usr/share/common-licenses"), ("GPL-2", "GPL-3")  # which those texts only name
CHANGES = Path(__file__).resolve().parent / "emulator.py"


def write(folder: Path) -> None:
    """The texts, and the source of what we changed."""
    texts, sources = folder / "licences", folder / "sources"
    for place in (texts, sources):
        place.mkdir(parents=True, exist_ok=True)
    shutil.copy(emulator.KEPT / emulator.ARCHIVE, sources)
    for ours in (emulator.OURS, CHANGES):
        shutil.copy(ours, sources)
    with tarfile.open(emulator.KEPT / emulator.ARCHIVE) as archive:
        member = archive.extractfile(f"{emulator.SOURCE.name}/COPYING")
        assert member
        (texts / "bochs.txt").write_bytes(member.read())
    for package, *_ in PARTS:
        shutil.copy(TEXTS / package / "copyright", texts / f"{package}.txt")
    for name in NAMED:
        shutil.copy(COMMON / name, texts / f"{name}.txt")


def listed() -> str:
    """A list, in HTML, for the page. Links stay in its folder but for the places of Debian's sources."""
    archive = f'<a href="sources/{html.escape(emulator.ARCHIVE)}">source</a>'
    ours = f'<a href="sources/{emulator.OURS.name}">our file</a>, <a href="sources/{CHANGES.name}">our changes</a>'
    lines = [
        f'<li>Bochs {emulator.VERSION}, the machine: <a href="licences/bochs.txt">LGPL-2.1 or later</a>, '
        f"compiled to WebAssembly ({archive}, {ours})</li>"
    ]
    for package, what, licence, source in PARTS:
        number = third_party.version(package)
        lines.append(
            f'<li>{package} {html.escape(number)}, {what}: <a href="licences/{package}.txt">{licence}</a> '
            f'(<a href="{html.escape(third_party.address(source, number))}">source</a>)</li>'
        )
    return "<ul>\n" + "\n".join(lines) + "\n</ul>\n"
