"""The page without a mouse, and for who hears it: every control by the keyboard, and axe-core finds nothing serious."""

from __future__ import annotations

import re
from pathlib import Path

import axe
import pytest
from pages import NEEDS_BROWSER, READY, opened, text_of
from test_view_mended import at, choose, moment_with_swap

from faultline.browser import Browser

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def browser(rich_page: Path):
    with opened(rich_page) as window:
        yield window


# --- Without a mouse --------------------------------------------------------------------------

# All that can be worked, as far as it is shown.
CONTROLS = """
    const all = document.querySelectorAll('button, input, select, summary, a[href], [tabindex="0"], #charts th');
    return [...all].filter((e) => e.checkVisibility() && !(e.closest('#charts') && e.tabIndex < 0));"""
NAMES = "(e) => e.id || e.dataset.go || `${e.tagName} ${e.textContent.slice(0, 40)}`"


def test_every_control_is_reached_by_tab(browser: Browser):
    browser.run("faultline.app.goto(arguments[0]); document.activeElement.blur()", moment_with_swap(browser))
    browser.run(
        "window.reached = new Set(); addEventListener('focusin', (e) => reached.add(e.target));"
        f"window.controls = (() => {{ {CONTROLS} }})(); scrollTo(0, 0)"
    )
    count = browser.run("return controls.length")
    assert count > 60
    for _ in range(count // 50 + 2):
        browser.key(*["Tab"] * 50)
    missed = browser.run(f"return controls.filter((e) => !reached.has(e)).map({NAMES})")
    assert missed == []
    wanted = browser.run("return controls.map((e) => e.dataset.go).filter(Boolean)")
    buttons = browser.run("return [...document.querySelectorAll('[data-go]')].map((e) => e.dataset.go)")
    assert sorted(wanted) == sorted(buttons)


def test_every_button_through_time_works_by_keyboard(browser: Browser):
    """Focus, and Enter: each data-go button does what it says."""
    middle = moment_with_swap(browser)
    for go in browser.run("return [...document.querySelectorAll('[data-go]')].map((e) => e.dataset.go)"):
        browser.run(
            "faultline.app.goto(arguments[0]); document.querySelector(`[data-go='${arguments[1]}']`).focus()",
            middle,
            go,
        )
        browser.key("Enter")
        if go == "help":
            assert browser.run("return document.getElementById('help').open")
            browser.key("Escape")
            assert not browser.run("return document.getElementById('help').open")
        elif go == "play":
            browser.wait(f"faultline.app.travel.at > {middle}")
            browser.key("Enter")
            assert not browser.run("return faultline.app.controls.timer")
        else:
            now = at(browser)
            forward = go in ("on", "end") or go.endswith("-on")
            assert now > middle if forward else now < middle, go
        assert browser.run("return document.activeElement.dataset.go") == go, "the focus stays"


def test_the_header_hides_nothing_that_has_the_focus(browser: Browser):
    """Whichever way one comes there."""
    hidden = """
        const { top } = document.activeElement.getBoundingClientRect();
        return top < document.querySelector('header').getBoundingClientRect().bottom;"""
    for start in ("scrollTo(0, 0)", "scrollTo(0, document.body.scrollHeight)"):
        for key in "mpfa":
            browser.run(f"document.activeElement.blur(); {start}")
            browser.key(key)
            assert not browser.run(hidden), (start, key)


def test_every_other_control_works_by_keyboard(browser: Browser):
    middle = moment_with_swap(browser)
    browser.run("faultline.app.goto(arguments[0]); faultline.app.select({ frame: faultline.app.memory.begin })", middle)

    def after(element: str, *keys: str) -> None:
        browser.run("document.querySelector(arguments[0]).focus()", element)
        browser.key(*keys)

    after("#scrub", "Right")
    assert at(browser) == middle + 1
    for select in ("#speed", "#colour-by", "#space"):
        before = browser.run("return document.querySelector(arguments[0]).value", select)
        after(select, "Down")
        if browser.run("return document.querySelector(arguments[0]).value", select) == before:
            after(select, "Up")
        assert browser.run("return document.querySelector(arguments[0]).value", select) != before, select
    after("#follow", " ")
    assert browser.run("return document.getElementById('follow').checked")
    after("#regions", "Down", "Down", "Right")
    space, address = browser.run("const { space, address } = faultline.app.selection; return [space, address]")
    assert space == browser.run("return faultline.app.spaceView.space") and address > 0
    after("#regions", "Left")
    assert browser.run("return faultline.app.selection.address") in (address, address - 4096)
    after("#swap", "Right", "Down", "Right")
    assert re.match(r"slot \d+: (free|page \d+)", text_of(browser, "said"))
    after("#memory", "Right")
    assert browser.run("return faultline.app.selection.frame !== undefined")
    after("#zoom-in", "Enter")
    assert browser.run("const { timeline } = faultline.app; return timeline.until - timeline.from") < browser.run(
        "return faultline.app.trace.count"
    )
    after("#zoom-out", "Enter")
    after("#copy", "Enter")
    assert text_of(browser, "said").startswith("Copied: vm goto ")
    after("#h-text", "Enter")
    assert browser.run("return document.getElementById('text-details').open")
    after("#h-text", "Enter")
    after("#story .link", "Enter")
    assert browser.run("return document.getElementById('story').contains(document.activeElement)"), "the focus stays"
    if browser.run("return typeof uPlot !== 'undefined'"):
        after("#charts th[tabindex='0']", "Enter")
        assert not browser.run("return faultline.app.charts.plots[0].series[1].show")
        browser.key("Enter")
        assert browser.run("return faultline.app.charts.plots[0].series[1].show")
    choose(browser, "colour-by", "kind")


# --- For screen readers ---------------------------------------------------------------------------

STATES = {
    "the last moment": "faultline.app.goto(faultline.app.trace.count)",
    "a fault of the swapping, all open": """
        const { app } = faultline;
        app.goto(app.travel.evictions[app.travel.evictions.length >> 1] + 1);
        for (const details of document.querySelectorAll('details')) details.open = true;
        app.select({ frame: app.frameOfEvent() ?? app.memory.begin });
        app.controls.go('fault-on');""",
    "the keys, and a number that is refused": """
        faultline.app.openAt('#fault=99999999');
        faultline.app.controls.go('help');""",
}


@pytest.mark.parametrize("flags", [(), ("--blink-settings=preferredColorScheme=0",)], ids=["light", "dark"])
def test_axe_finds_nothing_serious(rich_page: Path, flags: tuple[str, ...]):
    if not axe.have():
        pytest.skip("npm could not get axe-core, which looks for what hinders screen readers")
    with Browser("--force-prefers-reduced-motion", *flags) as window:  # what fades in cannot be read yet
        window.open(rich_page)
        window.wait(READY)
        assert window.run("return matchMedia('(prefers-color-scheme: dark)').matches") == bool(flags)
        for name, script in STATES.items():
            window.run(script)
            found = axe.hindrances(window)
            assert found == [], name + ":\n" + "\n".join(found)
            window.run("document.getElementById('help').close()")
