"""Fixtures, and the last line of all: the counts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import files_in_turn  # noqa: E402
import pages  # noqa: E402
import reporting  # noqa: E402
import support  # noqa: E402
import traces  # noqa: E402
from site_once import SITES  # noqa: E402

LOGS, TABLES = "test-logs", "test-tables"
# They take longest: one of them, begun last, would have a worker at work while the other has none.
FIRST = ("test_labs.py", "test_user.py", "test_style.py", "test_mutants.py", "test_docs.py", "test_labs_private.py")
support.run_folder(TABLES)  # before there are workers, which inherit the run's number


@pytest.fixture
def boot(request: pytest.FixtureRequest) -> Callable[..., support.Result]:
    """tools/boot; what the last boots said is shown, and kept in build/test-logs/N, on failure."""

    def call(*words: str, **options: Any) -> support.Result:
        result = support.run_boot(*words, **options)
        request.node.boots = [*getattr(request.node, "boots", []), result]
        return result

    return call


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = (yield).get_result()
    boots = getattr(item, "boots", [])
    if report.when == "call" and report.failed and boots:
        text = "\n\n".join(result.report() for result in boots)
        report.sections.append(("tools/boot", text[-6000:]))
        (support.run_folder(LOGS) / (re.sub(r"\W+", "-", item.nodeid) + ".log")).write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def rich_trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with everything in it, to be read only: the same for all files of tests."""
    file = tmp_path_factory.mktemp("rich") / "rich"
    traces.make_rich_trace(file)
    return file


@pytest.fixture(scope="session")
def rich_page(rich_trace: Path) -> Path:
    """Its page."""
    return pages.page_of(rich_trace)


@pytest.fixture(scope="session")
def compile_static(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compile a C text into a static program on this machine."""

    def compile_text(name: str, text: str, *command: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        source, program = folder / f"{name}.c", folder / name
        source.write_text(text, encoding="utf-8")
        words = command or ("musl-gcc", "-static", "-O2")
        subprocess.run([*words, "-o", program, source], check=True)
        return program

    return compile_text


def pytest_terminal_summary(terminalreporter) -> None:
    """Tables that tests leave behind for people."""
    for table in sorted(support.run_folder(TABLES).glob("*.txt")):
        terminalreporter.section(table.stem)
        terminalreporter.write(table.read_text("utf-8"))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(reporting.Reporting())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first; the others as they were, without those that have their turn at another commit."""
    out = files_in_turn.left_out()
    config.hook.pytest_deselected(items=[item for item in items if item.path.name in out])
    items[:] = [item for item in items if item.path.name not in out]
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


def pytest_sessionstart(session: pytest.Session) -> None:
    """What earlier runs left goes, but for those that are still at it."""
    if not hasattr(session.config, "workerinput"):
        for old in [old for what in (TABLES, LOGS, SITES) for old in (support.BUILD / what).glob("*")]:
            if not Path(f"/proc/{old.name}").exists():
                shutil.rmtree(old, ignore_errors=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """What it cost, and alone on the last line: N passed, N failed."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    count = {key: len(reports) for key, reports in reporter.stats.items()}
    failed = count.get("failed", 0) + count.get("error", 0)
    line = f"{count.get('passed', 0)} passed, {failed} failed"
    if files_in_turn.left_out():
        print(f"\n{files_in_turn.words()}", end="")
    if count.get("skipped"):
        line += f", {count['skipped']} skipped"
    print(f"\n{reporting.cost()}\n{line}", flush=True)
