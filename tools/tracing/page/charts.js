// charts.js - counters over events, drawn by uPlot; a click goes there.

import { PALETTE } from "page/colours.js";
import { byId } from "page/elements.js";

const CHART_SPACES = 6;

// How far the longest of an axis's labels reaches, so that none is cut off.
/**
 * @param {any} plot
 * @param {string[] | null} labels
 * @param {number} axis
 */
function reach(plot, labels, axis) {
  const { font, ticks, gap } = plot.axes[axis];
  plot.ctx.font = font[0];
  const widths = (labels || []).map((label) => plot.ctx.measureText(label || "").width / devicePixelRatio);
  return Math.ceil(Math.max(20, ...widths) + ticks.size + gap) + 5;
}

/**
 * A line of a chart: its name, its values (null: none at that event), its colour.
 * @typedef {[string, (number | null)[], string]} Series
 */

export class Charts {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = byId("charts");
    /** @type {any[]} */
    this.plots = [];
    this.timer = 0;
    this.of = 0; // records
  }

  build() {
    this.of = this.app.trace.count;
    this.element.replaceChildren();
    this.plots = [];
    if (typeof uPlot === "undefined") {
      this.element.textContent = "No charts: uPlot was not there when this page was made.";
      return;
    }
    const { samples } = this.app.travel;
    this.plot("Frames", [
      ["free", samples.free, "#0072b2"],
      ["keeping a page", samples.kept, "#e69f00"],
      ["with pages", samples.resident, "#009e73"],
    ]);
    this.plot("Since the start", [
      ["faults", samples.faults, "#0072b2"],
      ["evicted", samples.evicted, "#d55e00"],
      ["written", samples.written, "#e69f00"],
      ["read back", samples.paged_in, "#cc79a7"],
    ]);
    this.plot("Resident pages of each space", this.spaces(samples.spaces));
    this.plot("Working set of each space, in pages", this.spaces(samples.working));
  }

  // Those that had most.
  /**
   * @param {Record<number, number>[]} counts
   * @returns {Series[]}
   */
  spaces(counts) {
    const most = new Map();
    for (const spaces of counts)
      for (const space in spaces) most.set(space, Math.max(most.get(space) || 0, spaces[space]));
    const chosen = [...most].sort((a, b) => b[1] - a[1]).slice(0, CHART_SPACES);
    return chosen.map(([space], i) => [
      this.app.spaceLabel(Number(space)),
      counts.map((spaces) => (spaces[space] === undefined ? null : spaces[space])),
      PALETTE[i],
    ]);
  }

  /** @param {string} title @param {Series[]} series */
  plot(title, series) {
    const place = document.createElement("div"),
      { samples } = this.app.travel,
      dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2], [12, 4]];
    place.className = "chart";
    this.element.append(place);
    const plot = new uPlot(
      {
        title,
        width: Math.max(300, this.element.clientWidth),
        height: 170,
        scales: { x: { time: false } },
        padding: [null, 45, null, null], // half of the last number of events stands beyond the axis
        axes: [{ label: "events" }, { size: reach }],
        series: [
          { label: "event" },
          ...series.map(([label, , stroke], i) => ({ label, stroke, width: 1.5, dash: dashes[i % dashes.length] })),
        ],
        hooks: { draw: [(/** @type {any} */ u) => this.mark(u)] },
      },
      [samples.event, ...series.map((each) => each[1])],
      place,
    );
    plot.over.addEventListener("click", () => {
      if (plot.cursor.idx !== null) this.app.goto(samples.event[plot.cursor.idx] + 1);
    });
    this.plots.push(plot);
    this.series(place, plot);
  }

  // A name in the legend hides its line, and shows it again: by keyboard, too.
  /** @param {HTMLElement} place @param {any} plot */
  series(place, plot) {
    place.querySelectorAll(".u-legend .u-series").forEach((row, i) => {
      const name = row.querySelector("th");
      if (!i || !name) return; // the first is the events'
      name.tabIndex = 0;
      name.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        plot.setSeries(i, { show: !plot.series[i].show });
        this.app.say(`${plot.series[i].label}: ${plot.series[i].show ? "shown" : "hidden"}`);
      });
    });
  }

  // Where we are.
  /** @param {any} plot */
  mark(plot) {
    const x = plot.valToPos(this.app.travel.at, "x", true);
    plot.ctx.fillStyle = "#d55e00";
    plot.ctx.fillRect(x - 1, plot.bbox.top, 2, plot.bbox.height);
  }

  // Redrawing thousands of points for a step would be slow: only when the hand rests.
  draw() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.of !== this.app.trace.count) this.build();
      else this.plots.forEach((plot) => plot.redraw(false, false));
    }, 200);
  }
}
