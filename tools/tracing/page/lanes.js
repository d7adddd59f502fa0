// lanes.js - a lane for each processor: who runs there, in which mode, and shootdowns as arrows between them.
//
// Time goes from left to right, in virtual ns: what two processors do at the same time stands one above the other. An
// arrow leads from who asks to who has to forget, from when it is told until it has forgotten. Drawn is what is around
// the moment; with one processor nothing of it is there.

import { byId, widthAround } from "page/elements.js";
import { lowerBound } from "page/search.js";
import { MODE, Shootdowns } from "page/shootdowns.js";
import { MODES } from "page/words.js";

const LABEL = 18, LANE = 26, GAP = 12, AXIS = 20; // pixels
const SPAN = 100000, SPAN_LEAST = 2000, SPAN_MOST = 1e9; // ns that are shown
const ARROWS_MOST = 80; // in one picture
const LETTER = 7; // pixels, about
const WAIT = "waits";
/** @type {Record<string, string>} */
const NAMES = { kernel: "in the kernel", user: "user code", idle: "idle", fault: "serves a fault", copy: "copies",
                [WAIT]: "waits for a lock" };

/** @typedef {import("page/shootdowns.js").Shootdown} Shootdown */

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} inside
 */
function svg(name, attributes, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...inside);
  return element;
}

export class Lanes {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.shootdowns = new Shootdowns(app.trace);
    this.span = SPAN;
    this.part = byId("lanes-part");
    /** @type {SVGSVGElement} */
    this.picture = /** @type {any} */ (document.getElementById("lanes"));
    this.key = ""; // of what is drawn
    this.from = this.until = 0; // ns
    this.width = 0; // pixels
    this.several = app.trace.processors > 1;
    for (const each of document.querySelectorAll(".several")) /** @type {HTMLElement} */ (each).hidden = !this.several;
    if (!this.several) return;
    byId("lanes-in").addEventListener("click", () => this.zoom(0.5));
    byId("lanes-out").addEventListener("click", () => this.zoom(2));
    byId("shootdown-back").addEventListener("click", () => this.go(-1));
    byId("shootdown-on").addEventListener("click", () => this.go(1));
    document.addEventListener("keydown", (event) => this.key_(event));
    this.legend();
  }

  learn() { if (this.several) this.shootdowns.scan(this.app.trace.count); }

  legend() {
    byId("lanes-legend").replaceChildren(...Object.entries(NAMES).map(([name, words]) => {
      const item = document.createElement("span"), patch = document.createElement("i");
      patch.className = `mode-${name}`;
      item.append(patch, words);
      return item;
    }));
  }

  /** @param {KeyboardEvent} event */
  key_(event) {
    const tag = event.target instanceof HTMLElement ? event.target.tagName : "";
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(tag) && event.target !== this.app.controls.scrub) return;
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.key === "s") this.go(1);
    else if (event.key === "S") this.go(-1);
    else if (event.key === "c") byId("h-lanes").focus();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.span = Math.min(SPAN_MOST, Math.max(SPAN_LEAST, this.span * factor));
    this.draw();
  }

  // To the next shootdown, or the one before: to the moment when it has begun.
  /** @param {number} step */
  go(step) {
    const { app } = this, { firsts } = this.shootdowns, { at } = app.travel;
    const index = step > 0 ? lowerBound(firsts, at) : lowerBound(firsts, at - 1) - 1;
    if (index < 0 || index >= firsts.length) {
      app.say(firsts.length ? `There is no ${step > 0 ? "later shootdown" : "shootdown before"}.`
        : "There is no shootdown in this trace.");
      return;
    }
    app.goto(firsts[index] + 1);
    app.say(this.told(this.shootdowns.all[index]));
  }

  /** @param {Shootdown} each */
  told(each) { return this.shootdowns.told(each, (process) => this.app.travel.processName(process)); }

  // --- What is shown -----------------------------------------------------------------------------------

  now() {
    const { trace, travel } = this.app;
    return travel.at > 0 && trace.count ? trace.time(travel.at - 1) : 0;
  }

  draw() {
    if (!this.several) return;
    const now = this.now(), width = Math.max(240, widthAround(this.part));
    const key = `${this.app.travel.at} ${this.app.trace.count} ${this.span} ${width}`;
    if (key === this.key) return;
    this.key = key;
    this.from = Math.max(0, now - this.span / 2);
    this.until = this.from + this.span;
    this.width = width;
    const shown = this.inWindow();
    this.drawPicture(now, shown);
    this.drawText(shown);
  }

  // The shootdowns that begin there, or are not over yet when it begins.
  inWindow() {
    const { all } = this.shootdowns, { trace } = this.app, found = [];
    let low = 0, high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (trace.time(all[middle].n) < this.from) low = middle + 1; else high = middle;
    }
    if (low > 0 && (all[low - 1].over < 0 || trace.time(all[low - 1].over) >= this.from)) low--;
    for (let i = low; i < all.length && trace.time(all[i].n) <= this.until && found.length < ARROWS_MOST; i++)
      found.push(all[i]);
    return found;
  }

  /** @param {number} time */
  x(time) { return Math.max(-4, Math.min(this.width + 4, (time - this.from) / this.span * this.width)); }
  /** @param {number} processor */
  y(processor) { return processor * (LABEL + LANE + GAP) + LABEL; }

  /** @param {number} now @param {Shootdown[]} shown */
  drawPicture(now, shown) {
    const { picture } = this, count = this.app.trace.processors, height = this.y(count - 1) + LANE + AXIS;
    const focused = document.activeElement?.closest("#lanes [data-number]")?.getAttribute("data-number");
    picture.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    picture.setAttribute("height", String(height));
    const parts = [];
    for (let processor = 0; processor < count; processor++) parts.push(...this.lane(processor));
    const x = this.x(now);
    parts.push(svg("line", { class: "now-line", x1: x, x2: x, y1: 0, y2: height - AXIS }), ...this.axis(height));
    for (const each of shown) parts.push(this.arrows(each));
    picture.replaceChildren(this.head(), ...parts);
    if (!focused) return;
    const again = picture.querySelector(`[data-number="${focused}"]`);
    if (again instanceof SVGElement) again.focus(); else { picture.tabIndex = -1; picture.focus(); }
  }

  head() {
    const marker = { id: "lanes-head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8,
                     orient: "auto", markerUnits: "userSpaceOnUse" };
    return svg("defs", {}, svg("marker", marker, svg("path", { d: "M0,0L8,4L0,8z" })));
  }

  /** @param {number} height */
  axis(height) {
    const words = [`${(this.from / 1e6).toFixed(3)} ms`, `+ ${(this.span / 1000).toLocaleString("en")} µs`];
    return [svg("text", { class: "soft", x: 2, y: height - 5 }, words[0]),
            svg("text", { class: "soft", x: this.width - 2, y: height - 5, "text-anchor": "end" }, words[1])];
  }

  // What it is at, as what came later tells, too: who waits for a lock says so when it has got it.
  /** @param {number} processor @param {number} time */
  doing(processor, time) {
    const { since, mode } = this.shootdowns.lanes[processor];
    if (this.waitsFrom(processor, time, time).length) return NAMES[WAIT];
    return NAMES[MODES[mode[Math.max(0, lowerBound(since, time + 1) - 1)]]];
  }

  // Who runs there at this moment.
  /** @param {number} processor */
  who(processor) {
    const { travel } = this.app, s = travel.state, S = s.S, process = S[s.C_PROCESS + processor];
    const who = process ? `${travel.processName(process)} (${process}), thread ${S[s.C_THREAD + processor]}`
      : "nobody's thread";
    const space = S[s.C_SPACE + processor];
    return `${who}, ${space ? `space ${space}` : "no space"}, ${this.doing(processor, this.now())}`;
  }

  /** @param {number} processor */
  lane(processor) {
    const y = this.y(processor), { since, mode } = this.shootdowns.lanes[processor];
    const words = `processor ${processor}: ${this.who(processor)}`;
    const label = svg("text", { x: 2, y: y - 5, class: processor === this.processorNow() ? "strong" : "" }, words);
    const parts = [label, svg("rect", { class: "mode-none", x: 0, y, width: this.width, height: LANE })];
    const waits = this.waitsFrom(processor, this.from, this.until);
    for (let i = Math.max(0, lowerBound(since, this.from) - 1); i < since.length && since[i] <= this.until; i++) {
      const end = i + 1 < since.length ? since[i + 1] : this.lastTime(), name = MODES[mode[i]];
      let from = since[i]; // up to there it is drawn
      for (const [begin, until] of waits.filter((wait) => wait[0] < end && wait[1] > since[i])) {
        parts.push(...this.stretch(name, from, begin, y), ...this.stretch(WAIT, Math.max(from, begin), until, y));
        from = until;
      }
      parts.push(...this.stretch(name, from, end, y));
    }
    return parts;
  }

  processorNow() { return this.app.travel.at > 0 ? this.app.trace.processor(this.app.travel.at - 1) : -1; }
  lastTime() { return this.app.trace.count ? this.app.trace.time(this.app.trace.count - 1) : 0; }

  /** @param {string} name @param {number} from @param {number} until @param {number} y */
  stretch(name, from, until, y) {
    const left = this.x(from), wide = this.x(until) - left;
    if (wide <= 0) return [];
    const box = svg("rect", { class: `mode-${name}`, x: left, y, width: Math.max(0.5, wide), height: LANE });
    const words = NAMES[name].length * LETTER + 6 < wide ? NAMES[name] : name;
    if (words.length * LETTER + 6 > wide) return [box];
    const place = { class: "inside", x: left + wide / 2, y: y + LANE / 2 + 4, "text-anchor": "middle" };
    return [box, svg("text", place, words)];
  }

  // When it waited for a lock: the times that overlap these.
  /**
   * @param {number} processor
   * @param {number} from
   * @param {number} until
   * @returns {[number, number][]}
   */
  waitsFrom(processor, from, until) {
    const { trace } = this.app, { waits } = this.shootdowns.lanes[processor];
    /** @type {[number, number][]} */
    const found = [];
    let low = 0, high = waits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (trace.time(waits[middle]) <= from) low = middle + 1; else high = middle;
    }
    for (let i = low; i < waits.length; i++) {
      const end = trace.time(waits[i]), begin = end - trace.address(waits[i]);
      if (begin > until) break;
      found.push([begin, end]);
    }
    return found;
  }

  // --- Arrows ------------------------------------------------------------------------------------------

  /** @param {Shootdown} each */
  arrows(each) {
    const { trace } = this.app, told = this.told(each), parts = [];
    const from = this.x(trace.time(each.n)), y = this.y(each.asker) + LANE / 2;
    for (const answer of each.answers) {
      if (answer.mode === MODE.ELSEWHERE) continue;
      const end = answer.end < 0 ? this.until : answer.time, start = this.x(trace.time(answer.sent));
      const down = answer.processor > each.asker, to = this.y(answer.processor) + (down ? 0 : LANE);
      const edge = y + (down ? LANE / 2 : -LANE / 2), kind = this.shootdowns.isAsked(answer) ? "asked" : "later";
      parts.push(svg("path", { class: kind, d: `M${start},${edge}L${Math.max(start, this.x(end))},${to}` }));
    }
    const over = each.over < 0 ? from : this.x(trace.time(each.over));
    const mark = { x: from, y: y - LANE / 2 + 3, width: Math.max(6, over - from), height: LANE - 6, rx: 3 };
    const of = { class: "shootdown", role: "button", tabindex: 0, "aria-label": told, "data-number": each.number };
    const group = svg("g", of, svg("title", {}, told), svg("rect", mark), ...parts);
    const go = () => { this.app.goto(each.n + 1); this.app.say(told); };
    group.addEventListener("click", go);
    group.addEventListener("keydown", (event) => {
      if (!(event instanceof KeyboardEvent) || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      event.stopPropagation();
      go();
    });
    return group;
  }

  // --- In words ----------------------------------------------------------------------------------------

  /** @param {Shootdown[]} shown */
  drawText(shown) {
    const { app } = this, { all, firsts } = this.shootdowns, before = lowerBound(firsts, app.travel.at) - 1;
    const latest = before < 0 ? "No shootdown yet." : `The latest: ${this.told(all[before])}`;
    const processors = app.trace.processors, running = [];
    for (let n = 0; n < processors; n++) running.push(`processor ${n}: ${this.who(n)}`);
    byId("lanes-text").textContent = `${running.join("; ")}. ${latest}`;
    byId("lanes-list").replaceChildren(...shown.map((each) => {
      const item = document.createElement("li");
      item.append(app.link(this.told(each), { event: each.n }));
      item.className = each.n === app.travel.at - 1 ? "now" : each.n >= app.travel.at ? "later" : "";
      return item;
    }));
    this.picture.setAttribute("aria-label", `${processors} processors, ${shown.length} shootdowns around this moment`);
  }
}

