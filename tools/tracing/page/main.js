// main.js - from the trace that the page holds, or is sent, to the page where its story begins.

import { App } from "page/app.js";
import { Comparison } from "page/compare.js";
import { byId } from "page/elements.js";
import { bytesOf, fromServer, Live } from "page/live.js";
import { ScriptField } from "page/script_field.js";
import { Tlb } from "page/tlb.js";
import { Trace } from "page/trace.js";
import { Travel } from "page/travel.js";

const OUTSIDE = "outside"; // in the data's place: the page around this one hands the records over

/** @param {string} text  packed records, in base64 */
async function unpack(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

async function main() {
  const trace = new Trace(JSON.parse(byId("header").textContent || "")), travel = new Travel(trace);
  const data = byId("data"), given = (data.textContent || "").trim(), loading = byId("loading");
  const outside = given === OUTSIDE, packed = outside ? "" : given;
  if (packed) trace.append(await unpack(packed));
  data.remove();
  await travel.build(
    (part) => {
      loading.textContent = `Reading the trace: ${Math.round(100 * part)} %`;
    },
    !packed,
  );
  const held = (byId("tlb-data").textContent || "").trim();
  const app = new App(trace, travel, held ? new Tlb(await unpack(held)) : null);
  app.start();
  const live = outside ? new Live(app, () => {}) : null;
  if (!packed && !live) {
    const field = new ScriptField(app);
    fromServer(new Live(app, () => field.ended()), "events");
  }
  window.faultline = { app, live, Comparison, ready: true };
}

main();
