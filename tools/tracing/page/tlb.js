// tlb.js - what a modelled TLB held at each event, both ways through time (docs/tlb.md, "In the page").
//
// A record says what a place holds from that event on. What it held before is looked up once, when
// all are read; so a step back is as easy as a step on.

import { HIGH, PAGE_BYTES } from "page/trace.js";

const MAGIC = 0x424c5446, HEAD = 12, WORDS = 6;
const KIND_AT = 30, WHICH = (1 << KIND_AT) - 1;
const ENTRY = 0, COUNTS = 1; // and all others: entries that were dropped
const BITS_AT = 8, RIGHTS_AT = 16, ABOVE = 255;
export const WRITE = 2, EXECUTE = 8; // of an entry's rights (docs/tlb.md, "The stream")
export const LEVELS = ["fetches", "data", "both"];
const CAUSES = [ // why entries went (tools/accessing/moments.h)
  "", "switches of space", "flushes of the space", "flushes of a page", "flushes whose page could not be seen",
  "flushes of all", "changes of the tables",
];

/**
 * Entries and ways of each level; least: bits of an offset in the smallest page.
 * @typedef {{ levels: { entries: number, ways: number, first: number }[], least: number, asids: number,
 *   replacement: string }} Shape
 *
 * One entry. page: its first address; bits: of an offset in it; space 0: the kernel's; rights: as it was walked.
 * @typedef {{ level: number, set: number, way: number, space: number, page: number, bits: number, frame: number,
 *   rights: number, since: number }} Entry
 *
 * Accesses, misses of the first level, and walks.
 * @typedef {{ accesses: number, missed: number, walks: number }} Counts
 */

export class Tlb {
  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    this.words = new Uint32Array(buffer);
    if (this.words[0] !== MAGIC || this.words[1] !== 1) throw new Error("what the TLB held is of another version");
    this.shape = this.shapeRead();
    this.count = Math.floor((this.words.length - HEAD) / WORDS);
    this.places = this.shape.levels.reduce((sum, level) => sum + level.entries, 0);
    this.held = new Int32Array(this.places).fill(-1); // of each place: the record that says what it holds; -1: nothing
    this.before = new Int32Array(this.count);         // of each record: what its place held until then
    this.link();
    this.applied = 0; // so many records
    /** @type {Map<number, Counts>} */
    this.counts = new Map(); // so far, by whose the pages are
  }

  /** @returns {Shape} */
  shapeRead() {
    const { words } = this, levels = [];
    for (let level = 0, first = 0; level < LEVELS.length; first += levels[level++].entries)
      levels.push({ entries: words[2 + 2 * level], ways: words[3 + 2 * level], first });
    return { levels, least: words[8], asids: words[9], replacement: ["lru", "fifo", "random"][words[10]] };
  }

  link() {
    const { words, held } = this;
    for (let n = 0, at = HEAD; n < this.count; n++, at += WORDS) {
      if (words[at + 1] >>> KIND_AT !== ENTRY) continue;
      this.before[n] = held[words[at + 1]];
      held[words[at + 1]] = this.bits(n) ? n : -1;
    }
    held.fill(-1);
  }

  /** @param {number} n */
  traced(n) { return this.words[HEAD + n * WORDS]; }
  /** @param {number} n */
  bits(n) { return (this.words[HEAD + n * WORDS + 4] >>> BITS_AT) & 255; }

  /**
   * A record is applied, or taken back.
   * @param {number} n
   * @param {boolean} back
   */
  change(n, back) {
    const { words } = this, at = HEAD + n * WORDS, kind = words[at + 1] >>> KIND_AT;
    if (kind === ENTRY) {
      this.held[words[at + 1]] = back ? this.before[n] : this.bits(n) ? n : -1;
    } else if (kind === COUNTS) {
      const sign = back ? -1 : 1, owner = words[at + 2];
      const counts = this.counts.get(owner) || { accesses: 0, missed: 0, walks: 0 };
      this.counts.set(owner, counts);
      counts.accesses += sign * words[at + 3];
      counts.missed += sign * words[at + 4];
      counts.walks += sign * words[at + 5];
    }
  }

  // To what was so when the trace had so many records.
  /** @param {number} moment */
  seek(moment) {
    while (this.applied < this.count && this.traced(this.applied) <= moment) this.change(this.applied++, false);
    while (this.applied > 0 && this.traced(this.applied - 1) > moment) this.change(--this.applied, true);
  }

  /**
   * The entry in a place; null: it is free.
   * @param {number} place
   * @returns {Entry | null}
   */
  entry(place) {
    const n = this.held[place];
    if (n < 0) return null;
    const { words } = this, at = HEAD + n * WORDS, bits = this.bits(n);
    const level = place < this.shape.levels[1].first ? 0 : place < this.shape.levels[2].first ? 1 : 2;
    const { first, ways } = this.shape.levels[level], number = words[at + 3] + (words[at + 4] & ABOVE) * HIGH;
    return {
      level,
      set: Math.floor((place - first) / ways),
      way: (place - first) % ways,
      space: words[at + 2],
      page: addressOf(number * 2 ** (bits - 12)),
      bits,
      frame: words[at + 5],
      rights: (words[at + 4] >>> RIGHTS_AT) & ABOVE,
      since: this.traced(n),
    };
  }

  // The entries of a level, in the order of their places.
  /** @param {number} level */
  entries(level) {
    const { first, entries } = this.shape.levels[level], found = [];
    for (let place = first; place < first + entries; place++) {
      const entry = this.entry(place);
      if (entry) found.push(entry);
    }
    return found;
  }

  // Between the event before this one and this one: what was accessed, and what made entries go.
  since() {
    const counts = { accesses: 0, missed: 0, walks: 0 }, drops = [];
    const moment = this.applied ? this.traced(this.applied - 1) : 0;
    for (let n = this.applied - 1; n >= 0 && this.traced(n) === moment; n--) {
      const at = HEAD + n * WORDS, kind = this.words[at + 1] >>> KIND_AT;
      if (kind === COUNTS) {
        counts.accesses += this.words[at + 3];
        counts.missed += this.words[at + 4];
        counts.walks += this.words[at + 5];
      } else if (kind !== ENTRY) {
        const cause = CAUSES[this.words[at + 1] & WHICH] || "other reasons";
        drops.push({ cause, times: this.words[at + 3], entries: this.words[at + 4] });
      }
    }
    return { moment, counts, drops: drops.reverse() };
  }
}

// A page's number of 36 bits as its address, in which bits 48 to 63 are as bit 47. (Exact: the lower twelve are zero.)
/** @param {number} number */
function addressOf(number) {
  const address = number * PAGE_BYTES;
  return number >= 2 ** 35 ? address + (2 ** 64 - 2 ** 48) : address;
}
