"""axe-core, from npm: what a page lacks for who reads it by ear or works it by keyboard.

It is a script that looks at the page it is run in, and lists what breaks the rules of WCAG 2, each with how
much that hinders: minor, moderate, serious, critical."""

from __future__ import annotations

from faultline import npm
from faultline.browser import Browser

VERSION = "4.10.3"
SCRIPT = npm.MODULES / "axe-core/axe.min.js"
HINDERS = ("serious", "critical")

LOOK = """
    return axe.run(document, { resultTypes: ["violations"] }).then((results) => ({
        rules: results.passes.length + results.violations.length,
        found: results.violations.flatMap((rule) =>
            rule.nodes.map((node) => [rule.impact, `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`])),
    }));"""


def have() -> bool:
    """axe-core is in build/; false, and why on stderr, when npm cannot get it."""
    return npm.have("axe-core", VERSION, "nothing looks at the page for screen readers")


def hindrances(window: Browser) -> list[str]:
    """What is serious or critical on the page as it stands."""
    if not window.run("return Boolean(window.axe)"):
        window.run(SCRIPT.read_text("utf-8"))
    looked = window.run(LOOK)
    assert looked["rules"] > 10, "it has looked"
    return [told for impact, told in looked["found"] if impact in HINDERS]
