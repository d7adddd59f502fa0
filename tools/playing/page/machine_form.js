// machine_form.js - the choices of a machine as a form; and the policy, which a running machine can change.

import { byId } from "page/elements.js";
import { fromLink, inWords, LATENCY_MOST, SWAP_MOST } from "playing/choices.js";

/**
 * What was asked for and is not so, in sentences.
 * @param {URLSearchParams} asked
 * @param {import("playing/choices.js").Choices} choices
 */
function leftOut(asked, choices) {
  const told = [];
  if (asked.get("swap") !== String(choices.swap)) told.push(`A swap area has 0 to ${SWAP_MOST} MiB.`);
  if (asked.get("latency") !== String(choices.latency)) told.push(`Its device takes 0 to ${LATENCY_MOST} µs.`);
  for (const word of asked.getAll("parameter"))
    if (!choices.more.includes(word)) told.push(`${word} is no parameter: they are written name=value.`);
  return told;
}

export class MachineForm {
  /**
   * @param {import("playing/main.js").Playground} playground
   * @param {string[]} policies  their names
   */
  constructor(playground, policies) {
    this.playground = playground;
    for (const id of ["choose-policy", "grid-policy"])
      byId(id).append(...policies.map((name) => new Option(name, name)));
    byId("machine-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = this.asked(), { choices } = fromLink(String(asked));
      playground.start([], choices);
      byId("machine-said").append(...leftOut(asked, choices).map((words) => ` ${words}`));
    });
    byId("policy-now").addEventListener("click", () => this.change());
  }

  // What the form says.
  asked() {
    const words = new URLSearchParams();
    for (const name of ["memory", "swap", "latency", "policy"]) {
      const field = byId(`choose-${name}`);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) words.set(name, field.value.trim());
    }
    const more = byId("choose-more", HTMLInputElement).value.split(/\s+/).filter((word) => word);
    for (const word of more) words.append("parameter", word);
    return words;
  }

  draw() {
    const { choices } = this.playground;
    byId("choose-memory", HTMLSelectElement).value = String(choices.memory);
    byId("choose-swap", HTMLInputElement).value = String(choices.swap);
    byId("choose-latency", HTMLInputElement).value = String(choices.latency);
    byId("choose-policy", HTMLSelectElement).value = choices.policy;
    byId("choose-more", HTMLInputElement).value = choices.more.join(" ");
    byId("machine-said").textContent = `Now: ${inWords(choices)}.`;
  }

  // Of the group of all, in the machine that runs.
  async change() {
    const { playground } = this, { value: policy } = byId("choose-policy", HTMLSelectElement);
    const file = "/sys/fs/cgroup/memory.policy", said = byId("machine-said");
    said.textContent = playground.waits();
    if (playground.over) return;
    const told = (await playground.shell.run(`echo ${policy} > ${file}; cat ${file}`)).trim();
    if (told === policy) playground.choices = { ...playground.choices, policy };
    said.textContent = `The machine says: ${told}.`;
  }
}
