"""Real programs from Debian packages, in groups that are too small for them.

Each runs once without a limit, so that its files are in memory (and another's to pay for) and
what it needs is known; then in a group of a part of that. Some policies bring it to a crawl:
after so many seconds of its own time it has lost.
"""

from __future__ import annotations

import random
from pathlib import Path

from faultline.race import boot
from faultline.race.strings import Result

SHARES = (75, 50)  # percent of what a program needs
SECONDS = 5
WORDS = 12_000

# Name: (the package or nothing for busybox, the command; /text is its input).
PROGRAMS = {
    "sort": ("", "sort /text"),
    "bzip2": ("bzip2", "bzip2 -3 -c /text"),
    "mawk": ("mawk", "mawk '{n[$1]++; l[$1] = l[$1] NR \" \"} END {for (w in n) print w, l[w]}' /text"),
}

RUN = """
run() {
    name=$1; limit=$2; shift 2
    cd /sys/fs/cgroup; mkdir $name; echo $limit > $name/memory.max; echo $policy > $name/memory.policy
    ended=1
    timeout $seconds sh -c "echo \\$\\$ > /sys/fs/cgroup/$name/cgroup.procs; exec $*" > /dev/null || ended=0
    echo heat $name $limit $(cat $name/memory.peak) $(sed -n 's/admitted //p' $name/memory.stat) $ended
    rmdir $name
}
"""


def options(folder: Path) -> list[str]:
    """The input, made by fixed dice, and the packages, for tools/boot."""
    text = folder / "text"
    if not text.exists():
        dice = random.Random(1)
        lines = (f"{dice.randrange(2000)} {dice.randrange(1 << 40):x}\n" for _ in range(WORDS))
        text.write_text("".join(lines), encoding="ascii")
    packages = [word for package, _ in PROGRAMS.values() if package for word in ("--package", package)]
    return ["--add", f"{text}:/text", *packages]


def quote(command: str) -> str:
    """As one word of the script, which its inner shell takes apart again."""
    return "'" + command.replace("'", "'\\''") + "'"


def warm(names: list[str]) -> list[str]:
    return [f"run {name} max {quote(PROGRAMS[name][1])}" for name in names]


def heats(text: str) -> list[list[str]]:
    lines = [line.split() for line in text.splitlines()]
    return [words[1:] for words in lines if words and words[0] == "heat"]


def limits(names: list[str], folder: Path) -> dict[tuple[str, int], int]:
    """Of each program and share of what it needs: bytes, whole pages."""
    script = "\n".join([f"policy=clock; seconds={SECONDS}", RUN, *warm(names), *warm(names)])
    found = {}
    for name, _, peak, _, _ in heats(boot.run(script, *options(folder))):
        for share in SHARES:  # the second time counts: its files are there
            found[name, share] = int(peak) * share // 100 // 4096 * 4096
    return found


def race(policy: str, found: dict[tuple[str, int], int], folder: Path) -> list[Result]:
    names = list(dict.fromkeys(name for name, _ in found))
    script = [f"policy={policy}; seconds={SECONDS}", RUN, *warm(names)]
    for (name, _), limit in found.items():
        script.append(f"run {name} {limit} {quote(PROGRAMS[name][1])}")
    told = heats(boot.run("\n".join(script), *options(folder)))[len(names) :]
    return [
        Result(policy, f"{name} {share}%", limit // 4096, int(words[3]), words[4] == "1")
        for ((name, share), limit), words in zip(found.items(), told, strict=True)
    ]
