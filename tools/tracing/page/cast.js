// cast.js - whom a trace is about: the program that was asked for, and what came of it by fork.
//
// init starts everything, and a shell most things; both are left out until somebody asks for them, unless
// nothing else ran.

const INIT = 1;
const STAGE_HANDS = new Set(["init", "sh", "ash", "busybox"]); // they set the stage for others

/**
 * A process through the whole trace; events: of its beginning, its execs and its end, -1: none.
 * @typedef {{ process: number, parent: number, began: number, ended: number,
 *   programs: { event: number, name: string }[] }} Actor
 */

export class Cast {
  /** @param {import("page/trace.js").Trace} trace */
  constructor(trace) {
    this.trace = trace;
    /** @type {Map<number, Actor>} */
    this.actors = new Map();
    /** @type {Map<number, { event: number, process: number }[]>} */
    this.owners = new Map(); // of a space, from an event on
    this.scanned = 0;
    /** @type {Map<number, string>} */
    this.families = new Map(); // process -> its place in the family
    /** @type {Set<number>} */
    this.players = new Set(); // of the story, in the order in which they began
  }

  // Look at the records that are new.
  scan() {
    const { trace, actors } = this, { E } = trace, from = this.scanned;
    for (let n = this.scanned; n < trace.count; n++) {
      const event = trace.event(n);
      if (event !== E.process && event !== E.exec && event !== E.exit) continue;
      const process = trace.page(n), actor = actors.get(process);
      if (event === E.process) {
        const parent = trace.detailLow(n), before = actors.get(parent);
        const programs = before ? before.programs.slice(-1) : [];
        actors.set(process, { process, parent, began: n, ended: -1, programs });
        this.owns(trace.space(n), n, process);
      } else if (event === E.exit) {
        if (actor) actor.ended = n;
      } else {
        const known = actor || { process, parent: 0, began: n, ended: -1, programs: [] };
        known.programs.push({ event: n, name: trace.text(n) });
        actors.set(process, known);
        this.owns(trace.space(n), n, process);
      }
    }
    this.scanned = trace.count;
    if (this.scanned === from) return;
    this.players = new Set(this.chosen());
    this.findFamilies();
  }

  // Each one's place: which child of whom, and so on up to init. Two runs of a program may number its processes
  // otherwise; their places are the same.
  findFamilies() {
    /** @type {Map<number, number>} */
    const children = new Map();
    this.families.clear();
    for (const actor of [...this.actors.values()].sort((a, b) => a.began - b.began)) {
      const number = (children.get(actor.parent) || 0) + 1;
      children.set(actor.parent, number);
      this.families.set(actor.process, `${this.families.get(actor.parent) || ""}/${number}`);
    }
  }

  // Who has that place; undefined: nobody.
  /** @param {string} family */
  member(family) {
    for (const [process, place] of this.families) if (place === family) return process;
    return undefined;
  }

  /** @param {number} space @param {number} event @param {number} process */
  owns(space, event, process) {
    const owners = this.owners.get(space) || [];
    if (!owners.length || event > owners[owners.length - 1].event) owners.push({ event, process });
    this.owners.set(space, owners);
  }

  // The process whose space it is when that event takes place; 0: nobody's. Who shares a space by clone or
  // vfork is not its owner: the first is.
  /** @param {number} space @param {number} n */
  ownerOf(space, n) {
    const owners = this.owners.get(space) || [];
    let owner = 0;
    for (const each of owners) if (each.event <= n || !owner) owner = each.process;
    return owner;
  }

  // The event with which the program in a space began; -1: it is not told.
  /** @param {number} space */
  beginsOf(space) {
    const owners = this.owners.get(space);
    return owners ? owners[0].event : -1;
  }

  /** @param {number} process */
  name(process) {
    const actor = this.actors.get(process), last = actor && actor.programs[actor.programs.length - 1];
    return last ? last.name : process === INIT ? "init" : "?";
  }

  // Does it only start others?
  /** @param {Actor} actor */
  sets(actor) {
    const own = actor.programs.filter((program) => program.event >= actor.began);
    const names = own.length ? own : actor.programs;
    return actor.process === INIT || names.every((program) => STAGE_HANDS.has(program.name));
  }

  story() { return [...this.players]; }

  // Is it of the story?
  /** @param {number} process */
  plays(process) { return this.players.has(process); }

  // The processes that did more than to start others; where there are none, those that did, but init.
  chosen() {
    const actors = [...this.actors.values()].sort((a, b) => a.began - b.began);
    const players = actors.filter((actor) => !this.sets(actor));
    if (players.length) return players.map((actor) => actor.process);
    const others = actors.filter((actor) => actor.process !== INIT);
    return (others.length ? others : actors).map((actor) => actor.process);
  }

  // So many events have happened when the story has just begun: its first program is there.
  opening() {
    const first = this.actors.get(this.story()[0] || 0);
    if (!first) return this.trace.count;
    const own = first.programs.find((program) => program.event >= first.began && !STAGE_HANDS.has(program.name));
    const program = own || first.programs.find((each) => each.event >= first.began);
    return (program ? program.event : first.began) + 1;
  }
}
