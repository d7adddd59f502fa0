// shell.js - what is typed at the machine's prompt: by whoever uses the page, or by the page for them.
//
// A command of the page's waits until the shell asks for one, and is typed as fingers would; what the machine
// says until the shell asks again is its output.

import { ShellLine } from "playing/shell_line.js";

const PROMPT = /(?:^|[\r\n])((?:faultline|lecture \d+)# )([^\n]*)$/;
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])/g;
const TAIL = 400; // letters in which a prompt is looked for
const ERASE = "\x15"; // what somebody has typed, and not yet entered

/** @typedef {{ command: string, done: (output: string) => void }} Waiting */

export class Shell {
  /** @param {(text: string) => void} type  presses keys in the machine */
  constructor(type) {
    this.type = type;
    this.tail = "";
    /** @type {ShellLine | null} */
    this.line = null; // that is being typed; null: the shell does not ask
    this.entered = 0; // so often was Enter pressed since it asks
    /** @type {string[]} */
    this.ran = []; // what was typed at a prompt since the machine started
    /** @type {Waiting[]} */
    this.waiting = [];
    /** @type {Waiting | null} */
    this.running = null; // the page's
    this.said = ""; // since a line was entered
  }

  // Does the shell ask, and has the page nothing to type?
  get atPrompt() { return this.line !== null && !this.running; }

  // Somebody has pressed these keys.
  /** @param {string} keys */
  pressed(keys) { this.entered += keys.split("\r").length - 1; }

  // The machine has said this.
  /** @param {string} text */
  hear(text) {
    let rest = text;
    if (this.line) {
      const behind = this.line.feed(text);
      if (behind === null) return;
      this.left(this.line.text());
      rest = behind;
    }
    this.said += rest;
    this.tail = (this.tail + rest).slice(-TAIL);
    const asks = PROMPT.exec(this.tail.replace(ESCAPES, ""));
    if (asks) this.arrived(asks[1], asks[2]);
  }

  // A line has ended. Where nobody pressed Enter the shell has listed names, or Ctrl+C was pressed.
  /** @param {string} line */
  left(line) {
    this.line = null;
    this.tail = this.said = "";
    if (this.entered && line) this.ran.push(line);
  }

  /** @param {string} prompt @param {string} typed  what stands behind it already */
  arrived(prompt, typed) {
    const { running, entered } = this;
    this.line = new ShellLine(prompt.length);
    this.line.feed(typed);
    this.entered = 0;
    if (running && entered) {
      this.running = null;
      running.done(outputOf(this.said));
    }
    this.next();
  }

  next() {
    if (!this.line || this.running) return;
    const next = this.waiting.shift();
    if (!next) return;
    this.running = next;
    this.entered = 1;
    this.type(`${this.line.text() ? ERASE : ""}${next.command}\r`);
  }

  /**
   * @param {string} command  one line
   * @returns {Promise<string>}  what it says, when the shell asks again
   */
  run(command) {
    return new Promise((done) => {
      this.waiting.push({ command, done });
      this.next();
    });
  }

  // Another machine: nothing of the old one is waited for.
  forget() {
    this.tail = this.said = "";
    this.line = this.running = null;
    this.entered = 0;
    this.waiting = [];
    this.ran = [];
  }
}

// Before the prompt.
/** @param {string} said */
function outputOf(said) {
  const lines = said.replace(ESCAPES, "").replace(/\r+\n/g, "\n").split("\n");
  return lines.slice(0, -1).join("\n");
}
