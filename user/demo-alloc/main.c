/* demo-alloc - who gets how many frames, and what it costs.
 *
 *   demo-alloc                          in words and numbers
 *   demo-alloc --csv                    each scheme, each process: share, faults
 *   demo-alloc --csv fault-frequency    the control loop over time
 *   demo-alloc --csv global-local       greedy beside modest, over time
 *
 * Wants a swap area with a service time, for example --swap 32M --swap-latency 1000. */
#include "user/demo-alloc/demo-alloc.h"

#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what)
{
    fprintf(stderr, "demo-alloc: %s: %s\n", what, strerror(errno));
    group_tell(GROUP_ROOT, "memory.allocation", "global");
    exit(1);
}

static int usage(void)
{
    fputs("demo-alloc [--csv [fault-frequency|global-local]]\n", stderr);
    return 2;
}

int main(int argc, char *argv[])
{
    bool csv = argc > 1 && strcmp(argv[1], "--csv") == 0;
    const char *what = argc > 2 ? argv[2] : "";

    if (argc > 3 || (argc > 1 && !csv))
        return usage();
    if (field_read("/proc/meminfo", "SwapTotal") <= 0) {
        fputs("demo-alloc: there is no swap area, so no page can go; start with, for\n"
              "example, tools/boot --swap 32M --swap-latency 1000\n",
              stderr);
        return 1;
    }
    if (!csv || !*what)
        schemes_show(csv);
    if (!csv || strcmp(what, "global-local") == 0)
        replacement_show(csv);
    if (csv && strcmp(what, "fault-frequency") == 0)
        fault_frequency_show();
    return demo_end();
}
