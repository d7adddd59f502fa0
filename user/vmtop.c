/* vmtop.c - physical memory, live, in the terminal: vmtop [-b] [-n TIMES] [-d SECONDS]
 *
 * All frames as a map, a letter and a colour for what most frames of a cell are, and a line for
 * each process: what it has in memory, what in slots, and how many faults it took since the
 * last look. The kernel tells the frames in /proc/frames, a letter each.
 *
 *   -b  batch: no colours, no keys, one picture after the other
 *   -n  so many pictures (with -b, 1 if not given)
 *   -d  seconds between two, 1 if not given; 0.2 is fine
 *
 * Any key ends it. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "user/lib/counters.h"

enum {
    PROCESSES = 512,
    LINES_LEAST = 24,
    COLUMNS_LEAST = 80,
    TOP_LINES = 3,
    KERNEL_RUN = 64
};

/* What a letter of /proc/frames means, and how it looks: ANSI colours that the colour-blind
 * can tell apart by their brightness too; the letter is always there. */
static const struct look {
    char letter;
    const char *colour, *name;
} looks[] = {
    {'p', "97;44", "private"}, {'s', "30;46", "shared"},  {'f', "30;42", "file"},
    {'w', "97;41", "wired"},   {'!', "30;41", "busy"},    {'T', "97;45", "table"},
    {'k', "30;43", "kept"},    {'0', "90;107", "zeroed"}, {'.', "90;47", "free"},
    {'K', "37;40", "kernel"},
};

enum { LOOKS = sizeof(looks) / sizeof(looks[0]) };

struct options {
    bool batch;
    long times; /* 0: for ever */
    double seconds;
};

struct process {
    int pid;
    char name[20];
    long resident, slots, minor, major; /* pages; faults since its beginning */
};

struct screen {
    int lines, columns;
    bool colours;
};

static int look_of(char letter)
{
    for (int i = 0; i < LOOKS; i++)
        if (looks[i].letter == letter)
            return i;
    return LOOKS - 1;
}

/* --- Looking ------------------------------------------------------------------------------ */

/* All of a file; the caller frees it. Ends the program when it is not there. */
static char *file_read(const char *path, size_t *length)
{
    size_t room = 1 << 16;
    char *text = malloc(room);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t part = 0;

    *length = 0;
    while (file >= 0 && text && (part = read(file, text + *length, room - *length)) > 0) {
        *length += part;
        if (*length == room)
            text = realloc(text, room *= 2);
    }
    if (file < 0 || !text || part < 0) {
        perror(path);
        exit(1);
    }
    close(file);
    return text;
}

/* Numbers after the name in /proc/PID/stat: fields 10, 12 and 24 of proc(5). */
static bool process_read(int pid, struct process *process)
{
    char path[64], text[512];

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    bool read = file && fgets(text, sizeof(text), file);
    if (file)
        fclose(file);
    char *open = read ? strchr(text, '(') : NULL, *close = read ? strrchr(text, ')') : NULL;
    if (!open || !close)
        return false;
    *close = '\0';
    process->pid = pid;
    snprintf(process->name, sizeof(process->name), "%s", open + 1);
    if (sscanf(
            close + 2,
            "%*c %*d %*d %*d %*d %*d %*u %ld %*d %ld %*d %*d %*d %*d %*d %*d %*d %*d %*d "
            "%*d %*d %ld",
            &process->minor, &process->major, &process->resident) != 3)
        return false;
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    long slots = field_read(path, "VmSwap");
    process->slots = slots < 0 ? 0 : slots * 1024 / PAGE;
    return true;
}

static int by_resident(const void *a, const void *b)
{
    const struct process *one = a, *other = b;

    if (one->resident != other->resident)
        return one->resident < other->resident ? 1 : -1;
    return one->pid - other->pid;
}

static int processes_read(struct process *processes)
{
    DIR *directory = opendir("/proc");
    const struct dirent *entry;
    int count = 0;

    while (directory && (entry = readdir(directory)) && count < PROCESSES)
        if (isdigit((unsigned char)entry->d_name[0]) &&
            process_read(atoi(entry->d_name), &processes[count]))
            count++;
    if (directory)
        closedir(directory);
    qsort(processes, count, sizeof(*processes), by_resident);
    return count;
}

/* --- Showing ------------------------------------------------------------------------------ */

static struct screen screen_size(const struct options *options)
{
    struct winsize size = {0};
    struct screen screen = {LINES_LEAST, COLUMNS_LEAST, !options->batch};

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    if (size.ws_row > LINES_LEAST)
        screen.lines = size.ws_row;
    if (size.ws_col > COLUMNS_LEAST)
        screen.columns = size.ws_col;
    return screen;
}

static void put_look(const struct screen *screen, int look, char letter)
{
    if (screen->colours)
        printf("\033[%sm%c", looks[look].colour, letter);
    else
        putchar(letter);
}

static void line_end(const struct screen *screen)
{
    puts(screen->colours ? "\033[0m\033[K" : "");
}

/* What most of the frames in a cell are. A frame on its way is worth seeing, though alone. */
static int cell_look(const char *letters, size_t count)
{
    size_t found[LOOKS] = {0};
    int most = LOOKS - 1;

    for (size_t i = 0; i < count; i++)
        found[look_of(letters[i])]++;
    if (found[look_of('!')])
        return look_of('!');
    for (int look = 0; look < LOOKS; look++)
        if (found[look] > found[most])
            most = look;
    return most;
}

/* Frames from the first to the last that are memory's, on so many lines. */
static void map_show(const struct screen *screen, const char *letters, size_t count,
                     int lines)
{
    size_t cells = (size_t)lines * screen->columns, each = (count + cells - 1) / cells;

    for (size_t at = 0; at < count;) {
        for (int column = 0; column < screen->columns && at < count; column++, at += each) {
            int look = cell_look(letters + at, count - at < each ? count - at : each);
            put_look(screen, look, looks[look].letter);
        }
        line_end(screen);
    }
}

static void counts_show(const struct screen *screen, const char *letters, size_t count)
{
    long found[LOOKS] = {0};
    const char *separator = "";

    for (size_t i = 0; i < count; i++)
        found[look_of(letters[i])]++;
    for (int look = 0; look < LOOKS; look++) {
        if (look == look_of('K'))
            continue;
        printf("%s", separator);
        put_look(screen, look, looks[look].letter);
        printf("%s %ld", screen->colours ? "\033[0m" : "", found[look]);
        separator = "  ";
    }
    line_end(screen);
}

static const struct process *process_before(const struct process *before, int count,
                                            int pid)
{
    for (int i = 0; i < count; i++)
        if (before[i].pid == pid)
            return &before[i];
    return NULL;
}

static void processes_show(const struct screen *screen, const struct process *now,
                           int count, const struct process *before, int before_count,
                           int lines)
{
    printf("%6s %-16s %9s %9s %9s %9s", "PID", "NAME", "RESIDENT", "SLOTS", "MINOR",
           "MAJOR");
    line_end(screen);
    for (int i = 0; i < count && i < lines; i++) {
        const struct process *old = process_before(before, before_count, now[i].pid);
        printf("%6d %-16.16s %9ld %9ld %+9ld %+9ld", now[i].pid, now[i].name,
               now[i].resident, now[i].slots, now[i].minor - (old ? old->minor : 0),
               now[i].major - (old ? old->major : 0));
        line_end(screen);
    }
}

/* Frames that are always the kernel's, its arrays and the disks, would fill the map: long runs
 * of them are left out. How many letters are left. */
static size_t kernel_leave_out(char *letters, size_t count)
{
    size_t kept = 0;

    for (size_t at = 0; at < count;) {
        size_t run = 0;
        while (at + run < count && letters[at + run] == 'K')
            run++;
        size_t part = run == 0 ? 1 : run > KERNEL_RUN ? 0 : run;
        memmove(letters + kept, letters + at, part);
        kept += part;
        at += run == 0 ? 1 : run;
    }
    return kept;
}

static void picture(const struct options *options)
{
    static struct process now[PROCESSES], before[PROCESSES];
    static int before_count;
    struct screen screen = screen_size(options);
    size_t length;
    char *letters = file_read("/proc/frames", &length);
    int count = processes_read(now);
    size_t given = kernel_leave_out(letters, length ? length - 1 : 0); /* no newline */
    int map_lines = (screen.lines - TOP_LINES) * 2 / 3;

    if (screen.colours)
        fputs("\033[H", stdout);
    printf("vmtop: %zu frames, %ld KiB free; %ld pages in slots", given, memory_free(),
           (field_read("/proc/meminfo", "SwapTotal") -
            field_read("/proc/meminfo", "SwapFree")) *
               1024 / PAGE);
    line_end(&screen);
    counts_show(&screen, letters, given);
    map_show(&screen, letters, given, map_lines);
    processes_show(&screen, now, count, before, before_count,
                   screen.lines - TOP_LINES - map_lines - 1);
    if (screen.colours)
        fputs("\033[J", stdout);
    fflush(stdout);
    free(letters);
    memcpy(before, now, sizeof(now));
    before_count = count;
}

/* --- The terminal -------------------------------------------------------------------------- */

static struct termios terminal;

static void terminal_begin(void)
{
    struct termios raw;

    tcgetattr(STDIN_FILENO, &terminal);
    raw = terminal;
    raw.c_lflag &= ~(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fputs("\033[?25l\033[2J", stdout);
}

static void terminal_end(void)
{
    tcflush(STDIN_FILENO, TCIFLUSH);
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    fputs("\033[0m\033[?25h\n", stdout);
}

static void usage(void)
{
    fputs("usage: vmtop [-b] [-n TIMES] [-d SECONDS]\n", stderr);
    exit(2);
}

static struct options options_read(int argc, char *argv[])
{
    struct options options = {.times = -1, .seconds = 1};
    int letter;

    while ((letter = getopt(argc, argv, "bn:d:")) != -1) {
        if (letter == 'b')
            options.batch = true;
        else if (letter == 'n' && atol(optarg) > 0)
            options.times = atol(optarg);
        else if (letter == 'd' && atof(optarg) >= 0)
            options.seconds = atof(optarg);
        else
            usage();
    }
    if (optind != argc)
        usage();
    if (options.times < 0)
        options.times = options.batch;
    return options;
}

int main(int argc, char *argv[])
{
    struct options options = options_read(argc, argv);
    struct pollfd key = {.fd = options.batch ? -1 : STDIN_FILENO, .events = POLLIN};

    if (!options.batch)
        terminal_begin();
    for (long i = 0; !options.times || i < options.times; i++) {
        if (i && poll(&key, 1, (int)(options.seconds * 1000)) > 0)
            break;
        if (i && options.batch)
            putchar('\n');
        picture(&options);
    }
    if (!options.batch)
        terminal_end();
    return 0;
}
