"""Input as nobody should hand it over: a good one, damaged by dice of a fixed seed.

What is read from outside must be refused in words, whatever its bytes are. So a good input is
damaged in the ways that break readers: bits and bytes changed, numbers made extreme where they
lie (a length, an offset, a count), parts cut off, repeated, exchanged, taken from elsewhere.
Many mutants in one file (`pack`) are for a reader in C that is started once for all of them.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator

# Numbers that lengths and offsets go wrong at; the sizes they are stored in.
EXTREMES = (
    *(0, 1, 2, 7, 0x7F, 0xFF, 0x1000, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000),
    *(0xFFFFFFFF, 1 << 32, 1 << 47, (1 << 47) - 4096, (1 << 63) - 1, 1 << 63, (1 << 64) - 4096, (1 << 64) - 1),
)
SIZES = (1, 2, 4, 8)
DIGITS = b"0123456789abcdefABCDEFxX-+. ,/#\n\0\xff"
DAMAGE_MOST = 4  # wounds of one mutant

Damage = Callable[[bytearray, random.Random], None]


def flip_bit(data: bytearray, dice: random.Random) -> None:
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def change_byte(data: bytearray, dice: random.Random) -> None:
    data[dice.randrange(len(data))] = dice.randrange(256)


def change_letter(data: bytearray, dice: random.Random) -> None:
    """For formats that are text: digits, signs, blanks, and what no text has."""
    data[dice.randrange(len(data))] = dice.choice(DIGITS)


def make_extreme(data: bytearray, dice: random.Random) -> None:
    """A number, somewhere it may well be one, at the end of its range."""
    size = dice.choice(SIZES)
    at = dice.randrange(max(1, len(data) // size)) * size
    number = dice.choice(EXTREMES) % (1 << 8 * size)
    data[at : at + size] = number.to_bytes(size, "little")


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def some_part(data: bytearray, dice: random.Random) -> slice:
    at = dice.randrange(len(data))
    return slice(at, at + dice.randint(1, max(1, len(data) // dice.choice((2, 8, 64)))))


def take_out(data: bytearray, dice: random.Random) -> None:
    del data[some_part(data, dice)]


def repeat(data: bytearray, dice: random.Random) -> None:
    part = some_part(data, dice)
    data[part.start : part.start] = data[part]


def splice(data: bytearray, dice: random.Random) -> None:
    """A part over another one of the same length."""
    part, at = bytes(data[some_part(data, dice)]), dice.randrange(len(data))
    data[at : at + len(part)] = part


WOUNDS: tuple[Damage, ...] = (
    *(flip_bit, change_byte, change_letter, make_extreme, make_extreme),
    *(cut, take_out, repeat, splice),
)


def mutants(original: bytes, count: int, seed: int, within: int | None = None) -> Iterator[bytes]:
    """`count` damaged ones. `within`: every second one is damaged in so many first bytes only,
    where a format's header is, which a large input would hide from the dice."""
    dice = random.Random(seed)
    for number in range(count):
        length = within if within and number % 2 else len(original)
        head, rest = bytearray(original[:length]), original[length:]
        for _ in range(dice.randint(1, DAMAGE_MOST)):
            if head:
                dice.choice(WOUNDS)(head, dice)
        yield bytes(head) + rest


def pack(inputs: list[bytes]) -> bytes:
    """All of them in one file: for each its length, 32 bits, and its bytes."""
    return b"".join(struct.pack("<I", len(each)) + each for each in inputs)
