// main.js - the page: one trace, one moment, one thing selected; all parts draw from these.
"use strict";

class App {
  constructor(trace) {
    this.trace = trace;
    this.travel = new Travel(trace);
    this.words = new Words(this.travel);
    this.selection = {};
  }

  start() {
    document.getElementById("loading").hidden = true;
    document.getElementById("main").hidden = false;
    this.controls = new Controls(this);
    this.spaceView = new SpaceView(this);
    this.memory = new MemoryMap(this);
    this.swap = new SwapArea(this);
    this.timeline = new Timeline(this);
    this.story = new Story(this);
    this.history = new History(this);
    this.charts = new Charts(this);
    this.timeline.reset();
    this.goto(this.trace.count);
    this.charts.build();
    let width = innerWidth;
    addEventListener("resize", () => {
      if (width === innerWidth) return;
      width = innerWidth;
      this.memory.image = this.swap.image = null;
      this.timeline.width = 0;
      this.draw();
      this.charts.build();
    });
    document.getElementById("text-details").addEventListener("toggle", () => this.drawText());
  }

  // What stands behind a # in the address: fault=N or event=N, and then frame=N.
  openAt(words) {
    const wanted = new URLSearchParams(words.replace(/^#/, ""));
    if (wanted.has("event")) this.goto(Number(wanted.get("event")));
    if (wanted.has("fault")) this.controls.toFault(Number(wanted.get("fault")) - 1);
    if (wanted.has("frame")) this.select({ frame: Number(wanted.get("frame")) });
  }

  // More records have come.
  grown() {
    if (this.timeline.until >= this.shownCount) this.timeline.until = this.trace.count;
    this.shownCount = this.trace.count;
  }

  // The state after n events is shown. Returns the milliseconds it took.
  goto(n, quietly = false) {
    const began = performance.now();
    this.travel.seek(n);
    this.draw();
    if (!quietly) this.sayMoment();
    return performance.now() - began;
  }

  select(selection) {
    if (selection.event !== undefined) {
      this.goto(selection.event + 1);
      return;
    }
    this.selection = selection;
    this.draw();
  }

  draw() {
    this.spaceView.draw();
    this.memory.draw();
    this.swap.draw();
    this.timeline.draw();
    this.story.draw();
    this.history.draw();
    this.controls.draw();
    this.charts.draw();
    document.getElementById("moment").replaceChildren(...this.momentParts());
    if (document.getElementById("text-details").open) this.drawText();
  }

  // --- Words --------------------------------------------------------------------------------

  momentParts() {
    const { travel, trace } = this, n = travel.at - 1;
    if (n < 0) return ["Before the first event."];
    const time = trace.time(n), copy = document.createElement("button"), command = `vm goto ${time}`;
    copy.textContent = "copy for GDB";
    copy.title = command;
    copy.addEventListener("click", () => {
      if (navigator.clipboard) navigator.clipboard.writeText(command);
      this.say(`Copied: ${command}`);
    });
    return [`Event ${travel.at.toLocaleString("en")} of ${trace.count.toLocaleString("en")}, ${milliseconds(time)}: ${this.words.event(n)}  `, copy];
  }

  sayMoment() {
    const s = this.travel.state, S = s.S, n = this.travel.at - 1;
    const lost = this.trace.header.lost ? ` ${plural(this.trace.header.lost, "record")} lost.` : "";
    const event = n < 0 ? "Before the first event." : `Event ${this.travel.at}: ${this.words.event(n)}.`;
    this.say(`${event} ${plural(s.freeFrames(), "frame")} free, ${S[s.RESIDENT]} with pages; ${plural(S[s.FAULTS], "fault")}, ${plural(S[s.EVICTED], "eviction")} so far.${lost}`);
  }

  say(text) { document.getElementById("said").textContent = text; }

  drawText() {
    const { travel } = this, s = travel.state, S = s.S, lines = [];
    const counts = this.memory.kindCounts;
    lines.push("Frames: " + KINDS.map((kind, i) => `${counts[i]} ${kind[0]}`).join(", "));
    lines.push(`Runs: ${travel.processName(S[s.RUNNING])} (${S[s.RUNNING]}); the hand: ${S[s.HAND] < 0 ? "nowhere yet" : "frame " + S[s.HAND]}; pageoutd ${S[s.AWAKE] ? "awake" : "asleep"}`);
    lines.push("Faults by kind: " + this.trace.names.kind.map((kind, i) => `${S[s.KIND + i]} ${kind}`).join(", ") + `; ${S[s.MAJORS]} major`);
    for (let space = 1; space < s.size.spaces; space++) {
      if (!S[s.A_LIVE + space]) continue;
      lines.push("", `${travel.spaceName(space)}: ${S[s.A_RESIDENT + space]} pages resident, ${S[s.A_ENTRIES + space]} ptes that are not zero`);
      for (const region of Regions.joined(travel.regions.get(S[s.A_REGIONS + space])))
        lines.push(`  ${hex(region.start)}-${hex(region.end)} ${rightsOf(region.access)}${region.shared ? "s" : "p"} ${this.spaceView.backing(region)}`);
      for (const entry of s.within(space, 0, 2 ** 47).sort((a, b) => s.address(a) - s.address(b)).slice(0, 500))
        lines.push(`    ${hex(s.address(entry))}  ${this.words.pte(S[s.E_PTE + entry], S[s.E_PTE_HIGH + entry])}`);
    }
    document.getElementById("text").textContent = lines.join("\n");
  }

  // --- What the event is about -----------------------------------------------------------------

  frameOfEvent() {
    const n = this.travel.at - 1;
    if (n < 0 || this.history.foreignFrame.has(this.trace.event(n))) return undefined;
    const frame = this.trace.frame(n);
    return frame === NONE ? undefined : frame;
  }

  spaceOfEvent() { return this.travel.at > 0 ? this.trace.space(this.travel.at - 1) : 0; }

  spaceLabel(space) {
    const { trace } = this;
    let label = `space ${space}`;
    for (let n = 0; n < trace.count; n++)
      if (trace.event(n) === trace.E.exec && trace.space(n) === space) label = `${trace.text(n)} (${trace.page(n)})`;
    return label;
  }

  link(text, selection) {
    const button = document.createElement("button");
    button.className = "link";
    button.textContent = text;
    button.addEventListener("click", () => this.select(selection));
    return button;
  }
}

async function unpack(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

(async () => {
  const trace = new Trace(JSON.parse(document.getElementById("header").textContent));
  const data = document.getElementById("data"), packed = data.textContent.trim(), app = new App(trace);
  const loading = document.getElementById("loading");
  window.faultline = { app, Comparison, ready: false };
  if (packed) trace.append(await unpack(packed));
  data.remove();
  await app.travel.build((part) => { loading.textContent = `Reading the trace: ${Math.round(100 * part)} %`; }, packed ? 0 : 256);
  app.start();
  if (!packed) app.live = new Live(app, "events");
  app.openAt(location.hash);
  window.faultline.ready = true;
})();
