// shell.js - what is typed at the machine's prompt: by whoever uses the page, or by the page for them.
//
// A command of the page's waits until the shell asks for one, and is typed as fingers would; what the machine
// says until the shell asks again is its output.

const PROMPT = /(?:^|[\r\n])(?:faultline|lecture \d+)# $/;
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])/g;
const TAIL = 400; // letters in which a prompt is looked for

/** @typedef {{ command: string, done: (output: string) => void }} Waiting */

export class Shell {
  /** @param {(text: string) => void} type  presses keys in the machine */
  constructor(type) {
    this.type = type;
    this.tail = "";
    this.atPrompt = false;
    /** @type {string[]} */
    this.ran = []; // what was typed at a prompt since the machine started
    /** @type {Waiting[]} */
    this.waiting = [];
    /** @type {Waiting | null} */
    this.running = null; // the page's
    this.said = ""; // by that
    /** @type {(() => void)[]} */
    this.changed = []; // to be told that the prompt has come or gone
  }

  // The machine has said this.
  /** @param {string} text */
  hear(text) {
    this.tail = (this.tail + text).slice(-TAIL);
    if (this.running) this.said += text;
    const asks = PROMPT.test(this.tail.replace(ESCAPES, ""));
    if (asks && !this.atPrompt) this.arrived();
  }

  arrived() {
    this.atPrompt = true;
    const { running } = this;
    this.running = null;
    if (running) running.done(outputOf(this.said));
    this.tell();
    this.next();
  }

  // Somebody has pressed Enter; `line` is what stands behind the prompt.
  /** @param {string} line */
  entered(line) {
    if (!this.atPrompt) return;
    if (line.trim()) this.ran.push(line.trim());
    this.left();
  }

  left() {
    this.atPrompt = false;
    this.tail = "";
    this.tell();
  }

  tell() { for (const each of this.changed) each(); }

  next() {
    if (!this.atPrompt || this.running) return;
    const next = this.waiting.shift();
    if (!next) return;
    this.running = next;
    this.said = "";
    this.ran.push(next.command);
    this.left();
    this.type(`${next.command}\r`);
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
    this.atPrompt = false;
    this.running = null;
    this.waiting = [];
    this.ran = [];
    this.tell();
  }
}

// Behind the line that was typed, and before the prompt.
/** @param {string} said */
function outputOf(said) {
  const lines = said.replace(ESCAPES, "").replace(/\r+\n/g, "\n").split("\n");
  return lines.slice(1, -1).join("\n");
}
