// play.js - time that goes on by itself: so many events a second, whatever a picture of them costs.
//
// What is due is reckoned from the clock: where a step takes long, several events are gone at once and
// the rate is kept. The line below the slider follows, but is not read out: at most rates nobody could
// listen. It tells the rate that was really reached.

import { byId } from "page/elements.js";
import { plural } from "page/words.js";

const TICK_MS = 40; // between two looks at the clock
const TOLD_OVER_MS = 2000; // the rate told is that of about so long

export class Play {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.timer = 0; // 0: it stands still
    this.button = byId("play");
    this.said = byId("said");
    this.speed = byId("speed", HTMLSelectElement);
    this.began = this.gone = 0; // when this speed began, and so many events since
    /** @type {[number, number][]} */
    this.steps = []; // of late: when, and how many events had gone
    this.speed.addEventListener("change", () => this.reckonAnew());
  }

  // Events a second that were asked for.
  rate() { return Number(this.speed.value); }

  toggle() { if (this.timer) this.stop(); else this.start(); }

  start() {
    this.button.setAttribute("aria-pressed", "true");
    this.button.textContent = "Stop";
    this.said.setAttribute("aria-live", "off");
    this.reckonAnew();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tell();
  }

  reckonAnew() {
    this.began = performance.now();
    this.gone = 0;
    this.steps = [[this.began, 0]];
    if (this.timer) this.tell();
  }

  tick() {
    const { app } = this, now = performance.now();
    const due = Math.floor(((now - this.began) / 1000) * this.rate());
    if (due <= this.gone) return;
    app.goto(app.travel.at + due - this.gone, true);
    this.gone = due;
    this.steps.push([now, due]);
    while (this.steps.length > 2 && now - this.steps[1][0] > TOLD_OVER_MS) this.steps.shift();
    if (app.travel.at >= app.trace.count) this.stop(); else this.tell();
  }

  // Events a second of late: of steps, which are whole.
  reached() {
    const [first, last] = [this.steps[0], this.steps[this.steps.length - 1]];
    return last[0] > first[0] ? ((last[1] - first[1]) * 1000) / (last[0] - first[0]) : this.rate();
  }

  tell() {
    const rate = this.reached(), rounded = rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate);
    this.app.sayMoment(`Playing, ${plural(rounded, "event")} per second.`);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.button.setAttribute("aria-pressed", "false");
    this.button.textContent = "Play";
    this.said.setAttribute("aria-live", "polite");
    this.app.sayMoment();
  }
}
