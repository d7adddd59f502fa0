"""The files of a tour's starter: the tale with its labels, the program, packed until the predictions are sealed."""

from __future__ import annotations

import hashlib
import json
import shutil
import zlib
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Any

from faultline import project
from touring.asking import Sheet
from touring.marking import Raw
from touring.tale import Area, Step, Tale

KIND = "tour"  # in a starter's mark: which kind of lab it is of
FOLDER = Path("lab")
TALE, PACKED, PROGRAM, SEALED = (FOLDER / name for name in ("tale.json", "tour.packed", "tour", "sealed.json"))
BELIEFS = FOLDER / "beliefs"
PREDICTIONS, ANSWERS = Path("predictions.toml"), Path("answers.toml")


def save(root: Path, sheet: Sheet) -> None:
    """The sheet's tale, so that no other Python draws another one from the seed."""
    tale = sheet.tale
    told = {
        "seed": tale.seed,
        "areas": [asdict(area) for area in tale.areas.values()],
        "steps": [asdict(step) for step in tale.steps],
        "forked": tale.forked,
        "roles": tale.roles,
        "words": {str(page): word for page, word in tale.words.items()},
    }
    (root / TALE).write_text(json.dumps({"tale": told, "labels": sheet.labels}, indent=1) + "\n", "utf-8")


def load(root: Path) -> Sheet:
    raw: dict[str, Any] = json.loads((root / TALE).read_text("utf-8"))
    told = raw["tale"]
    tale = Tale(
        seed=told["seed"],
        dice=Random(0),  # all is drawn
        areas={each["name"]: Area(**each) for each in told["areas"]},
        steps=[Step(**each) for each in told["steps"]],
        forked=told["forked"],
        roles=told["roles"],
        words={int(page): word for page, word in told["words"].items()},
    )
    return Sheet(tale, raw["labels"])


def pack(root: Path, program: Path) -> None:
    (root / PACKED).write_bytes(zlib.compress(program.read_bytes(), 9))


def unpack(root: Path) -> None:
    """The program can run; GDB has its symbols."""
    program = root / PROGRAM
    program.write_bytes(zlib.decompress((root / PACKED).read_bytes()))
    program.chmod(0o755)
    symbols = project.BUILD / "user/bin"
    symbols.mkdir(parents=True, exist_ok=True)
    shutil.copy2(program, symbols / program.name)


def digest(seed: str, at: str, predictions: Raw) -> str:
    text = json.dumps([seed, at, predictions], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seal(root: Path, sheet: Sheet, predictions: Raw) -> str:
    """Write them down, with the time. A word for the seal."""
    at = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    word = digest(sheet.tale.seed, at, predictions)
    sealed = {"at": at, "seed": sheet.tale.seed, "predictions": predictions, "seal": word}
    (root / SEALED).write_text(json.dumps(sealed, indent=1) + "\n", "utf-8")
    return word


def sealed(path: Path) -> dict[str, Any] | None:
    """What was sealed there; None: nothing, or it was changed since."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        whole = raw["seal"] == digest(raw["seed"], raw["at"], raw["predictions"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return raw if whole else None
