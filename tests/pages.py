"""Pages that tests look at: made of a trace, and opened in a real browser."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from traces import TRACE

from faultline.browser import Browser

NEEDS_BROWSER = pytest.mark.skipif(
    not (shutil.which("chromedriver") and shutil.which("chromium")), reason="Chromium is not installed"
)
READY = "window.faultline && faultline.ready"


def page_of(trace: Path) -> Path:
    """Beside it."""
    page = trace.with_suffix(".html")
    with open(page, "w", encoding="utf-8") as out:
        subprocess.run([TRACE, "view", trace], stdout=out, check=True)
    return page


@contextlib.contextmanager
def opened(page: Path, *flags: str) -> Iterator[Browser]:
    """In a window of its own. Nothing goes wrong there while it is open."""
    with Browser(*flags) as window:
        window.open(page)
        window.wait(READY)
        yield window
        assert window.log() == []


def text_of(browser: Browser, element: str) -> str:
    text: str = browser.run("return document.getElementById(arguments[0]).textContent", element)
    return text
