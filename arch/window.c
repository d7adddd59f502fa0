/* arch/window.c - COM2: the host tells how large the window is that COM1 is shown in.
 *
 * A serial line has no size. Where a person sits at it, tools/boot adds a second line and sends
 * "ROWS COLUMNS\n" at the start and after each change. Its FIFO stays off: switching it on would
 * clear what came before this kernel ran. */
#include "arch/cpu.h"
#include "arch/machine.h"

#define COM2             0x2f8
#define DATA             (COM2 + 0)
#define INTERRUPT_ENABLE (COM2 + 1)
#define LINE_CONTROL     (COM2 + 3)
#define MODEM_CONTROL    (COM2 + 4)
#define LINE_STATUS      (COM2 + 5)
#define SCRATCH          (COM2 + 7) /* keeps what is written, where there is a chip */

#define ENABLE_RECEIVE  1u
#define STATUS_RECEIVED 1u
#define MOST            9999u /* rows or columns: what follows is noise */

static bool present;

void window_use_interrupts(void)
{
    port_write8(SCRATCH, 0x5a);
    present = port_read8(SCRATCH) == 0x5a;
    if (!present)
        return;
    port_write8(LINE_CONTROL, 0x03);  /* 8 bits, no parity, 1 stop bit */
    port_write8(MODEM_CONTROL, 0x0b); /* DTR, RTS; OUT2 lets interrupts through */
    port_write8(INTERRUPT_ENABLE, ENABLE_RECEIVE);
}

bool window_changed(unsigned *rows, unsigned *columns)
{
    static unsigned first, number; /* of the line that is coming in */

    while (present && (port_read8(LINE_STATUS) & STATUS_RECEIVED)) {
        uint8_t byte = port_read8(DATA);

        if (byte >= '0' && byte <= '9' && number <= MOST / 10) {
            number = number * 10 + byte - '0';
        } else if (byte == ' ') {
            first = number;
            number = 0;
        } else {
            *rows = first;
            *columns = number;
            first = number = 0;
            if (*rows && *columns)
                return true;
        }
    }
    return false;
}
