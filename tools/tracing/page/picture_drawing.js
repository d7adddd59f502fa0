// picture_drawing.js - draws the picture with d3: what the step on show changed moves, what it freed fades, and what
// was before stays beside it, struck through and numbered.

import { byId, widthAround } from "page/elements.js";
import { arrow, fitting, keyOf, layout, lettersIn } from "page/picture_layout.js";
import { rights, target } from "page/picture_model.js";
import { hex } from "page/words.js";

const MOVE_MS = 450, FADE_MS = 700;
const FONT = 13, SMALL_FONT = 12, PROJECTED_FONT = 20; // pixels
const SMALL_WIDTH = 900;
const LEAST_WIDTH = 320;
const INDENT = 6; // of words in a box

/**
 * @typedef {import("page/picture_model.js").Cell} Cell
 * @typedef {import("page/picture_model.js").Look} Look
 * @typedef {import("page/picture_model.js").Picture} Model
 * @typedef {import("page/picture_model.js").FrameBox} FrameBox
 * @typedef {import("page/picture_model.js").SlotBox} SlotBox
 * @typedef {import("page/picture_layout.js").Box} Box
 * @typedef {import("page/picture_layout.js").Layout} Layout
 * @typedef {import("page/picture_layout.js").Strip} Strip
 * @typedef {{ cell: Cell, look: Look, key: string }} Arrow
 * @typedef {{ text: string, how: string }} Word  how: a class of the style sheet's
 */

/** @type {Box} */
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

export class Drawing {
  /** @param {import("page/picture.js").Picture} picture */
  constructor(picture) {
    this.picture = picture;
    this.svg = byId("picture", /** @type {any} */ (SVGSVGElement));
    this.drawn = d3.select(this.svg);
    this.moving = this.drawn.transition();
    this.still = true;
    this.width = 0; // pixels; 0: to be looked at
    /** @type {Layout} */ this.made;
  }

  // Where everything would stand.
  /** @param {Model} model */
  layout(model) {
    if (!this.width) this.width = Math.max(LEAST_WIDTH, widthAround(this.svg));
    const { width } = this, usual = width < SMALL_WIDTH ? SMALL_FONT : FONT, { projected, even } = this.picture;
    return layout(model, width, projected ? PROJECTED_FONT : usual, { bare: projected, even });
  }

  // Does it end where the window does, or above, when nothing is scrolled?
  /** @param {Model} model */
  fits(model) {
    return this.svg.getBoundingClientRect().top + scrollY + this.layout(model).height <= innerHeight;
  }

  // `still`: nothing moves or fades.
  /** @param {Model} model @param {boolean} still */
  draw(model, still) {
    const made = this.layout(model);
    this.made = made;
    this.moving = this.drawn.transition().duration(MOVE_MS);
    this.still = still;
    this.drawn.attr("viewBox", `0 0 ${made.width} ${made.height}`).attr("height", made.height)
      .style("font-size", `${made.font}px`);
    const cells = model.blocks.flatMap((block) => block.rows.flatMap((row) => row.cells));
    this.labels();
    this.strips();
    this.arrows(cells);
    this.boxes("slot", model.slots, made.slots);
    this.boxes("frame", model.frames, made.frames);
    this.pages(cells);
  }

  // Something of a kind for each of the data: what is new is made, what is gone fades.
  /** @param {string} kind  a group's class @param {string} element @param {object[]} data
   *  @param {(datum: any) => string | number} key @param {(made: Selected) => void} make */
  join(kind, element, data, key, make) {
    return this.drawn.select(`.${kind}`).selectAll(`${element}:not(.leaving)`).data(data, key).join(
      (/** @type {Selected} */ enter) => {
        const made = enter.append(element);
        make(made);
        return made;
      },
      (/** @type {Selected} */ update) => update,
      (/** @type {Selected} */ exit) => this.fade(exit));
  }

  /** @param {Selected} leaving */
  fade(leaving) {
    if (this.still) return leaving.remove();
    return leaving.classed("leaving", true).attr("tabindex", null).attr("role", null)
      .transition().duration(FADE_MS).style("opacity", 0).remove();
  }

  // What is said of it from here on happens slowly, or at once where all stands still.
  /** @param {Selected} drawn */
  slowly(drawn) { return this.still ? drawn.interrupt() : drawn.transition(this.moving); }

  labels() {
    this.join("labels", "text", this.made.labels, (label) => label.key, () => {})
      .attr("x", (label) => label.x).attr("y", (label) => label.y).classed("bold", (label) => label.bold)
      .text((label) => label.text);
  }

  // The other pages of a region: a strip each. What has a frame is high, what is only named is low.
  strips() {
    const strips = this.join("strips", "g", this.made.strips, (strip) => strip.key, (made) => {
      made.attr("class", "strip").append("title");
      made.append("rect");
      made.append("path").attr("class", "named");
      made.append("path").attr("class", "present");
    });
    asButton(strips, (strip) => this.picture.open(strip));
    const says = (/** @type {Strip} */ strip) => `${strip.words}: show more of them`;
    strips.select("title").text(says);
    strips.attr("aria-label", says).attr("transform", (strip) => `translate(${strip.x},${strip.y})`);
    strips.select("rect").attr("width", (strip) => strip.width).attr("height", (strip) => strip.height);
    strips.select(".named").attr("d", (strip) => cellsOf(strip, 1));
    strips.select(".present").attr("d", (strip) => cellsOf(strip, 2));
  }

  // --- Arrows ---------------------------------------------------------------------------------------

  /** @param {Cell[]} cells */
  arrows(cells) {
    const now = cells.filter((cell) => target(cell.look)).map((cell) => ({ cell, look: cell.look, key: keyOf(cell) }));
    /** @type {Arrow[]} */
    const before = cells.flatMap((cell) => (cell.before && turned(cell)
      ? [{ cell, look: cell.before, key: keyOf(cell) }] : []));
    this.paths("before", before);
    this.paths("arrows", now);
    const words = this.join("rights", "text", now, (each) => each.key, () => {});
    words.attr("x", (each) => this.beside(each).x).attr("y", (each) => this.beside(each).y)
      .attr("text-anchor", (each) => (each.cell.side === 0 ? "start" : "end"));
    spans(words, (each) => rightsWords(each.cell));
  }

  /** @param {string} kind @param {Arrow[]} arrows */
  paths(kind, arrows) {
    const path = (/** @type {Arrow} */ each) => this.path(each);
    const paths = this.join(kind, "path", arrows, (each) => each.key, (made) => { made.attr("d", path); });
    paths.attr("class", (each) => (!each.look.present ? "absent" : each.look.writable ? "may-write" : "reads"))
      .attr("data-page", (each) => each.key).attr("data-rights", (each) => rights(each.look))
      .attr("marker-end", "url(#head)");
    this.slowly(paths).attr("d", path);
  }

  /** @param {Arrow} each */
  path(each) {
    const to = target(each.look), page = this.made.pages.get(each.key);
    const box = to && (to.frame >= 0 ? this.made.frames.get(to.frame) : this.made.slots.get(to.slot));
    return page && box ? arrow(page, box, each.cell.side) : "";
  }

  // Where an arrow's rights stand: at its beginning.
  /** @param {Arrow} each */
  beside(each) {
    const box = this.made.pages.get(each.key) || NOWHERE;
    return { x: each.cell.side === 0 ? box.x + box.width + 4 : box.x - 4, y: box.y + box.height / 2 - 4 };
  }

  // --- Boxes ----------------------------------------------------------------------------------------

  /** @param {"frame" | "slot"} what @param {(FrameBox | SlotBox)[]} data @param {Map<number, Box>} places */
  boxes(what, data, places) {
    const place = (/** @type {any} */ box) => places.get(box[what]) || NOWHERE;
    const at = (/** @type {any} */ box) => `translate(${place(box).x},${place(box).y})`;
    const line = Math.round(this.made.font * 1.3), tall = (/** @type {any} */ box) => place(box).height > 2 * line;
    const room = (/** @type {any} */ box) => lettersIn(place(box).width - 2 * INDENT, this.made.font);
    const title = (/** @type {any} */ box) => `${what} ${box[what]}`;
    // Its column is called what it is: where there is no room, the number says enough.
    const named = (/** @type {any} */ box) => (title(box).length <= room(box) ? title(box) : String(box[what]));
    const content = (/** @type {any} */ box) =>
      tall(box) ? fitting(contentOf(box), room(box)) : beside(title(box), contentOf(box), room(box));
    const boxes = this.join(`${what}s`, "g", data, (box) => box[what], (made) => {
      made.attr("transform", at).style("opacity", this.still ? 1 : 0);
      made.append("rect").attr("rx", what === "slot" ? 8 : 0);
      made.append("text").attr("class", "title");
      made.append("text").attr("class", "content");
    });
    asButton(boxes, (box) => this.picture.app.select(what === "frame" ? { frame: box.frame } : { page: box.page }));
    boxes.attr("class", (box) => `${what}${box.gone ? " gone" : box.come ? " come" : ""}`)
      .attr("data-number", (box) => box[what])
      .attr("aria-label", (box) => `${title(box)}: ${contentOf(box)}${box.gone ? ", before this step" : ""}`);
    boxes.select("rect").attr("width", (box) => place(box).width).attr("height", (box) => place(box).height);
    boxes.select(".title").attr("x", INDENT).attr("y", line - 1).text(named);
    boxes.select(".content").attr("x", INDENT).attr("y", (box) => (tall(box) ? 2 * line : line - 1))
      .text(content);
    this.slowly(boxes).attr("transform", at).style("opacity", (box) => (box.gone ? 0.55 : 1));
  }

  /** @param {Cell[]} cells */
  pages(cells) {
    const place = (/** @type {Cell} */ cell) => this.made.pages.get(keyOf(cell)) || NOWHERE;
    const at = (/** @type {Cell} */ cell) => `translate(${place(cell).x},${place(cell).y})`;
    const line = Math.round(this.made.font * 1.3);
    const pages = this.join("pages", "g", cells, keyOf, (made) => {
      made.attr("transform", at).append("rect");
      for (const name of ["address", "access", "bits", "old"]) made.append("text").attr("class", name);
    });
    asButton(pages, (cell) => this.picture.select(cell));
    pages.attr("class", (cell) => `page ${pageClass(cell)}`).attr("data-page", keyOf)
      .attr("aria-label", (cell) => `page ${hex(cell.address)}: ${textOf(pageWords(cell.look))}`);
    pages.select("rect").attr("width", (cell) => place(cell).width).attr("height", (cell) => place(cell).height);
    const letters = (/** @type {Cell} */ cell) => lettersIn(place(cell).width - 2 * INDENT, this.made.font);
    pages.select(".address").attr("x", INDENT).attr("y", line - 1).text((cell) => hex(cell.address));
    pages.select(".access").attr("x", (cell) => place(cell).width - INDENT).attr("y", line - 1)
      .attr("text-anchor", "end").text((cell) => accessWords(cell, letters(cell)));
    spans(pages.select(".bits").attr("x", INDENT).attr("y", 2 * line),
      (cell) => cut(pageWords(cell.look, cell.before), letters(cell)));
    spans(pages.select(".old").attr("x", INDENT).attr("y", 3 * line), (cell) => cut(beforeWords(cell), letters(cell)));
    this.slowly(pages).attr("transform", at);
  }
}

/** @param {Selected} groups @param {(datum: any) => void} act */
function asButton(groups, act) {
  groups.attr("tabindex", 0).attr("role", "button").on("click", (_, datum) => act(datum))
    .on("keydown", (event, datum) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      act(datum);
    });
}

// Words of several kinds in a line.
/** @param {Selected} texts @param {(datum: any) => Word[]} say */
function spans(texts, say) {
  texts.selectAll("tspan").data(say).join("tspan").text((word) => word.text).attr("class", (word) => word.how);
}

// So many letters of them at most.
/** @param {Word[]} words @param {number} letters */
function cut(words, letters) {
  let left = letters;
  return words.map((word) => {
    const text = fitting(word.text, left);
    left -= text.length;
    return { ...word, text };
  });
}

// A strip's cells of one kind, as one path.
/** @param {Strip} strip @param {number} code */
function cellsOf(strip, code) {
  const wide = strip.width / strip.cells.length, high = code === 2 ? strip.height : strip.height / 2;
  const across = Math.max(1, wide - 1).toFixed(1);
  return strip.cells.map((cell, i) => (cell === code
    ? `M${(i * wide).toFixed(1)},${strip.height - high}h${across}v${high}h-${across}z` : "")).join("");
}

// --- Words ------------------------------------------------------------------------------------------

// What a frame, or a slot, holds.
/** @param {FrameBox | SlotBox} box */
function contentOf(box) {
  if ("content" in box) return box.content;
  return box.page < 0 ? "free" : `page ${box.page}`;
}

// The same on the title's own line, behind it; nothing, where there is no room for all of it.
/** @param {string} title @param {string} words @param {number} letters */
function beside(title, words, letters) {
  const both = title.length + 1 + words.length;
  return both <= letters ? words.padStart(both) : "";
}

// The bits and the place; a bit that the step took away is struck through, one that it set is marked.
/** @param {Look} look @param {Look | null} before @returns {Word[]} */
function pageWords(look, before = null) {
  if (!look.there) return [{ text: look.promised ? "no pte: nothing of its own" : "not promised", how: "soft" }];
  const old = before || look;
  const bit = (/** @type {string} */ name, /** @type {boolean} */ on, /** @type {boolean} */ was) => ({
    text: (on || was ? name : "·") + " ",
    how: on ? (was ? "on" : "set") : was ? "gone" : "off",
  });
  return [
    bit("P", look.present, old.present),
    bit("W", look.writable, old.writable),
    bit("U", look.user, old.user),
    bit("A", look.accessed, old.accessed),
    bit("D", look.dirty, old.dirty),
    { text: " " + where(look), how: "" },
  ];
}

/** @param {Look} look */
function where(look) {
  if (look.present) return `frame ${look.frame}`;
  if (look.kept) return `frame ${look.frame}, free`;
  return look.slot >= 0 ? `slot ${look.slot}` : `page ${look.page}, on its way`;
}

/** @param {Cell} cell @returns {Word[]} */
function beforeWords(cell) {
  if (!cell.before) return [];
  return [{ text: "was: ", how: "" }, { text: shortly(cell.before), how: "struck" }];
}

// What was before: bits only where there were any.
/** @param {Look} look */
function shortly(look) {
  if (!look.there) return look.promised ? "no pte" : "not promised";
  return look.present ? textOf(pageWords(look)) : where(look);
}

/** @param {Word[]} words */
function textOf(words) { return words.map((word) => word.text).join(""); }

// Beside the address: that the page was touched, and how, where there is room to say it; and the change's number.
/** @param {Cell} cell @param {number} letters */
function accessWords(cell, letters) {
  const change = cell.change ? `(${cell.change})` : "";
  const whole = [cell.access && `◆ ${cell.access}`, change].filter(Boolean).join("  ");
  if (hex(cell.address).length + 1 + whole.length <= letters) return whole;
  return (cell.access ? "◆" : "") + change;
}

/** @param {Cell} cell @returns {Word[]} */
function rightsWords(cell) {
  const now = rights(cell.look), old = cell.before ? rights(cell.before) : now;
  return [...new Set(old + now)].map((right) => ({
    text: right,
    how: !now.includes(right) ? "gone" : old.includes(right) ? "on" : "set",
  }));
}

// Does the arrow point elsewhere than before?
/** @param {Cell} cell */
function turned(cell) {
  const old = cell.before && target(cell.before), now = target(cell.look);
  return Boolean(old) && (!now || !old || old.frame !== now.frame || old.slot !== now.slot);
}

/** @param {Cell} cell */
function pageClass(cell) {
  const state = cell.look.present ? "present" : cell.look.there ? "named" : cell.look.promised ? "promised" : "none";
  return state + (cell.change ? " changed" : "") + (cell.access ? " accessed" : "");
}
