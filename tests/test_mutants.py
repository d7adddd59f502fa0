"""Breaking the kernel on purpose: a part of the mutants, another one with each commit (all of
them: `make mutants`). What is known of them already is not tried again.

And whoever tries them tells the truth: a mutant is caught by a test that passes without it, and
what could not be tried is an error with a name."""

import subprocess
import sys

import all_mutants
import pytest
from all_mutants import generated, host, live
from mutations import Mutation, Outcome
from support import BUILD, LAST_RESORT, ROOT, commits

PARTS = 36


def test_a_part_of_the_mutants_is_noticed():
    command = [sys.executable, str(ROOT / "tests/all_mutants.py"), "--part", f"{commits() % PARTS}/{PARTS}"]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    print(result.stdout)
    assert result.returncode == 0, (result.stdout + result.stderr)[-8000:]


# --- what is found of one mutant ------------------------------------------------------------

FLUSH = "    while (frame_is(flush->to_free)) {"  # any text that stands in a file once
UNCHANGED = Mutation("mm/page_tables/flush.c", "nothing changes", FLUSH, FLUSH)
NO_PROGRAM, NO_TEST = "no-such-program", "tests/no_such_test.py"


@pytest.fixture(scope="module")
def booted() -> live.Tests:
    return live.Tests()


@pytest.fixture
def on_host() -> host.Tests:
    return host.Tests(ROOT, BUILD / "host")


def test_no_text_is_stale():
    """Each mutation breaks something that is there, and no two are called the same."""
    every = [*all_mutants.HOST, *all_mutants.LIVE]
    assert [f"{m.file}: {m.what}" for m in every if m.is_stale(ROOT)] == []
    assert len({(m.file, m.what) for m in every}) == len(every)
    assert set(all_mutants.EQUIVALENT) <= {m.what for m in every}


def test_generated_ones_are_there():
    """Each is one place, and no two are called the same; what is listed as equivalent exists."""
    every = generated.every_mutation()
    assert len(every) > 2000
    assert [f"{m.file}: {m.what}" for m in every if m.is_stale(ROOT)] == []
    names = {f"{m.file}: {m.what}" for m in every}
    assert len(names) == len(every)
    assert set(all_mutants.GENERATED) <= names


@pytest.mark.parametrize("tests", [(), ("time",)])
def test_a_stale_one_is_named(tests, booted, on_host):
    mutation = Mutation("mm/page_tables/flush.c", "long gone", "no such text", "", tests)
    assert (booted if tests else on_host).try_mutation(mutation).verdict == "stale"
    assert all_mutants.is_wrong(mutation, Outcome("stale"))


def test_one_that_does_not_compile_is_an_error(booted, on_host):
    wrong = UNCHANGED._replace(new="    nonsense\n" + FLUSH)
    assert on_host.try_mutation(wrong).verdict == "error"
    found = booted.try_mutation(wrong._replace(tests=("time",)))
    assert found.verdict == "error" and "build" in found.detail


@pytest.mark.parametrize("test", [NO_PROGRAM, NO_TEST])
def test_a_test_that_is_missing_catches_nothing(test, booted):
    found = booted.try_mutation(UNCHANGED._replace(tests=(test,)))
    assert found.verdict == "error" and test in found.detail


def test_without_pytest_nothing_is_caught(booted, monkeypatch):
    monkeypatch.setattr(live, "PYTEST", (sys.executable, "-m", "no_such_module"))
    found = booted.try_mutation(UNCHANGED._replace(tests=("tests/test_protection.py",)))
    assert found.verdict == "error"


def test_a_test_that_fails_anyway_catches_nothing(booted):
    """A kernel that refuses its command line is not the mutant's doing."""
    test = "--param no-such=1 time"
    found = booted.try_mutation(UNCHANGED._replace(tests=(test,)))
    assert found.verdict == "error" and "nothing changed" in found.detail


def test_what_passes_with_nothing_changed_survives(booted, on_host):
    assert on_host.try_mutation(UNCHANGED).verdict == "SURVIVED"
    assert booted.try_mutation(UNCHANGED._replace(tests=("time",))).verdict == "SURVIVED"


def test_tests_that_fail_anyway_catch_nothing_on_the_host(on_host, monkeypatch):
    monkeypatch.setattr(host, "FUZZ_RUNS", [["--no-such-option"]])
    found = on_host.try_mutation(UNCHANGED)
    assert found.verdict == "error" and "nothing changed" in found.detail


def test_tests_that_are_not_built_catch_nothing(tmp_path):
    assert host.Tests(ROOT, tmp_path).try_mutation(UNCHANGED).verdict == "error"


def test_one_that_never_ends_is_caught_by_its_processor_time(on_host):
    endless = UNCHANGED._replace(new="    while (true)\n        __asm__ volatile(\"\");\n" + FLUSH)
    found = on_host.try_one(endless, seconds=2)
    assert found.verdict == "unit" and "never ends" in found.detail


def test_only_what_was_found_out_is_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(all_mutants, "RESULTS", tmp_path / "results")
    for verdict in ("stale", "error", "SURVIVED", "unit"):
        all_mutants.remember(UNCHANGED._replace(what=verdict), Outcome(verdict, "so"))
    found = all_mutants.remembered().values()
    assert sorted(found) == [Outcome("SURVIVED", "so"), Outcome("unit", "so")]
