// words.js - events, faults and ptes in words.

import { ACCESS, AGE_MAX, AGE_SHIFT_HIGH, MAJOR, NONE, PAGE_BYTES } from "page/trace.js";
import { PTE, PTE_NO_EXECUTE_HIGH, pteFrame, ptePage } from "page/trace.js";

/** @param {number} number */
export const hex = (number) => "0x" + number.toString(16);
/** @param {number} ns */
export const milliseconds = (ns) => (ns / 1e6).toFixed(3) + " ms";
/** @param {number} access */
export const rightsOf = (access) => (access & 1 ? "r" : "-") + (access & 2 ? "w" : "-") + (access & 4 ? "x" : "-");
/** @param {number} count @param {string} what */
export const plural = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

// Text of a program's that can be shown anywhere: what nobody would see is replaced.
/** @param {string} text */
export const plain = (text) => text.replace(/[\p{C}\p{Z}]/gu, (letter) => (letter === " " ? " " : "\ufffd"));

/** @type {[number, string, string][]} */
export const PTE_BITS = [
  [0, "P", "present: the processor may use it"], [1, "W", "writable"], [2, "U", "for user code"],
  [5, "A", "referenced: used since last cleared"], [6, "D", "dirty: written since last cleared"],
  [9, "wired", "ours: the page may not go"], [10, "unwritten", "ours: not written since /proc/PID/clear_refs asked"],
  [63, "NX", "not executable"],
];
export const WHERE_SET = [10]; // as long as nobody asks it is 0 everywhere: told only where it is set

// Bits 52 to 55: in which period of sampling, for working sets, the page was used last.
/** @param {number} high */
export const ageOf = (high) => (high >>> AGE_SHIFT_HIGH) & AGE_MAX;
/** @param {number} age */
export function ageWords(age) {
  if (age === 0) return "used since the last sample";
  return age < AGE_MAX ? `used in period ${age} back` : "used longer ago, or never";
}

/** @type {Record<string, string>} */
export const KIND_MEANING = {
  "zero-fill": "private memory never written got a frame of zeroes",
  "zero-page": "memory never written was only read, and the one zero page will do for that",
  file: "the page is an object's, a file's or shared memory's",
  "page-in": "the page had been evicted, and was read back from its slot",
  copy: "others hold the page too, so the writer got a copy of its own (copy-on-write)",
  reuse: "nobody else holds the page any more, so it was only made writable",
  resident: "the page was in its frame all the time, only the pte was missing",
  rescue: "the page was taken back off the free list before its frame was used again",
  spurious: "the pte allowed the access already",
  invalid: "nothing that was promised allows the reference, and a signal tells the program so",
};

// Of a processor, by the number of its mode; and of one that a shootdown is told to.
export const MODES = ["kernel", "user", "idle", "fault", "copy"];
const MODE_WORDS = ["enters the kernel", "runs user code", "idles", "serves a fault", "copies from or to user memory"];
const SENT_WORDS = [
  "is in the kernel, and forgets on its way out", "runs user code, and is interrupted", "idles: it forgets later",
  "serves a fault, and forgets on its way out", "copies user memory, and is waited for",
  "has another space loaded, or none: it needs no message",
];
const LOCKS = ["the kernel's lock", "the mm lock"];

export class Words {
  /** @param {import("page/travel.js").Travel} travel */
  constructor(travel) {
    this.travel = travel;
    this.trace = travel.trace;
  }

  /** @param {number} low @param {number} high */
  pte(low, high) {
    low >>>= 0; high >>>= 0;
    if (low === 0 && high === 0) return "zero: nothing of its own";
    if (!(low & PTE.PRESENT)) return `not present, names page ${ptePage(low, high)}`;
    const frame = pteFrame(low, high), zero = frame === this.trace.header.zero_frame ? " (the zero page)" : "";
    const used = (low & PTE.REFERENCED ? " A" : "") + (low & PTE.DIRTY ? " D" : "") + (low & PTE.WIRED ? " wired" : "");
    const rights = "r" + (low & PTE.WRITABLE ? "w" : "-") + (high & PTE_NO_EXECUTE_HIGH ? "-" : "x");
    return `present, frame ${frame}${zero}, ${rights}${used}`;
  }

  /** @param {number} low @param {number} high */
  pteHex(low, high) {
    return "0x" + (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
  }

  /** @param {number} low @param {number} high @param {number} bit */
  static bit(low, high, bit) { return ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1); }

  // What an event is, in a line; with several processors, on which.
  /** @param {number} n */
  event(n) {
    const { trace } = this;
    return trace.processors > 1 ? `processor ${trace.processor(n)}: ${this.plainEvent(n)}` : this.plainEvent(n);
  }

  /** @param {number} n */
  plainEvent(n) {
    const { trace } = this, name = trace.eventName(n), space = trace.space(n), address = trace.address(n);
    const page = trace.page(n), frame = trace.frame(n), low = trace.detailLow(n), high = trace.detailHigh(n);
    const where = space ? ` in ${this.travel.spaceName(space)}` : "";
    const bytes = trace.detail(n) - (low & 4095), range = `${hex(address)}, ${plural(bytes / PAGE_BYTES, "page")}`;
    const asked = low & 1 ? "write" : "read"; // of a device
    const slot = low === NONE ? "without a slot" : `with slot ${low}`;
    switch (name) {
      case "fault": return `fault: ${ACCESS[low] || "access"} of ${hex(address)}${where}`;
      case "region":
        return low ? `step 1, region: found, allows ${rightsOf(low)}` : "step 1, region: none that allows it";
      case "pte": return `step 2, pte: ${this.pte(low, high)}`;
      case "page":
        return `step 3, page: ${page === NONE ? "none yet" : "page " + page}` +
          `${frame === NONE ? ", no frame" : ", frame " + frame}`;
      case "fill":
        return `step 4, fill: ${page === NONE ? "the zero page stands in" : `page ${page} in frame ${frame}`}`;
      case "unshare": return `step 5, unshare: page ${page} in frame ${frame}, copied from frame ${low}`;
      case "install": return `step 6, install: pte of ${hex(address)}${where}: ${this.pte(low, high)}`;
      case "done": return `fault ends: ${trace.names.kind[low & 15]}${low & MAJOR ? ", major" : ""}`;
      case "space": return `space ${space} begins, root in frame ${frame}`;
      case "space-end": return `space ${space} ends`;
      case "fork": return `fork: entries at ${range} copied into space ${page}`;
      case "map":
        return `map: ${range}, ${rightsOf(low)}${page === NONE ? "" : " of " + trace.objectName(page)}${where}`;
      case "unmap": return `unmap: ${range}${where}`;
      case "protect": return `protect: ${range}, ${rightsOf(low)}${where}`;
      case "discard": return `discard: ${range}${where}`;
      case "wire": return `${low & 1 ? "wire" : "unwire"}: ${range}${where}`;
      case "grow": return `the stack grows down to ${hex(address)}${where}`;
      case "entry": return `pte of ${hex(address)}${where}: ${this.pte(low, high)}`;
      case "new": return `page ${page} begins in frame ${frame}`;
      case "free": return `page ${page} ends`;
      case "object": return `page ${page} is page ${low} of ${trace.objectName(address)}`;
      case "no-object": return `page ${page} is no object's any more`;
      case "withdraw":
        return `every pte of frame ${frame} becomes ${low || high ? `the name of page ${page}` : "zero"}`;
      case "slot": return low === NONE ? `page ${page} has no slot any more` : `page ${page} has slot ${low}`;
      case "written": return low ? `writing page ${page} failed` : `page ${page} has been written to its slot`;
      case "evict": return `page ${page} has gone from frame ${frame}, ${slot}`;
      case "rescue": return `page ${page} rescued: resident in frame ${frame} again`;
      case "page-in": return `page ${page} is being read into frame ${frame}`;
      case "give": return `${plural(low, "frame")} from ${frame} on are free: the start`;
      case "take": return `frame ${frame} taken: ${trace.names.state[low]}`;
      case "table":
        return low
          ? `frame ${frame}: level ${low} table for ${hex(address)}${where}`
          : `frame ${frame}: links beside the table for ${hex(address)}${where}`;
      case "state": return `frame ${frame} is ${trace.names.state[low]}`;
      case "list":
        return page === NONE
          ? `frame ${frame} is free${low ? ", all zeroes" : ""}`
          : `frame ${frame} is free, and keeps page ${page}`;
      case "forget": return `free frame ${frame} keeps its page no more`;
      case "zeroed": return `free frame ${frame} has been cleared`;
      case "hand":
        return `the hand at frame ${frame} (page ${page}): ${low ? "referenced, a second chance" : "not referenced"}`;
      case "tick": return `group ${low}: a tick`;
      case "limit": return `group ${low}: ${address === NONE ? "no limit" : "at most " + plural(address, "frame")}`;
      case "policy": return `group ${low}: policy ${trace.names.policy[address]}`;
      case "join": return `space ${space} is of group ${low}`;
      case "heir": return `group ${address} ends; group ${low} inherits`;
      case "charge": return `group ${low} is charged for frame ${frame} (page ${page}): its own group is full`;
      case "pageoutd": return `pageoutd ${low ? "wakes" : "sleeps"}`;
      case "working-set": return `the working set of space ${space}: ${plural(address, "page")}; ${low} resident`;
      case "suspend": return `process ${page} ${low ? "is suspended by load control" : "is resumed"}`;
      case "thrashing":
        return `thrashing ${low & 1 ? "begins" : "has ended"}: ${plural(address, "frame")} wanted of ${low >> 1}`;
      case "out-of-memory": return `out of memory: who uses space ${space} must end`;
      case "process": return `process ${page} begins, a child of ${low}`;
      case "exec": return `process ${page} runs ${trace.text(n)}`;
      case "exit": return `process ${page} has ended`;
      case "switch":
        return page ? `${this.travel.processName(page)} (${page}) runs` : "nobody's thread runs: the kernel";
      case "note": return `${this.travel.processName(page)} (${page}) says: ${plain(trace.note(n))}`;
      case "dump": return `the kernel's own word of all its state ${low ? "begins" : "has ended"}`;
      case "dump-frame":
        return `the kernel's word: frame ${frame} is ${trace.names.state[low & 255]}` +
          `${page === NONE ? "" : ", page " + page}, ${plural(address, "mapper")}`;
      case "dump-page":
        return `the kernel's word: page ${page} is in ${frame === NONE ? "no frame" : "frame " + frame}, ` +
          `${slot}, ${plural(address, "holder")}`;
      case "dump-region": return `the kernel's word: ${range}, ${rightsOf(low)}${where}`;
      case "dump-entry": return `the kernel's word: pte of ${hex(address)}${where}: ${this.pte(low, high)}`;
      case "name": return `an object is called ${trace.text(n)}`;
      case "request": return `device ${trace.names.device[page]}: ${asked} asked, frame ${frame}`;
      case "served":
        return `device ${trace.names.device[page]}: ${asked} ${low & 2 ? "failed" : "done"}, frame ${frame}`;
      case "load": return `page tables of ${space ? this.travel.spaceName(space) : "the kernel alone"} loaded`;
      case "mode": return MODE_WORDS[low] || name;
      case "lock-wait": return `waited ${address.toLocaleString("en")} ns for ${LOCKS[low] || "a lock"}`;
      case "shootdown":
        return `shootdown ${low} begins: all others are to forget ${plural(page, "page")}, ${hex(address)} first`;
      case "shootdown-sent": return `shootdown ${low}: processor ${page} ${SENT_WORDS[address] || "is told"}`;
      case "shootdown-done":
        return `has forgotten what it was asked to, up to shootdown ${low}` +
          (address ? ": it was interrupted" : ": before it uses user memory again");
      case "shootdown-over": return `shootdown ${low} is over: nobody can use the old translations any more`;
      default: return name;
    }
  }
}
