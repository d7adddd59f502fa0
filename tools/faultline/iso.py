"""A bootable CD: GRUB, the kernel and the program image."""

from __future__ import annotations

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


def make(output: Path, kernel: Path, image: bytes, command_line: str) -> None:
    """Write the CD; the kernel gets `command_line`.

    It boots on BIOS machines, and on UEFI ones too where GRUB's part for those is installed.
    """
    with tempfile.TemporaryDirectory(prefix="faultline-iso-") as top:
        folder = Path(top) / "boot"
        (folder / "grub").mkdir(parents=True)
        subprocess.run([os.environ.get("STRIP", "strip"), "-g", "-o", folder / "faultline.elf", kernel], check=True)
        (folder / "image.cpio").write_bytes(image)
        menu = (project.ROOT / "boot/grub.cfg").read_text().replace("@COMMAND_LINE@", command_line)
        (folder / "grub/grub.cfg").write_text(menu)
        rescue = next(filter(shutil.which, RESCUE), RESCUE[0])
        command = [rescue, "--locales=", "--fonts=", "--themes="]
        if GRUB_BIOS.is_dir() and not GRUB_UEFI.is_dir():
            command += ["-d", GRUB_BIOS]
        command += [f"--install-modules={GRUB_MODULES}", "-o", output, top]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1704067200"}
        result = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False
        )
    if result.returncode:
        sys.exit(f"grub-mkrescue failed:\n{result.stderr}")
