"""axe-core, from npm: what a page lacks for who reads it by ear or works it by keyboard.

It is a script that looks at the page it is run in, and lists what breaks the rules of WCAG 2, each with how
much that hinders: minor, moderate, serious, critical."""

from __future__ import annotations

from faultline import npm
from faultline.browser import Browser

VERSION = "4.10.3"
SCRIPT = npm.MODULES / "axe-core/axe.min.js"
HINDERS = ("serious", "critical")

INTO_ALL = """
    for (const each of [window, ...[...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow)])
        each.eval(arguments[0]);"""
LOOK = """
    return axe.run(document, { resultTypes: ["violations"] }).then((results) => ({
        rules: results.passes.length + results.violations.length,
        found: results.violations.flatMap((rule) =>
            rule.nodes.map(({ target, failureSummary }) =>
                [rule.impact, `${rule.id}: ${target.flat().join(" ")}: ${failureSummary}`])),
    }));"""


def have() -> bool:
    """axe-core is in build/; false, and why on stderr, when npm cannot get it."""
    return npm.have("axe-core", VERSION, "nothing looks at the page for screen readers")


def hindrances(window: Browser) -> list[str]:
    """What is serious or critical on the page as it stands, and on pages in its frames, which are of its own origin."""
    if not window.run("return Boolean(window.axe)"):
        window.run(INTO_ALL, SCRIPT.read_text("utf-8"))
    looked = window.run(LOOK)
    assert looked["rules"] > 10, "it has looked"
    return [told for impact, told in looked["found"] if impact in HINDERS]
