// What a file is, by its first bytes. For show, and to choose from a folder: the linker looks for itself.
import { readSections } from './wasm_sections';

export interface Kind {
  name: string;
  /** Something that a link can take. */
  linkable: boolean;
  archive?: boolean;
}

const beginnings: [string, Kind][] = [
  ['!<thin>\n', { name: 'thin archive', linkable: true, archive: true }],
  ['#STUB', { name: 'stub library', linkable: true }],
  ['BC\xc0\xde', { name: 'bitcode', linkable: false }],
  ['\xde\xc0\x17\x0b', { name: 'bitcode', linkable: false }],
  ['\x7fELF', { name: 'ELF', linkable: false }],
  ['\xcf\xfa\xed\xfe', { name: 'Mach-O', linkable: false }],
  ['\x1f\x8b', { name: 'gzip', linkable: false }],
  ['PK\x03\x04', { name: 'zip', linkable: false }],
];

export function kindOf(bytes: Uint8Array): Kind {
  const head = String.fromCharCode(...bytes.subarray(0, 8));
  if (head === '!<arch>\n') return { name: membersText(countMembers(bytes)), linkable: true, archive: true };
  if (head.startsWith('\0asm')) return wasmKind(bytes);
  return beginnings.find(([beginning]) => head.startsWith(beginning))?.[1] ?? { name: 'not wasm', linkable: false };
}

function wasmKind(bytes: Uint8Array): Kind {
  if (bytes[6] !== 0) return { name: 'component', linkable: false };
  const sections = readSections(bytes);
  if (sections.some((s) => s.id === 0 && s.name === 'linking')) return { name: 'object', linkable: true };
  if (sections.some((s) => s.id === 0 && s.name === 'dylink.0')) return { name: 'shared library', linkable: true };
  return { name: 'module', linkable: false };
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
