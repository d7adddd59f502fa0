"""In the compile box: the submitted files over the starter's, to a kernel and libraries.

    in     {"files": {file: text}, "libraries": [[driver, geometry or null], …]}
    out    {"complaint": words}, or {"kernel": base64, "libraries": {file: base64}}

All that is here was handed out, or came with the message.
"""

import base64
import json
import os
import re
import resource
import sys
from pathlib import Path

TREE, OUT = Path(__file__).parents[3], Path("kernel").absolute()
sys.path.insert(0, str(TREE / "tools"))

from labbing import build  # noqa: E402
from labbing.compilers import Words, choose  # noqa: E402
from labbing.host import library  # noqa: E402
from labbing.host.geometry import Geometry  # noqa: E402

COMPLAINT_MOST = 4000  # letters
TOO_MUCH = "compiling it takes more memory, or more time, than it may have"
# Which of the two it is first hangs on how fast this machine is; and what had been said before, too.
EXHAUSTED = re.compile(
    r"^(virtual memory exhausted|\S*(cc1|as|ld): out of memory|\S*gcc: (fatal|internal compiler) error: Killed)",
    re.MULTILINE,
)
SECONDS = 240  # of processor time, for kernel and libraries: a solution's take a twentieth
BETWEEN = re.compile(r"\bcc\w{6}\.\w+")
MOST = 16 << 20  # bytes of a kernel, and of a library: the starter's has a quarter


def kernel_of(files: dict[str, str]) -> build.Kernel:
    """The released one, with these files in place of its own."""
    words = json.loads((TREE / "LAB").read_text("utf-8"))["words"]
    said = Words(tuple(words["compile"]), tuple(words["link"]))
    base = build.Kernel(TREE, TREE / "build/gcc", choose("gcc"), said, TREE / "prebuilt")
    return build.Kernel(TREE, OUT, base.compiler, said, base.assembled, base=base, changed=files)


def packed(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def seconds_used() -> float:
    """Of processor time, by compilers and linkers."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def libraries(kernel: build.Kernel, wanted: list) -> dict[str, str]:
    """Those that can be made, by their places beside the kernel. BuildError: they take too much."""
    found = {}
    for driver, numbers in wanted:
        if seconds_used() > SECONDS:
            raise build.BuildError(TOO_MUCH)
        try:
            made = library.of(kernel.elf, driver, Geometry(*numbers) if numbers else None)
        except library.LibraryError as error:
            if EXHAUSTED.search(error.complaint):
                raise build.BuildError(TOO_MUCH) from None
            continue  # the judge finds that it is not there
        if made.stat().st_size <= MOST:
            found[str(made.relative_to(OUT))] = packed(made)
    return found


def told(complaint: str) -> str:
    """The same each time, and without names of ours: those of files between compiler and assembler change."""
    if EXHAUSTED.search(complaint):
        return TOO_MUCH
    plain = complaint.replace(f"{OUT}/src/", "").replace(f"{OUT.parent}/", "")
    return BETWEEN.sub("assembly", plain)[:COMPLAINT_MOST]


def work(message: dict) -> dict:
    kernel = kernel_of(message["files"])
    try:
        build.make(kernel)
        if kernel.elf.stat().st_size > MOST:
            return {"complaint": f"the kernel is too large: at most {MOST >> 20} MiB are taken"}
        return {"kernel": packed(kernel.elf), "libraries": libraries(kernel, message["libraries"])}
    except build.BuildError as error:
        return {"complaint": told(str(error))}
    except OSError as error:
        return {"complaint": f"compiling it wants more than it may have: {error.strerror}"}


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever else is printed is no part of the answer
    said = json.dumps(work(json.load(sys.stdin)))
    with open(answer, "w", encoding="ascii") as out:
        out.write(said)


if __name__ == "__main__":
    main()
