// travel.js - to any moment, both ways.
//
// The state after N events is the state after N-1 and one change more; so going on is easy.
// Going back by one takes that change back: state.js has written down what was there. For far
// jumps there are keyframes, copies of the whole state every so many events.

import { Applier } from "page/apply.js";
import { Regions } from "page/regions.js";
import { lowerBound } from "page/search.js";
import { Full, State } from "page/state.js";
import { MAJOR, W, WORDS } from "page/trace.js";

const KEYFRAME_BYTES = 256 << 20; // what all keyframes together may take up
const KEYFRAME_EVENTS = 4096;     // at least so many events apart
const JOURNAL_WORDS = 1 << 23;
const SAMPLES = 2000;
const FAULTS_AT_ONCE = 256; // under way
// Of a run that is live, for what may still come. When that is used up all is worked through again, from the beginning.
const LIVE_ROOM = 1024, LIVE_ENTRIES = 1 << 16;

/**
 * Counters at some events: a list of each, as charts want them; those of spaces by number.
 * @typedef {Record<"event" | "time" | "free" | "resident" | "kept" | "faults" | "evicted" | "written" | "paged_in",
 *   number[]> & Record<"spaces" | "working", Record<number, number>[]>} Samples
 */

/**
 * @template T
 * @param {T[]} all
 */
const everySecond = (all) => all.filter((_, i) => i % 2 === 0);

export class Travel {
  /** @param {import("page/trace.js").Trace} trace */
  constructor(trace) {
    this.trace = trace;
    /** @type {Record<"start" | "end" | "space" | "thread" | "kind" | "major", number[]>} */
    this.faults = { start: [], end: [], space: [], thread: [], kind: [], major: [] };
    /** @type {number[]} */
    this.evictions = [];
    this.entries = 1 << 14;
    this.scanned = 0;
    /** @type {Map<number, number>} */
    this.pending = new Map(); // thread -> its fault
    /** @type {Map<number, number>} */
    this.ended = new Map(); // event -> the fault that ends with it
    this.threads = new Array(trace.processors).fill(0); // who runs on each processor
    this.limits = { space: 1, process: 2, group: 1 };
    this.room = this.roomUsed = 0; // for so many more spaces, processes and groups
    // These are start()'s: made anew where they grow out of their room.
    /** @type {State} */ this.state;
    /** @type {Regions} */ this.regions;
    /** @type {Applier} */ this.applier;
    /** @type {Int32Array[]} */ this.keyframes = [];
    /** @type {Samples} */ this.samples;
    /** @type {number[]} */ this.marks = []; // where in the journal each event since marksFrom begins
    this.limitsUsed = this.limits;
    this.apart = this.most = this.sampleEvery = this.at = this.marksFrom = 0;
    this.built = 0; // events up to which keyframes stand
  }

  // One look at new records: how many of everything there are, and where faults begin and end.
  /** @param {number} until */
  scan(until) {
    const { words, E, objectNames } = this.trace, limits = this.limits;
    for (let n = this.scanned; n < until; n++) {
      const at = n * WORDS, event = words[at + W.EVENT], space = words[at + W.SPACE];
      const processor = this.trace.processor(n), thread = this.threads[processor];
      if (space > limits.space) limits.space = space;
      switch (event) {
        case E.fault:
          this.pending.set(thread, this.faults.start.length);
          this.faults.start.push(n);
          this.faults.end.push(-1);
          this.faults.space.push(space);
          this.faults.thread.push(thread);
          this.faults.kind.push(-1);
          this.faults.major.push(0);
          break;
        case E.done: {
          const fault = this.pending.get(thread);
          if (fault !== undefined) {
            this.faults.end[fault] = n;
            this.ended.set(n, fault);
            this.faults.kind[fault] = words[at + W.DETAIL] & 15;
            this.faults.major[fault] = words[at + W.DETAIL] & MAJOR ? 1 : 0;
            this.pending.delete(thread);
          }
          break;
        }
        case E.switch: this.threads[processor] = words[at + W.FRAME]; break;
        case E.evict: this.evictions.push(n); break;
        case E.name: objectNames.set(words[at + W.PAGE], n); break;
        case E.process: case E.exec:
          if (words[at + W.PAGE] > limits.process) limits.process = words[at + W.PAGE];
          break;
        case E.limit:
          if (words[at + W.DETAIL] > limits.group) limits.group = words[at + W.DETAIL];
          break;
        case E.fork:
          if (words[at + W.PAGE] > limits.space) limits.space = words[at + W.PAGE];
          break;
      }
    }
    this.scanned = until;
  }

  start() {
    const { header } = this.trace, limits = this.limits;
    this.limitsUsed = { ...limits };
    this.roomUsed = this.room;
    this.state = new State({
      frames: header.nframes,
      pages: header.npages,
      slots: header.npages - header.nframes,
      spaces: limits.space + 1 + this.room,
      processes: limits.process + 1 + this.room,
      groups: limits.group + 1 + this.room,
      processors: header.parameters.cpus || 1,
      entries: this.entries,
    });
    this.regions = new Regions();
    this.applier = new Applier(this.trace, this.state, this.regions);
    this.most = Math.max(4, Math.floor(KEYFRAME_BYTES / (4 * this.state.length)));
    this.apart = Math.max(KEYFRAME_EVENTS, Math.ceil(this.trace.count / this.most));
    this.sampleEvery = Math.max(1, Math.floor(this.trace.count / SAMPLES));
    this.keyframes = [this.state.S.slice()];
    this.samples = {
      event: [],
      time: [],
      free: [],
      resident: [],
      kept: [],
      faults: [],
      evicted: [],
      written: [],
      paged_in: [],
      spaces: [],
      working: [],
    };
    this.at = this.built = this.marksFrom = 0;
    this.marks = [];
  }

  outgrown() {
    const { limits, limitsUsed } = this, room = this.roomUsed;
    return (
      limits.space > limitsUsed.space + room ||
      limits.process > limitsUsed.process + room ||
      limits.group > limitsUsed.group + room
    );
  }

  // Work through all records once. Yields now and then, so that a page stays alive.
  /**
   * @param {((part: number) => void) | null} progress
   * @param {boolean} live  will more come?
   */
  async build(progress = null, live = false) {
    this.scan(this.trace.count);
    this.room = live ? Math.max(LIVE_ROOM, this.limits.process) : 0;
    if (live) this.entries = Math.max(LIVE_ENTRIES, this.entries);
    if (!this.state || this.outgrown()) this.start();
    for (;;) {
      try {
        await this.run(progress);
        return;
      } catch (error) {
        if (!(error instanceof Full)) throw error;
        this.entries *= 4;
        this.start();
      }
    }
  }

  /** @param {((part: number) => void) | null} progress */
  async run(progress) {
    const state = this.state, count = this.trace.count;
    if (this.at !== this.built) this.seek(this.built);
    state.journaling = false;
    this.forgetMarks();
    for (let n = this.built; n < count; n++) {
      this.applier.apply(n);
      this.at = this.built = n + 1;
      if (this.at % this.apart === 0) this.keep();
      if (n % this.sampleEvery === 0) this.sample(n);
      if (n % 50000 === 49999 && progress) {
        progress(n / count);
        await new Promise((go) => setTimeout(go));
      }
    }
    if (count) this.sample(count - 1);
    this.forgetMarks();
  }

  // A keyframe more. A run that is live grows: where it has too many, they are twice as far apart from now on.
  keep() {
    this.keyframes.push(this.state.S.slice());
    if (this.keyframes.length <= this.most) return;
    this.keyframes = everySecond(this.keyframes);
    this.apart *= 2;
  }

  // The same for samples. Who has the old ones keeps them.
  thin() {
    const all = /** @type {[string, any[]][]} */ (Object.entries(this.samples));
    this.samples = /** @type {any} */ (Object.fromEntries(all.map(([name, values]) => [name, everySecond(values)])));
    this.sampleEvery *= 2;
  }

  /** @param {number} n */
  sample(n) {
    if (this.samples.event.length > 2 * SAMPLES) this.thin();
    const s = this.state, S = s.S, samples = this.samples;
    samples.event.push(n);
    samples.time.push(this.trace.time(n));
    samples.free.push(s.freeFrames());
    samples.resident.push(S[s.RESIDENT]);
    samples.kept.push(S[s.COUNT + 2]);
    samples.faults.push(S[s.FAULTS]);
    samples.evicted.push(S[s.EVICTED]);
    samples.written.push(S[s.WRITTEN]);
    samples.paged_in.push(S[s.PAGED_IN]);
    /** @type {Record<number, number>} */ const spaces = {};
    /** @type {Record<number, number>} */ const working = {};
    for (let space = 1; space < s.size.spaces; space++) {
      if (!S[s.A_LIVE + space]) continue;
      spaces[space] = S[s.A_RESIDENT + space];
      working[space] = S[s.A_WORKING + space];
    }
    samples.spaces.push(spaces);
    samples.working.push(working);
  }

  forgetMarks() {
    this.state.journalUsed = 0;
    this.marks.length = 0;
    this.marksFrom = this.at;
  }

  /** @param {number} until */
  forward(until) {
    const state = this.state;
    state.journaling = true;
    while (this.at < until) {
      if (state.journalUsed > JOURNAL_WORDS) this.forgetMarks();
      this.marks.push(state.journalUsed);
      this.applier.apply(this.at++);
    }
    state.journaling = false;
  }

  // The moment of that number, or the first, or the last that there is.
  /** @param {number} n */
  within(n) { return Math.max(0, Math.min(n, this.built)); }

  // The state becomes that after the first n events.
  /** @param {number} n */
  seek(n) {
    n = this.within(n);
    if (n < this.at && n >= this.marksFrom) {
      const mark = this.marks[n - this.marksFrom];
      this.state.undo(mark);
      this.marks.length = n - this.marksFrom;
      this.at = n;
      return;
    }
    const keyframe = Math.min(Math.floor(n / this.apart), this.keyframes.length - 1);
    if (n < this.at || keyframe * this.apart > this.at) {
      this.state.restore(this.keyframes[keyframe]);
      this.at = keyframe * this.apart;
      this.forgetMarks();
    }
    this.forward(n);
  }

  // The last fault that begins at or before event n; -1: none.
  /** @param {number} n */
  faultAt(n) { return lowerBound(this.faults.start, n + 1) - 1; }

  // The fault that event n belongs to, by space and address, while others may have begun; if
  // it belongs to none, the last that began. Of two on two processors, that of this one.
  /** @param {number} n */
  faultOf(n) {
    const { trace, faults } = this, last = this.faultAt(n);
    if (n < 0) return last;
    let found = -1;
    for (let fault = last; fault >= 0 && fault > last - FAULTS_AT_ONCE; fault--) {
      const start = faults.start[fault];
      if (
        trace.space(n) !== trace.space(start) ||
        trace.address(n) !== trace.address(start) ||
        this.faultEnd(fault) < n
      )
        continue;
      if (trace.processor(start) === trace.processor(n)) return fault;
      if (found < 0) found = fault;
    }
    return found < 0 ? last : found;
  }

  /** @param {number} fault */
  faultEnd(fault) { return this.faults.end[fault] < 0 ? this.trace.count - 1 : this.faults.end[fault]; }

  // What a process was called when an event took place; the state must be there.
  /** @param {number} process */
  processName(process) {
    const s = this.state, name = process > 0 && process < s.size.processes ? s.S[s.R_NAME + process] : -1;
    return name < 0 ? (process === 1 ? "init" : "?") : this.trace.text(name);
  }

  /** @param {number} space */
  spaceName(space) {
    const s = this.state;
    if (space <= 0 || space >= s.size.spaces) return "kernel";
    const process = s.S[s.A_PROCESS + space];
    return process ? `${this.processName(process)} (${process})` : `space ${space}`;
  }
}
