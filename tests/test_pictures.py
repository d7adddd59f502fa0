"""The pictures of the README and of the first session can be made anew, and are what they say."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support import LAST_RESORT, ROOT

SVG = "{http://www.w3.org/2000/svg}"
SHOWN = ("faultline# ", "faults one-fault", "zero-fill", "A promise is free", "vmtop: ", "swaptest", "RESIDENT")


def png_size(data: bytes) -> tuple[int, int]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def words_of(picture: Path) -> str:
    return "".join(ElementTree.parse(picture).getroot().itertext())


def make(folder: Path, what: str) -> None:
    subprocess.run([ROOT / "tools/pictures", "-o", folder, what], check=True, timeout=LAST_RESORT)


def test_the_readme_and_the_first_session_show_them():
    picture = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
    assert picture.findall((ROOT / "README.md").read_text("utf-8")) == ["docs/session.svg"]
    assert picture.findall((ROOT / "docs/first-session.md").read_text("utf-8")) == ["page.png"]
    assert png_size((ROOT / "docs/page.png").read_bytes())[0] == 1400
    check_session(ROOT / "docs/session.svg")


def check_session(picture: Path) -> None:
    """It moves, stands still for whoever wants that, loads nothing, and shows the session."""
    text = picture.read_text("utf-8")
    assert "@keyframes film" in text and "prefers-reduced-motion" in text
    assert not re.search(r"(src|href)=.(?!#)", text) and "<script" not in text
    words = words_of(picture)
    for word in SHOWN:
        assert word in words, word
    root = ElementTree.parse(picture).getroot()
    film = next(each for each in root.iter(f"{SVG}g") if each.get("id") == "film")
    assert len(film) > 50  # screens
    assert "NOT SO" not in words and "Cannot allocate" not in words


def test_a_session(tmp_path: Path):
    make(tmp_path, "session")
    check_session(tmp_path / "session.svg")


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_the_page(tmp_path: Path):
    make(tmp_path, "page")
    picture = (tmp_path / "page.png").read_bytes()
    assert png_size(picture) == (1400, 1050)
    assert len(picture) > 100_000  # drawn: an empty page packs into a tenth
