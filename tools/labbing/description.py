"""A lab as its folder describes it: labs/NAME/lab.toml and what lies beside it."""

from __future__ import annotations

import dataclasses
import importlib.util
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from labbing import bodies
from labbing.expectation import Expectation
from labbing.host.story import HostStory
from labbing.story import Story


VARIANT = "variant.toml"  # in a folder of an archive


class LabError(ValueError):
    """There is no such lab, or its description is wrong."""


def want_empty(out: Path) -> None:
    """LabError: something is there already."""
    if out.exists() and any(out.iterdir()):
        raise LabError(f"{out} is not empty")


@dataclass(frozen=True)
class Hole:
    """A function that is taken away."""

    file: str
    function: str
    together: str = ""  # holes of one name share what they leave true, and fall back together


@dataclass(frozen=True)
class Strike:
    """Words that a starter's file is without, for they name what was dropped, or what the starter has not."""

    file: str
    words: tuple[str, ...]
    instead: str = ""


@dataclass(frozen=True)
class Test:
    """What is judged, and what it is worth. The story of that name tells the program."""

    id: str
    points: int
    spec: tuple[str, ...]  # sentences of the specification that it is about
    kind: str  # live: a program in a running kernel; host: functions alone, without a machine
    judged: tuple[str, ...]
    ram: str
    swap: str
    budget: int
    piece: str = ""  # a part of the lab that is wrong or right whatever the others are; "": there is one
    options: tuple[str, ...] = ()  # parameters of the kernel
    cpus: int = 1  # processors


@dataclass(frozen=True)
class Variant:
    """Another rule for a course: what stories.py is told of it, and a solution, which the tree has of one only."""

    id: str
    title: str
    uses: dict[str, list[str]]  # of each piece, the parts of its rule
    solution: Path


@dataclass(frozen=True)
class Lab:
    """One lab."""

    folder: Path
    title: str
    holes: tuple[Hole, ...]
    keep: tuple[str, ...]
    drop: tuple[str, ...]
    strike: tuple[Strike, ...]
    submit: tuple[str, ...]
    allow: tuple[str, ...]
    tests: tuple[Test, ...]
    fails: tuple[str, ...]  # of the starter; recorded by `tools/lab check --record`
    variants: tuple[Variant, ...] = ()
    variant: Variant | None = None  # the rule that holds; None: the book's
    frames_public: bool = False  # a student's own runs tell the frames, too
    template: bool = False  # what the tree has in the holes is no solution, but something to begin with

    @property
    def name(self) -> str:
        return self.folder.name

    def parts_of_tests(self) -> dict[str, str]:
        """Of each test, of which piece it is."""
        return {test.id: test.piece for test in self.tests}

    def baseline(self) -> bodies.Bodies:
        return bodies.read(self.folder / "baseline.c")

    def pieces(self) -> dict[str, list[Hole]]:
        """Holes that are filled together, by a name for them."""
        found: dict[str, list[Hole]] = {}
        for hole in self.holes:
            found.setdefault(hole.together or hole.function, []).append(hole)
        return found

    def solutions(self, kind: str) -> list[bodies.Bodies]:
        """wrong or right."""
        return [bodies.read(path) for path in sorted((self.folder / kind).glob("*.c"))]

    def module(self) -> ModuleType:
        """stories.py, with the rule that holds."""
        spec = importlib.util.spec_from_file_location(f"stories_{self.name}", self.folder / "stories.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if self.variant:
            module.use(self.variant.uses)
        return module

    def stories(self) -> dict[str, Callable[[str], Story | HostStory]]:
        module = self.module()
        return {test.id: getattr(module, test.id.replace("-", "_")) for test in self.tests}

    def sentences(self) -> dict[str, str]:
        """Of the specification, those that the variant changes."""
        return self.module().sentences(self.variant.uses) if self.variant else {}

    def with_variant(self, name: str) -> Lab:
        """The same lab with another rule: one of the tree's, or the folder of one (tools/lab private)."""
        known = {each.id: each for each in self.variants}
        if name in known:
            return dataclasses.replace(self, variant=known[name])
        folder = Path(name)
        if not (folder / VARIANT).is_file():
            names = ", ".join(known) or "none"
            raise LabError(f"{self.name} has no variant {name}: there are {names}, and no folder {name} has one")
        return dataclasses.replace(self, variant=variant_of(folder, self.name))

    def tell(self, test: Test, seed: str) -> tuple[str, Expectation]:
        """The program's text, and what it must show. Without a machine: what is done, for people and for the judge."""
        story = self.stories()[test.id](f"{self.name} {test.id} {seed}")
        if isinstance(story, HostStory):
            return story.text(), story.finish(test.id, test.points)
        due = story.finish(test.id, test.points, list(test.judged), test.ram, test.swap, test.budget)
        due.options, due.cpus = list(test.options), test.cpus
        due.frames_public = self.frames_public
        return story.code.text(), due


def variant_of(folder: Path, lab: str) -> Variant:
    """From an archive. LabError: it is another lab's, or none."""
    try:
        raw = tomllib.loads((folder / VARIANT).read_text("utf-8"))
        if raw["lab"] != lab:
            raise LabError(f"{folder} is a variant of {raw['lab']}, not of {lab}")
        return Variant(raw["id"], raw["title"], raw["uses"], folder / "solution.c")
    except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{folder}/{VARIANT}: {error}") from None


def find(root: Path, name: str) -> Lab:
    """By its name, its number, or how its name begins."""
    folders = folders_of(root)
    found = [folder for folder in folders if folder.name.startswith(name)]
    exact = [folder for folder in found if name in (folder.name, folder.name.partition("-")[0])]
    if len(exact or found) != 1:
        known = ", ".join(folder.name for folder in folders)
        raise LabError(f"no lab {name}: there are {known}")
    return read((exact or found)[0])


def folders_of(root: Path) -> list[Path]:
    """In the order of their numbers."""
    folders = [path.parent for path in (root / "labs").glob("*/lab.toml")]
    return sorted(folders, key=lambda folder: (int(folder.name.partition("-")[0]), folder.name))


def every(root: Path) -> list[Lab]:
    return [read(folder) for folder in folders_of(root)]


def read(folder: Path) -> Lab:
    try:
        raw = tomllib.loads((folder / "lab.toml").read_text("utf-8"))
        tests = tuple(
            Test(
                id=each["id"],
                points=each["points"],
                spec=tuple(each["spec"]),
                kind=each["kind"],
                judged=tuple(each["judged"]) if each["kind"] == "live" else (),
                ram=each["ram"] if each["kind"] == "live" else "0",
                swap=each.get("swap", "0"),
                budget=each["budget"] if each["kind"] == "live" else 0,
                piece=each.get("piece", ""),
                options=tuple(each.get("options", ())),
                cpus=each.get("cpus", 1),
            )
            for each in raw["test"]
        )
        return Lab(
            folder=folder,
            title=raw["title"],
            holes=tuple(Hole(**each) for each in raw["hole"]),
            keep=tuple(raw["keep"]),
            drop=tuple(raw["drop"]),
            strike=tuple(
                Strike(each["file"], tuple(each["words"]), each.get("instead", "")) for each in raw.get("strike", ())
            ),
            submit=tuple(raw["submit"]),
            allow=tuple(raw["allow"]),
            tests=tests,
            fails=tuple(raw.get("fails", ())),
            variants=tuple(
                Variant(each["id"], each["title"], each["uses"], folder / "variant" / f"{each['id']}.c")
                for each in raw.get("variant", ())
            ),
            frames_public=raw.get("frames_public", False),
            template=raw.get("template", False),
        )
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{folder}/lab.toml: {error}") from None
