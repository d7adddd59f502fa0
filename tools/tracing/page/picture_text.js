// picture_text.js - the picture in words: a paragraph that is read out, and a table that has all that is drawn.

import { byId } from "page/elements.js";
import { same } from "page/picture_model.js";
import { hex, plural } from "page/words.js";

/**
 * @typedef {import("page/picture_model.js").Picture} Model
 * @typedef {import("page/picture_model.js").Cell} Cell
 * @typedef {import("page/picture_model.js").Look} Look
 */

const HEADS = ["process", "page", "region", "P", "W", "U", "A", "D", "X", "frame", "slot", "step", "before", "access"];

export class PictureText {
  constructor() {
    this.paragraph = byId("picture-text");
    this.table = byId("picture-table", HTMLTableElement);
  }

  /** @param {Model} model */
  draw(model) {
    this.paragraph.textContent = paragraph(model);
    const rows = model.blocks.flatMap((block) => block.rows.flatMap((row) =>
      row.cells.map((cell) => tableRow(model, block.regions[cell.side]?.backing ?? "promised to nobody", cell))));
    this.table.replaceChildren();
    const head = this.table.createTHead().insertRow();
    for (const name of HEADS) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    const body = this.table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const text of row) line.insertCell().textContent = text;
    }
  }
}

/** @param {Model} model @param {string} region @param {Cell} cell */
function tableRow(model, region, cell) {
  const { look } = cell, side = model.sides[cell.side];
  return [
    `${side.name} (${side.process})`, hex(cell.address), region, ...bits(look),
    look.frame < 0 ? "" : String(look.frame), look.slot < 0 ? "" : String(look.slot),
    cell.change ? String(cell.change) : "", cell.before ? place(cell.before) : "", cell.access,
  ];
}

/** @param {Look} look */
function bits(look) {
  return [look.present, look.writable, look.user, look.accessed, look.dirty, look.executable]
    .map((bit) => (bit ? "1" : "0"));
}

/** @param {Look} look */
export function place(look) {
  if (!look.there) return look.promised ? "no pte" : "not promised";
  const names = /** @type {const} */ (["present", "writable", "user", "accessed", "dirty"]);
  const set = names.filter((name) => look[name]).map((name) => name[0].toUpperCase());
  if (look.present) return `frame ${look.frame}${look.zero ? " (the zero page)" : ""}, ${set.join(" ")}`;
  if (look.kept) return `not present; its page is in frame ${look.frame} still`;
  return look.slot >= 0 ? `not present; slot ${look.slot}` : "not present; on its way";
}

/** @param {Model} model */
export function paragraph(model) {
  const cells = model.blocks.flatMap((block) => block.rows.flatMap((row) => row.cells));
  const who = model.sides.map((side) => {
    const life = side.life === "lives" ? "" : side.life === "ended" ? ", has ended" : ", has not begun";
    return `${side.name} (${side.process})${life}`;
  });
  const over = model.sides.length > 0 && model.sides.every((side) => side.life === "ended");
  const there = cells.filter((cell) => cell.look.present).length;
  const changed = cells.filter((cell) => cell.before && !same(cell.before, cell.look))
    .sort((a, b) => a.change - b.change || a.side - b.side || a.address - b.address);
  const name = (/** @type {Cell} */ cell) => `${hex(cell.address)} of ${model.sides[cell.side].name} (` +
    `${model.sides[cell.side].process})`;
  const steps = changed.map((cell) => `${cell.change}. ${name(cell)} was: ${place(cell.before || cell.look)}; ` +
    `is: ${place(cell.look)}.`);
  const shared = sharing(cells).map((group) =>
    `Frame ${group[0].look.frame} is that of ${group.map(name).join(" and ")}.`);
  return [
    `${who.join(" and ") || "Nobody"}: ${plural(cells.length, "page")} drawn, ${there} of them in frames; `
      + `${plural(model.free, "frame")} free.`,
    ...shared,
    changed.length ? `In this step: ${steps.join(" ")}` : "Nothing that is drawn changed in this step.",
    ...(over ? ["What happened before is recorded: ◀ fault and the slider go back to it."] : []),
  ].join(" ");
}

// Pages of both sides that are in the same frame.
/** @param {Cell[]} cells */
function sharing(cells) {
  /** @type {Map<number, Cell[]>} */
  const by = new Map();
  for (const cell of cells) {
    if (!cell.look.present || cell.look.zero) continue;
    const group = by.get(cell.look.frame) || [];
    group.push(cell);
    by.set(cell.look.frame, group);
  }
  return [...by.values()].filter((group) => group.length > 1);
}
