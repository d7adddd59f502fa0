// controls.js - buttons, keys and the slider: all ways through time.

import { byId } from "page/elements.js";
import { Play } from "page/play.js";
import { lowerBound } from "page/search.js";

export class Controls {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.playing = new Play(app);
    this.scrub = byId("scrub", HTMLInputElement);
    byId("transport").addEventListener("click", (event) => {
      if (event.target instanceof HTMLElement && event.target.dataset.go) this.go(event.target.dataset.go);
    });
    this.scrub.addEventListener("input", () => app.goto(Number(this.scrub.value)));
    document.addEventListener("keydown", (event) => this.key(event));
    byId("help-close").addEventListener("click", () => byId("help", HTMLDialogElement).close());
    if (this.still.matches) byId("play").textContent = "Next fault";
  }

  get timer() { return this.playing.timer; } // of play; 0: it stands still

  /** @param {KeyboardEvent} event */
  key(event) {
    const tag = event.target instanceof HTMLElement ? event.target.tagName : "";
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(tag) && event.target !== this.scrub) return;
    if (event.ctrlKey || event.altKey || event.metaKey || byId("help", HTMLDialogElement).open) return;
    /** @type {Record<string, string>} */ const goes = {
      "ArrowLeft": event.shiftKey ? "fault-back" : "back",
      "ArrowRight": event.shiftKey ? "fault-on" : "on",
      "Home": "start",
      "End": "end",
      "[": "evict-back",
      "]": "evict-on",
      "?": "help",
      ",": "filter-back",
      ".": "filter-on",
      "/": "find",
      "t": "projector",
    };
    if (event.key === " " && tag !== "BUTTON" && tag !== "SUMMARY") goes[" "] = "play";
    const focus = new Map([
      ["i", "h-picture"],
      ["m", "h-memory"],
      ["p", "h-space"],
      ["f", "h-story"],
      ["a", "h-translation"],
    ]).get(event.key);
    if (focus) byId(focus).focus();
    if (!goes[event.key]) return;
    event.preventDefault();
    this.go(goes[event.key]);
  }

  /** @param {string} where  a button's data-go */
  go(where) {
    const { app } = this, { at } = app.travel;
    switch (where) {
      case "start": return app.goto(0);
      case "end": return app.goto(app.trace.count);
      case "back": return app.goto(at - 1);
      case "on": return app.goto(at + 1);
      case "fault-back": return this.faultBack();
      case "fault-on": return this.toFault(app.travel.faultAt(at - 1) + 1);
      case "evict-back": return this.eviction(lowerBound(app.travel.evictions, at - 1) - 1);
      case "evict-on": return this.eviction(lowerBound(app.travel.evictions, at));
      case "filter-back": return app.finder.next(-1);
      case "filter-on": return app.finder.next(1);
      case "find": return app.finder.field.focus();
      case "projector": return byId("projector").click();
      case "help": return byId("help", HTMLDialogElement).showModal();
      case "play": return this.play();
    }
  }

  // To the moment when fault (counted from 0) has ended.
  /** @param {number} fault */
  toFault(fault) {
    const { app } = this, { travel } = app;
    if (fault >= 0 && fault < travel.faults.start.length) app.goto(travel.faultEnd(fault) + 1);
    else app.say(travel.faults.start.length ? "There is no later fault." : "There is no fault in this trace.");
  }

  // Back over the fault that is on show: to the moment before it began.
  faultBack() {
    const { app } = this, fault = app.travel.faultOf(app.travel.at - 1);
    if (fault >= 0) app.goto(app.travel.faults.start[fault]); else app.say("There is no fault before.");
  }

  /** @param {number} index */
  eviction(index) {
    const { app } = this, { evictions } = app.travel;
    if (index >= 0 && index < evictions.length) app.goto(evictions[index] + 1);
    else app.say(evictions.length ? `There is no ${index < 0 ? "eviction before" : "later eviction"}.`
      : "There is no eviction in this trace.");
  }

  // By itself; where things are to stand still, a step at a time.
  /** @returns {void} */
  play() {
    if (this.still.matches) this.go("fault-on"); else this.playing.toggle();
  }

  draw() {
    const { travel } = this.app;
    this.scrub.max = String(travel.trace.count);
    this.scrub.value = String(travel.at);
    this.scrub.setAttribute("aria-valuetext", `event ${travel.at} of ${travel.trace.count}`);
  }
}
