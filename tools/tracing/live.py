"""The page of a machine that is running: a small server on 127.0.0.1, for this machine only.

The machine's trace is a file that grows; its header says how far. The page comes from here, and
then the records, as server-sent events, a few times a second. A script that is typed in the page
is played in a machine of its own (tracing/play.py), whose trace takes the place of the first.
"""

from __future__ import annotations

import base64
import http.server
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from faultline.project import ROOT
from faultline.run import ends_with_us

from tracing import play, view
from tracing.check import NotATrace
from tracing.reader import HEAD, RECORD, Header, read_header

POLL = 0.2  # seconds
MOST = 100_000  # records at once


class Source:
    """The growing file, and the machine that fills it; None: it has, to the end."""

    def __init__(self, file: Path, machine: subprocess.Popen[bytes] | None):
        self.file = file
        self.machine = machine

    def ended(self) -> bool:
        return self.machine is None or self.machine.poll() is not None

    def close(self) -> None:
        """The machine ends, if it has not."""
        if self.machine:
            self.machine.terminate()
            self.machine.wait()

    def header(self) -> Header | None:
        """What the kernel says; None before it says anything."""
        if not self.file.exists():
            return None
        with open(self.file, "rb") as trace:
            data = trace.read(16384)
        try:
            header = read_header(data)
        except NotATrace:
            return None
        return header if "device" in header.names else None

    def wait_for_header(self) -> Header | None:
        while True:
            ended = self.ended()
            header = self.header()
            if header or ended:
                return header
            time.sleep(POLL)

    def lost(self) -> int:
        """How many records there was no room for."""
        with open(self.file, "rb") as trace:
            return int(HEAD.unpack(trace.read(HEAD.size))[6])

    def records(self, first: int) -> bytes:
        """Those from `first` on, as far as they are written."""
        with open(self.file, "rb") as trace:
            written = HEAD.unpack(trace.read(HEAD.size))[5]
            trace.seek(16384 + first * RECORD.size)
            return trace.read(min(written - first, MOST) * RECORD.size)


class Stage:
    """What is shown: one source after the other."""

    def __init__(self, folder: Path, source: Source, boot_words: list[str]):
        self.folder = folder
        self.source = source
        self.boot_words = boot_words
        self.played = 0
        self.one_at_a_time = threading.Lock()

    def play(self, script: str) -> None:
        """Play it; from then on it is what is shown. Refused: it cannot be played."""
        with self.one_at_a_time:
            self.played += 1
            file = self.folder / f"played-{self.played}"
            play.record(script, self.boot_words, file)
            before, self.source = self.source, Source(file, None)
        before.close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Two things can be asked for, the page and the records; and a script can be sent."""

    stage: Stage
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/":
            self.page()
        elif self.path == "/events":
            self.events()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        origin, length = self.headers.get("Origin"), self.headers.get("Content-Length", "")
        if self.path != "/play" or origin not in (None, f"http://{self.headers.get('Host')}"):
            self.answer(404, "only this page can send, and only a script")
        elif not (length.isascii() and length.isdecimal() and len(length) < 10):
            self.answer(400, "how long is it?")
        elif int(length) > play.SCRIPT_MOST:
            self.answer(400, f"play: a script has at most {play.SCRIPT_MOST} bytes")
        else:
            self.take(self.rfile.read(int(length)).decode("utf-8", "replace"))

    def take(self, script: str) -> None:
        try:
            self.stage.play(script)
        except play.Refused as error:
            self.answer(400, str(error))
            return
        self.answer(200, "")

    def answer(self, status: int, text: str) -> None:
        """A word to who sent something. What was not read is not the next request."""
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def page(self) -> None:
        header = self.stage.source.wait_for_header()
        if header is None:
            self.send_error(503, "the machine ended before it began to trace")
            return
        body = view.live(header).encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        sent, source = 0, self.stage.source
        while True:
            ended = source.ended()  # asked first: then all is written
            data = source.records(sent)
            if data:
                self.tell("records", base64.b64encode(data).decode("ascii"))
                sent += len(data) // RECORD.size
            elif ended:
                self.tell("end", str(source.lost()))
                self.close_connection = True
                return
            else:
                time.sleep(POLL)

    def tell(self, event: str, data: str) -> None:
        self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode("ascii"))
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def serve(port: int, boot_words: list[str], program: list[str]) -> int:
    """Start the machine and the server; until the user ends it. Our exit status."""
    with tempfile.TemporaryDirectory(prefix="faultline-live-") as folder:
        file = Path(folder) / "trace"
        command = [str(ROOT / "tools/boot"), "--trace", str(file), *boot_words]
        if program:
            command += ["--", *program]
        else:
            command += ["--realtime"]
        machine = subprocess.Popen(command, preexec_fn=ends_with_us(signal.SIGTERM))
        Handler.stage = Stage(Path(folder), Source(file, machine), boot_words)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        print(f"tools/trace: http://127.0.0.1:{server.server_port}/", file=sys.stderr, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            Handler.stage.source.close()
    return 130
