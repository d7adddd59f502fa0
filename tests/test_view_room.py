"""The picture and the room it has, in a real browser: no word leaves its box, a projector shows all of it, and each
side says what its own regions are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, opened, page_of
from traces import make_trace

from faultline.browser import Browser

pytestmark = NEEDS_BROWSER

LONG = "the parent writes to each of its pages, and whoever looks on shall say which of them are copied and which not, "
LONG += "before anybody presses a key, for afterwards it is easy to have known it all along, as all do who were told"
SAYING = f'note "{LONG}"; demo-share > /dev/null; note "{LONG}"; demo-cow > /dev/null; swaptest 12 1 > /dev/null'


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long captions, sharing, copies, and pages that come and go."""
    file = tmp_path_factory.mktemp("room") / "saying"
    result = make_trace(file, "--ram", "14M", "--swap", "32M", "--", "sh", "-c", SAYING)
    assert result.status == 0, result.report()
    return page_of(file)


@pytest.fixture(scope="module")
def browser(page: Path) -> Iterator[Browser]:
    with opened(page, "--force-prefers-reduced-motion", "--hide-scrollbars") as window:
        yield window


MOMENTS = """
    const { app } = faultline, { faults } = app.travel, first = app.cast.opening(), found = [];
    for (let i = 0; i < 60; i++) {
        const fault = Math.floor(((i + 0.5) * faults.start.length) / 60), n = app.travel.faultEnd(fault) + 1;
        if (n >= first) found.push(n, n - 1);
    }
    return found.concat(app.captions.notes.all.flatMap((note, i) => [note.last + 1, app.captions.end(i)]));"""

# Words that reach beyond the right edge of what they stand in: a box; or, of a label, the column of its boxes.
BEYOND = """
    const found = [], { app } = faultline;
    for (const moment of arguments[0]) {
        app.goto(moment);
        for (const group of document.querySelectorAll('#picture .page, #picture .frame, #picture .slot')) {
            const box = group.querySelector('rect').getBoundingClientRect();
            for (const text of group.querySelectorAll('text')) {
                const { left, right, width } = text.getBoundingClientRect();
                if (width && (right > box.right + 1 || left < box.left - 1)) found.push([moment, text.textContent]);
            }
            const [address, access] = ['address', 'access'].map((name) => group.querySelector('.' + name));
            if (access && access.getBoundingClientRect().width &&
                access.getBoundingClientRect().left < address.getBoundingClientRect().right)
                found.push([moment, address.textContent + access.textContent]);
        }
        const boxes = [...document.querySelectorAll('#picture .page rect')].map((e) => e.getBoundingClientRect());
        for (const label of document.querySelectorAll('#picture .labels text')) {
            const { left, right } = label.getBoundingClientRect();
            const column = boxes.find((box) => Math.abs(box.left - left) < 3);
            if (column && right > column.right + 1) found.push([moment, label.textContent]);
        }
    }
    return found;"""


@pytest.mark.parametrize("width", [1400, 800, 500])
def test_no_word_leaves_its_box(browser: Browser, width: int):
    browser.room(width, 900)
    browser.wait(f"innerWidth === {width}")
    moments = browser.run(MOMENTS)
    assert len(moments) > 60
    assert browser.run(BEYOND, moments) == []


BOTTOMS = """
    const { app } = faultline, bottom = () => document.getElementById('picture').getBoundingClientRect().bottom;
    return arguments[0].map((moment) => { app.goto(moment); return [moment, bottom()]; })
        .filter(([, low]) => low > innerHeight);"""


def test_a_projector_shows_all_of_it(browser: Browser):
    """At every moment, and whatever is said: the picture ends where the window does, or above. So it does in a lesson,
    before the answer and after it."""
    browser.room(1280, 720)
    browser.wait("innerHeight === 720")
    browser.run("faultline.app.picture.project(true)")
    assert browser.run(BOTTOMS, browser.run(MOMENTS)) == []
    boxes = browser.run("return document.querySelectorAll('#picture .page').length")
    assert boxes >= 4
    browser.run("faultline.app.captions.lesson()")
    for caption in range(browser.run("return faultline.app.captions.count()")):
        for stage in ("ask(arguments[0])", "reveal()"):
            browser.run(f"faultline.app.captions.{stage}", caption)
            low, size, lines, seen = browser.run(
                "const [answer, text] = ['answer', 'text'].map((part) => document.getElementById(`caption-${part}`));"
                "return [document.getElementById('picture').getBoundingClientRect().bottom,"
                " parseFloat(getComputedStyle(text).fontSize), answer.scrollHeight / 28, answer.clientHeight / 28]"
            )
            due = min(round(lines), 2 if size == 20 else 4)
            assert low <= 720 and size >= 20 and round(seen) >= due, (caption, stage)
    browser.run("faultline.app.captions.lesson(); faultline.app.picture.project(false)")


SPLIT = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void note(const char *text)
{
    int file = open("/proc/trace", O_WRONLY);
    write(file, text, strlen(text));
    close(file);
}

int main(void)
{
    char *area = mmap((void *)0x10000000, 10 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(area, 1, 10 * 4096);
    if (fork() == 0) {
        mprotect(area + 5 * 4096, 5 * 4096, PROT_READ);
        char *shared = mmap(area + 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        *shared = *area = 2;
        note("note here");
        area[3 * 4096] = 3;
        _exit(0);
    }
    wait(NULL);
    return 0;
}
"""

SIDES = """
    const { app } = faultline;
    app.captions.to(0);
    app.picture.open({ start: 0x10000000, end: 0x1000a000, side: 0 });
    const labels = [...document.querySelectorAll('#picture .labels text')].map((e) => [e.__data__.key, e.textContent]);
    const table = [...document.querySelectorAll('#picture-table tbody tr')].map((row) =>
        [...row.cells].slice(0, 3).map((cell) => cell.textContent));
    return [Object.fromEntries(labels), table, document.querySelectorAll('#picture .strip').length];"""


def test_each_side_says_what_its_own_regions_are(tmp_path: Path, compile_static):
    """A child that has another region at the same address, and other rights, says so; its parent's are its parent's."""
    program = compile_static("split", SPLIT, "musl-gcc", "-static", "-O1", "-w")
    make_trace(tmp_path / "split", "--ram", "32M", "--add", str(program), "--", "split")
    with opened(page_of(tmp_path / "split"), "--force-prefers-reduced-motion") as window:
        labels, table, _ = window.run(SIDES)
        private, shared = "rw- private: zeroes", "rw- shared: shared memory"
        upper = 0x10005000
        expected = [(0x10000000, private, private), (0x10001000, private, shared), (0x10002000, private, private),
                    (upper, private, "r-- private: zeroes")]  # fmt: skip
        for address, left, right in expected:
            assert (labels[f"block0:{address}"], labels[f"block1:{address}"]) == (left, right), hex(address)
        regions = {(who.split()[1], page): region for who, page, region in table}
        assert [regions[f"({process})", "0x10001000"] for process in (2, 3)] == ["zeroes", "shared memory"]
        assert f"rest0:{0x10000000}" not in labels, "all ten are shown"


def test_a_region_is_known_however_many_there_were_before(tmp_path: Path):
    """Of a program that ran after hundreds of others."""
    script = "for i in $(seq 150); do ls / > /dev/null; done; demo-cow > /dev/null"
    make_trace(tmp_path / "late", "--ram", "32M", "--", "sh", "-c", script)
    with opened(page_of(tmp_path / "late")) as window:
        kinds = window.run(
            "const { finder, cast, travel, trace } = faultline.app;"
            "const process = [...cast.actors.keys()].find((each) => cast.name(each) === 'demo-cow');"
            "const set = (filter, value) => { filter.value = value; filter.dispatchEvent(new Event('change')); };"
            "set(finder.process, String(process));"
            "return ['stack', 'zeroes', 'demo-cow', ''].map((region) => { set(finder.region, region);"
            " return finder.found.length; })"
        )
        *parts, every = kinds
        assert all(parts) and sum(parts) <= every
