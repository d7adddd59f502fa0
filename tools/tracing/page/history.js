// history.js - all that is known of what is selected: a frame, a page or a pte.

import { frameKind, frameOwner, KINDS } from "page/colours.js";
import { byId, keepingFocus } from "page/elements.js";
import { Regions } from "page/regions.js";
import { lowerBound } from "page/search.js";
import { FRAME_BUSY, FRAME_RESIDENT, FRAME_TABLE } from "page/state.js";
import { HIGH, PAGE_BYTES, W, WORDS } from "page/trace.js";
import { hex, milliseconds, plural, rightsOf } from "page/words.js";

const HISTORY_SHOWS = 200;

/** @typedef {(string | HTMLElement)[]} Line */

export class History {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.key = ""; // what is listed: of that, from the event of that place in what was found
    this.from = -1;
    /** @type {number[]} */
    this.found = [];
    /** @type {Element | undefined} */
    this.current = undefined;
    this.facts = byId("selected");
    this.list = byId("history");
    // Events whose words "page" and "frame" mean something else.
    const { E } = app.trace;
    const foreign = [E.map, E["dump-region"], E.process, E.exec, E.exit, E.suspend, E.switch, E.note];
    this.foreignPage = new Set([...foreign, E.fork, E.name, E.request, E.served, E.shootdown, E["shootdown-sent"]]);
    this.foreignFrame = new Set([...foreign, E["dump-frame"], E["dump-page"], E["dump-entry"]]);
  }

  draw() {
    const { selection } = this.app;
    if (selection.frame !== undefined) this.show(this.frameFacts(selection.frame));
    else if (selection.page !== undefined) this.show(this.pageFacts(selection.page));
    else if (selection.address !== undefined) this.show(this.entryFacts(selection.space ?? 0, selection.address));
    this.drawHistory();
  }

  /** @param {Line[]} lines */
  show(lines) {
    keepingFocus(this.facts, () => this.facts.replaceChildren(...lines.map((parts) => {
      const line = document.createElement("p");
      line.append(...parts);
      return line;
    })));
  }

  // --- Facts ----------------------------------------------------------------------------------

  /** @param {number} frame */
  frameLine(frame) {
    const { travel } = this.app, s = travel.state;
    const kind = KINDS[frameKind(s, frame)][0], page = s.S[s.F_PAGE + frame], owner = frameOwner(s, frame);
    const whose = owner > 0 ? `, of ${travel.spaceName(owner)}` : owner < 0 ? ", of several" : "";
    return `frame ${frame}: ${kind}${page >= 0 ? `, page ${page}` : ""}${whose}`;
  }

  /** @param {number} frame */
  frameFacts(frame) {
    const { app } = this, s = app.travel.state, S = s.S, page = S[s.F_PAGE + frame], flags = S[s.F_FLAGS + frame];
    /** @type {Line[]} */
    const lines = [[this.frameLine(frame) + ` (physical address ${hex(frame * PAGE_BYTES)})`]];
    if (S[s.F_STATE + frame] === FRAME_TABLE && S[s.F_LEVEL + frame] >= 0)
      lines.push([`A table of ${app.travel.spaceName(S[s.F_SPACE + frame])}, level ${S[s.F_LEVEL + frame]}, for `,
                  `${hex(S[s.F_ADDRESS + frame] * 512 * PAGE_BYTES)}.`]);
    if (S[s.F_STATE + frame] === FRAME_RESIDENT || S[s.F_STATE + frame] === FRAME_BUSY)
      lines.push([`Group ${S[s.F_GROUP + frame]}; ${flags & 1 ? "referenced" : "not referenced"}, `,
                  `${flags & 2 ? "dirty" : "clean"} as far as the trace tells.`]);
    if (page >= 0) lines.push(...this.pageFacts(page));
    return lines;
  }

  /** @param {number} page */
  pageFacts(page) {
    const { app } = this, s = app.travel.state, S = s.S;
    if (!S[s.P_USED + page]) return [[`page ${page}: not in use now`]];
    const frame = S[s.P_FRAME + page], slot = S[s.P_SLOT + page];
    /** @type {Line[]} */ const lines = [];
    lines.push([
      `page ${page}: `,
      frame < 0 ? "no frame" : app.link(`frame ${frame}`, { frame }),
      slot < 0 ? ", no slot" : `, slot ${slot}`,
      `, ${plural(s.holders(page), "holder")}`,
    ]);
    if (S[s.P_HELD + page])
      lines.push([`Page ${S[s.P_INDEX + page]} of ${app.trace.objectName(S[s.P_OBJECT + page])}.`]);
    let shown = 0;
    for (let entry = S[s.P_NAMERS + page]; entry >= 0 && shown < 30; entry = S[s.E_PAGE_NEXT + entry], shown++) {
      const space = S[s.E_SPACE + entry], address = s.address(entry);
      lines.push([
        app.link(`${hex(address)} of ${app.travel.spaceName(space)}`, { space, address }),
        ": " + app.words.pte(S[s.E_PTE + entry], S[s.E_PTE_HIGH + entry]),
      ]);
    }
    return lines;
  }

  /** @param {number} space @param {number} address */
  entryFacts(space, address) {
    const { app } = this, s = app.travel.state, S = s.S, lines = [];
    if (address >= 2 ** 47) return [[`${hex(address)} is in the kernel's half, of which the trace tells nothing.`]];
    const entry = s.findAddress(space, address),
      region = Regions.find(app.travel.regions.get(S[s.A_REGIONS + space]), address);
    lines.push([`${hex(address)} of ${app.travel.spaceName(space)}`]);
    if (region) lines.push(["In the region ", `${hex(region.start)}-${hex(region.end)} ${rightsOf(region.access)}`,
                            `, ${app.spaceView.backing(region)}.`]);
    else if (app.trace.sharedFrame(address) >= 0)
      return [...lines, [`The code that every space has, or what that reads: frame ${app.trace.sharedFrame(address)}` +
                         ", the kernel's, read-only. No region promises it, and nobody is charged."]];
    else lines.push(["In no region: nothing is promised there."]);
    if (entry < 0) return [...lines, ["Its pte: zero, nothing of its own."]];
    const low = S[s.E_PTE + entry], high = S[s.E_PTE_HIGH + entry], page = S[s.E_PAGE + entry];
    lines.push([`Its pte: ${app.words.pteHex(low, high)}, ${app.words.pte(low, high)}.`]);
    return page < 0 ? lines : [...lines, ...this.pageFacts(page)];
  }

  // --- History ----------------------------------------------------------------------------------

  // Numbers of the events about what is selected.
  events() {
    const { frame, page, space, address } = this.app.selection;
    if (frame !== undefined) return this.eventsThat(W.FRAME, frame, this.foreignFrame);
    if (page !== undefined) return this.eventsThat(W.PAGE, page, this.foreignPage);
    if (address === undefined) return [];
    const { words, E } = this.app.trace, high = Math.floor(address / HIGH);
    return this.eventsThat(W.ADDRESS, address % HIGH, new Set([E["dump-entry"]]))
      .filter((n) => words[n * WORDS + W.ADDRESS_HIGH] === high && words[n * WORDS + W.SPACE] === space);
  }

  // Those in which a word has that value, but for some kinds.
  /** @param {number} word @param {number} value @param {Set<number>} but */
  eventsThat(word, value, but) {
    const { trace } = this.app, { words } = trace, end = trace.count * WORDS, found = [];
    for (let at = 0; at < end; at += WORDS)
      if (words[at + word] === value && !but.has(words[at + W.EVENT])) found.push(at / WORDS);
    return found;
  }

  drawHistory() {
    const { app } = this, { selection } = app;
    if (selection.frame === undefined && selection.page === undefined && selection.address === undefined) return;
    const key = `${selection.frame} ${selection.page} ${selection.space} ${selection.address} ${app.trace.count}`;
    if (key !== this.key) {
      this.key = key;
      this.found = this.events();
      this.from = -1;
    }
    const now = lowerBound(this.found, app.travel.at); // so many have happened
    const from = Math.max(0, now - HISTORY_SHOWS / 2), shown = this.found.slice(from, from + HISTORY_SHOWS);
    if (from !== this.from) {
      this.from = from;
      keepingFocus(this.list, () => this.list.replaceChildren(...shown.map((n) => {
        const item = document.createElement("li");
        item.append(app.link(`${n}  ${milliseconds(app.trace.time(n))}  ${app.words.event(n)}`, { event: n }));
        return item;
      })));
    }
    [...this.list.children].forEach((item, i) => {
      item.className = from + i === now - 1 ? "now" : from + i >= now ? "later" : "";
    });
    const current = this.list.children[now - 1 - from];
    if (current instanceof HTMLElement && current !== this.current)
      this.list.scrollTop = current.offsetTop - this.list.offsetTop - 60;
    this.current = current;
  }
}
