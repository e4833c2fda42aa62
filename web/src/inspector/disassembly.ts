// A function as text. wabt reads whole modules, so one is made in which all other functions are empty: that is fast
// however large the code is. Where a relocation points to an address, a number that is found again in the text is put
// in its place.
import type { Inspection } from 'wasm-weld';
import { uleb } from './leb';
import { functionExtent, symbolExtent } from './structure';

export interface Disassembly {
  lines: DisassembledLine[];
  /** Of the file. */
  truncated: boolean;
}
export interface DisassembledLine {
  /** An instruction, indented; all of it, or what is before the symbol. */
  text: string;
  /** What it refers to: the name of a symbol, as in the object. */
  symbol?: string;
  /** Where it begins in the file, when it is defined there. */
  at?: number | undefined;
  /** The same as people read it, with an addend. */
  display?: string;
  /** What is behind the symbol. */
  rest?: string;
}

const mostLines = 20_000;
/** Numbers that stand for relocations begin here: no address is there, nor do people write it. */
const firstMark = 0x7a5e0000;

const loadWabt = async () => {
  const { default: make } = await import('wabt');
  return make();
};
let wabt: ReturnType<typeof loadWabt> | undefined;

interface Reference {
  symbol: string;
  at?: number | undefined;
  display: string;
}

export async function disassemble(inspection: Inspection, index: number): Promise<Disassembly> {
  const body = inspection.functions.get(index);
  if (body.offset === undefined || body.size === undefined) return { lines: [], truncated: false };
  const { bytes, references } = onlyFunction(inspection, index, body.offset, body.size);
  wabt ??= loadWabt();
  wabt.catch(() => (wabt = undefined)); // without the network; it may come back
  const { readWasm } = await wabt;
  // biome-ignore format: a table
  const features = {
    exceptions: true, mutable_globals: true, sat_float_to_int: true, sign_extension: true, simd: true, threads: true, function_references: true,
    multi_value: true, tail_call: true, bulk_memory: true, reference_types: true, memory64: true, extended_const: true, relaxed_simd: true,
  };
  const module = readWasm(bytes, { check: false, readDebugNames: true, ...features });
  try {
    module.applyNames();
    return cut(module.toText({ foldExprs: false, inlineExport: false }), inspection, index, references);
  } finally {
    module.destroy();
  }
}

/** The module with one function that has instructions. Names of functions are `f12`, which read the same in any text. */
function onlyFunction(
  inspection: Inspection,
  index: number,
  offset: number,
  size: number,
): { bytes: Uint8Array; references: Reference[] } {
  const { bytes, sections, functions } = inspection;
  const imported = functions.columns['import'] as Uint32Array;
  let count = 0;
  for (let f = 0; f < functions.length; f++) if (imported[f] === 0xffffffff) count++;
  const body = bytes.slice(offset, offset + size);
  const references = markRelocations(inspection, offset, body);

  const parts: (Uint8Array | number[])[] = [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]];
  const wanted = new Set(['TYPE', 'IMPORT', 'FUNCTION', 'TABLE', 'MEMORY', 'TAG', 'GLOBAL', 'DATACOUNT']);
  const ids: Record<string, number> = {
    TYPE: 1,
    IMPORT: 2,
    FUNCTION: 3,
    TABLE: 4,
    MEMORY: 5,
    GLOBAL: 6,
    DATACOUNT: 12,
    TAG: 13,
  };
  for (const { kind, offset: from, size: length } of sections) {
    if (kind === 'CODE') {
      const first = functions.length - count;
      const empty = [2, 0, 0x0b];
      const head = uleb(count);
      const bodySize = uleb(size);
      parts.push([10, ...uleb(head.length + (count - 1) * empty.length + bodySize.length + size)], head);
      const before = new Uint8Array((index - first) * empty.length);
      for (let i = 0; i < before.length; i++) before[i] = empty[i % 3]!;
      const after = new Uint8Array((functions.length - 1 - index) * empty.length);
      for (let i = 0; i < after.length; i++) after[i] = empty[i % 3]!;
      parts.push(before, bodySize, body, after);
    } else if (wanted.has(kind)) parts.push([ids[kind]!, ...uleb(length)], bytes.subarray(from, from + length));
  }
  parts.push(nameSection(functions.length));
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const made = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return { bytes: made, references };
}

function nameSection(functions: number): number[] {
  const name = (text: string) => [...uleb(text.length), ...[...text].map((char) => char.charCodeAt(0))];
  const map = uleb(functions);
  for (let f = 0; f < functions; f++) {
    for (const byte of uleb(f)) map.push(byte);
    for (const byte of name(`f${f}`)) map.push(byte);
  }
  const payload = name('name').concat([1], uleb(map.length));
  return [0, ...uleb(payload.length + map.length)].concat(payload, map);
}

/** Addresses and table slots that the linker will fill in, of four-byte LEBs with padding. */
const marked = /^R_WASM_(MEMORY_ADDR|TABLE_INDEX)_(REL_|TLS_|LOCREL_)?S?LEB(64)?$/;

function markRelocations(inspection: Inspection, offset: number, body: Uint8Array): Reference[] {
  const { relocations, sections } = inspection;
  const references: Reference[] = [];
  const code = sections.findIndex(({ kind }) => kind === 'CODE');
  const columns = relocations.columns as Record<string, Uint32Array>;
  for (let r = 0; r < relocations.length; r++) {
    if (columns['section']![r] !== code) continue;
    const at = columns['offset']![r]! + sections[code]!.payloadOffset - offset;
    if (at < 0 || at + 5 > body.length) continue;
    const { type, name, display, addend, symbol } = relocations.get(r);
    if (!marked.test(type) || name === undefined) continue;
    const width = type.endsWith('64') ? 10 : 5;
    let mark = firstMark + references.length;
    for (let i = 0; i < width; i++) {
      body[at + i] = (mark % 128) | (i + 1 < width ? 0x80 : 0);
      mark = Math.floor(mark / 128);
    }
    const pointer = type.startsWith('R_WASM_TABLE') ? '' : '&';
    references.push({
      symbol: name,
      at: symbol === undefined ? undefined : symbolExtent(inspection, symbol)?.begin,
      display: `${pointer}${display ?? name}${addend === 0 ? '' : addend > 0 ? ` + ${addend}` : ` - ${-addend}`}`,
    });
  }
  return references;
}

/** Of a module's text, one function's lines: those of its indentation. */
function cut(text: string, inspection: Inspection, index: number, references: Reference[]): Disassembly {
  const { functions } = inspection;
  const from = text.indexOf(`\n  (func $f${index} `) + 1;
  const lines: DisassembledLine[] = [];
  for (let at = from; at < text.length && lines.length < mostLines; ) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end);
    if (at !== from && !line.startsWith('    ')) return { lines, truncated: false };
    lines.push(named(line.slice(2)));
    if (end < 0) break;
    at = end + 1;
  }
  return { lines, truncated: lines.length === mostLines };

  function named(line: string): DisassembledLine {
    const called = /\$f(\d+)\b/.exec(line);
    if (called) {
      const f = Number(called[1]);
      const name = f < functions.length ? functions.name(f) : undefined;
      if (name === undefined) return { text: line.replace(called[0], String(f)) };
      return around(called[0], called.index, {
        symbol: name,
        at: functionExtent(inspection, f)?.begin,
        display: functions.display(f) ?? name,
      });
    }
    const global = /global\.[gs]et (\d+)/.exec(line);
    const of = global && inspection.globals[Number(global[1])];
    if (of?.name !== undefined)
      return around(global![1]!, line.length - global![1]!.length, { symbol: of.name, display: of.display ?? of.name });
    const number = /(?:const |offset=)(\d+)/.exec(line);
    const reference = number && references[Number(number[1]) - firstMark];
    return reference
      ? around(number[1]!, number.index + number[0].length - number[1]!.length, reference)
      : { text: line };

    function around(replaced: string, column: number, { symbol, at, display }: Reference): DisassembledLine {
      const rest = line.slice(column + replaced.length);
      return {
        text: line.slice(0, column),
        at,
        symbol: symbol.slice(0, 2000),
        display: display.slice(0, 2000),
        ...(rest === '' ? {} : { rest }),
      };
    }
  }
}
