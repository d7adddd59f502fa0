// tlb_cells.js - the TLB as a map: a cell an entry, a column a set, a row a way.

import { legend } from "page/colours.js";
import { byId, pen, widthAround } from "page/elements.js";
import { LEVELS } from "page/tlb.js";

const CELL = 14, TITLE = 18, LETTER = 9; // pixels
export const NAMES = ["for fetches", "for data", "behind both"]; // of the levels
/** @type {[string, string, string][]} */
const OWNERS = [
  ["the space shown", "#0072b2", "s"], ["the kernel", "#6b6b6b", "K"], ["another space", "#d55e00", "o"],
];

/**
 * @typedef {import("page/tlb.js").Entry} Entry
 *
 * Where a level is drawn: columns of cells of that width, from there down.
 * @typedef {{ top: number, columns: number, rows: number, wide: number }} Block
 */

export class TlbCells {
  /**
   * @param {import("page/app.js").App} app
   * @param {import("page/tlb.js").Tlb} tlb
   */
  constructor(app, tlb) {
    this.app = app;
    this.tlb = tlb;
    /** @type {Block[]} */
    this.blocks = [];
    this.canvas = byId("tlb", HTMLCanvasElement);
    this.canvas.addEventListener("click", (event) => this.pick(event.offsetX, event.offsetY));
  }

  /** @param {Entry} entry  an index of OWNERS */
  owner(entry) { return entry.space === 0 ? 1 : entry.space === this.app.spaceView.space ? 0 : 2; }

  // A column a set, a row a way; of one set alone, row by row.
  layout() {
    const { shape } = this.tlb, width = Math.max(200, widthAround(this.canvas));
    let top = 0;
    this.blocks = shape.levels.map(({ entries, ways }) => {
      const sets = ways ? entries / ways : 0, one = sets <= 1;
      if (entries) top += TITLE;
      const columns = one ? Math.max(1, Math.min(ways, Math.floor(width / CELL))) : sets;
      const block = { top, columns, rows: one ? Math.ceil(ways / columns) : ways, wide: CELL };
      block.wide = Math.max(1, Math.min(CELL, Math.floor(width / columns)));
      if (entries) top += block.rows * CELL;
      return block;
    });
    this.canvas.width = width;
    this.canvas.height = top;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${this.canvas.height}px`;
  }

  /** @param {{ level: number, set: number, way: number }} entry */
  cell({ level, set, way }) {
    const { shape } = this.tlb, { top, columns, wide } = this.blocks[level];
    const one = shape.levels[level].entries === shape.levels[level].ways;
    const [column, row] = one ? [way % columns, Math.floor(way / columns)] : [set, way];
    return { x: column * wide, y: top + row * CELL, wide };
  }

  /** @param {Entry[]} entries  of all levels */
  draw(entries) {
    this.layout();
    const context = pen(this.canvas), { at } = this.app.travel, counts = OWNERS.map(() => 0);
    let fresh = 0;
    context.strokeStyle = "#8888";
    context.fillStyle = getComputedStyle(this.canvas).color;
    context.font = "12px sans-serif";
    for (const [level, block] of this.blocks.entries()) {
      if (!this.tlb.shape.levels[level].entries) continue;
      context.fillText(NAMES[level], 0, block.top - 5);
      context.strokeRect(0.5, block.top + 0.5, block.columns * block.wide - 1, block.rows * CELL - 1);
    }
    context.font = "10px sans-serif";
    for (const entry of entries) {
      const { x, y, wide } = this.cell(entry), owner = this.owner(entry), inner = wide > 3 ? wide - 1 : wide;
      counts[owner]++;
      context.fillStyle = OWNERS[owner][1];
      context.fillRect(x, y, inner, CELL - 1);
      if (wide >= LETTER) {
        context.fillStyle = "#fff";
        context.fillText(OWNERS[owner][2], x + 3, y + 10);
      }
      if (entry.since !== at) continue;
      fresh++;
      context.fillStyle = "#f0e442";
      context.fillRect(x, y + CELL - 4, inner, 3);
    }
    const items = /** @type {import("page/colours.js").LegendItem[]} */ (
      OWNERS.map(([name, colour, letter], i) => [`${letter}: ${name}`, colour, counts[i]]));
    legend(byId("tlb-legend"), [...items, ["bar below: new since the event before", "#f0e442", fresh]]);
    this.canvas.setAttribute("aria-label", `${entries.length} entries, a column a set, a row a way: ` +
      OWNERS.map(([name], i) => `${counts[i]} of ${name}`).join(", ") + `, ${fresh} of them new`);
  }

  /** @param {number} x @param {number} y */
  pick(x, y) {
    const entries = LEVELS.flatMap((_, level) => this.tlb.entries(level));
    const found = entries.find((entry) => {
      const cell = this.cell(entry);
      return x >= cell.x && x < cell.x + cell.wide && y >= cell.y && y < cell.y + CELL;
    });
    if (found) this.app.select({ space: found.space, address: found.page });
  }
}
