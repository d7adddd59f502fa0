// files.js - a file that is dropped on the page, or chosen: a program for /bin, or a kernel of one's own.
//
// A program has to be made for x86-64 Linux, and linked statically. A kernel is a starter's build/faultline.elf,
// known by the header that boot loaders look for. The machine starts anew with it.

import { byId } from "page/elements.js";

const MOST = 16 << 20; // bytes
const HEADER_WITHIN = 32768, HEADER_MAGIC = 0xe85250d6; // of Multiboot2 (3.1.1)
const X86_64 = 62, INTERPRETER = 3, PROGRAM_HEADER = 56;

/**
 * What a file is; or, in words for who dropped it, why it is of no use here.
 * @param {Uint8Array} bytes
 * @returns {{ kind: "kernel" | "program" | "file" } | { why: string }}
 */
export function kindOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > MOST) return { why: "it is larger than 16 MiB, for which the machine has no room" };
  const isElf = bytes.length >= 64 && view.getUint32(0) === 0x7f454c46;
  const windows = bytes[0] === 0x4d && bytes[1] === 0x5a;
  const mac = bytes.length >= 4 && [0xcffaedfe, 0xcafebabe].includes(view.getUint32(0));
  if (windows || mac) return { why: "it is a program of another system's; the machine runs programs for Linux" };
  if (!isElf) return { kind: "file" };
  if (bytes[4] !== 2 || view.getUint16(18, true) !== X86_64)
    return { why: "it is a program for another processor than x86-64" };
  for (let at = 0; at + 4 <= Math.min(bytes.length, HEADER_WITHIN); at += 8)
    if (view.getUint32(at, true) === HEADER_MAGIC) return { kind: "kernel" };
  const first = Number(view.getBigUint64(32, true)), count = view.getUint16(56, true);
  for (let i = 0; i < count && first + (i + 1) * PROGRAM_HEADER <= bytes.length; i++)
    if (view.getUint32(first + i * PROGRAM_HEADER, true) === INTERPRETER)
      return { why: "it wants libraries, which are not in the machine: link it with -static" };
  return { kind: "program" };
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
    field.addEventListener("change", () => this.take([...(field.files || [])]));
    byId("file-kernel-away").addEventListener("click", () => {
      this.kernel = null;
      this.told("The kernel of this page runs again.");
      playground.start([]);
    });
    for (const kind of ["dragover", "drop"])
      document.addEventListener(kind, (event) => event.preventDefault());
    document.addEventListener("dragenter", () => document.body.classList.add("dropping"));
    document.addEventListener("dragleave", (event) => {
      if (!(event instanceof DragEvent) || !event.relatedTarget) document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      this.take([...(event.dataTransfer?.files || [])]);
    });
  }

  /** @param {string} words */
  told(words) {
    byId("file-said").textContent = words;
    byId("file-kernel-away").hidden = !this.kernel;
  }

  /** @param {File[]} files */
  async take(files) {
    if (!files.length) return;
    byId("panel-files", HTMLDetailsElement).open = true;
    const run = [], told = [];
    for (const file of files) {
      const bytes = new Uint8Array(await file.arrayBuffer()), name = file.name.replace(/[^\w.+-]/g, "_").slice(0, 60);
      const kind = kindOf(bytes);
      if ("why" in kind) {
        this.told(`${file.name}: ${kind.why}.`);
        return;
      }
      if (kind.kind === "kernel") {
        this.kernel = { name, bytes };
        told.push(`${name} is the kernel now`);
      } else {
        this.programs = [...this.programs.filter((each) => each.name !== name), { name, bytes }];
        if (kind.kind === "program") run.push(name);
        told.push(`/bin/${name} is in the machine`);
      }
    }
    this.told(`${told.join("; ")}. It starts anew${run.length ? `, and runs ${run.join(", ")}` : ""}.`);
    this.playground.start(run);
  }
}
