// story.js - the fault at this moment, told in words, with its pte before and after.

import { byId } from "page/elements.js";
import { ACCESS } from "page/trace.js";
import { ageOf, ageWords, hex, KIND_MEANING, milliseconds, plural, PTE_BITS, WHERE_SET, Words } from "page/words.js";

export class Story {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = byId("story");
    this.key = ""; // of what is shown
  }

  // The records of a fault that are its own, its first to its last.
  /** @param {number} fault */
  records(fault) {
    const { trace, travel } = this.app,
      { E } = trace,
      first = travel.faults.start[fault],
      last = travel.faultEnd(fault),
      own = [first];
    const steps = new Set([E.region, E.pte, E.page, E.fill, E.unshare, E.install, E.done]);
    const space = trace.space(first), address = trace.address(first);
    for (let n = first + 1; n <= last; n++)
      if (steps.has(trace.event(n)) && trace.space(n) === space && trace.address(n) === address) own.push(n);
    return own;
  }

  draw() {
    const { app } = this, fault = app.travel.faultOf(app.travel.at - 1);
    if (fault < 0) {
      this.element.replaceChildren("No fault yet.");
      return;
    }
    const own = this.records(fault), key = `${fault} ${own.filter((n) => n < app.travel.at).length}`;
    if (key === this.key) return;
    this.key = key;
    const list = document.createElement("ol");
    for (const n of own.slice(1)) {
      const item = document.createElement("li");
      item.className = n === app.travel.at - 1 ? "now" : n >= app.travel.at ? "later" : "";
      item.append(app.link(app.words.event(n), { event: n }));
      list.append(item);
    }
    this.element.replaceChildren(
      this.paragraph(this.opening(fault)),
      list,
      this.paragraph(this.closing(fault)),
      ...this.bits(own),
    );
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
