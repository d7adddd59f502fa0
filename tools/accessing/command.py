"""What tools/tlb and tools/references have in common: which program in which machine."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from faultline import project, ranges
from symbols import text_symbols

from accessing import run

MIB = 1 << 20


def cannot(tool: str, why: str) -> NoReturn:
    """There is nothing to tell."""
    print(f"tools/{tool}: {why}", file=sys.stderr)
    sys.exit(2)


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Options as tools/boot has them, and the program."""
    machine = parser.add_argument_group("the machine, as in tools/boot")
    machine.add_argument("--stdin", type=Path, metavar="FILE", help="the program's input (default: empty)")
    machine.add_argument("--add", action="append", default=[], metavar="HOST[:GUEST]", help="put a file in the image")
    machine.add_argument("--package", action="append", default=[], metavar="NAME", help="put a Debian package there")
    machine.add_argument(
        "--ram", type=ranges.size(9 * MIB, 2 << 30), default=64 * MIB, metavar="64M", help="without the disks"
    )
    machine.add_argument("--swap", type=ranges.size(0, 1 << 30), default=0, metavar="16M", help="size of the swap area")
    machine.add_argument(
        "--param", type=ranges.parameter, action="append", default=[], metavar="KEY=VALUE", help="of the kernel's"
    )
    machine.add_argument("--deadline", type=ranges.seconds, default=2000, metavar="S", help="of virtual time (2000)")
    parser.add_argument("program", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def take_program(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """What stands behind the options."""
    if args.program[:1] == ["--"]:
        del args.program[0]
    if not args.program:
        parser.error("a PROGRAM is wanted")


def job(args: argparse.Namespace) -> run.Job:
    return run.Job(
        args.program, args.stdin, args.ram, args.swap, args.param, args.add, args.package, args.deadline
    )


def name_of(args: argparse.Namespace) -> str:
    """What the trace calls the program: the first 15 letters of its last name, as Linux does."""
    return Path(args.program[0]).name[:15]


def folder() -> tempfile.TemporaryDirectory[str]:
    """For the trace, which is as long as memory is deep while the machine runs, and takes what is written."""
    return tempfile.TemporaryDirectory(prefix="faultline-accesses-")


def failed(tool: str, ended: run.Ended) -> int:
    """The tool's exit status. A program that ends otherwise than well is told of, for what it did is then not what
    was meant; what is known of it has been told all the same."""
    if not ended.status:
        return 0
    said = ended.output.decode("utf-8", "replace").strip().splitlines()[-1:]
    last = f": {said[0]}" if said else ""
    print(f"tools/{tool}: the program ended with status {ended.status}{last}", file=sys.stderr)
    return 1


def build() -> None:
    project.build("kernel", "image", "accesses")


def kernel_symbol(name: str) -> int:
    """Where it is in the kernel. LookupError: nowhere."""
    return {label: address for address, label in text_symbols(project.KERNEL.read_bytes())}[name]
