/* count-touch.c - count-touch [PAGES]: map 1 GiB, write to that many pages of it (1024),
 * each a region's length from the last, and print the faults that took. The gibibyte costs
 * nothing: what is promised has no frame, and the touched pages alone take one fault each. */
#include "user/lib/counters.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAPPED = 1 << 18 };

int main(int argc, char *argv[])
{
    long pages = argc > 1 ? atol(argv[1]) : 1024;

    if (pages < 1 || pages > MAPPED) {
        fprintf(stderr, "usage: count-touch [PAGES], 1 to %d\n", MAPPED);
        return 2;
    }
    volatile char *region = region_map(MAPPED);
    size_t apart = MAPPED / pages * PAGE;

    program_touch();
    long before = faults_now();
    for (long i = 0; i < pages; i++)
        region[i * apart] = 1;
    printf("faults %ld\n", faults_now() - before);
    return 0;
}
