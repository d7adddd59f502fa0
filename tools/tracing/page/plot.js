// plot.js - which pages the picture is about: out of thousands, the dozen that the story is about.
//
// Where a few pages stand out, because they were copied, came back from the swap area, or are mapped by two
// processes, it is those, at every moment of the run: so the picture stays, and one sees them change. Where
// hundreds do the same, it is those that something happened to last.

import { lowerBound } from "page/search.js";
import { NONE, PAGE_BYTES } from "page/trace.js";

// What a fault of a kind, or an eviction, makes a page worth. The first touch of a page is nothing special.
/** @type {Record<string, number>} */
const WORTH = { copy: 100, reuse: 60, "page-in": 50, rescue: 50, resident: 20, evict: 40, invalid: 30 };
const SPECIAL = 20; // from this worth on a page stands out
const OFTEN = 3; // the same kind counts no more often
const LOOK_BACK = 4000; // touches, for what happened last
const PROMISES = 1000; // are remembered

/** @param {number} address */
const pageOf = (address) => address - (address % PAGE_BYTES);

/**
 * A region was promised at that event.
 * @typedef {{ event: number, space: number, start: number, end: number, stack: boolean, zeroes: boolean,
 *   object: number }} Promised
 */

/**
 * Something happened to the page of that address, in the space of a process.
 * @typedef {{ event: number, process: number, address: number }} Touch
 */

export class Plot {
  /**
   * @param {import("page/travel.js").Travel} travel
   * @param {import("page/cast.js").Cast} cast
   */
  constructor(travel, cast) {
    this.travel = travel;
    this.trace = travel.trace;
    this.cast = cast;
    /** @type {Touch[]} */
    this.touches = [];
    /** @type {number[]} */
    this.when = []; // of each touch its event
    /** @type {Map<number, Map<string, number>>} */
    this.kinds = new Map(); // address -> how often what happened to it
    /** @type {Map<number, Set<number>>} */
    this.users = new Map(); // address -> processes
    /** @type {Map<number, { process: number, address: number }>} */
    this.at = new Map(); // page -> where it was installed last
    /** @type {Promised[]} */
    this.promises = [];
    this.scanned = 0;
    /** @type {number[]} */
    this.special = [];
  }

  // Look at the records that are new. Those of faults must have been found (travel.scan).
  scan() {
    const { trace, travel } = this, { E } = trace, story = new Set(this.cast.story());
    const kindOf = new Map(travel.faults.end.map((end, i) => [end, travel.faults.kind[i]]));
    for (let n = this.scanned; n < trace.count; n++) {
      const event = trace.event(n);
      if (event === E.map) this.promise(n);
      else if (event === E.done) {
        const process = this.cast.ownerOf(trace.space(n), n), kind = kindOf.get(n);
        if (story.has(process) && kind !== undefined)
          this.touch(n, process, pageOf(trace.address(n)), trace.names.kind[kind]);
      } else if (event === E.install && trace.page(n) !== NONE) {
        const process = this.cast.ownerOf(trace.space(n), n);
        if (story.has(process)) this.at.set(trace.page(n), { process, address: pageOf(trace.address(n)) });
      } else if (event === E.evict) {
        const place = this.at.get(trace.page(n));
        if (place) this.touch(n, place.process, place.address, "evict");
      }
    }
    this.scanned = trace.count;
    this.choose();
  }

  /** @param {number} n */
  promise(n) {
    if (this.promises.length >= PROMISES) return;
    const { trace } = this, flags = trace.detailLow(n) & 4095, start = trace.address(n);
    const end = start + trace.detail(n) - flags;
    this.promises.push({
      event: n,
      space: trace.space(n),
      start,
      end,
      stack: Boolean(flags & 16),
      zeroes: trace.page(n) === NONE,
      object: trace.page(n),
    });
  }

  /** @param {number} event @param {number} process @param {number} address @param {string} what */
  touch(event, process, address, what) {
    this.touches.push({ event, process, address });
    this.when.push(event);
    const kinds = this.kinds.get(address) || new Map(), users = this.users.get(address) || new Set();
    kinds.set(what, (kinds.get(what) || 0) + 1);
    users.add(process);
    this.kinds.set(address, kinds);
    this.users.set(address, users);
  }

  /** @param {number} address */
  worth(address) {
    const kinds = this.kinds.get(address), users = this.users.get(address);
    if (!kinds || !users) return 0;
    let worth = users.size > 1 ? 10 : 0;
    for (const [what, often] of kinds) worth += (WORTH[what] || 1) * Math.min(often, OFTEN);
    const promised = this.promises.find((each) => address >= each.start && address < each.end);
    // Memory that the program asked for tells more than its stack, which everything happens to.
    return worth * (!promised ? 1 : promised.stack ? 0.6 : promised.zeroes ? 1.5 : 1);
  }

  choose() {
    const worth = new Map([...this.kinds.keys()].map((address) => [address, this.worth(address)]));
    const of = (/** @type {number} */ address) => worth.get(address) || 0;
    this.special = [...worth.keys()].filter((address) => of(address) >= SPECIAL).sort((a, b) => of(b) - of(a) || a - b);
  }

  // So many pages at most, by address: those the picture is about after n events. `focus`: one of them for sure.
  /** @param {number} n @param {number} most @param {number} focus */
  pages(n, most, focus) {
    const few = this.special.length > 0 && this.special.length <= 2 * most;
    /** @type {number[]} */
    const chosen = few ? this.special.slice(0, most) : [];
    if (!few) this.last(n, most, chosen);
    if (focus >= 0 && !chosen.includes(focus)) {
      if (chosen.length >= most) chosen.pop();
      chosen.push(focus);
    }
    return chosen.sort((a, b) => a - b);
  }

  // Those that something happened to last.
  /** @param {number} n @param {number} most @param {number[]} chosen */
  last(n, most, chosen) {
    const end = lowerBound(this.when, n);
    for (let i = end - 1; i >= 0 && i >= end - LOOK_BACK && chosen.length < most; i--)
      if (!chosen.includes(this.touches[i].address)) chosen.push(this.touches[i].address);
    // Before anything has happened: what will.
    for (let i = end; i < this.when.length && i < end + LOOK_BACK && chosen.length < most; i++)
      if (!chosen.includes(this.touches[i].address)) chosen.push(this.touches[i].address);
  }
}
