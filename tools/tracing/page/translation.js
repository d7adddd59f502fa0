// translation.js - an address's way to its frame: 48 bits in five parts, four of which choose an entry of a table.
//
// The trace tells which frames are tables, of which level and for which addresses, and all ptes. It
// never tells an entry of the upper three levels: that leads to the table below, and is what the
// kernel writes there (present, writable, for user code, the frame). The A that the processor sets
// in it nobody has seen.

import { Regions } from "page/regions.js";
import { FRAME_TABLE } from "page/state.js";
import { HIGH, PAGE_BYTES, PTE, pteFrame, ptePage } from "page/trace.js";
import { PTE_BITS, plural, rightsOf, WHERE_SET, Words } from "page/words.js";

export const LEVELS = 4;
const INDEX_BITS = 9, OFFSET_BITS = 12, ADDRESS_BITS = 48;
const SPANS = ["", "4 KiB", "2 MiB", "1 GiB", "512 GiB"]; // what one entry of each level is for
const TABLE_BITS = PTE.PRESENT | PTE.WRITABLE | PTE.USER; // of an entry that leads to a table

/**
 * Bits `low` to `high` of an address; level 0: the offset in the page.
 * @typedef {{ level: number, high: number, low: number, bits: string, value: number }} Part
 *
 * An entry on the way: of that number, in the table in that frame. `named`: the frame that it leads to.
 * @typedef {{ level: number, table: number, index: number, low: number, high: number, words: string,
 *   named: number }} Step
 *
 * @typedef {{ address: bigint, space: number, parts: Part[], steps: Step[], physical: bigint | null, frame: number,
 *   end: string }} Translation
 */

/** @param {bigint} address */
export const hexOf = (address) => "0x" + address.toString(16);

/** @param {bigint} address */
export function canonical(address) {
  const upper = address >> BigInt(ADDRESS_BITS - 1);
  return upper === 0n || upper === (1n << 17n) - 1n;
}

/** @param {bigint} address */
export const ofKernel = (address) => address >> BigInt(ADDRESS_BITS - 1) !== 0n;

/**
 * What somebody typed: the address, or why it is none.
 * @param {string} text
 * @returns {{ address: bigint } | { wrong: string }}
 */
export function addressOf(text) {
  const word = text.trim().replace(/[_']/g, "");
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(word))
    return { wrong: `“${text.trim()}” is not an address: 0x and hexadecimal digits, or a decimal number.` };
  const address = BigInt(word);
  return address < 1n << 64n ? { address } : { wrong: `${word} has more than 64 bits.` };
}

/**
 * The five parts, the uppermost first.
 * @param {bigint} address
 * @returns {Part[]}
 */
export function partsOf(address) {
  const part = (/** @type {number} */ level) => {
    const low = level ? OFFSET_BITS + INDEX_BITS * (level - 1) : 0, width = level ? INDEX_BITS : OFFSET_BITS;
    const value = Number((address >> BigInt(low)) & ((1n << BigInt(width)) - 1n));
    return { level, high: low + width - 1, low, bits: value.toString(2).padStart(width, "0"), value };
  };
  return [4, 3, 2, 1, 0].map(part);
}

// Where the tables of a space are.
export class Tables {
  /** @param {import("page/travel.js").Travel} travel */
  constructor(travel) {
    this.travel = travel;
    /** @type {Map<number, number>} */
    this.found = new Map(); // by level and the part of the address above it
    this.key = "";
  }

  /** @param {number} level @param {number} number  of the 2 MiB that the address lies in */
  static place(level, number) { return level * HIGH + Math.floor(number / 512 ** (level - 1)); }

  /** @param {number} space */
  look(space) {
    const s = this.travel.state, S = s.S, key = `${space} ${s.frameWrites}`;
    if (key === this.key) return;
    this.key = key;
    this.found.clear();
    for (let frame = 0; frame < s.size.frames; frame++)
      if (S[s.F_STATE + frame] === FRAME_TABLE && S[s.F_LEVEL + frame] > 0 && S[s.F_SPACE + frame] === space)
        this.found.set(Tables.place(S[s.F_LEVEL + frame], S[s.F_ADDRESS + frame]), frame);
  }

  /**
   * The frame of a space's table of that level for an address; -1: there is none.
   * @param {number} space
   * @param {number} level
   * @param {number} address
   */
  frame(space, level, address) {
    this.look(space);
    return this.found.get(Tables.place(level, Math.floor(address / (512 * PAGE_BYTES)))) ?? -1;
  }
}

/**
 * The bits of an entry that is present, in words.
 * @param {number} low
 * @param {number} high
 * @param {boolean} leadsOn  to a table
 */
function bitsInWords(low, high, leadsOn) {
  const words = ["present", low & PTE.WRITABLE ? "writable" : "not writable"];
  words.push(low & PTE.USER ? "for user code" : "for the kernel only");
  for (const [bit, name, meaning] of PTE_BITS) {
    if (bit < 3 || WHERE_SET.includes(bit) || !Words.bit(low, high, bit)) continue;
    words.push(bit < 9 ? `${name}: ${meaning.split(":")[0]}` : name === "NX" ? meaning : name);
  }
  if (!leadsOn && !Words.bit(low, high, 63)) words.push("executable");
  return words.join(", ");
}

export class Translator {
  /** @param {import("page/travel.js").Travel} travel */
  constructor(travel) {
    this.travel = travel;
    this.tables = new Tables(travel);
  }

  /**
   * The way of an address of a space, as far as it leads at this moment.
   * @param {number} space
   * @param {bigint} address
   * @returns {Translation}
   */
  translate(space, address) {
    /** @type {Translation} */
    const told = { address, space, parts: partsOf(address), steps: [], physical: null, frame: -1, end: "" };
    const s = this.travel.state;
    if (!canonical(address)) {
      told.end = "The address is not canonical: bits 48 to 63 must be as bit 47. The processor looks into no table: " +
        "a reference is a general-protection fault.";
    } else if (ofKernel(address)) {
      told.end = "The address is in the kernel's half, whose entries are the same in every space. The trace tells " +
        "nothing of them; “vm walk” in GDB does. Most are of large pages, where a walk ends early: 2 MiB at level 2, " +
        "1 GiB at level 3.";
    } else if (space <= 0 || space >= s.size.spaces || !s.S[s.A_LIVE + space]) {
      told.end = space > 0 ? `Space ${space} is not there at this moment: no tables.` : "No program's space is loaded.";
    } else {
      this.descend(told);
    }
    return told;
  }

  /** @param {Translation} told */
  descend(told) {
    const { space } = told, address = Number(told.address);
    for (let level = LEVELS; level > 0; level--) {
      const table = this.tables.frame(space, level, address), index = told.parts[LEVELS - level].value;
      if (table < 0) { // the root: the others are looked for before one gets there
        told.end = "The trace has not told where this space's root is.";
        return;
      }
      if (level === 1) {
        told.steps.push(this.last(told, table, index));
        return;
      }
      const below = this.tables.frame(space, level - 1, address);
      const low = below < 0 ? 0 : (below << 12) | TABLE_BITS, high = below < 0 ? 0 : below >>> 20;
      const words = below < 0 ? "zero: no table below" : bitsInWords(low, high, true);
      told.steps.push({ level, table, index, low, high, words, named: below });
      if (below >= 0) continue;
      told.end = `Nothing of these ${SPANS[level]} has a table: the walk ends here, and a reference is a page fault. ` +
        this.promised(told);
      return;
    }
  }

  /**
   * The pte.
   * @param {Translation} told
   * @param {number} table
   * @param {number} index
   * @returns {Step}
   */
  last(told, table, index) {
    const s = this.travel.state, S = s.S, entry = s.findAddress(told.space, Number(told.address));
    const low = entry < 0 ? 0 : S[s.E_PTE + entry], high = entry < 0 ? 0 : S[s.E_PTE_HIGH + entry];
    const offset = told.parts[LEVELS].value;
    let words = "zero: nothing of its own", named = -1;
    if (low & PTE.PRESENT) {
      named = told.frame = pteFrame(low, high);
      told.physical = BigInt(named) * BigInt(PAGE_BYTES) + BigInt(offset);
      words = bitsInWords(low, high, false);
      const zero = named === this.travel.trace.header.zero_frame
        ? " It is the one zero page, which stands in for all that was only read so far." : "";
      told.end = `Byte ${offset} of frame ${named}: physical address ${hexOf(told.physical)}.${zero}`;
    } else if (entry < 0) {
      told.end = "The pte is zero: a reference is a page fault. " + this.promised(told);
    } else {
      words = `not present, names page ${ptePage(low, high)}`;
      told.end = `The pte is not present: a reference is a page fault. ${this.whereIs(ptePage(low, high))}`;
    }
    return { level: 1, table, index, low, high, words, named };
  }

  // Where a page is that no present pte here leads to.
  /** @param {number} page */
  whereIs(page) {
    const s = this.travel.state, S = s.S;
    if (page >= s.size.pages || !S[s.P_USED + page]) return `It names page ${page}, which is not in use.`;
    const frame = S[s.P_FRAME + page], slot = S[s.P_SLOT + page];
    const swapped = slot < 0 ? "" : frame < 0 ? `: swapped out, it is in slot ${slot}` : `, and in slot ${slot} too`;
    return `It names page ${page}, which ${frame < 0 ? "has no frame" : `is in frame ${frame}`}${swapped}.`;
  }

  // What the regions say of an address that has nothing yet.
  /** @param {Translation} told */
  promised(told) {
    const s = this.travel.state, set = this.travel.regions.get(s.S[s.A_REGIONS + told.space]);
    const region = Regions.find(set, Number(told.address));
    if (!region) return "It is in no region: nothing was promised there, and a reference is invalid.";
    const pages = plural((region.end - region.start) / PAGE_BYTES, "page");
    return `Its region of ${pages}, ${rightsOf(region.access)}, says what is to come.`;
  }
}

/**
 * All of it in a paragraph.
 * @param {Translation} told
 * @param {string} whose  the space's name
 */
export function inWords(told, whose) {
  const [four, three, two, one, offset] = told.parts.map((part) => part.value);
  const name = hexOf(told.address) + (ofKernel(told.address) ? "" : ` of ${whose}`);
  const lines = [`${name}: entries ${four}, ${three}, ${two} and ${one} of levels 4 to 1, offset ${offset}.`];
  for (const { level, table, index, words, named } of told.steps) {
    const where = level === LEVELS ? `the root, in frame ${table} (CR3)` : `the level ${level} table in frame ${table}`;
    const to = named < 0 ? "" : level > 1 ? ` leads to the table in frame ${named}` : ` leads to frame ${named}`;
    lines.push(`Entry ${index} of ${where}${to}: ${words}.`);
  }
  lines.push(told.end);
  return lines.join(" ");
}

/** @param {Step} step */
export const entryHex = (step) =>
  "0x" + (step.high >>> 0).toString(16).padStart(8, "0") + (step.low >>> 0).toString(16).padStart(8, "0");
