"""A bootable CD: GRUB, the kernel and the program image.

One that is likely to be wanted again is kept, under the sum of what it is made of. A bundle has no GRUB
to make one with. It has a ready CD instead, in whose menu there is room for the kernel's parameters: a
copy of it gets them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from faultline import project

RESCUE = ("grub-mkrescue", "grub2-mkrescue", "i686-elf-grub-mkrescue")  # as distributions call it
GRUB_BIOS = Path("/usr/lib/grub/i386-pc")
GRUB_UEFI = Path("/usr/lib/grub/x86_64-efi")
GRUB_MODULES = "multiboot2 iso9660 normal serial terminal"
DATE = "2024010100000000"
KERNEL_LINE = b"multiboot2 /boot/faultline.elf "
ROOM = 512  # letters for parameters, on a ready CD
KEPT = project.BUILD / "cd"
KEPT_MOST = 4  # CDs; the one used longest ago goes


def make(output: Path, kernel: Path, image: bytes, command_line: str) -> None:
    """Write the CD; the kernel gets `command_line`.

    It boots on BIOS machines, and on UEFI ones too where GRUB's part for those is installed.
    """
    if project.BUNDLED.exists():
        copy_ready(output, image, command_line)
    else:
        build(output, kernel, image, command_line, uefi=GRUB_UEFI.is_dir())


def kept(kernel: Path, image: bytes, command_line: str) -> Path:
    """Such a CD, made only where the last ones were made of something else. The folder must be ours."""
    KEPT.mkdir(parents=True, exist_ok=True)
    cd = KEPT / f"{sum_of_parts(kernel, image, command_line)}.iso"
    with project.alone("cd/.lock"):
        if not cd.exists():
            half = KEPT / "half"
            make(half, kernel, image, command_line)
            half.rename(cd)
        os.utime(cd)
        for old in sorted(KEPT.glob("*.iso"), key=lambda path: path.stat().st_mtime_ns)[:-KEPT_MOST]:
            old.unlink()
    return cd


def sum_of_parts(kernel: Path, image: bytes, command_line: str) -> str:
    """Of all that a CD is made of: ours by its bytes, GRUB by the age of its program."""
    ours = [kernel.read_bytes(), image, menu(command_line).encode(), Path(__file__).read_bytes()]
    program = shutil.which(rescue())
    age = Path(program).stat().st_mtime_ns if program else 0
    parts = hashlib.sha256(f"{age} {GRUB_BIOS.is_dir()} {GRUB_UEFI.is_dir()}".encode())
    for part in ours:
        parts.update(hashlib.sha256(part).digest())
    return parts.hexdigest()[:16]


def rescue() -> str:
    """The program that writes it."""
    return next(filter(shutil.which, RESCUE), RESCUE[0])


def menu(command_line: str) -> str:
    """GRUB's menu."""
    return (project.ROOT / "boot/grub.cfg").read_text().replace("@COMMAND_LINE@", command_line)


def make_ready(output: Path, kernel: Path, image: bytes) -> None:
    """Write a CD for a bundle: its parameters come later. For BIOS machines only, as GRUB's part for
    the others has a random number in it."""
    build(output, kernel, image, " " * ROOM, uefi=False)


def build(output: Path, kernel: Path, image: bytes, command_line: str, uefi: bool) -> None:
    """Have grub-mkrescue write it."""
    strip = os.environ.get("STRIP", "strip")
    if not (shutil.which(strip) and shutil.which(rescue())):
        project.needs("run")
    with tempfile.TemporaryDirectory(prefix="faultline-iso-") as top:
        folder = Path(top) / "boot"
        (folder / "grub").mkdir(parents=True)
        subprocess.run([strip, "-g", "-o", folder / "faultline.elf", kernel], check=True)
        (folder / "image.cpio").write_bytes(image)
        (folder / "grub/grub.cfg").write_text(menu(command_line))
        command: list[str | Path] = [rescue(), "--locales=", "--fonts=", "--themes="]
        if GRUB_BIOS.is_dir() and not uefi:
            command += ["-d", GRUB_BIOS]
        command += [f"--install-modules={GRUB_MODULES}", "-o", output, top]
        command += ["--", "-volume_date", "all_file_dates", DATE, "-volume_date", "uuid", DATE]
        # It has files of its own, and does not look for another place if TMPDIR is none.
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1704067200", "TMPDIR": tempfile.gettempdir()}
        result = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False
        )
    if result.returncode:
        project.tell_what_is_missing("run")
        sys.exit(f"{command[0]} failed:\n{result.stderr}")


def copy_ready(output: Path, image: bytes, command_line: str) -> None:
    """The bundle's CD, with these parameters in its menu."""
    if image != project.IMAGE.read_bytes():
        sys.exit("tools/boot: a bundle's CD has one image: no PROGRAM, --add or --package with --grub")
    words = os.fsencode(command_line)
    if len(words) > ROOM:
        sys.exit(f"tools/boot: a bundle's CD has room for {ROOM} letters of parameters")
    data = (project.BUILD / "faultline.iso").read_bytes()
    line = KERNEL_LINE + b" " * ROOM
    output.write_bytes(data.replace(line, (KERNEL_LINE + words).ljust(len(line)), 1))
