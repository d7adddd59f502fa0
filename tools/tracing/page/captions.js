// captions.js - what the programs say they do, shown large; a way from one to the next; and a lesson.
//
// A caption is in force from the moment it was said until the next one is. In a lesson the page stops at
// each: it shows the caption and asks what will happen, then the lecturer reveals it, the events play
// through, and the answer is told in words. Whoever goes elsewhere meanwhile is asked what comes there.

import { byId } from "page/elements.js";
import { Notes } from "page/notes.js";
import { lowerBound } from "page/search.js";
import { milliseconds } from "page/words.js";

const PICTURES = 40; // while an answer plays: so many at most
const PICTURE_MS = 60;
const LISTED = 200; // captions at once
const LONG = 80; // letters of a caption: it is written smaller on a projector

/**
 * What a lesson is at.
 * @typedef {"off" | "asked" | "playing" | "told"} Stage
 */

export class Captions {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.notes = new Notes(app.trace);
    this.still = app.controls.still;
    /** @type {Stage} */
    this.stage = "off";
    this.asked = -1; // the caption that the lesson is at
    this.timer = 0; // of the events that play
    this.shown = ""; // what is on show: nothing is drawn that has not changed
    this.list = byId("caption-list");
    byId("caption-on").addEventListener("click", () => this.go(1));
    byId("caption-back").addEventListener("click", () => this.go(-1));
    byId("caption-lesson").addEventListener("click", () => this.lesson());
    byId("caption-reveal").addEventListener("click", () => this.onward());
    byId("caption-chapters", HTMLDetailsElement).addEventListener("toggle", () => this.drawList());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // --- Where ----------------------------------------------------------------------------------

  // The caption in force after so many events; -1: none yet.
  /** @param {number} at */
  inForce(at) { return lowerBound(this.notes.firsts, at) - 1; }

  // The moment at which it has been said, and the last at which it is in force.
  /** @param {number} index */
  begin(index) { return this.notes.all[index].last + 1; }
  /** @param {number} index */
  end(index) {
    return index + 1 < this.notes.all.length ? this.notes.all[index + 1].first : this.app.trace.count;
  }

  // --- Ways there -----------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, select, textarea, dialog")) return;
    switch (event.key) {
      case "n": this.go(1); break;
      case "b": this.go(-1); break;
      case "l": this.lesson(); break;
      case "Enter": // a button, a link and a summary have an Enter of their own
        if (this.stage === "off" || target.closest("button, a, summary")) return;
        this.onward();
        break;
      default: return;
    }
    event.preventDefault();
  }

  // To the next caption, or back to where this one began, then to the one before.
  /** @param {number} step  1 or -1 */
  go(step) {
    const { app } = this, { at } = app.travel;
    this.update();
    let index = this.inForce(at) + step;
    if (step < 0 && index >= -1 && at > this.begin(index + 1)) index++;
    if (!this.notes.all.length) app.say("Nobody says in this run what it does: there are no captions.");
    else if (index < 0) app.say("There is no caption before.");
    else if (index >= this.notes.all.length) app.say("That was the last caption.");
    else this.to(index);
  }

  /** @param {number} index */
  to(index) {
    this.stopPlaying();
    if (this.stage !== "off") {
      this.ask(index);
      return;
    }
    this.app.goto(this.begin(index), true);
    this.app.say(`Caption ${index + 1} of ${this.notes.all.length}: ${this.sentence(index)}`);
  }

  // How many there are.
  count() {
    this.update();
    return this.notes.all.length;
  }

  // To the first: the story begins there.
  toFirst() { if (this.count()) this.to(0); }

  // --- A lesson -------------------------------------------------------------------------------

  // Begin one at the caption in force, or end it.
  lesson() {
    this.update();
    if (this.stage !== "off") {
      this.stopPlaying();
      this.stage = "off";
      this.app.say("The lesson has ended.");
      this.draw();
    } else if (!this.notes.all.length) {
      this.app.say("There is no lesson without captions, and nobody says in this run what it does.");
    } else {
      this.ask(Math.max(0, this.inForce(this.app.travel.at)));
    }
  }

  // The question: the moment is that before anything came of it.
  /** @param {number} index */
  ask(index) {
    this.stopPlaying();
    this.asked = index;
    this.stage = "asked";
    this.app.goto(this.begin(index), true);
    this.app.say(`${this.sentence(index)} What will happen?`);
  }

  // What Enter does: reveal, see the end at once, or go on to the next question.
  onward() {
    if (this.stage === "asked") this.reveal();
    else if (this.stage === "playing") this.tell();
    else if (this.asked + 1 < this.notes.all.length) this.ask(this.asked + 1);
    else this.lesson();
  }

  // The events play through; where things are to stand still, it is the end that is shown.
  reveal() {
    const { app } = this, end = this.end(this.asked), step = Math.ceil((end - app.travel.at) / PICTURES);
    if (this.still.matches || step < 1) {
      this.tell();
      return;
    }
    this.stage = "playing";
    this.timer = setInterval(() => {
      if (app.travel.at >= end) this.tell();
      else app.goto(Math.min(end, app.travel.at + step), true);
    }, PICTURE_MS);
    this.draw();
  }

  tell() {
    this.stopPlaying();
    this.stage = "told";
    this.app.goto(this.end(this.asked), true);
    this.app.say(`What happened: ${this.notes.all[this.asked].outcome.answer().join(" ")}`);
  }

  stopPlaying() {
    clearInterval(this.timer);
    this.timer = 0;
  }

  // --- On show ----------------------------------------------------------------------------------

  update() { this.notes.scan(this.app.trace.count); }

  /** @param {number} index */
  sentence(index) {
    const { text } = this.notes.all[index], first = String.fromCodePoint(text.codePointAt(0) || 32);
    return first.toUpperCase() + text.slice(first.length) + (/[.?!…]$/.test(text) ? "" : ".");
  }

  // Somebody has gone elsewhere, by the slider or a key: the lesson follows.
  follow() {
    const here = this.inForce(this.app.travel.at);
    if (this.stage === "off" || this.stage === "playing" || here === this.asked || here < 0) return;
    this.asked = here;
    this.stage = "asked";
  }

  draw() {
    this.update();
    this.follow();
    const index = this.inForce(this.app.travel.at), count = this.notes.all.length;
    const answer = index < 0 || (this.stage !== "off" && this.stage !== "told")
      ? []
      : this.notes.all[index].outcome.answer();
    const shown = `${index} ${count} ${this.stage} ${answer.join(" ")}`;
    if (shown === this.shown) return;
    this.shown = shown;
    byId("caption").hidden = count === 0;
    this.drawCaption(index, count);
    this.drawLesson(index);
    byId("caption-answer").replaceChildren(...answer.flatMap((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return [item, " "];
    }));
    this.drawList();
  }

  /** @param {number} index @param {number} count */
  drawCaption(index, count) {
    const note = this.notes.all[index];
    byId("caption-place").textContent = index < 0 ? `0 of ${count}` : `${index + 1} of ${count}`;
    byId("caption-text").textContent = note ? this.sentence(index) : "Nothing has been said yet.";
    byId("caption-text").classList.toggle("long", Boolean(note) && note.text.length > LONG);
    byId("caption-who").textContent = note
      ? `${note.program} (${note.process}), ${milliseconds(this.app.trace.time(note.first))}`
      : "";
  }

  /** @param {number} index */
  drawLesson(index) {
    const { stage } = this, last = index + 1 >= this.notes.all.length;
    byId("caption-question").hidden = stage !== "asked";
    byId("caption").classList.toggle("lesson", stage !== "off");
    byId("caption-lesson").setAttribute("aria-pressed", String(stage !== "off"));
    const reveal = byId("caption-reveal");
    reveal.hidden = stage === "off";
    reveal.textContent = {
      off: "",
      asked: "Reveal",
      playing: "To the end",
      told: last ? "End the lesson" : "Next question",
    }[stage];
  }

  // The chapters; where there are very many, those around this one.
  drawList() {
    if (!byId("caption-chapters", HTMLDetailsElement).open) return;
    const now = this.inForce(this.app.travel.at);
    const from = Math.max(0, Math.min(now - LISTED / 2, this.notes.all.length - LISTED));
    this.list.setAttribute("start", String(from + 1));
    this.list.replaceChildren(...this.notes.all.slice(from, from + LISTED).map((_, i) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `#caption=${from + i + 1}`;
      link.textContent = this.sentence(from + i);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.to(from + i);
      });
      if (from + i === now) {
        item.className = "now";
        link.setAttribute("aria-current", "true");
      }
      item.append(link);
      return item;
    }));
  }
}
