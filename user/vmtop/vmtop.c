/* vmtop.c - physical memory, live, in the terminal: vmtop [-b] [-n TIMES] [-d SECONDS]
 *
 * All frames as a map, a letter and a colour for what most frames of a cell are, and a line for
 * each process: what it has in memory, what in slots, and how many faults it took since the
 * last look. Above the map stand what one cell is, and what each letter means. The kernel tells
 * the frames in /proc/frames, a letter each.
 *
 *   -b  batch: no colours, no keys, one picture after the other
 *   -n  so many pictures (with -b, 1 if not given)
 *   -d  seconds between two, 1 if not given; 0.2 is fine
 *
 * The picture is as large as the terminal, and is drawn again at once when that changes. Any key
 * ends it. However it ends, by a signal too, the terminal is as it was before. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "user/lib/counters.h"
#include "user/vmtop/terminal.h"

enum {
    PROCESSES = 512,
    LINES_USUAL = 24, /* of a terminal that does not tell its size */
    COLUMNS_USUAL = 80,
    TITLE_LINES = 2,   /* how much there is, what a cell is */
    HEADING_LINES = 1, /* of the processes */
    KERNEL_RUN = 64,
    LINE_MOST = 256,
    ITEM_MOST = 40
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

/* How many frames of memory are of each look. */
struct counts {
    long found[LOOKS];
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
    struct screen screen = {LINES_USUAL, COLUMNS_USUAL, !options->batch};

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    if (size.ws_row)
        screen.lines = size.ws_row;
    if (size.ws_col)
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

/* A line of text, cut at the edge of the screen. */
static void line_show(const struct screen *screen, const char *format, ...)
{
    char line[LINE_MOST];
    va_list values;

    va_start(values, format);
    vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    printf("%.*s", screen->columns, line);
    line_end(screen);
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

/* How many frames one cell of the map stands for, on so many lines. */
static size_t cell_frames(const struct screen *screen, size_t count, int lines)
{
    size_t cells = (size_t)lines * screen->columns;

    return count ? (count + cells - 1) / cells : 1;
}

/* Frames from the first to the last that are memory's, `each` a cell. */
static void map_show(const struct screen *screen, const char *letters, size_t count,
                     size_t each)
{
    for (size_t at = 0; at < count;) {
        for (int column = 0; column < screen->columns && at < count; column++, at += each) {
            int look = cell_look(letters + at, count - at < each ? count - at : each);
            put_look(screen, look, looks[look].letter);
        }
        line_end(screen);
    }
}

static struct counts counts_take(const char *letters, size_t count)
{
    struct counts counts = {{0}};

    for (size_t i = 0; i < count; i++)
        counts.found[look_of(letters[i])]++;
    return counts;
}

/* What each letter means, and how many frames are so; as many to a line as there is room for.
 * How many lines that takes; with `shown` false they are only counted. */
static int legend_show(const struct screen *screen, const struct counts *counts, bool shown)
{
    int lines = 1, used = 0;

    for (int look = 0; look < LOOKS; look++) {
        char item[ITEM_MOST];
        int length =
            snprintf(item, sizeof(item), " %s %ld", looks[look].name, counts->found[look]) +
            1;
        bool fits = used == 0 || used + 2 + length <= screen->columns;

        if (!fits && shown)
            line_end(screen);
        if (shown) {
            printf("%s", used && fits ? "  " : "");
            put_look(screen, look, looks[look].letter);
            printf("%s%.*s", screen->colours ? "\033[0m" : "", screen->columns - 1, item);
        }
        lines += !fits;
        used = fits && used ? used + 2 + length : length;
    }
    if (shown)
        line_end(screen);
    return lines;
}

static void cell_tell(const struct screen *screen, size_t each)
{
    const char *keys = screen->colours ? " Any key ends it." : "";

    if (each == 1)
        line_show(screen, "A cell is one frame, 4 KiB.%s", keys);
    else
        line_show(screen,
                  "A cell is %zu frames: what most of them are, ! if one is busy.%s", each,
                  keys);
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
    line_show(screen, "%6s %-16s %9s %9s %9s %9s", "PID", "NAME", "RESIDENT", "SLOTS",
              "MINOR", "MAJOR");
    for (int i = 0; i < count && i < lines; i++) {
        const struct process *old = process_before(before, before_count, now[i].pid);
        line_show(screen, "%6d %-16.16s %9ld %9ld %+9ld %+9ld", now[i].pid, now[i].name,
                  now[i].resident, now[i].slots, now[i].minor - (old ? old->minor : 0),
                  now[i].major - (old ? old->major : 0));
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

/* Pages that are in the swap area. */
static long slots_used(void)
{
    return (field_read("/proc/meminfo", "SwapTotal") -
            field_read("/proc/meminfo", "SwapFree")) *
           1024 / PAGE;
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
    struct counts counts = counts_take(letters, given);
    int rest =
        screen.lines - TITLE_LINES - HEADING_LINES - legend_show(&screen, &counts, false);
    int map_lines = rest > 1 ? rest * 2 / 3 : 1;
    size_t each = cell_frames(&screen, given, map_lines);

    if (screen.colours)
        fputs("\033[H", stdout);
    line_show(&screen, "vmtop: %zu frames, %ld KiB free; %ld pages in slots", given,
              memory_free(), slots_used());
    cell_tell(&screen, each);
    legend_show(&screen, &counts, true);
    map_show(&screen, letters, given, each);
    processes_show(&screen, now, count, before, before_count, rest - map_lines - 1);
    if (screen.colours)
        fputs("\033[J", stdout);
    fflush(stdout);
    free(letters);
    memcpy(before, now, sizeof(now));
    before_count = count;
}

/* Wait until the next picture is due. False: a key was pressed, and there shall be none. */
static bool picture_await(const struct options *options)
{
    struct timespec rest = {.tv_sec = (time_t)options->seconds};

    rest.tv_nsec = (long)((options->seconds - rest.tv_sec) * 1e9);
    if (!options->batch)
        return terminal_wait(&rest);
    nanosleep(&rest, NULL);
    return true;
}

static struct options options_read(int argc, char *argv[])
{
    struct options options = {.times = -1, .seconds = 1};
    bool wrong = false;

    for (int letter; (letter = getopt(argc, argv, "bn:d:")) != -1;) {
        if (letter == 'b')
            options.batch = true;
        else if (letter == 'n' && atol(optarg) > 0)
            options.times = atol(optarg);
        else if (letter == 'd' && atof(optarg) >= 0)
            options.seconds = atof(optarg);
        else
            wrong = true;
    }
    if (wrong || optind != argc) {
        fputs("usage: vmtop [-b] [-n TIMES] [-d SECONDS]\n", stderr);
        exit(2);
    }
    if (options.times < 0)
        options.times = options.batch;
    return options;
}

int main(int argc, char *argv[])
{
    struct options options = options_read(argc, argv);

    if (!options.batch)
        terminal_take();
    for (long i = 0; !options.times || i < options.times; i++) {
        if (i && !picture_await(&options))
            break;
        if (i && options.batch)
            putchar('\n');
        picture(&options);
    }
    return 0;
}
