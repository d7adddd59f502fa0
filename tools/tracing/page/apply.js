// apply.js - what each event changes.  docs/trace.md has the same in words.

import { Regions } from "page/regions.js";
import { FLAG, FRAME_BUSY, FRAME_FREE, FRAME_RESIDENT, FRAME_TABLE } from "page/state.js";
import { HIGH, MAJOR, NONE, PAGE_BYTES, PTE, W, WORDS } from "page/trace.js";

// Events whose names mean something else in a class or here.
const RENAMED = new Map([["state", "frame_state"], ["forget", "forget_kept"]]);

/**
 * What an event does: the records' words, where its own begin, and two of them.
 * @typedef {(words: Uint32Array, at: number, frame: number, page: number) => void} Action
 * @typedef {import("page/regions.js").Region} Region
 */

export class Applier {
  /**
   * @param {import("page/trace.js").Trace} trace
   * @param {import("page/state.js").State} state
   * @param {import("page/regions.js").Regions} regions
   */
  constructor(trace, state, regions) {
    this.trace = trace;
    this.state = state;
    this.regions = regions;
    this.n = 0; // of the event that is applied
    this.processor = 0; // on which it happened
    this.actions = trace.names.event.map((name) => this.action(name));
  }

  /**
   * What an event of that name does; null: it changes nothing here.
   * @param {string} name
   * @returns {Action | null}
   */
  action(name) {
    const found = /** @type {any} */ (this)[RENAMED.get(name) || name.replace(/-/g, "_")];
    return typeof found === "function" ? found : null;
  }

  /** @param {number} n */
  apply(n) {
    const words = this.trace.words, at = n * WORDS;
    const action = this.actions[words[at + W.EVENT]];
    const frame = words[at + W.FRAME], page = words[at + W.PAGE];
    this.n = n;
    if (this.trace.processors > 1) this.look(this.trace.processor(n));
    if (action) action.call(this, words, at, frame, page);
  }

  // Who runs is who runs on the processor of this event.
  /** @param {number} processor */
  look(processor) {
    const s = this.state;
    this.processor = processor;
    s.set(s.RUNNING, s.S[s.C_PROCESS + processor]);
    s.set(s.THREAD, s.S[s.C_THREAD + processor]);
    s.set(s.LOADED, s.S[s.C_SPACE + processor]);
  }

  /** @param {number} frame @param {number} page */
  touch(frame, page) {
    const s = this.state;
    if (frame < s.size.frames) s.set(s.F_LAST + frame, this.n);
    if (page < s.size.pages) s.set(s.P_LAST + page, this.n);
  }

  /** @param {number} frame @param {number} value */
  frameState(frame, value) {
    const s = this.state, old = s.S[s.F_STATE + frame];
    const resident = (/** @type {number} */ state) => (state === FRAME_RESIDENT || state === FRAME_BUSY ? 1 : 0);
    if (resident(value) !== resident(old)) s.add(s.RESIDENT, resident(value) - resident(old));
    s.set(s.F_STATE + frame, value);
  }

  // The frame is nobody's: the page it kept, if any, has lost it.
  /** @param {number} frame */
  frameLeave(frame) {
    const s = this.state, kept = s.S[s.F_PAGE + frame];
    s.listRemove(frame);
    if (kept >= 0 && s.S[s.P_FRAME + kept] === frame) s.set(s.P_FRAME + kept, -1);
    s.set(s.F_PAGE + frame, -1);
    s.set(s.F_FLAGS + frame, 0);
  }

  /** @param {number} frame @param {number} page @param {number} group */
  place(frame, page, group) {
    const s = this.state;
    s.set(s.F_PAGE + frame, page);
    s.set(s.P_FRAME + page, frame);
    s.set(s.F_GROUP + frame, group);
    s.set(s.F_SINCE + frame, this.n);
    this.touch(frame, page);
  }

  /** @param {number} frame @param {number} bit @param {boolean} on */
  flag(frame, bit, on) {
    const s = this.state;
    if (frame >= s.size.frames) return;
    const old = s.S[s.F_FLAGS + frame];
    s.set(s.F_FLAGS + frame, on ? old | bit : old & ~bit);
  }

  /** @param {Uint32Array} words @param {number} at */
  number(words, at) { // the page of addresses a record is about, in two words
    const low = words[at + W.ADDRESS], high = words[at + W.ADDRESS_HIGH];
    return [(low >>> 12) | (high << 20), high >>> 12];
  }

  /**
   * @param {number} space
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} low
   * @param {number} high
   */
  write(space, words, at, low, high) {
    const [numberLow, numberHigh] = this.number(words, at);
    this.state.write(space, numberLow, numberHigh, low, high, this.trace.header.zero_frame);
  }

  /** @param {Uint32Array} words @param {number} at */
  range(words, at) {
    const start = words[at + W.ADDRESS] + words[at + W.ADDRESS_HIGH] * HIGH;
    const flags = words[at + W.DETAIL] & 4095;
    const length = words[at + W.DETAIL] - flags + words[at + W.DETAIL_HIGH] * HIGH;
    return [start, start + length, flags];
  }

  // --- Faults -------------------------------------------------------------------------------

  /** @param {Uint32Array} words @param {number} at */
  fault(words, at) {
    const s = this.state, space = words[at + W.SPACE];
    s.add(s.FAULTS, 1);
    s.add(s.A_FAULTS + space, 1);
    s.set(s.A_ACCESS + space, words[at + W.DETAIL]);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  unshare(words, at, frame, page) {
    this.flag(frame, FLAG.DIRTY, true);
    this.touch(frame, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  install(words, at, frame, page) {
    const s = this.state, space = words[at + W.SPACE];
    this.write(space, words, at, words[at + W.DETAIL], words[at + W.DETAIL_HIGH]);
    if (page === NONE) return;
    this.flag(frame, FLAG.REFERENCED, true);
    if (s.S[s.A_ACCESS + space] === 2) this.flag(frame, FLAG.DIRTY, true);
    this.touch(frame, page);
  }

  /** @param {Uint32Array} words @param {number} at */
  done(words, at) {
    const s = this.state;
    s.add(s.KIND + (words[at + W.DETAIL] & 15), 1);
    if (words[at + W.DETAIL] & MAJOR) s.add(s.MAJORS, 1);
  }

  // --- Spaces and regions ---------------------------------------------------------------------

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  space(words, at, frame) {
    const s = this.state, space = words[at + W.SPACE];
    s.set(s.A_LIVE + space, 1);
    s.set(s.A_GROUP + space, words[at + W.DETAIL]);
    s.set(s.A_TABLES + space, 1);
    s.set(s.F_SPACE + frame, space);
    s.set(s.F_LEVEL + frame, 4);
    s.set(s.F_ADDRESS + frame, 0);
  }

  /** @param {Uint32Array} words @param {number} at */
  space_end(words, at) {
    const s = this.state, space = words[at + W.SPACE];
    while (s.S[s.A_HEAD + space] >= 0) s.remove(s.S[s.A_HEAD + space]);
    s.set(s.A_LIVE + space, 0);
    s.set(s.A_WORKING + space, 0);
    s.set(s.A_REGIONS + space, -1);
  }

  /** @param {number} space @param {(set: Region[]) => Region[]} change */
  regionChange(space, change) {
    const s = this.state, at = s.A_REGIONS + space;
    s.set(at, this.regions.change(this.n, s.S[at], change));
  }

  /** @param {Uint32Array} words @param {number} at */
  map(words, at) {
    const [start, end, flags] = this.range(words, at);
    const region = Regions.make(start, end, flags, words[at + W.PAGE], words[at + W.FRAME]);
    this.regionChange(words[at + W.SPACE], (set) => Regions.put(set, region));
  }

  /** @param {number} space @param {number} start @param {number} end */
  forget(space, start, end) {
    const s = this.state;
    for (const entry of s.within(space, start, end)) s.remove(entry);
  }

  /** @param {Uint32Array} words @param {number} at */
  unmap(words, at) {
    const [start, end] = this.range(words, at), space = words[at + W.SPACE];
    this.forget(space, start, end);
    this.regionChange(space, (set) => Regions.cut(set, start, end));
  }

  /** @param {Uint32Array} words @param {number} at */
  discard(words, at) {
    const [start, end] = this.range(words, at);
    this.forget(words[at + W.SPACE], start, end);
  }

  /** @param {Uint32Array} words @param {number} at */
  protect(words, at) {
    const [start, end, access] = this.range(words, at);
    // What may be written privately counts as promised from then on.
    /** @param {Region} region */
    const change = (region) => ({ access, commit: region.commit || (access & 2 ? 1 : 0) });
    this.regionChange(words[at + W.SPACE], (set) => Regions.alter(set, start, end, change));
  }

  /** @param {Uint32Array} words @param {number} at */
  wire(words, at) {
    const [start, end, wired] = this.range(words, at);
    this.regionChange(words[at + W.SPACE], (set) => Regions.alter(set, start, end, { wired: Boolean(wired) }));
  }

  /** @param {Uint32Array} words @param {number} at */
  grow(words, at) {
    const start = words[at + W.ADDRESS] + words[at + W.ADDRESS_HIGH] * HIGH;
    this.regionChange(words[at + W.SPACE], (set) => Regions.grow(set, start));
  }

  /** @param {Uint32Array} words @param {number} at */
  entry(words, at) {
    this.write(words[at + W.SPACE], words, at, words[at + W.DETAIL], words[at + W.DETAIL_HIGH]);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} child
   */
  fork(words, at, frame, child) {
    const s = this.state, [start, end, flags] = this.range(words, at);
    const lost = PTE.REFERENCED | PTE.DIRTY | PTE.WIRED | (flags & 8 ? 0 : PTE.WRITABLE);
    for (const entry of s.within(words[at + W.SPACE], start, end)) {
      let low = s.S[s.E_PTE + entry];
      const high = s.S[s.E_PTE_HIGH + entry];
      if (low & PTE.PRESENT) {
        if (!(flags & 8)) s.set(s.E_PTE + entry, low & ~PTE.WRITABLE);
        low &= ~lost;
      }
      s.write(child, s.S[s.E_LOW + entry], s.S[s.E_HIGH + entry], low, high, this.trace.header.zero_frame);
    }
  }

  /** @param {Uint32Array} words @param {number} at */
  join(words, at) { this.state.set(this.state.A_GROUP + words[at + W.SPACE], words[at + W.DETAIL]); }

  // --- Pages -----------------------------------------------------------------------------------

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  new(words, at, frame, page) {
    const s = this.state;
    this.frameLeave(frame);
    this.frameState(frame, FRAME_RESIDENT);
    s.set(s.P_USED + page, 1);
    s.set(s.P_SLOT + page, -1);
    s.set(s.P_HELD + page, 0);
    this.place(frame, page, words[at + W.DETAIL]);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  free(words, at, frame, page) {
    const s = this.state, in_frame = s.S[s.P_FRAME + page], slot = s.S[s.P_SLOT + page];
    if (in_frame >= 0 && s.S[s.F_PAGE + in_frame] === page) s.set(s.F_PAGE + in_frame, -1);
    if (slot >= 0) s.set(s.SLOT + slot, -1);
    s.set(s.P_USED + page, 0);
    s.set(s.P_FRAME + page, -1);
    s.set(s.P_SLOT + page, -1);
    s.set(s.P_HELD + page, 0);
    this.touch(frame, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  object(words, at, frame, page) {
    const s = this.state;
    s.set(s.P_HELD + page, 1);
    s.set(s.P_OBJECT + page, words[at + W.ADDRESS] | 0);
    s.set(s.P_INDEX + page, words[at + W.DETAIL]);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  no_object(words, at, frame, page) { this.state.set(this.state.P_HELD + page, 0); }

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  withdraw(words, at, frame) {
    const s = this.state, page = s.S[s.F_PAGE + frame];
    const low = words[at + W.DETAIL] | 0, high = words[at + W.DETAIL_HIGH] | 0;
    if (page < 0) return;
    for (let entry = s.S[s.P_NAMERS + page], next; entry >= 0; entry = next) {
      next = s.S[s.E_PAGE_NEXT + entry];
      if (!(s.S[s.E_PTE + entry] & PTE.PRESENT)) continue;
      if (low === 0 && high === 0) s.remove(entry);
      else s.assign(entry, low, high, this.trace.header.zero_frame);
    }
    this.touch(frame, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  slot(words, at, frame, page) {
    const s = this.state, old = s.S[s.P_SLOT + page], slot = words[at + W.DETAIL] | 0;
    if (old >= 0) s.set(s.SLOT + old, -1);
    s.set(s.P_SLOT + page, slot);
    if (slot >= 0) s.set(s.SLOT + slot, page);
    this.touch(NONE, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  written(words, at, frame, page) {
    const s = this.state;
    s.add(s.WRITTEN, 1);
    if (!words[at + W.DETAIL]) this.flag(frame, FLAG.DIRTY, false);
    this.touch(frame, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  evict(words, at, frame, page) {
    this.state.add(this.state.EVICTED, 1);
    this.touch(frame, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  rescue(words, at, frame, page) {
    const s = this.state;
    s.add(s.RESCUED, 1);
    s.listRemove(frame);
    this.frameState(frame, FRAME_RESIDENT);
    this.place(frame, page, words[at + W.DETAIL]);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  page_in(words, at, frame, page) {
    this.state.add(this.state.PAGED_IN, 1);
    this.place(frame, page, words[at + W.DETAIL]);
  }

  // --- Frames ------------------------------------------------------------------------------------

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  give(words, at, frame) {
    const end = frame + words[at + W.DETAIL];
    for (let each = frame; each < end; each++) {
      this.frameState(each, FRAME_FREE);
      this.state.listAppend(each, 1);
    }
  }

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  take(words, at, frame) {
    this.frameLeave(frame);
    this.frameState(frame, words[at + W.DETAIL]);
    this.touch(frame, NONE);
  }

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  table(words, at, frame) {
    const s = this.state, space = words[at + W.SPACE];
    const address = words[at + W.ADDRESS] + words[at + W.ADDRESS_HIGH] * HIGH;
    s.set(s.F_SPACE + frame, space);
    s.set(s.F_LEVEL + frame, words[at + W.DETAIL]);
    s.set(s.F_ADDRESS + frame, Math.floor(address / (512 * PAGE_BYTES)));
    s.add(s.A_TABLES + space, 1);
    this.touch(frame, NONE);
  }

  // (The record "state" is applied here; the property of that name is the array.)
  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  frame_state(words, at, frame, page) {
    this.frameState(frame, words[at + W.DETAIL]);
    this.touch(frame, page);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} page
   */
  list(words, at, frame, page) {
    const s = this.state, old = s.S[s.F_PAGE + frame];
    page |= 0;
    if (old !== page && old >= 0 && s.S[s.P_FRAME + old] === frame) s.set(s.P_FRAME + old, -1);
    s.set(s.F_PAGE + frame, page);
    if (s.S[s.F_STATE + frame] === FRAME_TABLE && s.S[s.F_LEVEL + frame] >= 0) {
      s.add(s.A_TABLES + s.S[s.F_SPACE + frame], -1);
      s.set(s.F_LEVEL + frame, -1);
    }
    this.frameState(frame, FRAME_FREE);
    s.listAppend(frame, page >= 0 ? 2 : words[at + W.DETAIL] ? 3 : 1);
    this.touch(frame, page >>> 0);
  }

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  forget_kept(words, at, frame) {
    const s = this.state, kept = s.S[s.F_PAGE + frame];
    if (kept >= 0 && s.S[s.P_FRAME + kept] === frame) s.set(s.P_FRAME + kept, -1);
    s.listRemove(frame);
    s.set(s.F_PAGE + frame, -1);
    s.listAppend(frame, 1);
    this.touch(frame, NONE);
  }

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  zeroed(words, at, frame) {
    this.state.listRemove(frame);
    this.state.listAppend(frame, 3);
  }

  // --- Replacement ---------------------------------------------------------------------------------

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  hand(words, at, frame) {
    const s = this.state;
    s.set(s.HAND, frame);
    s.set(s.G_HAND + s.S[s.F_GROUP + frame], frame);
    this.flag(frame, FLAG.REFERENCED, false);
  }

  /** @param {Uint32Array} words @param {number} at */
  tick(words, at) { this.state.add(this.state.G_TICKS + words[at + W.DETAIL], 1); }
  /** @param {Uint32Array} words @param {number} at */
  limit(words, at) { this.state.set(this.state.G_LIMIT + words[at + W.DETAIL], words[at + W.ADDRESS] | 0); }
  /** @param {Uint32Array} words @param {number} at */
  policy(words, at) { this.state.set(this.state.G_POLICY + words[at + W.DETAIL], words[at + W.ADDRESS]); }
  /** @param {Uint32Array} words @param {number} at */
  pageoutd(words, at) { this.state.set(this.state.AWAKE, words[at + W.DETAIL]); }

  /** @param {Uint32Array} words @param {number} at */
  working_set(words, at) { this.state.set(this.state.A_WORKING + words[at + W.SPACE], words[at + W.ADDRESS]); }

  /** @param {Uint32Array} words @param {number} at */
  heir(words, at) {
    const s = this.state, group = words[at + W.ADDRESS];
    for (let frame = 0; frame < s.size.frames; frame++)
      if (s.S[s.F_GROUP + frame] === group) s.set(s.F_GROUP + frame, words[at + W.DETAIL]);
  }

  /** @param {Uint32Array} words @param {number} at @param {number} frame */
  charge(words, at, frame) { this.state.set(this.state.F_GROUP + frame, words[at + W.DETAIL]); }

  // --- From above -------------------------------------------------------------------------------------

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} thread
   * @param {number} process
   */
  process(words, at, thread, process) {
    const s = this.state, parent = words[at + W.DETAIL], space = words[at + W.SPACE];
    s.set(s.R_STATE + process, 1);
    s.set(s.R_PARENT + process, parent);
    s.set(s.R_SPACE + process, space);
    s.set(s.R_NAME + process, parent ? s.S[s.R_NAME + parent] : -1);
    if (space && !s.S[s.A_PROCESS + space]) s.set(s.A_PROCESS + space, process);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} thread
   * @param {number} process
   */
  exec(words, at, thread, process) {
    const s = this.state, space = words[at + W.SPACE];
    s.set(s.R_SPACE + process, space);
    s.set(s.R_NAME + process, this.n);
    s.set(s.A_PROCESS + space, process);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} thread
   * @param {number} process
   */
  exit(words, at, thread, process) { this.state.set(this.state.R_STATE + process, 2); }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} thread
   * @param {number} process
   */
  switch(words, at, thread, process) {
    const s = this.state;
    s.set(s.RUNNING, process);
    s.set(s.THREAD, thread);
    if (words[at + W.SPACE]) s.set(s.LOADED, words[at + W.SPACE]);
    s.set(s.C_PROCESS + this.processor, process);
    s.set(s.C_THREAD + this.processor, thread);
  }

  // With several processors.
  /** @param {Uint32Array} words @param {number} at */
  load(words, at) {
    const s = this.state;
    s.set(s.LOADED, words[at + W.SPACE]);
    s.set(s.C_SPACE + this.processor, words[at + W.SPACE]);
  }

  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} device
   */
  request(words, at, frame, device) { this.state.add(this.state.QUEUE + (device & 7), 1); }
  /**
   * @param {Uint32Array} words
   * @param {number} at
   * @param {number} frame
   * @param {number} device
   */
  served(words, at, frame, device) { this.state.add(this.state.QUEUE + (device & 7), -1); }
}
