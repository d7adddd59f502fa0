// app.js - the page: one trace, one moment, one thing selected; all parts draw from these.

import { Asked } from "page/asked.js";
import { Captions } from "page/captions.js";
import { Cast } from "page/cast.js";
import { Charts } from "page/charts.js";
import { KINDS } from "page/colours.js";
import { Controls } from "page/controls.js";
import { byId } from "page/elements.js";
import { Finder } from "page/finder.js";
import { History } from "page/history.js";
import { Lanes } from "page/lanes.js";
import { MemoryMap } from "page/memory_map.js";
import { Picture } from "page/picture.js";
import { PictureModel } from "page/picture_model.js";
import { Plot } from "page/plot.js";
import { Regions } from "page/regions.js";
import { SpaceView } from "page/space_view.js";
import { Story } from "page/story.js";
import { SwapArea } from "page/swap_area.js";
import { Timeline } from "page/timeline.js";
import { TlbPanel } from "page/tlb_panel.js";
import { NONE } from "page/trace.js";
import { TranslationView } from "page/translation_view.js";
import { hex, milliseconds, plural, Words } from "page/words.js";

/**
 * A frame, a page, or an address of a space. As a link's, also an event: it goes there.
 * @typedef {{ frame?: number, page?: number, space?: number, address?: number, event?: number }} Selection
 */

export class App {
  /**
   * @param {import("page/trace.js").Trace} trace
   * @param {import("page/travel.js").Travel} travel  through all of it
   * @param {import("page/tlb.js").Tlb | null} tlb  what a modelled one held meanwhile
   */
  constructor(trace, travel, tlb = null) {
    this.trace = trace;
    this.travel = travel;
    this.words = new Words(travel);
    /** @type {Selection} */
    this.selection = {};
    this.shownCount = trace.count;
    this.cast = new Cast(trace);
    this.plot = new Plot(travel, this.cast);
    this.lanes = new Lanes(this);
    this.learn();
    this.pictures = new PictureModel(travel, this.cast, this.plot);
    this.controls = new Controls(this);
    this.asked = new Asked(this);
    this.spaceView = new SpaceView(this);
    this.memory = new MemoryMap(this);
    this.swap = new SwapArea(this);
    this.timeline = new Timeline(this);
    this.story = new Story(this);
    this.history = new History(this);
    this.charts = new Charts(this);
    this.picture = new Picture(this);
    this.finder = new Finder(this);
    this.translation = new TranslationView(this);
    this.tlb = new TlbPanel(this, tlb);
    this.captions = new Captions(this);
  }

  // Who is in the story, and which pages it is about: from the records that are new.
  learn() {
    this.cast.scan();
    this.plot.scan();
    this.lanes.learn();
  }

  start() {
    byId("loading").hidden = true;
    byId("main").hidden = false;
    this.tellLost();
    this.timeline.reset();
    const words = location.hash;
    this.goto(this.cast.opening());
    this.openAt(words);
    this.charts.build();
    let width = innerWidth;
    addEventListener("resize", () => {
      if (width === innerWidth) return;
      width = innerWidth;
      this.memory.fits = this.swap.fits = false;
      this.timeline.width = 0;
      this.picture.resized();
      this.draw();
      this.charts.build();
    });
    byId("copy").addEventListener("click", () => this.copyForDebugger());
    byId("text-details", HTMLDetailsElement).addEventListener("toggle", () => this.drawText());
  }

  // To where an address says, what stands behind its #. Did it say so?
  /** @param {string} words */
  openAt(words) { return this.finder.open(words); }

  // The trace ends before the run did, if it does: what comes of the last moment is not known.
  tellLost() {
    const { count, header: { lost } } = this.trace, line = byId("lost");
    line.hidden = lost === 0;
    if (lost) line.textContent = `The trace is not whole: it was full after event ${count.toLocaleString("en")}, ` +
      `and ${plural(lost, "record")} of what happened then ${lost === 1 ? "is" : "are"} lost.`;
  }

  // More records have come.
  grown() {
    if (this.timeline.until >= this.shownCount) this.timeline.until = this.trace.count;
    this.shownCount = this.trace.count;
    this.learn();
  }

  // The state after n events is shown. Returns the milliseconds it took.
  /** @param {number} n */
  goto(n, quietly = false) {
    const began = performance.now();
    this.asked.refuse([]);
    this.picture.prepare(n);
    this.travel.seek(n);
    this.draw();
    if (!quietly) this.sayMoment();
    return performance.now() - began;
  }

  /** @param {Selection} selection */
  select(selection) {
    if (selection.event !== undefined) {
      this.goto(selection.event + 1);
      return;
    }
    this.selection = selection;
    this.draw();
  }

  draw() {
    this.captions.draw(); // above the picture, which takes the room that is left
    this.picture.draw();
    this.finder.draw();
    this.spaceView.draw();
    this.memory.draw();
    this.swap.draw();
    this.timeline.draw();
    this.lanes.draw();
    this.story.draw();
    this.history.draw();
    this.controls.draw();
    this.charts.draw();
    this.translation.draw();
    this.tlb.draw();
    byId("moment-text").textContent = this.momentText();
    byId("copy").hidden = this.travel.at < 1;
    if (byId("text-details", HTMLDetailsElement).open) this.drawText();
  }

  // --- Words --------------------------------------------------------------------------------

  momentText() {
    const { travel, trace } = this, n = travel.at - 1;
    if (n < 0) return "Before the first event.";
    const time = trace.time(n);
    const where = `Event ${travel.at.toLocaleString("en")} of ${trace.count.toLocaleString("en")}`;
    return `${where}, ${milliseconds(time)}: ${this.words.event(n)}`;
  }

  copyForDebugger() {
    const command = `vm goto ${this.trace.time(this.travel.at - 1)}`;
    if (navigator.clipboard) navigator.clipboard.writeText(command);
    this.say(`Copied: ${command}`);
  }

  /** @param {string} before  what is said first */
  sayMoment(before = "") {
    const s = this.travel.state, S = s.S, n = this.travel.at - 1;
    const event = n < 0 ? "Before the first event." : `Event ${this.travel.at}: ${this.words.event(n)}.`;
    const frames = `${plural(s.freeFrames(), "frame")} free, ${S[s.RESIDENT]} with pages`;
    const soFar = `${plural(S[s.FAULTS], "fault")}, ${plural(S[s.EVICTED], "eviction")} so far`;
    const known = document.createElement("span"); // to who sees: it stands in the line above
    known.className = "unseen";
    known.textContent = `${event} `;
    byId("said").replaceChildren(before && `${before} `, known, `${frames}; ${soFar}.`);
  }

  /** @param {string} text */
  say(text) { byId("said").textContent = text; }

  drawText() {
    const { travel } = this, s = travel.state, S = s.S, lines = [];
    const counts = this.memory.kindCounts;
    lines.push("Frames: " + KINDS.map((kind, i) => `${counts[i]} ${kind[0]}`).join(", "));
    const hand = S[s.HAND] < 0 ? "nowhere yet" : "frame " + S[s.HAND], pageoutd = S[s.AWAKE] ? "awake" : "asleep";
    lines.push(`Runs: ${travel.processName(S[s.RUNNING])} (${S[s.RUNNING]}); the hand: ${hand}; pageoutd ${pageoutd}`);
    const kinds = this.trace.names.kind.map((kind, i) => `${S[s.KIND + i]} ${kind}`).join(", ");
    lines.push(`Faults by kind: ${kinds}; ${S[s.MAJORS]} major`);
    for (let space = 1; space < s.size.spaces; space++) {
      if (!S[s.A_LIVE + space]) continue;
      const resident = `${S[s.A_RESIDENT + space]} pages resident`, entries = S[s.A_ENTRIES + space];
      lines.push("", `${travel.spaceName(space)}: ${resident}, ${entries} ptes that are not zero`);
      for (const region of Regions.joined(travel.regions.get(S[s.A_REGIONS + space])))
        lines.push("  " + this.spaceView.inWords(region));
      for (const entry of s.within(space, 0, 2 ** 47).sort((a, b) => s.address(a) - s.address(b)).slice(0, 500))
        lines.push(`    ${hex(s.address(entry))}  ${this.words.pte(S[s.E_PTE + entry], S[s.E_PTE_HIGH + entry])}`);
    }
    byId("text").textContent = lines.join("\n");
  }

  // --- What the event is about -----------------------------------------------------------------

  frameOfEvent() {
    const n = this.travel.at - 1;
    if (n < 0 || this.history.foreignFrame.has(this.trace.event(n))) return undefined;
    const frame = this.trace.frame(n);
    return frame === NONE ? undefined : frame;
  }

  spaceOfEvent() { return this.travel.at > 0 ? this.trace.space(this.travel.at - 1) : 0; }

  /** @param {number} space */
  spaceLabel(space) {
    const { trace } = this;
    let label = `space ${space}`;
    for (let n = 0; n < trace.count; n++)
      if (trace.event(n) === trace.E.exec && trace.space(n) === space) label = `${trace.text(n)} (${trace.page(n)})`;
    return label;
  }

  /**
   * @param {string} text
   * @param {Selection} selection
   */
  link(text, selection) {
    const button = document.createElement("button");
    button.className = "link";
    button.textContent = text;
    button.addEventListener("click", () => this.select(selection));
    return button;
  }
}
