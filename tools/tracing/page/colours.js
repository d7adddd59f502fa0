// colours.js - what the colours mean. All sets can be told apart by the colour-blind (after
// Okabe and Ito, and viridis); every legend says in words, and counts, what it shows.

import { FRAME_BUSY, FRAME_FREE, FRAME_KERNEL, FRAME_RESIDENT, FRAME_TABLE } from "page/state.js";

/** @typedef {import("page/state.js").State} State */

/**
 * A name, its colour, and how many there are, if that is told.
 * @typedef {[string, string, number?]} LegendItem
 */

export const PALETTE = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00",
  "#f0e442", "#8172b3", "#937860", "#64b5cd", "#4c72b0", "#c44e52",
];

/** @type {[string, string, string][]} */
export const KINDS = [ // of a frame
  ["kernel", "#3c3c3c", "K"],
  ["free", "#f2f2f2", ""], ["free, zeroed", "#cfe8f7", "0"], ["free, keeps a page", "#f7d9b0", "k"],
  ["private page", "#0072b2", ""], ["private page, shared", "#8fc9ee", "s"], ["object's page", "#009e73", "o"],
  ["busy", "#d55e00", "!"], ["table", "#cc79a7", "T"],
];
/** @type {[string, string][]} */
export const BITS = [
  ["not used, clean", "#bdbdbd"], ["referenced (R)", "#56b4e9"], ["dirty (D)", "#e69f00"], ["R and D", "#d55e00"],
];
export const AGES = ["#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154"];

/** @param {string} colour */
export const rgba = (colour) => {
  const value = parseInt(colour.slice(1), 16);
  return (0xff000000 | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
};
export const KIND_RGBA = KINDS.map((kind) => rgba(kind[1]));
export const BIT_RGBA = BITS.map((bits) => rgba(bits[1]));
export const PALETTE_RGBA = PALETTE.map(rgba);
export const AGE_RGBA = AGES.map(rgba);

/** @type {Record<string, string>} */
export const FAULT_COLOURS = {
  "zero-fill": "#0072b2", "zero-page": "#56b4e9", file: "#009e73", "page-in": "#d55e00", copy: "#e69f00",
  reuse: "#f0e442", resident: "#8172b3", rescue: "#cc79a7", spurious: "#999999", invalid: "#000000",
};

// The kind of a frame: an index of KINDS.
/**
 * @param {State} s
 * @param {number} frame
 */
export function frameKind(s, frame) {
  const S = s.S;
  switch (S[s.F_STATE + frame]) {
    case FRAME_KERNEL: return 0;
    case FRAME_FREE: return [1, 1, 3, 2][S[s.F_LIST + frame]];
    case FRAME_BUSY: return 7;
    case FRAME_TABLE: return 8;
  }
  const page = S[s.F_PAGE + frame];
  if (page < 0) return 4;
  if (S[s.P_HELD + page]) return 6;
  return S[s.P_COUNT + page] > 1 ? 5 : 4;
}

// The space that a frame's page is seen in, or whose table it is; 0: none, -1: several.
/**
 * @param {State} s
 * @param {number} frame
 */
export function frameOwner(s, frame) {
  const S = s.S, state = S[s.F_STATE + frame];
  if (state === FRAME_TABLE) return S[s.F_LEVEL + frame] >= 0 ? S[s.F_SPACE + frame] : 0;
  const page = state === FRAME_RESIDENT || state === FRAME_BUSY ? S[s.F_PAGE + frame] : -1;
  if (page < 0) return 0;
  let owner = 0;
  for (let entry = S[s.P_NAMERS + page]; entry >= 0; entry = S[s.E_PAGE_NEXT + entry]) {
    const space = S[s.E_SPACE + entry];
    if (owner && owner !== space) return -1;
    owner = space;
  }
  return owner;
}

/**
 * @param {HTMLElement} element
 * @param {LegendItem[]} items
 */
export function legend(element, items) {
  const key = JSON.stringify(items);
  if (element.dataset.shown === key) return; // it says so already
  element.dataset.shown = key;
  element.replaceChildren(...items.map(([name, colour, count]) => {
    const item = document.createElement("span"), patch = document.createElement("i");
    patch.style.background = colour;
    item.append(patch, count === undefined ? name : `${name}: ${count.toLocaleString("en")}`);
    return item;
  }));
}
