// What a file is, by its first bytes. For show, and to choose from a folder: the linker looks for itself.
import { isWhole, readSections } from './wasm_sections';

export interface Kind {
  name: string;
  /** Something that a link can take. */
  linkable: boolean;
  archive?: boolean;
  /** It is not linked, and can be looked at: a finished module, a component, what a link said of its output. */
  aside?: boolean;
  /** It holds files. */
  packed?: boolean;
}

const beginnings: [string, Kind][] = [
  ['!<thin>\n', { name: 'thin archive', linkable: true, archive: true }],
  ['#STUB', { name: 'stub library', linkable: true }],
  ['BC\xc0\xde', { name: 'bitcode', linkable: false }],
  ['\xde\xc0\x17\x0b', { name: 'bitcode', linkable: false }],
  ['\x7fELF', { name: 'ELF', linkable: false }],
  ['\xcf\xfa\xed\xfe', { name: 'Mach-O', linkable: false }],
  ['\x1f\x8b', { name: 'gzip', linkable: false, packed: true }],
  ['PK\x03\x04', { name: 'zip', linkable: false, packed: true }],
];
const metafile = /^\s*\{\s*"format"\s*:\s*"weld-metafile"/;

export function kindOf(bytes: Uint8Array): Kind {
  const head = String.fromCharCode(...bytes.subarray(0, 8));
  if (head === '!<arch>\n') return { name: membersText(countMembers(bytes)), linkable: true, archive: true };
  if (head.startsWith('\0asm')) return wasmKind(bytes);
  const known = beginnings.find(([beginning]) => head.startsWith(beginning))?.[1];
  if (known) return known;
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (text(257, 262) === 'ustar') return { name: 'tar', linkable: false, packed: true };
  if (metafile.test(text(0, 100))) return { name: 'metafile', linkable: false, aside: true };
  return { name: 'not wasm', linkable: false };
}

function wasmKind(bytes: Uint8Array): Kind {
  if (bytes[6] !== 0) return { name: 'component', linkable: false, aside: true };
  const sections = readSections(bytes);
  if (sections.some((s) => s.id === 0 && s.name === 'linking')) return { name: 'object', linkable: true };
  if (sections.some((s) => s.id === 0 && s.name === 'dylink.0')) return { name: 'shared library', linkable: true };
  // One that is cut off was to be linked for all that is known: the linker says what is wrong with it.
  return isWhole(bytes, sections)
    ? { name: 'module', linkable: false, aside: true }
    : { name: 'module', linkable: false };
}

function membersText(count: number): string {
  return `archive of ${count.toLocaleString('en')}`;
}

/** Members, without the indices and tables of names, which begin with `/` or `__.SYMDEF`. */
function countMembers(bytes: Uint8Array): number {
  const text = (from: number, length: number) => String.fromCharCode(...bytes.subarray(from, from + length)).trim();
  let count = 0;
  for (let at = 8; at + 60 <= bytes.length; ) {
    const name = text(at, 16);
    const size = Number(text(at + 48, 10));
    if (!Number.isSafeInteger(size) || size < 0) break;
    if (!/^(\/|\/\/|\/SYM64\/|__\.SYMDEF.*)$/.test(name)) count++;
    at += 60 + size + (size % 2);
  }
  return count;
}
