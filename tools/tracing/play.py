"""A short script of forks and writes, or a reference string, played for its page.

`play` (user/play/) does in a small machine what the script says, each statement noted in the trace;
what it refuses, is refused here in its words.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from faultline.project import ROOT

from tracing import view
from tracing.reader import Trace

# Small, so that the page is; where to, if pages must go; and an end, whatever is played.
MACHINE = ("--ram", "16M", "--swap", "4M", "--deadline", "100")
SCRIPT_MOST = 4096  # bytes; play has the same bound
REFUSED = "play: "


class Refused(ValueError):
    """It cannot be played; the words say why."""


def record(script: str, boot_words: list[str], file: Path) -> str:
    """Play the script, with its trace in `file`. What was printed. Refused: not a script, or it did not
    come to its end."""
    with tempfile.TemporaryDirectory(prefix="faultline-play-") as folder:
        text = Path(folder) / "script"
        text.write_text(script, "utf-8", errors="replace")
        words = [str(ROOT / "tools/boot"), "--trace", str(file), *MACHINE, *boot_words, "--stdin", str(text)]
        ended = subprocess.run([*words, "--", "play"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    said = ended.stderr.decode("utf-8", "replace")
    if ended.returncode:
        raise Refused(said[max(0, said.find(REFUSED)) :].strip() or f"it ended with status {ended.returncode}")
    return ended.stdout.decode("utf-8", "replace")


def write_page(script: str, boot_words: list[str], out: TextIO) -> int:
    """The page of the script's run; what it printed goes to stderr. Our exit status."""
    with tempfile.TemporaryDirectory(prefix="faultline-play-") as folder:
        file = Path(folder) / "play"
        try:
            print(record(script, boot_words, file), end="", file=sys.stderr)
        except Refused as error:
            print(f"tools/trace: {error}", file=sys.stderr)
            return 2
        view.write(Trace(file), out)
    return 0
