"""For Sphinx: the files of the tree that pages speak of are pages too, with numbered lines.

A page links to a file as it lies in the tree (`[the test](../tests/test_flags.py)`), or only names
it, as `mm/demand_paging/fault.c` in running text: both lead to source/mm/demand_paging/fault.c.html, which
is beside the pages wherever those are. Tables of numbers are for other programs: they stay files, to be saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.transforms import SphinxTransform

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("arch", "boot", "kernel", "lib", "mm", "tests", "tools", "user")
NUMBERS = (".csv", ".tsv")
INCLUDED = {"CONTRIBUTING.md": "contributing"}  # of the tree's root, as pages of docs/
SHEBANGS = {"python": "python", "bash": "bash"}


def file_of_tree(word: str, folder: Path) -> Path | None:
    """The file, relative to the tree, that a link in a page of this folder means."""
    for base in (folder, ROOT):
        path = (base / word.split("#")[0]).resolve()
        if path.is_file() and path.is_relative_to(ROOT) and path.suffix != ".md":
            return path.relative_to(ROOT)
    return None


def sources_shown(environment: Any) -> set[str]:
    """The files that links lead to, carried by Sphinx's environment, which may get any fields."""
    if not hasattr(environment, "sources_shown"):
        environment.sources_shown = set()
    return environment.sources_shown


class LinkSources(SphinxTransform):
    """Links to files of the tree, and their names, become links to their pages."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        folder = Path(self.env.doc2path(self.env.docname)).parent
        for node in list(self.document.findall(addnodes.pending_xref)):
            self.link(node, node["reftarget"], folder)
        for node in list(self.document.findall(addnodes.download_reference)):
            self.link(node, node["reftarget"], folder)
        for node in list(self.document.findall(nodes.literal)):
            inside_link = isinstance(node.parent, (nodes.reference, addnodes.pending_xref, nodes.title))
            if node.astext().split("/")[0] in ROOMS and not inside_link:
                self.link(node, node.astext(), ROOT)

    def link(self, node: nodes.Element, target: str, folder: Path) -> None:
        """Put a link to the file's page around the words of this node. Folders have no page."""
        words = [node.deepcopy()] if isinstance(node, nodes.literal) else node.children
        file = file_of_tree(target, folder)
        if (folder / target).is_dir():
            node.replace_self(words)
        elif target in INCLUDED:
            self.lead(node, words, INCLUDED[target])
        elif file is not None and file.suffix not in NUMBERS:
            sources_shown(self.env).add(str(file))
            self.lead(node, words, page_name(file))

    def lead(self, node: nodes.Element, words: list[nodes.Node], page: str) -> None:
        """These words in the node's place, as a link to that page."""
        where = self.app.builder.get_relative_uri(self.env.docname, page)
        reference = nodes.reference("", "", refuri=where, internal=True)
        reference += words
        node.replace_self(nodes.inline("", "", reference))


def page_name(file: Path | str) -> str:
    return f"source/{file}"


def language(file: Path, text: str) -> str:
    """Pygments' name of what a file is written in."""
    first = text.split("\n", 1)[0]
    if first.startswith("#!"):
        return next((name for word, name in SHEBANGS.items() if word in first), "none")
    try:
        lexer: Any = get_lexer_for_filename(file.name)  # the names are missing from its types
        return lexer.aliases[0]
    except ClassNotFound:
        return "none"


def source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for each file that a link leads to."""
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    for name in sorted(sources_shown(app.env)):
        text = (ROOT / name).read_text("utf-8")
        code = app.builder.highlighter.highlight_block(text, language(Path(name), text), force=True, linenos="inline")
        body = f'<div class="source-file"><h1>{name}</h1>\n{code}</div>'
        yield page_name(name), {"title": name, "body": body}, "page.html"


def begin(app: Sphinx) -> None:
    sources_shown(app.env).clear()


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_lexer("gdb", TextLexer)  # sessions, as they are
    app.add_transform(LinkSources)
    app.connect("builder-inited", begin)
    app.connect("html-collect-pages", source_pages)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
