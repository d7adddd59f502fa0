"""The house as the compiler sees it: who includes, calls and writes what (libclang).

`python3 tests/house.py` prints each call that crosses a wall between two rooms. What was read is
kept in build/house.json, under the digest of all sources, for the other tests of the run.
"""

from __future__ import annotations

import concurrent.futures
import fcntl
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from clang import cindex

from support import BUILD, ROOT
from faultline.run import ends_with_us  # where support has tools/ found

FLAGS = ["-std=gnu11", f"-I{ROOT}", "-ffreestanding", "-mcmodel=kernel"]
FLOORS = ("lib", "arch", "boot", "mm", "kernel")
KIND = cindex.CursorKind
STATIC = cindex.StorageClass.STATIC
EXTERN = cindex.StorageClass.EXTERN
ASSIGNS = {"=", "+=", "-=", "|=", "&=", "^=", "<<=", ">>=", "*=", "/=", "%="}


@dataclass
class House:
    """All names outside functions that begin in no system header; files are paths from the root."""

    defined: dict[str, str] = field(default_factory=dict)  # name -> its file; no static of a .c
    declared: dict[str, list[str]] = field(default_factory=dict)  # name -> headers
    calls: list[tuple[str, str, str]] = field(default_factory=list)  # file, function, name used
    writes: list[tuple[str, str, str]] = field(default_factory=list)  # file, function, struct.field
    hooks: list[tuple[str, str, str]] = field(default_factory=list)  # file, function, pointer called
    direct: list[tuple[str, str, str]] = field(default_factory=list)  # file, function, function called by name
    marked: list[str] = field(default_factory=list)  # declared with SLEEPS (lib/locks.h)


def room_of(file: str) -> str:
    """`mm/frames` of `mm/frames/frame.c`; the face of mm/ is `mm`. What a policy includes is the
    policies', wherever it stands."""
    if file == "mm/policy.h":
        return "mm/replacement"
    parts = file.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def sources(*floors: str) -> list[Path]:
    return [path for floor in floors or FLOORS for path in sorted((ROOT / floor).rglob("*.[ch]"))]


def place(cursor: cindex.Cursor) -> str | None:
    """The file in which it stands, from the root."""
    if cursor.location.file is None:
        return None
    path = Path(cursor.location.file.name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else None


def global_name(cursor: cindex.Cursor) -> bool:
    parent = cursor.semantic_parent
    return parent is not None and parent.kind == KIND.TRANSLATION_UNIT


def parse(path: str) -> cindex.TranslationUnit:
    """A .c file with what it includes, or a header."""
    unit = cindex.Index.create().parse(path, args=FLAGS)
    wrong = [text for text in unit.diagnostics if text.severity >= cindex.Diagnostic.Error]
    if wrong:
        raise SystemExit(f"{path}: {wrong[0]}")
    return unit


class Reader:
    """One .c file, with what it includes, but for what this process has read in a header already."""

    KNOWN: ClassVar[set[tuple[str, int, str]]] = set()  # header, where in it, name

    def __init__(self, path: str):
        self.unit = parse(path)  # what is read of it lives as long as it
        self.house = House()
        for child in self.unit.cursor.get_children():
            file = place(child)
            if file is not None and self.is_new(child, file):
                self.outside(child, file)

    def is_new(self, cursor: cindex.Cursor, file: str) -> bool:
        key = (file, cursor.extent.start.offset, cursor.spelling)
        known = file.endswith(".h") and key in self.KNOWN
        self.KNOWN.add(key)
        return not known

    def outside(self, cursor: cindex.Cursor, file: str) -> None:
        """A function, or a variable, or a type."""
        name = cursor.spelling
        if cursor.kind == KIND.FUNCTION_DECL or cursor.kind == KIND.VAR_DECL:
            begins = cursor.is_definition() or cursor.kind == KIND.VAR_DECL  # `int a;` may define it more than once
            there = begins and cursor.storage_class != EXTERN
            if not there:
                self.house.declared.setdefault(name, []).append(file)
            elif cursor.storage_class != STATIC or file.endswith(".h"):
                self.house.defined[name] = file
            if any(child.kind == KIND.ANNOTATE_ATTR and child.spelling == "sleeps" for child in cursor.get_children()):
                self.house.marked.append(name)
        self.inside(cursor, file, name)

    def inside(self, cursor: cindex.Cursor, file: str, function: str) -> None:
        for child in cursor.get_children():
            named = child.referenced
            if child.kind == KIND.DECL_REF_EXPR and named is not None and global_name(named):
                own = named.storage_class == STATIC and place(named) == file
                if named.kind in (KIND.FUNCTION_DECL, KIND.VAR_DECL) and not own:
                    self.house.calls.append((file, function, named.spelling))
            if child.kind in (KIND.BINARY_OPERATOR, KIND.COMPOUND_ASSIGNMENT_OPERATOR):
                self.assignment(child, file, function)
            if child.kind == KIND.CALL_EXPR:
                self.call(child, file, function)
            if child.kind == KIND.UNARY_OPERATOR and self.steps(child):
                self.written(next(child.get_children()), file, function)
            self.inside(child, file, function)

    def call(self, cursor: cindex.Cursor, file: str, function: str) -> None:
        """Of a function by its name, or of a pointer to one that a structure has."""
        target = next(cursor.get_children(), None)
        while target is not None and target.kind in (KIND.UNEXPOSED_EXPR, KIND.PAREN_EXPR):
            target = next(target.get_children(), None)
        if target is not None and target.kind == KIND.MEMBER_REF_EXPR and target.referenced is not None:
            owner = target.referenced.semantic_parent
            self.house.hooks.append((file, function, f"{place(owner)}: {owner.spelling}.{target.spelling}"))
        if target is not None and target.kind == KIND.DECL_REF_EXPR and global_name(target.referenced):
            self.house.direct.append((file, function, target.spelling))

    @staticmethod
    def steps(cursor: cindex.Cursor) -> bool:
        """++ or --"""
        words = [token.spelling for token in cursor.get_tokens()]
        return bool(words) and (words[0] in ("++", "--") or words[-1] in ("++", "--"))

    def assignment(self, cursor: cindex.Cursor, file: str, function: str) -> None:
        parts = list(cursor.get_children())
        before = len(list(parts[0].get_tokens()))
        words = [token.spelling for token in cursor.get_tokens()]
        if before < len(words) and words[before] in ASSIGNS:
            self.written(parts[0], file, function)

    def written(self, target: cindex.Cursor, file: str, function: str) -> None:
        """The field that is written, and those that it lies in; or a structure as a whole, but for a variable
        of the function's own."""
        whole = target.type.get_canonical().get_declaration()
        kept, target = self.bare(target)
        if kept and whole.kind == KIND.STRUCT_DECL and target.kind != KIND.MEMBER_REF_EXPR:
            self.house.writes.append((file, function, f"{place(whole)}: {whole.spelling}.all"))
        while target.kind == KIND.MEMBER_REF_EXPR:
            owner = target.referenced.semantic_parent
            self.house.writes.append((file, function, f"{place(owner)}: {owner.spelling}.{target.spelling}"))
            outer = next(target.get_children(), None)
            if outer is None or outer.type.get_canonical().kind == cindex.TypeKind.POINTER:
                break
            target = self.bare(outer)[1]

    @staticmethod
    def bare(target: cindex.Cursor) -> tuple[bool, cindex.Cursor]:
        """Without brackets and indices; and whether it is a place that others know: an element, what a pointer
        leads to, a variable outside functions."""
        kept = False
        while target.kind in (KIND.UNEXPOSED_EXPR, KIND.PAREN_EXPR, KIND.ARRAY_SUBSCRIPT_EXPR):
            kept |= target.kind == KIND.ARRAY_SUBSCRIPT_EXPR
            target = next(target.get_children())
        kept |= target.kind == KIND.UNARY_OPERATOR
        kept |= target.kind == KIND.DECL_REF_EXPR and global_name(target.referenced)
        return kept, target


def read(path: str) -> dict:
    return asdict(Reader(path).house)


def read_all() -> House:
    """Two at a time; what several files include is told once. A test that is killed leaves no readers."""
    paths = [str(path) for path in sources() if path.suffix == ".c"]
    with concurrent.futures.ProcessPoolExecutor(2, initializer=ends_with_us()) as pool:
        found = [House(**part) for part in pool.map(read, paths, chunksize=4)]
    house = House()
    for part in found:
        house.defined.update(part.defined)
        for name, files in part.declared.items():
            house.declared[name] = sorted({*house.declared.get(name, []), *files})
        house.calls = sorted({*house.calls, *part.calls})
        house.writes = sorted({*house.writes, *part.writes})
        house.hooks = sorted({*house.hooks, *part.hooks})
        house.direct = sorted({*house.direct, *part.direct})
        house.marked = sorted({*house.marked, *part.marked})
    return house


def includes(*floors: str) -> list[tuple[str, str]]:
    """(file, what it includes of ours), as it is written: in quotes, or found from the root."""
    found = []
    for path in sources(*floors):
        name = str(path.relative_to(ROOT))
        written = re.findall(r'^[ \t]*#[ \t]*include[ \t]*(["<])(.*?)[">]', path.read_text("utf-8"), re.M)
        found += [(name, what) for quote, what in written if quote == '"' or (ROOT / what).exists()]
    return found


@cache
def house() -> House:
    """All of it, read once for each state of the sources."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sources():
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / "house.lock", "w", encoding="utf-8") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)  # not the readers', who may outlive a test that is killed
        kept = BUILD / "house.json"
        known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
        if known.get("digest") != digest.hexdigest():
            known = {"digest": digest.hexdigest(), **asdict(read_all())}
            kept.write_text(json.dumps(known), "utf-8")
    found = House(known["defined"], known["declared"])
    found.calls = [(file, function, name) for file, function, name in known["calls"]]
    found.writes = [(file, function, member) for file, function, member in known["writes"]]
    found.hooks = [(file, function, pointer) for file, function, pointer in known["hooks"]]
    found.direct = [(file, function, name) for file, function, name in known["direct"]]
    found.marked = known["marked"]
    return found


def main() -> None:
    found = house()
    for file, function, name in found.calls:
        target = found.defined.get(name)
        if target and room_of(target) != room_of(file):
            print(f"{room_of(file):28} {room_of(target):28} {file}: {function} -> {name}")


if __name__ == "__main__":
    main()
