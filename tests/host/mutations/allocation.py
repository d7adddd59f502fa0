"""Mutations of frame allocation: dividing, shares in force, whose page goes."""

from .mutation import Mutation

MUTATIONS = [
    Mutation(
        "mm/frame_allocation/allocation.c",
        "nobody gets the minimum",
        "        claim->share = claim->minimum;\n        *frames",
        "        claim->share = 1;\n        *frames",
    ),
    Mutation(
        "mm/frame_allocation/allocation.c",
        "what the minimums take is given twice",
        "        *frames -= claim->minimum;\n",
        "        ;\n",
    ),
    Mutation(
        "mm/frame_allocation/allocation.c",
        "wishes are not cut",
        "    if (minimums + beyond <= frames)\n        return;",
        "    if (true)\n        return;",
    ),
    Mutation(
        "mm/frame_allocation/allocation.c",
        "growth takes from those whose rate is right",
        "to > claim->share && wished > room)",
        "to > claim->share && wished > 2 * room + 100000)",
    ),
    Mutation(
        "mm/frame_allocation/allocation.c",
        "few faults change nothing",
        "        share -= share / 16 + 1;",
        "        ;",
    ),
    Mutation(
        "mm/frame_allocation/shares.c",
        "a share that shrinks evicts nothing",
        "            shrink(group);\n",
        "            (void)shrink;\n",
    ),
    Mutation(
        "mm/frame_allocation/shares.c",
        "what goes for another is not counted",
        "        group->foreign++;\n",
        "        ;\n",
    ),
    Mutation(
        "mm/frame_allocation/shares.c",
        "the daemon asks a group within its share",
        "shares_excess(&groups[i]) > shares_excess(most)",
        "groups[i].charged > most->charged",
    ),
    Mutation(
        "mm/frame_allocation/shares.c",
        "a share does not stretch",
        "    if (group->share == 0)\n        return false;\n    share_set",
        "    if (true)\n        return false;\n    share_set",
    ),
    # --- what is in force ---
    Mutation("mm/frame_allocation/shares.c", "a share that has ended is one still", "    share_set(group, UINT32_MAX);\n    group->share = 0;\n", "    share_set(group, UINT32_MAX);\n"),
    Mutation("mm/frame_allocation/shares.c", "who has ended is asked for frames", "        if (!group->in_use || group->share == 0)\n            continue;\n", ""),
    Mutation("mm/frame_allocation/shares.c", "what was divided first is divided anew", "    memcpy(last.claims, claims, count * sizeof(*claims));\n", ""),
    Mutation("mm/frame_allocation/shares.c", "it is divided anew by another scheme", "    last.scheme = scheme;\n", ""),
    Mutation("mm/frame_allocation/shares.c", "who was judged is judged again", "        last.claims[kept].judged = false;\n", ""),
    Mutation("mm/frame_allocation/shares.c", "what is missing is missing for good", "    withheld /= 2;\n", ""),
    # --- who is never to be chosen ---
    Mutation("mm/frame_allocation/oom.c", "all may be spared, and memory is out", "return blame_find(blame) || (oom_spare_nobody(OOM_ANYBODY) && blame_find(blame));", "return blame_find(blame);"),
    Mutation("mm/frame_allocation/oom.c", "others end for a group that spares all its own", "        if (victim == NULL && oom_spare_nobody(group))\n            victim = oom_choose_process(group);\n", ""),
]
