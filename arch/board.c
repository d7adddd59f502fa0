/* arch/board.c - the host's ports, the CMOS clock, and the end. */
#include "arch/cpu.h"
#include "arch/kernel_lock.h"
#include "arch/machine.h"
#include "arch/trap.h"
#include "lib/string.h"

#define HOST_OUTPUT   0xe9 /* QEMU's, which answer who reads them with this very number */
#define HOST_STATUS   0xea
#define HOST_EXIT     0xf4
#define PORT_ANSWER   0xe9
#define OUTPUT_LINE   0x378 /* Bochs: parallel ports, which it writes to files */
#define STATUS_LINE   0x278
#define LINE_CONTROL  2 /* beyond the data */
#define LINE_READY    0x0cu
#define LINE_STROBE   0x01u
#define SHUTDOWN_PORT 0x8900 /* Bochs ends when it reads the word here */

#define CMOS_INDEX  0x70
#define CMOS_DATA   0x71
#define CMOS_BINARY 0x04u /* in register B: no BCD */
#define CMOS_24H    0x02u

static bool host_has_ports(void)
{
    return port_read8(HOST_OUTPUT) == PORT_ANSWER;
}

/* Each byte is taken when the strobe goes up. */
static void line_write(uint16_t line, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        port_write8(line, (uint8_t)bytes[i]);
        port_write8(line + LINE_CONTROL, LINE_READY | LINE_STROBE);
        port_write8(line + LINE_CONTROL, LINE_READY);
    }
}

static void host_write(uint16_t port, uint16_t line, const char *bytes, size_t length)
{
    if (host_has_ports())
        port_write_bytes(port, bytes, length);
    else
        line_write(line, bytes, length);
}

void host_output(const char *bytes, size_t length)
{
    host_write(HOST_OUTPUT, OUTPUT_LINE, bytes, length);
}

void host_status(const char *text)
{
    host_write(HOST_STATUS, STATUS_LINE, text, strlen(text));
}

/* The status of Bochs cannot say how the machine ended: a line of the status channel does. */
static void shut_down(int how)
{
    static const char word[] = "Shutdown";
    char line[] = "machine 0\n";

    line[strlen(line) - 2] += (char)how;
    host_status(line);
    port_write_bytes(SHUTDOWN_PORT, word, strlen(word));
}

/* A recording of QEMU 10's says "off" where it noted last how far the run was, which it
 * does at each exception: without one right here, a replay would end thousands of
 * instructions too early. */
static void note_place(void)
{
    __asm__ volatile("int %0" ::"i"(VECTOR_IGNORED) : "memory");
}

_Noreturn void machine_off(int how)
{
    serial_flush();
    if (how != MACHINE_REFUSED) /* then there may be no IDT yet */
        note_place();
    port_write8(HOST_EXIT, (uint8_t)how);
    if (!host_has_ports())
        shut_down(how);
    if (processor_count > 1)
        processors_halt(); /* nobody would ever give them the kernel's lock */
    halt_for_ever();
}

/* --- The clock ------------------------------------------------------------------- */

struct clock_reading {
    uint8_t second, minute, hour, day, month, year, mode;
};

static uint8_t cmos_read(uint8_t reg)
{
    port_write8(CMOS_INDEX, reg);
    return port_read8(CMOS_DATA);
}

static struct clock_reading clock_read(void)
{
    return (struct clock_reading){
        .second = cmos_read(0),
        .minute = cmos_read(2),
        .hour = cmos_read(4),
        .day = cmos_read(7),
        .month = cmos_read(8),
        .year = cmos_read(9),
        .mode = cmos_read(11),
    };
}

/* The clock may tick while it is being read: believe it when it says the same twice. */
static struct clock_reading clock_read_stable(void)
{
    struct clock_reading before, now = clock_read();
    do {
        before = now;
        now = clock_read();
    } while (memcmp(&before, &now, sizeof(now)) != 0);
    return now;
}

static unsigned clock_value(uint8_t raw, uint8_t mode)
{
    return mode & CMOS_BINARY ? raw : (raw & 15u) + (raw >> 4) * 10u;
}

static unsigned clock_hour(uint8_t raw, uint8_t mode)
{
    unsigned hour = clock_value(raw & 0x7f, mode);
    if (mode & CMOS_24H)
        return hour;
    return hour % 12 + (raw & 0x80 ? 12 : 0);
}

/* Days from 1970-01-01 to a date after 2000; a year begins in March, so that the leap day
 * is its last. */
static uint64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    if (month <= 2) {
        month += 12;
        year--;
    }
    return 365ul * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 +
           day - 719469;
}

uint64_t rtc_boot_seconds(void)
{
    struct clock_reading now = clock_read_stable();
    uint64_t days =
        days_since_1970(2000 + clock_value(now.year, now.mode),
                        clock_value(now.month, now.mode), clock_value(now.day, now.mode));
    uint64_t seconds = days * 86400 + clock_hour(now.hour, now.mode) * 3600ul +
                       clock_value(now.minute, now.mode) * 60ul +
                       clock_value(now.second, now.mode);
    return seconds - time_now() / 1000000000ul;
}
