"""Every call of the kernel that copies from or to user memory: `python3 tests/user_copies.py`.

A copy may fault, and so sleep: what the function around it keeps meanwhile must be its own, or
locked. docs/user-copies.md says of each why that is so; tests/test_user_copies.py compares.
The calls are found in the compiler's own tree (libclang), so that neither a macro nor a line
break hides one.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from clang import cindex

import house
from support import ROOT

# What copies, and its name in the table.
COPIES = {
    "copy_from_user": "from",
    "file_fetch": "from",
    "copy_to_user": "to",
    "clear_user": "clear",
    "copy_string_from_user": "string",
    "user_exchange_if": "exchange",
    "copy_user_now": "now",
    "clear_user_now": "now",
    "user_exchange_now": "now",
    "copy_string_now": "now",
}


def sources() -> list[Path]:
    """The files in which one of the names stands: others need not be parsed."""
    found = []
    for path in house.sources("arch", "kernel", "lib", "mm"):
        text = path.read_text("utf-8")
        if path.name != "user.h" and any(name in text for name in COPIES):
            found.append(path)
    return found


def uses(cursor: cindex.Cursor, file: str, function: str) -> list[tuple[str, str, str]]:
    """(file, function, kind) of each use below the cursor, be it a call or the name alone."""
    found = []
    for child in cursor.get_children():
        place = child.location.file
        if place is None or place.name != file:
            continue
        inside = function
        if child.kind == cindex.CursorKind.FUNCTION_DECL:
            inside = child.spelling
        if child.kind == cindex.CursorKind.DECL_REF_EXPR and child.spelling in COPIES:
            found.append((file, inside, COPIES[child.spelling]))
        found += uses(child, file, inside)
    return found


def calls() -> dict[str, str]:
    """`file: function` -> what it copies, as "from, to x2"."""
    counted: dict[str, Counter] = {}
    for path in sources():
        unit = house.parse(str(path))
        for file, function, kind in uses(unit.cursor, str(path), "?"):
            key = f"{Path(file).relative_to(ROOT)}: {function}"
            counted.setdefault(key, Counter())[kind] += 1
    return {
        key: ", ".join(
            kind + (f" x{count}" if count > 1 else "") for kind, count in sorted(kinds.items())
        )
        for key, kinds in counted.items()
    }


def main() -> None:
    for key, copies in calls().items():
        print(f"{key}\t{copies}")


if __name__ == "__main__":
    main()
