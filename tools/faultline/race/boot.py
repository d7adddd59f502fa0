"""One boot of the live kernel that runs a script; its output."""

from __future__ import annotations

import subprocess
import sys

from faultline import project


def run(script: str, *options: str, deadline: int = 2000) -> str:
    """What the script printed. Ends the race, with all that was said, when it fails."""
    command = [str(project.ROOT / "tools/boot"), "--deadline", str(deadline), "--ram", "48M"]
    command += ["--swap", "96M", *options, "--", "sh", "-e", "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"tools/race: status {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stdout
