"""Functions of the kernel's C files, as the compiler sees them (libclang)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clang import cindex

FLAGS = ["-std=gnu11", "-ffreestanding", "-mcmodel=kernel", "-mno-red-zone", "-mgeneral-regs-only"]
KIND = cindex.CursorKind
REMOVABLE = (
    *(KIND.CALL_EXPR, KIND.BINARY_OPERATOR, KIND.COMPOUND_ASSIGNMENT_OPERATOR, KIND.UNARY_OPERATOR),
    KIND.IF_STMT,
)


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


@dataclass(frozen=True)
class Statement:
    """One that may be taken away: a call, an assignment, an if with all that belongs to it."""

    function: str
    line: int
    start: int
    end: int  # without the semicolon of a call or an assignment
    text: str


def parsed(root: Path, file: str, text: str) -> list[cindex.Cursor]:
    """The functions that the file defines if this is its text. ValueError: the compiler does not understand it."""
    place = str(root / file)
    unit = cindex.Index.create().parse(place, args=[*FLAGS, f"-I{root}"], unsaved_files=[(place, text)])
    wrong = [str(each) for each in unit.diagnostics if each.severity >= cindex.Diagnostic.Error]
    if wrong:
        raise ValueError(f"{file}: {wrong[0]}")
    return [
        cursor
        for cursor in unit.cursor.get_children()
        if cursor.location.file is not None
        and cursor.location.file.name == place
        and cursor.kind == KIND.FUNCTION_DECL
        and cursor.is_definition()
    ]


def functions(root: Path, file: str) -> dict[str, Function]:
    """Of one file, by name. ValueError: the compiler does not understand it."""
    return functions_in(root, file, (root / file).read_text("utf-8"))


@cache
def functions_in(root: Path, file: str, text: str) -> dict[str, Function]:
    """The same, if this were its text."""
    data = text.encode()
    return {cursor.spelling: function(cursor, data) for cursor in parsed(root, file, text)}


def statements(root: Path, file: str, text: str, names: frozenset[str]) -> list[Statement]:
    """What may be taken away from these functions, in order."""
    data, found = text.encode(), []
    for cursor in parsed(root, file, text):
        if cursor.spelling in names:
            for each in _in_order(cursor):
                start, end = offset(data, each.extent.start.offset), offset(data, each.extent.end.offset)
                line = each.extent.start.line
                found.append(Statement(cursor.spelling, line, start, end, text[start:end]))
    return found


def _in_order(cursor: cindex.Cursor) -> Iterator[cindex.Cursor]:
    """All calls, assignments and ifs that stand where a statement may."""
    inner = list(cursor.get_children())
    here = {
        KIND.FUNCTION_DECL: inner[-1:],
        KIND.COMPOUND_STMT: inner,
        KIND.IF_STMT: inner[1:],
        KIND.FOR_STMT: inner[-1:],
        KIND.WHILE_STMT: inner[-1:],
        KIND.DO_STMT: inner[:1],
        KIND.SWITCH_STMT: inner[-1:],
        KIND.CASE_STMT: inner[-1:],
        KIND.DEFAULT_STMT: inner[-1:],
    }
    for each in here.get(cursor.kind, []):
        if each.kind in REMOVABLE:
            yield each
        yield from _in_order(each)


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
