// space_view.js - one process's space: its regions with their pages, and its page tables.

import { frameKind, KINDS } from "page/colours.js";
import { byId, pen } from "page/elements.js";
import { Regions } from "page/regions.js";
import { lowerBound } from "page/search.js";
import { FRAME_TABLE } from "page/state.js";
import { NONE, PAGE_BYTES, PTE } from "page/trace.js";
import { hex, plural, rightsOf } from "page/words.js";

const STRIP = 512; // pixels of a region's strip

/**
 * A region's line, and what is drawn in it.
 * @typedef {{ item: HTMLLIElement, label: HTMLElement, canvas: HTMLCanvasElement, region: Region,
 *   pixels: Uint8Array, chosen: number }} Row
 * @typedef {{ pixels: Uint8Array, present: number, named: number, wide: number }} Strip
 * @typedef {import("page/regions.js").Region} Region
 * @typedef {{ frame: number, level: number, at: number }} Table
 */

export class SpaceView {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.chosen = byId("space", HTMLSelectElement);
    this.list = byId("regions");
    this.tables = byId("tables");
    this.follow = byId("follow", HTMLInputElement);
    /** @type {Set<string>} */
    this.open = new Set(); // tables, by their keys
    this.space = 0;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Strip[]} */
    this.stripsDrawn = [];
    this.choicesKey = this.stripsKey = this.tablesKey = this.tablesWrites = ""; // what is shown
    this.chosen.addEventListener("change", () => {
      this.follow.checked = false;
      this.space = Number(this.chosen.value);
      app.draw();
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.tables.addEventListener("toggle", (event) => {
      const details = event.target;
      if (!(details instanceof HTMLDetailsElement) || !details.dataset.key) return;
      if (details.open) this.open.add(details.dataset.key); else this.open.delete(details.dataset.key);
      this.fillTable(details);
    }, true);
  }

  draw() {
    const { travel } = this.app, s = travel.state, S = s.S;
    if (this.follow.checked) this.space = this.app.spaceOfEvent() || S[s.R_SPACE + S[s.RUNNING]] || this.space;
    this.choices();
    const live = this.space > 0 && this.space < s.size.spaces && S[s.A_LIVE + this.space];
    const set = live ? Regions.joined(travel.regions.get(S[s.A_REGIONS + this.space])) : [];
    byId("space-text").textContent = live
      ? [
          plural(set.length, "region"),
          `${plural(S[s.A_RESIDENT + this.space], "page")} resident`,
          `working set ${S[s.A_WORKING + this.space]} when it was last sampled`,
          `${plural(S[s.A_TABLES + this.space], "frame")} of tables`,
          `group ${S[s.A_GROUP + this.space]}`,
          `${plural(S[s.A_FAULTS + this.space], "fault")} so far`,
          ...this.shared(),
        ].join(", ") + "."
      : "No space.";
    this.drawRegions(set);
    this.drawTables();
  }

  // What no region promises, and every space has.
  /** @returns {string[]} */
  shared() {
    const { shared_data: data, shared_code: code } = this.app.trace.header.parameters;
    return code === undefined ? [] : [`and the shared code that every space has, in frames ${data} and ${code}`];
  }

  choices() {
    const { travel } = this.app, s = travel.state;
    const live = [];
    for (let space = 1; space < s.size.spaces; space++)
      if (s.S[s.A_LIVE + space]) live.push(`${space} ${travel.spaceName(space)}`);
    const key = live.join();
    if (key !== this.choicesKey) {
      this.choicesKey = key;
      this.chosen.replaceChildren(
        ...live.map((text) => new Option(text.slice(text.indexOf(" ") + 1), text.split(" ")[0])),
      );
    }
    this.chosen.value = String(this.space);
  }

  /** @param {Region[]} set */
  drawRegions(set) {
    for (const row of this.rows.splice(set.length)) row.item.remove();
    for (const region of set.slice(this.rows.length)) this.rows.push(this.addRow(region));
    const { state } = this.app.travel,
      key = `${this.space} ${state.S[state.A_REGIONS + this.space]} ${state.entryWrites} ${state.frameWrites}`;
    const strips = key === this.stripsKey ? this.stripsDrawn : this.strips(set);
    this.stripsKey = key;
    this.stripsDrawn = strips;
    set.forEach((region, i) => this.drawRegion(this.rows[i], region, strips[i]));
  }

  /** @param {Region} region */
  addRow(region) {
    const item = document.createElement("li"),
      label = document.createElement("code"),
      strip = document.createElement("canvas");
    const row = { item, label, canvas: strip, region, pixels: new Uint8Array(0), chosen: -1 };
    strip.width = STRIP;
    strip.height = 12;
    strip.setAttribute("role", "img");
    strip.addEventListener("click", (event) => this.pick(row.region, event.offsetX / strip.clientWidth));
    item.append(label, strip);
    this.list.append(item);
    return row;
  }

  // What each pixel of each region's strip shows, from one walk over the space's entries: 0
  // nothing, 1 the zero page, 2 named and not present, 3 and more: the kind of frame.
  /** @param {Region[]} set */
  strips(set) {
    const s = this.app.travel.state, S = s.S, starts = set.map((region) => region.start);
    const strips = set.map((region) => ({
      pixels: new Uint8Array(STRIP),
      present: 0,
      named: 0,
      wide: (STRIP * PAGE_BYTES) / (region.end - region.start),
    }));
    if (!set.length) return strips;
    for (let entry = S[s.A_HEAD + this.space]; entry >= 0; entry = S[s.E_NEXT + entry]) {
      const address = s.address(entry), at = lowerBound(starts, address + 1) - 1, strip = strips[at];
      if (!strip || address >= set[at].end) continue;
      const here = S[s.E_PTE + entry] & PTE.PRESENT, page = S[s.E_PAGE + entry];
      if (here) strip.present++; else strip.named++;
      const code = !here ? 2 : page < 0 ? 1 : 3 + frameKind(s, S[s.P_FRAME + page]);
      const x = Math.floor((address - set[at].start) / PAGE_BYTES * strip.wide);
      strip.pixels.fill(code, x, Math.max(x + 1, Math.floor(x + strip.wide - (strip.wide > 4 ? 1 : 0))));
    }
    return strips;
  }

  /** @param {Region} region */
  backing(region) {
    if (region.stack) return "stack";
    return region.object === NONE ? "zeroes" : `${this.app.trace.objectName(region.object)} from page ${region.index}`;
  }

  /** @param {Region} region */
  inWords(region) {
    const rights = rightsOf(region.access) + (region.shared ? "s" : "p") + (region.wired ? " wired" : "");
    return `${hex(region.start)}-${hex(region.end)} ${rights} ${this.backing(region)}`;
  }

  /**
   * @param {Row} row
   * @param {Region} region
   * @param {Strip} strip
   */
  drawRegion(row, region, strip) {
    const { label, canvas } = row, pages = (region.end - region.start) / PAGE_BYTES, { selection } = this.app;
    const { address = -1 } = selection.space === this.space ? selection : {};
    const chosen = address >= region.start && address < region.end ? address : -1;
    const text = `${this.inWords(region)}: ${strip.present} of ${plural(pages, "page")}`;
    row.region = region;
    if (label.textContent !== text) {
      label.textContent = text;
      canvas.setAttribute("aria-label", `${strip.present} present, ${strip.named} named and not present`);
    }
    if (row.pixels.length && row.chosen === chosen && strip.pixels.every((code, x) => code === row.pixels[x])) return;
    row.pixels = strip.pixels;
    row.chosen = chosen;
    const context = pen(canvas);
    context.clearRect(0, 0, STRIP, 12);
    for (let x = 0; x < STRIP; x++) {
      const code = strip.pixels[x];
      if (!code) continue;
      context.fillStyle = code === 1 ? "#bdbdbd" : code === 2 ? "#d55e00" : KINDS[code - 3][1];
      context.fillRect(x, code === 2 ? 4 : 0, 1, code === 2 ? 4 : 12);
    }
    if (chosen < 0) return;
    context.strokeStyle = "#e6007e";
    context.lineWidth = 2;
    context.strokeRect((chosen - region.start) / PAGE_BYTES * strip.wide, 1, Math.max(3, strip.wide), 10);
  }

  /** @param {Region} region @param {number} part */
  pick(region, part) {
    const page = Math.floor(part * (region.end - region.start) / PAGE_BYTES);
    this.app.select({ space: this.space, address: region.start + page * PAGE_BYTES });
  }

  // Up and down: to the region before, after; left and right: to its page before, after.
  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (move === undefined || event.shiftKey || !this.rows.length) return;
    event.preventDefault();
    event.stopPropagation();
    const { app } = this, { address = -1 } = app.selection.space === this.space ? app.selection : {};
    const from = this.rows.findIndex(({ region }) => address >= region.start && address < region.end);
    const to = Math.max(0, Math.min(this.rows.length - 1, from < 0 ? 0 : from + move[0])), { region } = this.rows[to];
    const page = to === from ? address + move[1] * PAGE_BYTES : region.start;
    const chosen = Math.max(region.start, Math.min(region.end - PAGE_BYTES, page));
    app.select({ space: this.space, address: chosen });
    app.say(`${hex(chosen)}, in ${this.rows[to].label.textContent}`);
    this.rows[to].item.scrollIntoView({ block: "nearest" });
  }

  // --- Page tables --------------------------------------------------------------------------

  drawTables() {
    const { state } = this.app.travel, writes = `${this.space} ${state.frameWrites} ${state.entryWrites}`;
    if (writes === this.tablesWrites) return;
    this.tablesWrites = writes;
    const s = this.app.travel.state, S = s.S;
    /** @type {Table[]} */
    const found = [];
    for (let frame = 0; frame < s.size.frames; frame++)
      if (S[s.F_STATE + frame] === FRAME_TABLE && S[s.F_LEVEL + frame] > 0 && S[s.F_SPACE + frame] === this.space)
        found.push({ frame, level: S[s.F_LEVEL + frame], at: S[s.F_ADDRESS + frame] * 512 * PAGE_BYTES });
    const key = this.space + ":" + found.map((table) => table.frame).join();
    if (key === this.tablesKey) {
      for (const details of this.tables.querySelectorAll("details"))
        if (details.open && details.dataset.level === "1") this.fillTable(details);
      return;
    }
    this.tablesKey = key;
    const span = (/** @type {number} */ level) => PAGE_BYTES * 512 ** level,
      under = (/** @type {Table} */ table, /** @type {number} */ level) =>
        found
          .filter(
            (each) =>
              each.level === level && Math.floor(each.at / span(level + 1)) === Math.floor(table.at / span(level + 1)),
          )
          .sort((a, b) => a.at - b.at);
    const element = (/** @type {Table} */ table) => {
      const details = document.createElement("details"), summary = document.createElement("summary");
      const start = Math.floor(table.at / span(table.level)) * span(table.level);
      summary.textContent = `level ${table.level}, frame ${table.frame}: ${hex(start)}`;
      details.dataset.key = `${table.level}:${table.frame}`;
      details.dataset.level = String(table.level);
      details.dataset.at = String(start);
      details.append(summary);
      if (table.level > 1) for (const below of under(table, table.level - 1)) details.append(element(below));
      details.open = this.open.has(details.dataset.key) || table.level > 2;
      if (table.level === 1 && details.open) this.fillTable(details);
      return details;
    };
    this.tables.replaceChildren(...found.filter((table) => table.level === 4).map(element));
  }

  // The ptes of a last-level table that are not zero; only while it is open.
  /** @param {HTMLDetailsElement} details */
  fillTable(details) {
    if (details.dataset.level !== "1") return;
    const s = this.app.travel.state, start = Number(details.dataset.at);
    while (details.children.length > 1) details.children[1].remove();
    if (!details.open) return;
    const body = document.createElement("div");
    const entries = s.within(this.space, start, start + 512 * PAGE_BYTES).sort((a, b) => s.address(a) - s.address(b));
    for (const entry of entries) {
      const address = s.address(entry), line = document.createElement("div");
      line.append(
        this.app.link(`${hex(address)}  ${this.app.words.pte(s.S[s.E_PTE + entry], s.S[s.E_PTE_HIGH + entry])}`, {
          space: this.space,
          address,
        }),
      );
      body.append(line);
    }
    details.append(body);
  }
}
