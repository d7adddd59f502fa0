// transport.js - the machine stops and goes on; events one by one; back to now.
//
// The page of the trace goes through what is recorded, both ways. When it is at the end of that, one event more
// has the machine run until there are more records, and stop again.

import { byId } from "page/elements.js";

export class Transport {
  /** @param {import("playing/main.js").Playground} playground */
  constructor(playground) {
    this.playground = playground;
    this.paused = false;
    this.stepping = false; // until the next record
    this.from = 0; // the moment before it
    this.button = byId("pause");
    this.button.addEventListener("click", () => this.toggle());
    byId("step").addEventListener("click", () => this.step());
    byId("now").addEventListener("click", () => this.now());
  }

  // Another machine runs.
  begin() {
    this.stepping = false;
    this.show(false);
  }

  /** @param {boolean} paused */
  show(paused) {
    this.paused = paused;
    this.button.setAttribute("aria-pressed", String(paused));
    this.button.textContent = paused ? "Go on" : "Pause";
    const { memory } = this.playground;
    if (memory.there) memory.there.live.follows = !paused;
  }

  pause() {
    this.playground.machine?.pause();
    this.show(true);
    this.playground.say("The machine stands still.");
  }

  toggle() {
    if (!this.paused) {
      this.pause();
      return;
    }
    this.now();
    this.playground.machine?.resume();
    this.playground.say("The machine runs.");
  }

  // To the last event, which is followed from now on.
  now() {
    const { app } = this.playground.memory;
    this.show(false);
    if (app) app.goto(app.trace.count);
  }

  step() {
    const { machine, memory: { app } } = this.playground;
    if (!app) return;
    if (!this.paused) this.pause();
    if (app.travel.at < app.trace.count) app.goto(app.travel.at + 1);
    else if (machine && !this.playground.over) {
      this.stepping = true;
      this.from = app.travel.at;
      machine.resume();
    }
  }

  // Records have come.
  came() {
    if (!this.stepping) return;
    this.stepping = false;
    this.playground.machine?.pause();
    const { memory } = this.playground;
    memory.settled().then(() => memory.app.goto(this.from + 1));
  }
}
