// grid.js - a reference string, run by `refstring` in the machine, and its grid as a table.

import { byId } from "page/elements.js";

const REFERENCES_MOST = 200;
const LINE_MOST = 1000; // letters of a command; a longer one the shell does not take
const TOTAL = /^(victims|references|ticks|pages|writes|faults)((?: \S+)*)$/;
const HEAD = 10; // letters of a row's name (user/refstring/grid.c)

/**
 * @typedef {{ references: string[], frames: string[][], faults: boolean[], totals: Record<string, string> }} Grid
 */

/**
 * What refstring --grid prints. The grid is cut into parts where it is wide: they are joined.
 * @param {string} text
 * @returns {Grid | null}  null: it prints no grid
 */
export function read(text) {
  /** @type {Grid} */
  const grid = { references: [], frames: [], faults: [], totals: {} };
  let width = 2, columns = 0;
  /** @param {string} line */
  const cells = (line) => Array.from({ length: columns }, (_, i) =>
    line.slice(HEAD + i * width, HEAD + (i + 1) * width).trim());
  for (const line of text.split("\n")) {
    const frame = /^frame (\d+)/.exec(line), total = TOTAL.exec(line);
    if (line.startsWith("reference ")) {
      const row = line.slice(HEAD).trimEnd();
      columns = row.trim().split(/\s+/).length;
      width = Math.round(row.length / columns);
      grid.references.push(...cells(line));
    } else if (frame && columns) {
      const number = Number(frame[1]);
      grid.frames[number] = [...(grid.frames[number] || []), ...cells(line)];
    } else if (/^fault( |$)/.test(line) && columns) grid.faults.push(...cells(line).map((cell) => cell === "*"));
    else if (total) grid.totals[total[1]] = total[2].trim();
  }
  return grid.references.length ? grid : null;
}

/**
 * The command that runs a string, or why there is none.
 * @param {string} string
 * @param {string} frames
 * @param {string} policy
 * @returns {{ command: string } | { why: string }}
 */
export function commandOf(string, frames, policy) {
  const references = string.split(/[\s,;]+/).filter((word) => word);
  const wrong = references.find((word) => !/^\d{1,4}[rwRW]?$/.test(word));
  if (!references.length) return { why: "Type pages, such as 1 2 3 4 1 2 5 (4r: page 4 is read, not written)." };
  if (wrong) return { why: `${wrong} is no page: a number up to 9999, with r behind it if it is only read.` };
  if (references.length > REFERENCES_MOST) return { why: `At most ${REFERENCES_MOST} references have room here.` };
  if (!/^[1-9]\d?$/.test(frames)) return { why: "There are 1 to 99 frames." };
  const command = `refstring --grid --frames ${frames} --policy ${policy} ${references.join(" ").toLowerCase()}`;
  if (command.length > LINE_MOST) return { why: "The string is too long for one line of the shell." };
  return { command };
}

/** @param {Grid} grid @param {string} caption */
export function draw(grid, caption) {
  const table = byId("grid-table", HTMLTableElement);
  table.replaceChildren();
  table.createCaption().textContent = caption;
  /** @param {string} name @param {string[]} cells @param {(i: number) => string} kind */
  const row = (name, cells, kind) => {
    const line = table.insertRow(), head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    line.append(head);
    cells.forEach((text, i) => {
      const cell = line.insertCell();
      cell.textContent = text;
      cell.className = kind(i);
    });
  };
  const { references, frames, faults } = grid;
  row("reference", references, () => "reference");
  frames.forEach((cells, number) => row(`frame ${number}`, cells, (i) =>
    cells[i] && cells[i] !== (i ? cells[i - 1] : "") ? "came" : cells[i] ? "" : "empty"));
  row("fault", faults.map((fault) => (fault ? "*" : "")), (i) => (faults[i] ? "fault" : ""));
  byId("grid-scroll").hidden = false;
}

/** @param {Grid} grid */
export function inWords({ references, totals }) {
  const went = totals.victims ? ` Who went, in order: ${totals.victims}.` : " Nobody went.";
  return `${references.length} references, ${totals.faults} faults, ${totals.writes} pages written.${went}`;
}

export class GridField {
  /** @param {import("playing/main.js").Playground} playground */
  constructor(playground) {
    this.playground = playground;
    this.said = byId("grid-said");
    this.asked = false; // and not answered yet
    byId("grid-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
  }

  // The machine that was asked is no more.
  gone() {
    if (this.asked) this.said.textContent = "The machine that was to run it has ended.";
    this.asked = false;
  }

  async run() {
    const string = byId("grid-string", HTMLInputElement).value;
    const frames = byId("grid-frames", HTMLInputElement).value.trim();
    const policy = byId("grid-policy", HTMLSelectElement).value;
    const made = commandOf(string, frames, policy);
    if ("why" in made) {
      this.said.textContent = made.why;
      return;
    }
    this.said.textContent = this.playground.waits();
    if (this.playground.over) return;
    this.asked = true;
    const told = await this.playground.shell.run(made.command), grid = read(told);
    this.said.textContent = grid ? inWords(grid) : told.trim() || "The machine said nothing.";
    this.asked = false;
    if (grid) draw(grid, `${policy}, ${frames} frames`);
  }
}
