// Looks into files, so that the page never waits for it.
import { inspect, type Inspection } from 'wasm-weld';

export interface FileFacts {
  /** `a WebAssembly object`: what it is, in words. */
  description: string;
  /** What to do about a file that cannot be linked. */
  remedy?: string;
  /** How many symbols it defines, and how many it needs from elsewhere. Of an archive: what its index lists. */
  defined?: number;
  undefined?: number;
  features: string[];
  /** Of an archive. */
  members?: number;
  /** How many complaints there are about its bytes. */
  problems: number;
}
export interface MemberFacts {
  name: string;
  kind: string;
  size: number;
  symbols: number;
}
export interface SymbolFacts {
  kind: string;
  name: string;
  flags: string[];
  size?: number;
}
export interface Limits {
  initial: number;
  maximum?: number;
  shared?: boolean;
}
/** What a module can be called with, and what it must be given. */
export interface Interface {
  functions: { name: string; params: string[]; results: string[] }[];
  imports: {
    module: string;
    name: string;
    kind: string;
    limits?: Limits;
    element?: string;
    global?: { type: string; mutable: boolean };
  }[];
}

export type Question =
  | { kind: 'facts'; key: number; name: string; file: Blob }
  | { kind: 'members'; key: number; name: string; file: Blob }
  | { kind: 'symbols'; key: number; name: string; file: Blob; member?: number; most: number }
  | { kind: 'interface'; name: string; file: Blob };
export interface Answers {
  facts: FileFacts;
  members: MemberFacts[];
  symbols: { total: number; rows: SymbolFacts[] };
  interface: Interface;
}
export type Asked = Question & { id: number };
export type Answered = { id: number; value?: Answers[Question['kind']]; error?: string };

// The last archive stays open, as its members are asked for one after another.
let last: { key: number; inspection: Inspection } | undefined;

async function opened(key: number, name: string, file: Blob): Promise<Inspection> {
  if (last?.key === key) return last.inspection;
  const inspection = await inspect(file, { name });
  last = { key, inspection };
  return inspection;
}

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  let answer: Answered;
  try {
    answer = { id: data.id, value: await answerTo(data) };
  } catch (error) {
    answer = { id: data.id, error: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
};

async function answerTo(question: Question): Promise<Answers[Question['kind']]> {
  const { kind, name, file } = question;
  if (kind === 'facts') return factsOf(await inspect(file, { name }));
  if (kind === 'interface') return interfaceOf(await inspect(file, { name }));
  const inspection = await opened(question.key, name, file);
  if (kind === 'members')
    return inspection.members.map(({ name, kind, size, symbols }) => ({ name, kind, size, symbols }));
  return symbolsOf(question.member === undefined ? inspection : inspection.member(question.member), question.most);
}

function factsOf(inspection: Inspection): FileFacts {
  const { description, remedy, symbols, features, diagnostics, members, archiveSymbols, kind } = inspection;
  const facts: FileFacts = {
    description,
    remedy,
    features: features.map(({ prefix, name }) => prefix + name),
    problems: diagnostics.length,
  };
  if (kind === 'archive' || kind === 'thin-archive')
    return { ...facts, members: members.length, defined: archiveSymbols.length };
  if (kind !== 'object') return facts;
  const mask = 1 << (symbols.words.flags ?? []).indexOf('undefined');
  let missing = 0;
  for (const flags of symbols.columns.flags ?? []) if (flags & mask) missing++;
  return { ...facts, defined: symbols.length - missing, undefined: missing };
}

function symbolsOf({ symbols, exports }: Inspection, most: number): Answers['symbols'] {
  const rows: SymbolFacts[] = [];
  if (symbols.length === 0)
    return {
      total: exports.length,
      rows: exports.slice(0, most).map(({ kind, name }) => ({ kind, name, flags: ['exported'] })),
    };
  for (let i = 0; i < Math.min(symbols.length, most); i++) {
    const { kind, name, display, flags, size } = symbols.get(i);
    rows.push({ kind, name: display ?? name ?? '', flags, size });
  }
  return { total: symbols.length, rows };
}

function interfaceOf({ exports, functions, types, imports, memories, tables, globals }: Inspection): Interface {
  const limitsOf = ({ minimum, maximum, shared }: { minimum: number; maximum?: number; shared: boolean }) => ({
    initial: minimum,
    maximum,
    shared,
  });
  return {
    functions: exports.flatMap(({ kind, name, index }) => {
      if (kind !== 'function' || index >= functions.length) return [];
      const { params = [], results = [] } = types[functions.get(index).typeIndex ?? -1] ?? {};
      return [{ name, params, results }];
    }),
    imports: imports.map(({ module, name, kind, index }) => ({
      module,
      name,
      kind,
      limits: kind === 'memory' ? limitsOf(memories[index]!) : kind === 'table' ? limitsOf(tables[index]!) : undefined,
      element: kind === 'table' ? tables[index]!.type : undefined,
      global: kind === 'global' ? { type: globals[index]!.type, mutable: globals[index]!.mutable } : undefined,
    })),
  };
}
