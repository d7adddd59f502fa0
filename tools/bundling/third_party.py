"""What a bundle carries that is not ours: whose it is, under which licence, where its source is."""

from __future__ import annotations

import shutil
import subprocess

from tracing import view

HEAD = """\
What is in this bundle and not Faultline's own.

Faultline itself is under the MIT licence: LICENSE. The parts below are as they came, in the versions
named, from Debian or from npm; their sources are where the last line of each says. A Debian source is
also to be had by "apt-get source NAME=VERSION". Whoever hands on the bundle hands on these too, and owes
their receivers the sources of those under the GPL.
"""

# Debian's package, where it is in the bundle, licence, Debian's name of its source.
PARTS = (
    ("busybox-static", "/bin/busybox in build/image.cpio and build/faultline.iso", "GPL-2", "busybox"),
    ("grub-pc-bin", "the boot loader on build/faultline.iso", "GPL-3 or later", "grub2"),
    ("musl-dev", "the C library in the programs of build/image.cpio and build/user", "MIT", "musl"),
    ("sphinx-common", "scripts and styles in docs/_static", "BSD-2-Clause", "sphinx"),
    ("furo", "scripts and styles in docs/_static", "MIT", "furo"),
    ("node-normalize.css", "in docs/_static/styles/furo.css", "MIT", "node-normalize.css"),
    ("libjs-jquery", "docs/_static/jquery.js", "MIT", "jquery"),
    ("libjs-underscore", "docs/_static/underscore.js", "MIT", "underscore"),
)

# What pages are made with; npm brings them.
LIBRARIES = (
    ("uPlot", view.UPLOT_VERSION, "MIT", "https://github.com/leeoniya/uPlot"),
    ("d3", view.D3_VERSION, "ISC", "https://github.com/d3/d3"),
)


def version(package: str) -> str:
    """As it is installed here; "": this machine is not Debian's, or has it from elsewhere."""
    if shutil.which("dpkg-query") is None:
        return ""
    words = ["dpkg-query", "-W", "-f=${source:Version}", package]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def address(source: str, number: str) -> str:
    """Where Debian keeps that version of a source; of all, where the version is not known."""
    return f"https://snapshot.debian.org/package/{source}/{number}{'/' if number else ''}"


def text() -> str:
    told = [HEAD]
    for package, where, licence, source in PARTS:
        number = version(package)
        told.append(f"{package} {number or '(of the machine that made this bundle)'}\n    {where}\n    {licence}\n")
        told[-1] += f"    {address(source, number)}\n"
    for name, number, licence, source in LIBRARIES:
        where = f"build/node_modules/{name.lower()}, and in every page that is made"
        told.append(f"{name} {number}\n    {where}\n    {licence}\n    {source}\n")
    return "\n".join(told)
