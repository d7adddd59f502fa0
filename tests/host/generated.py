"""A second source of mutants: one for each statement of mm/ that can be left out, and one for each
comparison that can be off by one or turned round.

Those in mutations/ are thought out, and miss what nobody thought of. These are found in the
compiler's own tree (libclang); most are caught at once, and each that survives is a hole in the
tests, or changes nothing that anybody could see, and then stands in mutations/equivalent.py.

Left out are declarations, assertions (which only look), and what is written into the trace (which
the tests of the trace see).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mutations import Mutation

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=gnu11", f"-I{ROOT}", "-DFAULTLINE_HOST"]
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ONLY_LOOKS = ("ASSERT", "assert", "mm_assert", "trace", "(void)", "__builtin_unreachable", "_Static_assert")
SHOWN = 60  # letters of a statement in a mutant's name


class Source:
    """One file, and its places as offsets into its bytes."""

    def __init__(self, name: str):
        from clang import cindex  # not there, nothing is generated; all else goes on

        self.kinds = cindex.CursorKind
        self.name = name
        self.path = str(ROOT / name)
        self.bytes = Path(self.path).read_bytes()
        unit = cindex.Index.create().parse(self.path, args=FLAGS)
        self.functions = [
            child
            for child in unit.cursor.get_children()
            if child.kind == self.kinds.FUNCTION_DECL
            and child.is_definition()
            and child.location.file.name == self.path
        ]

    def text(self, start: int, end: int) -> str:
        return self.bytes[start:end].decode()

    def mutation(self, what: str, start: int, end: int, new: str) -> Mutation:
        """Whole lines around a place, as many as make it the only one of its kind."""
        begin = self.bytes.rfind(b"\n", 0, start) + 1
        stop = self.bytes.find(b"\n", end)
        while self.bytes.count(self.bytes[begin:stop]) > 1:
            begin = self.bytes.rfind(b"\n", 0, begin - 1) + 1
        old = self.text(begin, stop)
        return Mutation(self.name, what, old, self.text(begin, start) + new + self.text(end, stop))

    # --- statements ---------------------------------------------------------------------

    def _does_something(self, statement) -> bool:
        kinds = self.kinds
        plain = (kinds.CALL_EXPR, kinds.COMPOUND_ASSIGNMENT_OPERATOR, kinds.UNARY_OPERATOR)
        leaves = (kinds.BREAK_STMT, kinds.CONTINUE_STMT)
        if statement.kind == kinds.RETURN_STMT:
            return not list(statement.get_children())
        return statement.kind in (*plain, *leaves, kinds.BINARY_OPERATOR)

    def _statements(self, cursor) -> Iterator:
        kinds = self.kinds
        children = list(cursor.get_children())
        if cursor.kind == kinds.COMPOUND_STMT:
            yield from children
        elif cursor.kind == kinds.IF_STMT:
            yield from children[1:]
        elif cursor.kind in (kinds.WHILE_STMT, kinds.FOR_STMT, kinds.DO_STMT):
            yield children[0 if cursor.kind == kinds.DO_STMT else -1]
        elif cursor.kind in (kinds.CASE_STMT, kinds.DEFAULT_STMT):
            yield children[-1]
        for child in children:
            yield from self._statements(child)

    def deletions(self, function) -> Iterator[Mutation]:
        for statement in self._statements(function):
            start, end = statement.extent.start.offset, statement.extent.end.offset
            words = " ".join(self.text(start, end).split())
            if not self._does_something(statement) or words.startswith(ONLY_LOOKS):
                continue
            if self.text(end, end + 1) == ";":  # else it is a macro's
                yield self.mutation(f"{function.spelling}: without {words[:SHOWN]}", start, end, "")

    # --- comparisons --------------------------------------------------------------------

    def _comparisons(self, cursor) -> Iterator[tuple[int, str]]:
        """Where an operator stands, and which."""
        for child in cursor.get_children():
            if child.kind == self.kinds.BINARY_OPERATOR:
                left, right = child.get_children()
                between = self.text(left.extent.end.offset, right.extent.start.offset)
                operator = between.strip().strip("() ")
                if operator in OTHER:
                    yield left.extent.end.offset + between.index(operator), operator
            yield from self._comparisons(child)

    def flips(self, function) -> Iterator[Mutation]:
        for at, operator in self._comparisons(function):
            begin = self.bytes.rfind(b"\n", 0, at) + 1
            line = " ".join(self.text(begin, self.bytes.find(b"\n", at)).split())
            if line.startswith(ONLY_LOOKS):
                continue
            other = OTHER[operator]
            what = f"{function.spelling}: {operator} is {other} in {line[:SHOWN]}"
            yield self.mutation(what, at, at + len(operator), other)


def named_apart(mutations: Iterator[Mutation]) -> Iterator[Mutation]:
    """The second of the same words in a function is called so."""
    seen: dict[str, int] = {}
    for mutation in mutations:
        seen[mutation.what] = seen.get(mutation.what, 0) + 1
        count = seen[mutation.what]
        yield mutation if count == 1 else mutation._replace(what=f"{mutation.what} ({count})")


def mutations_of(name: str) -> list[Mutation]:
    source = Source(name)
    found = (
        mutation
        for function in source.functions
        for mutation in (*source.deletions(function), *source.flips(function))
    )
    return list(named_apart(found))


def every_mutation() -> list[Mutation]:
    names = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "mm").rglob("*.c"))
    return [mutation for name in names for mutation in mutations_of(name)]
