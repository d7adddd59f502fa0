// elements.js - what stands in page.html, found by its id; and what draws on a canvas.

/**
 * The element of that id. It is there, and of that class, or page.html and its scripts have parted.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind = /** @type {any} */ (HTMLElement)) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`page.html has no ${kind.name} called ${id}`);
  return found;
}

/** @param {HTMLCanvasElement} on */
export function pen(on) {
  const context = on.getContext("2d");
  if (!context) throw new Error("this browser draws on no canvas");
  return context;
}

// So wide may something be that fills what this stands in.
/** @param {HTMLElement} inner */
export const widthAround = (inner) => (inner.parentElement ? inner.parentElement.clientWidth : 0);
