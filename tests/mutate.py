"""Input as nobody should hand it over: a good one, damaged by dice.

What is read from outside must be refused in words, whatever its bytes are. So a good input is
damaged in the ways that break readers: bits and bytes changed, numbers made extreme where they
lie (a length, an offset, a count), parts cut off, repeated, exchanged, taken from elsewhere; of a
command line, whole words too.
Many mutants in one file (`pack`) are for a reader in C that is started once for all of them.

Each reader gets COUNT of them: a thousand with FAULTLINE_LONG=1, else a share of it. The dice are each
commit's own, so that in time the shares are many different ones.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from support import LONG, commits

COUNT = 1000 if LONG else 100
TURN = commits()

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


class Field(NamedTuple):
    """Where a format has a number: little endian, or in hexadecimal digits."""

    offset: int
    size: int
    digits: bool = False


def change_field(data: bytearray, fields: Sequence[Field], dice: random.Random) -> None:
    """One of the format's numbers is extreme, or a little beside what it was."""
    field = dice.choice(fields)
    part, bits = slice(field.offset, field.offset + field.size), field.size * (4 if field.digits else 8)
    old = int(data[part], 16) if field.digits else int.from_bytes(data[part], "little")
    beside = (old + 1, old - 1, old * 2, old + 4096, old ^ 1 << dice.randrange(bits))
    new = dice.choice((*EXTREMES, *beside)) % (1 << bits)
    data[part] = b"%0*x" % (field.size, new) if field.digits else new.to_bytes(field.size, "little")


def throw(seed: int) -> random.Random:
    """The dice of a test, and of this commit."""
    return random.Random(f"{seed} {TURN}")


def mutants(
    original: bytes,
    count: int,
    seed: int,
    within: int | None = None,
    fields: Sequence[Field] = (),
    wounds: tuple[Damage, ...] = WOUNDS,
) -> Iterator[bytes]:
    """`count` damaged ones. `within`: some are damaged in so many first bytes only, where a format's
    header is, which a large input would hide from the dice. `fields`: some have nothing but numbers
    that are wrong, and are well-formed otherwise."""
    dice = throw(seed)
    for number in range(count):
        if fields and number % 3 == 0:
            whole = bytearray(original)
            for _ in range(dice.randint(1, DAMAGE_MOST)):
                change_field(whole, fields, dice)
            yield bytes(whole)
            continue
        length = within if within and number % 2 else len(original)
        head, rest = bytearray(original[:length]), original[length:]
        for _ in range(dice.randint(1, DAMAGE_MOST)):
            if head:
                dice.choice(wounds)(head, dice)
        yield bytes(head) + rest


# Words that options, names and numbers are not prepared for; none has a blank in it.
ODD_WORDS = (
    *("-", "--", "---", "0", "-0", "-1", "+1", "00", "1", "2", "7", "8", "4G", "33G", "9M", "1K", "0x10", "1e9", "nan"),
    *("inf", "2147483647", "2147483648", "4294967296", "18446744073709551615", "18446744073709551616", "9" * 400),
    *("=", "=1", "a=", "a=b=c", ",", ",,", ":", "/", "//", ".", "..", "/proc/x", "/dev/null", "/no/such/file"),
    *("*", "?", "%s", "%n%n%n", "$HOME", "`id`", "'", '"', "\\", "x" * 300, "x" * 5000, "\u0663", "\xff", "\x1b[2J"),
    *("r", "w", "1r"),
)


def command_lines(good: Sequence[str], count: int, seed: int, odd: Sequence[str] = ODD_WORDS) -> Iterator[list[str]]:
    """Words left out, repeated, exchanged, replaced by odd ones, and letters of them damaged: of each of the good
    lines in turn. `odd`: what else may stand in a word's place. No word has a NUL."""
    dice = throw(seed)
    for number in range(count):
        words = good[number % len(good)].split(" ")
        for _ in range(dice.randint(1, DAMAGE_MOST)):
            at, other = dice.randrange(len(words) or 1), dice.randrange(len(words) or 1)
            match dice.randrange(6) if words else 5:
                case 0:
                    del words[at]
                case 1:
                    words.insert(other, words[at])
                case 2:
                    words[at], words[other] = words[other], words[at]
                case 3:
                    words[at] = dice.choice(odd)
                case 4:
                    word = bytearray(words[at].encode("utf-8", "surrogateescape") or b"x")
                    dice.choice(WOUNDS)(word, dice)
                    words[at] = bytes(word).replace(b"\0", b"").decode("utf-8", "surrogateescape")
                case _:
                    words.insert(at, dice.choice(odd))
        yield words


def pack(inputs: list[bytes]) -> bytes:
    """All of them in one file: for each its length, 32 bits, and its bytes."""
    return b"".join(struct.pack("<I", len(each)) + each for each in inputs)
