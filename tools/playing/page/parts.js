// parts.js - what the machine is made of, loaded as scripts when a machine is first wanted.
//
// Each script puts its parts into `faultlineParts`, packed and in base64 (tools/playing/parts.py). A page that was
// saved as one file has them in itself.

const SCRIPTS = ["emulator", "cd"];

/** @type {Promise<void> | null} */
let loading = null;

/** @returns {Record<string, string>} */
const parts = () => Object(globalThis).faultlineParts || {};

/** @param {string} name */
function script(name) {
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = `parts/${name}.js`;
    element.onload = () => done(undefined);
    element.onerror = () => failed(new Error(`parts/${name}.js does not load`));
    document.head.append(element);
  });
}

/** @param {(fraction: number) => void} told */
async function load(told) {
  if (parts().cd) return;
  for (let i = 0; i < SCRIPTS.length; i++) {
    await script(SCRIPTS[i]);
    told((i + 1) / SCRIPTS.length);
  }
}

/**
 * All of them are here.
 * @param {(fraction: number) => void} told
 */
export function haveParts(told) {
  if (!loading) loading = load(told);
  return loading;
}

/**
 * One part's bytes.
 * @param {string} name
 */
export async function part(name) {
  const letters = atob(parts()[name]), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
