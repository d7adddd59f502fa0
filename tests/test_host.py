"""mm/ on this machine: unit tests, and the fuzzer's million operations, under ASan and UBSan."""

import subprocess

import pytest
from support import BUILD, ROOT

SEED, STEPS = "1", "1000000"


def host_programs(kind: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / "tests/host").glob(f"{kind}_*.c"))


def run(program: str, *arguments: str) -> str:
    command = [BUILD / "host" / program, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    text = result.stdout + result.stderr
    assert result.returncode == 0, text[-5000:]
    return text


@pytest.mark.parametrize("program", host_programs("test"))
def test_unit(program):
    run(program)


@pytest.mark.parametrize("program", host_programs("fuzz"))
def test_fuzz(program):
    run(program, SEED, STEPS)


def test_there_are_programs():
    assert host_programs("test") and host_programs("fuzz")
