// machine_form.js - the choices of a machine as a form; and the policy, which a running machine can change.

import { byId } from "page/elements.js";
import { fromLink, inWords } from "playing/choices.js";

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
      playground.start([], this.chosen());
    });
    byId("policy-now").addEventListener("click", () => this.change());
  }

  // What the form says, within what can be.
  chosen() {
    const words = new URLSearchParams();
    for (const name of ["memory", "swap", "latency", "policy"]) {
      const field = byId(`choose-${name}`);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) words.set(name, field.value.trim());
    }
    for (const word of byId("choose-more", HTMLInputElement).value.split(/\s+/)) words.append("parameter", word);
    return fromLink(String(words)).choices;
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
    const file = "/sys/fs/cgroup/memory.policy";
    const told = await playground.shell.run(`echo ${policy} > ${file}; cat ${file}`);
    playground.choices = { ...playground.choices, policy };
    byId("machine-said").textContent = `The machine says: ${told.trim()}.`;
  }
}
