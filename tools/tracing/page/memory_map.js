// memory_map.js - physical memory, a cell a frame.
//
// map_window.js knows which frames are shown, and how large; here they are coloured and outlined, and keys,
// wheel and buttons choose others. Every legend counts what it tells: of all frames, not of those shown.

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
import { MapWindow } from "page/map_window.js";

const NOBODY = 0, SEVERAL = -1, AS_KIND = -2; // what frames are counted under, beside spaces and groups
const NUMBERED_FROM = 33; // pixels of a cell's side in which a frame's number has room
const WHEEL_ROWS = 2;

/** @typedef {import("page/colours.js").LegendItem} LegendItem */

export class MemoryMap {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.canvas = byId("memory", HTMLCanvasElement);
    this.pixels = document.createElement("canvas");
    this.text = byId("memory-text");
    this.from = byId("map-from", HTMLInputElement);
    this.window = new MapWindow();
    this.by = "kind";
    this.fits = false; // all of these are layout()'s
    this.image = new ImageData(1, 1);
    this.colours = new Uint32Array(1);
    this.drawn = this.described = ""; // what is drawn: so many writes, coloured by that, of that window
    this.kindCounts = KINDS.map(() => 0);
    /** @type {number | undefined} */
    this.selected = undefined; // as we have shown it
    this.canvas.addEventListener("click", (event) => {
      const frame = this.frameAt(event);
      if (frame >= 0) app.select({ frame });
    });
    this.canvas.addEventListener("mousemove", (event) => {
      const frame = this.frameAt(event);
      this.canvas.title = frame < 0 ? "" : app.history.frameLine(frame);
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    byId("map-in").addEventListener("click", () => this.zoom(1));
    byId("map-out").addEventListener("click", () => this.zoom(-1));
    this.from.addEventListener("input", () => {
      this.window.firstRow(Number(this.from.value));
      this.draw();
    });
    const colourBy = byId("colour-by", HTMLSelectElement);
    colourBy.addEventListener("change", () => {
      this.by = colourBy.value;
      this.draw();
    });
  }

  get begin() { return this.window.begin; }
  get end() { return this.window.end; }
  get cell() { return this.window.cell; }
  get columns() { return this.window.columns; }

  // What was ever given to memory management; below and above lie the kernel and both disks.
  bounds() {
    const { trace } = this.app;
    let begin = trace.header.nframes, end = 0;
    for (let n = 0; n < trace.count; n++) {
      if (trace.event(n) !== trace.E.give) continue;
      begin = Math.min(begin, trace.frame(n));
      end = Math.max(end, trace.frame(n) + trace.detailLow(n));
    }
    return end === 0 ? [0, trace.header.nframes] : [begin, end];
  }

  layout() {
    const [begin, end] = this.bounds();
    this.window.fit(begin, end, Math.max(200, widthAround(this.canvas)));
    this.fits = true;
    this.resize();
  }

  // The canvas has the window's size.
  resize() {
    const { columns, rows, cell } = this.window;
    this.canvas.width = columns * cell;
    this.canvas.height = rows * cell;
    this.canvas.style.width = this.canvas.width + "px";
    this.canvas.style.height = this.canvas.height + "px";
    this.pixels.width = columns;
    this.pixels.height = rows;
    this.image = new ImageData(columns, rows);
    this.colours = new Uint32Array(this.image.data.buffer);
    this.drawn = "";
  }

  /** @param {MouseEvent} event */
  frameAt(event) { return this.window.at(event.offsetX, event.offsetY); }

  // --- What is shown ---------------------------------------------------------------------------

  // Larger (1) or smaller (-1), around a frame: that one, the selected, the event's, or what is shown now.
  /** @param {number} by @param {number} [around] @param {number} [row]  where it then is */
  zoom(by, around, row) {
    const { app, window: shown } = this, before = shown.zoom;
    const middle = shown.first + (shown.shown >> 1);
    const frame = around ?? app.selection.frame ?? app.frameOfEvent() ?? middle;
    shown.set(before + by, frame, row ?? 0);
    if (row === undefined) shown.scroll(-(shown.rows >> 1)); // it is in the middle
    if (shown.zoom === before) {
      app.say(by > 0 ? "The cells of the map get no larger." : "All of memory is on the map.");
      return;
    }
    this.resize();
    this.draw();
    app.say(this.shownText());
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const { window: shown } = this, by = event.deltaY < 0 ? 1 : -1;
    if (event.ctrlKey || (shown.whole && by < 0)) return; // the browser's, and the page's, own
    event.preventDefault();
    if (event.shiftKey) {
      shown.scroll(-by * WHEEL_ROWS);
      this.draw();
      return;
    }
    const frame = this.frameAt(event), zoom = Math.max(0, Math.min(shown.zoomMost, shown.zoom + by));
    this.zoom(by, frame < 0 ? undefined : frame, Math.floor(event.offsetY / (shown.usual * 2 ** zoom)));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { window: shown } = this;
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -shown.columns, ArrowDown: shown.columns };
    /** @type {Record<string, number>} */
    const zooms = { "+": 1, "=": 1, "-": -1, "0": -shown.zoom };
    /** @type {Record<string, number>} */
    const scrolls = { PageUp: -shown.rows, PageDown: shown.rows };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in zooms) this.zoom(zooms[event.key]);
    else if (event.key in scrolls && !shown.whole) {
      shown.scroll(scrolls[event.key]);
      this.draw();
      this.app.say(this.shownText());
    } else if (event.key in moves && !event.shiftKey) this.move(moves[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The selected frame becomes another.
  /** @param {number} by */
  move(by) {
    const { app } = this, from = app.selection.frame ?? this.window.first - by;
    const frame = Math.max(this.begin, Math.min(this.end - 1, from + by));
    app.select({ frame });
    app.say(app.history.frameLine(frame));
  }

  shownText() {
    const { window: shown } = this;
    return shown.whole
      ? `All frames are on the map, ${shown.begin} to ${shown.end - 1}.`
      : `On the map are frames ${shown.first} to ${shown.last}, ${shown.cell} pixels each.`;
  }

  // --- Colours and what they count -------------------------------------------------------------

  // What a frame is counted under, as we colour now; AS_KIND: it has the colour of its kind.
  /** @param {import("page/state.js").State} s @param {number} frame */
  category(s, frame) {
    const S = s.S, kind = frameKind(s, frame), resident = kind >= 4 && kind <= 7;
    if (this.by === "kind" || (!resident && !(this.by === "owner" && kind === 8))) return AS_KIND;
    switch (this.by) {
      case "bits": return S[s.F_FLAGS + frame] & 3;
      case "group": return S[s.F_GROUP + frame];
      case "age": {
        const age = this.app.travel.at - S[s.F_SINCE + frame];
        return Math.min(5, Math.max(0, Math.floor(Math.log10(age + 1))));
      }
    }
    return frameOwner(s, frame);
  }

  /** @param {import("page/state.js").State} s @param {number} frame */
  colour(s, frame) {
    const of = this.category(s, frame);
    if (of === AS_KIND) return KIND_RGBA[frameKind(s, frame)];
    switch (this.by) {
      case "bits": return BIT_RGBA[of];
      case "group": return PALETTE_RGBA[of % PALETTE.length];
      case "age": return AGE_RGBA[of];
    }
    return of === SEVERAL ? 0xff000000 : of === NOBODY ? KIND_RGBA[6] : PALETTE_RGBA[of % PALETTE.length];
  }

  draw() {
    const { app } = this, s = app.travel.state;
    if (!this.fits) this.layout();
    const { window: shown } = this, { cell } = shown;
    if (app.selection.frame !== this.selected) this.revealSelected();
    const moves = this.by === "age" || this.by === "owner" ? app.travel.at : 0; // other things change these
    const key = `${s.frameWrites} ${this.by} ${moves} ${shown.first} ${shown.zoom}`;
    const changed = key !== this.drawn;
    if (changed) {
      this.drawn = key;
      this.colours.fill(0);
      for (let frame = shown.first; frame <= shown.last; frame++)
        this.colours[frame - shown.first] = this.colour(s, frame);
      pen(this.pixels).putImageData(this.image, 0, 0);
    }
    const context = pen(this.canvas);
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.pixels, 0, 0, this.canvas.width, this.canvas.height);
    if (cell >= 5) this.grid(context);
    if (cell >= 10 && (this.by === "kind" || cell >= NUMBERED_FROM)) this.letters(context, s);
    this.outline(context, app.frameOfEvent(), "#000", 2);
    this.outline(context, s.S[s.HAND], "#d55e00", 2, true);
    if (app.selection.frame !== undefined) this.outline(context, app.selection.frame, "#e6007e", 3);
    this.tellWindow();
    if (changed) this.describe();
  }

  // What is selected newly is shown; afterwards one may look elsewhere.
  revealSelected() {
    this.selected = this.app.selection.frame;
    if (this.selected !== undefined) this.window.reveal(this.selected);
  }

  /** @param {CanvasRenderingContext2D} context */
  grid(context) {
    const { columns, rows, cell } = this.window;
    context.strokeStyle = "rgba(128,128,128,0.35)";
    context.lineWidth = 1;
    context.beginPath();
    for (let x = 0; x <= columns; x++) {
      context.moveTo(x * cell + 0.5, 0);
      context.lineTo(x * cell + 0.5, this.canvas.height);
    }
    for (let y = 0; y <= rows; y++) {
      context.moveTo(0, y * cell + 0.5);
      context.lineTo(this.canvas.width, y * cell + 0.5);
    }
    context.stroke();
  }

  // A letter for the kind, and where cells are large enough the frame's number, in ink that can be read there.
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("page/state.js").State} s
   */
  letters(context, s) {
    const { window: shown } = this, { cell } = shown, numbered = cell >= NUMBERED_FROM;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let frame = shown.first; frame <= shown.last; frame++) {
      const kind = frameKind(s, frame), letter = KINDS[kind][2], [x, y] = shown.corner(frame);
      const middle = x + cell / 2;
      context.fillStyle = inkOn(this.colours[frame - shown.first]);
      if (numbered) {
        context.font = `${Math.min(12, Math.floor(cell / 3.2))}px monospace`;
        context.fillText(String(frame), middle, y + cell / 2 - 8);
        context.fillText(letter, middle, y + cell / 2 + 8);
      } else if (letter && letter !== "K") {
        context.font = `${Math.min(18, cell - 3)}px monospace`;
        context.fillText(letter, middle, y + cell / 2);
      }
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number | undefined} frame
   * @param {string} colour
   * @param {number} width
   */
  outline(context, frame, colour, width, hand = false) {
    if (frame === undefined || !this.window.shows(frame)) return;
    const [x, y] = this.window.corner(frame), { cell } = this.window, around = Math.max(2, width);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(x - around / 2, y - around / 2, cell + around, cell + around);
    if (!hand) return;
    context.fillStyle = colour; // the hand points at the frame from above
    context.beginPath();
    context.moveTo(x + cell / 2, y);
    context.lineTo(x + cell / 2 - 5, y - 9);
    context.lineTo(x + cell / 2 + 5, y - 9);
    context.fill();
  }

  // --- In words --------------------------------------------------------------------------------

  // Which frames are on the map, and whether the event's is one of them.
  tellWindow() {
    const { app, window: shown } = this, frame = app.frameOfEvent();
    const away = frame !== undefined && frame >= shown.begin && frame < shown.end && !shown.shows(frame);
    const text = shown.whole
      ? `Frames ${shown.begin} to ${shown.end - 1} of ${app.trace.header.nframes}. ` +
        "The others are never given away: the kernel, its arrays and both disks."
      : this.shownText() + (away ? ` The event's, ${frame}, is not among them.` : "");
    if (this.text.textContent !== text) this.text.textContent = text;
    const rows = Math.ceil((shown.end - shown.begin) / shown.columns) - shown.rows;
    const label = this.from.parentElement;
    if (label) label.hidden = shown.whole || rows <= 0;
    this.from.max = String(rows);
    this.from.value = String((shown.first - shown.begin) / shown.columns);
    this.from.setAttribute("aria-valuetext", `frame ${shown.first}`);
    byId("map-in").setAttribute("aria-disabled", String(shown.zoom >= shown.zoomMost));
    byId("map-out").setAttribute("aria-disabled", String(shown.whole));
  }

  counts() {
    const s = this.app.travel.state, counts = KINDS.map(() => 0);
    for (let frame = this.begin; frame < this.end; frame++) counts[frameKind(s, frame)]++;
    return counts;
  }

  describe() {
    const counts = this.counts();
    const text = "Physical memory: " + KINDS.map((kind, i) => `${counts[i]} ${kind[0]}`).join(", ");
    if (text !== this.described) this.canvas.setAttribute("aria-label", text);
    this.described = text;
    this.kindCounts = counts;
    legend(byId("memory-legend"), this.by === "kind" ? this.kindItems() : this.otherItems());
  }

  /** @returns {LegendItem[]} */
  kindItems() {
    return KINDS.map((kind, i) => [kind[0] + (kind[2] ? ` (${kind[2]})` : ""), kind[1], this.kindCounts[i]]);
  }

  // How many frames are counted under what, as we colour now.
  tally() {
    const s = this.app.travel.state, found = new Map();
    for (let frame = this.begin; frame < this.end; frame++) {
      const of = this.category(s, frame);
      found.set(of, (found.get(of) || 0) + 1);
    }
    return found;
  }

  /** @returns {LegendItem[]} */
  otherItems() {
    const { travel } = this.app, s = travel.state, found = this.tally();
    const count = (/** @type {number} */ of) => found.get(of) || 0;
    if (this.by === "bits")
      return [...BITS.map(([name, colour], i) => /** @type {LegendItem} */ ([name, colour, count(i)])),
              ["(bits as of the last harvest)", "transparent"]];
    if (this.by === "age")
      return AGES.map((colour, i) => [ageName(i), colour, count(i)]);
    if (this.by === "group") {
      const groups = new Set([0, ...[...found.keys()].filter((of) => of >= 0)]);
      return [...groups].sort((a, b) => a - b).map((i) => [`group ${i}`, PALETTE[i % PALETTE.length], count(i)]);
    }
    /** @type {LegendItem[]} */
    const items = [];
    for (let space = 1; space < s.size.spaces; space++)
      if (s.S[s.A_LIVE + space] || count(space))
        items.push([travel.spaceName(space), PALETTE[space % PALETTE.length], count(space)]);
    return [...items, ["several", "#000000", count(SEVERAL)], ["nobody now", KINDS[6][1], count(NOBODY)]];
  }
}

/** @param {number} i  index of AGES; the last has no end */
function ageName(i) {
  const events = (/** @type {number} */ n) => (10 ** n).toLocaleString("en");
  return i < AGES.length - 1 ? `in its frame for under ${events(i + 1)} events` : `for ${events(i)} events and more`;
}

// Black or white, whichever is read better on that colour.
/** @param {number} colour  as in an image: red in the low byte */
function inkOn(colour) {
  const light = (colour & 255) * 0.299 + ((colour >> 8) & 255) * 0.587 + ((colour >> 16) & 255) * 0.114;
  return light > 140 ? "#000" : "#fff";
}
