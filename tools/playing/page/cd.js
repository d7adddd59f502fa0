// cd.js - the CD that the machine boots, with what was asked for: parameters, files, another kernel.
//
// Where things lie on it was written down when it was made (tools/playing/parts.py). The parameters go into a line
// of GRUB's menu that has room for them. A file that grows goes behind the CD's end; the entry in the directory
// then says so. The image is a cpio archive, as tools/faultline/cpio.py makes it.

/**
 * @typedef {{ at: number, length: number, entries: number[] }} Place
 * @typedef {{ parameters: number, room: number, image: Place, kernel: Place }} Places
 * @typedef {{ name: string, mode: number, data: Uint8Array }} Member
 */

const SECTOR = 2048, PAGE = 4096;
const HEADER = 110, MAGIC = "070701", TRAILER = "TRAILER!!!";
const MTIME = 1704067200;
const DIRECTORY = 0o40755, PROGRAM = 0o100755;
const KIND = 0o170000;

/** @param {Uint8Array[]} pieces */
function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** @param {string} text */
const bytesOf = (text) => new TextEncoder().encode(text);

/**
 * The members of an archive.
 * @param {Uint8Array} archive
 */
export function unpack(archive) {
  /** @type {Member[]} */
  const members = [];
  const text = new TextDecoder();
  /** @param {number} from @param {number} to */
  const word = (from, to) => text.decode(archive.subarray(from, to));
  for (let at = 0; ;) {
    if (word(at, at + 6) !== MAGIC) throw new Error(`no cpio header at byte ${at}`);
    /** @param {number} field */
    const number = (field) => parseInt(word(at + 6 + 8 * field, at + 14 + 8 * field), 16);
    const mode = number(1), size = number(6), nameSize = number(11);
    const name = word(at + HEADER, at + HEADER + nameSize).split("\0")[0];
    if (name === TRAILER) return members;
    const data = (at + HEADER + nameSize + 3) & ~3;
    members.push({ name, mode, data: archive.subarray(data, data + size) });
    at = (data + size + 3) & ~3;
  }
}

/**
 * @param {number} inode
 * @param {Member} member
 * @param {number} nameSize
 */
function header(inode, member, nameSize) {
  const links = (member.mode & KIND) === (DIRECTORY & KIND) ? 2 : 1;
  const fields = [inode, member.mode, 0, 0, links, MTIME, member.data.length, 0, 0, 0, 0, nameSize, 0];
  return MAGIC + fields.map((field) => field.toString(16).toUpperCase().padStart(8, "0")).join("");
}

/**
 * An archive of them, sorted, each file's data on a page's boundary; of the same name the last one stays.
 * @param {Member[]} members
 */
export function pack(members) {
  const unique = new Map(members.map((member) => [member.name, member]));
  const names = [...unique.keys()].sort();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let at = 0;
  /** @param {Uint8Array} piece */
  const put = (piece) => {
    pieces.push(piece);
    at += piece.length;
  };
  /** @param {number} boundary */
  const fill = (boundary) => put(new Uint8Array(-at & (boundary - 1)));
  names.forEach((name, i) => {
    const member = /** @type {Member} */ (unique.get(name));
    const isFile = (member.mode & KIND) === (PROGRAM & KIND) && member.data.length > 0;
    const letters = bytesOf(name + "\0"), start = at + HEADER + letters.length;
    const padding = -start & ((isFile ? PAGE : 4) - 1);
    put(bytesOf(header(i + 1, member, letters.length + padding)));
    put(letters);
    put(new Uint8Array(padding));
    put(member.data);
    fill(4);
  });
  put(bytesOf(header(0, { name: TRAILER, mode: 0, data: new Uint8Array(0) }, TRAILER.length + 1) + TRAILER + "\0"));
  fill(PAGE);
  return joined(pieces);
}

/**
 * Files as members, with the directories above them. A name without a slash is a program's, in /bin.
 * @param {{ name: string, bytes: Uint8Array }[]} files
 */
export function membersOf(files) {
  /** @type {Member[]} */
  const members = [];
  for (const { name, bytes } of files) {
    const path = (name.includes("/") ? name : `bin/${name}`).replace(/^\/+/, "");
    const steps = path.split("/");
    for (let i = 1; i < steps.length; i++) {
      members.push({ name: steps.slice(0, i).join("/"), mode: DIRECTORY, data: new Uint8Array(0) });
    }
    members.push({ name: path, mode: PROGRAM, data: bytes });
  }
  return members;
}

/**
 * The CD with other data in a file.
 * @param {Uint8Array} cd
 * @param {Place} place
 * @param {Uint8Array} data
 */
function replaced(cd, place, data) {
  const end = (cd.length + SECTOR - 1) & -SECTOR;
  const longer = joined([cd, new Uint8Array(end - cd.length), data, new Uint8Array(-data.length & (SECTOR - 1))]);
  const view = new DataView(longer.buffer);
  for (const entry of place.entries) {
    [end / SECTOR, data.length].forEach((number, i) => {
      view.setUint32(entry + 8 * i, number, true);
      view.setUint32(entry + 8 * i + 4, number, false);
    });
  }
  return longer;
}

/**
 * The CD for a machine, and how many bytes its image has.
 * @param {Uint8Array} cd
 * @param {Places} places
 * @param {{ parameters: string[], files: { name: string, bytes: Uint8Array }[], kernel?: Uint8Array | null }} wanted
 */
export function composed(cd, places, wanted) {
  const words = bytesOf(wanted.parameters.join(" "));
  if (words.length > places.room) throw new Error(`There is room for ${places.room} letters of kernel parameters.`);
  let made = cd.slice(), imageBytes = places.image.length;
  made.fill(32, places.parameters, places.parameters + places.room);
  made.set(words, places.parameters);
  if (wanted.files.length) {
    const { at, length } = places.image, members = unpack(cd.subarray(at, at + length));
    const known = new Set(members.map((member) => member.name));
    const added = membersOf(wanted.files).filter((each) => each.mode !== DIRECTORY || !known.has(each.name));
    const image = pack([...members, ...added]);
    made = replaced(made, places.image, image);
    imageBytes = image.length;
  }
  if (wanted.kernel) made = replaced(made, places.kernel, wanted.kernel);
  return { cd: made, imageBytes };
}
