"""The exercises solved again, from what stands on the worksheets alone, as a student would (tests/test_exercises.py).

Nothing is taken from what made them. Each function takes a worksheet and says what each answer must be, by the
question's first words.
"""

from __future__ import annotations

import re

from exercising.worksheet import Pairs, Question, Table, Worksheet

GIB = 1 << 30


def tables(things) -> list[Table]:
    return [thing for thing in things if isinstance(thing, Table)]


def numbers(text: str) -> list[int]:
    return [int(word) for word in re.findall(r"\d+", text)]


# --- Address translation ---


def walk(sheet: Worksheet, address: int) -> list[int]:
    """The entries on the way; the last is not present, or the page's."""
    entries = {(int(at, 16), int(index)): int(entry, 16) for at, index, entry in tables(sheet.given)[0].rows}
    cr3 = next(block for block in sheet.given if isinstance(block, str) and block.startswith("CR3"))
    table, found = int(re.findall(r"0x[0-9a-f]+", cr3)[0], 16), []
    for shift in (39, 30, 21, 12):
        found.append(entries[table, address >> shift & 511])
        if not found[-1] & 1:
            break
        table = found[-1] & 0xFFFFFFFFFF000
    return found


def outcome(sheet: Worksheet, told: str) -> str:
    how, address = told.split()
    found = walk(sheet, int(address, 16))
    if not found[-1] & 1:
        return "fault: page not present"
    if not all(entry & 4 for entry in found):
        return "fault: user access to a kernel page"
    if how == "write" and not all(entry & 2 for entry in found):
        return "fault: write to a read-only page"
    if how == "execute" and any(entry >> 63 for entry in found):
        return "fault: instruction fetch from a no-execute page"
    return "no fault"


def bits(sheet: Worksheet, told: str) -> str:
    wanted = 0x60 if told.startswith("write") else 0x20
    new = wanted & ~walk(sheet, int(told.split()[1], 16))[-1] if outcome(sheet, told) == "no fault" else 0
    return {0: "none", 0x20: "A", 0x40: "D", 0x60: "A and D"}[new]


def translation(sheet: Worksheet, question: Question) -> object:
    asked = question.asked
    address = int((re.findall(r"0x[0-9a-f]+", asked) or ["0"])[0], 16)
    if asked.startswith("Split"):
        return [str(address >> shift & 511) for shift in (39, 30, 21, 12)] + [str(address & 4095)]
    assert asked.startswith(("Which", "User", "At"))
    if isinstance(question.answer, Pairs):
        rule = outcome if asked.startswith("User") else bits
        return [rule(sheet, left) for left, _ in question.answer.pairs]
    if asked.startswith("At"):
        return 5 - len(walk(sheet, address))
    return f"{walk(sheet, address)[-1] & 0xFFFFFFFFFF000 | address & 4095:#x}"


# --- Page tables ---


def pages_of(sheet: Worksheet) -> set[int]:
    found: set[int] = set()
    for first, count, how in tables(sheet.given)[0].rows:
        apart = {"MiB": 1 << 20, "GiB": GIB}[how.split()[1]] * int(how.split()[0]) if "apart" in how else 4096
        found |= {int(first, 16) + number * apart for number in range(int(count))}
    return found


def tables_for(pages: set[int]) -> list[int]:
    """At levels 4 to 1."""
    return [1] + [len({page >> shift for page in pages}) for shift in (39, 30, 21)]


def page_tables(sheet: Worksheet, question: Question) -> object:
    pages, asked = pages_of(sheet), question.asked
    if asked.startswith("How many tables"):
        return [str(count) for count in tables_for(pages)]
    if "in all" in asked:
        return sum(tables_for(pages))
    if "together" in asked:
        return sum(tables_for(pages)) + len(pages)
    assert isinstance(question.answer, Pairs)
    found = []
    for left, _ in question.answer.pairs:
        grown = pages | {int(left, 16)}
        found.append(f"{sum(tables_for(grown)) - sum(tables_for(pages))} more")
        pages = grown
    return found


# --- The TLB ---


def tlb_accesses(sheet: Worksheet, asids: bool) -> list[bool]:
    """Does each hit? The last so many of different pages are there."""
    entries = numbers(str(sheet.given[0]))[0]
    order: list[str] = []
    running, found = "1", []
    for what, _ in tables(sheet.questions[0].given)[0].rows:
        number = re.findall(r"\d+", what)[0]
        name = f"{running}:{number}"
        if "runs" in what:
            running, order = number, order if asids else []
        elif "INVLPG" in what:
            order = [each for each in order if each != name]
        else:
            found.append(name in order)
            order = ([each for each in order if each != name] + [name])[-entries:]
    return found


def tlb(sheet: Worksheet, question: Question) -> object:
    asked, hits = question.asked, tlb_accesses(sheet, False)
    rate = sum(hits) / len(hits)
    if isinstance(question.answer, Pairs):
        found = []
        for left, _ in question.answer.pairs:
            entries, size = numbers(left)
            found.append(f"{entries * size * (1024 if 'MiB' in left else 1)} KiB")
        return found
    if asked.startswith("Fill"):
        rows = [row[1] for row in tables(question.given)[0].rows if row[1] != "-"]
        assert rows == ["hit" if hit else "miss" for hit in hits]
        return len(hits) - sum(hits)
    if "fewer" in asked:
        return sum(tlb_accesses(sheet, True)) - sum(hits)
    if "hit rate" in asked:
        return round(100 * rate, 2)
    if "effective" in asked:
        memory, look = numbers(asked)[:2]
        return round(look + memory + (1 - rate) * 4 * memory, 2)
    first = []
    for what, _ in tables(sheet.questions[0].given)[0].rows:
        if not what.startswith("reads"):
            break
        first.append(numbers(what)[0])
    there: list[int] = []
    for page in first:
        there = [each for each in there if each != page][-(numbers(str(sheet.given[0]))[0] - 1) :] + [page]
    return " ".join(map(str, sorted(there)))


# --- Effective access time ---


def access_time(sheet: Worksheet, question: Question) -> object:
    (_, memory), (_, fault) = tables(sheet.given)[0].rows
    ns, fault_ns = float(memory.split()[0]), float(fault.split()[0]) * 1e6
    asked = question.asked
    other = re.search(r"takes ([\d.]+) milliseconds", asked)
    one_in = re.search(r"(?:in|One reference in) (\d+)", asked)
    if other:
        fault_ns = float(other[1]) * 1e6
    if isinstance(question.answer, Pairs):
        most = float(re.findall(r"at most ([\d.]+) times", asked)[0])
        each = [numbers(left)[0] for left, _ in question.answer.pairs]
        return ["will do" if ns + (fault_ns - ns) / n <= most * ns else "too many faults" for n in each]
    assert one_in
    p = 1 / int(one_in[1])
    average = (1 - p) * ns + p * fault_ns
    if "times slower" in asked:
        return average / ns
    if "larger part" in asked:
        return "waiting for page faults" if p * fault_ns > (1 - p) * ns else "memory accesses"
    return average / 1000


# --- Working sets ---


def working_sets(sheet: Worksheet, question: Question) -> object:
    string = numbers(str(sheet.given[0]).split(":")[1])

    def at(time: int, window: int) -> set[int]:
        return {string[i - 1] for i in range(max(1, time - window + 1), time + 1)}

    asked = question.asked
    if isinstance(question.answer, Pairs):
        time = numbers(asked)[0]
        sizes = [len(at(time, numbers(left)[0])) for left, _ in question.answer.pairs]
        return [f"{size} pages" if size > 1 else "1 page" for size in sizes]
    if asked.startswith("Which"):
        time, window = numbers(asked)[:2]
        return " ".join(map(str, sorted(at(time, window))))
    window = numbers(asked)[-1]
    sizes = [len(at(time, window)) for time in range(1, len(string) + 1)]
    return max(sizes) if "largest" in asked else min(sizes[window - 1 :])


# --- Copy-on-write ---


def pages_named(text: str) -> list[int]:
    found: list[int] = []
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", text):
        found += range(int(low), int(high or low) + 1)
    return found


def story(sheet: Worksheet) -> list[tuple[int, int, int]]:
    """Faults, frames and copies of each phase."""
    memory: dict[str, dict[int, list]] = {"The parent": {}}  # page: [frame, may it be written?]
    frames, told = 0, []
    for _, what in tables(sheet.given)[0].rows:
        who = re.findall(r"^The (?:parent|(?:second )?child)", what)[0]
        faults = copies = 0
        if "forks" in what:
            child = "The " + re.findall(r"forks the (.*)\.", what)[0]
            for entry in memory[who].values():
                entry[1] = False
            memory[child] = {page: list(entry) for page, entry in memory[who].items()}
        elif "ends" in what:
            del memory[who]
        elif "writes" in what:
            for page in pages_named(what):
                mine = memory[who].get(page)
                if mine and mine[1]:
                    continue
                faults += 1
                rest = [space for name, space in memory.items() if name != who and page in space]
                others = mine and any(space[page][0] == mine[0] for space in rest)
                copies += bool(others)
                if others or not mine:
                    frames += 1
                    memory[who][page] = [frames, True]
                else:
                    memory[who][page][1] = True
        told.append((faults, len({entry[0] for space in memory.values() for entry in space.values()}), copies))
    return told


def copy_on_write(sheet: Worksheet, question: Question) -> object:
    told, asked = story(sheet), question.asked
    copies = sum(phase[2] for phase in told)
    if isinstance(question.answer, Pairs):
        return [str(phase[0 if "faults" in asked else 1]) for phase in told]
    if "save" in asked:
        pages = numbers(str(sheet.given[0]))[0]
        return pages * sum("forks" in what for _, what in tables(sheet.given)[0].rows) - copies
    return copies


# --- Allocation ---


def allocation(sheet: Worksheet, question: Question) -> object:
    frames, _, least = numbers(str(sheet.given[0]))[:3]
    rows = tables(sheet.given)[0].rows
    scheme = re.findall(r"the (equal|proportional|priority) scheme", question.asked)[0]
    parts = [{"equal": 1, "proportional": int(size), "priority": int(weight)}[scheme] for _, size, _, weight in rows]
    poor: set[int] = set()
    while True:
        rest = frames - least * len(poor)
        total = sum(part for i, part in enumerate(parts) if i not in poor)
        shares = [least if i in poor else rest * part // total for i, part in enumerate(parts)]
        below = {i for i, share in enumerate(shares) if share < least}
        if not below:
            break
        poor |= below
    if isinstance(question.answer, Pairs):
        return [f"{share} frames" for share in shares]
    if "nobody" in question.asked:
        return frames - sum(shares)
    if "room" in question.asked:
        return sum(share >= int(row[1]) for share, row in zip(shares, rows, strict=True))
    return shares[0]


# --- Thrashing ---


def thrashing(sheet: Worksheet, question: Question) -> object:
    rows = [[float(re.findall(r"[\d.]+", cell)[0]) for cell in row[:5]] for row in tables(sheet.given)[0].rows]
    text, asked = str(sheet.given[0]), question.asked
    frames, pages = numbers(text)[0], numbers(re.findall(r"Each has (\d+) pages", text)[0])[0]
    begins = next(int(b[0]) for a, b in zip(rows, rows[1:], strict=False) if b[1] < a[1])
    assert begins == frames // pages + 1
    if isinstance(question.answer, Pairs):
        took = {left: float(s) for left, s in re.findall(r"(?:tried: |; )([^:]*): ([\d.]+) s", question.because)}
        return ["helps" if took[left] <= 0.6 * rows[-1][4] else "does not help" for left, _ in question.answer.pairs]
    if asked.startswith("From which"):
        return begins
    if "working sets" in asked:
        return frames // pages
    if "waiting for" in asked:
        assert rows[-1][2] > 90
        return "the paging disk"
    if "at most" in asked:
        return 1000 / numbers(asked)[0]
    return rows[-1][4] / min(row[4] for row in rows)
