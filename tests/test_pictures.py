"""The pictures of the README and of the first session can be made anew, and are what they say."""

from __future__ import annotations

import base64
import re
import shutil
import struct
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support import LAST_RESORT, ROOT

from faultline.browser import Browser
from picturing import views

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


def lines_of(root: ElementTree.Element, screen: ElementTree.Element) -> list[str]:
    """What a screen's lines say, without the blanks at their ends."""
    lines = {f"#{each.get('id')}": "".join(each.itertext()) for each in root.iter(f"{SVG}g") if each.get("id")}
    return [lines[use.get("href", "")].rstrip() for use in screen.iter(f"{SVG}use")]


@pytest.mark.skipif(
    not (shutil.which("chromedriver") and shutil.which("chromium")), reason="Chromium is not installed"
)
def test_it_is_no_black_box_where_nothing_moves():
    """A browser that shall not move it, and one that has only opened it, show the same coloured map."""
    for flags in ((), ("--force-prefers-reduced-motion",)):
        with Browser(*flags) as window:
            window.open(ROOT / "docs/session.svg")
            assert coloured(window) > 0.2, flags


def coloured(window: Browser) -> float:
    """How much of what is seen is neither black, white nor grey."""
    picture = base64.b64encode(window.screenshot()).decode()
    window.open("about:blank")
    return window.run(
        """
        const image = new Image();
        image.src = "data:image/png;base64," + arguments[0];
        return image.decode().then(() => {
            const wide = 714, high = 428, canvas = document.createElement("canvas");
            Object.assign(canvas, { width: wide, height: high });
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const { data } = context.getImageData(0, 0, wide, high);
            let found = 0;
            for (let i = 0; i < data.length; i += 4) {
                const [red, green, blue] = data.slice(i, i + 3);
                if (Math.max(red, green, blue) - Math.min(red, green, blue) > 60) found++;
            }
            return found / (data.length / 4);
        });""",
        picture,
    )


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
    first = lines_of(root, film[0])
    assert first[0].startswith("vmtop: "), "it begins with the map of memory"
    cells = [line for line in first if re.fullmatch(r"[psfw!Tk0.K]+", line)]
    assert len(cells) >= 10 and sum(line.count("p") for line in cells) > 100, "which is full"
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


def test_the_pages_of_demonstrations_are_shown():
    """Six of them, in each size and each look at least once."""
    shown = re.findall(r"!\[[^\]]+\]\(view/([^)]+)\.png\)", (ROOT / "docs/view.md").read_text("utf-8"))
    assert sorted(shown) == sorted(f"{run.name}-{size}-{look}" for run in views.RUNS for size, look in views.SHOWN)
    for name in shown:
        size = name.rsplit("-", 2)[1]
        assert png_size((ROOT / f"docs/view/{name}.png").read_bytes()) == views.SIZES[size]


@pytest.mark.skipif(not shutil.which("chromedriver"), reason="Chromium is not installed")
def test_a_demonstrations_page(tmp_path: Path):
    """Dark is dark, and grey has no colour; the picture stands in what is seen first."""
    run = next(each for each in views.RUNS if each.name == "demo-cow")
    page = views.record(run, tmp_path)
    with Browser("--force-prefers-reduced-motion", "--hide-scrollbars") as window:
        made = views.photograph(window, run, page, list(views.SHOWN), tmp_path)
        low = window.run("return document.getElementById('picture').getBoundingClientRect().bottom")
    assert [png_size(each.read_bytes()) for each in made] == [views.SIZES[size] for size, _ in views.SHOWN]
    assert low <= views.SIZES["projector"][1]
    assert len({each.read_bytes() for each in made}) == len(made)
