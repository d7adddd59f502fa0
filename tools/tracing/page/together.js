// together.js - which pages two runs show beside each other: the same in both, so that each stands at the same place.

/** @typedef {import("page/app.js").App} App */

export class Together {
  /** @param {App[]} apps  both runs' pages */
  constructor(apps) {
    this.apps = apps;
    const { more } = apps[0].picture;
    for (const { picture } of apps) {
      picture.even = true;
      picture.more = more;
    }
  }

  // Before both go to these moments. `acts`: the run whose processes both show, unless somebody has chosen others.
  /** @param {number[]} moments @param {number} acts */
  choose(moments, acts) {
    const leads = this.leader(acts);
    const processes = this.apps.map((app, side) => this.whom(app, moments[side]));
    processes[1 - leads] = this.counterparts(leads, processes[leads]) || processes[1 - leads];
    const wishes = this.apps.map(({ picture }, side) => picture.wish(moments[side], processes[side]));
    const pages = inTurn(wishes);
    this.apps.forEach(({ picture }, side) => { picture.given = { processes: processes[side], pages }; });
  }

  // Who chose last is followed: the choice before, in the other run, is none any more.
  /** @param {number} acts */
  leader(acts) {
    const chosen = this.apps.map((app) => app.picture.chosen);
    const leads = chosen[1 - acts] && !chosen[acts] ? 1 - acts : acts;
    if (chosen[leads]) this.apps[1 - leads].picture.chosen = false;
    return leads;
  }

  /** @param {App} app @param {number} moment */
  whom({ picture }, moment) { return picture.chosen ? picture.processes : picture.whom(moment); }

  // The other run's processes of the same places in the family; null: it has not all of them.
  /** @param {number} leads @param {number[]} processes */
  counterparts(leads, processes) {
    const [own, other] = leads ? [...this.apps].reverse() : this.apps;
    const found = processes.map((process) => other.cast.member(own.cast.families.get(process) || ""));
    return /** @type {number[] | null} */ (found.includes(undefined) ? null : found);
  }
}

// From both in turn, as many as the longer has.
/** @param {number[][]} wishes */
function inTurn(wishes) {
  const most = Math.max(...wishes.map((each) => each.length));
  /** @type {Set<number>} */
  const found = new Set();
  for (let i = 0; i < most; i++)
    for (const wish of wishes) if (i < wish.length && found.size < most) found.add(wish[i]);
  return [...found];
}
