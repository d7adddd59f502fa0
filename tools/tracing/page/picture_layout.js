// picture_layout.js - where everything in the picture stands, in pixels: pages to the left and right, frames and slots
// in the middle, each frame as near as can be to the pages that it holds.

import { target } from "page/picture_model.js";

/**
 * @typedef {import("page/picture_model.js").Cell} Cell
 * @typedef {import("page/picture_model.js").Picture} Picture
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ x: number, y: number, text: string, bold: boolean, key: string }} Label
 * @typedef {{ x: number, y: number, width: number, height: number, cells: number[], key: string, block: number,
 *   side: number }} Strip
 * @typedef {{ width: number, height: number, font: number, pages: Map<string, Box>, frames: Map<number, Box>,
 *   slots: Map<number, Box>, labels: Label[], strips: Strip[] }} Layout
 */

const NARROW = 560; // pixels: from here on down columns share the width otherwise

/** @param {Cell} cell */
export const keyOf = (cell) => `${cell.side}:${cell.address}`;

// `bare`: of a region's other pages nothing is shown.
/** @param {Picture} picture @param {number} width @param {number} font  pixels @param {boolean} bare
 *  @returns {Layout} */
export function layout(picture, width, font, bare) {
  const line = Math.round(font * 1.3), single = picture.sides.length < 2, slots = picture.slots.length > 0;
  const pageWidth = Math.min(width * (width < NARROW ? 0.34 : 0.3), font * 23);
  const frameWidth = Math.min(width * (slots ? 0.17 : 0.2), font * 17), slotWidth = Math.min(width * 0.12, font * 10);
  const middle = single ? width * 0.56 : width / 2, besides = slots ? (single ? width * 0.1 : font) + slotWidth : 0;
  const frameX = Math.round(middle - (frameWidth + besides) / 2);
  const slotX = Math.round(middle + (frameWidth + besides) / 2 - slotWidth);
  /** @type {Layout} */
  const made = {
    width, height: 0, font, pages: new Map(), frames: new Map(), slots: new Map(), labels: [], strips: [],
  };
  const left = (/** @type {number} */ side) => (side === 0 ? 1 : width - pageWidth - 1);
  const label = (/** @type {string} */ key, /** @type {number} */ x, /** @type {number} */ y,
                 /** @type {string} */ text, bold = false) => made.labels.push({ key, x, y, text, bold });
  picture.sides.forEach((side, i) => {
    const life = side.life === "lives" ? "" : side.life === "ended" ? ": has ended" : ": has not begun";
    label(`side${i}`, left(i), line, `${side.name} (${side.process})${life}`, true);
  });
  label("frames", frameX, line, "frames", true);
  if (slots) label("slots", slotX, line, "slots", true);
  const top = line + 6;
  let y = top;
  picture.blocks.forEach((block, b) => {
    picture.sides.forEach((_, i) => {
      const title = block.titles[i];
      label(`block${i}:${block.start}`, left(i), y + line - 4, title ? `${title}: ${block.label}` : "nothing promised");
    });
    y += line + 2;
    for (const row of block.rows) {
      const lines = row.cells.some((cell) => cell.before) ? 3 : 2, height = lines * line + 6;
      for (const cell of row.cells)
        made.pages.set(keyOf(cell), { x: left(cell.side), y, width: pageWidth, height });
      y += height + 5;
    }
    let rests = false;
    block.rest.forEach((rest, i) => {
      if (!rest || bare) return;
      rests = true;
      label(`rest${i}:${block.start}`, left(i), y + line - 4, restWords(rest));
      made.strips.push({ key: `${i}:${block.start}`, x: left(i), y: y + line, width: pageWidth, height: 8,
                         cells: rest.cells, block: b, side: i });
    });
    y += rests ? line + 16 : 4;
  });
  const boxHeight = 2 * line + 6;
  made.frames = column(places(picture, made, "frame"), frameX, frameWidth, boxHeight, top);
  made.slots = column(places(picture, made, "slot"), slotX, slotWidth, boxHeight, top);
  const bottom = [...made.frames.values(), ...made.slots.values()].map((box) => box.y + box.height + 6);
  made.height = Math.ceil(Math.max(y, top + boxHeight, ...bottom));
  return made;
}

/** @param {import("page/picture_model.js").Rest} rest */
export function restWords(rest) {
  const more = `… ${rest.count.toLocaleString("en")} more`;
  if (rest.present < 0) return `${more} (a cell: ${rest.pages.toLocaleString("en")} pages)`;
  const there = [`${rest.present.toLocaleString("en")} in frames`];
  if (rest.swapped) there.push(`${rest.swapped.toLocaleString("en")} named, not present`);
  return `${more}: ${there.join(", ")}`;
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
          at.push(box.y);
          wanted.set(end[what], at);
        }
      }
  return [...wanted].map(([number, at]) => ({ number, y: at.reduce((a, b) => a + b, 0) / at.length }));
}

// One under the other, without touching.
/**
 * @param {{ number: number, y: number }[]} wanted
 * @param {number} x @param {number} width @param {number} height @param {number} top
 */
function column(wanted, x, width, height, top) {
  /** @type {Map<number, Box>} */
  const boxes = new Map();
  let free = top;
  for (const { number, y } of wanted.sort((a, b) => a.y - b.y || a.number - b.number)) {
    const at = Math.max(free, y);
    boxes.set(number, { x, y: at, width, height });
    free = at + height + 5;
  }
  return boxes;
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
