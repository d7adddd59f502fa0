// compare_runs.js - two runs of one program, each in its own page, moved in step.
//
// What both do is aligned in rows (part.py): a step of A's, of B's, or of both, with how many events
// each run has had by then. So a row is a moment of both; and a moment of one leads to a row, and
// from there to the other's moment. Who moves one run in its own page takes the other along.

import { byId } from "page/elements.js";
import { lowerBound } from "page/search.js";
import { Together } from "page/together.js";

/**
 * As view_two.py writes it. rows: three numbers each, A's moment, B's, and which kind of row it is.
 * @typedef {{ names: [string, string], where: string[], settings: [string, string, string][],
 *   totals: [string, string, string][], rows: number[], parting: number | null,
 *   differences: [number, string][] }} Compared
 */

const WORDS = 3, SAME = 0, ONLY_B = 3; // of a row
const KINDS = ["The same in both", "They differ in what comes of it", "Only A does this", "Only B does this"];
const LISTED = 200; // differences
const SIDES = ["A", "B"];

export class CompareRuns {
  /**
   * @param {Compared} compared
   * @param {import("page/app.js").App[]} apps  A's page and B's
   */
  constructor(compared, apps) {
    this.compared = compared;
    this.apps = apps;
    this.count = compared.rows.length / WORDS;
    /** @type {number[][]} */
    this.moments = [[], []]; // of A and of B, by row
    /** @type {number[]} */
    this.different = [];
    for (let row = 0; row < this.count; row++) {
      this.moments[0].push(compared.rows[row * WORDS]);
      this.moments[1].push(compared.rows[row * WORDS + 1]);
      if (compared.rows[row * WORDS + 2] !== SAME) this.different.push(row);
    }
    this.told = new Map(compared.differences);
    this.at = -1; // the row on show; -1: before the first
    this.moving = false;
    this.slider = byId("row", HTMLInputElement);
    this.number = byId("row-number", HTMLInputElement);
    this.along = byId("together", HTMLInputElement);
    this.together = new Together(apps);
    apps.forEach((app, side) => this.listen(app, side));
  }

  start() {
    this.slider.max = this.number.max = String(this.count);
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value) - 1));
    this.number.addEventListener("change", () => this.showNumber(this.number.value));
    document.querySelectorAll("[data-go]").forEach((button) =>
      button.addEventListener("click", () => this.go(button.getAttribute("data-go") || "")),
    );
    document.addEventListener("keydown", (event) => this.key(event));
    this.drawWhere();
    this.drawTotals();
    this.drawDifferences();
    if (this.compared.parting === null) this.show(this.count - 1);
    else this.show(this.compared.parting);
  }

  // --- Moving -------------------------------------------------------------------------------------

  // Both runs as they are after this row; -1: before anything.
  /** @param {number} row */
  show(row) {
    this.at = Math.max(-1, Math.min(row, this.count - 1));
    const moments = this.apps.map((_, side) => this.moment(side, this.at));
    this.together.choose(moments, Number(this.at >= 0 && this.compared.rows[this.at * WORDS + 2] === ONLY_B));
    this.apps.forEach((_, side) => this.take(side, moments[side]));
    this.draw();
  }

  // A run goes there because the other does, or both do: what is said of that stands above.
  /** @param {number} side @param {number} moment */
  take(side, moment) {
    this.moving = true;
    this.apps[side].goto(moment, true);
    this.apps[side].say("");
    this.moving = false;
  }

  /** @param {number} side @param {number} row */
  moment(side, row) { return row < 0 ? 0 : this.moments[side][row]; }

  // Somebody asks for a step by its number, which counts from 1.
  /** @param {string} word */
  showNumber(word) {
    const number = Number(word);
    if (word !== "" && Number.isInteger(number) && number >= 0 && number <= this.count) this.show(number - 1);
    else this.say(`There is no such step${word && `, ${word}`}: they count from 1 to ${this.count}; 0 is before all.`);
  }

  // When one run's own page goes somewhere, the other goes to where it was then.
  /** @param {import("page/app.js").App} app @param {number} side */
  listen(app, side) {
    const own = app.goto.bind(app);
    app.goto = (n, quietly) => {
      if (this.moving) return own(n, quietly);
      const other = this.follow(side, app.travel.within(n)), took = own(n, quietly);
      this.take(1 - side, other);
      this.draw();
      return took;
    };
  }

  // Where the other is to go, if it goes along. What both show is chosen.
  /** @param {number} side @param {number} moment */
  follow(side, moment) {
    const other = 1 - side, moments = [moment, moment];
    this.at = lowerBound(this.moments[side], moment + 1) - 1;
    moments[other] = this.along.checked ? this.moment(other, this.at) : this.apps[other].travel.at;
    this.together.choose(moments, side);
    return moments[other];
  }

  /** @param {string} what */
  go(what) {
    const { at, different, compared } = this;
    switch (what) {
      case "first": return this.show(-1);
      case "last": return this.show(this.count - 1);
      case "back": return this.show(at - 1);
      case "on": return this.show(at + 1);
      case "difference-back": return this.toDifference(different[lowerBound(different, at) - 1], "before");
      case "difference-on": return this.toDifference(different[lowerBound(different, at + 1)], "after");
      case "parting": return this.toDifference(compared.parting ?? undefined, "at all");
    }
  }

  /** @param {number | undefined} row @param {string} where */
  toDifference(row, where) {
    if (row === undefined) this.say(`There is no difference ${where === "at all" ? where : `${where} this step`}.`);
    else this.show(row);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, string>} */
    const keys = { ArrowLeft: "back", ArrowRight: "on", "[": "difference-back", "]": "difference-on", Home: "first",
                   End: "last", p: "parting" };
    const inField = event.target instanceof HTMLInputElement && event.target.type === "number";
    if (inField || event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys)) return;
    event.preventDefault();
    this.go(keys[event.key]);
  }

  // --- What is seen ---------------------------------------------------------------------------------

  /** @param {string} text */
  say(text) { byId("row-told").textContent = text; }

  draw() {
    const { at, compared } = this;
    this.slider.value = this.number.value = String(at + 1);
    const kind = at < 0 ? "Nothing has happened yet" : KINDS[compared.rows[at * WORDS + 2]];
    const where = `Step ${(at + 1).toLocaleString("en")} of ${this.count.toLocaleString("en")}`;
    const between = this.apps.some((app, side) => app.travel.at !== this.moment(side, at));
    const words = this.told.get(at), apart = between ? " (a run is between two)" : "";
    this.slider.setAttribute("aria-valuetext", `step ${at + 1} of ${this.count}`);
    this.say(`${where}${apart}. ${kind}${words ? `: ${words}` : ""}.`);
    byId("differences").querySelectorAll("button").forEach((button) => {
      button.classList.toggle("now", Number(button.dataset.row) === at);
    });
  }

  drawWhere() {
    const lines = this.compared.settings.map(([name, a, b]) => `Set differently: ${name}: A ${a}, B ${b}.`);
    byId("where").replaceChildren(
      ...[...lines, ...this.compared.where].map((line) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = line;
        return paragraph;
      }),
    );
    this.compared.names.forEach((name, side) => {
      byId(side ? "h-b" : "h-a").textContent = `${SIDES[side]}: ${name}`;
    });
  }

  // What differs has a sign, too.
  drawTotals() {
    const { totals } = this.compared, other = totals.filter(([, a, b]) => a !== b);
    const short = (/** @type {string[]} */ [name, a, b]) => `${name} ${a} and ${b}`;
    const body = byId("totals", HTMLTableElement).tBodies[0];
    for (const row of totals) {
      const line = body.insertRow(), differs = row[1] !== row[2];
      line.classList.toggle("changed", differs);
      for (const text of [...row, differs ? "≠" : ""]) line.insertCell().textContent = text;
    }
    const first = ["faults", "evictions", "of these copy", "major faults", "frames in use at most"];
    const told = first.flatMap((name) => totals.filter((row) => row[0] === name)).map(short);
    byId("totals-told").textContent = `Totals, A and B: ${told.join("; ")}; ${other.length} of ${totals.length} differ`;
  }

  drawDifferences() {
    const list = byId("differences"), { different } = this;
    byId("differences-told").textContent = different.length
      ? `${different.length.toLocaleString("en")} of ${this.count.toLocaleString("en")} steps differ`
      : "No step differs";
    for (const row of different.slice(0, LISTED)) {
      const button = document.createElement("button"), item = document.createElement("li");
      button.className = "link";
      button.dataset.row = String(row);
      button.textContent = this.told.get(row) || `step ${row + 1}`;
      button.addEventListener("click", () => this.show(row));
      item.append(button);
      list.append(item);
    }
    if (different.length > LISTED) {
      const rest = document.createElement("p");
      rest.textContent = `… and ${different.length - LISTED} more: “difference ▶” goes on.`;
      list.after(rest);
    }
  }
}
