"""A bootable CD: GRUB, the kernel and the program image."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from faultline import project

GRUB_FOLDER = Path("/usr/lib/grub/i386-pc")
GRUB_MODULES = "multiboot2 biosdisk iso9660 normal serial terminal"


def make(output: Path, kernel: Path, image: bytes, command_line: str) -> None:
    """Write the CD. It boots on BIOS machines; the kernel gets `command_line`."""
    with tempfile.TemporaryDirectory(prefix="faultline-iso-") as top:
        folder = Path(top) / "boot"
        (folder / "grub").mkdir(parents=True)
        subprocess.run(["strip", "-g", "-o", folder / "faultline.elf", kernel], check=True)
        (folder / "image.cpio").write_bytes(image)
        menu = (project.ROOT / "boot/grub.cfg").read_text().replace("@COMMAND_LINE@", command_line)
        (folder / "grub/grub.cfg").write_text(menu)
        command = ["grub-mkrescue", "-d", GRUB_FOLDER, "--locales=", "--fonts=", "--themes="]
        command += [f"--install-modules={GRUB_MODULES}", "-o", output, top]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1704067200"}
        result = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False
        )
    if result.returncode:
        sys.exit(f"grub-mkrescue failed:\n{result.stderr}")
