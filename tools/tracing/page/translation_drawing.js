// translation_drawing.js - an address's way through the tables, drawn as in a textbook.
//
// Five columns: above them the five parts of the 48 bits, below each of four a table with the entry
// that the part chooses, and last the frame with the byte that the offset chooses. What is not there
// is dashed, and says so.

import { entryHex, hexOf, LEVELS } from "page/translation.js";
import { PAGE_BYTES } from "page/trace.js";

const SVG = "http://www.w3.org/2000/svg";
const ENTRIES = 512;
const MONO = 0.61, PLAIN = 0.54; // of a letter: its width by the font's size
const TABLE_HEIGHT = 10, ENTRY_HEIGHT = 2.9; // in font sizes, as is all below

/**
 * @typedef {import("page/translation.js").Translation} Translation
 * @typedef {import("page/translation.js").Part} Part
 * @typedef {import("page/translation.js").Step} Step
 */

/**
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 */
function shape(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

/**
 * A text in lines of so many letters.
 * @param {string} text
 * @param {number} letters
 */
function wrapped(text, letters) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    if (last >= 0 && lines[last].length + 1 + word.length <= letters) lines[last] += " " + word; else lines.push(word);
  }
  return lines;
}

// One translation, drawn once.
export class Drawing {
  /**
   * @param {Translation} told
   * @param {number} width  in pixels
   * @param {number} size  of the font, in pixels
   */
  constructor(told, width, size) {
    this.told = told;
    this.size = size;
    this.column = width / (LEVELS + 1);
    this.inner = this.column - 1.6 * size; // a table's width
    this.bottom = 0;
    this.tablesTop = 8.2 * size;
    this.element = shape("svg", { width, role: "img", "aria-label": "The same as in the words below" });
    this.element.append(this.arrowhead());
    told.parts.forEach((part, column) => this.drawPart(part, column));
    told.parts.forEach((part, column) => (part.level ? this.drawTable(part, column) : this.drawFrame(part, column)));
    const height = this.bottom + size;
    this.element.setAttribute("height", String(height));
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  arrowhead() {
    const marker = shape("marker", {
      id: "translation-arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto",
    });
    marker.append(shape("path", { d: "M0 0L8 4L0 8z", class: "head" }));
    return marker;
  }

  /** @param {number} column */
  left(column) { return column * this.column + 0.3 * this.size; }

  /**
   * @param {SVGElement} into
   * @param {number} x
   * @param {number} y
   * @param {string} text
   * @param {string} look  a class
   */
  write(into, x, y, text, look = "") {
    into.append(shape("text", { x, y, class: look }, text));
    this.bottom = Math.max(this.bottom, y);
  }

  // One of the five parts: which bits they are, the bits, and the number that they are.
  /** @param {Part} part @param {number} column */
  drawPart(part, column) {
    const { size } = this, x = this.left(column), group = shape("g", { class: "part", "data-level": part.level });
    this.element.append(group);
    const letter = Math.min(MONO * size, (this.inner - 0.6 * size) / part.bits.length);
    const which = part.level ? `level ${part.level}` : "offset", long = letter * part.bits.length;
    this.write(group, x, 1.1 * size, `${part.high}–${part.low}, ${which}`, "soft");
    group.append(shape("rect", { x, y: 1.5 * size, width: long + 0.8 * size, height: 1.8 * size }));
    group.append(shape("text", {
      x: x + 0.4 * size, y: 2.75 * size, class: "mono", textLength: long, lengthAdjust: "spacingAndGlyphs",
    }, part.bits));
    this.write(group, x + 0.4 * size, 4.6 * size, String(part.value), "strong value");
  }

  // Where in a table or a frame its part `value` of `of` stands.
  /** @param {number} value @param {number} of */
  place(value, of) {
    return this.tablesTop + (value / (of - 1)) * (TABLE_HEIGHT - ENTRY_HEIGHT) * this.size;
  }

  /**
   * A box as high as all tables, with one place in it.
   * @param {SVGElement} into
   * @param {number} column
   * @param {string} title
   * @param {boolean} there
   */
  box(into, column, title, there) {
    const { size } = this, x = this.left(column);
    this.write(into, x + 1.2 * size, this.tablesTop - 0.6 * size, title, there ? "strong" : "soft");
    into.append(shape("rect", {
      x, y: this.tablesTop, width: this.inner, height: TABLE_HEIGHT * size, class: there ? "table" : "table none",
    }));
    this.bottom = Math.max(this.bottom, this.tablesTop + TABLE_HEIGHT * size);
  }

  /**
   * @param {SVGElement} into
   * @param {number} column
   * @param {number} y
   * @param {string[]} lines
   * @param {string} look
   */
  placeBox(into, column, y, lines, look) {
    const { size } = this, x = this.left(column), letter = Math.min(size, (this.inner - 0.4 * size) / (18 * MONO));
    into.append(shape("rect", { x, y, width: this.inner, height: ENTRY_HEIGHT * size, class: look }));
    into.append(shape("text", { x: x + 0.2 * size, y: y + 1.2 * size, class: "strong" }, lines[0]));
    into.append(shape("text", {
      x: x + 0.2 * size, y: y + 2.4 * size, class: "mono", style: `font-size:${letter}px`,
    }, lines[1]));
    // From the part above, down to the place.
    const from = x + 0.7 * size;
    into.append(shape("path", { d: `M${from} ${5 * size}V${y}`, class: "arrow" }));
  }

  /** @param {Part} part @param {number} column */
  drawTable(part, column) {
    const { told, size } = this, step = told.steps[column], group = shape("g", { "data-level": part.level });
    this.element.append(group);
    if (!step) {
      const why = column && told.steps[column - 1] && told.steps[column - 1].named < 0 ? "no table" : "not reached";
      this.box(group, column, why, false);
      return;
    }
    for (const [name, value] of Object.entries({ table: step.table, index: step.index, entry: entryHex(step) }))
      group.setAttribute(`data-${name}`, String(value));
    this.box(group, column, `${column ? "" : "CR3: "}frame ${step.table}`, true);
    const y = this.place(step.index, ENTRIES), below = this.tablesTop + (TABLE_HEIGHT + 1.5) * size;
    this.placeBox(group, column, y, [`entry ${step.index}`, entryHex(step)], step.named < 0 ? "entry none" : "entry");
    this.describe(group, column, below, this.sentence(step));
    if (step.named >= 0) this.lead(column, y + (ENTRY_HEIGHT / 2) * size);
  }

  /** @param {Step} step */
  sentence(step) {
    if (step.named < 0) return step.words;
    return `${step.words}; ${step.level > 1 ? "its table is in" : "its page is in"} frame ${step.named}`;
  }

  /**
   * @param {SVGElement} into
   * @param {number} column
   * @param {number} y
   * @param {string} text
   */
  describe(into, column, y, text) {
    wrapped(text, Math.floor(this.inner / (PLAIN * this.size))).forEach((line, n) =>
      this.write(into, this.left(column), y + 1.35 * n * this.size, line));
  }

  // From an entry to the beginning of what it leads to.
  /** @param {number} column @param {number} y */
  lead(column, y) {
    const from = this.left(column) + this.inner, to = this.left(column + 1), middle = (from + to) / 2;
    this.element.append(shape("path", { d: `M${from} ${y}H${middle}V${this.tablesTop + 1}H${to}`, class: "arrow" }));
  }

  /** @param {Part} part @param {number} column */
  drawFrame(part, column) {
    const { told, size } = this, group = shape("g", { "data-level": 0 });
    this.element.append(group);
    if (told.physical === null) {
      this.box(group, column, "no frame", false);
      return;
    }
    group.setAttribute("data-frame", String(told.frame));
    group.setAttribute("data-physical", hexOf(told.physical));
    this.box(group, column, `frame ${told.frame}`, true);
    const lines = [`byte ${part.value}`, hexOf(told.physical)];
    this.placeBox(group, column, this.place(part.value, PAGE_BYTES), lines, "entry");
    const below = this.tablesTop + (TABLE_HEIGHT + 1.5) * size, sum = `frame ${told.frame} × 4096 + ${part.value}`;
    this.describe(group, column, below, `physical address ${hexOf(told.physical)} = ${sum}`);
  }
}
