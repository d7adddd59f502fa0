// files.js - a file that is dropped on the page, or chosen: a program for /bin, or a kernel of one's own.
//
// A program has to be made for x86-64 Linux, and linked statically. A kernel is a starter's build/faultline.elf,
// known by the header that boot loaders look for. The machine starts anew with it. What was given stays until it is
// taken away again, by a button: it may be what keeps the machine from its prompt.

import { byId } from "page/elements.js";

const MOST = 16 << 20; // bytes
const HEADER_WITHIN = 32768, HEADER_MAGIC = 0xe85250d6; // of Multiboot2 (3.1.1)
const X86_64 = 62, OBJECT = 1, INTERPRETER = 3, PROGRAM_HEADER = 56;
const SOURCE = /\.(c|cc|cpp|h|rs|go|asm|s)$/i;

/**
 * What a file is; or, in words for who dropped it, why it is of no use here.
 * @param {Uint8Array} bytes
 * @returns {{ kind: "kernel" | "program" | "file" } | { why: string }}
 */
export function kindOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isElf = bytes.length >= 64 && view.getUint32(0) === 0x7f454c46;
  const windows = bytes[0] === 0x4d && bytes[1] === 0x5a;
  const mac = bytes.length >= 4 && [0xcffaedfe, 0xcafebabe].includes(view.getUint32(0));
  if (windows || mac) return { why: "it is a program of another system's; the machine runs programs for Linux" };
  if (!isElf) return { kind: bytes[0] === 0x23 && bytes[1] === 0x21 ? "program" : "file" }; // #!
  if (bytes[4] !== 2 || view.getUint16(18, true) !== X86_64)
    return { why: "it is a program for another processor than x86-64" };
  if (view.getUint16(16, true) === OBJECT) return { why: "it is compiled, but not linked: leave out gcc's -c" };
  for (let at = 0; at + 4 <= Math.min(bytes.length, HEADER_WITHIN); at += 8)
    if (view.getUint32(at, true) === HEADER_MAGIC) return { kind: "kernel" };
  const first = Number(view.getBigUint64(32, true)), count = view.getUint16(56, true);
  for (let i = 0; i < count && first + (i + 1) * PROGRAM_HEADER <= bytes.length; i++)
    if (view.getUint32(first + i * PROGRAM_HEADER, true) === INTERPRETER)
      return { why: "it wants libraries, which are not in the machine: link it with -static" };
  return { kind: "program" };
}

/**
 * The name that a file has in /bin: letters that no shell takes for something else.
 * @param {string} name
 */
export const nameOf = (name) => name.replace(/[^\w.+-]/g, "_").replace(/^[.-]+/, "_").slice(0, 60) || "_";

/**
 * What is to be known of a file that was given; `why` it is refused, if it is.
 * @param {File} file
 * @returns {Promise<{ called: string, name: string, bytes: Uint8Array, kind?: string, why?: string }>}
 */
async function given(file) {
  const told = { called: file.name, name: nameOf(file.name), bytes: new Uint8Array(0) };
  if (file.size > MOST) return { ...told, why: "it is larger than 16 MiB, for which the machine has no room" };
  try {
    told.bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    return { ...told, why: "it cannot be read. Of a folder, give the files" };
  }
  return { ...told, ...kindOf(told.bytes) };
}

export class Files {
  /** @param {import("playing/main.js").Playground} playground */
  constructor(playground) {
    this.playground = playground;
    /** @type {{ name: string, bytes: Uint8Array }[]} */
    this.programs = [];
    /** @type {{ name: string, bytes: Uint8Array } | null} */
    this.kernel = null;
    const field = byId("file", HTMLInputElement);
    field.addEventListener("change", () => {
      this.take([...(field.files || [])]);
      field.value = ""; // the same file, made anew, is a change, too
    });
    byId("files-away").addEventListener("click", () => {
      this.kernel = null;
      this.programs = [];
      this.told("The machine is as this page has it.");
      playground.start([]);
    });
    this.listen(document);
  }

  // To what is dropped on this text, which may be that of a frame.
  /** @param {Document} text */
  listen(text) {
    for (const kind of ["dragover", "drop"])
      text.addEventListener(kind, (event) => event.preventDefault());
    text.addEventListener("dragenter", () => document.body.classList.add("dropping"));
    text.addEventListener("dragleave", (event) => {
      if (!/** @type {DragEvent} */ (event).relatedTarget) document.body.classList.remove("dropping");
    });
    text.addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      this.take([...(event.dataTransfer?.files || [])]);
    });
  }

  /** @param {string} words */
  told(words) {
    byId("file-said").textContent = words;
    byId("files-away").hidden = !this.kernel && !this.programs.length;
  }

  /** @param {File[]} files */
  async take(files) {
    if (!files.length) return;
    byId("panel-files", HTMLDetailsElement).open = true;
    const all = await Promise.all(files.map(given)), wrong = all.find((each) => each.why);
    if (wrong) {
      this.told(`${wrong.called}: ${wrong.why}.`);
      return;
    }
    const run = [], told = [];
    for (const { name, bytes, kind } of all) {
      if (kind === "kernel") {
        this.kernel = { name, bytes };
        told.push(`${name} is the kernel now`);
        continue;
      }
      this.programs = [...this.programs.filter((each) => each.name !== name), { name, bytes }];
      if (kind === "program") run.push(`/bin/${name}`); // `test` alone is the shell's own
      const source = SOURCE.test(name) ? " (as text: no compiler is there)" : "";
      told.push(`/bin/${name} is in the machine${source}`);
    }
    this.told(`${told.join("; ")}. It starts anew${run.length ? `, and runs ${run.join(", ")}` : ""}.`);
    this.playground.start(run);
  }
}
