// What `symbolize` does: finds the debug information that a module has or names, and asks `inspect.wasm`.
import { checkKeys } from './check.js';
import { type Bytes, bytesFor, FileSet } from './files.js';
import { instances } from './inspect_module.js';
import type { Symbolization, SymbolizeOptions } from './symbolize_types.js';
import type { Content } from './types.js';

export async function symbolization(
  content: Content,
  places: string | readonly number[],
  options: SymbolizeOptions,
): Promise<Symbolization> {
  const isTrace = typeof places === 'string';
  if (!isTrace && !(Array.isArray(places) && places.every((offset) => Number.isSafeInteger(offset) && offset >= 0)))
    throw new TypeError('`symbolize` takes the text of a stack trace, or an array of offsets');
  checkKeys(options, 'the options of `symbolize`', ['files']);
  const given = await content;
  const { files } = options;
  const set = new FileSet(files ?? (given instanceof URL ? new URL('./', given) : {}));
  // Beside the module there may be nothing, whatever a server says of it. What the caller names has to be there.
  const read = (path: string) =>
    set.getLater(path).catch((error: unknown) => (files ? Promise.reject(error) : undefined));
  const bytes = await withDebugInformation(await bytesFor('symbolize', given), read);
  await instances.load();
  const name = (content as Partial<File> | undefined)?.name ?? 'input';
  const trace = isTrace ? places : places.map((offset) => `${offset}\n`).join('');
  const answer = instances.use((instance) => instance.symbolize(bytes, name, trace));
  if (!answer.startsWith('{')) throw new TypeError(answer);
  return JSON.parse(answer) as Symbolization;
}

/** A module that has debug information, or what it names; else the module. */
async function withDebugInformation(module: Bytes, read: (path: string) => Promise<Bytes | undefined>): Promise<Bytes> {
  const sections = customSections(module);
  if (sections.some(({ name }) => name === '.debug_line' || name === '.debug_info')) return module;
  // A file of debug information knows inlined functions, which a map does not.
  for (const wanted of ['external_debug_info', 'sourceMappingURL']) {
    for (const section of sections.filter(({ name }) => name === wanted)) {
      const address = addressIn(section);
      const found = address && (dataIn(address) ?? (await read(address)));
      if (found) return found;
    }
  }
  return module;
}

interface CustomSection {
  name: string;
  content: Bytes;
}

/** Those of a module or an object; a malformed section ends the list. */
function customSections(module: Bytes): CustomSection[] {
  const sections: CustomSection[] = [];
  const isModule = module.length > 8 && module[0] === 0 && module[1] === 0x61;
  for (let at = isModule ? 8 : module.length; at < module.length; ) {
    const isCustom = module[at] === 0;
    const [size, payload] = readNumber(module, at + 1);
    const end = payload + size;
    if (end > module.length) break;
    const [length, nameAt] = readNumber(module, payload);
    const content = nameAt + length;
    if (isCustom && content <= end) {
      const name = new TextDecoder().decode(module.subarray(nameAt, content));
      sections.push({ name, content: module.subarray(content, end) });
    }
    at = end;
  }
  return sections;
}

/** The address in a section that has one and nothing else. */
function addressIn({ content }: CustomSection): string {
  const [length, at] = readNumber(content, 0);
  return new TextDecoder().decode(content.subarray(at, at + length));
}

/**
 * What a `data:` address holds; undefined for other and for malformed ones. It is not fetched: a content security policy
 * may forbid that.
 */
function dataIn(address: string): Bytes | undefined {
  const [, head, data] = /^data:([^,]*),(.*)$/s.exec(address) ?? [];
  if (head === undefined || data === undefined) return undefined;
  try {
    return head.endsWith(';base64')
      ? Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
      : new TextEncoder().encode(decodeURIComponent(data));
  } catch {
    return undefined;
  }
}

/** A number in LEB128, and where it ends: behind the bytes if it does not. */
function readNumber(bytes: Bytes, at: number): [value: number, end: number] {
  let value = 0;
  for (let factor = 1; factor < 2 ** 35; factor *= 128) {
    const byte = bytes[at++] ?? 255;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
  return [value, Infinity];
}
