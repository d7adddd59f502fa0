"""It starts: through PVH and through GRUB, with little memory and with much."""

import re
import struct
from pathlib import Path

import pytest
from support import BUILD


@pytest.mark.parametrize("ram", ["32M", "64M", "512M", "3G"])
def test_boots_with_memory(boot, ram):
    result = boot("--ram", ram, "--", "echo", "up")
    assert (result.stdout, result.status) == (b"up\n", 0)


def only_the_file(folder: Path) -> dict[str, str]:
    """The environment for a kernel that no loader clears anything for: its segments end with the file."""
    kernel = bytearray((BUILD / "faultline.elf").read_bytes())
    (headers,) = struct.unpack_from("<Q", kernel, 32)
    size, count = struct.unpack_from("<HH", kernel, 54)
    for at in range(headers, headers + size * count, size):
        kernel[at + 40 : at + 48] = kernel[at + 32 : at + 40]  # p_memsz = p_filesz
    (folder / "faultline.elf").write_bytes(kernel)
    (folder / "image.cpio").symlink_to((BUILD / "image.cpio").resolve())
    return {"BUILD": str(folder), "FAULTLINE_NO_BUILD": "1"}


@pytest.mark.parametrize("loader", ["pvh", "pvh that clears nothing", "grub"])
def test_memory_need_not_be_zero_at_the_start(boot, tmp_path, loader):
    """A reset leaves what was there. Whatever the kernel takes for zero, it has cleared itself."""
    size = 128 << 20
    with open(tmp_path / "ram", "wb") as ram:
        ram.write(b"\xfa\x17\x11\x3e\xde\xad\xbe\xef" * (size // 8))
    backend = f"memory-backend-file,id=ram,size={size},mem-path={tmp_path}/ram,share=off"
    machine = ("-m", str(size >> 20), "-object", backend, "-machine", "memory-backend=ram")
    job = "ls /bin > /tmp/a; cat /tmp/a | sort > /tmp/b; cmp /tmp/a /tmp/b; /test/zero; cat /proc/audit"
    words = ("--ram", "100M", *(f"--qemu-arg={word}" for word in machine))
    if loader == "grub":
        words = ("--grub", "--realtime", *words)
    environment = only_the_file(tmp_path) if loader == "pvh that clears nothing" else None
    result = boot(*words, "--param", "audit=50", "--", "sh", "-c", job, environment=environment)
    assert result.status == 0, result.report()
    assert result.text.endswith("0 broken\n"), result.report()


def test_boots_through_grub(boot):
    result = boot("--grub", "--realtime", "--", "cat", "/etc/job")
    assert (result.stdout, result.status) == (b"/bin/cat\0/etc/job\0", 0)


def test_boots_on_uefi(boot):
    """The same CD, another firmware: no VGA text, another memory map, the same machine."""
    audited = "cat /etc/job | tr '\\0' ' '; uname -s; cat /proc/audit"
    result = boot("--uefi", "--realtime", "--", "sh", "-c", audited)
    assert result.status == 0
    assert result.text.startswith("/bin/sh -c ") and result.text.endswith("Linux\n0 broken\n")
    assert "loaded by multiboot2" in result.stderr


def test_grub_hands_over_the_parameters(boot):
    result = boot("--grub", "--realtime", "--param", "nonsense=1", "--", "true")
    assert "nonsense" in result.stderr and result.status == 125


def test_kernel_messages_say_what_was_found(boot):
    result = boot("--", "true")
    assert re.search(r"init starts at \d+ ns", result.stderr)
    for feature in ("SMEP", "SMAP", "UMIP", "NX"):
        assert feature in result.stderr


def test_processor_without_the_guards_still_works(boot):
    result = boot("--qemu-arg=-cpu", "--qemu-arg=qemu64", "--", "echo", "plain")
    assert (result.stdout, result.status) == (b"plain\n", 0)


def test_frames_limits_the_users_pages(boot):
    """A cap of 2,000 frames is less than 64 MiB give; the program that wants 5,000 is ended."""
    script = "i=0; x=y; while [ $i -lt 13 ]; do x=$x$x$x$x; i=$((i+1)); done; echo ${#x}"
    result = boot("--ram", "64M", "--frames", "2000", "--", "sh", "-c", script)
    assert result.status == 128 + 9
    assert b"67108864" not in result.stdout
