"""Starts that cannot go well: each ends soon, and says why on the serial line and the screen."""

import pytest
import support

IMAGE = support.BUILD / "image.cpio"


def ends_saying(machine: support.RawMachine, *words: str) -> str:
    """Wait for the words on the serial line; they must be on the screen too, and the end final."""
    with machine:
        text = machine.wait_for("; stopped")
        for word in words:
            assert word.lower() in text.lower(), text
        first = machine.ask("info registers")
        assert machine.process.poll() is None, "QEMU ended: a reboot"
        screen = machine.screen()
        assert words[0].lower() in screen.lower(), screen
        assert "HLT=1" in first or "HLT=1" in machine.ask("info registers")
        assert machine.serial_text().count(text.strip().splitlines()[0]) == 1, "it started again"
        return text


def test_unknown_parameter():
    ends_saying(support.RawMachine(IMAGE.read_bytes(), "colour=blue"), "colour", "parameter")


@pytest.mark.parametrize("words", ["frames=many", "frames=", "image_latency=-5", "audit=1x", "frames"])
def test_malformed_parameter(words):
    ends_saying(support.RawMachine(IMAGE.read_bytes(), words), words.split("=")[0])


def test_no_image():
    ends_saying(support.RawMachine(None), "image")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_image(share):
    whole = IMAGE.read_bytes()
    ends_saying(support.RawMachine(whole[: int(len(whole) * share)]), "image", "cut off")


def test_image_that_is_none():
    ends_saying(support.RawMachine(b"This is not a cpio archive. " * 1000), "image")


@pytest.mark.parametrize("mebibytes", [2, 3, 4])
def test_too_little_memory(mebibytes):
    """Kernel and image fit, and little else. (With less, the loader lays one upon the other.)"""
    image = IMAGE.read_bytes()
    machine = support.RawMachine(image, memory=len(image) + (mebibytes << 20))
    ends_saying(machine, "memory")


def test_no_nx():
    extra = ("-cpu", "qemu64,-nx")
    ends_saying(support.RawMachine(IMAGE.read_bytes(), extra=extra), "NX")


def test_no_long_mode():
    extra = ("-cpu", "qemu32")
    ends_saying(support.RawMachine(IMAGE.read_bytes(), extra=extra), "long mode", "64")


def test_messages_are_on_the_screen_too():
    with support.RawMachine(IMAGE.read_bytes()) as machine:
        machine.wait_for("init starts at")
        assert "init starts at" in machine.screen()
