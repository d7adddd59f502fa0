"""A deck as slides, and a sheet of exercises: pages of HTML with all that they need in them.

reveal.js, from npm, is the slide show, and makes HTML of Markdown, both in the browser. So a page can be
carried on a stick, and wants no network. On paper they are printed by headless Chromium.
"""

from __future__ import annotations

import base64
import html
import re
import shutil
from pathlib import Path

from faultline import browser, npm, project
from playing import links

from lecturing.deck import DEMONSTRATION, Deck, Slide, exercises

VERSION = "6.0.2"
REVEAL = npm.MODULES / "reveal.js/dist"
OURS = Path(__file__).resolve().parent / "page"
IMAGE = re.compile(r"(!\[[^\]]*\]\()([^)]+)\)")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]+\)")


def have_reveal() -> bool:
    """reveal.js is in build/; false, and why on stderr, when it cannot be had."""
    return npm.have("reveal.js", VERSION, "no slides")


def data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def script(path: Path) -> str:
    return f'<script src="{data_uri("text/javascript", path.read_bytes())}"></script>'


def for_a_page(text: str, folder: Path) -> str:
    """Markdown that stands alone: pictures in it, and of a link to a file of the tree its words only."""

    def picture(found: re.Match[str]) -> str:
        return f"{found[1]}{data_uri('image/svg+xml', (folder / found[2]).read_bytes())})"

    return IMAGE.sub(picture, LINK.sub(r"\1", text))


def section(text: str) -> str:
    """Markdown, for reveal.js to make HTML of."""
    return f"<section data-markdown><textarea data-template>\n{html.escape(text)}\n</textarea></section>"


def slide_text(slide: Slide) -> str:
    return f"## {slide.title}\n\n<span class=\"minute\">{slide.minute}′</span>\n\n{slide.text}\n\nNote:\n{slide.note}\n"


def compose(title: str, template: str, sections: list[str], styles: list[Path], plugins: list[str]) -> str:
    """A page of ours, with everything in it."""
    licence = (REVEAL.parent / "LICENSE").read_text("utf-8")
    style = "\n".join(path.read_text("utf-8") for path in styles)
    scripts = [script(REVEAL / name) for name in ("reveal.js", *(f"plugin/{name}.js" for name in plugins))]
    parts = {
        "TITLE": html.escape(title),
        "STYLE": f"/* reveal.js:\n{licence}*/\n{style}",
        "SECTIONS": "\n".join(sections),
        "LIBRARIES": "\n".join(scripts),
    }
    page = (OURS / template).read_text("utf-8")
    for name, text in parts.items():
        page = page.replace(f"<!--{name}-->", text, 1)
    return page


def tried(text: str, deck: Deck, playground: str | None) -> str:
    """The same slide; a demonstration's short name leads to the playground, if there is one, and runs it there."""
    if playground is None:
        return text

    def led(found: re.Match[str]) -> str:
        runs = links.fragment(deck.machine, [found[2]])
        name = f"**{found[1]}**"
        link = f'[{name}]({playground}#{runs} "Try it in the browser")'  # no wider than the name: slides are full
        return found[0] if runs is None else found[0].replace(name, link, 1)

    return DEMONSTRATION.sub(led, text)


def deck_page(deck: Deck) -> Path:
    """The slides of a deck, in build/lectures."""
    first = f"# {deck.number}. {deck.name}\n\n{deck.about}\n\nNote:\nS opens this view for the speaker, in a window.\n"
    texts = [first, *map(slide_text, deck.slides)]
    name = f"{deck.number}.html"
    playground = links.to_playground(place(name))
    sections = [section(tried(for_a_page(text, deck.path.parent), deck, playground)) for text in texts]
    styles = [REVEAL / "reset.css", REVEAL / "reveal.css", OURS / "slides.css"]
    page = compose(f"{deck.number}. {deck.name}", "slides.html", sections, styles, ["markdown", "notes"])
    return written(page, name)


def sheet_page(deck: Deck) -> Path:
    """The exercises of a deck, without the answers."""
    sections = [section(for_a_page(exercises(deck), deck.path.parent))]
    page = compose(f"Exercises {deck.number}", "sheet.html", sections, [OURS / "sheet.css"], ["markdown"])
    return written(page, f"{deck.number}-exercises.html")


def place(name: str) -> Path:
    return project.BUILD / "lectures" / name


def written(page: str, name: str) -> Path:
    file = place(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, "utf-8")
    return file


def have_chromium() -> bool:
    return shutil.which(browser.DRIVER) is not None


def printed(page: Path, query: str, paper: Path) -> str | None:
    """The page as a PDF, in that file. None; or why there is none."""
    if not have_chromium():
        return f"{browser.DRIVER} is missing ({project.who_brings(browser.DRIVER, 'paper')})"
    try:
        with browser.Browser() as window:
            window.open(page.as_uri() + query)
            window.wait("document.body.dataset.ready === '1'")
            paper.write_bytes(window.on_paper())
    except browser.BrowserError as error:
        return f"Chromium could not print: {error}"
    return None
