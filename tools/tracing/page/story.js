// story.js - the fault at this moment, told in words, with its pte before and after.
//
// Its steps have the numbers that they have in mm/demand_paging/fault.c, 1 to 6. A step that was not
// needed is told too, and so is sleep, after which the fault begins again at step 1.

import { byId, keepingFocus } from "page/elements.js";
import { ACCESS } from "page/trace.js";
import { ageOf, ageWords, hex, KIND_MEANING, milliseconds, plural, PTE_BITS, WHERE_SET, Words } from "page/words.js";

// In the order of their numbers, from 1.
const STEPS = ["region", "pte", "page", "fill", "unshare", "install"];
/** @type {Record<string, string>} */
const NOT_NEEDED = {
  fill: "not needed, a frame has the contents",
  unshare: "not needed, no copy has to be made",
};

/** @param {number} count */
const times = (count) => (count === 1 ? "once" : `${count} times`);

/**
 * A line of the story: an event of the fault's own; or the switch to others with which it fell asleep, and
 * that with which it went on (-1: it never did). A step that was left out has no event: -1.
 * @typedef {{ n: number, text: string, until?: number }} Line
 */

export class Story {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = byId("story");
    this.key = ""; // of what is shown
  }

  // What a fault did, in order: what its own thread wrote down, and where that did not run.
  /**
   * @param {number} fault
   * @returns {{ n: number, until?: number }[]}
   */
  happened(fault) {
    const { trace, travel } = this.app, { E } = trace, first = travel.faults.start[fault];
    const last = travel.faultEnd(fault), thread = travel.faults.thread[fault];
    const own = new Set([...STEPS, "done"].map((name) => E[name]));
    /** @type {{ n: number, until?: number }[]} */
    const found = [{ n: first }];
    let running = true, processor = trace.processor(first); // where it runs
    for (let n = first + 1; n <= last; n++) {
      if (trace.event(n) === E.switch) {
        const on = trace.frame(n) === thread;
        if (!on && trace.processor(n) !== processor) continue;
        if (running && !on) found.push({ n, until: -1 });
        if (on && !running) found[found.length - 1].until = n;
        running = on;
        processor = trace.processor(n);
      } else if (running && trace.processor(n) === processor && own.has(trace.event(n))) {
        found.push({ n });
      }
    }
    return found;
  }

  // The records of a fault that are its own, its first to its last.
  /** @param {number} fault */
  records(fault) {
    return this.happened(fault).filter((each) => each.until === undefined).map((each) => each.n);
  }

  // The number of a step; 0: that event is none.
  /** @param {number} n */
  step(n) { return STEPS.indexOf(this.app.trace.eventName(n)) + 1; }

  /**
   * All lines but the first, which is the opening's.
   * @param {{ n: number, until?: number }[]} happened
   * @returns {Line[]}
   */
  lines(happened) {
    const { words } = this.app;
    /** @type {Line[]} */
    const lines = [];
    let before = 0; // the step before, by its number
    happened.slice(1).forEach(({ n, until }, i) => {
      const step = this.step(n), next = happened[i + 2];
      if (until !== undefined) {
        lines.push({ n, until, text: this.slept(n, until, next ? this.step(next.n) : 0) });
        return;
      }
      if (step === 1 && before && happened[i].until === undefined)
        lines.push({ n: -1, text: "memory has changed: the fault, which has not slept, begins again at step 1" });
      for (let left = before + 1; before && left < step; left++) {
        const name = STEPS[left - 1];
        lines.push({ n: -1, text: `step ${left}, ${name}: ${NOT_NEEDED[name] || "not needed"}` });
      }
      lines.push({ n, text: words.plainEvent(n) });
      before = step;
    });
    return lines;
  }

  /** @param {number} n @param {number} until @param {number} next  the step that came then */
  slept(n, until, next) {
    if (until < 0) return "the fault sleeps, and the trace ends";
    const ns = this.app.trace.time(until) - this.app.trace.time(n);
    return `the fault slept for ${ns.toLocaleString("en")} ns, while others ran` +
      (next === 1 ? ", and begins again at step 1" : "");
  }

  draw() {
    const { app } = this, { at } = app.travel, fault = app.travel.faultOf(at - 1);
    if (fault < 0) {
      this.key = "";
      this.element.replaceChildren("No fault yet.");
      return;
    }
    const happened = this.happened(fault);
    const key = `${fault} ${happened.length} ${happened.filter((each) => each.n < at).length}`;
    if (key === this.key) return;
    this.key = key;
    keepingFocus(this.element, () => this.element.replaceChildren(
      this.paragraph(this.opening(fault)),
      this.list(this.lines(happened)),
      ...this.sleep(happened),
      this.paragraph(this.closing(fault)),
      ...this.bits(happened.map((each) => each.n)),
    ));
  }

  /** @param {Line[]} lines */
  list(lines) {
    const { app } = this, { at } = app.travel, list = document.createElement("ol");
    let latest = -1; // the event of the line before: a step left out is as far away
    for (const { n, text } of lines) {
      const item = document.createElement("li"), moment = n < 0 ? latest : n;
      item.className = n === at - 1 ? "now" : moment >= at ? "later" : "";
      item.append(n < 0 ? text : app.link(text, { event: n }));
      list.append(item);
      latest = moment;
    }
    return list;
  }

  // How often, and for how long in all; nothing, if it never did.
  /** @param {{ n: number, until?: number }[]} happened */
  sleep(happened) {
    const { trace } = this.app, sleeps = happened.filter((each) => each.until !== undefined);
    if (!sleeps.length) return [];
    const ended = sleeps.filter(({ until = -1 }) => until >= 0);
    const ns = ended.reduce((sum, { n, until = n }) => sum + trace.time(until) - trace.time(n), 0);
    const again = happened.filter((each) => this.step(each.n) === 1).length - 1;
    const start = again > 0 ? `, and began again at the first step ${times(again)}` : "";
    return [this.paragraph(`It slept ${times(sleeps.length)}, ${ns.toLocaleString("en")} ns in all${start}.`)];
  }

  /** @param {string} text */
  paragraph(text) {
    const element = document.createElement("p");
    element.textContent = text;
    return element;
  }

  /** @param {number} fault */
  opening(fault) {
    const { trace, travel } = this.app,
      first = travel.faults.start[fault],
      access = ACCESS[trace.detailLow(first)] || "touch";
    const verb = { read: "reads", write: "writes to", execute: "executes" }[access] || "touches";
    const what = `${travel.spaceName(trace.space(first))} ${verb} ${hex(trace.address(first))}`;
    return `Fault ${fault + 1}: ${what} at ${milliseconds(trace.time(first))}.`;
  }

  /** @param {number} fault */
  closing(fault) {
    const { trace, travel } = this.app, { start, end, kind, major } = travel.faults;
    if (end[fault] < 0) return "It had not ended when the trace did.";
    const name = trace.names.kind[kind[fault]],
      weight = name === "invalid" ? "refused" : major[fault] ? "major" : "minor";
    const cost = trace.time(end[fault]) - trace.time(start[fault]),
      others = travel.evictions.filter((n) => n > start[fault] && n < end[fault]).length;
    const meanwhile = others ? ` Meanwhile ${plural(others, "page")} went.` : "";
    const took = `It took ${cost.toLocaleString("en")} ns.`;
    return `It was a ${weight} fault, ${name}: ${KIND_MEANING[name] || ""}. ${took}${meanwhile}`;
  }

  // The pte as it was found first, and as it was left.
  /** @param {number[]} own */
  bits(own) {
    const { trace, words } = this.app, { E } = trace, table = document.createElement("table");
    const found = own.find((n) => trace.event(n) === E.pte),
      left = own.filter((n) => trace.event(n) === E.install).pop();
    if (found === undefined || left === undefined) return [];
    /** @type {[number, number]} */
    const before = [trace.detailLow(found), trace.detailHigh(found)];
    /** @type {[number, number]} */
    const after = [trace.detailLow(left), trace.detailHigh(left)];
    const row = (/** @type {(string | number)[]} */ cells, changed = false) => {
      const line = table.insertRow();
      line.className = changed ? "changed" : "";
      for (const cell of cells) line.insertCell().textContent = String(cell);
    };
    table.createCaption().textContent = "The pte, before and after";
    row(["bit", "before", "after", ""]);
    for (const [bit, name, meaning] of PTE_BITS) {
      const old = Words.bit(...before, bit), now = Words.bit(...after, bit);
      if (old || now || !WHERE_SET.includes(bit)) row([`${bit} ${name}`, old, now, meaning], old !== now);
    }
    const ages = [ageOf(before[1]), ageOf(after[1])];
    row(["52-55 age", ...ages, ages.map(ageWords).join("; then ")], ages[0] !== ages[1]);
    return [this.paragraph(`Before: ${words.pteHex(...before)}, ${words.pte(...before)}.`),
            this.paragraph(`After: ${words.pteHex(...after)}, ${words.pte(...after)}.`), table];
  }
}
