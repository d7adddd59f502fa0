// shell_line.js - the line that is being typed at a prompt, read back from what the shell writes to show it.
//
// The keys that were pressed are not enough: Tab completes, arrows fetch lines from before. The shell (busybox's
// line editing) writes letters, moves the cursor, erases; and a line that is full it breaks itself.

export const COLUMNS = 80;
// eslint-disable-next-line no-control-regex
const PIECE = /\x1b\[([0-9;?]*)([A-Za-z])|\x1b.|[\s\S]/g;

export class ShellLine {
  /** @param {number} prompt  its letters, which stand before the line */
  constructor(prompt) {
    this.prompt = prompt;
    /** @type {string[]} */
    this.letters = [];
    this.at = 0; // the cursor
    this.full = false; // the last letter filled a row of the screen: the break behind it is the shell's own
  }

  text() { return this.letters.join("").trim(); }

  /**
   * The shell has written this.
   * @param {string} text
   * @returns {string | null}  what comes behind the line's end; null: it has not ended
   */
  feed(text) {
    for (const piece of text.matchAll(PIECE)) {
      const [letters, count, move] = piece;
      if (move) this.move(move, Number(count) || 1);
      else if (letters === "\b") this.at--;
      else if (letters === "\r") this.at = Math.floor((this.prompt + this.at) / COLUMNS) * COLUMNS - this.prompt;
      else if (letters === "\n" && this.full) this.full = false;
      else if (letters === "\n") return text.slice((piece.index || 0) + 1);
      else if (letters >= " " && letters !== "\x7f") this.put(letters);
    }
    return null;
  }

  /** @param {string} letter */
  put(letter) {
    if (this.at >= 0) this.letters[this.at] = letter;
    this.at++;
    this.full = (this.prompt + this.at) % COLUMNS === 0;
  }

  /** @param {string} move @param {number} count */
  move(move, count) {
    if (move === "D") this.at -= count;
    else if (move === "C") this.at += count;
    else if (move === "A") this.at -= count * COLUMNS;
    else if (move === "B") this.at += count * COLUMNS;
    else if (move === "J" || move === "K") this.letters.length = Math.max(0, Math.min(this.at, this.letters.length));
  }
}
