"""System calls as they are written: arguments with names, and Linux's constants under Linux's names."""

from __future__ import annotations

import re

import house
from clang import cindex
from support import ROOT

# Kept under another of Linux's names, whose value it has, or of the architecture's; or by a number that
# only the range of a check knows.
OTHERWISE = {
    "EFD_CLOEXEC": "O_CLOEXEC",
    "EFD_NONBLOCK": "O_NONBLOCK",
    "TFD_CLOEXEC": "O_CLOEXEC",
    "TFD_NONBLOCK": "O_NONBLOCK",
    "TFD_TIMER_ABSTIME": "TIMER_ABSTIME",
    "PROT_READ": "ACCESS_READ",
    "PROT_WRITE": "ACCESS_WRITE",
    "PROT_EXEC": "ACCESS_EXECUTE",
    "PER_SVR4": "PER_MASK",
}
# Many that mean one thing, by how they begin.
FAMILIES = {
    "S_I": "MODE_RIGHTS",
    "F_OK": "ACCESS_RUN",
    "R_OK": "ACCESS_RUN",
    "W_OK": "ACCESS_RUN",
    "FUTEX_OP_": "operation_compare",
    "STATX_": "STATX_BASIC_STATS",
    "AT_STATX_": "AT_STATX_SYNC_TYPE",
    "SHUT_": "socketpair_shutdown",
    "PER_LINUX": "PER_MASK",
    **dict.fromkeys(("FDPIC_", "ADDR_LIMIT_", "SHORT_INODE", "WHOLE_SECONDS"), "personality"),
}


def in_kernel(name: str) -> str:
    """What the kernel calls it."""
    family = next((word for start, word in FAMILIES.items() if name.startswith(start)), name)
    return OTHERWISE.get(name, family)


def kernel_text() -> str:
    return "\n".join(path.read_text("utf-8") for path in house.sources("kernel", "mm"))


def calls() -> list[tuple[cindex.TranslationUnit, cindex.Cursor]]:
    """Every definition of a system call in the compiler's own tree, with what keeps that alive."""
    found = []
    for path in sorted((ROOT / "kernel").rglob("*.c")):
        if "\nSYSCALL(" in path.read_text("utf-8"):
            unit = house.parse(str(path))
            found += [
                (unit, child)
                for child in unit.cursor.get_children()
                if child.spelling.startswith("sys_") and child.is_definition()
                and child.kind == cindex.CursorKind.FUNCTION_DECL
            ]
    return found


def test_arguments_have_names_and_bodies_stand_where_they_are_found():
    found = calls()
    assert len(found) > 200
    for _unit, call in found:
        file = house.place(call)
        assert file is not None
        text = (ROOT / file).read_text("utf-8").splitlines()
        assert [name for name in (part.spelling for part in call.get_arguments()) if len(name) < 2] == [], call.spelling
        body = next(part for part in call.get_children() if part.kind == cindex.CursorKind.COMPOUND_STMT)
        assert text[body.extent.start.line - 1] == "{", f"{call.spelling}: its body is a part of a macro"
        assert text[body.extent.end.line - 1] == "}", f"{call.spelling}: its body is a part of a macro"


WIDTHS = {"int": "i", "uint32_t": "i", "uint16_t": "m", "uint64_t": "l"}
OUR_OWN = {"socket_refused", "attributes_open"}  # several of Linux's in one


def test_arguments_are_as_wide_as_linux_has_them():
    """As user/tests/int-arguments.c has it, which tries what is wider than its argument."""
    text = (ROOT / "user/tests/int-arguments.c").read_text("utf-8")
    tried = dict(reversed(re.findall(r'ROW\((\w+), "(\w+)"', text)))
    wrong = []
    for _unit, call in calls():
        name = call.spelling.removeprefix("sys_")
        arguments = [part for part in call.get_arguments() if not part.spelling.startswith("unused")]
        widths = "".join(WIDTHS[part.type.spelling] for part in arguments)
        if name not in OUR_OWN and not tried.get(name, "l" * len(widths)).startswith(widths):
            wrong.append(f"{name}: {widths}, not {tried.get(name)}")
    assert wrong == []


def test_what_is_kept_has_linuxs_name():
    text = kernel_text()
    rows = [
        [part.strip() for part in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "flags.md").read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    kept = {
        name
        for row in rows
        if len(row) >= 3 and row[1].startswith("kept")
        for name in re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z_0-9]+\b", row[0])
    }
    assert len(kept) > 150
    missing = [name for name in sorted(kept) if not re.search(rf"\b{in_kernel(name)}\b", text)]
    assert missing == []
