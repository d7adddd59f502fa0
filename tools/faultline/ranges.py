"""What an option of tools/boot may say: a number within a range, a word of a parameter, a path.

Used as the types of options, so that what cannot be is a usage error (status 2) that names the
option and what it takes, before any machine is started.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
DIGITS_MOST = 18
PATH_MOST, NAME_MOST = 4095, 255
SOCKET_MOST = 107  # Linux's sun_path
KERNELS_OWN = ("/proc", "/sys/fs/cgroup")  # nothing of an image is seen below these


def size_words(number: int) -> str:
    """64M, 1G, 65536: as it may be written."""
    for unit, factor in reversed(UNITS.items()):
        if number and number % factor == 0:
            return f"{number // factor}{unit}"
    return str(number)


def _digits(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= DIGITS_MOST else None


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number from `least` to `most`."""

    def parse(word: str) -> int:
        value = _digits(word)
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{word!r} is no number from {least} to {most}")
        return value

    return parse


def size(least: int, most: int) -> Callable[[str], int]:
    """So many bytes: 64M, 1G, 65536."""

    def parse(word: str) -> int:
        factor = UNITS.get(word[-1:].upper(), 1)
        value = _digits(word if factor == 1 else word[:-1])
        if value is None or not least <= value * factor <= most:
            low, high = size_words(least), size_words(most)
            raise argparse.ArgumentTypeError(f"{word!r} is no size from {low} to {high}")
        return value * factor

    return parse


def seconds(word: str) -> float:
    """How long to wait: seconds, and parts of them."""
    try:
        value = float(word)
    except ValueError:
        value = -1
    if not 0 < value <= 1e9:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of seconds above 0")
    return value


def word(text: str) -> str:
    """What the kernel's command line can carry as one word."""
    if not text or any(not "!" <= letter <= "~" for letter in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a word")
    return text


def parameter(text: str) -> str:
    """KEY=VALUE."""
    key, equals, _ = word(text).partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return text


def socket_path(text: str) -> str:
    """Where a unix socket can be made; "": wherever we like."""
    folder = Path(text).absolute().parent
    if ":" in text:
        raise argparse.ArgumentTypeError(f"GDB would take {text} for a host's name, as it has a colon")
    if len(os.fsencode(text)) > SOCKET_MOST:
        raise argparse.ArgumentTypeError(f"a socket's path has at most {SOCKET_MOST} bytes: {text[:40]}…")
    if text and not os.access(folder, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"no socket can be made in {folder}")
    if text and Path(text).exists() and not Path(text).is_socket():
        raise argparse.ArgumentTypeError(f"{text} is there, and no socket")
    return text


def short_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for sockets and the like: in /tmp where TMPDIR's path is too long for a socket's, or
    has a colon, with which GDB would take it for a host's name."""
    usual = tempfile.gettempdir()
    good = len(os.fsencode(usual)) < 60 and ":" not in usual
    return tempfile.TemporaryDirectory(prefix="faultline-", dir=usual if good else "/tmp")


def guest_path(path: str) -> str:
    """Where a file may lie in the image. ValueError: nowhere."""
    parts = path.strip("/").split("/")
    if path.endswith("/") or not {"", ".", ".."}.isdisjoint(parts):
        raise ValueError(f"{path} is no path of a file")
    if len(path) > PATH_MOST or any(len(part.encode()) > NAME_MOST for part in parts):
        raise ValueError(f"{path[:40]}… is too long for a path")
    for top in KERNELS_OWN:
        if path == top or path.startswith(f"{top}/"):
            raise ValueError(f"{path}: what is below {top} is the kernel's, nothing can be put there")
    return path
