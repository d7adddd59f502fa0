// compare.js - the state that was worked out, against the kernel's own word.
//
// Writing "dump" to /proc/trace makes the kernel write its arrays and page tables into the
// trace. Everything in such a dump must be what the events up to there have added up to, and
// nothing else may be. Bits A and D are the processor's: records do not tell them.

import { Regions } from "page/regions.js";
import { FRAME_FREE, FRAME_KERNEL, FRAME_TABLE } from "page/state.js";
import { AGE_HIGH, NONE, PTE } from "page/trace.js";

const HARDWARE_BITS = PTE.REFERENCED | PTE.DIRTY;

/**
 * What the kernel has told of: frames and pages, how many entries of each space, and its regions.
 * @typedef {import("page/regions.js").Region} Region
 * @typedef {{ frames: Set<number>, pages: Set<number>, entries: Map<number, number>,
 *   regions: Map<number, Region[]> }} Seen
 */

export class Comparison {
  /**
   * @param {import("page/travel.js").Travel} travel  its state is that before the dump
   * @param {number} n  the dump's event
   */
  constructor(travel, n) {
    this.travel = travel;
    this.trace = travel.trace;
    /** @type {string[]} */
    this.different = [];
    this.counts = { frames: 0, pages: 0, entries: 0, regions: 0 };
    this.run(n);
  }

  /** @param {import("page/trace.js").Trace} trace */
  static dumps(trace) {
    const found = [];
    for (let n = 0; n < trace.count; n++)
      if (trace.event(n) === trace.E.dump && trace.detailLow(n) === 1) found.push(n);
    return found;
  }

  /** @param {string} text */
  say(text) { this.different.push(text); }

  /** @param {string} what @param {unknown} told @param {unknown} worked */
  expect(what, told, worked) { if (told !== worked) this.say(`${what}: the kernel says ${told}, the trace ${worked}`); }

  /** @param {number} n */
  run(n) {
    const { trace } = this, { E } = trace;
    const seen = { frames: new Set(), pages: new Set(), entries: new Map(), regions: new Map() };
    for (n++; n < trace.count && trace.event(n) !== E.dump; n++) {
      switch (trace.event(n)) {
        case E["dump-frame"]: this.frame(n); seen.frames.add(trace.frame(n)); break;
        case E["dump-page"]: this.page(n); seen.pages.add(trace.page(n)); break;
        case E["dump-entry"]: this.entry(n, seen.entries); break;
        case E["dump-region"]: this.region(n, seen.regions); break;
      }
    }
    this.rest(seen);
  }

  /** @param {number} n */
  frame(n) {
    const { trace } = this, s = this.travel.state, S = s.S, frame = trace.frame(n), detail = trace.detailLow(n);
    const state = detail & 255, name = `frame ${frame}`;
    this.counts.frames++;
    this.expect(`${name} state`, state, S[s.F_STATE + frame]);
    if (state === FRAME_TABLE) return;
    this.expect(`${name} page`, trace.page(n) | 0, S[s.F_PAGE + frame]);
    if (state === FRAME_FREE) {
      this.expect(`${name} zeroed`, Boolean(detail & 1024), S[s.F_LIST + frame] === 3);
      return;
    }
    this.expect(`${name} group`, detail >>> 16, S[s.F_GROUP + frame]);
    let mappers = 0;
    for (let entry = S[s.P_NAMERS + S[s.F_PAGE + frame]]; entry >= 0; entry = S[s.E_PAGE_NEXT + entry])
      mappers += S[s.E_PTE + entry] & PTE.PRESENT ? 1 : 0;
    this.expect(`${name} mappers`, trace.address(n), mappers);
  }

  /** @param {number} n */
  page(n) {
    const { trace } = this, s = this.travel.state, S = s.S, page = trace.page(n);
    this.counts.pages++;
    this.expect(`page ${page} in use`, 1, S[s.P_USED + page]);
    this.expect(`page ${page} frame`, trace.frame(n) | 0, S[s.P_FRAME + page]);
    this.expect(`page ${page} slot`, trace.detailLow(n) | 0, S[s.P_SLOT + page]);
    this.expect(`page ${page} holders`, trace.address(n), s.holders(page));
    const index = trace.detailHigh(n);
    this.expect(`page ${page} index`, index, S[s.P_HELD + page] ? S[s.P_INDEX + page] >>> 0 : NONE);
  }

  /** @param {number} n @param {Map<number, number>} seen */
  entry(n, seen) {
    const { trace } = this, s = this.travel.state, S = s.S, space = trace.space(n), address = trace.address(n);
    const entry = s.findAddress(space, address), name = `pte of ${address.toString(16)} in space ${space}`;
    this.counts.entries++;
    seen.set(space, (seen.get(space) || 0) + 1);
    if (entry < 0) {
      this.say(`${name}: the trace has none`);
      return;
    }
    const told = trace.detailLow(n), worked = S[s.E_PTE + entry], mask = told & PTE.PRESENT ? ~HARDWARE_BITS : ~0;
    this.expect(name, (told & mask) >>> 0, (worked & mask) >>> 0);
    this.expect(`${name}, upper half`, (trace.detailHigh(n) & ~AGE_HIGH) >>> 0, S[s.E_PTE_HIGH + entry] >>> 0);
  }

  /** @param {number} n @param {Map<number, Region[]>} seen */
  region(n, seen) {
    const { trace } = this, space = trace.space(n), start = trace.address(n), flags = trace.detailLow(n) & 4095;
    this.counts.regions++;
    const told = seen.get(space) || [];
    told.push(Regions.make(start, start + trace.detail(n) - flags, flags, trace.page(n), trace.frame(n)));
    seen.set(space, told);
  }

  // A dump may be in the midst of a change, when the kernel has not yet joined what says the same.
  /** @param {number} space @param {Map<number, Region[]>} seen */
  regions(space, seen) {
    const s = this.travel.state, told = Regions.joined(seen.get(space) || []);
    const worked = Regions.joined(this.travel.regions.get(s.S[s.A_REGIONS + space]));
    const byStart = new Map(worked.map((region) => [region.start, region]));
    this.expect(`regions of space ${space}`, told.length, worked.length);
    for (const region of told) {
      const name = `region ${region.start.toString(16)} of space ${space}`;
      const same = byStart.get(region.start);
      if (!same) this.say(`${name}: the trace has none`);
      else
        for (const field of /** @type {(keyof Region)[]} */ (Object.keys(region)))
          if (field !== "index" || region.object !== NONE)
            this.expect(`${name} ${field}`, region[field], same[field]);
    }
  }

  // What the kernel has not told of is not there.
  /** @param {Seen} seen */
  rest(seen) {
    const s = this.travel.state, S = s.S;
    for (let frame = 0; frame < s.size.frames; frame++)
      if (S[s.F_STATE + frame] !== FRAME_KERNEL && !seen.frames.has(frame))
        this.say(`frame ${frame}: only in the trace`);
    for (let page = 0; page < s.size.pages; page++)
      if (S[s.P_USED + page] && !seen.pages.has(page)) this.say(`page ${page}: only in the trace`);
    for (let space = 1; space < s.size.spaces; space++) {
      if (!S[s.A_LIVE + space]) continue;
      this.expect(`entries of space ${space}`, seen.entries.get(space) || 0, S[s.A_ENTRIES + space]);
      this.regions(space, seen.regions);
    }
  }
}
