// translation_view.js - which address is translated: what somebody asks for, else what is selected, else the fault's.

import { byId } from "page/elements.js";
import { addressOf, entryHex, inWords, Translator } from "page/translation.js";
import { Drawing } from "page/translation_drawing.js";

/**
 * @typedef {import("page/translation.js").Translation} Translation
 *
 * The field's address and its space; or the fault's, whatever is selected; or neither.
 * @typedef {{ address: bigint, space: number } | "fault" | null} Asked
 */

export class TranslationView {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.translator = new Translator(app.travel);
    /** @type {Asked} */
    this.asked = null;
    this.selection = app.selection; // what was selected when somebody asked
    this.key = ""; // what is drawn
    this.window = this.width = this.size = 0; // measured while the window was so wide: pixels there are, and the font's
    this.field = byId("address", HTMLInputElement);
    this.wrong = byId("address-wrong");
    this.drawing = byId("translation");
    this.text = byId("translation-text");
    this.rows = byId("translation-steps");
    this.field.addEventListener("change", () => this.ask(this.field.value));
    byId("address-fault").addEventListener("click", () => {
      this.field.value = "";
      this.take("fault");
    });
  }

  /** @param {string} text  of the field; empty: nothing is asked */
  ask(text) {
    if (!text.trim()) {
      this.take(null);
      return;
    }
    const read = addressOf(text);
    if ("address" in read) {
      this.take({ address: read.address, space: this.app.spaceView.space });
      return;
    }
    this.wrong.textContent = read.wrong;
    this.field.setAttribute("aria-invalid", "true");
  }

  /** @param {Asked} asked */
  take(asked) {
    this.asked = asked;
    this.selection = this.app.selection;
    this.wrong.textContent = "";
    this.field.removeAttribute("aria-invalid");
    this.draw();
  }

  // The address that is on show, and its space: what was asked for, else what is selected, else the fault's.
  what() {
    const { app } = this, { selection, travel, trace } = app, s = travel.state, S = s.S;
    if (this.asked && this.asked !== "fault") return { ...this.asked, why: "" };
    if (this.asked !== "fault") {
      if (selection.address !== undefined)
        return { address: BigInt(selection.address), space: selection.space ?? 0, why: "The selected page. " };
      const page = selection.page ?? (selection.frame === undefined ? -1 : S[s.F_PAGE + selection.frame]);
      const entry = page < 0 ? -1 : S[s.P_NAMERS + page];
      if (entry >= 0)
        return { address: BigInt(s.address(entry)), space: S[s.E_SPACE + entry], why: "Of the selected page. " };
    }
    const fault = travel.faultOf(travel.at - 1);
    if (fault < 0) return null;
    const start = travel.faults.start[fault];
    return { address: BigInt(trace.address(start)), space: trace.space(start), why: `Of fault ${fault + 1}. ` };
  }

  draw() {
    if (this.asked && this.selection !== this.app.selection) { // something else was selected since
      this.asked = null;
      this.field.value = "";
    }
    const what = this.what();
    if (!what) {
      this.show("none", "No fault has been yet, and nothing is selected: type an address.", null, 0, 0);
      return;
    }
    const told = this.translator.translate(what.space, what.address);
    const words = what.why + inWords(told, this.app.travel.spaceName(what.space));
    this.measure();
    const { width, size } = this;
    this.show(`${width} ${size} ${words} ${told.steps.map(entryHex).join()}`, words, told, width, size);
  }

  // To ask at each step would have the page laid out at each.
  measure() {
    if (this.window === innerWidth && this.width) return;
    this.window = innerWidth;
    this.width = this.drawing.clientWidth;
    this.size = parseFloat(getComputedStyle(this.drawing).fontSize) || 13;
  }

  /**
   * @param {string} key
   * @param {string} words
   * @param {Translation | null} told
   * @param {number} width
   * @param {number} size
   */
  show(key, words, told, width, size) {
    if (key === this.key) return;
    this.key = key;
    this.text.textContent = words;
    const seen = told && width > 0; // in a frame that is hidden nothing has room
    this.drawing.replaceChildren(...(seen ? [new Drawing(told, width, size).element] : []));
    this.rows.replaceChildren(...(told ? this.tableRows(told) : []));
  }

  /** @param {Translation} told */
  tableRows(told) {
    return told.parts.map((part, column) => {
      const row = document.createElement("tr"), step = told.steps[column];
      const cells = [part.level ? String(part.level) : "offset", `${part.high}–${part.low}`, part.bits, part.value];
      if (step) cells.push(step.table, entryHex(step), step.words);
      else if (!part.level && told.physical !== null) cells.push(told.frame, "", `byte ${part.value} of this frame`);
      else cells.push("", "", "not reached");
      for (const cell of cells) row.insertCell().textContent = String(cell);
      return row;
    });
  }
}
