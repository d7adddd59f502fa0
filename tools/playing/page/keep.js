// keep.js - what ran, to take along: as one page of HTML, or as a link that repeats it.

import { byId } from "page/elements.js";
import { toLink } from "playing/choices.js";

export class Keep {
  /** @param {import("playing/main.js").Playground} playground */
  constructor(playground) {
    this.playground = playground;
    this.said = byId("keep-said");
    byId("save").addEventListener("click", () => this.save());
    byId("link").addEventListener("click", () => this.link());
  }

  async save() {
    const { memory, shell } = this.playground;
    if (!memory.app || !memory.app.trace.count) {
      this.said.textContent = "Nothing is recorded yet.";
      return;
    }
    const page = await memory.saved(shell.ran[shell.ran.length - 1] || "a boot"), link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }));
    link.download = "faultline.html";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    this.said.textContent = `faultline.html is saved: ${memory.app.trace.count.toLocaleString("en")} events.`;
  }

  link() {
    const { choices, shell, files } = this.playground, field = byId("link-text", HTMLInputElement);
    field.value = location.href.replace(/#.*/, "") + toLink(choices, shell.ran);
    byId("link-field").hidden = false;
    field.select();
    const own = files.programs.length || files.kernel;
    const without = own ? " Your own files are not in it: whoever opens it has to drop them." : "";
    if (navigator.clipboard) navigator.clipboard.writeText(field.value).catch(() => {});
    this.said.textContent = `Opened, it starts this machine and types what you have typed.${without}`;
  }
}
