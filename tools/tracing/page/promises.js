// promises.js - what was promised at an address of a space, over the whole trace: for faults of long ago.
//
// regions.js knows what is promised at the moment on show. Here it is one list for each space, in the order of its
// records; what came last holds.

import { NONE } from "page/trace.js";

const FLAGS = 4095, SHARED = 8, STACK = 16; // in the detail of "map"
const LOOK_BACK = 4096; // so many of a space's are looked at

/**
 * A region as it was promised at that event. `asked`: the program asked for it, it did not begin with it; `gone`: from
 * then on nothing is promised there.
 * @typedef {{ event: number, start: number, end: number, stack: boolean, shared: boolean, object: number,
 *   asked: boolean, gone: boolean }} Promised
 */

export class Promises {
  /**
   * @param {import("page/trace.js").Trace} trace
   * @param {import("page/cast.js").Cast} cast  which has seen the records already
   */
  constructor(trace, cast) {
    this.trace = trace;
    this.cast = cast;
    /** @type {Map<number, Promised[]>} */
    this.of = new Map(); // space -> its promises, by event
  }

  // Look at the next record.
  /** @param {number} n */
  scan(n) {
    const { trace } = this, { E } = trace;
    switch (trace.event(n)) {
      case E.map: case E.unmap: this.change(n); break;
      case E.fork: this.fork(n); break;
      case E.grow: this.grow(n); break;
    }
  }

  /** @param {number} n */
  change(n) {
    const { trace } = this, space = trace.space(n), flags = trace.detailLow(n) & FLAGS, start = trace.address(n);
    const begins = this.cast.beginsOf(space), list = this.of.get(space) || [];
    list.push({
      event: n,
      start,
      end: start + trace.detail(n) - flags,
      stack: Boolean(flags & STACK),
      shared: Boolean(flags & SHARED),
      object: trace.page(n),
      asked: begins >= 0 && n > begins,
      gone: trace.event(n) === trace.E.unmap,
    });
    this.of.set(space, list);
  }

  // What a child has from its parent it asked for as its parent did.
  /** @param {number} n */
  fork(n) {
    const { trace } = this, address = trace.address(n);
    const from = this.at(trace.space(n), address, n), to = this.at(trace.page(n), address, n);
    if (from && to) to.asked = from.asked;
  }

  /** @param {number} n */
  grow(n) {
    const { trace } = this, stack = (this.of.get(trace.space(n)) || []).filter((each) => each.stack).pop();
    if (stack) stack.start = Math.min(stack.start, trace.address(n));
  }

  // What was promised there when that event took place; undefined: nothing.
  /** @param {number} space @param {number} address @param {number} n */
  at(space, address, n) {
    const list = this.of.get(space) || [];
    for (let i = list.length - 1; i >= 0 && i >= list.length - LOOK_BACK; i--)
      if (list[i].event <= n && address >= list[i].start && address < list[i].end)
        return list[i].gone ? undefined : list[i];
    return undefined;
  }

  // What it is a region of.
  /** @param {Promised | undefined} promised */
  backing(promised) {
    if (!promised) return "";
    if (promised.stack) return "stack";
    return promised.object === NONE ? "zeroes" : this.trace.objectName(promised.object);
  }
}
