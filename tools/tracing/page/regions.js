// regions.js - what was promised to each space.
//
// A set of regions is an array in order of address that is never changed: a change makes a new
// one. The sets are numbered, so that the state need only hold numbers; the same event always
// makes the same set, and is made once.

import { NONE, PAGE_BYTES } from "page/trace.js";

/**
 * Addresses from start until before end; index: of its first page in the object.
 * @typedef {{ start: number, end: number, access: number, shared: boolean, stack: boolean, wired: boolean,
 *   commit: number, object: number, index: number }} Region
 */

export class Regions {
  constructor() {
    /** @type {Region[][]} */
    this.sets = [];
    /** @type {Map<number, number>} */
    this.made = new Map(); // event -> set
  }

  /** @param {number} number */
  get(number) { return number < 0 ? [] : this.sets[number]; }

  /**
   * @param {number} event
   * @param {number} number
   * @param {(set: Region[]) => Region[]} change
   */
  change(event, number, change) {
    let made = this.made.get(event);
    if (made === undefined) {
      made = this.sets.push(change(this.get(number))) - 1;
      this.made.set(event, made);
    }
    return made;
  }

  // In the words of a record: map, or dump-region.
  /**
   * @param {number} start
   * @param {number} end
   * @param {number} flags
   * @param {number} object
   * @param {number} index
   */
  static make(start, end, flags, object, index) {
    return {
      start,
      end,
      access: flags & 7,
      shared: Boolean(flags & 8),
      stack: Boolean(flags & 16),
      wired: Boolean(flags & 32),
      commit: (flags >> 6) & 3,
      object,
      index,
    };
  }

  // What is left of a region outside [start, end).
  /** @param {Region} region @param {number} start @param {number} end */
  static outside(region, start, end) {
    const parts = [];
    if (region.start < start) parts.push({ ...region, end: Math.min(region.end, start) });
    if (region.end > end) {
      const from = Math.max(region.start, end);
      parts.push({ ...region, start: from, index: region.index + (from - region.start) / PAGE_BYTES });
    }
    return parts;
  }

  /** @param {Region[]} set @param {number} start @param {number} end */
  static cut(set, start, end) {
    return set.flatMap((region) =>
      region.end <= start || region.start >= end ? [region] : Regions.outside(region, start, end),
    );
  }

  /** @param {Region[]} set @param {Region} region */
  static put(set, region) {
    const rest = Regions.cut(set, region.start, region.end);
    rest.push(region);
    return rest.sort((a, b) => a.start - b.start);
  }

  // `change`: the fields that change, or a function of the region that tells them.
  /**
   * @param {Region[]} set
   * @param {number} start
   * @param {number} end
   * @param {Partial<Region> | ((region: Region) => Partial<Region>)} change
   */
  static alter(set, start, end, change) {
    const inside = set.filter((region) => region.end > start && region.start < end).map((region) => {
      const from = Math.max(region.start, start);
      const fields = typeof change === "function" ? change(region) : change;
      return { ...region, ...fields, start: from, end: Math.min(region.end, end),
               index: region.index + (from - region.start) / PAGE_BYTES };
    });
    return [...Regions.cut(set, start, end), ...inside].sort((a, b) => a.start - b.start);
  }

  // The stack's region begins further down. Its index is not moved: it has no object.
  /** @param {Region[]} set @param {number} start */
  static grow(set, start) {
    const at = set.findIndex((region) => region.start > start && region.stack);
    return set.map((region, i) => (i === at ? { ...region, start } : region));
  }

  // Neighbours that say the same, joined: as the kernel keeps them.
  /** @param {Region[]} set */
  static joined(set) {
    /** @type {Region[]} */
    const result = [];
    for (const region of set) {
      const last = result[result.length - 1];
      const follows = last && last.end === region.start && last.access === region.access &&
        last.shared === region.shared && last.stack === region.stack && last.wired === region.wired &&
        last.commit === region.commit && last.object === region.object &&
        (region.object === NONE || last.index + (region.start - last.start) / PAGE_BYTES === region.index);
      if (follows) last.end = region.end; else result.push({ ...region });
    }
    return result;
  }

  /**
   * @param {Region[]} set
   * @param {number} address
   */
  static find(set, address) {
    return set.find((region) => address >= region.start && address < region.end);
  }
}
