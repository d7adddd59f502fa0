"""Mutations of the turns: what one program must not take from the others."""

from mutations.mutation import Mutation

FAIR = ("fair-share",)
REAL = ("real-time",)

MUTATIONS = [
    Mutation("kernel/process/turns.c", "whose turn is over has it again", "        row_shorten();\n        row_append(account);\n", "", FAIR),
    Mutation("kernel/process/turns.c", "who wakes stands first", "    else\n        row_append(account);\n", "    else\n        row_push(account);\n", FAIR),
    Mutation("kernel/process/turns.c", "each thread has a slice of its own", "    else if (begins)\n", "    else\n", FAIR),
    Mutation("kernel/process/turns.c", "each thread has a turn of its own", "    bool begins = program(account)->turn != here.number;\n", "    turns_pass();\n    account = turns_row;\n    bool begins = program(account)->turn != here.number;\n", FAIR),
    Mutation("kernel/process/turns.c", "who runs when others come runs on", "    here.end = account_time() + here.first_slice;\n    timer_want(here.end);\n", "", FAIR),
    Mutation("kernel/process/turns.c", "the last urgent one is the first", "(*at)->urgent >= before", "(*at)->urgent > URGENT_MOST", REAL),
    Mutation("kernel/process/turns.c", "who becomes urgent waits for the slice", "waits ? rest_length() : 0;", "waits ? rest_length() : SLICE_NS;", REAL),
    Mutation("kernel/process/turns.c", "the urgent have one turn each", "    if (!theirs)\n", "", REAL),
    Mutation("kernel/process/turns.c", "the urgent never rest", "here.urgent_rest = here.budget == 0;", "here.urgent_rest = false;", REAL),
    Mutation("kernel/process/turns.c", "the urgent spend nothing", "here.budget -= least(here.budget, passed);", "here.budget -= 0 * passed;", REAL),
    Mutation("kernel/file/file_lock.c", "a chain of who waits is followed however long", "#define CHAIN_MOST 11u", "#define CHAIN_MOST 100000u", ("deadlock",)),
    Mutation("kernel/file/file_lock.c", "a chain of who waits is followed less far than by Linux", "#define CHAIN_MOST 11u", "#define CHAIN_MOST 10u", ("deadlock",)),
    Mutation("kernel/file/file_lock.c", "who waits is not told that a lock has gone", "            gone = true;\n", "", ("deadlock",)),
]
