// worker.js - the machine's thread: Bochs, a slice at a time, and between two slices all that is said and heard.
//
// It stands behind emscripten's glue, which makes `bochs()`, in one script. A turn is a few milliseconds of slices;
// then the thread goes back to its messages, so that a key, a pause and the trace's records wait no longer than
// that. The guest notices nothing: it is told the same time however its slices are laid.
"use strict";

const SLICE = 200000; // ticks
const SECOND = 50000000; // ticks of the machine's: an instruction takes one
const TURN = 8; // ms
const AHEAD = 5; // ms that an idle machine may be ahead of the world's clock
const MODULE_AT = 0x40000000, MODULE_BYTES = 0x80000000; // the trace's memory: above the RAM, below the devices
const HEADER = 16384, RECORD = 40; // docs/trace.md
const COUNTS = { written: 24, lost: 32 }; // bytes into the header
const READABLE = 1, WRITABLE = 4; // poll()'s
const HEADER_IS_WHOLE = "\nparameter frames ";

/** @type {any} */
const thread = self;

/**
 * What Bochs is told.
 * @param {number} megs
 */
const settings = (megs) => `config_interface: textconfig
display_library: nogui
memory: guest=${megs}, host=${megs}
romimage: file=/firmware
vgaromimage: file=/screen_firmware
cpu: count=1, ips=${SECOND}, reset_on_triple_fault=0
clock: sync=none, time0=1704067200
ata0-master: type=cdrom, path=/cd, status=inserted
boot: cdrom
com1: enabled=1, mode=term, dev=/dev/line
parport1: enabled=1, file=/dev/output
parport2: enabled=1, file=/dev/status
log: /log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
`;

/** Bytes that the guest writes, until they are told. */
class Channel {
  constructor() {
    /** @type {number[]} */
    this.bytes = [];
    this.decoder = new TextDecoder();
  }

  text() {
    return this.decoder.decode(new Uint8Array(this.bytes.splice(0)), { stream: true });
  }
}

/** What is read out of the trace's memory: each record once. */
class Records {
  /** @param {any} emulator */
  constructor(emulator) {
    this.emulator = emulator;
    this.begun = false;
    this.taken = 0;
    this.missed = 0;
    emulator._add_module(MODULE_AT, MODULE_BYTES);
    this.header = emulator._module_header();
    this.window = emulator._module_window();
    this.room = emulator._module_window_bytes() / RECORD;
  }

  /** @param {number} at */
  count(at) {
    return Number(new DataView(this.emulator.HEAPU8.buffer).getBigUint64(this.header + at, true));
  }

  lost() {
    return this.begun ? this.count(COUNTS.lost) + this.missed : 0;
  }

  /** What is new, or null. */
  take() {
    const memory = this.emulator.HEAPU8;
    if (!this.begun) {
      const header = memory.slice(this.header, this.header + HEADER);
      if (!new TextDecoder().decode(header).includes(HEADER_IS_WHOLE)) return null;
      this.begun = true;
      return header;
    }
    const written = this.count(COUNTS.written);
    if (written === this.taken) return null;
    if (written - this.taken > this.room) {
      this.missed += written - this.room - this.taken;
      this.taken = written - this.room;
    }
    const bytes = new Uint8Array((written - this.taken) * RECORD);
    for (let done = 0; this.taken < written;) {
      const first = this.taken % this.room, many = Math.min(written - this.taken, this.room - first);
      const at = this.window + first * RECORD;
      bytes.set(memory.subarray(at, at + many * RECORD), done);
      done += many * RECORD;
      this.taken += many;
    }
    return bytes;
  }
}

class Runner {
  /** @param {any} emulator @param {boolean} trace */
  constructor(emulator, trace) {
    this.emulator = emulator;
    this.line = new Channel();
    this.output = new Channel();
    this.status = new Channel();
    /** @type {number[]} */
    this.typed = [];
    this.trace = trace;
    /** @type {Records | null} */
    this.records = null;
    this.paused = false;
    this.idles = false; // shall an idle machine keep to the world's clock?
    this.over = false;
    this.waiting = 0;
    this.begin = 0; // when the world's clock began, for this machine
    this.statusText = "";
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => this.turn();
    this.port = port2;
    this.asked = false;
  }

  /** A turn, when the messages that are there have been heard. */
  soon() {
    if (!this.asked) this.port.postMessage(null);
    this.asked = true;
  }

  /** @param {{ megs: number, cd: Uint8Array, firmware: Uint8Array, screenFirmware: Uint8Array }} parts */
  start(parts) {
    const { FS } = this.emulator;
    FS.writeFile("/settings", settings(parts.megs));
    FS.writeFile("/cd", parts.cd, { canOwn: true });
    FS.writeFile("/firmware", parts.firmware);
    FS.writeFile("/screen_firmware", parts.screenFirmware);
    const nothing = () => null;
    FS.createDevice("/dev", "line", () => this.typed.shift(), (/** @type {number} */ byte) => {
      this.line.bytes.push(byte);
    });
    const line = FS.getDevice(FS.lookupPath("/dev/line").node.rdev);
    line.stream_ops.poll = () => (this.typed.length ? READABLE : 0) | WRITABLE;
    FS.createDevice("/dev", "output", nothing, (/** @type {number} */ byte) => { this.output.bytes.push(byte); });
    FS.createDevice("/dev", "status", nothing, (/** @type {number} */ byte) => { this.status.bytes.push(byte); });
    this.emulator.callMain(["-q", "-f", "/settings"]);
    if (this.trace) this.records = new Records(this.emulator);
    this.soon();
  }

  milliseconds() {
    return (this.emulator._ticks_passed() * 1000) / SECOND;
  }

  turn() {
    this.asked = false;
    if (this.paused || this.over) return;
    const end = performance.now() + TURN;
    let halted = false;
    try {
      do halted = Boolean(this.emulator._run_slice(SLICE)); while (!halted && performance.now() < end);
    } catch (error) {
      this.over = true; // Bochs leaves so, when the guest switches it off or it cannot go on
    }
    this.tell();
    const ahead = this.begin + this.milliseconds() - performance.now();
    if (ahead < 0 || !this.idles) this.begin -= ahead;
    if (this.over) return;
    if (halted && this.idles && ahead > AHEAD) this.waiting = setTimeout(() => this.soon(), ahead);
    else this.soon();
  }

  tell() {
    const bytes = this.records && this.records.take(), line = this.line.text(), output = this.output.text();
    if (bytes) thread.postMessage({ records: bytes }, [bytes.buffer]);
    if (line) thread.postMessage({ line });
    if (output) thread.postMessage({ output });
    this.statusText += this.status.text();
    if (/^machine \d/m.test(this.statusText)) this.over = true;
    thread.postMessage({ milliseconds: this.milliseconds(), lost: this.records ? this.records.lost() : 0 });
    if (this.over) thread.postMessage({ over: this.statusText, log: this.lastWords() });
  }

  /** Why Bochs ended, if it was not told to. */
  lastWords() {
    const lines = this.emulator.FS.readFile("/log", { encoding: "utf8" }).split("\n").reverse();
    return lines.find((/** @type {string} */ line) => /PANIC|FATAL/.test(line)) || "";
  }

  /** @param {Uint8Array} bytes */
  type(bytes) {
    this.typed.push(...bytes);
    this.wake();
  }

  /** @param {boolean} paused */
  pause(paused) {
    this.paused = paused;
    this.wake();
  }

  /** No longer waiting for the world's clock. */
  wake() {
    clearTimeout(this.waiting);
    this.soon();
  }
}

/** @type {Runner | null} */
let runner = null;

/** @param {any} asked */
async function take(asked) {
  if (asked.start) {
    const { module, trace } = asked.start;
    const emulator = await bochs({ wasmBinary: module, print: () => {}, printErr: () => {} });
    runner = new Runner(emulator, trace);
    runner.start(asked.start);
  }
  if (!runner) return;
  if (asked.typed) runner.type(asked.typed);
  if (asked.idles) runner.idles = true;
  if ("paused" in asked) runner.pause(asked.paused);
}

thread.onmessage = (/** @type {MessageEvent} */ event) => {
  take(event.data).catch((error) => thread.postMessage({ over: "", log: String(error) }));
};
