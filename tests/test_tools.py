"""The host side's own parts: the archive, the options, the verdict, the builds."""

import subprocess

import pytest
import support
from faultline import cpio, image, run

IMAGE = support.BUILD / "image.cpio"


def test_file_data_starts_on_a_page():
    contents = bytes(range(256)) * 40
    members = [cpio.file(f"{'n' * i}", contents) for i in range(1, 200, 7)]
    archive = cpio.pack(members)
    at = -1
    for _ in members:
        at = archive.index(contents, at + 1)
        assert at % cpio.PAGE == 0
    assert len(archive) % cpio.PAGE == 0


def test_unpack_gives_what_was_packed():
    members = [
        cpio.directory("a"),
        cpio.file("a/b", b"text"),
        cpio.file("a/empty", b""),
        cpio.symlink("a/link", "b"),
    ]
    assert cpio.unpack(cpio.pack(members)) == members


def test_the_later_of_two_members_wins():
    archive = cpio.pack([cpio.file("a", b"old"), cpio.file("a", b"new")])
    assert cpio.unpack(archive) == [cpio.file("a", b"new")]


def test_adding_keeps_what_is_there():
    before = {member.name: member for member in cpio.unpack(IMAGE.read_bytes())}
    added = [cpio.directory("tmp"), cpio.file("tmp/x", b"x"), cpio.directory("new")]
    after = {m.name: m for m in cpio.unpack(image.compose(IMAGE, added))}
    assert after["tmp"] == before["tmp"], "its mode is 1777 and stays so"
    assert set(after) - set(before) == {"tmp/x", "new"}


def test_the_image_is_made_the_same_each_time(tmp_path):
    top = support.BUILD / "user"
    programs = sorted(top.glob("*/*"))
    for name, order in (("one", programs), ("two", programs[::-1])):
        command = [support.ROOT / "tools/mkimage", "-o", tmp_path / name, "--programs", top]
        subprocess.run([*command, *order], check=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_where_an_added_file_goes(tmp_path):
    file = tmp_path / "with:colon"
    file.write_bytes(b"")
    assert image.parse_add(str(file)) == (file, "/bin/with:colon")
    assert image.parse_add(f"{file}:/etc/x") == (file, "/etc/x")
    with pytest.raises(ValueError):
        image.parse_add(str(tmp_path / "missing"))


def test_the_job_is_words_ended_by_nul():
    job, stdin = image.job_members(["ls", "", "a b"], None)
    assert (job.name, job.data) == ("etc/job", b"/bin/ls\0\0a b\0")
    assert (stdin.name, stdin.data) == ("etc/job.stdin", b"")


@pytest.mark.parametrize(
    "qemu, job, is_job, status",
    [
        (run.QEMU_NORMAL, 7, True, 7),
        (run.QEMU_NORMAL, None, True, run.PANIC),
        (run.QEMU_PANIC, 7, True, run.PANIC),
        (run.QEMU_PANIC, None, False, run.PANIC),
        (run.QEMU_REFUSED, None, True, run.PANIC),
        (run.QEMU_REFUSED, None, False, run.PANIC),
        (run.TIMEOUT, 0, True, run.TIMEOUT),
        (0, 7, True, run.PANIC),  # a triple fault: the machine was reset
        (-11, 7, True, run.PANIC),
        (run.QEMU_NORMAL, None, False, 0),
        (0, None, False, 0),  # Ctrl-A x
    ],
)
def test_verdict(qemu, job, is_job, status):
    assert run.verdict(qemu, job, is_job) == status


def test_status_lines():
    status = run.Status()
    assert status.job() is None
    for piece in (b"sta", b"tus 13", b"7\n"):
        status.consume(piece)
    assert status.job() == 137


STEPS = ("region", "pte", "page", "fill", "unshare", "install")


def test_a_debug_build_keeps_the_six_steps():
    kernel = support.ROOT / "build/debug/faultline.elf"
    assert {f"fault_{step}" for step in STEPS} <= set(support.symbols(kernel))


def test_nothing_is_writable_and_executable_in_the_kernel():
    kernel = support.BUILD / "faultline.elf"
    headers = subprocess.run(
        ["readelf", "-lW", kernel], capture_output=True, text=True, check=True
    ).stdout
    loads = [line.split() for line in headers.splitlines() if line.strip().startswith("LOAD")]
    assert loads
    for words in loads:
        flags = "".join(words[6:-1])
        assert not ("W" in flags and "E" in flags), words


def test_what_qemu_says_is_told_but_for_what_says_nothing(capfd):
    """Its one warning about a machine that only a key can wake would stand in the middle of the screen."""
    qemu = run.Complaints()
    for part in (b"qemu: warning: icount sleep disabled and no act", b"ive timers\nqemu: no", b" such disk\n"):
        qemu.consume(part)
    assert capfd.readouterr().err == "qemu: no such disk\n"
