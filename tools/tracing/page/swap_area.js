// swap_area.js - the free lists, and the swap area: where contents are that have no frame.

import { rgba } from "page/colours.js";
import { byId, keepingFocus, pen, widthAround } from "page/elements.js";

const LIST_NAMES = ["", "plain", "kept", "zeroed"];
const LIST_SHOWS = 24;
const SWAP_HEIGHT = 80; // pixels, at most
const SLOT_FREE = rgba("#f2f2f2"),
  SLOT_CHOSEN = rgba("#e6007e"),
  SLOT_BOTH = rgba("#8fc9ee"),
  SLOT_ONLY = rgba("#d55e00");

export class SwapArea {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.canvas = byId("swap", HTMLCanvasElement);
    this.pixels = document.createElement("canvas");
    this.lists = byId("free-lists");
    this.listsKey = this.text = ""; // what is shown
    this.fits = false; // all of these are layout()'s
    this.cell = this.columns = this.rows = 1;
    this.image = new ImageData(1, 1);
    this.colours = new Uint32Array(1);
    this.slot = -1; // that the keys are at; -1: none yet
    this.canvas.addEventListener("click", (event) => {
      this.choose(Math.floor(event.offsetY / this.cell) * this.columns + Math.floor(event.offsetX / this.cell));
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  // The slot's page, if it has one, is selected.
  /** @param {number} slot */
  choose(slot) {
    const { app } = this, s = app.travel.state;
    if (slot < 0 || slot >= s.size.slots) return;
    const page = s.S[s.SLOT + slot];
    this.slot = slot;
    if (page >= 0) app.select({ page }); else app.draw();
    app.say(`slot ${slot}: ${page < 0 ? "free" : `page ${page}`}`);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const move = moves[event.key];
    if (move === undefined || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { slots } = this.app.travel.state.size;
    this.choose(this.slot < 0 ? 0 : Math.max(0, Math.min(slots - 1, this.slot + move)));
  }

  draw() {
    this.drawLists();
    this.drawSlots();
  }

  drawLists() {
    const s = this.app.travel.state, S = s.S;
    const shown = [1, 2, 3].map((list) => {
      const frames = [];
      for (let frame = S[s.LISTS + 2 * list]; frames.length < LIST_SHOWS && frame >= 0; frame = S[s.F_NEXT + frame])
        frames.push(frame);
      return { list, frames, count: S[s.COUNT + list] };
    });
    const key = JSON.stringify(shown);
    if (key === this.listsKey) return;
    this.listsKey = key;
    keepingFocus(this.lists, () => this.lists.replaceChildren(...shown.map(({ list, frames, count }) => {
      const line = document.createElement("div");
      line.className = "chips";
      line.append(`${LIST_NAMES[list]} (${count}): `);
      for (const frame of frames) line.append(this.app.link(String(frame), { frame }), " ");
      if (count > LIST_SHOWS) line.append("…");
      return line;
    })));
  }

  layout() {
    const { slots } = this.app.travel.state.size, width = Math.max(100, widthAround(this.canvas));
    this.cell = Math.max(1, Math.min(10, Math.floor(Math.sqrt((width * SWAP_HEIGHT) / Math.max(1, slots)))));
    this.columns = Math.floor(width / this.cell);
    this.rows = Math.max(1, Math.ceil(slots / this.columns));
    this.canvas.width = this.columns * this.cell;
    this.canvas.height = this.rows * this.cell;
    this.canvas.style.width = this.canvas.width + "px";
    this.canvas.style.height = this.canvas.height + "px";
    this.canvas.hidden = slots === 0;
    this.pixels.width = this.columns;
    this.pixels.height = this.rows;
    this.fits = true;
    this.image = new ImageData(this.columns, this.rows);
    this.colours = new Uint32Array(this.image.data.buffer);
  }

  // The slot that the keys are at.
  /** @param {CanvasRenderingContext2D} context */
  outline(context) {
    if (this.slot < 0) return;
    const x = (this.slot % this.columns) * this.cell, y = Math.floor(this.slot / this.columns) * this.cell;
    context.strokeStyle = "#e6007e";
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, this.cell + 2, this.cell + 2);
  }

  drawSlots() {
    const s = this.app.travel.state, S = s.S, { slots } = s.size, chosen = this.app.selection.page;
    if (!this.fits) this.layout();
    let used = 0, both = 0;
    for (let slot = 0; slot < slots; slot++) {
      const page = S[s.SLOT + slot], resident = page >= 0 && S[s.P_FRAME + page] >= 0;
      used += page >= 0 ? 1 : 0;
      both += resident ? 1 : 0;
      this.colours[slot] = page < 0 ? SLOT_FREE : page === chosen ? SLOT_CHOSEN : resident ? SLOT_BOTH : SLOT_ONLY;
    }
    pen(this.pixels).putImageData(this.image, 0, 0);
    const context = pen(this.canvas);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.pixels, 0, 0, this.canvas.width, this.canvas.height);
    this.outline(context);
    const text = slots
      ? `${used} of ${slots} slots used: ${used - both} hold what is nowhere else (orange), ` +
        `${both} what a frame has too (blue).`
      : "There is no swap area.";
    if (text === this.text) return;
    this.text = text;
    byId("swap-text").textContent = text;
    this.canvas.setAttribute("aria-label", "Swap area: " + text);
  }
}
