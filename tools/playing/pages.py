"""The playground's page: one file, index.html, with all that is ours in it.

The page of `make view` lies in it as a template: it is shown in a frame, live, and saved with what was recorded.
xterm.js, the terminal, comes from npm into build/; without it the terminal is plain text.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from faultline import npm, project
from lecturing import deck as decks
from tracing import view

from playing import links

PAGE = Path(__file__).resolve().parent / "page"
MACHINE = PAGE / "machine.js"
WORKER = "worker.js"  # no module of the page's: it is loaded with the machine
XTERM, XTERM_VERSION = "@xterm/xterm", "5.5.0"
XTERM_STYLE, XTERM_SCRIPT = "css/xterm.css", "lib/xterm.js"
POLICY_NAME = re.compile(r"^    \.name = \"([a-z-]+)\",$", re.MULTILINE)
FIRST = "clock"  # the kernel's own choice
OWN_CODE = """<p>Faultline is its authors' (MIT License). The terminal is xterm.js (MIT); the picture is drawn
with d3 (ISC) and uPlot (MIT). Their licences stand in the source of this page.</p>"""


def fetch_xterm() -> bool:
    """Have npm put xterm.js into build/; false, and why on stderr, when it cannot."""
    return npm.have(XTERM, XTERM_VERSION, "the playground's terminal is plain text")


def modules(machine: Path) -> str:
    """The page's modules, and those of the trace's page that they use, as an import map (as view.modules())."""
    imports = json.loads(view.modules())["imports"]
    for path in [*sorted(PAGE.glob("*.js")), machine]:
        name = "machine.js" if path == machine else path.name
        if name == WORKER:
            continue
        text = base64.b64encode(path.read_bytes()).decode("ascii")
        imports[f"playing/{name}"] = f"data:text/javascript;base64,{text}"
    return json.dumps({"imports": imports}, indent=0)


def policies() -> list[str]:
    """Their names, as the kernel has them; its own choice first."""
    files = sorted((project.ROOT / "mm/replacement/policy").glob("*.c"))
    names = [name for file in files for name in POLICY_NAME.findall(file.read_text("utf-8"))]
    return [FIRST, *sorted(set(names) - {FIRST, "mine"})]


def lectures() -> list[dict[str, object]]:
    """Each lecture's demonstrations, and the machine for them."""
    found: list[dict[str, object]] = []
    for path in decks.all_paths().values():
        deck = decks.read(path)
        shown = []
        for each in deck.demonstrations:
            choices = links.choices(deck.machine)
            if choices is not None and links.LEFT_OUT not in each.command:
                shown.append({"command": each.command, "shows": each.shows.rstrip(":"), "choices": choices})
        found.append({"number": deck.number, "name": deck.name, "demonstrations": shown})
    return found


def page(licences: str = "", machine: Path = MACHINE) -> str:
    """index.html. `licences`: what is to be said of the machine's parts, as HTML. `machine`: the module so called."""
    styles, scripts = [(PAGE / "playground.css").read_text("utf-8")], []
    if fetch_xterm():
        folder = npm.MODULES / XTERM
        styles.insert(0, (folder / XTERM_STYLE).read_text("utf-8"))
        # Its source map is not here, and would be looked for.
        scripts.append(view.licensed("xterm.js", folder, XTERM_SCRIPT).replace("//# sourceMappingURL=xterm.js.map", ""))
    parts = {
        "STYLE": "\n".join(styles),
        "LIBRARIES": "\n".join(scripts),
        "MODULES": modules(machine),
        "TEMPLATE": view.as_script(view.template()),
        "POLICIES": view.as_script(policies()),
        "LECTURES": view.as_script(lectures()),
        "LICENCES": OWN_CODE + licences,
    }
    return view.filled((PAGE / "index.html").read_text("utf-8"), parts)


def write(folder: Path, licences: str = "", machine: Path = MACHINE) -> None:
    """The page, into that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page(licences, machine), "utf-8")
