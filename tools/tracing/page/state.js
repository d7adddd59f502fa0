// state.js - all of memory at one moment, in one array of numbers.
//
// frames[], pages[], slots, spaces, processes and every pte lie in sections of one Int32Array.
// So a keyframe is a copy of it, and taking an event back is putting old numbers back: every
// change goes through set(), which writes down what was there.

import { AGE_HIGH, HIGH, PAGE_BYTES, PTE, pteFrame, ptePage } from "page/trace.js";

// In F_FLAGS: as far as records tell.
export const FLAG = { REFERENCED: 1, DIRTY: 2 };
// As arch and mm number them (mm/frames/frame.h).
export const FRAME_KERNEL = 0, FRAME_FREE = 1, FRAME_RESIDENT = 2, FRAME_BUSY = 3, FRAME_TABLE = 4;

// What is known of each frame, page, …: a section of the array for each name.
const FRAME = /** @type {const} */ ([
  "STATE", "PAGE", "GROUP", "FLAGS", "LIST",
  "NEXT", "PREVIOUS", "SPACE", "ADDRESS", "LEVEL",
]);
const FRAME_TIMES = /** @type {const} */ (["LAST", "SINCE"]);
const PAGE = /** @type {const} */ (["USED", "FRAME", "SLOT", "HELD", "OBJECT", "INDEX", "NAMERS", "COUNT"]);
const SPACE = /** @type {const} */ ([
  "LIVE", "REGIONS", "GROUP", "HEAD", "ENTRIES", "RESIDENT",
  "TABLES", "PROCESS", "FAULTS", "ACCESS", "WORKING",
]);
const PROCESS = /** @type {const} */ (["STATE", "PARENT", "SPACE", "NAME"]);
const GROUP = /** @type {const} */ (["LIMIT", "POLICY", "HAND", "TICKS"]);
const ENTRY = /** @type {const} */ ([
  "SPACE", "LOW", "HIGH", "PTE", "PTE_HIGH", "PAGE",
  "PAGE_NEXT", "PAGE_PREVIOUS", "NEXT", "PREVIOUS", "HASH_NEXT",
]);
const SCALAR = /** @type {const} */ ([
  "RESIDENT", "FAULTS", "MAJORS", "EVICTED", "WRITTEN", "PAGED_IN", "RESCUED",
  "RUNNING", "THREAD", "LOADED", "AWAKE", "HAND", "FREE_ENTRY",
]);
const PROCESSOR = /** @type {const} */ (["PROCESS", "THREAD", "SPACE"]); // who runs there; which space it has loaded
const FREE_LISTS = 4; // numbered from 1

/**
 * @typedef {`F_${typeof FRAME[number] | typeof FRAME_TIMES[number]}` | `P_${typeof PAGE[number] | "LAST"}`
 *   | `A_${typeof SPACE[number]}` | `R_${typeof PROCESS[number]}` | `G_${typeof GROUP[number]}`
 *   | `C_${typeof PROCESSOR[number]}` | `E_${typeof ENTRY[number]}` | typeof SCALAR[number]} Section
 */

// For the checker of types alone: a state has a number, where it begins, by the name of each section.
const Sections = /** @type {new () => Record<Section, number>} */ (class {});

/**
 * How many there are of each; entries: room for ptes.
 * @typedef {{ frames: number, pages: number, slots: number, spaces: number, processes: number,
 *   groups: number, processors: number, entries: number }} Size
 */

export class Full extends Error {}

export class State extends Sections {
  /** @param {Size} size */
  constructor(size) {
    super();
    this.size = size;
    this.length = 0;
    this.sections("F_", FRAME, size.frames);
    this.sections("P_", PAGE, size.pages);
    this.SLOT = this.section(size.slots);
    this.framesEnd = this.length; // what lies before decides how frames look
    this.sections("F_", FRAME_TIMES, size.frames);
    this.P_LAST = this.section(size.pages);
    this.sections("A_", SPACE, size.spaces);
    this.sections("R_", PROCESS, size.processes);
    this.sections("G_", GROUP, size.groups);
    this.sections("C_", PROCESSOR, size.processors);
    this.KIND = this.section(16);
    this.QUEUE = this.section(8);
    this.LISTS = this.section(2 * FREE_LISTS); // of each its head, its tail
    this.COUNT = this.section(FREE_LISTS);
    this.sections("", SCALAR, 1);
    this.entriesBegin = this.length;
    this.sections("E_", ENTRY, size.entries);
    this.buckets = 1;
    while (this.buckets < size.entries) this.buckets *= 2;
    this.HASH = this.section(this.buckets);
    this.S = new Int32Array(this.length);
    this.frameWrites = this.entryWrites = 0; // so often has anything of theirs changed
    this.journal = new Int32Array(1 << 16);
    this.journalUsed = 0;
    this.journaling = false;
    this.begin();
  }

  // Room for so many numbers more: where it begins.
  /** @param {number} count */
  section(count) {
    const at = this.length;
    this.length += count;
    return at;
  }

  /**
   * @param {string} prefix
   * @param {readonly string[]} names
   * @param {number} count
   */
  sections(prefix, names, count) {
    for (const name of names) /** @type {any} */ (this)[prefix + name] = this.section(count);
  }

  begin() {
    const { S, size } = this;
    const none = (/** @type {number} */ base, /** @type {number} */ count) => S.fill(-1, base, base + count);
    for (const base of [this.F_PAGE, this.F_NEXT, this.F_PREVIOUS, this.F_LEVEL, this.F_LAST]) none(base, size.frames);
    for (const base of [this.P_FRAME, this.P_SLOT, this.P_NAMERS, this.P_LAST]) none(base, size.pages);
    none(this.SLOT, size.slots);
    none(this.A_HEAD, size.spaces);
    none(this.A_REGIONS, size.spaces);
    none(this.R_NAME, size.processes);
    none(this.G_HAND, size.groups);
    none(this.G_LIMIT, size.groups);
    none(this.LISTS, 2 * FREE_LISTS);
    S[this.HAND] = -1;
    none(this.HASH, this.buckets);
    for (let i = 0; i < size.entries; i++) S[this.E_HASH_NEXT + i] = i + 1 < size.entries ? i + 1 : -1;
    S[this.FREE_ENTRY] = 0;
  }

  /** @param {number} at @param {number} value */
  set(at, value) {
    const old = this.S[at];
    if (old === value) return;
    if (this.journaling) {
      if (this.journalUsed + 2 > this.journal.length) {
        const larger = new Int32Array(2 * this.journal.length);
        larger.set(this.journal);
        this.journal = larger;
      }
      this.journal[this.journalUsed++] = at;
      this.journal[this.journalUsed++] = old;
    }
    this.S[at] = value;
    if (at < this.framesEnd) this.frameWrites++;
    else if (at >= this.entriesBegin) this.entryWrites++;
  }

  // All of it is replaced by a copy taken before.
  /** @param {Int32Array} copy */
  restore(copy) {
    this.S.set(copy);
    this.frameWrites++;
    this.entryWrites++;
  }

  /** @param {number} at @param {number} change */
  add(at, change) { this.set(at, this.S[at] + change); }

  // Put back what was there when `mark` words were in the journal.
  /** @param {number} mark */
  undo(mark) {
    const { S, journal } = this;
    for (let i = this.journalUsed; i > mark; i -= 2) {
      const at = journal[i - 2];
      S[at] = journal[i - 1];
      if (at < this.framesEnd) this.frameWrites++;
      else if (at >= this.entriesBegin) this.entryWrites++;
    }
    this.journalUsed = mark;
  }

  // --- Free lists: 1 plain, 2 kept, 3 zeroed ------------------------------------------------

  /** @param {number} frame @param {number} list */
  listAppend(frame, list) {
    const { S } = this, head = this.LISTS + 2 * list, tail = head + 1, last = S[tail];
    this.set(this.F_LIST + frame, list);
    this.set(this.F_NEXT + frame, -1);
    this.set(this.F_PREVIOUS + frame, last);
    this.set(last >= 0 ? this.F_NEXT + last : head, frame);
    this.set(tail, frame);
    this.add(this.COUNT + list, 1);
  }

  /** @param {number} frame */
  listRemove(frame) {
    const { S } = this, list = S[this.F_LIST + frame];
    if (!list) return;
    const head = this.LISTS + 2 * list, next = S[this.F_NEXT + frame], previous = S[this.F_PREVIOUS + frame];
    this.set(previous >= 0 ? this.F_NEXT + previous : head, next);
    this.set(next >= 0 ? this.F_PREVIOUS + next : head + 1, previous);
    this.set(this.F_LIST + frame, 0);
    this.add(this.COUNT + list, -1);
  }

  freeFrames() { const { S, COUNT } = this; return S[COUNT + 1] + S[COUNT + 2] + S[COUNT + 3]; }

  // --- Entries ------------------------------------------------------------------------------

  /** @param {number} space @param {number} low */
  bucket(space, low) {
    let hash = Math.imul(low ^ Math.imul(space, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    return this.HASH + (hash & (this.buckets - 1));
  }

  // The entry of a space for a page of addresses, -1: zero. The page's number is in two words.
  /** @param {number} space @param {number} low @param {number} high */
  find(space, low, high) {
    const { S } = this;
    let at = S[this.bucket(space, low)];
    while (at >= 0 && !(S[this.E_LOW + at] === low && S[this.E_SPACE + at] === space &&
                        S[this.E_HIGH + at] === high)) at = S[this.E_HASH_NEXT + at];
    return at;
  }

  /** @param {number} space @param {number} address */
  findAddress(space, address) {
    const number = Math.floor(address / PAGE_BYTES);
    return this.find(space, number | 0, Math.floor(number / HIGH));
  }

  /** @param {number} entry */
  address(entry) {
    const { S } = this;
    return ((S[this.E_LOW + entry] >>> 0) + S[this.E_HIGH + entry] * HIGH) * PAGE_BYTES;
  }

  /** @param {number} entry @param {number} page */
  linkPage(entry, page) {
    this.set(this.E_PAGE + entry, page);
    if (page < 0) return;
    const { S } = this, first = S[this.P_NAMERS + page];
    this.set(this.E_PAGE_NEXT + entry, first);
    this.set(this.E_PAGE_PREVIOUS + entry, -1);
    if (first >= 0) this.set(this.E_PAGE_PREVIOUS + first, entry);
    this.set(this.P_NAMERS + page, entry);
    this.add(this.P_COUNT + page, 1);
  }

  /** @param {number} entry */
  unlinkPage(entry) {
    const { S } = this, page = S[this.E_PAGE + entry];
    if (page < 0) return;
    const next = S[this.E_PAGE_NEXT + entry], previous = S[this.E_PAGE_PREVIOUS + entry];
    this.set(previous >= 0 ? this.E_PAGE_NEXT + previous : this.P_NAMERS + page, next);
    if (next >= 0) this.set(this.E_PAGE_PREVIOUS + next, previous);
    this.add(this.P_COUNT + page, -1);
  }

  // An entry's words become (low, high); what page it names follows from them. Its age is left out:
  // it changes with every sample, which no record tells.
  /**
   * @param {number} entry
   * @param {number} low
   * @param {number} high
   * @param {number} zeroFrame
   */
  assign(entry, low, high, zeroFrame) {
    high &= ~AGE_HIGH;
    const { S } = this, space = S[this.E_SPACE + entry];
    let page = -1;
    if (low & PTE.PRESENT) {
      const frame = pteFrame(low, high);
      page = frame === zeroFrame || frame >= this.size.frames ? -1 : S[this.F_PAGE + frame];
    } else {
      page = ptePage(low, high);
      if (page >= this.size.pages) page = -1;
    }
    const counted = S[this.E_PTE + entry] & PTE.PRESENT && S[this.E_PAGE + entry] >= 0 ? 1 : 0;
    const counts = low & PTE.PRESENT && page >= 0 ? 1 : 0;
    if (counts !== counted) this.add(this.A_RESIDENT + space, counts - counted);
    this.set(this.E_PTE + entry, low);
    this.set(this.E_PTE_HIGH + entry, high);
    if (page !== S[this.E_PAGE + entry]) {
      this.unlinkPage(entry);
      this.linkPage(entry, page);
    }
  }

  /** @param {number} entry */
  remove(entry) {
    const { S } = this, space = S[this.E_SPACE + entry];
    if (S[this.E_PTE + entry] & PTE.PRESENT && S[this.E_PAGE + entry] >= 0) this.add(this.A_RESIDENT + space, -1);
    this.unlinkPage(entry);
    const next = S[this.E_NEXT + entry], previous = S[this.E_PREVIOUS + entry];
    this.set(previous >= 0 ? this.E_NEXT + previous : this.A_HEAD + space, next);
    if (next >= 0) this.set(this.E_PREVIOUS + next, previous);
    this.add(this.A_ENTRIES + space, -1);
    let link = this.bucket(space, S[this.E_LOW + entry]);
    while (S[link] !== entry) link = this.E_HASH_NEXT + S[link];
    this.set(link, S[this.E_HASH_NEXT + entry]);
    this.set(this.E_HASH_NEXT + entry, S[this.FREE_ENTRY]);
    this.set(this.FREE_ENTRY, entry);
  }

  // The entry at a page of addresses says (low, high) from now on; 0, 0: nothing.
  /**
   * @param {number} space
   * @param {number} numberLow
   * @param {number} numberHigh
   * @param {number} low
   * @param {number} high
   * @param {number} zeroFrame
   */
  write(space, numberLow, numberHigh, low, high, zeroFrame) {
    const { S } = this;
    let entry = this.find(space, numberLow, numberHigh);
    if (low === 0 && high === 0) {
      if (entry >= 0) this.remove(entry);
      return;
    }
    if (entry < 0) {
      entry = S[this.FREE_ENTRY];
      if (entry < 0) throw new Full();
      this.set(this.FREE_ENTRY, S[this.E_HASH_NEXT + entry]);
      this.set(this.E_SPACE + entry, space);
      this.set(this.E_LOW + entry, numberLow);
      this.set(this.E_HIGH + entry, numberHigh);
      this.set(this.E_PTE + entry, 0);
      this.set(this.E_PTE_HIGH + entry, 0);
      this.set(this.E_PAGE + entry, -1);
      const bucket = this.bucket(space, numberLow), first = S[this.A_HEAD + space];
      this.set(this.E_HASH_NEXT + entry, S[bucket]);
      this.set(bucket, entry);
      this.set(this.E_NEXT + entry, first);
      this.set(this.E_PREVIOUS + entry, -1);
      if (first >= 0) this.set(this.E_PREVIOUS + first, entry);
      this.set(this.A_HEAD + space, entry);
      this.add(this.A_ENTRIES + space, 1);
    }
    this.assign(entry, low, high, zeroFrame);
  }

  // The entries of a space within addresses [start, end).
  /** @param {number} space @param {number} start @param {number} end */
  within(space, start, end) {
    const { S } = this, found = [];
    const pages = (end - start) / PAGE_BYTES;
    if (pages < S[this.A_ENTRIES + space]) {
      for (let at = start; at < end; at += PAGE_BYTES) {
        const entry = this.findAddress(space, at);
        if (entry >= 0) found.push(entry);
      }
      return found;
    }
    for (let entry = S[this.A_HEAD + space]; entry >= 0; entry = S[this.E_NEXT + entry]) {
      const at = this.address(entry);
      if (at >= start && at < end) found.push(entry);
    }
    return found;
  }

  /** @param {number} page */
  holders(page) { return this.S[this.P_COUNT + page] + (this.S[this.P_HELD + page] ? 1 : 0); }
}
