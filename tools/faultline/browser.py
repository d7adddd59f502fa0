"""A browser without a window: headless Chromium, driven through the WebDriver protocol.

The tests look at pages with it, and slides are printed. The protocol is JSON over HTTP, so the standard
library suffices. Each browser has a profile of its own, empty and gone afterwards; nothing of it looks at
the network.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from faultline.run import ends_with_us

DRIVER = "chromedriver"  # which finds the browser
LAST_RESORT = 1800  # seconds of the host's, for what nothing else ends: a machine may be loaded
STARTS = 20
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--window-size=1400,1000"),
)


class BrowserError(AssertionError):
    """The browser refused, or a script in it failed."""


class Browser:
    """One window of one browser."""

    def __init__(self, *flags: str):
        self.profile = tempfile.TemporaryDirectory(prefix="faultline-browser-")
        self.driver = subprocess.Popen(
            [DRIVER, "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=ends_with_us(),
        )
        self.base = f"http://127.0.0.1:{self._port()}"
        words = [*FLAGS, *flags, f"--user-data-dir={self.profile.name}"]
        options = {"goog:chromeOptions": {"args": words}, "goog:loggingPrefs": {"browser": "ALL"}}
        self.base += f"/session/{self._session(options)}"
        self._ask("POST", "/timeouts", {"script": LAST_RESORT * 1000, "pageLoad": LAST_RESORT * 1000})

    def _port(self) -> int:
        assert self.driver.stdout is not None
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                return int(line.rsplit(" ", 1)[1].strip(" .\n"))
        raise BrowserError("chromedriver did not start")

    def _session(self, options: dict[str, Any]) -> str:
        """Of a browser that has started. chromedriver waits a minute for it, which on a loaded machine is little:
        so it is asked again."""
        for _ in range(STARTS - 1):
            try:
                return str(self._ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"])
            except BrowserError as error:
                if "chrome not reachable" not in str(error):
                    raise
        return str(self._ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})["sessionId"])

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=LAST_RESORT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise BrowserError(json.load(error)["value"]["message"]) from None

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._ask("DELETE", "")
        finally:
            self.driver.kill()
            self.driver.wait()
            self.profile.cleanup()

    def open(self, page: Path | str) -> None:
        """A file, or an address."""
        self._ask("POST", "/url", {"url": page if isinstance(page, str) else page.resolve().as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """The value that a function with this body returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition: str) -> None:
        """Until an expression is true."""
        end = time.monotonic() + LAST_RESORT
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise BrowserError(f"never true: {condition}\n{self.log()}")
            time.sleep(0.05)

    def key(self, *keys: str) -> None:
        """Press keys, one after the other; `Shift+` before a key holds it meanwhile."""
        actions = []
        for key in keys:
            shift = key.startswith("Shift+")
            value = SPECIAL.get(key.removeprefix("Shift+"), key.removeprefix("Shift+"))
            steps = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
            hold = [{"type": "keyDown", "value": "\ue008"}], [{"type": "keyUp", "value": "\ue008"}]
            actions += [*hold[0], *steps, *hold[1]] if shift else steps
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self._ask("POST", "/actions", {"actions": [source]})

    def click(self, selector: str, x: int = 0, y: int = 0) -> None:
        """Click an element, so far from its upper left corner."""
        box = self.run(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});"
            "const r = e.getBoundingClientRect(); return [r.left, r.top]",
            selector,
        )
        move = {"type": "pointerMove", "x": round(box[0] + x), "y": round(box[1] + y)}
        steps = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": steps}]})

    def wheel(self, selector: str, x: int, y: int, down: int) -> None:
        """Turn the wheel, so many pixels down, over an element, so far from its upper left corner."""
        box = self.run(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});"
            "const r = e.getBoundingClientRect(); return [r.left, r.top]",
            selector,
        )
        turn = {"type": "scroll", "x": round(box[0] + x), "y": round(box[1] + y), "deltaX": 0, "deltaY": down}
        self._ask("POST", "/actions", {"actions": [{"type": "wheel", "id": "wheel", "actions": [turn]}]})

    def log(self) -> list[str]:
        """What went wrong in the page, as its console has it."""
        entries = self._ask("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def room(self, width: int, height: int) -> None:
        """What the page has, in pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._command("Emulation.setDeviceMetricsOverride", size)

    def look(self, dark: bool = False, grey: bool = False) -> None:
        """As who prefers dark pages sees it; as who sees no colours."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._command("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia" if grey else "none"})

    def _command(self, name: str, words: dict[str, Any]) -> None:
        """Of the browser's own protocol."""
        self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": words})

    def on_paper(self) -> bytes:
        """The page as a PDF, of the size that its style asks for."""
        return base64.b64decode(self._ask("POST", "/print", {"background": True, "shrinkToFit": False}))

    def screenshot(self) -> bytes:
        return base64.b64decode(self._ask("GET", "/screenshot"))


SPECIAL = {"Left": "\ue012", "Right": "\ue014", "Up": "\ue013", "Down": "\ue015"}
SPECIAL |= {"Home": "\ue011", "End": "\ue010", "Enter": "\ue007", "Tab": "\ue004"}
SPECIAL |= {"Escape": "\ue00c", "PageUp": "\ue00e", "PageDown": "\ue00f"}
