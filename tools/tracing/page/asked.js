// asked.js - numbers that somebody asks for, in fields or behind the # of the address: one within its
// range, or in words why not, and what there is.

import { byId } from "page/elements.js";

/**
 * What can be asked for: the least and the greatest number, and what they are.
 * @typedef {{ least: number, most: number, what: string }} Range
 */

export class Asked {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.place = byId("refused");
    /** @type {HTMLInputElement[]} */
    this.fields = [];
    this.field("event-number", "event", (n) => app.goto(n));
    this.field("fault-number", "fault", (n) => app.controls.toFault(n - 1));
  }

  /**
   * What there is of that name, now.
   * @param {string} name
   * @returns {Range}
   */
  range(name) {
    const { trace, travel } = this.app;
    switch (name) {
      case "event": return { least: 0, most: trace.count, what: "events" };
      case "fault": return { least: 1, most: travel.faults.start.length, what: "faults" };
      case "caption": return { least: 1, most: this.app.captions.count(), what: "captions" };
      case "page": return { least: 0, most: trace.header.npages - 1, what: "pages" };
      case "slot": return { least: 0, most: travel.state.size.slots - 1, what: "slots" };
      default: return { least: 0, most: trace.header.nframes - 1, what: "frames" };
    }
  }

  /**
   * The number, or what is wrong with it.
   * @param {string} name
   * @param {string} text
   * @returns {number | string}
   */
  number(name, text) {
    const { least, most, what } = this.range(name), words = text.trim();
    const told = (/** @type {number} */ n) => n.toLocaleString("en");
    const some = `${what} are numbered from ${told(least)} to ${told(most)}`;
    const there = most < least ? `this trace has no ${what}` : some;
    if (!words) return `Which ${name}? ${there[0].toUpperCase()}${there.slice(1)}.`;
    if (!/^[+-]?\d+$/.test(words)) return `“${words}” is the number of no ${name}: ${there}.`;
    const n = Number(words);
    return n >= least && n <= most ? n : `There is no ${name} ${words}: ${there}.`;
  }

  /**
   * A field of page.html: its number is gone to, or refused.
   * @param {string} id
   * @param {string} name
   * @param {(n: number) => void} go
   */
  field(id, name, go) {
    const field = byId(id, HTMLInputElement);
    this.fields.push(field);
    field.addEventListener("change", () => {
      this.refuse([]);
      if (field.value.trim() === "") return;
      const n = this.number(name, field.value);
      if (typeof n === "number") go(n); else this.refuse([n]);
      field.setAttribute("aria-invalid", String(typeof n === "string"));
    });
  }

  /** @param {string[]} why  nothing: all is well again */
  refuse(why) {
    const text = why.join(" ");
    if (this.place.textContent !== text) this.place.textContent = text;
    this.place.hidden = !text;
    if (!text) for (const field of this.fields) field.removeAttribute("aria-invalid");
  }
}
