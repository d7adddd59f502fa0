"""Firefox without a window, driven through its own protocol (Marionette): JSON over a socket, its length before it.

No more than tests of a machine want: open a page, run a script in it, wait for what is true. Its profile is empty, and
gone afterwards.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from support import LAST_RESORT, await_that

from faultline.run import ends_with_us

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
NEEDS_FIREFOX = pytest.mark.skipif(not PROGRAM, reason="Firefox is not installed")
PREFERENCES = """\
user_pref("marionette.port", 0);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
"""


class Firefox:
    """One window."""

    def __init__(self) -> None:
        assert PROGRAM
        self.profile = tempfile.TemporaryDirectory(prefix="faultline-firefox-")
        Path(self.profile.name, "user.js").write_text(PREFERENCES, "ascii")
        self.browser = subprocess.Popen(
            [PROGRAM, "--headless", "--no-remote", "--marionette", "--profile", self.profile.name, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=ends_with_us(),
        )
        self.socket = socket.create_connection(("127.0.0.1", self._port()))
        self.stream = self.socket.makefile("rb")
        self.asked = 0
        self._message()  # who it is
        self._ask("WebDriver:NewSession", {})
        self._ask("WebDriver:SetTimeouts", {"script": LAST_RESORT * 1000, "pageLoad": LAST_RESORT * 1000})

    def _port(self) -> int:
        """It writes it into its profile."""
        file = Path(self.profile.name, "MarionetteActivePort")
        told = "Firefox did not start"
        await_that(lambda: self.browser.poll() is not None or (file.exists() and file.read_text("ascii").strip()), told)
        assert self.browser.poll() is None, told
        return int(file.read_text("ascii"))

    def _message(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            letter = self.stream.read(1)
            assert letter, "Firefox has ended"
            length += letter
        return json.loads(self.stream.read(int(length[:-1])))

    def _ask(self, command: str, words: dict[str, Any]) -> Any:
        self.asked += 1
        data = json.dumps([0, self.asked, command, words]).encode()
        self.socket.sendall(b"%d:%s" % (len(data), data))
        _, _, error, answer = self._message()
        assert error is None, error
        return answer

    def __enter__(self) -> Firefox:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.browser.terminate()
        self.browser.wait()
        self.profile.cleanup()

    def open(self, page: Path | str) -> None:
        """A file, or an address."""
        self._ask("WebDriver:Navigate", {"url": page if isinstance(page, str) else page.resolve().as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """The value that a function with this body returns."""
        words = {"script": script, "args": list(arguments), "sandbox": None}
        return self._ask("WebDriver:ExecuteScript", words)["value"]

    def wait(self, condition: str) -> None:
        """Until an expression is true."""
        await_that(lambda: self.run(f"return Boolean({condition})"), f"never true: {condition}")
