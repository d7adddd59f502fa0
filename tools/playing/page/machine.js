// machine.js - one computer in a worker: Bochs, compiled to WebAssembly, which boots Faultline's CD.
//
// The page knows it by this class only.

/**
 * What the machine is made with.
 * @typedef {{ megs: number, parameters: string[], commands: string | null,
 *   files: { name: string, bytes: Uint8Array }[], kernel?: Uint8Array | null, trace: boolean }} Settings
 *   megs        memory of the machine, in MiB, the swap area's with it
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
    this.seconds = 0;
  }

  /**
   * Bytes of the keyboard.
   * @param {string} text
   */
  type(text) {
    void text;
  }

  /** No more slices until resume(). */
  pause() {}

  resume() {}

  /** The end, without a word from the kernel. */
  stop() {}

  /** Of the guest's time, told with each slice. */
  virtualSeconds() {
    return this.seconds;
  }
}
