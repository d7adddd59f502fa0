// picture_model.js - what the picture shows at a moment: pages of two processes, the frames and slots they are
// in, and the arrows between, as they were before the step on show and as they are now.
//
// A step is a whole fault up to the moment, or the one event. Nothing is drawn here, and nothing kept: it is all
// read off the state.

import { Regions } from "page/regions.js";
import { ACCESS, NONE, PAGE_BYTES, PTE, PTE_NO_EXECUTE_HIGH, pteFrame } from "page/trace.js";
import { rightsOf } from "page/words.js";

const REPLAYED = 256; // events of a step that are looked at one by one, for the order of changes
const STRIP_CELLS = 64;
const COUNTED = 8192; // so many pages of a region are looked at one by one; of more, some of each cell
const PROBES = 16;

/** @typedef {import("page/state.js").State} State */

/**
 * A page of a process's space at one time: its pte's bits, and where it is; -1: nowhere there.
 * @typedef {{ promised: boolean, there: boolean, present: boolean, writable: boolean, user: boolean,
 *   accessed: boolean, dirty: boolean, executable: boolean, zero: boolean, frame: number, slot: number, page: number,
 *   kept: boolean }} Look
 * @typedef {{ side: number, address: number, look: Look, before: Look | null, change: number,
 *   access: string }} Cell
 * @typedef {{ address: number, cells: Cell[] }} Row
 * @typedef {{ count: number, present: number, swapped: number, cells: number[], pages: number }} Rest
 *   present -1: many, not counted
 * @typedef {{ start: number, end: number, promised: boolean, label: string, titles: (string | null)[], rows: Row[],
 *   rest: (Rest | null)[] }} Block
 * @typedef {{ process: number, name: string, space: number, life: "not yet" | "lives" | "ended" }} Side
 * @typedef {{ frame: number, content: string, gone: boolean, come: boolean }} FrameBox
 * @typedef {{ slot: number, page: number, gone: boolean, come: boolean }} SlotBox
 * @typedef {{ at: number, from: number, sides: Side[], blocks: Block[], frames: FrameBox[], slots: SlotBox[],
 *   free: number }} Picture
 */

/** @type {Look} */
const NOTHING = {
  promised: false, there: false, present: false, writable: false, user: false, accessed: false, dirty: false,
  executable: false, zero: false, frame: -1, slot: -1, page: -1, kept: false,
};

// The same pte, in the same place?
/** @param {Look} a @param {Look} b */
export function same(a, b) {
  return /** @type {(keyof Look)[]} */ (Object.keys(NOTHING)).every((what) => a[what] === b[what]);
}

// Where an arrow points: to the frame that the pte names, or that still keeps the page; else to the page's slot.
/** @param {Look} look @returns {{ frame: number, slot: number } | null} */
export function target(look) {
  if (look.present || look.kept) return { frame: look.frame, slot: -1 };
  return look.slot >= 0 ? { frame: -1, slot: look.slot } : null;
}

// The rights that an arrow stands for.
/** @param {Look} look */
export const rights = (look) => {
  if (!look.present) return "";
  return "R" + (look.writable ? "W" : "") + (look.executable ? "X" : "");
};

export class PictureModel {
  /**
   * @param {import("page/travel.js").Travel} travel
   * @param {import("page/cast.js").Cast} cast
   * @param {import("page/plot.js").Plot} plot
   */
  constructor(travel, cast, plot) {
    this.travel = travel;
    this.trace = travel.trace;
    this.cast = cast;
    this.plot = plot;
  }

  // The step that event at - 1 ends, or is in the middle of, began after so many events.
  /** @param {number} at */
  stepBegan(at) {
    const { travel } = this, n = at - 1;
    if (n < 0) return 0;
    const fault = travel.faultOf(n);
    if (fault < 0) return n;
    const start = travel.faults.start[fault];
    return start <= n && n <= travel.faultEnd(fault) ? start : n;
  }

  // The page that the step on show is about, and whose; address -1: none.
  /** @param {number} from @param {number} at */
  focus(from, at) {
    const { trace } = this, n = from;
    if (n >= at || trace.event(n) !== trace.E.fault) return { process: 0, address: -1, access: "" };
    const address = trace.address(n);
    return {
      process: this.cast.ownerOf(trace.space(n), n),
      address: address - (address % PAGE_BYTES),
      access: ACCESS[trace.detailLow(n)] || "access",
    };
  }

  /** @param {number} process */
  spaceOf(process) {
    const { state } = this.travel;
    if (process <= 0 || process >= state.size.processes) return 0;
    const space = state.S[state.R_SPACE + process];
    return space > 0 && space < state.size.spaces && state.S[state.A_LIVE + space] ? space : 0;
  }

  /** @param {number} process @returns {Side} */
  side(process) {
    const { state } = this.travel, life = state.S[state.R_STATE + process];
    return {
      process,
      name: life ? this.travel.processName(process) : this.cast.name(process),
      space: this.spaceOf(process),
      life: life === 0 ? "not yet" : life === 1 ? "lives" : "ended",
    };
  }

  /** @param {number} space @param {number} address @returns {Look} */
  look(space, address) {
    const s = this.travel.state, { S } = s;
    if (!space) return NOTHING;
    const region = Regions.find(this.travel.regions.get(S[s.A_REGIONS + space]), address);
    const entry = s.findAddress(space, address);
    if (entry < 0) return { ...NOTHING, promised: Boolean(region) };
    const low = S[s.E_PTE + entry], high = S[s.E_PTE_HIGH + entry], page = S[s.E_PAGE + entry];
    const present = Boolean(low & PTE.PRESENT), inFrame = page >= 0 ? S[s.P_FRAME + page] : -1;
    return {
      promised: Boolean(region),
      there: true,
      present,
      writable: present && Boolean(low & PTE.WRITABLE),
      user: present && Boolean(low & PTE.USER),
      accessed: present && Boolean(low & PTE.REFERENCED),
      dirty: present && Boolean(low & PTE.DIRTY),
      executable: present && !(high & PTE_NO_EXECUTE_HIGH),
      zero: present && pteFrame(low, high) === this.trace.header.zero_frame,
      frame: present ? pteFrame(low, high) : inFrame,
      slot: page >= 0 ? S[s.P_SLOT + page] : -1,
      page,
      kept: !present && inFrame >= 0,
    };
  }

  // All pages of the picture, side by side.
  /** @param {number[]} processes @param {number[]} addresses */
  looks(processes, addresses) {
    return processes.map((process) => {
      const space = this.spaceOf(process);
      return addresses.map((address) => this.look(space, address));
    });
  }

  // The picture after n events; the state is left there. `most`: pages of each side; `processes`: whose, one or
  // two; `more`: addresses that somebody asked for.
  /** @param {number} n @param {number[]} processes @param {number} most @param {Set<number>} more @returns {Picture} */
  at(n, processes, most, more) {
    const { travel } = this, at = Math.max(0, Math.min(n, travel.built)), from = this.stepBegan(at);
    const focus = this.focus(from, at), inside = processes.includes(focus.process) ? focus.address : -1;
    const addresses = this.plot.pages(at, most, inside);
    for (const address of more) if (!addresses.includes(address)) addresses.push(address);
    addresses.sort((a, b) => a - b);
    travel.seek(from);
    const before = this.looks(processes, addresses);
    const changes = this.changes(from, at, processes, addresses, before);
    travel.seek(at);
    const now = this.looks(processes, addresses);
    const rows = addresses.map((address, i) => ({
      address,
      cells: processes.map((process, side) => {
        const old = before[side][i], changed = !same(old, now[side][i]) && (old.promised || old.there);
        const access = focus.process === process && focus.address === address ? focus.access : "";
        return { side, address, look: now[side][i], before: changed ? old : null,
                 change: changes[side][i], access };
      }),
    }));
    const sides = processes.map((process) => this.side(process));
    const blocks = this.blocks(sides, rows), cells = rows.flatMap((row) => row.cells);
    return {
      at,
      from,
      sides,
      blocks,
      frames: this.frames(cells),
      slots: this.slots(cells),
      free: this.travel.state.freeFrames(),
    };
  }

  // Which of the step's changes was the first, the second, …: of each page, 0: it has not changed.
  /**
   * @param {number} from @param {number} at @param {number[]} processes @param {number[]} addresses
   * @param {Look[][]} before
   */
  changes(from, at, processes, addresses, before) {
    const numbers = processes.map(() => addresses.map(() => 0));
    let last = before, number = 0;
    const step = at - from > REPLAYED ? at - from : 1;
    for (let n = from + step; n <= at; n += step) {
      this.travel.seek(n);
      const now = this.looks(processes, addresses);
      const changed = now.some((side, i) => side.some((look, j) => !same(look, last[i][j])));
      if (changed) number++;
      now.forEach((side, i) => side.forEach((look, j) => { if (!same(look, last[i][j])) numbers[i][j] = number; }));
      last = now;
    }
    return numbers;
  }

  // --- What stands around the pages ---------------------------------------------------------------

  // The rows by regions; a region that both sides have is one block.
  /** @param {Side[]} sides @param {Row[]} rows @returns {Block[]} */
  blocks(sides, rows) {
    const { state } = this.travel, sets = sides.map((side) =>
      side.space ? Regions.joined(this.travel.regions.get(state.S[state.A_REGIONS + side.space])) : []);
    /** @type {Block[]} */
    const blocks = [];
    for (const row of rows) {
      const found = sets.map((set) => Regions.find(set, row.address)), region = found.find(Boolean);
      const start = region ? region.start : row.address, end = region ? region.end : row.address + PAGE_BYTES;
      const last = blocks[blocks.length - 1];
      if (last && (region ? last.promised && row.address < last.end && row.address >= last.start : !last.promised)) {
        last.rows.push(row);
        last.end = Math.max(last.end, end);
        continue;
      }
      blocks.push({
        start,
        end,
        promised: Boolean(region),
        label: region ? this.backing(region) : "promised to nobody",
        titles: found.map((each) => (each ? this.rightsOf(each) : null)),
        rows: [row],
        rest: [],
      });
    }
    for (const block of blocks) block.rest = sides.map((side) => this.rest(side, block));
    return blocks;
  }

  /** @param {import("page/regions.js").Region} region */
  backing(region) {
    if (region.stack) return "stack";
    return region.object === NONE ? "zeroes" : this.trace.objectName(region.object);
  }

  /** @param {import("page/regions.js").Region} region */
  rightsOf(region) { return `${rightsOf(region.access)} ${region.shared ? "shared" : "private"}`; }

  // The pages of a region that are not rows: how many, and what a strip of them shows. In a cell: 0 nothing, 1 the name
  // of a page that is not present, 2 a frame.
  /** @param {Side} side @param {Block} block @returns {Rest | null} */
  rest(side, block) {
    if (!side.space || !block.promised) return null;
    const s = this.travel.state, { S } = s, all = (block.end - block.start) / PAGE_BYTES;
    const shown = new Set(block.rows.map((row) => row.address)), count = all - shown.size;
    if (count <= 0) return null;
    const pages = Math.ceil(all / STRIP_CELLS), cells = new Array(Math.ceil(all / pages)).fill(0);
    if (Math.min(all, S[s.A_ENTRIES + side.space]) > COUNTED) {
      this.probe(side.space, block.start, pages, cells);
      return { count, present: -1, swapped: -1, cells, pages };
    }
    let present = 0, swapped = 0;
    for (const entry of s.within(side.space, block.start, block.end)) {
      const address = s.address(entry);
      if (shown.has(address)) continue;
      const here = S[s.E_PTE + entry] & PTE.PRESENT;
      if (here) present++; else swapped++;
      const cell = Math.floor((address - block.start) / PAGE_BYTES / pages);
      cells[cell] = Math.max(cells[cell], here ? 2 : 1);
    }
    return { count, present, swapped, cells, pages };
  }

  // As rest() fills cells, from a few pages of each.
  /** @param {number} space @param {number} start @param {number} pages @param {number[]} cells */
  probe(space, start, pages, cells) {
    const s = this.travel.state, { S } = s, apart = Math.max(1, Math.floor(pages / PROBES)) * PAGE_BYTES;
    cells.forEach((_, cell) => {
      const from = start + cell * pages * PAGE_BYTES;
      for (let at = from; at < from + pages * PAGE_BYTES && cells[cell] < 2; at += apart) {
        const entry = s.findAddress(space, at);
        if (entry >= 0) cells[cell] = Math.max(cells[cell], S[s.E_PTE + entry] & PTE.PRESENT ? 2 : 1);
      }
    });
  }

  // The frames that an arrow points to now, or did before the step.
  /** @param {Cell[]} cells @returns {FrameBox[]} */
  frames(cells) {
    const { now, before } = targets(cells, "frame"), s = this.travel.state, { S } = s, { header } = this.trace;
    return [...new Set([...now, ...before])].map((frame) => {
      const page = frame < s.size.frames ? S[s.F_PAGE + frame] : -1;
      return {
        frame,
        content: frame === header.zero_frame ? "the zero page" : this.content(frame, page),
        gone: !now.has(frame),
        come: !before.has(frame),
      };
    });
  }

  /** @param {number} frame @param {number} page */
  content(frame, page) {
    const s = this.travel.state, { S } = s, kind = this.trace.names.state[S[s.F_STATE + frame]];
    const free = kind === "free" ? "free" : "";
    if (page < 0) return free || kind || "";
    const held = S[s.P_HELD + page];
    const what = held ? `${this.trace.objectName(S[s.P_OBJECT + page])} p. ${S[s.P_INDEX + page]}` : `page ${page}`;
    return free ? `free, keeps ${what}` : what;
  }

  /** @param {Cell[]} cells @returns {SlotBox[]} */
  slots(cells) {
    const { now, before } = targets(cells, "slot"), s = this.travel.state, { S } = s;
    return [...new Set([...now, ...before])].sort((a, b) => a - b).map((slot) => ({
      slot, page: S[s.SLOT + slot], gone: !now.has(slot), come: !before.has(slot),
    }));
  }
}

// The frames, or the slots, that arrows point to, and did before the step.
/** @param {Cell[]} cells @param {"frame" | "slot"} what */
function targets(cells, what) {
  /** @type {Set<number>} */ const now = new Set();
  /** @type {Set<number>} */ const before = new Set();
  for (const cell of cells) {
    const to = target(cell.look), from = target(cell.before || cell.look);
    if (to && to[what] >= 0) now.add(to[what]);
    if (from && from[what] >= 0) before.add(from[what]);
  }
  return { now, before };
}
