// live.js - a machine that is still running: its records are shown as they come.
//
// They come from whoever has them: as server-sent events (tools/tracing/live.py), or from the page around
// this one, in which the machine itself runs.

export class Live {
  /**
   * @param {import("page/app.js").App} app
   * @param {() => void} ended  what is to be done when all have come
   */
  constructor(app, ended) {
    this.app = app;
    this.ended = ended;
    this.over = false;
    this.follows = true; // who stands at the end is taken along
    /** @type {Uint8Array[]} */
    this.waiting = [];
    this.busy = false;
  }

  // No more will come.
  finish() {
    this.over = true;
    if (!this.busy) this.end();
  }

  end() {
    this.app.say("The machine has ended; this is all.");
    this.app.tellLost();
    this.app.charts.build();
    this.ended();
  }

  /** @param {Uint8Array} records  whole ones, with a buffer of their own */
  async take(records) {
    this.waiting.push(records);
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length) {
      const { app } = this, atEnd = app.travel.at >= app.travel.built;
      for (const bytes of this.waiting.splice(0)) app.trace.append(bytes.buffer);
      const at = app.travel.at;
      await app.travel.build(null, true);
      app.grown();
      app.goto(atEnd && this.follows ? app.trace.count : at);
    }
    this.busy = false;
    if (this.over) this.end();
  }
}

/**
 * The records of a server.
 * @param {Live} live
 * @param {string} url
 */
export function fromServer(live, url) {
  const source = new EventSource(url);
  source.addEventListener("records", (event) => live.take(bytesOf(event.data)));
  source.addEventListener("end", (event) => {
    source.close();
    live.app.trace.header.lost = Number(event.data);
    live.finish();
  });
}

/** @param {string} text */
export function bytesOf(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
