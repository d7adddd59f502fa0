mkdir bank-tcc && cd bank-tcc
cat > program.c <<'END'
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(int argc, char **argv)
{
    int list[1000], pipes[2], status;
    unsigned seed = 7;
    for (int i = 0; i < 1000; i++)
        list[i] = (seed = seed * 1664525u + 1013904223u) >> 12;
    qsort(list, 1000, sizeof(int), compare);
    printf("%d %d %d, argc %d, %s\n", list[0], list[500], list[999], argc, argv[argc - 1]);
    char *all = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pipe(pipes))
        return 9;
    fflush(stdout);
    if (fork() == 0) {
        strcpy(all, "shared with the child");
        write(pipes[1], "x", 1);
        _exit(5);
    }
    wait(&status);
    printf("%s, exit %d\n", all, WEXITSTATUS(status));
    char *big = malloc(3 << 20);
    memset(big, 'b', 3 << 20);
    printf("%c %.6f %s\n", big[2 << 20], sqrt(2.0), strerror(ENOENT));
    return 3;
}
END
tcc -run program.c first; echo status $?
tcc -o program program.c -lm && ./program second third; echo status $?
tcc -c program.c -o program.o && tcc -shared -o libnothing.so program.o -lm && echo library
echo 'int main(void) { return undeclared; }' | tcc - -o broken 2> /dev/null; echo refused $?
ls
