// transport.js - the machine stops and goes on; events one by one; back to now.
//
// The page of the trace goes through what is recorded, both ways. When it is at the end of that, one event more
// has the machine run until there are more records, and stop again.

import { byId } from "page/elements.js";

const STANDS = "The machine stands still. What is typed waits until it goes on.";

export class Transport {
  /** @param {import("playing/main.js").Playground} playground */
  constructor(playground) {
    this.playground = playground;
    this.paused = false;
    this.stepping = false; // until the next record
    this.from = 0; // the moment before it
    this.button = byId("pause", HTMLButtonElement);
    this.button.addEventListener("click", () => this.toggle());
    byId("step").addEventListener("click", () => this.step());
    byId("now").addEventListener("click", () => this.now());
  }

  // Another machine runs.
  begin() {
    this.stepping = false;
    this.button.disabled = false;
    this.show(false);
  }

  // The machine has ended: what is recorded can be gone through still.
  end() {
    this.stepping = false;
    this.button.disabled = true;
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
    this.playground.say(STANDS);
  }

  toggle() {
    if (!this.paused) {
      this.pause();
      return;
    }
    this.stepping = false;
    this.show(false);
    this.now();
    this.playground.machine?.resume();
    this.playground.say("The machine runs.");
  }

  // To the last event, which is followed from now on, unless the machine stands still.
  now() {
    const { app } = this.playground.memory;
    if (app) app.goto(app.trace.count);
  }

  step() {
    const { machine, over, memory: { app } } = this.playground;
    if (!app) return;
    if (!this.paused && !over) this.pause();
    if (app.travel.at < app.trace.count) app.goto(app.travel.at + 1);
    else if (machine && !this.playground.over) {
      this.stepping = true;
      this.from = app.travel.at;
      this.playground.say("It runs until something happens; while the shell waits, type something.");
      machine.resume();
    }
  }

  // Records have come.
  came() {
    if (!this.stepping) return;
    this.stepping = false;
    this.playground.machine?.pause();
    this.playground.say(STANDS);
    const { memory } = this.playground;
    memory.settled().then(() => memory.app.goto(this.from + 1));
  }
}
