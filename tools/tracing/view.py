"""The page: a trace, and all that shows it, in one HTML file that needs nothing else.

The records are packed (deflate), written as base64, and unpacked by the browser. The libraries, d3 for the
picture and uPlot for charts, come from npm into build/ when they are first wanted; they are not part of this tree.
"""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from pathlib import Path
from typing import TextIO

from faultline import elf, npm, project

from tracing.reader import Header, Trace, text_of

PAGE = Path(__file__).resolve().parent / "page"
UPLOT, UPLOT_VERSION = npm.MODULES / "uplot", "1.6.32"
UPLOT_FILES = UPLOT_STYLE, UPLOT_SCRIPT = "dist/uPlot.min.css", "dist/uPlot.iife.min.js"
D3, D3_VERSION = npm.MODULES / "d3", "7.9.0"
D3_FILES = ("dist/d3.min.js",)


def fetch_uplot() -> bool:
    """Have npm put uPlot into build/; false, and why on stderr, when it cannot."""
    return npm.have("uplot", UPLOT_VERSION, "no charts")


def fetch_d3() -> bool:
    """The same with d3, which draws the picture."""
    return npm.have("d3", D3_VERSION, "the picture is a table only")


def header_words(header: Header) -> str:
    """The header as the page's scripts want it."""
    words = {
        "nframes": header.nframes,
        "npages": header.npages,
        "zero_frame": header.zero_frame,
        "reserve": header.reserve,
        "low": header.low,
        "high": header.high,
        "lost": header.lost,
        "names": header.names,
        "parameters": header.parameters,
    }
    return as_script(words)


def symbols_of(programs: set[str]) -> str:
    """Of the programs that were made here: name, address and bytes of what they are linked of. As JSON."""
    made = project.BUILD / "user/bin"
    known: dict[str, dict[str, tuple[int, int]]] = {}
    for name in sorted(programs):
        if "/" not in name and (made / name).is_file():
            listed = elf.symbols((made / name).read_bytes())
            known[name] = {each: (symbol.address, symbol.bytes) for each, symbol in listed.items()}
    return as_script(known)


def modules() -> str:
    """The page's modules as an import map, which tells the browser what each name stands for.

    A page from a file may not load other files as modules; it may load what lies in itself.
    """
    imports = {}
    for path in sorted(PAGE.glob("*.js")):
        text = base64.b64encode(path.read_bytes()).decode("ascii")
        imports[f"page/{path.name}"] = f"data:text/javascript;base64,{text}"
    return json.dumps({"imports": imports}, indent=0)


def licensed(name: str, library: Path, file: str) -> str:
    """A library's file, below its licence."""
    licence = (library / "LICENSE").read_text("utf-8")
    return f"/* {name}:\n{licence}*/\n" + (library / file).read_text("utf-8")


def packed(data: bytes | memoryview) -> str:
    """As the page's scripts unpack it."""
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")


def as_script(words: object) -> str:
    """JSON that may stand in a page's script element."""
    return json.dumps(words, separators=(",", ":")).replace("<", "\\u003c")


def filled(page: str, parts: dict[str, str]) -> str:
    """The page with these in the places of their names; other places stay."""
    return re.sub("<!--([A-Z]+)-->", lambda found: parts.get(found[1], found[0]), page)


def template() -> str:
    """The page with all that is the same for every trace: TITLE, HEADER, SYMBOLS, DATA and TLB are left to fill."""
    styles, scripts = [(PAGE / "page.css").read_text("utf-8")], []
    if fetch_uplot():
        styles.insert(0, licensed("uPlot", UPLOT, UPLOT_STYLE))
        scripts.append((UPLOT / UPLOT_SCRIPT).read_text("utf-8"))
    if fetch_d3():
        scripts.append(licensed("d3", D3, *D3_FILES))
    parts = {"STYLE": "\n".join(styles), "LIBRARIES": "\n".join(scripts), "MODULES": modules()}
    return filled((PAGE / "page.html").read_text("utf-8"), parts)


def parts_of(header: Header, data: str, title: str, programs: set[str], tlb: str = "") -> dict[str, str]:
    """What the template is filled with. `data`: packed records in base64; "": they come live. `programs`: whose
    symbols shall be known. `tlb`: packed too, what a modelled TLB held at each record (docs/tlb.md); "": nobody
    knows."""
    parts = {"TITLE": html.escape(title), "HEADER": header_words(header), "SYMBOLS": symbols_of(programs)}
    return parts | {"DATA": data, "TLB": tlb}


def parts_of_trace(trace: Trace, title: str, tlb: bytes = b"") -> dict[str, str]:
    """The same of a whole trace."""
    executed = trace.event_names.index("exec")
    programs = {text_of(record) for record in trace if record.event == executed}
    return parts_of(trace.header, packed(trace.raw()), title, programs, packed(tlb) if tlb else "")


def live(header: Header) -> str:
    """The page of a machine that is running: its records come later, and nobody knows yet which programs will."""
    return filled(template(), parts_of(header, "", "live", set()))


def has_run(trace: Trace) -> bool:
    """Has any program run but init, process 1? One that is not there leaves none."""
    exec_number = trace.number["exec"]
    return any(record.event == exec_number and record.page != 1 for record in trace)


def write(trace: Trace, out: TextIO, tlb: bytes = b"", title: str = "") -> None:
    """The page of a trace, and of what a modelled TLB held meanwhile, if that is known."""
    out.write(filled(template(), parts_of_trace(trace, title or trace.path.name, tlb)))
