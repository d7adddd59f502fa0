"""Mutations of several processors: what one may go on remembering, and who is told."""

from mutations.mutation import Mutation

FILE = "arch/shootdown.c"
# Where frames are few, too, one that has gone is soon another page's.
SEEDS = tuple(
    f"{memory}--cpus {count} --interleave {seed} shootdown"
    for seed in (1, 2, 3)
    for count in (2, 4)
    for memory in ("", "--frames 100 --swap 16M ")
)


def mutation(name: str, old: str, new: str, tests: tuple[str, ...] = SEEDS) -> Mutation:
    return Mutation(FILE, name, old, new, tests)


# What goes on all the same, as long as nobody comes in between: the records tell that it might not.
RECORDS = ("tests/test_trace_processors.py",)

EACH = "    for (unsigned i = 0; i < request.count && request.count <= TLB_FLUSH_MAX; i++)\n"
MUTATIONS = [
    mutation(
        "nobody is asked",
        "    if (!somebody_remembers(self, root))\n",
        "    if (root.number)\n",
    ),
    mutation(
        "the next processor is not asked",
        "        asked[i] = &processors[i] != self &&",
        "        asked[i] = i != (self->number + 1) % processor_count && &processors[i] != self &&",
    ),
    mutation(
        "who leaves the kernel forgets nothing",
        "    if (self->done == number)\n        return;\n    tlb",
        "    if (self->done <= number)\n        return;\n    tlb",
    ),
    mutation(
        "of several addresses the last is remembered",
        f"{EACH}        tlb_flush_page",
        f"{EACH.replace('i < request', 'i + 1 < request')}        tlb_flush_page",
    ),
    mutation(
        "many addresses are all remembered",
        "    if (request.count > TLB_FLUSH_MAX)\n        tlb_flush_user();\n    for",
        "    for",
    ),
    mutation(
        "the interrupted one answers and forgets nothing",
        "        tlb_flush_page(request.addresses[i]);\n",
        "        ;\n",
    ),
    mutation(
        "frames are free before those that were asked have answered",
        "        while (asked[i] && !has_forgotten(&processors[i]))\n            cpu_relax();\n",
        "        (void)(asked[i] && has_forgotten(&processors[i]));\n",
        RECORDS,
    ),
    Mutation(
        "mm/demand_paging/fault.c",
        "what others hold is written to while it is copied",
        "    page_hold(page);\n    frame_pin(frame);\n    fault->copied_held = true;\n",
        "    frame_pin(frame);\n    fault->copied_held = true;\n",
        SEEDS,
    ),
    Mutation(
        "mm/frames/ready.c",
        "a frame counts as cleared and is not",
        "        frame_clear(apart[i]);\n",
        "        (void)apart[i];\n",
        ("--cpus 2 zero",),
    ),
]
