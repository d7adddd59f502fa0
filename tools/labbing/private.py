"""An archive outside the tree for a course: variants drawn for it, with their solutions, which the tree does not hold.

Who has the tree can have this tool make another archive, with other variants; which one a course has stands in its
archive alone. That keeps a solution from being copied, not from being written: questions about one's own solution are
for that (questions.py).
"""

from __future__ import annotations

import json
import random
import secrets
import tomllib
from collections.abc import Callable
from pathlib import Path

from labbing import description
from labbing.description import Lab, LabError

MANY = 3  # variants of a lab
SEED = "seed"  # the file with the seed of hidden tests; nobody can guess it
README = """An archive of a course, made by `tools/lab private init`. Keep it to yourself.

`seed` is the seed of the hidden tests: whoever knows it knows them. Each other folder is a lab's, with variants
in it: variant.toml says which rule, solution.c is a solution. To hand one out:

    tools/lab make NAME --variant THIS/NAME/ID --seed PUBLIC --out DIR

and to see that the tree's own solution fails there, and this one passes:

    tools/lab check NAME --part variants --variant THIS/NAME/ID
"""


def variant_text(lab: Lab, name: str, title: str, uses: dict[str, list[str]]) -> str:
    parts = ", ".join(f"{piece} = {json.dumps(parts)}" for piece, parts in uses.items())
    return f"lab = {json.dumps(lab.name)}\nid = {json.dumps(name)}\ntitle = {json.dumps(title)}\nuses = {{ {parts} }}\n"


def draw(lab: Lab, chance: random.Random, many: int) -> list[dict[str, list[str]]]:
    """So many of all rules that the lab's stories know, none of them the tree's."""
    module = lab.module()
    known = [each.uses for each in lab.variants]
    rules = [uses for uses in module.every_use() if uses not in known] if hasattr(module, "every_use") else []
    return chance.sample(rules, min(many, len(rules)))


def variants_into(lab: Lab, out: Path, seed: str, many: int = MANY) -> list[Path]:
    """The folders of those that the seed draws, with a solution in each."""
    module, places = lab.module(), []
    for number, uses in enumerate(draw(lab, random.Random(f"{seed} {lab.name}"), many), 1):
        name, title = f"rule-{number}", module.title(uses)
        place = out / lab.name / name
        place.mkdir(parents=True)
        (place / description.VARIANT).write_text(variant_text(lab, name, title, uses), "utf-8")
        (place / "solution.c").write_text(module.solution(uses, title), "utf-8")
        places.append(place)
    return places


def init(root: Path, out: Path, say: Callable[[str], None]) -> None:
    """Write the archive. LabError: something is there already."""
    description.want_empty(out)
    if out.resolve().is_relative_to(root.resolve()):
        raise LabError(f"{out} is in the tree, and would be handed out with it")
    out.mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)
    seed = secrets.token_hex(16)
    (out / SEED).write_text(seed + "\n", "ascii")
    (out / "README").write_text(README, "utf-8")
    for lab in description.every(root):
        for place in variants_into(lab, out, seed):
            about = tomllib.loads((place / description.VARIANT).read_text("utf-8"))
            say(f"{place}: {about['title']}")
