"""Tests of a lab that need no machine: which there are, what they find, and sources to find it in."""

from __future__ import annotations

from pathlib import Path

from support import ROOT

from labbing import bodies, testing
from labbing.description import Lab, Test
from labbing.judge import Finding


def of_host(lab: Lab) -> dict[str, Test]:
    """By their names."""
    return {test.id: test for test in lab.tests if test.kind == "host"}


def findings(lab: Lab, test: str, kernel: Path, seed: str = "1") -> list[Finding]:
    _, due = lab.tell(of_host(lab)[test], seed)
    return testing.witness(kernel, testing.Test(kernel, due), plugin=False).findings


def of_all(lab: Lab, kernel: Path, seed: str = "1") -> list[Finding]:
    return [found for test in of_host(lab) for found in findings(lab, test, kernel, seed)]


def kernel_of(folder: Path, given: bodies.Bodies) -> Path:
    """Where the kernel with these functions would be, if there were one."""
    for file, text in bodies.overlay(ROOT, given).items():
        place = folder / "src" / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return folder / "faultline.elf"
