"""Functions of the kernel's C files, as the compiler sees them (libclang)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clang import cindex

FLAGS = ["-std=gnu11", "-ffreestanding", "-mcmodel=kernel", "-mno-red-zone", "-mgeneral-regs-only"]
KIND = cindex.CursorKind


@dataclass(frozen=True)
class Function:
    """Where it stands in its file: offsets in the text."""

    name: str
    begins: int  # with the comment before it
    start: int
    body: int  # the brace
    end: int
    static: bool
    calls: frozenset[str]


@cache
def functions(root: Path, file: str) -> dict[str, Function]:
    """Of one file, by name. ValueError: the compiler does not understand it."""
    unit = cindex.Index.create().parse(str(root / file), args=[*FLAGS, f"-I{root}"])
    wrong = [str(each) for each in unit.diagnostics if each.severity >= cindex.Diagnostic.Error]
    if wrong:
        raise ValueError(f"{file}: {wrong[0]}")
    data = (root / file).read_bytes()
    found = {}
    for cursor in unit.cursor.get_children():
        here = cursor.location.file is not None and cursor.location.file.name == str(root / file)
        if here and cursor.kind == KIND.FUNCTION_DECL and cursor.is_definition():
            found[cursor.spelling] = function(cursor, data)
    return found


def function(cursor: cindex.Cursor, data: bytes) -> Function:
    body = next(child for child in cursor.get_children() if child.kind == KIND.COMPOUND_STMT)
    start = offset(data, cursor.extent.start.offset)
    comment = cursor.raw_comment
    text = data.decode("utf-8")
    begins = start
    before = text[:start].rstrip()
    if before.endswith("*/"):
        begins = before.rindex("/*")
    return Function(
        cursor.spelling,
        begins if comment or begins < start else start,
        start,
        offset(data, body.extent.start.offset),
        offset(data, cursor.extent.end.offset),
        cursor.storage_class == cindex.StorageClass.STATIC,
        frozenset(each.spelling for each in body.walk_preorder() if each.kind == KIND.CALL_EXPR),
    )


def offset(data: bytes, at: int) -> int:
    """In letters, of one in bytes."""
    return len(data[:at].decode("utf-8"))
