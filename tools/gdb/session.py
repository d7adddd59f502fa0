"""What `make gdb` gives GDB: the machine, the kernel's symbols, a program stopped at its main.

tools/debug starts GDB with this file, and says in the environment where things are.
"""

import os
import re
import sys

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]  # vm, and what tools/ has

import vm  # noqa: E402
from vm.words import one_word  # noqa: E402


SHORT = 16  # bytes of code that tell a program without main from others


class ProgramBreakpoint(gdb.Breakpoint):
    """A breakpoint in one user program.

    Every program lives at the same user addresses, so an address alone would also stop in init,
    and in whatever else runs. This one stops only where memory holds the program's own code.
    """

    def __init__(self, address, code):
        super().__init__(f"*{address:#x}")
        self.address = address
        self.code = code

    def stop(self):
        try:
            found = gdb.selected_inferior().read_memory(self.address, len(self.code))
        except gdb.MemoryError:
            return False
        return bytes(found) == self.code


def code_at_main(path):
    """Where main is in a program's file, or its entry where it has none, and the bytes from there
    to the end of main, or of the page."""
    gdb.execute(f"file {one_word(path)}")
    main = gdb.lookup_global_symbol("main")
    if main:
        address = int(main.value().address)
        end = gdb.block_for_pc(address).end
    else:
        files = gdb.execute("info files", to_string=True)
        entry = re.search("Entry point: (0x[0-9a-f]+)", files)
        assert entry, files
        address = int(entry.group(1), 16)
        end = address + SHORT
    length = min(end - address, 4096 - address % 4096)
    return address, bytes(gdb.selected_inferior().read_memory(address, length))


def start(kernel, socket, program, programs):
    """Attach, and run to the kernel's entry or to the program's main."""
    for setting in ("confirm off", "pagination off"):
        gdb.execute(f"set {setting}")
    main = code_at_main(program) if program else None
    gdb.execute(f"file {one_word(kernel)}")
    vm.load(programs, program)
    gdb.execute(f"target remote {socket}")
    if main:
        ProgramBreakpoint(*main)
    else:
        gdb.execute("tbreak kernel_main")
    gdb.execute("continue")


start(
    os.environ["FAULTLINE_KERNEL"],
    os.environ["FAULTLINE_SOCKET"],
    os.environ.get("FAULTLINE_PROGRAM"),
    os.environ.get("FAULTLINE_PROGRAMS"),
)
