// search.js - where something is in a list of numbers that rise.

/**
 * How many of the list are less than the value: the index of the first that is not.
 * @param {number[]} list
 * @param {number} value
 */
export function lowerBound(list, value) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}
