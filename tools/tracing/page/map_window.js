// map_window.js - which frames the map shows, and how large: all of them, or part of them larger.
//
// Larger means that a cell has twice the side. Then the map keeps its height and shows some rows of all;
// the rows become shorter, since the width stays. Which frames those are is one number: the first.

const HEIGHT = 420; // pixels, about
const CELL_MOST = 64, CELL_USUAL_MOST = 16; // pixels of a cell's side

export class MapWindow {
  constructor() {
    this.begin = 0; // the frames that there are
    this.end = 1;
    this.width = 1; // pixels
    this.zoom = 0; // doublings
    this.usual = this.cell = 1; // a cell's side, without and with them
    this.columns = this.rows = 1; // of what is shown
    this.first = 0; // the frame in the upper left corner
  }

  /**
   * All frames fill what there is.
   * @param {number} begin
   * @param {number} end
   * @param {number} width
   */
  fit(begin, end, width) {
    this.begin = begin;
    this.end = end;
    this.width = width;
    const side = Math.floor(Math.sqrt((width * HEIGHT) / (end - begin)));
    this.usual = Math.max(1, Math.min(CELL_USUAL_MOST, side));
    this.set(this.zoom, this.first, 0);
  }

  get last() { return Math.min(this.end, this.first + this.rows * this.columns) - 1; }
  get shown() { return this.last - this.first + 1; }
  get whole() { return this.zoom === 0; }
  get zoomMost() { return Math.floor(Math.log2(CELL_MOST / this.usual)); }

  /**
   * So many doublings, with that frame in that row of what is shown.
   * @param {number} zoom
   * @param {number} frame
   * @param {number} row
   */
  set(zoom, frame, row) {
    this.zoom = Math.max(0, Math.min(this.zoomMost, zoom));
    this.cell = this.usual * 2 ** this.zoom;
    this.columns = Math.max(1, Math.floor(this.width / this.cell));
    const all = Math.ceil((this.end - this.begin) / this.columns);
    this.rows = this.whole ? all : Math.min(all, Math.max(1, Math.floor(HEIGHT / this.cell)));
    this.firstRow(Math.floor((frame - this.begin) / this.columns) - row);
  }

  /** @param {number} row  of all, which is the first to be shown */
  firstRow(row) {
    const all = Math.ceil((this.end - this.begin) / this.columns);
    this.first = this.begin + Math.max(0, Math.min(all - this.rows, row)) * this.columns;
  }

  /** @param {number} rows */
  scroll(rows) { this.firstRow((this.first - this.begin) / this.columns + rows); }

  // A frame is shown: as few rows away as will do.
  /** @param {number} frame */
  reveal(frame) {
    if (frame < this.begin || frame >= this.end || this.shows(frame)) return;
    const row = Math.floor((frame - this.begin) / this.columns);
    this.firstRow(frame < this.first ? row : row - this.rows + 1);
  }

  /** @param {number} frame */
  shows(frame) { return frame >= this.first && frame <= this.last; }

  // The upper left corner of a frame's cell, in pixels.
  /** @param {number} frame */
  corner(frame) {
    const place = frame - this.first;
    return [(place % this.columns) * this.cell, Math.floor(place / this.columns) * this.cell];
  }

  // The frame at a point, in pixels; -1: there is none.
  /** @param {number} x @param {number} y */
  at(x, y) {
    const column = Math.floor(x / this.cell), frame = this.first + Math.floor(y / this.cell) * this.columns + column;
    return column >= 0 && column < this.columns && this.shows(frame) ? frame : -1;
  }
}
