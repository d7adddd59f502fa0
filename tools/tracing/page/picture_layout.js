// picture_layout.js - where everything in the picture stands, in pixels: pages to the left and right, frames and slots
// in the middle, each frame as near as can be to the pages that it holds.

import { target } from "page/picture_model.js";

/**
 * @typedef {import("page/picture_model.js").Cell} Cell
 * @typedef {import("page/picture_model.js").Picture} Picture
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ x: number, y: number, text: string, bold: boolean, key: string }} Label
 * @typedef {{ x: number, y: number, width: number, height: number, cells: number[], key: string, words: string,
 *   start: number, end: number, side: number }} Strip
 * @typedef {{ width: number, height: number, font: number, pages: Map<string, Box>, frames: Map<number, Box>,
 *   slots: Map<number, Box>, labels: Label[], strips: Strip[] }} Layout
 */

const NARROW = 560; // pixels: from here on down columns share the width otherwise
const APART = 5, PAD = 6; // pixels: between two boxes; in a box, above and below its lines together
const LETTER = 0.61; // a letter's width, in parts of the font's size

// So many letters have room.
/** @param {number} width @param {number} font */
export const lettersIn = (width, font) => Math.floor(width / (font * LETTER));

// A text that has no more room than that, cut.
/** @param {string} text @param {number} letters */
export function fitting(text, letters) {
  if (text.length <= letters) return text;
  return letters < 1 ? "" : text.slice(0, letters - 1) + "…";
}

/** @param {Cell} cell */
export const keyOf = (cell) => `${cell.side}:${cell.address}`;

// `bare`: of a region's other pages nothing is shown; `even`: where a page stands depends on its row alone, not on
// regions, nor on what has changed.
/** @param {Picture} picture @param {number} width @param {number} font  pixels
 *  @param {{ bare: boolean, even: boolean }} how @returns {Layout} */
export function layout(picture, width, font, { bare, even }) {
  const line = Math.round(font * 1.3), single = picture.sides.length < 2, slots = picture.slots.length > 0;
  const pageWidth = Math.min(width * (width < NARROW ? 0.34 : 0.3), font * 23);
  const frameWidth = Math.min(width * (slots ? 0.17 : single ? 0.26 : 0.2), font * 17);
  const slotWidth = Math.min(width * 0.12, font * 10);
  const middle = single ? width * 0.56 : width / 2, besides = slots ? (single ? width * 0.1 : font) + slotWidth : 0;
  const frameX = Math.round(middle - (frameWidth + besides) / 2);
  const slotX = Math.round(middle + (frameWidth + besides) / 2 - slotWidth);
  /** @type {Layout} */
  const made = {
    width, height: 0, font, pages: new Map(), frames: new Map(), slots: new Map(), labels: [], strips: [],
  };
  const left = (/** @type {number} */ side) => (side === 0 ? 1 : width - pageWidth - 1);
  const letters = lettersIn(pageWidth, font);
  const label = (/** @type {string} */ key, /** @type {number} */ x, /** @type {number} */ y,
                 /** @type {string} */ text, bold = false) =>
    made.labels.push({ key, x, y, text: fitting(text, letters), bold });
  picture.sides.forEach((side, i) => {
    const life = side.life === "lives" ? "" : side.life === "ended" ? ": has ended" : ": has not begun";
    label(`side${i}`, left(i), line, `${side.name} (${side.process})${life}`, true);
  });
  label("frames", frameX, line, "frames", true);
  if (slots) label("slots", slotX, line, "slots", true);
  const top = line + 6;
  let y = top;
  // Of the other pages of a block's regions, a strip for each side. The height that they take.
  const strips = (/** @type {import("page/picture_model.js").Block} */ block) => {
    let rests = false;
    block.rest.forEach((rest, i) => {
      if (!rest || bare) return;
      rests = true;
      const of = even ? `${block.regions[i]?.backing} ` : "";
      label(`rest${i}:${rest.start}`, left(i), y + line - 4, of + restWords(rest, letters - of.length));
      made.strips.push({ key: `${i}:${rest.start}`, x: left(i), y: y + line, width: pageWidth, height: 8,
                         cells: rest.cells, words: restWords(rest), start: rest.start, end: rest.end, side: i });
    });
    return rests ? line + 16 : even ? 0 : 4;
  };
  picture.blocks.forEach((block) => {
    block.regions.forEach((region, i) => {
      const words = region ? `${region.title}: ${region.backing}` : "nothing promised";
      label(`block${i}:${block.rows[0].address}`, left(i), y + line - 4, words);
    });
    y += line + 2;
    block.rows.forEach((row, number) => {
      if (even && number > 0) y += line + 2;
      const lines = even || row.cells.some((cell) => cell.before) ? 3 : 2, height = lines * line + PAD;
      for (const cell of row.cells)
        made.pages.set(keyOf(cell), { x: left(cell.side), y, width: pageWidth, height });
      y += height + APART;
    });
    if (!even) y += strips(block);
  });
  if (even) for (const block of picture.blocks) y += strips(block);
  // Where there are more frames than fit beside the pages, their boxes are a line high.
  const most = Math.max(picture.frames.length, picture.slots.length), bottom = Math.max(y, top + 2 * line + PAD);
  const lines = top + most * (2 * line + PAD + APART) <= bottom ? 2 : 1, room = { top, bottom };
  const height = lines * line + PAD;
  made.frames = column(places(picture, made, "frame"), { ...room, x: frameX, width: frameWidth, height });
  made.slots = column(places(picture, made, "slot"), { ...room, x: slotX, width: slotWidth, height });
  const ends = [...made.frames.values(), ...made.slots.values()].map((box) => box.y + box.height + PAD);
  made.height = Math.ceil(Math.max(bottom, ...ends));
  return made;
}

// Of a region's other pages. In fewer words where there is no room for all.
/** @param {import("page/picture_model.js").Rest} rest @param {number} letters */
export function restWords(rest, letters = Infinity) {
  const more = `… ${rest.count.toLocaleString("en")} more`, present = rest.present.toLocaleString("en");
  if (rest.present < 0) return `${more} (a cell: ${rest.pages.toLocaleString("en")} pages)`;
  if (!rest.swapped) return `${more}: ${present} in frames`;
  const swapped = rest.swapped.toLocaleString("en");
  const whole = `${more}: ${present} in frames, ${swapped} named, not present`;
  const shorter = `${more}: ${present} present, ${swapped} named`;
  return [whole, shorter].find((words) => words.length <= letters) || `${more}: ${present} in frames`;
}

// Where each frame, or slot, would like to stand: in the middle of the pages whose arrows point to it, or did.
/** @param {Picture} picture @param {Layout} made @param {"frame" | "slot"} what */
function places(picture, made, what) {
  /** @type {Map<number, number[]>} */
  const wanted = new Map();
  for (const block of picture.blocks)
    for (const row of block.rows)
      for (const cell of row.cells) {
        const box = made.pages.get(keyOf(cell)), ends = [target(cell.look), cell.before && target(cell.before)];
        for (const end of ends) {
          if (!end || end[what] < 0 || !box) continue;
          const at = wanted.get(end[what]) || [];
          at.push(box.y + box.height / 2);
          wanted.set(end[what], at);
        }
      }
  return [...wanted].map(([number, at]) => ({ number, y: at.reduce((a, b) => a + b, 0) / at.length }));
}

// One under the other, without touching: as low as they want to be, but none further down than the bottom if there is
// room above.
/**
 * @param {{ number: number, y: number }[]} wanted
 * @param {{ x: number, width: number, height: number, top: number, bottom: number }} where
 */
function column(wanted, { x, width, height, top, bottom }) {
  const sorted = wanted.sort((a, b) => a.y - b.y || a.number - b.number);
  let free = top;
  for (const each of sorted) {
    each.y = Math.max(free, each.y - height / 2);
    free = each.y + height + APART;
  }
  let least = Math.max(bottom, top + sorted.length * (height + APART));
  for (const each of [...sorted].reverse()) {
    each.y = Math.min(each.y, least - height - APART);
    least = each.y;
  }
  return new Map(sorted.map(({ number, y }) => [number, { x, y, width, height }]));
}

// From the edge of a page's box to the edge of what it points to.
/** @param {Box} page @param {Box} to @param {number} side */
export function arrow(page, to, side) {
  const x0 = side === 0 ? page.x + page.width : page.x, y0 = page.y + page.height / 2;
  const x1 = side === 0 ? to.x : to.x + to.width, y1 = to.y + to.height / 2, bend = (x1 - x0) / 2;
  const round = (/** @type {number} */ at) => Math.round(10 * at) / 10;
  return `M${round(x0)},${round(y0)}C${round(x0 + bend)},${round(y0)},${round(x1 - bend)},${round(y1)},` +
    `${round(x1)},${round(y1)}`;
}
