"""The symbols of user programs: those of the process that is current, since all programs lie at
the same addresses."""

from __future__ import annotations

import os
from pathlib import Path

import gdb

from vm import kernel, spaces
from vm.words import one_word

EXEC = "watch_exec"  # the kernel calls it when a process has become another program
_loaded: Path | None = None
_folder: Path | None = None


def file_of(path: str) -> Path | None:
    """Our file, with symbols, of a program in the image: /bin/NAME, /test/NAME, /init."""
    if _folder is None:
        return None
    name = path.lstrip("/")
    for candidate in (_folder / name, _folder / "bin" / name):
        if candidate.is_file():
            return candidate
    return None


def load(file: Path) -> None:
    """These symbols, instead of another program's."""
    global _loaded
    if file == _loaded:
        return
    if _loaded is not None:
        try:
            gdb.execute(f"remove-symbol-file {one_word(_loaded)}", to_string=True)
        except gdb.error:
            pass  # somebody removed it by hand
    gdb.execute(f"add-symbol-file {one_word(file)}", to_string=True)
    _loaded = file


def follow() -> None:
    """Load those of the current process, if it has some of ours."""
    try:
        if not kernel.running() or not kernel.number("process_first"):
            return
        process = spaces.current_process()
        executable = process.record.executable if process else 0
        file = file_of(spaces.inode_path(executable)) if executable else None
        if file is not None:
            load(file)
    except (gdb.error, gdb.GdbError, gdb.MemoryError):
        pass  # the kernel has not come far enough


class ExecBreakpoint(gdb.Breakpoint):
    """A process has become another program: breakpoints in that one can be set now."""

    def __init__(self) -> None:
        super().__init__(EXEC, internal=True)
        self.silent = True

    def stop(self) -> bool:
        """Never stops; only looks."""
        kernel.forget()
        follow()
        return False


def start(folder: str | None, program: str | None) -> None:
    """Our programs are in `folder`; `program` is loaded from the start."""
    global _folder
    _folder = Path(folder) if folder else None
    if program:
        load(Path(os.path.abspath(program)))
    if kernel.has(EXEC):
        ExecBreakpoint()
    gdb.events.stop.connect(lambda _event: follow())
