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
 * @typedef {{ start: number, end: number, count: number, present: number, swapped: number, cells: number[],
 *   pages: number }} Rest  present -1: many, not counted
 * @typedef {{ title: string, backing: string, start: number, end: number }} Promised  of a side's region
 * @typedef {{ regions: (Promised | null)[], rows: Row[], rest: (Rest | null)[] }} Block
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

  // The pages that it is about after n events, so many at most, the weightiest first. `processes`: whose, one or two.
  /** @param {number} n @param {number[]} processes @param {number} most */
  choose(n, processes, most) {
    const at = this.travel.within(n), focus = this.focus(this.stepBegan(at), at);
    return this.plot.pages(at, most, processes.includes(focus.process) ? focus.address : -1);
  }

  // The picture of these pages after n events; the state is left there.
  /** @param {number} n @param {number[]} processes @param {number[]} pages  their addresses @returns {Picture} */
  at(n, processes, pages) {
    const { travel } = this, at = travel.within(n), from = this.stepBegan(at), focus = this.focus(from, at);
    const addresses = [...new Set(pages)].sort((a, b) => a - b);
    travel.seek(from);
    const before = this.looks(processes, addresses);
    const order = this.changes(from, at, processes, addresses, before);
    travel.seek(at);
    const now = this.looks(processes, addresses), changes = numbered(order, before, now);
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

  // Which of the step's changes was the last of each page; 0: it has not changed.
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

  // The rows by regions: of each side its own, which may differ; the strip of a region's other pages stands under its
  // last row.
  /** @param {Side[]} sides @param {Row[]} rows @returns {Block[]} */
  blocks(sides, rows) {
    const { state } = this.travel, sets = sides.map((side) =>
      side.space ? Regions.joined(this.travel.regions.get(state.S[state.A_REGIONS + side.space])) : []);
    /** @type {Block[]} */
    const blocks = [];
    for (const row of rows) {
      const found = sets.map((set) => this.promised(Regions.find(set, row.address)));
      const last = blocks[blocks.length - 1];
      if (last && found.every((region, side) => sameRegion(region, last.regions[side]))) last.rows.push(row);
      else blocks.push({ regions: found, rows: [row], rest: [] });
    }
    blocks.forEach((block, i) => {
      block.rest = sides.map((side, j) => {
        const region = block.regions[j], after = blocks[i + 1];
        const goesOn = after !== undefined && sameRegion(region, after.regions[j]);
        return region && !goesOn ? this.rest(side, region, rows) : null;
      });
    });
    return blocks;
  }

  /** @param {import("page/regions.js").Region | undefined} region @returns {Promised | null} */
  promised(region) {
    if (!region) return null;
    return { title: this.rightsOf(region), backing: this.backing(region), start: region.start, end: region.end };
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
  /** @param {Side} side @param {Promised} region @param {Row[]} rows @returns {Rest | null} */
  rest(side, { start, end }, rows) {
    const s = this.travel.state, { S } = s, all = (end - start) / PAGE_BYTES;
    const inside = rows.map((row) => row.address).filter((address) => address >= start && address < end);
    const shown = new Set(inside), count = all - shown.size;
    if (count <= 0) return null;
    const pages = Math.ceil(all / STRIP_CELLS), cells = new Array(Math.ceil(all / pages)).fill(0);
    if (Math.min(all, S[s.A_ENTRIES + side.space]) > COUNTED) {
      this.probe(side.space, start, pages, cells);
      return { start, end, count, present: -1, swapped: -1, cells, pages };
    }
    let present = 0, swapped = 0;
    for (const entry of s.within(side.space, start, end)) {
      const address = s.address(entry);
      if (shown.has(address)) continue;
      const here = S[s.E_PTE + entry] & PTE.PRESENT;
      if (here) present++; else swapped++;
      const cell = Math.floor((address - start) / PAGE_BYTES / pages);
      cells[cell] = Math.max(cells[cell], here ? 2 : 1);
    }
    return { start, end, count, present, swapped, cells, pages };
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

// The pages that are otherwise now, numbered from 1 without a gap: what changed and changed back is none of them.
/** @param {number[][]} order @param {Look[][]} before @param {Look[][]} now */
function numbered(order, before, now) {
  const kept = order.map((side, i) => side.map((number, j) => (same(before[i][j], now[i][j]) ? 0 : number)));
  const ranks = [...new Set(kept.flat())].filter(Boolean).sort((a, b) => a - b);
  return kept.map((side) => side.map((number) => ranks.indexOf(number) + 1));
}

/** @param {Promised | null} a @param {Promised | null} b */
function sameRegion(a, b) { return a && b ? a.start === b.start : a === b; }

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
