"""The witness's plugin, for the QEMU here."""

from __future__ import annotations

from pathlib import Path

from faultline import plugin

SOURCE = Path(__file__).with_name("plugin.c")


def fitting() -> Path:
    """The one that the QEMU here takes. ValueError: none."""
    return plugin.fitting(SOURCE)


def is_there() -> bool:
    """Can it be told which frames are behind pages?"""
    try:
        fitting()
    except (OSError, ValueError):
        return False
    return True


def words(window: tuple[int, int]) -> list[str]:
    """For QEMU: tell of the pages from the first address up to the second."""
    return plugin.words(SOURCE, low=window[0] // 4096 * 4096, high=-(-window[1] // 4096) * 4096)
