"""Faults that can be predicted with pencil and paper."""

import re

import agreement
import pytest


def faults_printed(result) -> int:
    found = re.search(r"faults (\d+)", result.text)
    assert found, result.report()
    return int(found.group(1))


def test_touching_1024_pages_of_a_gibibyte(boot):
    result = boot("--ram", "64M", "--", "/test/count-touch", "1024", witness=True)
    assert abs(faults_printed(result) - 1024) <= 16
    assert len(agreement.of_a_loop(result.seen)) == 1024


@pytest.mark.parametrize("who, expected", [("write", 100), ("parent", 100), ("last", 100)])
def test_writing_100_of_1000_inherited_pages(boot, who, expected):
    result = boot("--ram", "64M", "--", "/test/count-fork", who, witness=True)
    assert abs(faults_printed(result) - expected) <= 16
    assert len(agreement.of_a_loop(result.seen)) == 1000 and len(agreement.again(result.seen)) == expected


def test_reading_inherited_pages_takes_none(boot):
    result = boot("--ram", "64M", "--", "/test/count-fork", "read", witness=True)
    assert faults_printed(result) <= 2  # the child's own stack and data may be among them
    assert len(agreement.of_a_loop(result.seen)) == 1000 and agreement.again(result.seen) == []


def sentences(text: str) -> list[tuple[str, str]]:
    """The faults that `faults` tells, one numbered sentence each."""
    return re.findall(r"^ *(\d+)  (execute|read|write)\b", text, re.MULTILINE)


@pytest.mark.parametrize("build", ["build", "build/debug"])
def test_every_fault_of_one_fault(boot, build):
    """user/one-fault.asm says which four; a debug build counts the same."""
    words = ("--ram", "64M", "--", "faults", "/bin/one-fault")
    result = boot(*words, environment={"BUILD": build}, witness=True)
    assert result.status == 0
    told = sentences(result.text)
    assert [number for number, _ in told] == ["1", "2", "3", "4"]
    assert [access for _, access in told] == ["execute", "write", "write", "write"]
    assert re.search(r"^ *4  in all, 2 of them major$", result.text, re.MULTILINE)
    assert not agreement.unseen(result.text, result.seen)
    assert agreement.of_who_enters(result.seen, 0x401000) == ["execute", "write", "write", "write"]
