// shootdowns.js - what the processors do beside each other: their modes, who waits for what, and each shootdown.
//
// All records are gone through once. A processor that enters the kernel writes that down when it has got the lock
// there, with the time since which it is in: so a stretch of a mode begins before its record.
// tools/tracing/shootdowns.py has shootdowns in its own language.

import { NONE, W, WORDS } from "page/trace.js";
import { hex, plural } from "page/words.js";

export const MODE = { KERNEL: 0, USER: 1, IDLE: 2, FAULT: 3, COPY: 4, ELSEWHERE: 5 };
const FLUSH_MOST = 32; // of more addresses than these all are forgotten
const FRAMES_TOLD = 4;

/**
 * What became of one of the others: the mode it was found in, with which record; when it had forgotten, or needed to no
 * more (-1: that is not known), and the record that says so.
 * @typedef {{ processor: number, mode: number, sent: number, end: number, time: number }} Answer
 */

/**
 * One shootdown; over: the record, -1: it is not.
 * @typedef {{ n: number, number: number, asker: number, process: number, answers: Answer[], over: number,
 *   freed: number[], freedAt: number }} Shootdown
 */

/**
 * Of one processor: its modes, each with the time since which it is in it and the record that says so; and its waits
 * for locks, by the record with which each ended.
 * @typedef {{ since: number[], mode: number[], record: number[], waits: number[] }} Lane
 */

export class Shootdowns {
  /** @param {import("page/trace.js").Trace} trace */
  constructor(trace) {
    this.trace = trace;
    this.scanned = 0;
    /** @type {Shootdown[]} */
    this.all = [];
    /** @type {number[]} */
    this.firsts = []; // of each, its first record
    /** @type {Lane[]} */
    this.lanes = Array.from({ length: trace.processors }, () => ({ since: [0], mode: [0], record: [-1], waits: [] }));
    /** @type {Map<number, Shootdown>} */
    this.asking = new Map(); // by who asks, until its frames are free
    /** @type {Map<number, number[]>} */
    this.early = new Map(); // by who asks: what others write down before they are told of
    /** @type {{ number: number, answer: Answer }[][]} */
    this.waiting = this.lanes.map(() => []); // of each processor: what it has not answered
    this.running = this.lanes.map(() => 0); // the process
    /** @type {Map<number, number>} */
    this.roots = new Map(); // frame -> space
  }

  // Go through the records up to there, which are new.
  /** @param {number} until */
  scan(until) {
    const { words, E } = this.trace;
    for (let n = this.scanned; n < until; n++) {
      const at = n * WORDS, processor = this.trace.processor(n), event = words[at + W.EVENT];
      if (event === E.mode || event === E["shootdown-done"])
        for (const [asker, records] of this.early) if (asker !== processor) records.push(n);
      switch (event) {
        case E.space: this.roots.set(words[at + W.FRAME], words[at + W.SPACE]); break;
        case E.switch:
          this.running[processor] = words[at + W.PAGE];
          this.goes(processor);
          break;
        case E.mode: this.mode(n, processor); break;
        case E["lock-wait"]: this.lanes[processor].waits.push(n); break;
        case E.load: this.answers(n, processor, this.trace.time(n), ({ answer }) => !this.isAsked(answer)); break;
        case E.list: this.frees(n, processor); break;
        case E.shootdown: this.begins(n, processor); break;
        case E["shootdown-sent"]: this.sent(n, processor); break;
        case E["shootdown-done"]: {
          const number = this.trace.detail(n);
          this.answers(n, processor, this.trace.time(n), (each) => each.number <= number);
          break;
        }
        case E["shootdown-over"]: {
          const found = this.asking.get(processor);
          this.early.delete(processor);
          if (found) found.over = n;
        }
      }
    }
    this.scanned = until;
  }

  // Is it waited for?
  /** @param {Answer} answer */
  isAsked(answer) { return answer.mode === MODE.USER || answer.mode === MODE.COPY; }

  /** @param {number} n @param {number} processor */
  mode(n, processor) {
    const lane = this.lanes[processor], mode = this.trace.detail(n), since = this.trace.address(n);
    lane.since.push(since);
    lane.mode.push(mode);
    lane.record.push(n);
    this.goes(processor);
    if (mode !== MODE.USER && mode !== MODE.COPY)
      this.answers(n, processor, since, ({ answer }) => this.isAsked(answer));
  }

  // It does something else: what it frees from now on is not the shootdown's.
  /** @param {number} processor */
  goes(processor) {
    const found = this.asking.get(processor);
    if (found && found.over >= 0) this.asking.delete(processor);
  }

  /** @param {number} n @param {number} processor */
  frees(n, processor) {
    const found = this.asking.get(processor);
    if (!found) return;
    if (!found.freed.length) found.freedAt = this.trace.time(n);
    found.freed.push(this.trace.frame(n));
  }

  /** @param {number} n @param {number} asker */
  begins(n, asker) {
    const number = this.trace.detail(n), process = this.running[asker];
    /** @type {Shootdown} */
    const found = { n, number, asker, process, answers: [], over: -1, freed: [], freedAt: 0 };
    this.all.push(found);
    this.firsts.push(n);
    this.asking.set(asker, found);
    this.early.set(asker, []);
  }

  /** @param {number} n @param {number} asker */
  sent(n, asker) {
    const found = this.asking.get(asker), processor = this.trace.page(n);
    if (!found) return;
    const answer = { processor, mode: this.trace.address(n), sent: n, end: -1, time: -1 };
    found.answers.push(answer);
    this.takeEarly(found, answer);
    if (answer.mode === MODE.ELSEWHERE || answer.end >= 0) return;
    this.waiting[processor].push({ number: found.number, answer });
  }

  // What it has written down between the beginning and the word that it is asked; it was looked at in between.
  /** @param {Shootdown} found @param {Answer} answer */
  takeEarly(found, answer) {
    const { trace } = this, { E } = trace;
    for (const n of this.early.get(found.asker) || []) {
      if (trace.processor(n) !== answer.processor) continue;
      const detail = trace.detail(n);
      if (trace.event(n) === E.mode && this.isAsked(answer)) {
        const left = detail !== MODE.USER && detail !== MODE.COPY;
        answer.end = left ? n : -1;
        answer.time = left ? trace.address(n) : -1;
      } else if (trace.event(n) !== E.mode && detail >= found.number) {
        answer.end = n;
        answer.time = trace.time(n);
        return;
      }
    }
  }

  // This record of a processor's is the end of those of its answers.
  /**
   * @param {number} n
   * @param {number} processor
   * @param {number} time
   * @param {(each: { number: number, answer: Answer }) => boolean} which
   */
  answers(n, processor, time, which) {
    if (!this.waiting[processor].length) return;
    this.waiting[processor] = this.waiting[processor].filter((each) => {
      if (!which(each)) return true;
      each.answer.end = n;
      each.answer.time = time;
      return false;
    });
  }

  // --- In words -------------------------------------------------------------------------------------

  /** @param {Shootdown} each @param {number} time */
  after(each, time) { return `after ${(time - this.trace.time(each.n)).toLocaleString("en")} ns`; }

  // What became of one of the others.
  /** @param {Shootdown} each @param {Answer} answer */
  answerTold(each, answer) {
    const one = `processor ${answer.processor}`, { E } = this.trace;
    if (answer.mode === MODE.ELSEWHERE) return `${one} had another space loaded, or none, and needed no message`;
    const was = ["was in the kernel", "ran user code", "was idle", "served a fault", "was copying user memory"];
    const message = answer.mode === MODE.USER ? " and was interrupted"
      : this.isAsked(answer) ? "" : " and needed no message";
    const found = `${one} ${was[answer.mode]}${message}`;
    if (answer.end < 0) return found;
    const after = this.after(each, answer.time), event = this.trace.event(answer.end);
    if (event === E.load) return `${found} (it loaded another space ${after})`;
    if (event === E.mode) return `${found}; it had come into the kernel by itself ${after}`;
    if (this.isAsked(answer)) return `${found}; it had forgotten ${after}`;
    return `${found} (it forgot on its way out, ${after})`;
  }

  // One in a sentence or two.
  /** @param {Shootdown} each @param {(process: number) => string} nameOf */
  told(each, nameOf) {
    const { trace } = this, count = trace.page(each.n), root = trace.frame(each.n), first = hex(trace.address(each.n));
    const what = count === 1 ? first : count > FLUSH_MOST ? "all addresses" : `${count} addresses from ${first} on`;
    const whose = root === NONE ? "any space" : `space ${this.roots.get(root) ?? "?"}`;
    const who = each.process ? `${nameOf(each.process)} (${each.process})` : "the kernel";
    const answers = each.answers.map((answer) => this.answerTold(each, answer)).join("; ");
    const frames = each.freed.slice(0, FRAMES_TOLD).join(", ");
    const more = each.freed.length > FRAMES_TOLD ? ` and ${each.freed.length - FRAMES_TOLD} more` : "";
    const freed = each.freed.length
      ? `; ${plural(each.freed.length, "frame")} freed ${this.after(each, each.freedAt)}: ${frames}${more}`
      : "; no frame was to be freed";
    const over = each.over < 0 ? "The trace ends before it is over"
      : `Over ${this.after(each, trace.time(each.over))}${freed}`;
    const asks = `${who} on processor ${each.asker} has ${what} of ${whose} forgotten`;
    return `Shootdown ${each.number}: ${asks}: ${answers}. ${over}.`;
  }
}
