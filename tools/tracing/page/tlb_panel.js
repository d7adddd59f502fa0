// tlb_panel.js - the TLB at this moment: its entries, what came and went since the event before, and hit rates so far.

import { byId } from "page/elements.js";
import { EXECUTE, LEVELS, WRITE } from "page/tlb.js";
import { NAMES, TlbCells } from "page/tlb_cells.js";
import { PAGE_BYTES, PTE, PTE_NO_EXECUTE_HIGH, pteFrame } from "page/trace.js";
import { hex, plural } from "page/words.js";

const SHOWN = 64, PROGRAMS = 16; // lines of the tables, to begin with
const KERNEL = "the kernel";

/**
 * @typedef {import("page/tlb.js").Entry} Entry
 * @typedef {import("page/tlb.js").Counts} Counts
 */

/** @param {number} bytes */
function size(bytes) {
  const units = ["KiB", "MiB", "GiB"];
  let value = bytes / 1024, unit = 0;
  for (; value >= 10240 && unit < 2; unit++) value /= 1024;
  return `${Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(1)} ${units[unit]}`;
}

/** @param {number} count @param {string} one @param {string} more */
const counted = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

/** @param {Counts} counts */
const hitRate = (counts) => (counts.accesses ? 100 * (1 - counts.walks / counts.accesses) : 100).toFixed(3) + " %";

export class TlbPanel {
  /**
   * @param {import("page/app.js").App} app
   * @param {import("page/tlb.js").Tlb | null} tlb  null: this trace has none
   */
  constructor(app, tlb) {
    this.app = app;
    this.tlb = tlb;
    this.key = ""; // what is shown
    this.all = false; // lines of all entries
    /** @type {Map<number, string>} */
    this.programs = new Map(); // of each space
    this.level = byId("tlb-level", HTMLSelectElement);
    this.own = byId("tlb-own", HTMLInputElement);
    this.more = byId("tlb-more");
    this.lines = byId("tlb-entries");
    this.rates = byId("tlb-programs");
    if (!tlb) {
      byId("tlb-text").textContent = "This page has no TLB: only a run that was watched from outside has one. " +
        "tools/trace view --tlb -- PROGRAM ARG… > page.html makes the page of such a run.";
      return;
    }
    byId("tlb-part").hidden = false;
    this.nameSpaces();
    for (const [level, { entries }] of tlb.shape.levels.entries())
      if (entries) this.level.append(new Option(NAMES[level], String(level)));
    this.level.value = String(LEVELS.indexOf("data"));
    for (const chosen of [this.level, this.own])
      chosen.addEventListener("change", () => {
        this.all = false;
        this.draw();
      });
    this.more.addEventListener("click", () => {
      this.all = true;
      this.draw();
    });
    this.cells = new TlbCells(app, tlb);
  }

  // Which program each space was of, at its end.
  nameSpaces() {
    const { trace } = this.app, { E } = trace;
    /** @type {Map<number, string>} */
    const processes = new Map();
    for (let n = 0; n < trace.count; n++) {
      const event = trace.event(n);
      if (event !== E.process && event !== E.exec) continue;
      const name = event === E.exec ? trace.text(n) : processes.get(trace.detailLow(n)) ?? "init";
      processes.set(trace.page(n), name);
      if (trace.space(n)) this.programs.set(trace.space(n), name);
    }
  }

  draw() {
    const { tlb, app } = this;
    if (!tlb) return;
    const { at } = app.travel, { space } = app.spaceView;
    const key = [at, space, this.level.value, this.own.checked, this.all, innerWidth].join();
    if (key === this.key) return;
    this.key = key;
    tlb.seek(at);
    const held = LEVELS.map((_, level) => tlb.entries(level));
    byId("tlb-text").textContent = this.shapeWords(held);
    byId("tlb-since").textContent = this.sinceWords() + this.staleWords(held);
    byId("tlb-reach").textContent = this.reachWords(held);
    this.cells?.draw(held.flat());
    this.drawLines(held[Number(this.level.value)]);
    this.drawRates();
  }

  // --- Words ----------------------------------------------------------------------------------

  /** @param {Entry[][]} held */
  shapeWords(held) {
    const { shape } = /** @type {import("page/tlb.js").Tlb} */ (this.tlb);
    const levels = shape.levels.map(({ entries, ways }, level) => {
      const sets = ways ? entries / ways : 0;
      const how = sets === 1 ? "one set" : `${plural(sets, "set")} of ${ways}`;
      return entries ? `${held[level].length} of ${counted(entries, "entry", "entries")} ${NAMES[level]} (${how})` : "";
    });
    const asids = shape.asids ? `${plural(shape.asids, "ASID")}` : "no ASIDs: a switch drops all that are not global";
    return `A modelled TLB holds ${levels.filter(Boolean).join(", ")}; ${shape.replacement}; ${asids}.`;
  }

  sinceWords() {
    const { tlb, app } = this, since = tlb?.since();
    if (!since || since.moment !== app.travel.at) return "Since the event before: nothing.";
    const { counts, drops } = since, told = [];
    if (counts.accesses)
      told.push(`${counted(counts.accesses, "access", "accesses")}, of which ${counts.missed.toLocaleString("en")} ` +
        `missed the first level and ${counts.walks.toLocaleString("en")} took a walk`);
    for (const { cause, times, entries } of drops)
      if (entries || cause !== "changes of the tables") told.push(`${times} ${cause} dropped ${entries}`);
    return `Since the event before: ${told.join("; ") || "nothing that is counted"}.`;
  }

  /** @param {Entry[][]} held */
  reachWords(held) {
    const { tlb, app } = this, { shape } = /** @type {import("page/tlb.js").Tlb} */ (tlb), { space } = app.spaceView;
    const s = app.travel.state, resident = space > 0 && space < s.size.spaces ? s.S[s.A_RESIDENT + space] : 0;
    const unit = 2 ** shape.least, told = [1, 2].map((level) => {
      const { entries } = shape.levels[level];
      return entries ? `${size(entries * unit)} ${NAMES[level]}` : "";
    });
    const used = new Set(held.flat().filter((entry) => entry.space === space && space).map((entry) => entry.page));
    return `Reach, entries × ${size(unit)}: ${told.filter(Boolean).join(", ")}. ` +
      `${app.travel.spaceName(space)} has ${plural(resident, "page")} resident, ${size(resident * PAGE_BYTES)}, and ` +
      `${plural(used.size, "page")} of its own in the TLB.`;
  }

  // How its pte differs from it by now; "": not at all. Only of pages that are as small as the tables have them.
  /** @param {Entry} entry */
  stale(entry) {
    const s = this.app.travel.state;
    if (!entry.space || this.tlb?.shape.least !== 12 || entry.bits !== 12) return "";
    const found = s.findAddress(entry.space, entry.page), low = found < 0 ? 0 : s.S[s.E_PTE + found];
    if (!(low & PTE.PRESENT)) return "its pte is not present";
    const high = s.S[s.E_PTE_HIGH + found], frame = pteFrame(low, high);
    if (frame !== entry.frame) return `its pte names frame ${frame}`;
    const differ = (/** @type {string} */ name, /** @type {boolean} */ now, /** @type {number} */ then) =>
      now === Boolean(then) ? [] : [`${name} is ${now ? "on" : "off"} in its pte`];
    return [...differ("W", Boolean(low & PTE.WRITABLE), entry.rights & WRITE),
            ...differ("X", !(high & PTE_NO_EXECUTE_HIGH), entry.rights & EXECUTE)].join(", ");
  }

  /** @param {Entry[][]} held */
  staleWords(held) {
    const stale = held.flat().filter((entry) => this.stale(entry)).length;
    const why = stale === 1 ? "its pte says" : "their ptes say";
    return stale ? ` ${counted(stale, "entry is", "entries are")} stale: ${why} otherwise by now.` : "";
  }

  // What is told at the end of an entry's line.
  /** @param {Entry} entry */
  remark(entry) {
    const stale = this.stale(entry), fresh = entry.since === this.app.travel.at;
    return (fresh ? "new " : "") + (stale ? `stale: ${stale}` : "");
  }

  // --- The tables -------------------------------------------------------------------------------

  /**
   * @param {HTMLElement} into
   * @param {string[]} heads
   * @param {(string | HTMLElement)[][]} rows
   */
  static fill(into, heads, rows) {
    const head = document.createElement("tr");
    for (const name of heads) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    into.replaceChildren(head, ...rows.map((cells) => {
      const row = document.createElement("tr");
      for (const cell of cells) row.insertCell().append(cell);
      return row;
    }));
  }

  /** @param {Entry[]} entries  of the level chosen */
  drawLines(entries) {
    const { app, tlb } = this, { space } = app.spaceView;
    const wanted = this.own.checked ? entries.filter((entry) => entry.space === space) : entries;
    const shown = this.all ? wanted : wanted.slice(0, SHOWN);
    TlbPanel.fill(this.lines, ["set", "way", "page", "size", "frame", "of", ""], shown.map((entry) => [
      String(entry.set),
      String(entry.way),
      app.link(hex(entry.page), { space: entry.space, address: entry.page }),
      size(2 ** entry.bits),
      tlb?.shape.least === 12 ? String(entry.frame) : "",
      entry.space ? `${this.programs.get(entry.space) ?? "?"}, space ${entry.space}` : KERNEL,
      this.remark(entry),
    ]));
    this.more.hidden = shown.length === wanted.length;
    this.more.textContent = `all ${wanted.length}`;
  }

  drawRates() {
    /** @type {Map<string, Counts>} */
    const found = new Map();
    for (const [space, counts] of this.tlb?.counts ?? []) {
      const name = space ? this.programs.get(space) ?? `space ${space}` : KERNEL;
      const sum = found.get(name) || { accesses: 0, missed: 0, walks: 0 };
      sum.accesses += counts.accesses;
      sum.missed += counts.missed;
      sum.walks += counts.walks;
      found.set(name, sum);
    }
    const sorted = [...found].filter(([, counts]) => counts.accesses)
      .sort(([a, x], [b, y]) => Number(a === KERNEL) - Number(b === KERNEL) || y.accesses - x.accesses);
    const rows = sorted.slice(0, PROGRAMS).map(([name, counts]) =>
      [name, ...[counts.accesses, counts.missed, counts.walks].map((n) => n.toLocaleString("en")), hitRate(counts)]);
    if (sorted.length > PROGRAMS) rows.push([`… and ${sorted.length - PROGRAMS} more`]);
    TlbPanel.fill(this.rates, ["pages of", "accesses", "missed first level", "walks", "hit rate"], rows);
  }
}
