"""The walls of the house stand (walls.py says which), and a breach in each is noticed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import house as reader
import pytest
import walls
from house import House, house, includes
from support import ROOT

COMPILER = "clang -std=gnu11 -ffreestanding -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fsyntax-only"
PROOF = [*COMPILER.split(), "-Wthread-safety", "-Werror", "-Wno-gcc-compat"]


def texts(root: Path = ROOT) -> dict[str, str]:
    files = [path for floor in ("arch", "mm", "kernel") for path in (root / floor).rglob("*.[ch]")]
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in files}


# --- They stand -----------------------------------------------------------------------------


def test_includes_run_downwards():
    assert walls.includes_upward(includes()) == []


def test_user_programs_know_only_system_calls():
    above = [(name, what) for name, what in includes("user") if not what.startswith("user/")]
    assert above == []


def test_rooms_meet_by_their_main_headers_and_the_kernel_knows_the_face():
    assert walls.includes_through_walls(includes()) == []


def test_calls_run_downwards():
    assert walls.calls_upward(house()) == []


def test_few_calls_run_upwards():
    names = [n for n, files in house().declared.items() if {"mm/above.h", "mm/hooks.h"}.intersection(files)]
    assert len(names) <= 20, names


def test_headers_declare_what_their_own_file_defines():
    assert walls.strangers_declared(house()) == []


def test_the_kernel_writes_no_field_of_mm():
    assert walls.fields_written(house()) == []


def test_hooks_are_called_in_one_place():
    assert walls.hooks_called_bare(house(), texts()) == []


def test_who_may_sleep_says_so():
    assert walls.sleeping_unsaid(house()) == []


def test_no_interrupt_sleeps():
    assert walls.sleeping_interrupts(house()) == []


def test_exact_mode_attaches_by_hooks():
    assert walls.exact_named_outside(texts()) == []


def test_entries_are_reached_by_positions():
    assert walls.entries_seen_outside(texts()) == []


def test_few_functions_are_left_out_of_the_proof():
    """lib/locks.h: each of them says why."""
    found = [name for name, text in texts().items() for _ in range(text.count(" NO_ANALYSIS"))]
    assert len(found) <= 10, found


# --- A breach is noticed --------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the kernel's sources, in which a test may change a file."""
    house()  # of the sources as they are: it stays known
    for floor in reader.FLOORS:
        shutil.copytree(ROOT / floor, tmp_path / floor)
    monkeypatch.setattr(reader, "ROOT", tmp_path)
    monkeypatch.setattr(reader, "FLAGS", [f"-I{tmp_path}" if flag == f"-I{ROOT}" else flag for flag in reader.FLAGS])
    return tmp_path


def plant(tree: Path, file: str, text: str) -> None:
    with open(tree / file, "a", encoding="utf-8") as out:
        out.write(text)


def proof(tree: Path, file: str) -> str:
    run = subprocess.run([*PROOF, "-I.", file], cwd=tree, capture_output=True, text=True, check=False)
    return run.stderr if run.returncode != 0 else ""


def seen(tree: Path, file: str) -> House:
    """What is known of the house, with the planted file read anew."""
    part = reader.Reader(str(tree / file)).house
    known = house()
    return replace(
        known,
        calls=[*known.calls, *part.calls],
        writes=[*known.writes, *part.writes],
        hooks=[*known.hooks, *part.hooks],
        direct=[*known.direct, *part.direct],
    )


def test_planted_nothing(tree):
    for file in ("mm/replacement/evict.c", "kernel/process/exit.c"):
        assert proof(tree, file) == ""


def test_planted_call_without_the_lock(tree):
    plant(
        tree,
        "kernel/process/exit.c",
        "\nvoid planted(frame_t frame);\nvoid planted(frame_t frame)\n{\n    frame_free(frame);\n}\n",
    )
    assert "calling function 'frame_free' requires holding lock 'mm'" in proof(tree, "kernel/process/exit.c")


def test_planted_lock_not_released(tree):
    plant(
        tree,
        "mm/replacement/evict.c",
        "\nbool planted(bool early);\nbool planted(bool early)\n{\n"
        "    mm_lock();\n    if (early)\n        return true;\n    mm_unlock();\n    return false;\n}\n",
    )
    assert "'mm' is not held on every path" in proof(tree, "mm/replacement/evict.c")


def test_planted_mutex_not_released(tree):
    plant(
        tree,
        "kernel/file/regular.c",
        "\nint planted(struct inode *inode);\nint planted(struct inode *inode)\n{\n    int error = inode_lock(inode);\n"
        "    if (error)\n        return error;\n    if (inode->seals)\n        return -EPERM;\n"
        "    inode_unlock(inode);\n    return 0;\n}\n",
    )
    assert "contents' is" in proof(tree, "kernel/file/regular.c")


def test_planted_call_without_the_scheduler(tree):
    """Nor does it sleep with the lock: whoever is switched to lets go of it."""
    file = "kernel/process/exit.c"
    plant(
        tree,
        file,
        "\nvoid planted(struct thread *thread);\nvoid planted(struct thread *thread)\n{\n    turns_add(thread);\n"
        "    thread->channel = NULL;\n    spin_lock(&scheduler);\n    thread_yield();\n"
        "    spin_unlock(&scheduler);\n}\n",
    )
    refused = proof(tree, file)
    assert "calling function 'turns_add' requires holding lock 'scheduler'" in refused
    assert "writing variable 'channel' requires holding lock 'scheduler'" in refused
    assert "cannot call function 'thread_yield' while lock 'scheduler' is held" in refused


def test_planted_end_of_a_transfer_without_the_lock(tree):
    """A device's interrupt calls what mm/ wants called, under mm's lock."""
    file = "kernel/device/block.c"
    text = (tree / file).read_text("utf-8")
    assert text.count("    mm_lock();\n") == 1
    (tree / file).write_text(text.replace("    mm_lock();\n", ""))
    assert "calling function 'block_complete' requires holding lock 'mm'" in proof(tree, file)
    (tree / file).write_text(text.replace("uint64_t time) REQUIRES(mm)", "uint64_t time)"))
    found = walls.hooks_called_bare(seen(tree, file), {**texts(tree), file: (tree / file).read_text("utf-8")})
    assert f"{file}: block_complete calls mm/above.h: block_request.done and says not what lock it wants" in found


def test_planted_call_through_a_hook(tree):
    file = "mm/frame_allocation/group.c"
    plant(
        tree,
        file,
        "\nvoid planted(struct group *group, frame_t frame);\n"
        "void planted(struct group *group, frame_t frame)\n{\n    group->policy->remove(group, frame);\n}\n",
    )
    assert proof(tree, file) == "", "the compiler follows pointers now: this check is not wanted any more"
    found = walls.hooks_called_bare(seen(tree, file), {**texts(tree), file: (tree / file).read_text("utf-8")})
    assert any("policy.remove" in line and "planted" in line for line in found), found


@pytest.mark.parametrize("name", ["exact_attach(group);", "group->exact = true;", "bits |= EXACT_BIT;"])
def test_planted_name_of_exact_mode(name):
    known = texts()
    known["kernel/trap.c"] += f"\n    /* exact_detach */ {name}\n"
    assert [line.split(" names ")[0] for line in walls.exact_named_outside(known)] == ["kernel/trap.c"]


@pytest.mark.parametrize(
    "name", ["pte_t *entry;", "table_find(&space->table, 0);", "mapper_add(mapper, table, frame);"]
)
def test_planted_bare_entry(name):
    known = texts()
    known["mm/demand_paging/fault.c"] += f"\n    /* pte_t *entries */ {name}\n"
    assert len(walls.entries_seen_outside(known)) == 1


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("space->oom_adjust = 0;", "space.oom_adjust"),
        ("groups[space->group].share--;", "group.share"),
        ("groups[space->group].state[1] |= 2;", "group.state"),
        ("space->table.root.number = 3;", "space.table"),
        ("*space = (struct space){.id = 3};", "space.all"),
        ("groups[3] = groups[space->group];", "group.all"),
    ],
)
def test_planted_field_of_mm_written(tree, statement, what):
    """Alone, as a part of one that is a structure, or with the whole structure."""
    file = "kernel/process/exit.c"
    plant(
        tree,
        file,
        f"\nvoid planted(struct space *space);\nvoid planted(struct space *space)\n{{\n    {statement}\n}}\n",
    )
    written = walls.fields_written(seen(tree, file))
    assert any("planted writes" in line and line.endswith(what) for line in written), written


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("mm/frames/frame.c", "kernel/process/process.h"),
        ("arch/cpu.c", "mm/mm.h"),
        ("mm/frames/frame.c", "mm/replacement/replacement.h"),
        ("mm/page_tables/table.c", "mm/mm.h"),
    ],
)
def test_planted_upward_include(tree, file, what):
    plant(tree, file, f'\n#include "{what}"\n')
    assert f"{file} includes {what}, which is above it" in walls.includes_upward(includes())


@pytest.mark.parametrize("directive", ["#include <{}>", "  # include \"{}\""])
def test_planted_upward_include_however_it_is_written(tree, directive):
    plant(tree, "mm/frames/frame.c", f"\n{directive.format('mm/mm.h')}\n")
    assert walls.includes_upward(includes()) == ["mm/frames/frame.c includes mm/mm.h, which is above it"]


@pytest.mark.parametrize(
    ("file", "what"), [("kernel/process/exit.c", "mm/frames/frame.h"), ("mm/replacement/evict.c", "mm/frames/slab.h")]
)
def test_planted_way_through_a_wall(tree, file, what):
    plant(tree, file, f'\n#include "{what}"\n')
    assert any(line.startswith(f"{file} includes {what}") for line in walls.includes_through_walls(includes()))


@pytest.mark.parametrize(
    ("file", "call"),
    [("mm/frames/frame.c", "void pageoutd(void *)"), ("mm/frames/frame.c", "void thread_yield(void)")],
)
def test_planted_upward_call(tree, file, call):
    """A declaration of one's own is no way round."""
    name = call.split("(")[0].split()[-1]
    given = "NULL" if "*" in call else ""
    plant(tree, file, f"\n{call};\nvoid planted(void);\nvoid planted(void)\n{{\n    {name}({given});\n}}\n")
    found = walls.calls_upward(seen(tree, file))
    assert any(f"planted calls {name}" in line for line in found), found


def test_planted_upward_use_of_a_variable(tree):
    file = "mm/page_tables/table.c"
    plant(
        tree,
        file,
        "\nextern struct space *space_first;\nbool planted(void);\nbool planted(void)\n{\n"
        "    return space_first == NULL;\n}\n",
    )
    found = walls.calls_upward(seen(tree, file))
    assert f"{file}: planted calls space_first of mm/address_spaces/space.c" in found


def test_planted_sleep(tree):
    """In a function that does not say so, far below it; and in an interrupt."""
    file = "kernel/terminal/tty.c"
    text = (tree / file).read_text("utf-8").replace("void tty_set_raw(bool raw)", "void tty_was_raw(bool raw)", 1)
    begin = "\nvoid tty_interrupt(void)\n{\n"
    (tree / file).write_text(text.replace(begin, begin + "    thread_yield();\n"))
    planted = "static void planted(void)\n{\n    thread_yield();\n}\n"
    plant(tree, file, f"\n{planted}void tty_set_raw(bool raw)\n{{\n    planted();\n}}\n")
    found = seen(tree, file)
    assert "kernel/terminal/tty_input.h: tty_set_raw may sleep: SLEEPS" in walls.sleeping_unsaid(found)
    assert walls.sleeping_interrupts(found) == ["kernel_interrupt", "trap_interrupt"]
