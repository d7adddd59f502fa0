"""What a person should look at: a submission uses what its lab does not list.

The handout says which functions and headers a solution may use. Who uses others may have a good reason, or may go
around what the lab is about: so it is told, and never costs a point. It is looked for in the text, without comments and
strings: a name of the kernel's that is neither in the starter's files nor allowed nor defined in the file itself (who
only declares it has it from elsewhere); a header more; assembly; a number as an address; names that are pasted
together, for then none of these can be found.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

# Each pattern takes a text that means ill in time that grows as the text does: what is opened and not closed is taken
# to its end, and no two repetitions of the same letters stand side by side.
ASIDE = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?", re.DOTALL)
NAME = re.compile(r"\b[A-Za-z_]\w*\b")
CALLED = re.compile(r"\b([A-Za-z_]\w*)\(")
HEAD = re.compile(r"^[A-Za-z_][\w \t*]*?\b([A-Za-z_]\w*)\(", re.MULTILINE)  # of a function; its body may follow
END_OF_HEAD = re.compile(r"[;{}]")
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([^\n]*)", re.MULTILINE)
PLAIN = ("sizeof", "volatile", "_Static_assert", "_Alignof", "ASSERT", "__builtin_*")  # C's and the compiler's
ASSEMBLY = {"asm", "__asm", "__asm__"}
# Of data, or of a function.
ADDRESS = re.compile(r"(?:\*\s*|\*\)\s*\([^()]*\))\)\s*(?:\(\s*)?(?:0[xX][0-9a-fA-F]+|\d+)")
PASTED = re.compile(r"##|%:%:")
MEMBER = re.compile(r"(?:->|\.)\s*[A-Za-z_]\w*")  # of a structure: whatever it is called, it is no function's name
MANY = 8  # of one kind; so much is enough to look


def code_of(text: str) -> str:
    """Without comments, strings, letters and members of structures."""
    return MEMBER.sub(" ", ASIDE.sub(" ", text.replace("\\\n", " ")))


def functions_of(texts: Iterable[str]) -> list[str]:
    """Names of all that is called in these texts, as macros are, too."""
    return sorted({name for text in texts for name in CALLED.findall(code_of(text))})


def own_names(code: str) -> set[str]:
    """Of functions and macros that the file defines."""
    ends = [end.start() for end in END_OF_HEAD.finditer(code)]
    found = set(MACRO.findall(code))
    for head in HEAD.finditer(code):
        at = bisect(ends, head.end())
        if at < len(ends) and code[ends[at]] == "{":
            found.add(head[1])
    return found


def strange_names(code: str, starter: str, allowed: Collection[str], functions: Collection[str]) -> list[str]:
    """A function that is called; or whose name stands there, if that cannot be a variable's: it has its file's before
    it."""
    known = set(NAME.findall(starter)) | own_names(code)
    named = {*CALLED.findall(code), *(name for name in NAME.findall(code) if "_" in name)}
    used = {name for name in named if name in functions} - known
    return sorted(name for name in used if not any(fnmatchcase(name, each) for each in (*PLAIN, *allowed)))


def headers(text: str) -> set[str]:
    return {each.split("/*")[0].strip() for each in INCLUDE.findall(text)}


def listed(what: str, names: Collection[str]) -> list[str]:
    few = sorted(names)[:MANY]
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return [f"{what} {', '.join(few)}{more}"] if few else []


def at(file: str, text: str, starter: str, allowed: Collection[str], functions: Collection[str]) -> list[str]:
    """What is to be looked at in a file. `starter`: the files as they were handed out; `functions`: the kernel's
    names."""
    code, before = code_of(text), code_of(starter)
    found = listed("uses", strange_names(code, before, allowed, functions))
    found += listed("includes", {name[:60] for name in headers(text) - headers(starter)})
    if len(ASSEMBLY & set(NAME.findall(code))) and not ASSEMBLY & set(NAME.findall(before)):
        found.append("has assembly")
    if len(ADDRESS.findall(code)) > len(ADDRESS.findall(before)):
        found.append("has a number as an address")
    if len(PASTED.findall(code)) > len(PASTED.findall(before)):
        found.append("pastes names together")
    return [f"{file} {each}" for each in found]
