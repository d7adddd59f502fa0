// script_field.js - a field for a short script or a reference string, on the page of a running machine.
//
// The server plays it in a machine of its own, and shows that from then on (tools/tracing/live.py): the
// page is asked for again, and what was typed stands there still. What cannot be played is told.

import { byId } from "page/elements.js";

const KEPT = "faultline-script"; // where the text waits for the new page

export class ScriptField {
  /** @param {import("page/app.js").App} app */
  constructor(app) {
    this.app = app;
    this.text = byId("script-text", HTMLTextAreaElement);
    this.said = byId("script-said");
    this.played = sessionStorage.getItem(KEPT) !== null; // what is on show is a script's run
    this.text.value = sessionStorage.getItem(KEPT) || "";
    sessionStorage.removeItem(KEPT);
    byId("script").hidden = false;
    byId("script").addEventListener("submit", (event) => {
      event.preventDefault();
      this.play();
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return; // with Shift: one more line
      event.preventDefault();
      this.play();
    });
  }

  async play() {
    const button = byId("script-play", HTMLButtonElement);
    if (button.disabled) return;
    button.disabled = true;
    this.said.textContent = "A machine plays it…";
    try {
      const answer = await fetch("play", { method: "POST", body: this.text.value });
      const words = await answer.text();
      if (answer.ok) {
        sessionStorage.setItem(KEPT, this.text.value);
        location.hash = "";
        location.reload();
        return;
      }
      this.said.textContent = words;
    } catch {
      this.said.textContent = "The server does not answer: tools/trace view --live has ended.";
    }
    button.disabled = false;
  }

  // All records have come: a script's run is shown from its first caption on.
  ended() { if (this.played) this.app.captions.toFirst(); }
}
