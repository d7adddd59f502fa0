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

/**
 * Change what stands in an element. Who had the keyboard's focus in there has it afterwards: on the button
 * of the same words, on the line that is now, or on the element itself.
 * @param {HTMLElement} element
 * @param {() => void} change
 */
export function keepingFocus(element, change) {
  const focused = document.activeElement, inside = focused && focused !== element && element.contains(focused);
  change();
  if (!inside || document.activeElement === focused) return;
  const buttons = [...element.querySelectorAll("button")];
  const same = buttons.find((button) => button.textContent === focused.textContent) ||
    element.querySelector(".now button");
  if (!(same instanceof HTMLElement)) element.tabIndex = -1;
  (same instanceof HTMLElement ? same : element).focus();
}
