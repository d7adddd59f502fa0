// finder.js - to the moment that somebody looks for: filters with "next of this kind", a field for words, and the
// address line, which follows the moment and leads back to it.
//
// What cannot be found is said, and why.

import { byId } from "page/elements.js";
import { lowerBound } from "page/search.js";
import { PAGE_BYTES } from "page/trace.js";
import { hex, plural } from "page/words.js";

const EVENTS = /** @type {Record<string, string>} */ ({ eviction: "evict", evict: "evict", fork: "process" });

const ADDRESSES = 2 ** 64;
const FOLLOW_MS = 150;
const NEW_MS = 1000; // faults that are new are filtered so often
const LINKED = ["event", "fault", "caption", "frame"]; // behind the # of the address
const KNOWN = "#fault=, #event=, #caption=, #frame= and #find=";

/** @param {string} name @returns {[string, string]} */
const twice = (name) => [name, name];

export class Finder {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.process = byId("filter-process", HTMLSelectElement);
    this.kind = byId("filter-kind", HTMLSelectElement);
    this.region = byId("filter-region", HTMLSelectElement);
    this.address = byId("filter-address", HTMLInputElement);
    this.count = byId("filter-count");
    this.field = byId("find", HTMLInputElement);
    /** @type {Record<string, Record<string, [number, number]>>} */ // of a program: address and bytes, by name
    this.symbols = JSON.parse(byId("symbols").textContent || "{}");
    /** @type {number[]} */ this.found = []; // faults that the filters let through
    /** @type {number[]} */ this.ends = []; // where they end, in order
    this.known = -1; // records, of which the choices were made
    this.soon = 0; // a timer, until new faults are filtered
    // What has a number: how one goes there.
    /** @type {Record<string, (n: number) => void>} */
    this.goes = {
      event: (n) => { app.goto(n); },
      fault: (n) => app.controls.toFault(n - 1),
      caption: (n) => app.captions.to(n - 1),
      frame: (n) => this.select({ frame: n }),
      page: (n) => this.select({ page: n }),
      slot: (n) => this.toSlot(n),
    };
    for (const filter of [this.process, this.kind, this.region, this.address])
      filter.addEventListener("change", () => this.filter());
    byId("filter-back").addEventListener("click", () => this.next(-1));
    byId("filter-on").addEventListener("click", () => this.next(1));
    byId("find-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.find(this.field.value);
    });
    this.hash = "";
    this.following = 0; // a timer
    addEventListener("hashchange", () => {
      if (location.hash !== this.hash) app.openAt(location.hash);
    });
  }

  // --- Filters ------------------------------------------------------------------------------------

  draw() {
    const { count } = this.app.trace;
    if (count !== this.known) {
      this.fill();
      // Of a machine that runs there are more all the time, and looking through all of them takes long.
      if (this.known < 0) this.filter();
      else if (!this.soon) this.soon = setTimeout(() => this.filter(), NEW_MS);
      this.known = count;
    }
    this.follow();
  }

  // What can be chosen. A list that somebody looks at stays as it is until there is something new in it.
  fill() {
    const { cast, trace } = this.app;
    const fill = (/** @type {HTMLSelectElement} */ select, /** @type {[string, string][]} */ options) => {
      const old = select.options.length ? select.value : options[0][0];
      if (String(options) === String([...select.options].map((each) => [each.value, each.text]))) return;
      select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
      select.value = options.some(([value]) => value === old) ? old : options[0][0];
    };
    const processes = /** @type {[string, string][]} */ ([...cast.actors.keys()].map((process) =>
      [String(process), `${cast.name(process)} (${process})`]));
    fill(this.process, [["story", "the story's processes"], ["", "all processes"], ...processes]);
    fill(this.kind, [["", "faults of all kinds"], ...trace.names.kind.map(twice)]);
    fill(this.region, [["", "all regions"], ...this.regionNames().map(twice)]);
  }

  // What regions are called, by all records of mappings.
  regionNames() {
    const { trace } = this.app, names = new Set(["stack", "zeroes"]);
    for (const object of trace.objectNames.keys()) names.add(trace.objectName(object));
    return [...names];
  }

  // The faults that all filters let through.
  filter() {
    clearTimeout(this.soon);
    this.soon = 0;
    const { app } = this, { trace } = app, { faults } = app.travel;
    const wanted = this.addressWanted();
    if (wanted === null) return;
    this.found = [];
    for (let fault = 0; fault < faults.start.length; fault++) {
      const n = faults.start[fault], owner = app.cast.ownerOf(trace.space(n), n), address = trace.address(n);
      const whose = this.process.value;
      if (whose === "story" ? !app.cast.plays(owner) : whose && owner !== Number(whose)) continue;
      if (this.kind.value && trace.names.kind[faults.kind[fault]] !== this.kind.value) continue;
      if (wanted && (address < wanted.address || address >= wanted.address + wanted.bytes)) continue;
      if (this.region.value && this.regionOf(trace.space(n), address, n) !== this.region.value) continue;
      this.found.push(fault);
    }
    this.ends = this.found.map((fault) => app.travel.faultEnd(fault)).sort((a, b) => a - b);
    this.count.textContent = plural(this.found.length, "fault");
  }

  // Of what the region was that an address was in when that event took place.
  /** @param {number} space @param {number} address @param {number} n */
  regionOf(space, address, n) {
    const { promises } = this.app.plot;
    return promises.backing(promises.at(space, address, n));
  }

  // What the field for an address asks for: undefined, nothing; null: it is no address, which is said.
  addressWanted() {
    const text = this.address.value.trim();
    if (!text) return undefined;
    const place = this.place(text);
    if (place) return place;
    this.app.say(`“${text}” is no address (0x409000) and no symbol of the program's.`);
    return null;
  }

  /** @param {string} text */
  place(text) {
    if (/^0x[0-9a-f]+$/i.test(text)) {
      const address = Number(text);
      if (address >= ADDRESSES) return undefined;
      return { address: address - (address % PAGE_BYTES), bytes: PAGE_BYTES };
    }
    const symbol = this.symbol(text);
    if (!symbol) return undefined;
    const [address, bytes] = symbol, first = address - (address % PAGE_BYTES);
    return { address: first, bytes: address + Math.max(1, bytes) - first };
  }

  // Of the program that is on show, or else of any that ran.
  /** @param {string} name */
  symbol(name) {
    const { cast, picture } = this.app, shown = picture.processes.map((process) => cast.name(process));
    for (const program of [...shown, ...Object.keys(this.symbols)]) {
      const known = Object.entries(this.symbols[program] || {}).find(([each]) => each === name);
      if (known) return known[1];
    }
    return undefined;
  }

  // To the next fault that the filters let through, or the one before.
  /** @param {number} way  1, -1 */
  next(way) {
    if (this.soon) this.filter();
    const { app, ends } = this, { at } = app.travel;
    const end = ends[way > 0 ? lowerBound(ends, at) : lowerBound(ends, at - 1) - 1];
    if (end !== undefined) app.goto(end + 1);
    else this.noSuch(way);
  }

  // Why there is no fault that way.
  /** @param {number} way */
  noSuch(way) {
    const { app } = this;
    if (!app.travel.faults.start.length) app.say("There is no fault in this trace.");
    else if (!this.found.length) app.say("The filters let no fault through: what is wanted of all four together.");
    else app.say(way > 0 ? "No later fault of this kind." : "No earlier fault of this kind.");
  }

  // --- Words ----------------------------------------------------------------------------------------

  // `copy`, `0x409000`, `frame 1283`, `page 12`, `slot 5`, `fault 57`, `caption 3`, `event 1200`, `process 3`,
  // a symbol, a program, or what an event is called. Only names of a program's own tell large letters from small.
  /** @param {string} text */
  find(text) {
    const { app } = this, { trace } = app, words = text.trim().split(/\s+/), number = words[1];
    const what = words[0].toLowerCase();
    app.asked.refuse([]); // what was asked for before
    if (!what) return app.say("Type what to find: copy, 0x409000, frame 1283, fault 57, or a symbol.");
    if (/^\d+$/.test(what)) return app.say(`${what} of what? fault ${what}, event ${what}, frame ${what}, …`);
    if (Object.hasOwn(this.goes, what)) return this.numbered(what, number);
    if (what === "process") return this.toProcess(number);
    if (trace.names.kind.includes(what)) {
      this.kind.value = what;
      this.filter();
      return this.nextOfKind(what);
    }
    const event = EVENTS[what] || what;
    if (trace.E[event] !== undefined) return this.nextEvent(trace.E[event], what);
    const name = words.join(" "), place = this.place(name);
    if (place) return this.toAddress(place.address, place.bytes, name);
    const runs = (/** @type {number} */ n) => trace.event(n) === trace.E.exec && trace.text(n) === name;
    if (this.nextThat(runs, `run of ${name}`)) return undefined;
    return app.say(`Nothing is called “${text}”: no kind of fault, event, symbol or program, and no address (0x…).`);
  }

  // To the one of that number, or in words why not.
  /** @param {string} what @param {string} [number] */
  numbered(what, number = "") {
    const { asked } = this.app, n = asked.number(what, number);
    if (typeof n === "number") return this.goes[what](n);
    this.app.say("");
    return asked.refuse([n]);
  }

  /** @param {number} slot */
  toSlot(slot) {
    const { state } = this.app.travel, page = state.S[state.SLOT + slot];
    if (page >= 0) this.select({ page }); else this.app.say(`Slot ${slot} holds no page at this moment.`);
  }

  /** @param {string} [number] */
  toProcess(number = "") {
    const { app } = this, { cast } = app, process = /^\d+$/.test(number) ? Number(number) : -1;
    const there = [...cast.actors.keys()].join(", ") || "none";
    if (!cast.actors.has(process)) return app.say(`There is no process ${number} in this trace; there are: ${there}.`);
    app.picture.choose(0, process);
    return app.say(`${cast.name(process)} (${process}) stands on the left.`);
  }

  /** @param {import("page/app.js").Selection} selection */
  select(selection) {
    this.app.select(selection);
    this.app.say(byId("selected").textContent || "");
  }

  // The next fault that the filters let through, now that they ask for that kind.
  /** @param {string} what */
  nextOfKind(what) {
    const { at } = this.app.travel, later = this.ends.find((end) => end >= at), end = later ?? this.ends[0];
    const { trace, travel } = this.app, kind = trace.names.kind.indexOf(what);
    if (end !== undefined) this.arrive(end + 1, what);
    else if (travel.faults.kind.includes(kind)) this.noSuch(1);
    else this.app.say(`There is no fault of the kind “${what}” in this trace.`);
  }

  // What was looked for is there. Behind the last one it is the first again, which is said.
  /** @param {number} moment @param {string} what */
  arrive(moment, what) {
    const { app } = this, again = moment <= app.travel.at;
    app.goto(moment, true);
    app.sayMoment(again ? `No later ${what}: from the first again.` : "");
  }

  // The next event of that kind after the moment; from the first again behind the last.
  /** @param {number} kind @param {string} what */
  nextEvent(kind, what) {
    const { app } = this, { trace } = app;
    if (!this.nextThat((n) => trace.event(n) === kind, what)) app.say(`No “${what}” happens in this trace.`);
  }

  // The next event that is so, likewise. Is there one?
  /** @param {(n: number) => boolean} is @param {string} what */
  nextThat(is, what) {
    const { trace, travel } = this.app, { at } = travel;
    for (let i = 0; i < trace.count; i++) {
      const n = (at + i) % trace.count;
      if (!is(n)) continue;
      this.arrive(n + 1, what);
      return true;
    }
    return false;
  }

  // The page is selected in a space that the story has, and the next fault there is gone to.
  /** @param {number} address @param {number} bytes @param {string} what */
  toAddress(address, bytes, what) {
    const { app } = this, { trace } = app, { faults } = app.travel;
    const inside = (/** @type {number} */ fault) => {
      const at = trace.address(faults.start[fault]);
      return at >= address && at < address + bytes;
    };
    const every = faults.start.map((_, fault) => fault).filter(inside);
    const whose = (/** @type {number} */ n) => app.cast.ownerOf(trace.space(n), n);
    const own = every.filter((fault) => app.cast.plays(whose(faults.start[fault])));
    const all = own.length ? own : every;
    const next = all.find((fault) => app.travel.faultEnd(fault) >= app.travel.at) ?? all[0];
    if (next === undefined) {
      const space = app.spaceView.space;
      this.select({ space, address });
      return app.say(`No fault at ${what}; the page at ${hex(address)} is selected.`);
    }
    this.arrive(app.travel.faultEnd(next) + 1, `fault at ${what}`);
    app.select({ space: trace.space(faults.start[next]), address: trace.address(faults.start[next]) });
  }

  // --- The address line -------------------------------------------------------------------------------

  // It says where we are, the fault that has just ended, or the event, as soon as we stay there: to change it costs
  // more than to draw.
  follow() {
    clearTimeout(this.following);
    this.following = setTimeout(() => {
      const hash = this.here();
      if (hash === this.hash || this.app.controls.timer) return;
      this.hash = hash;
      try {
        history.replaceState(null, "", hash);
      } catch {
        // A page within a page may not change its address.
      }
    }, FOLLOW_MS);
  }

  here() {
    const { travel } = this.app, { at } = travel, fault = travel.faultOf(at - 1);
    return fault >= 0 && travel.faults.end[fault] === at - 1 ? `#fault=${fault + 1}` : `#event=${at}`;
  }

  // What stands behind a # in the address: fault=N, event=N or caption=N; find=WORDS; and then frame=N. Did it say
  // where to go?
  /** @param {string} words */
  open(words) {
    const { app } = this, wanted = new URLSearchParams(words.replace(/^#/, ""));
    /** @type {string[]} */
    const refused = [];
    let went = false;
    for (const [name, value] of wanted) {
      if (name === "find") this.find(value);
      else if (!LINKED.includes(name)) refused.push(`#${name}: there are ${KNOWN}.`);
      else {
        const n = app.asked.number(name, value);
        if (typeof n === "number") this.goes[name](n); else refused.push(n);
        went = went || (typeof n === "number" && name !== "frame");
      }
      went = went || name === "find";
    }
    if (refused.length) app.asked.refuse(refused);
    return went;
  }
}
