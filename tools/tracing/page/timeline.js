// timeline.js - all faults and evictions, and where in the space they were, over events.
//
// Both pictures are drawn once for the range that is shown; only a line moves with the moment.

import { FAULT_COLOURS, legend } from "page/colours.js";
import { byId, pen } from "page/elements.js";
import { lowerBound } from "page/search.js";
import { hex, plural } from "page/words.js";

const TIMELINE_HEIGHT = 110, MAP_HEIGHT = 180; // pixels
const MAPS_KEPT = 12;

export class Timeline {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.canvas = byId("timeline", HTMLCanvasElement);
    this.cursor = byId("timeline-cursor", HTMLCanvasElement);
    this.map = byId("spacetime", HTMLCanvasElement);
    this.mapCursor = byId("spacetime-cursor", HTMLCanvasElement);
    this.from = 0;
    this.until = 1;
    this.range = "";
    this.width = 0; // not known yet
    /** @type {Map<number, { picture: HTMLCanvasElement, label: string }>} */
    this.maps = new Map();
    this.mapShown = -1;
    for (const canvas of [this.canvas, this.map]) {
      canvas.addEventListener("pointerdown", (event) => this.drag(event, canvas));
      canvas.addEventListener("pointermove", (event) => { if (event.buttons & 1) this.drag(event, canvas); });
      canvas.addEventListener("wheel", (event) => {
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 0.5 : 2, this.eventAt(event, canvas));
      }, { passive: false });
    }
    byId("zoom-in").addEventListener("click", () => this.zoom(0.5, app.travel.at));
    byId("zoom-out").addEventListener("click", () => this.zoom(2, app.travel.at));
    legend(byId("kind-legend"), app.trace.names.kind.map((kind) => [kind, FAULT_COLOURS[kind] || "#999999"]));
  }

  reset() {
    this.from = 0;
    this.until = Math.max(1, this.app.trace.count);
    this.range = "";
  }

  /** @param {MouseEvent} event @param {HTMLCanvasElement} canvas */
  eventAt(event, canvas) {
    return Math.round(this.from + (event.offsetX / Math.max(1, canvas.clientWidth)) * (this.until - this.from));
  }

  /** @param {MouseEvent} event @param {HTMLCanvasElement} canvas */
  drag(event, canvas) { this.app.goto(this.eventAt(event, canvas)); }

  /** @param {number} factor @param {number} around */
  zoom(factor, around) {
    const count = Math.max(1, this.app.trace.count),
      span = Math.min(count, Math.max(50, (this.until - this.from) * factor));
    this.from = Math.max(0, Math.min(count - span, around - span * ((around - this.from) / (this.until - this.from))));
    this.until = this.from + span;
    this.draw();
  }

  follow() { // the moment is always within what is shown
    const { at } = this.app.travel, span = this.until - this.from;
    if (at >= this.from && at <= this.until) return;
    this.from = Math.max(0, Math.min(this.app.trace.count - span, at - span / 2));
    this.until = this.from + span;
  }

  draw() {
    this.follow();
    this.width = this.width || Math.max(100, this.canvas.clientWidth);
    const { space } = this.app.spaceView, range = `${this.from} ${this.until} ${this.width} ${this.app.trace.count}`;
    if (range !== this.range) {
      this.range = range;
      this.drawFaults();
      this.maps = new Map();
      this.mapShown = -1;
    }
    if (space !== this.mapShown) {
      this.mapShown = space;
      this.showMap(space);
    }
    for (const cursor of [this.cursor, this.mapCursor]) this.drawCursor(cursor);
  }

  /** @param {HTMLCanvasElement} cursor */
  drawCursor(cursor) {
    const { width } = this, height = cursor === this.cursor ? TIMELINE_HEIGHT : MAP_HEIGHT;
    if (cursor.width !== width || cursor.height !== height) { cursor.width = width; cursor.height = height; }
    const context = pen(cursor), x = (this.app.travel.at - this.from) / (this.until - this.from) * width;
    context.clearRect(0, 0, width, height);
    context.fillStyle = "#d55e00";
    context.fillRect(x - 1, 0, 2, height);
  }

  drawFaults() {
    const { faults, evictions } = this.app.travel, kinds = this.app.trace.names.kind;
    const width = this.canvas.width = this.width, height = this.canvas.height = TIMELINE_HEIGHT, middle = 75;
    const scale = width / (this.until - this.from),
      columns = kinds.map(() => new Uint32Array(width + 1)),
      down = new Uint32Array(width + 1);
    const first = lowerBound(faults.start, this.from);
    let i = first, most = 1;
    for (; i < faults.start.length && faults.start[i] <= this.until; i++)
      if (faults.kind[i] >= 0) columns[faults.kind[i]][Math.floor((faults.start[i] - this.from) * scale)]++;
    const shown = i - first, from = lowerBound(evictions, this.from);
    for (i = from; i < evictions.length && evictions[i] <= this.until; i++)
      down[Math.floor((evictions[i] - this.from) * scale)]++;
    for (let x = 0; x <= width; x++)
      most = Math.max(most, columns.reduce((sum, column) => sum + column[x], 0), down[x] * 2);
    const context = pen(this.canvas);
    context.clearRect(0, 0, width, height);
    for (let x = 0; x <= width; x++) {
      let y = middle;
      columns.forEach((column, kind) => {
        if (!column[x]) return;
        const tall = Math.max(1, column[x] / most * middle);
        context.fillStyle = FAULT_COLOURS[kinds[kind]] || "#999999";
        context.fillRect(x, y - tall, 1, tall);
        y -= tall;
      });
      context.fillStyle = "#d55e00";
      if (down[x]) context.fillRect(x, middle + 2, 1, Math.max(1, down[x] / most * 2 * (height - middle - 2)));
    }
    context.fillStyle = "#888";
    context.fillRect(0, middle, width, 1);
    const events = `events ${Math.round(this.from)} to ${Math.round(this.until)}`;
    const label = `Timeline: ${plural(shown, "fault")} and ${plural(i - from, "eviction")} in ${events}`;
    this.canvas.setAttribute("aria-label", label);
  }

  // Each space's picture is drawn once, and kept while the range is the same.
  /** @param {number} space */
  showMap(space) {
    this.map.width = this.width;
    this.map.height = MAP_HEIGHT;
    let map = this.maps.get(space);
    if (!map) {
      const picture = document.createElement("canvas");
      picture.width = this.width;
      picture.height = MAP_HEIGHT;
      map = { picture, label: this.drawMap(space, picture) };
      if (this.maps.size < MAPS_KEPT) this.maps.set(space, map);
    }
    pen(this.map).drawImage(map.picture, 0, 0);
    this.map.setAttribute("aria-label", map.label);
  }

  // Addresses in order, without the gaps: the nth page that was ever touched is at height n.
  /** @param {number} space @param {HTMLCanvasElement} picture */
  drawMap(space, picture) {
    const { trace, travel } = this.app, { faults } = travel, kinds = trace.names.kind;
    const { width, height } = picture;
    const first = lowerBound(faults.start, this.from), addresses = new Set(), own = [];
    for (let i = first; i < faults.start.length && faults.start[i] <= this.until; i++) {
      if (faults.space[i] !== space) continue;
      own.push(i);
      addresses.add(trace.address(faults.start[i]));
    }
    const sorted = [...addresses].sort((a, b) => a - b), place = new Map(sorted.map((address, i) => [address, i]));
    const context = pen(picture), tall = height / Math.max(1, sorted.length), scale = width / (this.until - this.from);
    context.clearRect(0, 0, width, height);
    for (const i of own) {
      const y = height - ((place.get(trace.address(faults.start[i])) || 0) + 1) * tall;
      context.fillStyle = FAULT_COLOURS[kinds[faults.kind[i]]] || "#999999";
      context.fillRect(Math.floor((faults.start[i] - this.from) * scale), y, 2, Math.max(2, Math.min(6, tall)));
    }
    context.font = "11px monospace";
    for (let y = 14, last = ""; y < height; y += 28) { // where we are, at some heights
      const address = sorted[Math.min(sorted.length - 1, Math.floor((height - y) / tall))];
      const text = address === undefined ? "" : hex(address);
      if (text !== last) this.label(context, text, y);
      last = text;
    }
    return `Address by time: ${plural(own.length, "fault")} of this space at ${plural(sorted.length, "page")}`;
  }

  // A number at the left edge, on a ground of its own: what is drawn there does not cut it.
  /** @param {CanvasRenderingContext2D} context @param {string} text @param {number} y */
  label(context, text, y) {
    const styles = getComputedStyle(document.documentElement);
    context.fillStyle = styles.getPropertyValue("--panel");
    context.fillRect(0, y - 11, context.measureText(text).width + 4, 14);
    context.fillStyle = styles.getPropertyValue("--soft");
    context.fillText(text, 2, y);
  }
}
