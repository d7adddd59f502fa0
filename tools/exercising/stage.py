"""A program made for an exercise, run as the only process of the live kernel, and looked at from outside.

Where it rests, it sleeps for so long that the machine is paused meanwhile, and RAM can be read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from faultline import project
from faultline.deadline import LONGEST
from labbing.assembly import LAST, Assembly, assemble
from labbing.testing import INIT, image_of
from witnessing import run
from witnessing.ram import Ram
from witnessing.seen import Seen

from exercising.worksheet import Refused

NANOSLEEP = 35
RAM = "48M"
EVERYWHERE = (0, 1 << 47)


def source(kind: str, seed: str) -> str:
    """Where such answers were seen, and how to see it again."""
    again = f"tools/lab exercise {kind} --seed {seed} --answers"
    return f"QEMU, in the live kernel, which is not asked (docs/witness.md); measured anew by\n{again}"


def rest(code: Assembly, process: int) -> None:
    """Sleep until the machine has been paused."""
    time = code.desk(process) + 0x3F20
    code.say(process, f"movabs rdi, {time:#x}", f"mov qword ptr [rdi], {LONGEST + 4}", "mov qword ptr [rdi + 8], 0")
    code.call(process, NANOSLEEP, time, 0)


def end(code: Assembly, process: int) -> None:
    """Its last mark: there is no more."""
    code.mark(process, LAST)
    code.end(process)


def play(code: Assembly, look: Callable[[Ram, Seen], None], frames: bool = False) -> Seen:
    """Run it to its end; `look` may read RAM at each rest. `frames`: the frame behind each access is seen,
    too. Refused: it did not come to its end."""
    with tempfile.TemporaryDirectory(prefix="faultline-exercise-") as folder:
        program, image = Path(folder) / INIT, Path(folder) / "image"
        assemble(code.text(), program)
        image.write_bytes(image_of(program.read_bytes()))
        try:
            window = EVERYWHERE if frames else None
            seen = run.witness(project.KERNEL, image, f"/{INIT}", ram=RAM, plugin=frames, window=window, look=look)
        except run.WitnessError as error:
            raise Refused(str(error)) from None
    if seen.end != "done":
        raise Refused(f"the program did not come to its end ({seen.end}): {seen.console[-500:]}")
    return seen
