/* doze.c - doze [TIMES]: sleep for 20 microseconds so often (10000), and print how many
 * nanoseconds that took. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int argc, char **argv)
{
    const struct timespec little = {.tv_nsec = 20000};
    int times = argc > 1 ? atoi(argv[1]) : 10000;

    long start = now();
    for (int i = 0; i < times; i++)
        nanosleep(&little, NULL);
    printf("%ld\n", now() - start);
    return 0;
}
