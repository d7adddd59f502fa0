"""The emulator: Bochs, compiled by emscripten into WebAssembly, from the source of Debian's package.

None of its code is in this tree: it is fetched as Debian's sources are, mended in a few places (MENDED), compiled
with a file of ours (bochs/playground.cc) and kept in build/playground-bochs. It is compiled again only when
something of that changed, which takes two processors three minutes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from faultline import project

OURS = Path(__file__).resolve().parent / "bochs/playground.cc"
KEPT = project.ROOT / "build/playground-bochs"
PACKAGE, VERSION, DISTRIBUTION = "bochs", "3.0", "trixie"
ARCHIVE = f"{PACKAGE}_{VERSION}+dfsg.orig.tar.xz"
SUM = "78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCE = KEPT / f"{PACKAGE}-{VERSION}"
MADE = GLUE, MODULE = KEPT / "bochs.js", KEPT / "bochs.wasm"

# In which file, what, and what instead. Each is there once.
MENDED = (
    # basename is this header's.
    ("gui/keymap.cc", '#include "gui.h"\n', '#include <libgen.h>\n#include "gui.h"\n'),
    # The bounds are dates that no longer fit into what holds them.
    ("config.cc", "      mintime, maxtime,\n", "      0, BX_MAX_BIT64S,\n"),
    # The serial line as a terminal: emscripten has what that needs.
    ("iodev/serial.h", "defined(__CYGWIN__)\n", "defined(__CYGWIN__) || defined(__EMSCRIPTEN__)\n"),
    ("iodev/serial.h", "#include <termios.h>\n", "#include <termios.h>\n#include <sys/select.h>\n"),
    # All is set up: the page takes over, a slice at a time.
    ("main.cc", '#include "bochs.h"\n', '#include <emscripten.h>\n#include "bochs.h"\n'),
    (
        "main.cc",
        "      if (BX_SMP_PROCESSORS == 1) {\n",
        "      emscripten_exit_with_live_runtime();\n      if (BX_SMP_PROCESSORS == 1) {\n",
    ),
    # What calls setjmp makes each of its calls through JavaScript: so the loop is a function of its own.
    (
        "cpu/cpu.cc",
        "  BX_CPU_THIS_PTR speculative_rsp = false;\n\n#if BX_SUPPORT_CET",
        "  BX_CPU_THIS_PTR speculative_rsp = false;\n\n"
        "  auto run = []() __attribute__((noinline)) {\n#if BX_SUPPORT_CET",
    ),
    (
        "cpu/cpu.cc",
        "  }  // while (1)\n}\n\n#if BX_SUPPORT_SMP\n",
        "  }  // while (1)\n  };\n  run();\n}\n\n#if BX_SUPPORT_SMP\n",
    ),
)
CONFIGURED = (
    *("--host=i686-linux-gnu", "--build=x86_64-linux-gnu", "--enable-x86-64", "--enable-cpu-level=6", "--with-nogui"),
    *("--without-x", "--without-sdl", "--without-sdl2", "--without-wx", "--without-term", "--disable-plugins"),
    *("--disable-docbook", "--disable-readline", "--disable-usb", "--enable-handlers-chaining"),
    *("--enable-fast-function-calls", "CFLAGS=-O2", "CXXFLAGS=-O2"),
)
INCLUDED = ("-I.", "-Iinstrument/stubs", "-D_FILE_OFFSET_BITS=64", "-D_LARGE_FILES")
LINKED = (
    *("-O2", "-sENVIRONMENT=worker", "-sMODULARIZE", "-sEXPORT_NAME=bochs", "-sINVOKE_RUN=0", "-sFORCE_FILESYSTEM"),
    *("-sALLOW_MEMORY_GROWTH", "-sINITIAL_MEMORY=64MB", "-sMAXIMUM_MEMORY=2GB"),
    *("-sEXPORTED_RUNTIME_METHODS=FS,callMain,HEAPU8", "-sEXIT_RUNTIME=0"),
)


def made() -> bool:
    """Is it there already, of what is here now?"""
    return _remembered("linked") == _sum_linked() and all(file.exists() for file in MADE)


def have() -> None:
    """The emulator is in build/playground-bochs."""
    if made():
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    with project.alone("playground-bochs.lock", "waiting for another who compiles the emulator"):
        if made():
            return
        if _remembered("compiled") != _sum_compiled():
            shutil.rmtree(SOURCE, ignore_errors=True)
            _unpack(_archive())
            _mend()
            _compile()
            (KEPT / "compiled").write_text(_sum_compiled(), "ascii")
        _link()
        (KEPT / "linked").write_text(_sum_linked(), "ascii")


def _remembered(name: str) -> str:
    file = KEPT / name
    return file.read_text("ascii") if file.exists() else ""


def _sum_compiled() -> str:
    return hashlib.sha256(repr((SUM, MENDED, CONFIGURED)).encode()).hexdigest()


def _sum_linked() -> str:
    return hashlib.sha256(repr((_sum_compiled(), INCLUDED, LINKED, OURS.read_bytes())).encode()).hexdigest()


def _environment() -> dict[str, str]:
    """As emscripten wants it with Debian's node and its packages; a newer node's own fetch is in its way."""
    environment = {key: value for key, value in os.environ.items() if key not in ("EM_CACHE", "MAKEFLAGS")}
    environment["NODE_PATH"] = "/usr/share/nodejs:/usr/lib/nodejs"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip("v\n").split(".")[0]) >= 18:
        environment["NODE_OPTIONS"] = "--no-experimental-fetch"
    return environment


def _run(command: list[str], folder: Path, said: str) -> None:
    """A step whose words go into a file; its end is shown when it fails."""
    print(f"tools/playground: {said}", file=sys.stderr, flush=True)
    log = KEPT / "log"
    with open(log, "wb") as out:
        result = subprocess.run(
            command, cwd=folder, env=_environment(), stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False
        )
    if result.returncode:
        sys.exit("\n".join([*log.read_text("utf-8", "replace").splitlines()[-12:], f"{command[0]} failed ({log})"]))


# --- The source ------------------------------------------------------------------------------------


def _archive() -> Path:
    """The package's source, by apt-get where it is not there yet."""
    archive = KEPT / ARCHIVE
    if not archive.exists():
        _fetch(archive)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SUM:
        sys.exit(f"{archive} is not {PACKAGE} {VERSION} as Debian has it")
    return archive


def _fetch(archive: Path) -> None:
    """From where apt-get has its packages from; a missing .dsc does no harm."""
    print(f"tools/playground: fetching the source of {PACKAGE} {VERSION}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for folder in ("lists/partial", "cache/archives/partial"):
            (Path(scratch) / folder).mkdir(parents=True)
        (Path(scratch) / "sources.list").write_text(_source_lines(), "utf-8")
        options = ["-o", f"Dir::Etc::sourcelist={scratch}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null"]
        options += ["-o", f"Dir::State::lists={scratch}/lists", "-o", f"Dir::Cache={scratch}/cache"]
        options += ["-o", "APT::Sandbox::User=root"]
        for words in (["update"], ["source", "--download-only", PACKAGE]):
            subprocess.run(["apt-get", *options, *words], cwd=scratch, capture_output=True, check=False)
        fetched = Path(scratch) / ARCHIVE
        if not fetched.exists():
            sys.exit(
                f"apt-get does not bring {ARCHIVE} of Debian's {DISTRIBUTION}: put it into {archive.parent} by hand"
            )
        shutil.copy(fetched, archive)


def _source_lines() -> str:
    """The archives that apt-get has packages of Debian's from, as places of sources."""
    what = ["Created-By: Packages", "Component: main", "Label: Debian"]
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", *what]
    known = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    signed = f"[signed-by={KEYS}] " if KEYS.exists() else ""
    return "".join(f"deb-src {signed}{address} {DISTRIBUTION} main\n" for address in sorted(set(known.split())))


def _unpack(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(KEPT)


def _mend() -> None:
    for name, old, new in MENDED:
        file = SOURCE / name
        text = file.read_text("latin-1")
        if text.count(old) != 1:
            sys.exit(f"{name} of {PACKAGE} {VERSION} is not as we know it: {text.count(old)} times {old!r}")
        file.write_text(text.replace(old, new), "latin-1")


# --- The program -----------------------------------------------------------------------------------


def _compile() -> None:
    _run(["emconfigure", "./configure", *CONFIGURED], SOURCE, "configuring the emulator: a minute")
    jobs = f"-j{os.cpu_count()}"
    # Its own link, of a program that it thinks will run here, is no use to us, and fails.
    _run(["make", jobs, "bochs", f"LIBTOOL={shutil.which('true')}"], SOURCE, "compiling the emulator: minutes")


def _link() -> None:
    objects = [str(path.relative_to(SOURCE)) for path in sorted(SOURCE.glob("*.o"))]
    archives = [str(path.relative_to(SOURCE)) for path in sorted(SOURCE.rglob("*.a"))]
    libraries = ["-Wl,--start-group", *archives, "-Wl,--end-group"]
    command = ["em++", *INCLUDED, *LINKED, "-o", str(GLUE), str(OURS), *objects, *libraries]
    _run(command, SOURCE, "linking the emulator: half a minute")
