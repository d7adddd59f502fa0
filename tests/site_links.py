"""What the pages of a site refer to, and which of it is not there: for tests/test_docs.py.

Every href and src is followed: a file that must be there, and in it the anchor. What leads outside
is only looked at: a test does not ask the network.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?(/[^\s\"<>]*)?")
IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)")
TOP = ("", "top")  # anchors that every page has


class Page(HTMLParser):
    """One file of HTML: where it leads, and where others may lead to in it."""

    def __init__(self, text: str):
        super().__init__()
        self.targets: list[str] = []
        self.anchors = set(TOP)
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src") and value is not None:
                self.targets.append(value)
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value or "")


def broken(site: Path) -> list[str]:
    """PAGE: TARGET of each that leads nowhere."""
    pages = {path.resolve(): Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    wrong = []
    for path, page in pages.items():
        for target in page.targets:
            if not leads_somewhere(target, path, pages):
                wrong.append(f"{path.relative_to(site.resolve())}: {target}")
    for path in sorted(site.rglob("*.css")):
        for target in IN_STYLE.findall(path.read_text("utf-8")):
            if not target.startswith("data:") and not (path.parent / target.split("?")[0].split("#")[0]).exists():
                wrong.append(f"{path.relative_to(site)}: {target}")
    return wrong


def leads_somewhere(target: str, path: Path, pages: dict[Path, Page]) -> bool:
    if target.startswith("data:"):
        return True
    parts = urlsplit(target)
    if parts.scheme:
        return ADDRESS.fullmatch(target) is not None
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not there.is_file():
        return False
    return there not in pages or unquote(parts.fragment) in pages[there].anchors
