// live.js - a machine that is still running: records come as server-sent events.

export class Live {
  /**
   * @param {import("page/app.js").App} app
   * @param {string} url
   * @param {() => void} ended  what is to be done when all have come
   */
  constructor(app, url, ended) {
    this.app = app;
    this.ended = ended;
    this.over = false;
    /** @type {Uint8Array[]} */
    this.waiting = [];
    this.busy = false;
    this.source = new EventSource(url);
    this.source.addEventListener("records", (event) => this.take(event.data));
    this.source.addEventListener("end", () => {
      this.source.close();
      this.over = true;
      if (!this.busy) this.end();
    });
  }

  end() {
    this.app.say("The machine has ended; this is all.");
    this.app.charts.build();
    this.ended();
  }

  /** @param {string} text */
  async take(text) {
    this.waiting.push(bytesOf(text));
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length) {
      const { app } = this, atEnd = app.travel.at >= app.travel.built;
      for (const bytes of this.waiting.splice(0)) app.trace.append(bytes.buffer);
      const at = app.travel.at;
      await app.travel.build(null, 256);
      app.grown();
      app.goto(atEnd ? app.trace.count : at);
    }
    this.busy = false;
    if (this.over) this.end();
  }
}

/** @param {string} text */
export function bytesOf(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
