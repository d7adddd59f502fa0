// header.js - the header of a trace as the kernel writes it (docs/trace.md), and as the page of a trace wants it.

const TEXT_LENGTH_AT = 72, TEXT_AT = 80;

/**
 * @param {Uint8Array} bytes  beginning with the header
 * @returns {{ header: import("page/trace.js").Header, size: number }}  and how many bytes it takes up
 */
export function headerOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (/** @type {number} */ at) => view.getUint32(at, true);
  if (new TextDecoder().decode(bytes.subarray(0, 8)) !== "FLTTRACE") throw new Error("this is no trace");
  /** @type {import("page/trace.js").Header["names"]} */
  const names = { event: [], kind: [], state: [], policy: [], device: [] };
  /** @type {Record<string, number>} */
  const parameters = {};
  const text = new TextDecoder().decode(bytes.subarray(TEXT_AT, TEXT_AT + word(TEXT_LENGTH_AT)));
  for (const line of text.split("\n")) {
    const [what, which, value] = line.split(" ");
    if (what === "parameter") parameters[which] = Number(value);
    else if (what in names) names[/** @type {keyof typeof names} */ (what)][Number(which)] = value;
  }
  const header = {
    nframes: word(48),
    npages: word(52),
    zero_frame: word(56),
    reserve: word(60),
    low: word(64),
    high: word(68),
    lost: word(32) + word(36) * 4294967296,
    names,
    parameters,
  };
  return { header, size: word(12) };
}
