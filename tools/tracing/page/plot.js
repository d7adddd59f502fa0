// plot.js - which pages the picture is about: out of thousands, the dozen that the story is about.
//
// Where a few pages stand out, because they were copied, or came back from the swap area, they are there at every
// moment of the run: so the picture stays, and one sees them change. The others are those that something happened
// to last; all of them, where hundreds do the same.

import { Promises } from "page/promises.js";
import { lowerBound } from "page/search.js";
import { NONE, PAGE_BYTES } from "page/trace.js";

// What a fault of a kind, or an eviction, makes a page worth. The first touch of a page is nothing special.
/** @type {Record<string, number>} */
const WORTH = { copy: 100, reuse: 60, "page-in": 50, rescue: 50, evict: 40, invalid: 30 };
const FEW = 4; // times what is drawn: so many may stand out
const MANY = 100; // more than ever are few: then none stands out, and in which order they are does not matter
const STAY = 0.6; // this part of what is drawn
const SHARED = 30; // what was asked for to be shared
const SPECIAL = 20; // from this worth on a page stands out
const OFTEN = 3; // the same kind counts no more often
// What a program asked for tells more than what it began with; to its stack, everything happens.
const ASKED_FOR = 4, STACK = 0.6;
const LOOK_BACK = 4000; // touches, for what happened last

/** @param {number} address */
const pageOf = (address) => address - (address % PAGE_BYTES);

/**
 * Something happened to the page of that address, in the space of a process.
 * @typedef {{ event: number, process: number, address: number }} Touch
 *
 * Where a page is.
 * @typedef {{ process: number, space: number, address: number }} Place
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
    /** @type {Map<number, number>} */
    this.often = new Map(); // process -> touches
    /** @type {Map<number, Place>} */
    this.at = new Map(); // page -> where it was installed last
    this.promises = new Promises(travel.trace, cast);
    /** @type {Map<number, import("page/promises.js").Promised | undefined>} */
    this.promised = new Map(); // address -> what was promised there when something happened to it last
    this.scanned = 0;
    /** @type {number[]} */
    this.special = [];
  }

  // Look at the records that are new. Those of faults must have been found (travel.scan).
  scan() {
    const { trace, travel, cast } = this, { E } = trace;
    for (let n = this.scanned; n < trace.count; n++) {
      const event = trace.event(n);
      this.promises.scan(n);
      if (event === E.done) {
        const place = this.place(n), fault = travel.ended.get(n);
        if (cast.plays(place.process) && fault !== undefined)
          this.touch(n, place, trace.names.kind[travel.faults.kind[fault]]);
      } else if (event === E.install && trace.page(n) !== NONE) {
        const place = this.place(n);
        if (cast.plays(place.process)) this.at.set(trace.page(n), place);
      } else if (event === E.evict) {
        const place = this.at.get(trace.page(n));
        if (place) this.touch(n, place, "evict");
      }
    }
    this.scanned = trace.count;
    this.choose();
  }

  // Where a record says that it is.
  /** @param {number} n @returns {Place} */
  place(n) {
    const { trace } = this, space = trace.space(n);
    return { process: this.cast.ownerOf(space, n), space, address: pageOf(trace.address(n)) };
  }

  /** @param {number} event @param {Place} place @param {string} what */
  touch(event, { process, space, address }, what) {
    this.promised.set(address, this.promises.at(space, address, event));
    this.touches.push({ event, process, address });
    this.when.push(event);
    this.often.set(process, (this.often.get(process) || 0) + 1);
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
    const promised = this.promised.get(address);
    if (!promised) return worth;
    if (promised.stack) return worth * STACK;
    if (!promised.asked) return worth;
    return (worth + (promised.shared ? SHARED : 0)) * ASKED_FOR;
  }

  // The pages that stand out, those of the region that most happened to first.
  choose() {
    /** @type {Map<number, number>} */ const worth = new Map();
    /** @type {Map<number, number>} */ const regions = new Map(); // by their beginnings
    const region = (/** @type {number} */ address) => (this.promised.get(address) || { start: address }).start;
    for (const address of this.kinds.keys()) {
      const each = this.worth(address), start = region(address);
      if (each < SPECIAL) continue;
      worth.set(address, each);
      regions.set(start, (regions.get(start) || 0) + each);
    }
    const of = (/** @type {Map<number, number>} */ map, /** @type {number} */ key) => map.get(key) || 0;
    const all = [...worth.keys()];
    this.special = all.length > MANY ? all : all.sort((a, b) =>
      of(regions, region(b)) - of(regions, region(a)) || of(worth, b) - of(worth, a) || a - b);
  }

  // So many pages at most, by their addresses: those the picture is about after n events, the weightiest first.
  // `focus`: the first of all; -1: none is.
  /** @param {number} n @param {number} most @param {number} focus */
  pages(n, most, focus) {
    const few = this.special.length <= FEW * most, stay = few ? Math.ceil(most * STAY) : 0;
    const chosen = this.special.slice(0, stay);
    this.last(n, most, chosen);
    return focus < 0 ? chosen : [focus, ...chosen.filter((address) => address !== focus)].slice(0, most);
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
