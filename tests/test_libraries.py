"""Shared libraries: one frame for each page of their text, however many processes run it."""

import pytest

# Ten processes, each of its own exec; one of them counts who maps the pages it runs on.
TEN = r"""
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t word(const char *path, uint64_t index)
{
    uint64_t value = 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || pread(fd, &value, 8, index * 8) != 8)
        exit(9);
    close(fd);
    return value;
}

static long users(const void *address)
{
    uint64_t entry = word("/proc/self/pagemap", (uintptr_t)address / 4096);
    return entry >> 63 ? (long)word("/proc/kpagecount", entry & ((1ull << 55) - 1)) : -1;
}

static void use(void)
{
    char text[64];
    snprintf(text, sizeof(text), "%d", abs(getpid()));
    free(strdup(text));
    qsort(text, strlen(text), 1, (int (*)(const void *, const void *))strcmp);
}

/* Of the pages of the library's text that are somewhere in memory, how many; and of all. */
static void text_count(const void *inside)
{
    char line[512];
    unsigned long start, end;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= (uintptr_t)inside &&
            (uintptr_t)inside < end) {
            unsigned long pages = (end - start) / 4096, here = 0;
            unsigned char *resident = malloc(pages);
            mincore((void *)start, end - start, resident);
            for (unsigned long i = 0; i < pages; i++)
                here += resident[i] & 1;
            printf("%lu of %lu pages read\n", here, pages);
        }
    }
    fclose(maps);
}

int main(int argc, char **argv)
{
    int up[2], down[2];
    char byte;
    if (argc > 1) {
        use();
        write(atoi(argv[1]), "x", 1);
        return read(atoi(argv[2]), &byte, 1) != 0;
    }
    pipe(up), pipe(down);
    char write_end[16], read_end[16];
    snprintf(write_end, sizeof(write_end), "%d", up[1]);
    snprintf(read_end, sizeof(read_end), "%d", down[0]);
    for (int i = 0; i < 9; i++) {
        if (fork() == 0) {
            close(down[1]);
            execl("/proc/self/exe", "ten", write_end, read_end, (char *)0);
            _exit(8);
        }
    }
    use();
    for (int i = 0; i < 9; i++)
        read(up[0], &byte, 1);
    printf("snprintf: %ld users\n", users((void *)snprintf));
    printf("strdup: %ld users\n", users((void *)strdup));
    printf("qsort: %ld users\n", users((void *)qsort));
    printf("main: %ld users\n", users((void *)main));
    text_count((void *)snprintf);
    close(down[1]);
    while (wait(NULL) > 0)
        ;
    printf("snprintf: %ld users\n", users((void *)snprintf));
    return 0;
}
"""


@pytest.mark.parametrize("compiler", ["gcc", "musl-gcc"])
def test_ten_processes_one_libc(boot, compile_static, compiler):
    program = compile_static("ten", TEN, compiler, "-O1", "-w")
    audited = "/bin/ten; status=$?; cat /proc/audit; exit $status"
    result = boot("--ram", "64M", "--add", str(program), "--", "sh", "-c", audited)
    lines = result.text.splitlines()
    assert result.status == 0
    assert lines[:4] == [f"{name}: 10 users" for name in ("snprintf", "strdup", "qsort", "main")]
    here, every = (int(word) for word in lines[4].split() if word.isdigit())
    assert here < every * 2 / 3, "pages that nobody touched were read"
    assert lines[5:] == ["snprintf: 1 users", "0 broken"]


def test_an_interpreter_that_is_missing(boot, compile_static):
    program = compile_static("lost", "int main(void) { return 0; }", "gcc", "-Wl,-I/lib/nowhere.so")
    result = boot("--add", str(program), "--", "sh", "-c", "/bin/lost; echo $?")
    assert result.text == "127\n"


def test_an_interpreter_that_is_no_program(boot, compile_static):
    program = compile_static("odd", "int main(void) { return 0; }", "gcc", "-Wl,-I/etc/passwd")
    command = "chmod +x /etc/passwd; /bin/odd; echo $?"
    result = boot("--add", str(program), "--", "sh", "-c", command)
    assert result.text == "126\n"


def test_relro_and_thread_locals(boot, compile_static):
    text = r"""
    #include <errno.h>
    #include <math.h>
    #include <signal.h>
    #include <stdio.h>
    #include <string.h>
    static __thread int mine = 41;
    static const char *const names[] = {"one", "two"};
    static void refused(int signal) { (void)signal; puts("read-only"); fflush(stdout); _Exit(0); }
    int main(void)
    {
        mine++, errno = ERANGE;
        printf("%d %d %s %.3f %zu\n", mine, errno == ERANGE, names[1], cos(0), strlen("ifunc"));
        signal(SIGSEGV, refused);
        *(const char *volatile *)&names[0] = "changed";
        puts("written");
    }
    """
    words = ("gcc", "-O1", "-w", "-pie", "-fpie", "-Wl,-z,now,-z,relro", "-lm")
    program = compile_static("relro", text, *words)
    result = boot("--add", str(program), "--", "relro")
    assert result.text == "42 1 two 1.000 5\nread-only\n"


@pytest.mark.parametrize("demo", ["demo-ipc", "demo-share"])
def test_demo(boot, demo):
    result = boot("--ram", "64M", "--", "sh", "-c", '"$0"; s=$?; cat /proc/audit; exit $s', f"/bin/{demo}")
    assert result.status == 0
    assert result.text.endswith("\n0 broken\n")
