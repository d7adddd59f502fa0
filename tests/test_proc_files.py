"""docs/reference.md has every file of /proc that there is, and no other."""

import re

from support import ROOT

PAGE = ROOT / "docs/reference.md"
LIST = """
for file in $(find /proc -mindepth 1 -maxdepth 4 | grep -v '/proc/[0-9]'); do echo $file; done
for file in $(find /proc/$$ -mindepth 1 -maxdepth 3 | grep -v '/fd/'); do echo $file; done
"""


def described() -> set[str]:
    section = PAGE.read_text("utf-8").split("## Files of /proc", 1)[1].split("\n## ", 1)[0]
    first_cells = (line.split(" | ")[0] for line in section.splitlines())
    return {path for cell in first_cells for path in re.findall(r"`(/proc/[^`]+)`", cell)}


def there_are(text: str) -> set[str]:
    paths = {re.sub(r"^/proc/\d+", "/proc/PID", line) for line in text.split()}
    paths = {re.sub(r"/task/\d+(/.+)", r"\1", path) for path in paths}  # the process's, once more
    paths = {re.sub(r"/task/\d+", "/task/TID", path) for path in paths}
    paths = {re.sub(r"/fdinfo/\d+", "/fdinfo/FD", path) for path in paths}
    folders = {"/proc/PID/task/TID", "/proc/sysvipc", "/proc/sys"}
    return {path for path in paths - folders if not re.fullmatch(r"/proc/sys/\w+", path)}


def test_every_file(boot):
    result = boot("--", "sh", "-c", LIST)
    assert result.status == 0
    assert there_are(result.text) == described()
