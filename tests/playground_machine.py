"""A machine in a browser, without the page around it: what tests ask of machine.js itself."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from firefox import Firefox
from support import LONG

from faultline import bochs, project
from faultline.browser import Browser
from playing import emulator, parts

Window = Browser | Firefox
PAGES = Path(project.ROOT / "tools/playing/page")
MODULES = ("machine.js", "cd.js", "parts.js")
HERE = emulator.made() or (LONG and shutil.which("emcc") and bochs.SCREEN_FIRMWARE.exists())
NEEDS_EMULATOR = pytest.mark.skipif(
    not HERE, reason="the emulator is not compiled: make playground, or FAULTLINE_LONG and tools/setup playground"
)
PAGE = """<!doctype html><meta charset="utf-8"><title>A machine</title><script type="importmap">{imports}</script>
<script type="module">
import {{ Machine }} from "playing/machine.js";
window.start = (settings) => {{
  const told = {{ text: "", output: "", records: [], progress: [], lost: 0, ended: null, begun: performance.now() }};
  Object.assign(told, {{ last: 0, behind: [] }}); // ms of the last record, and how far the machine was ahead of each
  for (const file of settings.files) file.bytes = Uint8Array.from(atob(file.bytes), (letter) => letter.charCodeAt(0));
  if (settings.kernel) settings.kernel = Uint8Array.from(atob(settings.kernel), (letter) => letter.charCodeAt(0));
  told.machine = new Machine(settings, {{
    output: (text) => {{ told.text += text; }},
    console: (text) => {{ told.output += text; }},
    records: (bytes) => {{
      if (told.last) told.behind.push(1000 * told.machine.virtualSeconds() - told.last);
      if (told.records.push(bytes) > 1)
        told.last = Number(new DataView(bytes.buffer).getBigUint64(bytes.length - 40, true)) / 1e6;
    }},
    lost: (count) => {{ told.lost = count; }},
    progress: (words, fraction) => {{
      told.progress.push([words, fraction]);
      if (fraction === 1 && words === "The shell asks") told.booted = performance.now() - told.begun;
    }},
    ended: (status, words) => {{ told.ended = [status, words]; }},
  }});
  window.told = told;
}};
window.ready = true;
</script>
"""
# All records that came, in base64: the header, then the others.
RECORDS = """
    const whole = new Uint8Array(told.records.reduce((sum, piece) => sum + piece.length, 0));
    told.records.reduce((at, piece) => (whole.set(piece, at), at + piece.length), 0);
    let letters = "";
    for (let i = 0; i < whole.length; i += 8192) letters += String.fromCharCode(...whole.subarray(i, i + 8192));
    return btoa(letters);"""


def folder(place: Path) -> Path:
    """The machine's parts, and a page that does nothing but start it. Its page."""
    parts.write(place)
    imports = {}
    for name in MODULES:
        text = base64.b64encode((PAGES / name).read_bytes()).decode("ascii")
        imports[f"playing/{name}"] = f"data:text/javascript;base64,{text}"
    page = place / "index.html"
    page.write_text(PAGE.format(imports=json.dumps({"imports": imports})), "utf-8")
    return page


@contextlib.contextmanager
def served(place: Path) -> Iterator[tuple[str, list[str]]]:
    """By the plainest of web servers: its address, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    handler = functools.partial(Handler, directory=str(place))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()


def start(window: Window, files: dict[str, bytes] | None = None, kernel: bytes | None = None, **settings: Any) -> None:
    """A new machine in the page that is open."""
    asked = {"megs": 64, "parameters": [], "commands": None, "trace": False} | settings
    asked["files"] = [{"name": name, "bytes": letters(data)} for name, data in (files or {}).items()]
    asked["kernel"] = letters(kernel) if kernel else None
    window.run("start(arguments[0])", asked)


def letters(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def job(words: list[str]) -> dict[str, bytes]:
    """Files that have init run a program, as tools/boot does."""
    return {"/etc/job": b"".join(word.encode() + b"\0" for word in words), "/etc/job.stdin": b""}


def output_of_job(window: Window, words: list[str], **settings: Any) -> str:
    """What a program writes, and it ends well."""
    parameters = ["job=1", *settings.pop("parameters", [])]
    start(window, files=job(words), parameters=parameters, **settings)
    window.wait("told.ended")
    assert window.run("return told.ended")[0] == 0, window.run("return [told.ended, told.text]")
    return str(window.run("return told.output"))


def typed(window: Window, line: str) -> str:
    """What is on the terminal after a line, until the shell asks again."""
    before = window.run("return told.text.length")
    window.run("told.machine.type(arguments[0] + '\\n')", line)
    window.wait(f"told.text.slice({before}).split('faultline# ').length > 1")
    return str(window.run(f"return told.text.slice({before})"))


def records(window: Window) -> bytes:
    return base64.b64decode(window.run(RECORDS))
