// memory.js - the page of `make view`, live, in a frame of this page: it gets the trace's records as the machine
// writes them. The frame's text is given, so it has this page's origin, and can be spoken to.

import { byId } from "page/elements.js";
import { WORDS } from "page/trace.js";
import { headerOf } from "playing/header.js";

// What the page around says already is left out, and what is for GDB; and where there is little room nothing stands in
// its way.
const STYLE = `
  h1, #find-form, #filters, #copy { display: none !important; }
  header { padding: 4px 8px; } main { padding: 0 8px 16px; }
  @media (max-height: 600px) {
    header { position: static; } #transport label, #caption-who { display: none; }
    #said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    #caption-text { font-size: 16px; } #caption-answer { max-height: 1.4em; } .bar { padding: 2px 8px; } }`;
const LOOK_MS = 20;
const SHOW_MS = 150; // pieces that come within it are shown at once: a picture takes longer than a piece

/** @param {unknown} words */
const asScript = (words) => JSON.stringify(words).replaceAll("<", "\\u003c");

/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export class Memory {
  /**
   * @param {string} template  the page of a trace, with the places of its parts in it
   * @param {(text: Document) => void} opened  the frame has this text now
   */
  constructor(template, opened) {
    this.template = template;
    this.opened = opened;
    this.frame = byId("memory-frame", HTMLIFrameElement);
    this.run = 0; // a number for each machine
    /** @type {import("page/trace.js").Header | null} */
    this.header = null;
    /** @type {any} */
    this.there = null; // what the frame's main.js leaves
    /** @type {Uint8Array[]} */
    this.waiting = []; // records that are not on show yet
    this.timer = 0; // until they are
    this.over = false;
  }

  // Another machine begins: nothing of it is known.
  forget() {
    this.run++;
    this.header = this.there = null;
    this.waiting = [];
    this.over = false;
    this.frame = another(this.frame);
    byId("memory-none").hidden = false;
  }

  get app() { return this.there && this.there.app; }

  /** @param {Uint8Array} bytes  of the trace: its header first, then records */
  take(bytes) {
    let records = bytes;
    if (!this.header) {
      const { header, size } = headerOf(bytes);
      this.header = header;
      records = bytes.subarray(size);
      this.open(this.run);
    }
    if (!records.length) return;
    this.waiting.push(records);
    if (!this.timer) this.timer = setTimeout(() => this.show(), SHOW_MS);
  }

  // What has come, as one piece, with a buffer of its own.
  show() {
    this.timer = 0;
    if (!this.there || !this.waiting.length) return;
    const pieces = this.waiting.splice(0);
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.reduce((at, piece) => {
      whole.set(piece, at);
      return at + piece.length;
    }, 0);
    this.there.live.take(whole);
  }

  /** @param {number} run */
  async open(run) {
    const page = this.page({ TITLE: "live", DATA: "outside" });
    this.frame.srcdoc = page;
    this.frame.hidden = false;
    byId("memory-none").hidden = true;
    for (;;) {
      await new Promise((go) => setTimeout(go, LOOK_MS));
      if (run !== this.run) return;
      const { contentWindow: there, contentDocument: text } = this.frame;
      if (!there || !text || !there.faultline || !there.faultline.ready) continue;
      const style = text.createElement("style");
      style.textContent = STYLE;
      text.head.append(style);
      text.addEventListener("keydown", (event) => {
        if (event.key === "F6") byId("console-part").dispatchEvent(new Event("enter"));
      });
      this.opened(text);
      this.there = there.faultline;
      this.show();
      if (this.over) this.there.live.finish();
      return;
    }
  }

  /** @param {Record<string, string>} parts */
  page(parts) {
    const all = { HEADER: asScript(this.header), SYMBOLS: "{}", TLB: "", ...parts };
    let page = this.template;
    for (const [name, text] of Object.entries(all)) page = page.replaceAll(`<!--${name}-->`, () => text);
    return page;
  }

  /** @param {number} count  of records that were lost so far */
  lost(count) {
    if (this.header) this.header.lost = count;
    if (this.app) this.app.trace.header.lost = count;
  }

  // When all that has come is shown.
  async settled() {
    const { run } = this;
    while (run === this.run && (!this.there || this.there.live.busy || this.waiting.length))
      await new Promise((go) => setTimeout(go, LOOK_MS));
  }

  // All records have come.
  finish() {
    this.over = true;
    this.show();
    if (this.there) this.there.live.finish();
  }

  // The machine's run so far, as one page that needs nothing else.
  /** @param {string} title */
  async saved(title) {
    const { words, count } = this.app.trace;
    const bytes = new Uint8Array(words.buffer, words.byteOffset, count * WORDS * 4);
    return this.page({ TITLE: escaped(title), DATA: await packed(bytes) });
  }
}

// In the frame of the machine before its page would stand for a moment still, and be taken for the new one's; and the
// browser's Back would lead to it.
/** @param {HTMLIFrameElement} old */
function another(old) {
  const frame = document.createElement("iframe");
  frame.id = old.id;
  frame.title = old.title;
  frame.hidden = true;
  old.replaceWith(frame);
  return frame;
}

/** @param {Uint8Array} bytes */
async function packed(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(stream).arrayBuffer()), parts = [];
  for (let at = 0; at < data.length; at += 8192) parts.push(String.fromCharCode(...data.subarray(at, at + 8192)));
  return btoa(parts.join(""));
}
