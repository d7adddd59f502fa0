"""The site of `make docs`: every link leads somewhere, its search finds, and every command that a page
shows is run, here or by the page's own test."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import site_commands
from site_links import Page, broken
from site_once import make_site, the_site
from support import LAST_RESORT, ROOT, in_turn, is_turn, script

from faultline.browser import Browser

PAGES = [*sorted((ROOT / "docs").glob("**/*.md")), ROOT / "README.md"]
COMMANDS = site_commands.each_once(PAGES)
SEARCHED = {"anomaly": "chapter.html", "pageoutd": "glossary.html"}


@pytest.fixture(scope="module")
def site() -> Path:
    return the_site()


# --- The site -----------------------------------------------------------------------------------


def test_no_link_is_broken(site: Path):
    assert broken(site) == []


@pytest.mark.parametrize("mistake, told", [
    ('<a href="no-such.html">', "no-such.html"),
    ('<a href="chapter.html#no-such">', "chapter.html#no-such"),
    ('<img src="_images/none.svg">', "_images/none.svg"),
    ('<a href="https://">', "https://"),
])  # fmt: skip
def test_a_broken_link_is_seen(site: Path, tmp_path: Path, mistake: str, told: str):
    (tmp_path / "chapter.html").write_text('<h1 id="here">')
    (tmp_path / "index.html").write_text(f'<a href="chapter.html#here">{mistake}')
    assert broken(tmp_path) == [f"index.html: {told}"]


def test_every_page_is_there_and_in_the_contents(site: Path):
    index = Page((site / "index.html").read_text("utf-8"))
    for page in PAGES[:-1]:
        name = str(page.relative_to(ROOT / "docs").with_suffix(".html"))
        assert (site / name).is_file()
        assert name == "index.html" or name in index.targets


def test_it_asks_nobody(site: Path):
    """No page loads anything from elsewhere."""
    loaded = re.compile(r"<(?:script|img|link)[^>]*(?:src|href)=\"(https?:)?//")
    assert [page for page in site.rglob("*.html") if loaded.search(page.read_text("utf-8"))] == []


def test_no_script_is_a_module(site: Path):
    """A browser takes a module only from a server."""
    module = re.compile(r"<script[^>]*type=\"module\"")
    assert [page for page in site.rglob("*.html") if module.search(page.read_text("utf-8"))] == []
    taken = re.compile(r"^\s*(import|export)\b[^\n]*[;{]$", re.MULTILINE)
    assert [script for script in site.rglob("*.js") if taken.search(script.read_text("utf-8"))] == []


# A script, and the part of it that it takes from elsewhere: as furo of 2024 has them.
MODULE = {
    "page.html": '<script type="module" src="scripts/top.js?v=1"></script>',
    "scripts/top.js": 'import * as Part from "./part.js";\n\ndocument.title = new Part("whole").word;\n',
    "scripts/part.js": "(function (root) { root.Part = function (word) { this.word = word; }; })(window);\n",
}


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_a_theme_of_modules_works_from_a_file(tmp_path: Path):
    (tmp_path / "scripts").mkdir()
    for name, text in MODULE.items():
        (tmp_path / name).write_text(text)
    script("site").serve_nothing(tmp_path)
    with Browser() as window:
        window.open(tmp_path / "page.html")
        window.wait("document.title === 'whole'")
        assert window.log() == []


def test_the_source_is_a_click_away(site: Path):
    order = Page((site / "reading-order.html").read_text("utf-8"))
    assert "source/mm/demand_paging/fault.c.html" in order.targets
    shown = (site / "source/mm/demand_paging/fault.c.html").read_text("utf-8")
    assert "where a promise becomes a frame" in shown


@pytest.mark.skipif(not is_turn(3, after=1), reason="all pages once more: at every third commit")
def test_the_same_tree_gives_the_same_bytes(site: Path, tmp_path: Path):
    again = make_site(tmp_path / "again")
    names = sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(again)) for path in again.rglob("*") if path.is_file())
    assert filecmp.cmpfiles(site, again, names, shallow=False)[1:] == ([], [])


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_search_finds(site: Path):
    """From a file, without a server: as a reader types it, and the first hit is looked at."""
    with Browser() as window:
        for word, page in SEARCHED.items():
            window.open(f"{(site / 'search.html').as_uri()}?q={word}")
            window.wait("document.querySelector('.search-summary')?.textContent.includes('found')")
            window.wait("document.querySelectorAll('#search-results li').length >= 2")
            hits = window.run("return [...document.querySelectorAll('#search-results li a')].map(a => a.href)")
            assert any(f"/{page}" in hit for hit in hits), hits
        window.open(hits[0])
        window.wait(f"document.body.textContent.toLowerCase().includes('{word}')")
        assert window.log() == []


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_the_chapter_prints(site: Path):
    """On paper it is the text and the figures: no menus, no line cut off."""
    with Browser() as window:
        window.open(site / "chapter.html")
        pages = len(re.findall(rb"/Type\s*/Page\b", window.on_paper()))
    assert 10 < pages < 30
    assert "_static/print.css" in (site / "chapter.html").read_text("utf-8")
    rules = (site / "_static/print.css").read_text("utf-8")
    assert all(words in rules for words in ("pre-wrap", "break-inside: avoid", ".sidebar-drawer"))


# --- The commands -------------------------------------------------------------------------------


def as_run(command: str, desk: Path) -> str:
    """A command of the page for this folder: make is for the tree, and leaves its files here."""
    command = re.sub(r"^(\$ )?", "", command)
    return re.sub(r"^make (\w+)", rf"make -s -C {ROOT} \1 RECORDING={desk}/recording", command)


@pytest.mark.parametrize("page", in_turn(COMMANDS, 3))
def test_every_command_runs(page: str, tmp_path: Path):
    """Of a third of the pages at each commit. One after the other, in a folder in which tools/ is where it is for a
    reader. What is typed in the machine goes to one shell in it. A command of several pages is run for the first of
    them."""
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    inside = [command for command in COMMANDS[page] if not re.match(r"(\$ )?(make|tools/)", command)]
    outside = [command for command in COMMANDS[page] if command not in inside]
    if inside:
        (tmp_path / "typed").write_text("set -e\n" + "\n".join(inside) + "\n")
        outside.append("tools/boot --swap 16M --stdin typed -- sh")
    for command in outside:
        ended = subprocess.run(
            ["bash", "-c", as_run(command, tmp_path)],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LAST_RESORT,
            env={**{k: v for k, v in os.environ.items() if k != "MAKEFLAGS"}, "FAULTLINE_NO_BUILD": "1"},
            check=False,
        )
        assert ended.returncode == 0, f"$ {command}\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}"
        assert "NOT SO" not in ended.stdout


def test_the_tables_are_true():
    """What is said to be run elsewhere is; and no line of them is about a command that no page has."""
    on_pages = {command for page in PAGES for command in site_commands.shown(page)}
    for command, (file, words) in site_commands.ELSEWHERE.items():
        assert command in on_pages and words in (ROOT / "tests" / file).read_text("utf-8"), command
    assert set(site_commands.NOT_RUN) <= on_pages
    for page, tests in site_commands.PLAYED.items():
        assert (ROOT / "docs" / page).is_file()
        assert all((ROOT / "tests" / name).is_file() for name in tests.split(", "))
