// machine.js - one computer in a worker: Bochs, compiled to WebAssembly, which boots Faultline's CD.
//
// The page knows it by this class only.

import { composed } from "playing/cd.js";
import { haveParts, part } from "playing/parts.js";

/**
 * What the machine is made with.
 * @typedef {{ megs: number, parameters: string[], commands: string | null,
 *   files: { name: string, bytes: Uint8Array }[], kernel?: Uint8Array | null, trace: boolean }} Settings
 *   megs        memory, in MiB, without the disks: the image and the swap area come on top
 *   parameters  the kernel's, such as "swap=16M"
 *   commands    typed into the shell when it first asks; null: none
 *   files       put into the image; a name without a slash goes to /bin
 *   kernel      a kernel in place of ours
 *   trace       whether the kernel writes its trace
 */

/**
 * Who hears of it. Each is called between two slices of the machine's time.
 * @typedef {{ output: (text: string) => void,
 *   console?: (text: string) => void,
 *   records: (bytes: Uint8Array) => void,
 *   progress: (words: string, fraction: number) => void,
 *   lost?: (count: number) => void,
 *   ended: (status: number | null, words: string) => void }} Heard
 *   output    what the terminal shows: the serial line's, where the shell is
 *   console   what a job wrote to the host's output, if there is a job
 *   records   the trace's header, 16384 bytes, then records, whole ones, a piece at a time (docs/trace.md)
 *   progress  what it does until the shell asks, and which part of that is done, 0 to 1
 *   lost      records that could not be kept, so far
 *   ended     the status that the kernel told (null: none was), and a sentence
 */

const MIB = 1 << 20;
const UNITS = /** @type {Record<string, number>} */ ({ K: 1 << 10, M: MIB, G: 1 << 30 });
const TRACE = ["trace_area=0x40000000", "trace_size=0x80000000"]; // as worker.js has it
const MEGS_MOST = 960; // there the trace's memory begins, and a browser has no more for a page anyway
const PROMPT = "faultline# ";
const LOADED = 0.3; // of the way to the shell
const ALMOST = 0.98;
const BOOT_SECONDS = 5.2; // of the machine's time, until the shell asks
const LATE_SECONDS = 12; // when nothing is to be expected any more: of a file that is no kernel, for instance
const ENDS = ["", "the kernel stopped with a panic", "the kernel refused to go on; its last line says why"];
const NO_WAY_ON = /exception with no resolution/; // as the emulator says it
const TRIPLE_FAULT = "a triple fault: an exception, whose handler could not be entered, nor that of a double fault";
const NORMAL = 0;
const PANIC = 125; // as tools/boot has it

/**
 * A size as tools/boot takes it (swap=16M) in bytes, as the kernel does; other parameters as they are.
 * @param {string} word
 */
function inBytes(word) {
  const found = /^(swap)=(\d+)([KMG])$/i.exec(word);
  return found ? `${found[1]}=${Number(found[2]) * UNITS[found[3].toUpperCase()]}` : word;
}

/**
 * Bytes of the swap area, whose frames come out of the machine's memory.
 * @param {string[]} parameters
 */
function swapBytes(parameters) {
  const found = parameters.filter((word) => word.startsWith("swap=")).pop();
  return found ? Number(found.slice("swap=".length)) || 0 : 0;
}

/** One machine in a worker. */
export class Machine {
  /**
   * It starts at once.
   * @param {Settings} settings
   * @param {Heard} heard
   */
  constructor(settings, heard) {
    this.settings = settings;
    this.heard = heard;
    this.milliseconds = 0;
    this.lost = 0;
    this.booted = false;
    this.over = false;
    this.tail = ""; // of what it wrote, while the prompt has not come
    /** @type {Worker | null} */
    this.worker = null;
    /** @type {object[]} */
    this.waiting = []; // messages for a worker that is not there yet
    this.start().catch((error) => this.end(null, String(error.message || error)));
  }

  async start() {
    const { settings, heard } = this;
    heard.progress("Loading the machine", 0);
    await haveParts((fraction) => heard.progress("Loading the machine", LOADED * fraction));
    const names = ["glue", "module", "firmware", "screen_firmware", "cd", "places"];
    const [glue, module, firmware, screenFirmware, plain, places] = await Promise.all(names.map(part));
    if (this.over) return;
    const parameters = [...(settings.trace ? TRACE : []), ...settings.parameters.map(inBytes)];
    const wanted = { parameters, files: settings.files, kernel: settings.kernel };
    const { cd, imageBytes } = composed(plain, JSON.parse(new TextDecoder().decode(places)), wanted);
    const megs = settings.megs + Math.ceil((imageBytes + swapBytes(parameters)) / MIB);
    if (megs > MEGS_MOST) throw new Error(`With its disks it is ${megs} MiB; at most ${MEGS_MOST} can be had here.`);
    const worker = new Worker(URL.createObjectURL(new Blob([glue], { type: "text/javascript" })));
    worker.onmessage = (event) => this.hear(event.data);
    worker.onerror = (event) => this.end(null, `the machine's thread failed: ${event.message}`);
    worker.postMessage({ start: { module, firmware, screenFirmware, cd, megs, trace: settings.trace } });
    for (const message of this.waiting) worker.postMessage(message);
    this.worker = worker;
  }

  /** @param {object} message */
  tell(message) {
    if (this.worker) this.worker.postMessage(message);
    else this.waiting.push(message);
  }

  /** @param {any} told */
  hear(told) {
    if (this.over) return;
    if (told.records) this.heard.records(told.records);
    if (told.line) this.hearLine(told.line);
    if (told.output && this.heard.console) this.heard.console(told.output);
    if ("milliseconds" in told) this.hearTime(told);
    if ("over" in told) this.hearEnd(told);
  }

  /** @param {string} text */
  hearLine(text) {
    this.heard.output(text);
    if (this.booted) return;
    const seen = this.tail + text;
    this.tail = seen.slice(-PROMPT.length);
    if (!seen.includes(PROMPT)) return;
    this.booted = true;
    this.heard.progress("The shell asks", 1);
    this.tell({ idles: true });
    if (this.settings.commands) this.type(this.settings.commands + "\n");
  }

  /** @param {{ milliseconds: number, lost: number }} told */
  hearTime({ milliseconds, lost }) {
    this.milliseconds = milliseconds;
    const seconds = milliseconds / 1000;
    if (!this.booted && seconds > LATE_SECONDS) this.heard.progress("The machine runs, but no shell asks", 1);
    else if (!this.booted) {
      const done = Math.min(ALMOST, seconds / BOOT_SECONDS);
      this.heard.progress("The machine boots", LOADED + (1 - LOADED) * done);
    }
    if (lost > this.lost && this.heard.lost) this.heard.lost(lost);
    this.lost = lost;
  }

  /** @param {{ over: string, log: string }} told  the status channel's lines, and why the emulator ended */
  hearEnd({ over, log }) {
    /** @param {string} word */
    const last = (word) => {
      const found = [...over.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].pop();
      return found ? Number(found[1]) : null;
    };
    const job = last("status"), machine = last("machine");
    if (machine === null && NO_WAY_ON.test(log)) this.end(PANIC, TRIPLE_FAULT);
    else if (machine === null) this.end(PANIC, `the machine ended without being told to: ${log.trim()}`);
    else if (machine === NORMAL) this.end(job, "the machine was switched off");
    else this.end(PANIC, ENDS[machine] || `the machine ended: ${machine}`);
  }

  /**
   * @param {number | null} status
   * @param {string} words
   */
  end(status, words) {
    if (this.over) return;
    this.over = true;
    if (this.worker) this.worker.terminate();
    this.heard.ended(status, words);
  }

  /**
   * Bytes of the keyboard.
   * @param {string} text
   */
  type(text) {
    this.tell({ typed: new TextEncoder().encode(text) });
  }

  /** No more slices until resume(). */
  pause() {
    this.tell({ paused: true });
  }

  resume() {
    this.tell({ paused: false });
  }

  /** The end, without a word from the kernel. */
  stop() {
    this.end(null, "the machine was stopped");
  }

  /** Of the guest's time, told with each slice. */
  virtualSeconds() {
    return this.milliseconds / 1000;
  }
}
