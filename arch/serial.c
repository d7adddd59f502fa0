/* arch/serial.c - COM1, a 16550, both ways by interrupt.
 *
 * What is written goes into a ring; each interrupt for an empty transmitter moves up to 16
 * bytes, the size of its FIFO, on. When the ring is full, or before interrupts are there, the
 * writer itself waits for the transmitter. Received bytes go into a ring of their own. The
 * line's interrupt is edge-triggered: serial_interrupt goes on until the chip has nothing
 * more to say, or there would be no further edge. */
#include "arch/cpu.h"
#include "arch/machine.h"

#define COM1             0x3f8
#define DATA             (COM1 + 0)
#define INTERRUPT_ENABLE (COM1 + 1)
#define INTERRUPT_ID     (COM1 + 2) /* read */
#define FIFO_CONTROL     (COM1 + 2) /* write */
#define LINE_CONTROL     (COM1 + 3)
#define MODEM_CONTROL    (COM1 + 4)
#define LINE_STATUS      (COM1 + 5)

#define ENABLE_RECEIVE  1u
#define ENABLE_TRANSMIT 2u
#define ID_NONE         1u
#define STATUS_RECEIVED 1u
#define STATUS_NONE \
    0x80u /* always 0 with the FIFO off; a line that is not there reads 0xff */
#define STATUS_EMPTY 0x20u /* the transmit FIFO can take 16 bytes */
#define STATUS_SENT  0x40u /* and the last one is on its way */
#define FIFO_SIZE    16
#define WAIT_LIMIT   1000000 /* a transmitter that is not there never gets ready */

#define RING_SIZE 4096u

struct ring {
    unsigned head, tail; /* free-running; put at head, taken at tail */
    char bytes[RING_SIZE];
};

static struct ring sending, received;
static bool by_interrupt;
static uint8_t enabled; /* what INTERRUPT_ENABLE holds */

static unsigned ring_count(const struct ring *ring)
{
    return ring->head - ring->tail;
}

static void ring_put(struct ring *ring, char byte)
{
    if (ring_count(ring) < RING_SIZE)
        ring->bytes[ring->head++ % RING_SIZE] = byte;
}

static char ring_take(struct ring *ring)
{
    return ring->bytes[ring->tail++ % RING_SIZE];
}

/* Keys that were pressed before this kernel ran wait in the chip, one by one; it is
 * cleared next. */
static void receive_early(void)
{
    while (ring_count(&received) < RING_SIZE &&
           (port_read8(LINE_STATUS) & (STATUS_RECEIVED | STATUS_NONE)) == STATUS_RECEIVED)
        ring_put(&received, (char)port_read8(DATA));
}

void serial_init(void)
{
    port_write8(INTERRUPT_ENABLE, 0);
    port_write8(LINE_CONTROL, 0x80); /* the divisor: 115,200 baud */
    port_write8(DATA, 1);
    port_write8(INTERRUPT_ENABLE, 0);
    port_write8(LINE_CONTROL, 0x03); /* 8 bits, no parity, 1 stop bit */
    receive_early();
    port_write8(FIFO_CONTROL, 0x07);  /* on, cleared, interrupt at each byte */
    port_write8(MODEM_CONTROL, 0x0b); /* DTR, RTS; OUT2 lets interrupts through */
}

static void enable(uint8_t what)
{
    if (what == enabled)
        return;
    enabled = what;
    port_write8(INTERRUPT_ENABLE, what);
}

void serial_use_interrupts(void)
{
    by_interrupt = true;
    enable(ENABLE_RECEIVE);
}

/* Fill the transmitter's FIFO from the ring. */
static void send_some(void)
{
    for (int room = FIFO_SIZE; room && ring_count(&sending); room--)
        port_write8(DATA, (uint8_t)ring_take(&sending));
}

/* Until the line says so; or it is not there. */
static void line_await(uint8_t bit)
{
    for (int limit = WAIT_LIMIT; limit; limit--)
        if (port_read8(LINE_STATUS) & bit)
            return;
}

static void send_waiting(void)
{
    line_await(STATUS_EMPTY);
    send_some();
}

void serial_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (ring_count(&sending) == RING_SIZE)
            send_waiting();
        ring_put(&sending, text[i]);
    }
    if (by_interrupt)
        enable(ENABLE_RECEIVE | ENABLE_TRANSMIT);
    else
        serial_flush();
}

void serial_flush(void)
{
    while (ring_count(&sending))
        send_waiting();
    line_await(STATUS_SENT);
}

static void receive_all(void)
{
    while (port_read8(LINE_STATUS) & STATUS_RECEIVED)
        ring_put(&received, (char)port_read8(DATA));
}

void serial_interrupt(void)
{
    while (!(port_read8(INTERRUPT_ID) & ID_NONE)) {
        receive_all();
        if (port_read8(LINE_STATUS) & STATUS_EMPTY)
            send_some();
        if (!ring_count(&sending))
            enable(ENABLE_RECEIVE);
    }
}

int serial_read(void)
{
    if (!ring_count(&received))
        receive_all();
    return ring_count(&received) ? (uint8_t)ring_take(&received) : -1;
}
