// notes.js - what programs say of themselves in the trace, and what came of it until the next that one says.
//
// A note is one record, or several: sixteen bytes in each (docs/trace.md). All records are gone through
// once; between two notes what happened is counted, so that it can be told in words at any time.
// tools/tracing/notes.py has the same in its own language, and says it in the same words.

import { PAGE_BYTES, W, WORDS } from "page/trace.js";
import { hex, plain, plural } from "page/words.js";

const LENGTH = 0xffff, AT_SHIFT = 16; // of a note's frame: its length, and where this part of it begins
const PART = 16; // bytes in a record
const STACK = 16; // in the detail of `map`
const FEW = 4; // so many are told one by one
const PROCESSES_TOLD = 6;

// What is told in a sentence: `3 pages evicted`.
const COUNTED = [
  ["evict", "evicted"],
  ["written", "written to the swap area"],
  ["page-in", "read back from it"],
  ["rescue", "rescued"],
];

/**
 * One note: the numbers of its first and last record, who said it, and what came of it.
 * @typedef {{ first: number, last: number, process: number, program: string, text: string, length: number,
 *   bytes: number[], outcome: Outcome }} Note
 */

/**
 * The faults of one process: how many, of each kind, and the first few with their places.
 * @typedef {{ total: number, kinds: Map<string, number>, few: string[] }} Faults
 */

// What happened in a stretch of the trace.
export class Outcome {
  constructor() {
    /** @type {Map<string, Faults>} */
    this.faults = new Map(); // by who took them
    /** @type {string[]} */
    this.lives = []; // who began, ran another program, ended
    /** @type {Map<string, number>} */
    this.counts = new Map();
    /** @type {string[]} */
    this.copies = []; // the first few
  }

  /** @param {string} what */
  count(what) { this.counts.set(what, (this.counts.get(what) || 0) + 1); }

  /** @param {string} who @param {string} kind @param {string} where */
  fault(who, kind, where) {
    /** @type {Faults} */
    const faults = this.faults.get(who) || { total: 0, kinds: new Map(), few: [] };
    faults.total++;
    faults.kinds.set(kind, (faults.kinds.get(kind) || 0) + 1);
    if (faults.few.length < FEW) faults.few.push(`${kind} at ${where}`);
    this.faults.set(who, faults);
  }

  /** @param {string} from_to */
  copy(from_to) {
    this.count("copy");
    if (this.copies.length < FEW) this.copies.push(from_to);
  }

  /** @param {string} who @param {Faults} faults */
  faultsTold(who, faults) {
    const counts = [...faults.kinds].map(([kind, count]) => `${count.toLocaleString("en")} ${kind}`);
    const kinds = faults.total <= FEW ? faults.few : counts;
    return `${who} takes ${plural(faults.total, "fault")}: ${kinds.join(", ")}.`;
  }

  copiesTold() {
    const copied = this.counts.get("copy") || 0, more = copied - this.copies.length;
    const rest = more ? `, and ${more.toLocaleString("en")} more` : "";
    return `${plural(copied, "page")} copied: ${this.copies.join(", ")}${rest}.`;
  }

  // In sentences.
  answer() {
    const lines = this.lives.slice(0, PROCESSES_TOLD).map((line) => `${line}.`);
    const more = this.lives.length - PROCESSES_TOLD;
    if (more > 0) lines.push(`${more.toLocaleString("en")} more begin, run a program or end.`);
    const takers = [...this.faults], others = takers.slice(PROCESSES_TOLD);
    for (const [who, faults] of takers.slice(0, PROCESSES_TOLD)) lines.push(this.faultsTold(who, faults));
    if (others.length)
      lines.push(`Others take ${plural(others.reduce((sum, [, faults]) => sum + faults.total, 0), "fault")}.`);
    if (this.copies.length) lines.push(this.copiesTold());
    for (const [what, told] of COUNTED)
      if (this.counts.has(what)) lines.push(`${plural(this.counts.get(what) || 0, "page")} ${told}.`);
    const taken = this.counts.get("taken") || 0, freed = this.counts.get("freed") || 0;
    if (taken || freed)
      lines.push(`Off the free list: ${plural(taken, "frame")}; back on it: ${plural(freed, "frame")}.`);
    if (!takers.length) lines.unshift("No fault.");
    return lines;
  }
}

export class Notes {
  /** @param {import("page/trace.js").Trace} trace */
  constructor(trace) {
    this.trace = trace;
    this.scanned = 0;
    /** @type {Note[]} */
    this.all = [];
    /** @type {number[]} */
    this.firsts = []; // of each, its first record
    /** @type {Map<number, Note>} */
    this.open = new Map(); // process -> its note that is not whole yet
    /** @type {Map<number, string>} */
    this.names = new Map([[1, "init"]]);
    this.running = new Array(trace.processors).fill(0); // on each processor
    /** @type {Map<number, [number, number]>} */
    this.stacks = new Map(); // space -> where its stack is
    this.outcome = new Outcome(); // since the last note that was whole
    this.used = new Int8Array(trace.header.nframes); // of each frame, since then: 1: off the free list, -1: on it
    this.decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  }

  /** @param {number} process */
  name(process) {
    return `${this.names.get(process) ?? (process === 0 ? "kernel" : "?")} (${process})`;
  }

  // Go through the records up to there, which are new. Before the first note nothing is counted.
  /** @param {number} until */
  scan(until) {
    const { words, E } = this.trace;
    for (let n = this.scanned; n < until; n++) {
      const at = n * WORDS, event = words[at + W.EVENT], page = words[at + W.PAGE];
      switch (event) {
        case E.switch: this.running[this.trace.processor(n)] = page; break;
        case E.process: this.begins(n, page); break;
        case E.exec: this.runs(page, this.trace.text(n)); break;
        case E.map: this.stack(n); break;
        case E.grow: this.grow(n); break;
        case E.note: this.part(n, page, words[at + W.FRAME]); break;
        default: if (this.all.length) this.tally(n, event, page, words[at + W.FRAME]);
      }
    }
    this.scanned = until;
  }

  // What happened goes to the note before it.
  /** @param {number} n @param {number} event @param {number} page @param {number} frame */
  tally(n, event, page, frame) {
    const { trace, outcome } = this, { E } = trace;
    switch (event) {
      case E.exit: outcome.lives.push(`${this.name(page)} ends`); break;
      case E.done: this.done(n); break;
      case E.unshare:
        if (trace.detailLow(n) !== trace.header.zero_frame)
          outcome.copy(`frame ${trace.detailLow(n)} to frame ${frame}`);
        break;
      case E.rescue: outcome.count("rescue"); this.frame(frame, 1); break;
      case E.take: case E.new: this.frame(frame, 1); break;
      case E.list: this.frame(frame, -1); break;
      case E.evict: outcome.count("evict"); break;
      case E.written: outcome.count("written"); break;
      case E["page-in"]: outcome.count("page-in"); break;
    }
  }

  // The frame is off the free list, or on it; told again is told once.
  /** @param {number} frame @param {number} used */
  frame(frame, used) {
    if (this.used[frame] !== used) this.outcome.count(used > 0 ? "taken" : "freed");
    this.used[frame] = used;
  }

  /** @param {number} n @param {number} process */
  begins(n, process) {
    const parent = this.trace.detail(n);
    this.names.set(process, this.names.get(parent) ?? "init");
    this.outcome.lives.push(`${this.name(process)} begins, a child of ${parent}`);
  }

  /** @param {number} process @param {string} program */
  runs(process, program) {
    this.names.set(process, program);
    this.outcome.lives.push(`process ${process} runs ${program}`);
  }

  /** @param {number} n */
  done(n) {
    const { trace } = this, who = this.name(this.running[trace.processor(n)]), address = trace.address(n);
    const stack = this.stacks.get(trace.space(n)), onStack = stack && stack[0] <= address && address < stack[1];
    this.outcome.fault(who, trace.names.kind[trace.detailLow(n) & 255], onStack ? "the stack" : hex(address));
  }

  /** @param {number} n */
  stack(n) {
    const { trace } = this, flags = trace.detailLow(n) % PAGE_BYTES, start = trace.address(n);
    if (flags & STACK) this.stacks.set(trace.space(n), [start, start + trace.detail(n) - flags]);
  }

  /** @param {number} n */
  grow(n) {
    const stack = this.stacks.get(this.trace.space(n));
    if (stack) stack[0] = this.trace.address(n);
  }

  // A part of a note. Parts whose beginning is lost are left out.
  /** @param {number} n @param {number} process @param {number} frame */
  part(n, process, frame) {
    const at = frame >>> AT_SHIFT, length = frame & LENGTH, outcome = new Outcome();
    const program = this.names.get(process) ?? "?";
    if (at === 0)
      this.open.set(process, { first: n, last: n, process, program, text: "", length, bytes: [], outcome });
    const note = this.open.get(process);
    if (!note || at !== note.bytes.length) return;
    note.bytes.push(...this.bytes(n).slice(0, note.length - at));
    note.last = n;
    if (note.bytes.length < note.length) return;
    note.text = plain(this.decoder.decode(new Uint8Array(note.bytes)));
    this.open.delete(process);
    this.outcome = note.outcome;
    this.used.fill(0);
    this.firsts.push(note.first);
    this.all.push(note);
  }

  /** @param {number} n */
  bytes(n) {
    const words = this.trace.words.subarray(n * WORDS + W.ADDRESS, n * WORDS + W.ADDRESS + PART / 4);
    return [...new Uint8Array(new Uint32Array(words).buffer)];
  }
}
