"""tools/race: a short one, and that the table in the docs is of today's policies."""

import subprocess

import support
from faultline.race.strings import policies


def race(*words: str) -> str:
    command = [str(support.ROOT / "tools/race"), *words]
    result = subprocess.run(command, capture_output=True, text=True, timeout=support.LAST_RESORT, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_mine_races():
    text = race("--policy", "mine,fifo", "--workload", "zipf,loop,mawk", "--frames", "64", "--tsv")
    rows = [line.split("\t") for line in text.splitlines()]
    assert rows[0] == ["policy", "workload", "frames", "faults", "opt", "ratio"]
    assert {(row[0], row[1]) for row in rows[1:]} == {
        *(("opt", name) for name in ("zipf", "loop")),
        *((p, n) for p in ("mine", "fifo") for n in ("zipf", "loop", "mawk 75%", "mawk 50%")),
    }
    assert all(float(row[5]) >= 1 for row in rows[1:] if row[4] != "-")


def test_unknown_names_are_refused():
    for words in (("--policy", "nonesuch"), ("--workload", "nonesuch")):
        command = [str(support.ROOT / "tools/race"), *words]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_the_docs_have_every_policy():
    table = (support.ROOT / "docs/race.tsv").read_text("utf-8")
    page = (support.ROOT / "docs/race.md").read_text("utf-8")
    assert max(map(len, page.splitlines())) <= 120
    for policy in policies():
        assert f"\n{policy}\t" in table
        assert f"**{policy}**" in page, "a paragraph on what its numbers teach"
