"""The playground's page, in a real browser, from a file; in the machine's place one that says what a real one has said
(tests/playground_fake.js), so that nothing but the page is tried here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import axe
import pytest
from pages import NEEDS_BROWSER
from support import ROOT
from traces import make_trace

from faultline.browser import Browser
from lecturing import deck as decks
from lecturing.pages import tried
from playing import pages
from siting import trying

pytestmark = NEEDS_BROWSER

STRING = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1"
GRID = f"refstring --grid --frames 3 --policy lru {STRING}"
POLICY = "echo lru > /sys/fs/cgroup/memory.policy; cat /sys/fs/cgroup/memory.policy"
RECORDED = (GRID, POLICY, "demo-cow")
AT_PROMPT = "playground.shell.atPrompt && playground.memory.app"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, with a machine that has been recorded."""
    if not pages.fetch_xterm():
        pytest.skip("xterm.js is not here")
    made = tmp_path_factory.mktemp("playground")
    script = "\n".join(f"echo '=== {command}'\n{command}" for command in RECORDED)
    result = make_trace(made / "trace", "--ram", "64M", "--swap", "64M", "--", "sh", "-c", script)
    assert result.status == 0, result.report()
    parts = re.split(r"^=== (.*)\n", result.text, flags=re.MULTILINE)
    recorded = {
        "trace": base64.b64encode((made / "trace").read_bytes()).decode("ascii"),
        "said": dict(zip(parts[1::2], parts[2::2], strict=True)),
    }
    fake = (ROOT / "tests/playground_fake.js").read_text("utf-8").replace('"RECORDED"', json.dumps(recorded))
    (made / "machine.js").write_text(fake)
    pages.write(made, machine=made / "machine.js")
    return made


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with Browser("--host-resolver-rules=MAP * ~NOTFOUND") as browser:
        yield browser


@pytest.fixture
def page(folder: Path, window: Browser) -> Iterator[Browser]:
    """The page, just opened, at the prompt of its machine. Nothing goes wrong there while it is open."""
    yield from opened(folder, window)


def opened(folder: Path, window: Browser, link: str = "") -> Iterator[Browser]:
    window.open("about:blank")
    window.open((folder / "index.html").as_uri() + link)
    window.wait(f"window.playground && {AT_PROMPT}")
    yield window
    assert window.log() == []


def typed(page: Browser) -> str:
    text: str = page.run("return playground.machine.typed")
    return text


def text_of(page: Browser, element: str) -> str:
    text: str = page.run("return document.getElementById(arguments[0]).textContent", element)
    return text


def settled(page: Browser) -> None:
    page.wait(f"{AT_PROMPT} && playground.machine.given >= playground.machine.until")
    page.wait("playground.memory.app.trace.count * 40 + 16384 >= playground.machine.given")  # each of 40 bytes
    page.wait("!playground.memory.there.live.busy && !playground.memory.waiting.length")
    page.wait("playground.memory.app.travel.at === playground.memory.app.trace.count")


def command(page: Browser, line: str) -> None:
    before = page.run("playground.console.focus(); return playground.shell.ran.length")
    page.key(*line, "Enter")
    page.wait(f"playground.shell.ran.length > {before}")
    settled(page)


def test_it_needs_nothing_from_outside(page: Browser):
    assert page.run("return location.protocol") == "file:"
    assert page.run("return performance.getEntriesByType('resource').length") == 0
    assert page.run("return typeof SharedArrayBuffer") == "undefined"
    settings = page.run("const { files, ...rest } = playground.machine.settings; return rest")
    assert settings["megs"] == 64 and settings["trace"] and settings["kernel"] is None
    assert settings["parameters"] == [f"swap={16 << 20}", "swap_latency=1000", "policy=clock"]


# At the end of each copying fault in memory that demo-cow has asked for: arrows, and those of before.
COPIES = """
    const { app } = playground.memory, { trace } = app, { faults } = app.travel;
    const text = document.getElementById('memory-frame').contentDocument;
    const count = (what) => text.querySelectorAll(what).length;
    return faults.kind.flatMap((kind, i) => {
        const address = trace.address(faults.start[i]), asked = address > 0x7ff000000000 && address < 0x7fffff000000;
        if (trace.names.kind[kind] !== 'copy' || !asked) return [];
        app.controls.toFault(i);
        return [[count('#picture .arrows path:not(.leaving)'), count('#picture .before path:not(.leaving)')]];
    });"""


def test_what_is_typed_runs_and_the_picture_shows_the_copy(page: Browser):
    """Arrows are read back from the drawing: where a page is copied one has turned, and is drawn as it was, too."""
    command(page, "demo-cow")
    assert "demo-cow\r" in typed(page)
    assert page.run("return playground.shell.ran") == ["demo-cow"]
    assert any(arrows >= 2 and before == 1 for arrows, before in page.run(COPIES))


def test_pause_step_and_back(page: Browser):
    settled(page)
    page.click("#pause", 5, 5)
    assert page.run("return playground.machine.paused")
    here = page.run("return playground.memory.app.travel.at")
    page.run("playground.machine.until = playground.machine.trace.length")
    page.click("#step", 5, 5)
    page.wait(f"playground.memory.app.travel.at === {here} + 1")
    assert page.run("return playground.machine.paused")
    page.run("playground.memory.app.controls.go('back'); playground.memory.app.controls.go('back')")
    assert page.run("return playground.memory.app.travel.at") == here - 1
    page.click("#step", 5, 5)
    assert page.run("return playground.memory.app.travel.at") == here
    page.click("#pause", 5, 5)
    settled(page)


def test_a_reference_string_draws_its_grid(page: Browser):
    page.run("document.getElementById('panel-grid').open = true")
    page.run("document.getElementById('grid-policy').value = 'lru'")
    page.run("document.querySelector('#grid-form button').click()")
    page.wait("document.querySelectorAll('#grid-table tr').length === 5")
    assert GRID + "\r" in typed(page)
    rows = page.run("""
        return [...document.querySelectorAll('#grid-table tr')].map((e) => [...e.cells].map((c) => c.textContent))""")
    assert rows[0] == ["reference", *STRING.split()]
    assert [row[-1] for row in rows[1:4]] == ["1", "0", "7"] and rows[4].count("*") == 12
    assert "20 references, 12 faults" in text_of(page, "grid-said")


LINES = """
    const { ShellLine } = module;
    return arguments[0].map((written) => {
        const line = new ShellLine(11), behind = line.feed(written);
        return [line.text(), behind];
    });"""


def test_what_is_typed_is_read_back_from_what_the_shell_writes(page: Browser):
    """Letters; erased ones; one put in between; a line from before, over another; one that is longer than a row."""
    long = "echo " + "a" * 64 + "b" * 20
    written = ["free\r\n…", "frx\b\x1b[Jee\r\n", "fee\b\b\x1b[Jree\r\n", "ps\rfaultline# \x1b[Jfree\r\n"]
    written += [long[:69] + "\r\n" + long[69:] + "\r\n", "demo-c"]
    expected = [["free", "…"], ["free", ""], ["free", ""], ["free", ""], [long, ""], ["demo-c", None]]
    page.run("import('playing/shell_line.js').then((module) => { window.module = module; })")
    page.wait("window.module")
    assert page.run(LINES, written) == expected


def test_a_wrong_string_is_told(page: Browser):
    page.run("document.getElementById('grid-string').value = '1 2 x'")
    page.run("document.querySelector('#grid-form button').click()")
    assert text_of(page, "grid-said").startswith("x is no page")
    assert "refstring" not in typed(page)


def test_a_policy_is_changed(page: Browser):
    page.run("document.getElementById('choose-policy').value = 'lru'; document.getElementById('policy-now').click()")
    page.wait("document.getElementById('machine-said').textContent.includes('The machine says: lru')")


def test_another_machine(page: Browser):
    page.run("""
        document.getElementById('choose-memory').value = '24'; document.getElementById('choose-swap').value = '0';
        document.getElementById('choose-more').value = 'alloc=buddy';
        document.querySelector('#machine-form button').click()""")
    page.wait(AT_PROMPT)
    settings = page.run("return playground.machine.settings")
    assert settings["megs"] == 24 and settings["parameters"] == ["policy=clock", "alloc=buddy"]
    assert page.run("return location.hash") == "#memory=24&swap=0&latency=1000&policy=clock&parameter=alloc%3Dbuddy"


def test_choices_that_cannot_be_are_told(page: Browser):
    page.run("""
        document.getElementById('choose-swap').value = '1e3'; document.getElementById('choose-latency').value = '-1';
        document.getElementById('choose-more').value = 'alloc buddy=';
        document.querySelector('#machine-form button').click()""")
    said = text_of(page, "machine-said")
    assert "A swap area has 0 to 64 MiB. Its device takes 0 to 1000000 µs. alloc is no parameter" in said
    assert page.run("return playground.choices.more") == []


def test_a_lesson(page: Browser):
    page.run("""
        const field = document.getElementById('lesson');
        field.value = [...field.options].find((each) => each.text.startsWith('demo-cow')).value;
        document.querySelector('#lesson-form button').click()""")
    page.wait("playground.memory.app && playground.memory.app.captions.stage === 'asked'")
    frame = "document.getElementById('memory-frame').contentDocument"
    assert page.run(f"return {frame}.getElementById('caption-question').checkVisibility()")
    assert page.run(f"return {frame}.getElementById('caption-place').textContent").startswith("1 of ")


def test_a_link_repeats_it(folder: Path, window: Browser):
    for page in opened(folder, window, "#memory=32&swap=0&policy=lru&run=demo-cow&run=true"):
        page.wait("playground.shell.ran.length === 2")
        settled(page)
        assert "demo-cow\rtrue\r" in re.sub(r"\x1b\[\d+;\d+R", "", typed(page))
        assert page.run("return playground.machine.settings.parameters") == ["policy=lru"]
        page.run("document.getElementById('link').click()")
        link = page.run("return document.getElementById('link-text').value")
        assert link.endswith("#memory=32&swap=0&latency=1000&policy=lru&run=demo-cow&run=true")


def test_rubbish_in_a_link(folder: Path, window: Browser):
    """What is none of its words is as at the start; a line is one line, and has no keys in it."""
    for page in opened(folder, window, "#memory=x&swap=1e9&policy=%3Cb%3E&parameter=%22&run=tr%03ue%0Atrue&%zz&run="):
        page.wait("playground.shell.ran.length === 2")
        settled(page)
        assert page.run("return playground.shell.ran") == ["true", "true"]
        assert page.run("return location.hash").startswith("#memory=64&swap=16&latency=1000&policy=clock&run=true")


def test_what_ran_is_saved_as_a_page(page: Browser, tmp_path: Path):
    command(page, "demo-cow")
    page.run("playground.memory.saved('demo-cow').then((text) => { window.saved = text; })")
    page.wait("window.saved")
    count, at = page.run("return [playground.memory.app.trace.count, saved.length]")
    assert at > 100000
    (tmp_path / "saved.html").write_text(page.run("return saved"), "utf-8")
    page.open(tmp_path / "saved.html")
    page.wait("window.faultline && faultline.ready")
    assert page.run("return faultline.app.trace.count") == count
    assert page.run("return document.title") == "Faultline: demo-cow"


DROP = """
    const [name, text] = arguments, given = new DataTransfer();
    given.items.add(new File([Uint8Array.from(atob(text), (each) => each.charCodeAt(0))], name));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }));"""


def drop(page: Browser, name: str, data: bytes) -> str:
    page.run("document.getElementById('file-said').textContent = ''")
    page.run(DROP, name, base64.b64encode(data).decode("ascii"))
    page.wait("document.getElementById('file-said').textContent")
    return text_of(page, "file-said")


def test_a_dropped_program_runs(page: Browser):
    program = (ROOT / "build/user/bin/one-fault").read_bytes()
    assert "/bin/one-fault is in the machine" in drop(page, "one-fault", program)
    page.wait("playground.machine.typed.includes('one-fault\\r')")
    assert page.run("return playground.machine.settings.files.map((each) => [each.name, each.bytes.length])") == [
        ["one-fault", len(program)]
    ]


def test_a_starters_kernel_is_booted(page: Browser):
    kernel = (ROOT / "build/faultline.elf").read_bytes()
    assert "faultline.elf is the kernel now" in drop(page, "faultline.elf", kernel)
    page.wait(AT_PROMPT)
    assert page.run("return playground.machine.settings.kernel.length") == len(kernel)
    page.run("document.getElementById('files-away').click()")
    page.wait(AT_PROMPT)
    assert page.run("return playground.machine.settings.kernel") is None


@pytest.mark.parametrize("data, told", [
    (b"MZ" + bytes(100), "another system's"),
    (b"\x7fELF\x01" + bytes(100), "another processor"),
    (Path("/bin/ls").read_bytes(), "link it with -static"),
], ids=["windows", "32", "dynamic"])  # fmt: skip
def test_what_cannot_run_is_told(page: Browser, data: bytes, told: str):
    assert told in drop(page, "some", data)
    assert page.run("return playground.starts") == 1


def test_the_same_file_made_anew_and_a_name_that_is_none(page: Browser):
    """`..` and -x would be no files of /bin, and `test` is the shell's own word."""
    program = (ROOT / "build/user/bin/one-fault").read_bytes()
    for name, place in (("..", "/bin/_"), ("-x", "/bin/_x"), ("test", "/bin/test"), ("my prog", "/bin/my_prog")):
        assert f"{place} is in the machine. It starts anew, and runs {place}." in drop(page, name, program)
    page.run("document.getElementById('files-away').click()")  # wherever it is, while the machine starts
    page.wait(AT_PROMPT)
    assert page.run("return playground.machine.settings.files.length") == 0


def test_a_file_is_dropped_on_the_picture(page: Browser):
    page.wait("playground.memory.there")
    page.run("document.getElementById('file-said').textContent = ''")
    page.run(f"""
        const document = window.document.getElementById('memory-frame').contentDocument;{DROP}""", "a.c", "YQ==")
    page.wait("document.getElementById('file-said').textContent")
    assert "/bin/a.c is in the machine (as text: no compiler is there)" in text_of(page, "file-said")


def test_what_cannot_be_read_is_told(page: Browser):
    """Nothing is read of a file that is too large; of several one that is wrong keeps all away."""
    assert page.run("""
        const huge = { name: "huge", size: 2 ** 33 }, file = new File(["x"], "some");
        const folder = { name: "mine", size: 4096, arrayBuffer: () => Promise.reject(new Error("no file")) };
        const said = [], told = document.getElementById('file-said');
        return (async () => {
          for (const other of [huge, folder]) {
            await playground.files.take([file, other]);
            said.push(told.textContent);
          }
          return [said, playground.files.programs.length, playground.starts];
        })()""") == [
        ["huge: it is larger than 16 MiB, for which the machine has no room.",
         "mine: it cannot be read. Of a folder, give the files."], 0, 1]  # fmt: skip


def test_the_end_is_told(page: Browser):
    page.run("playground.console.focus()")
    page.key(*"poweroff", "Enter")
    page.wait("document.getElementById('status').textContent.includes('has ended, with status 0')")
    assert text_of(page, "status").endswith("it was switched off. Start it anew under “Machine”.")
    assert page.run("return document.getElementById('pause').disabled")
    page.click("#step", 5, 5)  # through what is recorded
    page.run("document.getElementById('policy-now').click(); document.querySelector('#grid-form button').click()")
    for said in ("machine-said", "grid-said"):
        assert text_of(page, said).startswith("The machine has ended: start it anew")


def test_a_machine_that_never_asks(page: Browser):
    """As with a file that is no kernel: GRUB refuses it where nobody sees that."""
    drop(page, "mine", b"text")
    page.run("playground.booted = false; playground.progress('The machine runs, but no shell asks', 1)")
    assert text_of(page, "status").endswith("no shell asks. Start it anew under “Machine”, or without your files under "
                                            "“Your program”.")  # fmt: skip
    assert not page.run("return document.getElementById('progress').checkVisibility()")


def test_steps_and_pauses_at_odd_moments(page: Browser):
    settled(page)
    page.click("#step", 5, 5)
    page.click("#step", 5, 5)
    assert "something happens" in text_of(page, "status")
    page.click("#now", 5, 5)
    assert text_of(page, "pause") == "Go on" and page.run("return !playground.memory.there.live.follows")
    page.click("#pause", 5, 5)
    page.run("playground.machine.until = playground.machine.trace.length")
    page.wait("playground.machine.given >= playground.machine.until")
    settled(page)
    assert not page.run("return playground.machine.paused || playground.transport.stepping")


def test_the_kernels_own_lines_stand_under_each_other(page: Browser):
    page.run("playground.console.clear(); playground.hear('one\\ntwo\\n')")
    rows = "playground.console.term.buffer.active"
    page.wait(f"{rows}.cursorY === 2")
    assert page.run(f"return [0, 1].map((i) => {rows}.getLine(i).translateToString(true))") == ["one", "two"]


def test_keys_that_a_phone_has_not(page: Browser):
    page.run("for (const each of document.querySelectorAll('#console-keys button')) each.click()")
    assert typed(page).endswith("\x03\x04\t\x1b[A\x1b[B")


def test_who_leaves_is_asked_where_something_is_lost(page: Browser):
    asks = """
        const event = new Event("beforeunload", { cancelable: true });
        window.dispatchEvent(event);
        return event.defaultPrevented;"""
    assert not page.run(asks)
    command(page, "demo-cow")
    assert page.run(asks)


def test_without_xterm_it_is_plain_text(folder: Path, window: Browser):
    text = (folder / "index.html").read_text("utf-8")
    scripts = re.sub(r"<script>/\* xterm\.js:.*?</script>", "", text, flags=re.DOTALL)
    assert len(scripts) < len(text) - 200000
    (folder / "plain.html").write_text(scripts, "utf-8")
    window.open(folder / "plain.html")
    window.wait(f"window.playground && {AT_PROMPT}")
    window.run("document.getElementById('console-field').focus()")
    window.key(*"demo-cow", "Enter")
    window.wait("document.getElementById('console-plain').textContent.includes('three pages')")
    assert window.log() == []


# --- Links from the documentation -----------------------------------------------------------------


@pytest.mark.parametrize("block, runs", [
    ("$ tools/boot --ram 32M --swap 64M --swap-latency 200 -- demo-free\n…",
     "memory=32&swap=64&latency=200&policy=clock&run=demo-free"),
    ("$ tools/boot -- sh -c 'echo a; demo-cow'", "memory=64&swap=0&latency=0&policy=clock&run=echo%20a%3B%20demo-cow"),
    ("faultline# ls /bin | wc -l\n431\nfaultline# ps\n",
     "memory=64&swap=16&latency=1000&policy=clock&run=ls%20%2Fbin%20%7C%20wc%20-l&run=ps"),
    ("lecture 3# d1\n…", "memory=64&swap=64&latency=1000&policy=clock&run=demo-cow"),
    ("make view PROGRAM=swaptest ARGS=\"6 2\" BOOT_ARGS=\"--ram 16M --swap 32M\"",
     "memory=16&swap=32&latency=0&policy=clock&run=swaptest%206%202"),
    ("$ tools/boot --policy opt -- true || echo refused", None),
    ("$ tools/boot --add ./prog -- prog", None),
    ("$ tools/policysim --stack 7 0 1 2", None),
    ("make test", None),
])  # fmt: skip
def test_a_block_of_the_site_leads_to_the_playground(block: str, runs: str | None):
    assert trying.of_block(block) == runs


def test_a_slide_leads_there_only_if_it_is_there():
    deck = decks.read(decks.all_paths()[3])
    text = "**d1** `demo-cow`: five scenes"
    assert tried(text, deck, None) == text
    assert tried(text, deck, "../playground/index.html") == (
        "[**d1**](../playground/index.html#memory=64&swap=64&latency=1000&policy=clock&run=demo-cow"
        ' "Try it in the browser") `demo-cow`: five scenes'
    )


# --- By the keyboard, by ear, on a phone ----------------------------------------------------------


def test_nobody_is_caught_in_the_terminal(page: Browser):
    page.run("playground.console.focus()")
    focus = "return document.activeElement.className || document.activeElement.id"
    assert "xterm" in page.run(focus)
    page.key("Shift+Tab")
    assert "xterm" not in page.run(focus)


def test_every_control_is_reached_by_tab(page: Browser):
    """With each panel open, one after the other."""
    missed = []
    for panel in page.run("return [...document.querySelectorAll('#panels details')].map((e) => e.id)"):
        page.run("""
            for (const each of document.querySelectorAll('#panels details')) each.open = each.id === arguments[0];
            window.reached = new Set(); addEventListener('focusin', (e) => reached.add(e.target));
            const all = document.querySelectorAll('header :is(button, input, select, summary, [tabindex="0"])');
            window.controls = [...all].filter((e) => e.checkVisibility());
            controls[0].focus()""", panel)
        page.key(*["Tab"] * page.run("return controls.length + 2"))
        missed += page.run("return controls.filter((e) => !reached.has(e)).map((e) => e.id || e.textContent)")
    assert missed == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("room", [(1400, 1000), (740, 360)], ids=["wide", "phone"])
def test_nothing_hinders(page: Browser, dark: bool, room: tuple[int, int]):
    if not axe.have():
        pytest.skip("axe-core is not here")
    page.look(dark)
    page.room(*room)
    page.run("document.getElementById('panel-help').open = true")
    found = axe.hindrances(page)
    page.run("document.getElementById('panel-help').open = false; document.getElementById('panel-grid').open = true")
    found += axe.hindrances(page)
    page.look()
    assert found == []


@pytest.mark.parametrize("width, height", [(1400, 900), (820, 1180), (844, 390), (740, 360), (390, 800)])
def test_it_fits(page: Browser, width: int, height: int):
    """Nothing runs out of the page, and a line of the terminal has room, to its last letter."""
    page.room(width, height)
    page.run("document.body.offsetWidth")
    page.wait("document.querySelector('.xterm-screen').offsetWidth <= document.getElementById('console').clientWidth")
    across, down = page.run("const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]")
    assert across <= width and down <= height
    page.run("document.getElementById('show-memory').click()")
    assert page.run("return document.getElementById('memory-frame').getBoundingClientRect().height") > 150
    page.run("document.getElementById('show-console').click()")
    assert page.run("return document.getElementById('console').clientHeight") > 150
