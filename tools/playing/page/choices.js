// choices.js - which machine somebody chose, and what was typed in it: as the form, a link and the kernel know it.
//
// A link's part behind # repeats a run: #memory=64&swap=16&latency=100&policy=lru&run=demo-cow&run=free. What it
// does not name is as at the start. tools/playing/links.py writes such links for the documentation.

export const MEMORY_LEAST = 16, MEMORY_MOST = 64; // MiB; more the emulator has no room for
export const SWAP_MOST = 64, LATENCY_MOST = 1000000;
// eslint-disable-next-line no-control-regex
const KEYS = /[\x00-\x1f\x7f]/g;

/**
 * @typedef {object} Choices
 * @property {number} memory  MiB
 * @property {number} swap  MiB; 0: no swap area
 * @property {number} latency  of the swap area's device, in microseconds of the machine's time
 * @property {string} policy  which page goes when memory is short
 * @property {string[]} more  other parameters of the kernel
 */

/** @returns {Choices} */
export const first = () => ({ memory: 64, swap: 16, latency: 1000, policy: "clock", more: [] });

/** @param {string | null} word @param {number} least @param {number} most @param {number} otherwise */
function numberIn(word, least, most, otherwise) {
  const value = word === null || !/^\d{1,9}$/.test(word) ? otherwise : Number(word);
  return Math.max(least, Math.min(most, value));
}

/**
 * @param {string} hash  of an address, with its # or without
 * @returns {{ choices: Choices, run: string[] }}
 */
export function fromLink(hash) {
  const words = new URLSearchParams(hash.replace(/^#/, "")), start = first();
  const policy = words.get("policy") || "", more = words.getAll("parameter");
  const choices = {
    memory: numberIn(words.get("memory"), MEMORY_LEAST, MEMORY_MOST, start.memory),
    swap: numberIn(words.get("swap"), 0, SWAP_MOST, start.swap),
    latency: numberIn(words.get("latency"), 0, LATENCY_MOST, start.latency),
    policy: /^[a-z-]{1,15}$/.test(policy) ? policy : start.policy,
    more: more.filter((word) => /^[a-z_]+=[\w-]+$/.test(word)),
  };
  // A line is one line, and has no keys that do something else.
  const lines = words.getAll("run").flatMap((text) => text.split(/[\r\n]/)).map((line) => line.replace(KEYS, ""));
  return { choices, run: lines.filter((line) => line.trim()) };
}

/** @param {Choices} choices @param {string[]} run */
export function toLink(choices, run) {
  const words = new URLSearchParams();
  for (const name of /** @type {const} */ (["memory", "swap", "latency", "policy"]))
    words.set(name, String(choices[name]));
  for (const word of choices.more) words.append("parameter", word);
  for (const line of run) words.append("run", line);
  return `#${words}`;
}

/** @param {Choices} choices */
export function parametersOf(choices) {
  const swap = choices.swap ? [`swap=${choices.swap * 1048576}`, `swap_latency=${choices.latency}`] : [];
  return [...swap, `policy=${choices.policy}`, ...choices.more];
}

/** @param {Choices} choices */
export function inWords({ memory, swap, latency, policy, more }) {
  const area = swap ? `${swap} MiB of swap, ${latency} µs away` : "no swap area";
  return [`${memory} MiB of memory`, area, `policy ${policy}`, ...more].join(", ");
}

/** @param {Choices} one @param {Choices} other */
export const same = (one, other) => toLink(one, []) === toLink(other, []);
