/* records.h - the stream of accesses: what the plugin writes and the programs beside it read.
 *
 * Words of 64 bits, little-endian. The uppermost byte of a record's first word is its kind, and the
 * two uppermost bits of that say how many words follow: so a reader passes over kinds that it
 * does not know, and new ones (a shootdown, an INVPCID by its type) can join. The lower 56 bits
 * are the record's own.
 *
 *   ACCESS       page | access << 36 | user << 38 | times << 39: so many accesses in a row
 *   TRANSLATION  page | rights << 36; then the entry's frame: what the tables say, whenever the
 *                plugin has looked: after a flush, a switch, or a fault
 *   SPACE        CR3 was written: its value, with the PCID in the lower twelve bits
 *   FLUSH_PAGE   page: INVLPG
 *   FLUSH_SPACE  an INVLPG whose address could not be seen
 *   FLUSH_ALL    CR4 was written so that global translations go, too
 *   ENTER        the kernel begins at this address; then the user's instruction before it
 *   LEAVE        user code goes on at this address
 *   TRACED       the kernel's trace has so many records by now
 *   END          the machine has ended in order: words written before this record
 *
 * A page is bits 12 to 47 of an address. An access is of user code if the instruction lies in the
 * user's half; the kernel's accesses to the user's half are the kernel's. */
#ifndef FAULTLINE_RECORDS_H
#define FAULTLINE_RECORDS_H

enum record {
    RECORD_ACCESS = 0x01,
    RECORD_SPACE = 0x02,
    RECORD_FLUSH_PAGE = 0x03,
    RECORD_FLUSH_SPACE = 0x04,
    RECORD_FLUSH_ALL = 0x05,
    RECORD_LEAVE = 0x06,
    RECORD_TRACED = 0x07,
    RECORD_END = 0x08,
    RECORD_TRANSLATION = 0x41,
    RECORD_ENTER = 0x42,
};

/* FETCH_MORE: of the second page of an instruction that lies in two. */
enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH, ACCESS_FETCH_MORE };

enum rights {
    RIGHT_PRESENT = 1,
    RIGHT_WRITE = 2,
    RIGHT_USER = 4,
    RIGHT_EXECUTE = 8,
    RIGHT_GLOBAL = 16,
    RIGHT_LARGE = 32, /* 2 MiB */
    RIGHT_HUGE = 64,  /* 1 GiB */
};

enum {
    KIND_SHIFT = 56,
    MORE_SHIFT = 62, /* of the kind: words that follow */
    ACCESS_SHIFT = 36,
    USER_SHIFT = 38,
    TIMES_SHIFT = 39,
    TIMES_MOST = (1 << 17) - 1,
    RIGHTS_SHIFT = 36,
    PAGE_NUMBER_BITS = 36,
};

#endif
