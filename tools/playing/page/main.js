// main.js - the playground: a machine, its terminal, and the page of its memory beside it.

import { byId } from "page/elements.js";
import { fromLink, inWords, parametersOf, toLink } from "playing/choices.js";
import { Console } from "playing/console.js";
import { Files } from "playing/files.js";
import { GridField } from "playing/grid.js";
import { Keep } from "playing/keep.js";
import { Lessons } from "playing/lessons.js";
import { Machine } from "playing/machine.js";
import { MachineForm } from "playing/machine_form.js";
import { Memory } from "playing/memory.js";
import { Shell } from "playing/shell.js";
import { Transport } from "playing/transport.js";

const CLOCK_MS = 500;

/** @param {string} id */
const jsonIn = (id) => JSON.parse(byId(id).textContent || "null");

export class Playground {
  constructor() {
    /** @type {Machine | null} */
    this.machine = null;
    this.starts = 0; // so many machines
    this.over = false; // it has ended
    this.booted = false; // the shell has asked
    this.choices = fromLink(location.hash).choices;
    this.linked = 0; // so many lines were typed by the page first
    this.shell = new Shell((text) => this.machine?.type(text));
    this.console = new Console((text) => {
      this.shell.pressed(text);
      this.machine?.type(text);
    });
    this.memory = new Memory(jsonIn("template"), (text) => this.files.listen(text));
    this.transport = new Transport(this);
    this.form = new MachineForm(this, jsonIn("policies"));
    this.lessons = new Lessons(this, jsonIn("lectures"));
    this.grid = new GridField(this);
    this.files = new Files(this);
    this.keep = new Keep(this);
    for (const part of /** @type {const} */ (["console", "memory"])) {
      byId(`show-${part}`).addEventListener("click", () => this.show(part));
      byId(`${part}-part`).addEventListener("enter", () => this.enter(part)); // by F6, from the other
    }
    setInterval(() => this.tellTime(), CLOCK_MS);
  }

  /**
   * A machine starts, and the one before is gone.
   * @param {string[]} run  what is typed first
   */
  start(run, choices = this.choices) {
    this.machine?.stop();
    this.choices = choices;
    this.over = this.booted = false;
    this.shell.forget();
    this.console.clear();
    this.memory.forget();
    this.transport.begin();
    this.form.draw();
    this.grid.gone();
    history.replaceState(null, "", toLink(choices, run));
    this.say("The machine starts…");
    this.linked = run.length;
    const start = ++this.starts;
    const mine = (/** @type {() => void} */ what) => { if (start === this.starts) what(); };
    this.machine = new Machine(
      {
        megs: choices.memory,
        parameters: parametersOf(choices),
        commands: null,
        files: this.files.programs,
        kernel: this.files.kernel ? this.files.kernel.bytes : null,
        trace: true,
      },
      {
        output: (text) => mine(() => this.hear(text)),
        records: (bytes) => mine(() => {
          this.memory.take(bytes);
          this.transport.came();
        }),
        lost: (count) => mine(() => this.memory.lost(count)),
        progress: (words, fraction) => mine(() => this.progress(words, fraction)),
        ended: (status, words) => mine(() => this.ended(status, words)),
      },
    );
    for (const line of run) this.shell.run(line);
  }

  /** @param {string} text */
  hear(text) {
    this.console.write(text);
    this.shell.hear(text);
    if (this.shell.atPrompt && !this.booted) {
      this.booted = true;
      byId("progress").hidden = true;
      this.say(`It runs: ${inWords(this.choices)}.`);
    }
  }

  /** @param {string} words @param {number} fraction */
  progress(words, fraction) {
    const bar = byId("progress", HTMLProgressElement);
    bar.hidden = this.booted || fraction >= 1;
    bar.value = fraction;
    if (!this.booted) this.say(fraction >= 1 ? `${words}. ${this.anew()}` : words);
  }

  // What to do then.
  anew() {
    const own = this.files.kernel || this.files.programs.length ? ", or without your files under “Your program”" : "";
    return `Start it anew under “Machine”${own}.`;
  }

  /** @param {number | null} status @param {string} words */
  ended(status, words) {
    this.over = true;
    byId("progress").hidden = true;
    this.memory.finish();
    const how = status === null ? "The machine has ended" : `The machine has ended, with status ${status}`;
    this.say(`${how}${words ? `: ${words}` : ""}. ${this.anew()}`);
    this.transport.end();
    this.form.draw();
    this.grid.gone();
  }

  // Would something be lost with the page? What its link says comes again.
  get keeps() { return !this.over && this.shell.ran.length > this.linked; }

  // Where there is no room for both: this one.
  /** @param {"console" | "memory"} part */
  show(part) {
    document.body.dataset.shows = part;
    for (const each of ["console", "memory"])
      byId(`show-${each}`).setAttribute("aria-pressed", String(each === part));
    this.console.fit();
  }

  // It gets the keyboard.
  /** @param {"console" | "memory"} part */
  enter(part) {
    this.show(part);
    if (part === "console") this.console.focus();
    else byId("memory-frame").focus();
  }

  // What becomes of a command that the page is about to type.
  waits() {
    if (this.over) return "The machine has ended: start it anew under “Machine”.";
    if (this.transport.paused) return "It runs when the machine does: press “Go on”.";
    if (!this.booted) return "It runs as soon as the machine has booted.";
    if (this.shell.atPrompt) return "The machine runs it…";
    return "It runs as soon as the prompt is back (Ctrl+C in the terminal ends what runs there).";
  }

  /** @param {string} words */
  say(words) {
    const said = byId("status");
    if (said.textContent !== words) said.textContent = words; // a screen reader reads what is new
  }

  tellTime() {
    const seconds = this.machine ? this.machine.virtualSeconds() : 0;
    const lost = this.memory.header ? this.memory.header.lost : 0;
    const gone = lost ? `; ${lost.toLocaleString("en")} records lost` : "";
    byId("time").textContent = `${seconds.toFixed(1)} s of its time${gone}`;
  }
}

const playground = new Playground();
playground.start(fromLink(location.hash).run);
playground.console.fit();
playground.console.focus();
addEventListener("hashchange", () => {
  const { choices, run } = fromLink(location.hash);
  playground.start(run, choices);
});
addEventListener("beforeunload", (event) => {
  if (playground.keeps && navigator.userActivation?.hasBeenActive) event.preventDefault(); // the browser asks
});
window.playground = playground;
