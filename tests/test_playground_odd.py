"""The playground's page where something unusual happens to it: another machine, a tab that nobody sees, a run without
end, a reload, the browser's Back. With the machine of test_playground_page.py, which has been recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pages import NEEDS_BROWSER
from test_playground_page import AT_PROMPT, command, folder, opened, settled, window  # noqa: F401

from faultline.browser import Browser

pytestmark = NEEDS_BROWSER

FRAME = "document.getElementById('memory-frame')"


@pytest.fixture
def page(folder, window) -> Iterator[Browser]:  # noqa: F811
    yield from opened(folder, window)


def anew(page: Browser) -> None:
    page.run("document.querySelector('#machine-form button').click()")
    page.wait(AT_PROMPT)
    settled(page)


def test_each_machine_has_a_page_of_its_own(page: Browser):
    """What is there is the new machine's, not the old one's that is about to go; and it goes on."""
    settled(page)
    page.run(f"playground.memory.there.mark = 'old'; {FRAME}.contentWindow.mark = 'old'")
    for _ in range(3):
        anew(page)
        same = f"playground.memory.there === {FRAME}.contentWindow.faultline"
        assert page.run(f"return [{same}, 'mark' in playground.memory.there]") == [True, False]
    assert page.run("return document.querySelectorAll('iframe').length") == 1
    command(page, "demo-cow")


def test_machines_are_no_pages_to_go_back_to(page: Browser):
    before = page.run("return history.length")
    anew(page)
    anew(page)
    assert page.run("return history.length") == before


def test_reloaded_it_is_the_same_machine(page: Browser):
    page.run("document.getElementById('choose-memory').value = '24'")
    anew(page)
    page.run("playground.console.term.input('demo-cow\\r'); location.reload()")  # in the middle of it
    page.wait(f"window.playground && {AT_PROMPT} && playground.starts === 1")
    assert page.run("return [playground.machine.settings.megs, playground.shell.ran]") == [24, []]


def test_another_link_in_the_same_tab_and_back(page: Browser):
    was = page.run("return location.hash")
    page.run("location.hash = '#memory=32&swap=0&policy=fifo&run=true'")
    page.wait(f"playground.starts === 2 && {AT_PROMPT} && playground.shell.ran.length === 1")
    assert page.run("return playground.machine.settings.parameters") == ["policy=fifo"]
    page.run("history.back()")
    page.wait(f"playground.starts === 3 && {AT_PROMPT}")
    assert page.run("return [location.hash, playground.machine.settings.megs]") == [was, 64]


def test_in_a_tab_that_nobody_sees_nothing_piles_up(page: Browser):
    """There a browser moves nothing: what is to fade away first would stay."""
    settled(page)
    page.run(f"""
        const text = {FRAME}.contentDocument;
        Object.defineProperty(text, 'hidden', {{ get: () => true }});
        text.defaultView.requestAnimationFrame = () => 0;
        text.querySelectorAll('.leaving').forEach((each) => each.remove());""")
    command(page, "demo-cow")
    drawn = f"{FRAME}.contentDocument.querySelectorAll('#picture .leaving').length"
    assert page.run(f"""
        const {{ app }} = playground.memory;
        for (let i = 0; i < 20; i++) app.controls.go('fault-back');
        return {drawn}""") == 0


# The run's own state at some moments, beside that of one who has been through all of it at once.
COMPARED = """
    const { trace, travel } = playground.memory.app, { Travel } = module, other = new Travel(trace), wrong = [];
    return other.build().then(() => {
        for (let i = 0; i <= 20; i++) {
            const n = Math.floor(trace.count * i / 20);
            for (const each of [travel, other]) each.seek(n);
            const one = travel.state, two = other.state;
            for (const name of ['F_STATE', 'F_PAGE', 'F_LIST', 'F_LAST']) {
                const [here, there] = [one, two].map((s) => String(s.S.slice(s[name], s[name] + s.size.frames)));
                if (here !== there) wrong.push([n, name]);
            }
            if (one.S[one.FAULTS] !== two.S[two.FAULTS]) wrong.push([n, 'faults']);
        }
        const { keyframes, apart, samples, sampleEvery } = travel, events = samples.event;
        travel.seek(trace.count);
        const inOrder = events.every((n, i) => !i || n >= events[i - 1]);
        const lengths = new Set(Object.values(samples).map((each) => each.length));
        return [wrong, keyframes.length, trace.count / apart, events.length, sampleEvery, inOrder, lengths.size];
    });"""


def test_of_a_long_run_as_much_is_kept_as_of_a_short_one(page: Browser):
    """Where the copies of the state become too many they lie further apart, and lead to the same moments still; and
    there are so many samples for the charts, and no more."""
    settled(page)
    page.run("playground.memory.app.travel.most = 2")
    command(page, "demo-cow")
    count = page.run("return playground.memory.app.trace.count")
    page.run(f"{FRAME}.contentWindow.eval(\"import('page/travel.js').then((all) => {{ parent.module = all; }})\")")
    page.wait("window.module")
    wrong, keyframes, parts, samples, every, in_order, lengths = page.run(COMPARED)
    assert count > 2 * 4096 and wrong == []
    assert keyframes <= 2 and parts < 2
    assert samples <= 4002 and every * samples > 0.9 * count and in_order and lengths == 1


F6 = "\ue036"


def test_by_the_keyboard_alone(page: Browser):
    """A line, then the picture, back in time there, and to the terminal again; a panel opens, and closes."""
    command(page, "true")
    focus = "return document.activeElement.id || document.activeElement.className"
    page.key(F6)
    assert page.run(focus) == "memory-frame"
    page.key("Shift+Left")
    page.wait("playground.memory.app.travel.at < playground.memory.app.trace.count")
    page.key(F6)
    assert "xterm" in page.run(focus)
    page.run("document.querySelector('#panel-lessons summary').focus()")
    place = "return document.activeElement.getBoundingClientRect().top"
    before = page.run(place)
    for is_open in (True, False):  # its name stays where it is
        page.key("Enter")
        assert page.run("return document.getElementById('panel-lessons').open") == is_open
        assert page.run(place) == before
