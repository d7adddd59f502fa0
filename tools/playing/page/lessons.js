// lessons.js - the lectures' demonstrations: each in the machine that its lecture has; then its captions, one
// question after the other, on the page of its trace.

import { byId } from "page/elements.js";
import { same } from "playing/choices.js";

/** @typedef {{ command: string, shows: string, choices: import("playing/choices.js").Choices }} Demonstration */
/** @typedef {{ number: number, name: string, demonstrations: Demonstration[] }} Lecture */

export class Lessons {
  /**
   * @param {import("playing/main.js").Playground} playground
   * @param {Lecture[]} lectures
   */
  constructor(playground, lectures) {
    this.playground = playground;
    /** @type {Demonstration[]} */
    this.all = [];
    this.field = byId("lesson", HTMLSelectElement);
    this.said = byId("lesson-said");
    for (const { number, name, demonstrations } of lectures) {
      const group = document.createElement("optgroup");
      group.label = `${number}. ${name}`;
      for (const each of demonstrations) {
        group.append(new Option(`${each.command}: ${each.shows}`, String(this.all.length)));
        this.all.push(each);
      }
      this.field.append(group);
    }
    byId("lesson-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.play(this.all[Number(this.field.value)]);
    });
    byId("lesson-step").addEventListener("click", () => this.type("faults --step one-fault"));
    byId("lesson-predict").addEventListener("click", () => this.type("faults --predict ls /"));
  }

  /** @param {Demonstration} lesson */
  async play(lesson) {
    const { playground } = this;
    if (playground.over || !same(lesson.choices, playground.choices)) playground.start([], lesson.choices);
    this.said.textContent = "It runs; what it says it does stands above the picture.";
    const before = this.captions();
    await playground.shell.run(lesson.command);
    const captions = playground.memory.app && playground.memory.app.captions;
    await playground.memory.settled();
    if (!captions || captions.count() <= before) {
      this.said.textContent = "It has ended. This one says nothing of itself: what it prints is in the terminal.";
      return;
    }
    if (captions.stage === "off") captions.to(before);
    if (captions.stage === "off") captions.lesson();
    this.said.textContent = "The lesson: at each caption say what will happen, then press Reveal (Enter) below it.";
    playground.show("memory");
    if (matchMedia("(max-height: 600px)").matches) byId("panel-lessons", HTMLDetailsElement).open = false;
  }

  captions() {
    const { app } = this.playground.memory;
    return app ? app.captions.count() : 0;
  }

  /** @param {string} command */
  type(command) {
    if (this.playground.over) {
      this.said.textContent = this.playground.waits();
      return;
    }
    this.said.textContent = "It asks in the terminal: Enter goes on, c tells the rest, q ends it.";
    this.playground.shell.run(command);
    this.playground.enter("console");
  }
}
