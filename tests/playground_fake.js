// playground_fake.js - a machine for tests of the playground's page: it answers what is typed with what a real one
// has said, and hands over that one's trace (tests/test_playground_page.py puts both in the place of RECORDED).

const RECORDED = "RECORDED";
const HEADER = 16384, RECORD = 40, PIECE = 400 * RECORD, EVERY_MS = 10;
const PROMPT = "faultline# \x1b[6n";

export class Machine {
  constructor(settings, heard) {
    this.settings = settings;
    this.heard = heard;
    this.typed = this.line = "";
    this.paused = this.stopped = false;
    this.given = 0;
    this.until = HEADER + 10 * PIECE;
    this.trace = Uint8Array.from(atob(RECORDED.trace), (letter) => letter.charCodeAt(0));
    heard.progress("The machine starts", 0.5);
    setTimeout(() => this.tell("\r\nFaultline: every page of every program here arrives by a fault.\r\n\r\n" + PROMPT), 20);
    this.timer = setInterval(() => this.hand(), EVERY_MS);
  }

  tell(text) { if (!this.stopped) this.heard.output(text); }

  // A piece more of the trace.
  hand() {
    const end = Math.min(this.given ? this.given + PIECE : HEADER + RECORD, this.until, this.trace.length);
    if (this.paused || this.stopped || end <= this.given) return;
    this.heard.records(this.trace.subarray(this.given, end));
    this.given = end;
  }

  type(text) {
    this.typed += text;
    if (/^\x1b\[\d+;\d+R$/.test(text)) return; // where the cursor is
    for (const letter of text) {
      if (letter !== "\r") {
        this.line += letter;
        this.tell(letter);
        continue;
      }
      const line = this.line;
      this.line = "";
      setTimeout(() => this.answer(line), 20);
    }
  }

  answer(line) {
    if (line === "demo-cow") this.until = this.trace.length;
    if (line === "poweroff") {
      this.stopped = true;
      this.heard.ended(0, "it was switched off");
      return;
    }
    const said = line in RECORDED.said ? RECORDED.said[line] : line ? `sh: ${line}: not found\n` : "";
    const wait = () => {
      if (!this.stopped && line === "demo-cow" && this.given < this.until) setTimeout(wait, EVERY_MS);
      else this.tell("\r\n" + said.replaceAll("\n", "\r\n") + PROMPT);
    };
    wait();
  }

  pause() { this.paused = true; }
  resume() { this.paused = false; }
  stop() {
    this.stopped = true;
    clearInterval(this.timer);
  }
  virtualSeconds() { return this.given / 100000; }
}
