// memory_map.js - physical memory, a cell a frame.

import {
  AGE_RGBA,
  AGES,
  BITS,
  BIT_RGBA,
  frameKind,
  frameOwner,
  KIND_RGBA,
  KINDS,
  legend,
  PALETTE,
  PALETTE_RGBA,
} from "page/colours.js";
import { byId, pen, widthAround } from "page/elements.js";

export class MemoryMap {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.canvas = byId("memory", HTMLCanvasElement);
    this.pixels = document.createElement("canvas");
    this.by = "kind";
    this.begin = this.end = 0; // frames that were ever given away
    this.fits = false; // all of these are layout()'s
    this.cell = this.columns = this.rows = 1;
    this.image = new ImageData(1, 1);
    this.colours = new Uint32Array(1);
    this.writes = -1; // what is drawn: so many writes, coloured by that
    this.byDrawn = this.described = "";
    this.kindCounts = KINDS.map(() => 0);
    this.canvas.addEventListener("click", (event) => {
      const frame = this.frameAt(event);
      if (frame >= 0) app.select({ frame });
    });
    this.canvas.addEventListener("mousemove", (event) => {
      const frame = this.frameAt(event);
      this.canvas.title = frame < 0 ? "" : app.history.frameLine(frame);
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    const colourBy = byId("colour-by", HTMLSelectElement);
    colourBy.addEventListener("change", () => {
      this.by = colourBy.value;
      this.draw();
      this.legend();
    });
  }

  // What was ever given to memory management; below and above lie the kernel and both disks.
  bounds() {
    const { trace } = this.app;
    this.begin = trace.header.nframes;
    this.end = 0;
    for (let n = 0; n < trace.count; n++) {
      if (trace.event(n) !== trace.E.give) continue;
      this.begin = Math.min(this.begin, trace.frame(n));
      this.end = Math.max(this.end, trace.frame(n) + trace.detailLow(n));
    }
    if (this.end === 0) { this.begin = 0; this.end = trace.header.nframes; }
    byId("memory-text").textContent =
      `Frames ${this.begin} to ${this.end - 1} of ${trace.header.nframes}. ` +
      "The others are never given away: the kernel, its arrays and both disks.";
  }

  layout() {
    this.bounds();
    const width = Math.max(200, widthAround(this.canvas)), frames = this.end - this.begin;
    this.cell = Math.max(1, Math.min(16, Math.floor(Math.sqrt((width * 420) / frames))));
    this.columns = Math.max(1, Math.floor(width / this.cell));
    this.rows = Math.ceil(frames / this.columns);
    this.canvas.width = this.columns * this.cell;
    this.canvas.height = this.rows * this.cell;
    this.canvas.style.width = this.canvas.width + "px";
    this.canvas.style.height = this.canvas.height + "px";
    this.pixels.width = this.columns;
    this.pixels.height = this.rows;
    this.fits = true;
    this.writes = -1;
    this.image = new ImageData(this.columns, this.rows);
    this.colours = new Uint32Array(this.image.data.buffer);
  }

  /** @param {MouseEvent} event */
  frameAt(event) {
    const x = Math.floor(event.offsetX / this.cell),
      y = Math.floor(event.offsetY / this.cell),
      frame = this.begin + y * this.columns + x;
    return x < this.columns && frame >= this.begin && frame < this.end ? frame : -1;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const move = moves[event.key];
    if (move === undefined || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.app.selection.frame === undefined ? this.begin : this.app.selection.frame;
    const frame = Math.max(this.begin, Math.min(this.end - 1, from + move));
    this.app.select({ frame });
    this.app.say(this.app.history.frameLine(frame));
  }

  /** @param {import("page/state.js").State} s @param {number} frame */
  colour(s, frame) {
    const S = s.S, kind = frameKind(s, frame), resident = kind >= 4 && kind <= 7;
    if (this.by === "kind" || (!resident && !(this.by === "owner" && kind === 8))) return KIND_RGBA[kind];
    switch (this.by) {
      case "bits": return BIT_RGBA[S[s.F_FLAGS + frame] & 3];
      case "group": return PALETTE_RGBA[S[s.F_GROUP + frame] % PALETTE.length];
      case "age": {
        const age = this.app.travel.at - S[s.F_SINCE + frame];
        return AGE_RGBA[Math.min(5, Math.max(0, Math.floor(Math.log10(age + 1))))];
      }
    }
    const owner = frameOwner(s, frame);
    return owner < 0 ? 0xff000000 : owner === 0 ? KIND_RGBA[6] : PALETTE_RGBA[owner % PALETTE.length];
  }

  draw() {
    const { app, cell } = this, s = app.travel.state;
    if (!this.fits) this.layout();
    const changed =
      this.writes !== s.frameWrites || this.byDrawn !== this.by || this.by === "age" || this.by === "owner";
    if (changed) {
      this.writes = s.frameWrites;
      this.byDrawn = this.by;
      for (let frame = this.begin; frame < this.end; frame++) this.colours[frame - this.begin] = this.colour(s, frame);
      pen(this.pixels).putImageData(this.image, 0, 0);
    }
    const context = pen(this.canvas);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.pixels, 0, 0, this.canvas.width, this.canvas.height);
    if (cell >= 5) this.grid(context);
    if (cell >= 10 && this.by === "kind") this.letters(context, s);
    this.outline(context, app.frameOfEvent(), "#000", 2);
    this.outline(context, s.S[s.HAND], "#d55e00", 2, true);
    if (app.selection.frame !== undefined) this.outline(context, app.selection.frame, "#e6007e", 3);
    if (changed) this.describe();
  }

  /** @param {CanvasRenderingContext2D} context */
  grid(context) {
    context.strokeStyle = "rgba(128,128,128,0.35)";
    context.lineWidth = 1;
    context.beginPath();
    for (let x = 0; x <= this.columns; x++) {
      context.moveTo(x * this.cell + 0.5, 0);
      context.lineTo(x * this.cell + 0.5, this.canvas.height);
    }
    for (let y = 0; y <= this.rows; y++) {
      context.moveTo(0, y * this.cell + 0.5);
      context.lineTo(this.canvas.width, y * this.cell + 0.5);
    }
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("page/state.js").State} s
   */
  letters(context, s) {
    context.font = `${this.cell - 3}px monospace`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let frame = this.begin; frame < this.end; frame++) {
      const letter = KINDS[frameKind(s, frame)][2], place = frame - this.begin;
      if (!letter || letter === "K") continue;
      context.fillStyle = letter === "k" || letter === "0" || letter === "s" ? "#000" : "#fff";
      context.fillText(
        letter,
        ((place % this.columns) + 0.5) * this.cell,
        (Math.floor(place / this.columns) + 0.5) * this.cell,
      );
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number | undefined} frame
   * @param {string} colour
   * @param {number} width
   */
  outline(context, frame, colour, width, hand = false) {
    if (frame === undefined || frame < this.begin || frame >= this.end) return;
    const place = frame - this.begin,
      x = (place % this.columns) * this.cell,
      y = Math.floor(place / this.columns) * this.cell,
      around = Math.max(2, width);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(x - around / 2, y - around / 2, this.cell + around, this.cell + around);
    if (!hand) return;
    context.fillStyle = colour; // the hand points at the frame from above
    context.beginPath();
    context.moveTo(x + this.cell / 2, y);
    context.lineTo(x + this.cell / 2 - 5, y - 9);
    context.lineTo(x + this.cell / 2 + 5, y - 9);
    context.fill();
  }

  counts() {
    const s = this.app.travel.state, counts = KINDS.map(() => 0);
    for (let frame = this.begin; frame < this.end; frame++) counts[frameKind(s, frame)]++;
    return counts;
  }

  describe() {
    const counts = this.counts();
    if (counts.every((count, i) => count === this.kindCounts[i]) && this.described === this.by) return;
    this.described = this.by;
    this.canvas.setAttribute(
      "aria-label",
      "Physical memory: " + KINDS.map((kind, i) => `${counts[i]} ${kind[0]}`).join(", "),
    );
    this.kindCounts = counts;
    if (this.by === "kind") this.legend();
  }

  legend() {
    const { travel } = this.app, element = byId("memory-legend");
    if (this.by === "kind")
      return legend(
        element,
        KINDS.map((kind, i) => [kind[0] + (kind[2] ? ` (${kind[2]})` : ""), kind[1], this.kindCounts[i]]),
      );
    if (this.by === "bits") return legend(element, [...BITS, ["(bits as of the last harvest)", "transparent"]]);
    if (this.by === "age")
      return legend(
        element,
        AGES.map((colour, i) => [`in its frame for under ${(10 ** (i + 1)).toLocaleString("en")} events`, colour]),
      );
    if (this.by === "group") return legend(element, PALETTE.slice(0, 4).map((colour, i) => [`group ${i}`, colour]));
    const s = travel.state;
    /** @type {import("page/colours.js").LegendItem[]} */
    const items = [];
    for (let space = 1; space < s.size.spaces; space++)
      if (s.S[s.A_LIVE + space])
        items.push([travel.spaceName(space), PALETTE[space % PALETTE.length], s.S[s.A_RESIDENT + space]]);
    return legend(element, [...items, ["several", "#000000"], ["nobody now", KINDS[6][1]]]);
  }
}
