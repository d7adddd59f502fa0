// console.js - the machine's terminal: xterm.js, as wide as the machine takes it to be; without it plain text.
//
// xterm.js takes the Tab key, which completes a name in the shell. Shift and Tab, or F6, leave it, so that nobody
// who works without a mouse is caught.

import { byId } from "page/elements.js";
import { COLUMNS } from "playing/shell_line.js";

const ROWS_LEAST = 8, ROWS_MOST = 50;
const FONT_LEAST = 7, FONT_MOST = 15; // pixels
const MONOSPACE = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
const KEPT = 200000; // letters of plain text
/** @type {Record<string, string>} */
const KEYS = { stop: "\x03", end: "\x04", tab: "\t", up: "\x1b[A", down: "\x1b[B" };
const DARK = { background: "#101214", foreground: "#e8e8e8", cursor: "#ff9e4a" };
const LIGHT = { background: "#ffffff", foreground: "#111111", cursor: "#b34700", selectionBackground: "#b3d4ff",
                green: "#006400", yellow: "#7a5a00", cyan: "#00606b", white: "#444444" };

export class Console {
  /** @param {(text: string) => void} typed  keys were pressed */
  constructor(typed) {
    this.typed = typed;
    this.place = byId("console");
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.letter = 0.6; // its width, as a part of the font's size
    this.term = typeof Terminal === "undefined" ? null : this.begin();
    this.plain = byId("console-plain");
    for (const button of document.querySelectorAll("#console-keys button"))
      if (button instanceof HTMLElement) this.beginKey(button);
    if (!this.term) this.beginPlain();
  }

  // A key that a phone's keyboard has not; that keyboard stays.
  /** @param {HTMLElement} button */
  beginKey(button) {
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => this.typed(KEYS[button.dataset.key || ""]));
  }

  begin() {
    const term = new Terminal({
      cols: COLUMNS,
      rows: 24,
      fontFamily: MONOSPACE,
      screenReaderMode: true,
      convertEol: true, // the kernel's own lines, which no terminal's discipline has seen
      scrollback: 5000,
      theme: this.dark.matches ? DARK : LIGHT,
    });
    term.open(this.place);
    term.textarea.setAttribute("aria-label", "Terminal of the machine");
    term.attachCustomKeyEventHandler((/** @type {KeyboardEvent} */ event) => this.ours(event));
    term.onData(this.typed);
    this.dark.addEventListener("change", () => { term.options.theme = this.dark.matches ? DARK : LIGHT; });
    new ResizeObserver(() => this.fit()).observe(this.place);
    return term;
  }

  // Is the key the terminal's?
  /** @param {KeyboardEvent} event */
  ours(event) {
    if (event.key === "F6") {
      event.preventDefault();
      if (event.type === "keydown") byId("memory-part").dispatchEvent(new Event("enter"));
      return false;
    }
    if (event.ctrlKey && event.shiftKey && event.code === "KeyC") {
      event.preventDefault();
      if (event.type === "keydown" && navigator.clipboard) navigator.clipboard.writeText(this.term.getSelection());
      return false;
    }
    return !(event.key === "Tab" && event.shiftKey);
  }

  // Letters so large that a line fits, and as many lines as then do.
  fit() {
    const { term, place } = this, { clientWidth: width, clientHeight: height } = place;
    if (!term || width < 50 || height < 50) return;
    const half = Math.floor((2 * (width - 18)) / COLUMNS / this.letter) / 2;
    const size = Math.max(FONT_LEAST, Math.min(FONT_MOST, half));
    if (term.options.fontSize !== size) term.options.fontSize = size;
    const screen = place.querySelector(".xterm-screen");
    if (!(screen instanceof HTMLElement) || !screen.offsetHeight) return;
    this.letter = screen.offsetWidth / COLUMNS / size;
    const rows = Math.floor((height - 4) / (screen.offsetHeight / term.rows));
    const wanted = Math.max(ROWS_LEAST, Math.min(ROWS_MOST, rows));
    if (wanted !== term.rows) term.resize(COLUMNS, wanted);
  }

  // --- Without xterm.js -------------------------------------------------------------------------

  beginPlain() {
    const field = byId("console-field", HTMLInputElement);
    byId("console-without").hidden = false;
    byId("console-without").addEventListener("submit", (event) => {
      event.preventDefault();
      this.typed(`${field.value}\r`);
      field.value = "";
    });
  }

  // --- Both ---------------------------------------------------------------------------------------

  /** @param {string} text  of the machine's */
  write(text) {
    if (this.term) {
      this.term.write(text);
      return;
    }
    // eslint-disable-next-line no-control-regex
    const letters = text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\r/g, "");
    if (text.includes("\x1b[6n")) this.typed("\x1b[1;80R");
    this.plain.textContent = ((this.plain.textContent || "") + letters).slice(-KEPT);
    this.place.scrollTop = this.place.scrollHeight;
  }

  clear() {
    if (this.term) this.term.reset();
    else this.plain.textContent = "";
  }

  focus() {
    if (this.term) this.term.focus();
    else byId("console-field").focus();
  }
}
