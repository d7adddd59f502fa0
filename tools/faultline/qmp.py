"""QEMU's machine protocol: commands as JSON over a unix socket, and events between the answers."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any


class MonitorError(Exception):
    """QEMU refused a command, or has gone."""


class MonitorTimeout(MonitorError):
    """QEMU is there, and says nothing."""


class Monitor:
    """One connection."""

    def __init__(self, path: Path, timeout: float = 60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise MonitorError(f"QEMU does not answer at {path}") from None
                time.sleep(0.02)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.events: list[str] = []
        self._read()  # the greeting
        self.call("qmp_capabilities")

    def _read(self) -> dict[str, Any]:
        try:
            line = self.lines.readline()
        except TimeoutError:
            raise MonitorTimeout("QEMU says nothing") from None
        except OSError as error:
            raise MonitorError(f"QEMU's monitor: {error}") from None
        if not line:
            raise MonitorError("QEMU has ended")
        return json.loads(line)

    def call(self, command: str, **arguments: object) -> Any:
        """What a command returns."""
        words = {
            "execute": command,
            "arguments": {k.replace("_", "-"): v for k, v in arguments.items()},
        }
        try:
            self.socket.sendall(json.dumps(words).encode() + b"\n")
        except OSError:
            raise MonitorError("QEMU has ended") from None
        while True:
            answer = self._read()
            if "event" in answer:
                self.events.append(answer["event"])
            elif "error" in answer:
                raise MonitorError(f"{command}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def human(self, line: str) -> str:
        """A command of the human monitor; what it says, which is nothing if all is well."""
        return self.call("human-monitor-command", command_line=line).strip()

    def wait(self, event: str) -> None:
        """Until that event has come."""
        while event not in self.events:
            answer = self._read()
            if "event" in answer:
                self.events.append(answer["event"])
        self.events.clear()
