// two_main.js - from the template and two traces to two pages in frames, and what steers both.

import { CompareRuns } from "page/compare_runs.js";
import { byId } from "page/elements.js";
import { bytesOf } from "page/live.js";

/** @param {string} id */
const textIn = (id) => byId(id).textContent || "";

// The page of one run. A frame whose text is given has this page's origin, so both can be spoken to.
/**
 * @param {HTMLIFrameElement} frame
 * @param {string} template
 * @param {Record<string, string>} parts
 * @returns {Promise<any>}  what main.js leaves there
 */
async function pageIn(frame, template, parts) {
  let page = template;
  for (const [name, text] of Object.entries(parts)) page = page.replaceAll(`<!--${name}-->`, () => text);
  frame.srcdoc = page;
  for (;;) {
    await new Promise((go) => setTimeout(go, 20));
    const { contentWindow: there } = frame;
    if (there && there.faultline && there.faultline.ready) return there.faultline;
  }
}

// What the frame's heading says already is left out; and what is said takes as much room in both, whatever it is.
/** @param {HTMLIFrameElement} frame */
function shorten(frame) {
  const { contentDocument: there } = frame;
  if (!there) return;
  const style = there.createElement("style");
  style.textContent = "h1, #filters { display: none !important; } header { position: static; }" +
    "#caption-answer { height: 3em; } #moment { display: flex; gap: 1em; margin: 0; }" +
    "#moment-text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }" +
    "#said { display: block; height: 2.8em; overflow: auto; }";
  there.head.append(style);
}

// A frame is as high as what it shows: the one scroll bar moves both.
/** @param {HTMLIFrameElement} frame */
function grow(frame) {
  const { contentDocument: there } = frame;
  if (!there) return;
  new ResizeObserver(() => {
    frame.style.height = `${there.body.scrollHeight + 4}px`;
  }).observe(there.body);
}

async function main() {
  const template = new TextDecoder().decode(bytesOf(textIn("template").trim()));
  const compared = JSON.parse(textIn("compared")), traces = JSON.parse(textIn("traces"));
  byId("traces").remove();
  const frames = [byId("run-a", HTMLIFrameElement), byId("run-b", HTMLIFrameElement)];
  const there = await Promise.all(frames.map((frame, side) => pageIn(frame, template, traces[side])));
  const runs = new CompareRuns(compared, there.map((each) => each.app));
  frames.forEach(shorten);
  frames.forEach(grow);
  runs.start();
  window.faultline = { runs, ready: true };
}

main();
