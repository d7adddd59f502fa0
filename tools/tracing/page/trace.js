// trace.js - the records as they lie in memory, and what their numbers are called.
//
// A record is ten 32-bit words (docs/trace.md). They are never turned into objects: a million
// of them are forty megabytes, read where they are. But where several processors run, the one on which
// an event happened is taken out of the event's word.

export const WORDS = 10;
export const NONE = 0xffffffff;
export const W = { TIME: 0, TIME_HIGH: 1, EVENT: 2, SPACE: 3, ADDRESS: 4, ADDRESS_HIGH: 5,
            DETAIL: 6, DETAIL_HIGH: 7, PAGE: 8, FRAME: 9 };
export const MAJOR = 256; // in the detail of "done"
export const PAGE_BYTES = 4096;
export const HIGH = 4294967296;
const PROCESSOR_SHIFT = 24, EVENT_MASK = (1 << PROCESSOR_SHIFT) - 1; // in the event's word

export const PTE = { PRESENT: 1, WRITABLE: 2, USER: 4, REFERENCED: 32, DIRTY: 64, WIRED: 512 };
export const PTE_NO_EXECUTE_HIGH = 0x80000000;
export const AGE_SHIFT_HIGH = 20, AGE_MAX = 15, AGE_HIGH = AGE_MAX << AGE_SHIFT_HIGH; // in the upper half

// The frame, or the page, that a pte's words name.
/** @param {number} low @param {number} high */
export const pteFrame = (low, high) => ((low >>> 12) | ((high & 0xfffff) << 20)) >>> 0;
/** @param {number} low @param {number} high */
export const ptePage = (low, high) => ~pteFrame(low, high) >>> 0;

// Where every space has code that no region promises (mm/address_spaces/shared_code.h); below it, what that reads.
export const SHARED_CODE = 0x7ffff8101000;

/** @type {Record<number, string>} */
export const ACCESS = { 1: "read", 2: "write", 4: "execute" };

/**
 * As view.py writes it; names: of each kind of number, by the number.
 * @typedef {{ nframes: number, npages: number, zero_frame: number, reserve: number, low: number, high: number,
 *   lost: number, names: Record<"event" | "kind" | "state" | "policy" | "device", string[]>,
 *   parameters: Record<string, number> }} Header
 */

export class Trace {
  /** @param {Header} header */
  constructor(header) {
    this.header = header;
    this.names = header.names;
    /** @type {Record<string, number>} */
    this.E = {};
    this.names.event.forEach((name, number) => { this.E[name] = number; });
    this.words = new Uint32Array(0);
    this.count = 0;
    this.processors = header.parameters.cpus || 1;
    this.on = new Uint8Array(0); // of each record, the processor, where there are several
    /** @type {Map<number, number>} */
    this.objectNames = new Map(); // object -> record of its name
  }

  // The frame behind an address that every space has; -1: it is none of these, or there are none.
  /** @param {number} address */
  sharedFrame(address) {
    const page = Math.floor(address / PAGE_BYTES) * PAGE_BYTES, { parameters } = this.header;
    if (page === SHARED_CODE) return parameters.shared_code ?? -1;
    return page === SHARED_CODE - PAGE_BYTES ? parameters.shared_data ?? -1 : -1;
  }

  // More records have come, whole ones.
  /** @param {ArrayBuffer} buffer */
  append(buffer) {
    const more = new Uint32Array(buffer);
    const used = this.count * WORDS;
    if (this.processors > 1) this.takeProcessors(more);
    if (this.count === 0) {
      this.words = more;
    } else {
      if (used + more.length > this.words.length) {
        const larger = new Uint32Array(Math.max(2 * this.words.length, used + more.length));
        larger.set(this.words.subarray(0, used));
        this.words = larger;
      }
      this.words.set(more, used);
    }
    this.count += Math.floor(more.length / WORDS);
  }

  /** @param {Uint32Array} more */
  takeProcessors(more) {
    const count = Math.floor(more.length / WORDS), { on } = this;
    if (this.count + count > on.length) {
      this.on = new Uint8Array(Math.max(2 * on.length, this.count + count));
      this.on.set(on);
    }
    for (let n = 0, at = W.EVENT; n < count; n++, at += WORDS) {
      this.on[this.count + n] = more[at] >>> PROCESSOR_SHIFT;
      more[at] &= EVENT_MASK;
    }
  }

  // On which it happened; the first is 0.
  /** @param {number} n */
  processor(n) { return this.processors > 1 ? this.on[n] : 0; }
  /** @param {number} n */
  event(n) { return this.words[n * WORDS + W.EVENT]; }
  /** @param {number} n */
  eventName(n) { return this.names.event[this.event(n)] || "event " + this.event(n); }
  /** @param {number} n */
  space(n) { return this.words[n * WORDS + W.SPACE]; }
  /** @param {number} n */
  page(n) { return this.words[n * WORDS + W.PAGE]; }
  /** @param {number} n */
  frame(n) { return this.words[n * WORDS + W.FRAME]; }
  /** @param {number} n */
  time(n) { return this.words[n * WORDS] + this.words[n * WORDS + 1] * HIGH; }
  /** @param {number} n */
  address(n) { return this.words[n * WORDS + W.ADDRESS] + this.words[n * WORDS + W.ADDRESS_HIGH] * HIGH; }
  /** @param {number} n */
  detail(n) { return this.words[n * WORDS + W.DETAIL] + this.words[n * WORDS + W.DETAIL_HIGH] * HIGH; }
  /** @param {number} n */
  detailLow(n) { return this.words[n * WORDS + W.DETAIL]; }
  /** @param {number} n */
  detailHigh(n) { return this.words[n * WORDS + W.DETAIL_HIGH]; }

  // The text in a record's address and detail.
  /** @param {number} n */
  text(n) {
    let text = "";
    for (let i = 0; i < 16; i++) {
      const byte = (this.words[n * WORDS + W.ADDRESS + (i >> 2)] >>> (8 * (i & 3))) & 255;
      if (!byte) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  // The text of a note, from its beginning to this record, which may have its end.
  /** @param {number} n */
  note(n) {
    const process = this.page(n), length = this.frame(n) & 0xffff, bytes = [];
    for (let at = this.frame(n) >>> 16, record = n; at >= 0 && record >= 0; record--) {
      if (this.event(record) !== this.E.note || this.page(record) !== process) continue;
      if (this.frame(record) !== ((at << 16) | length)) break;
      const first = record * WORDS + W.ADDRESS, words = new Uint32Array(this.words.subarray(first, first + 4));
      bytes.unshift(...new Uint8Array(words.buffer));
      at -= 16;
    }
    return new TextDecoder().decode(new Uint8Array(bytes).subarray(0, length));
  }

  /** @param {number} object */
  objectName(object) {
    const record = this.objectNames.get(object >>> 0);
    return record === undefined ? "shared memory" : this.text(record);
  }
}
