// picture.js - the textbook's picture of the moment: whose pages it shows, how many, and how large.
//
// A process's pages on each side, the frames between them, arrows with their rights. What to show,
// picture_model.js reads off the state; picture_drawing.js draws it, and picture_text.js says it.

import { byId } from "page/elements.js";
import { Drawing } from "page/picture_drawing.js";
import { PictureText } from "page/picture_text.js";
import { PAGE_BYTES } from "page/trace.js";

const PAGES = 6, PAGES_ALONE = 8, PAGES_PROJECTED = 4, LEAST_PROJECTED = 2; // of each side, to begin with
const CROWD = 3; // more than so many processes at a time: the two that most happens to
const MORE = 12, FAR = 2 ** 32; // for who asks; within so many bytes

export class Picture {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.text = new PictureText();
    this.sides = [byId("picture-left", HTMLSelectElement), byId("picture-right", HTMLSelectElement)];
    this.all = byId("picture-all", HTMLInputElement);
    this.projector = byId("projector");
    /** @type {number[]} */ this.processes = [];
    this.chosen = false; // by somebody: it stays
    this.even = false; // all rows are equally high
    /** @type {Set<number>} */ this.more = new Set(); // pages that somebody asked for
    /** @type {number[]} */ this.pages = []; // that are shown besides, the weightiest first
    /** @type {{ processes: number[], pages: number[] } | null} */ this.given = null; // these shall be shown
    /** @type {import("page/picture_model.js").Picture | null} */ this.model = null;
    this.key = this.choicesKey = "";
    this.still = app.controls.still;
    this.drawing = typeof d3 === "undefined" ? null : new Drawing(this);
    byId("picture-missing").hidden = this.drawing !== null;
    this.sides.forEach((select, i) => select.addEventListener("change", () => this.choose(i, Number(select.value))));
    this.all.addEventListener("change", () => { this.choicesKey = ""; this.refresh(); });
    this.projector.addEventListener("click", () => this.project(!this.projected));
  }

  // Is it drawn large?
  get projected() { return document.body.classList.contains("projector"); }

  /** @param {boolean} on */
  project(on) {
    document.body.classList.toggle("projector", on);
    this.projector.setAttribute("aria-pressed", String(on));
    this.resized();
    this.refresh();
  }

  // There is more room, or less.
  resized() { if (this.drawing) this.drawing.width = 0; }

  /** @param {number} side @param {number} process */
  choose(side, process) {
    this.chosen = true;
    this.processes[side] = process;
    if (side === 1 && !process) this.processes.length = 1;
    this.more.clear();
    this.refresh();
  }

  refresh() {
    this.key = "";
    this.app.goto(this.app.travel.at, true);
  }

  // Who is on show after n events, if nobody has chosen: who acts, and who began it, or was begun by it last.
  /** @param {number} n */
  whom(n) {
    const { cast, plot, trace } = this.app, story = cast.story().flatMap((process) => cast.actors.get(process) || []);
    if (story.length < 2) return story.map((actor) => actor.process);
    const alive = story.filter((actor) => actor.began < n && (actor.ended < 0 || actor.ended >= n));
    if (alive.length > CROWD) return busiest(alive, plot).map((actor) => actor.process);
    const owner = n > 0 ? cast.ownerOf(trace.space(n - 1), n - 1) : 0;
    const actor = alive.find((each) => each.process === owner) || alive[0] || story[0];
    const parent = alive.find((each) => each.process === actor.parent);
    const child = alive.filter((each) => each.parent === actor.process).pop();
    const other = parent || child || alive.find((each) => each !== actor) ||
      story.find((each) => each.began >= n) || story.filter((each) => each !== actor).pop() || actor;
    return [actor, other].sort((a, b) => story.indexOf(a) - story.indexOf(b)).map((each) => each.process);
  }

  // What it would show after n events of these processes' pages, the weightiest first.
  /** @param {number} n @param {number[]} processes */
  wish(n, processes) {
    const most = this.projected ? PAGES_PROJECTED : processes.length > 1 ? PAGES : PAGES_ALONE;
    return this.app.pictures.choose(n, processes, most);
  }

  // The model for the moment after n events. It takes the state there.
  /** @param {number} n */
  prepare(n) {
    const { app, given } = this;
    if (given) this.processes = given.processes;
    else if (!this.chosen) this.processes = this.whom(n);
    const key = `${n} ${this.processes} ${given && given.pages} ${[...this.more]} ${app.trace.count}`;
    if (key === this.key) return;
    this.key = key;
    this.pages = given ? given.pages : this.wish(n, this.processes);
    this.model = app.pictures.at(n, this.processes, [...this.pages, ...this.more]);
  }

  // A projector shows as many pages as there is room for: nobody scrolls there.
  fit() {
    const { drawing, app } = this;
    if (!this.projected || !drawing || this.more.size || this.given) return;
    while (this.model && this.pages.length > LEAST_PROJECTED && !drawing.fits(this.model)) {
      this.pages.pop();
      this.model = app.pictures.at(this.model.at, this.processes, this.pages);
    }
  }

  draw() {
    this.choices();
    this.fit();
    if (!this.model) return;
    this.text.draw(this.model);
    // A page that is hidden does not move: what were to leave would stay, and pile up.
    const still = this.still.matches || this.app.controls.timer !== 0 || document.hidden;
    if (this.drawing) this.drawing.draw(this.model, still);
  }

  // Whom one can choose.
  choices() {
    const { cast } = this.app, story = cast.story(), all = this.all.checked ? [...cast.actors.keys()] : story;
    const key = `${all} ${this.processes} ${this.app.trace.count}`;
    if (key === this.choicesKey) return;
    this.choicesKey = key;
    this.sides.forEach((select, side) => {
      const shown = [...new Set([...all, ...this.processes])];
      const options = shown.map((process) => new Option(`${cast.name(process)} (${process})`, String(process)));
      if (side === 1) options.unshift(new Option("nobody", "0"));
      select.replaceChildren(...options);
      select.value = String(this.processes[side] || 0);
    });
  }

  // A dozen more pages of a region: those that have something first.
  /** @param {{ start: number, end: number, side: number }} strip */
  open({ start, end, side }) {
    const { model, app } = this;
    if (!model) return;
    const s = app.travel.state, { space } = model.sides[side];
    const shown = new Set(model.blocks.flatMap((block) => block.rows.map((row) => row.address)));
    const there = s.within(space, start, Math.min(end, start + FAR)).map((entry) => s.address(entry));
    const hidden = there.sort((a, b) => a - b).filter((address) => !shown.has(address)).slice(0, MORE);
    const some = new Set([...shown, ...hidden]);
    for (let at = start; hidden.length < MORE && at < end; at += PAGE_BYTES)
      if (!some.has(at)) hidden.push(at);
    for (const address of hidden) this.more.add(address);
    this.refresh();
  }

  /** @param {import("page/picture_model.js").Cell} cell */
  select(cell) {
    const space = this.model ? this.model.sides[cell.side].space : 0;
    if (space) this.app.select({ space, address: cell.address });
  }
}

// The two whose pages most happened to.
/** @param {import("page/cast.js").Actor[]} alive @param {import("page/plot.js").Plot} plot */
function busiest(alive, plot) {
  const often = (/** @type {import("page/cast.js").Actor} */ actor) => plot.often.get(actor.process) || 0;
  const ranked = [...alive].sort((a, b) => often(b) - often(a) || a.began - b.began);
  return ranked.slice(0, 2).sort((a, b) => a.began - b.began);
}
