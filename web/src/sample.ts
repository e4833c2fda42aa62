// The samples that the page offers, made by samples.mjs. Fetched only when somebody asks for them.
import type { Values } from './options';

export interface SampleKind {
  label: string;
  about: string;
  /** Texts that come along, to be looked at and edited. Each was compiled to an input of the same name with `.o`. */
  sources: string[];
  /** In link order: names in `samples/`. */
  inputs: string[];
  /** Options that it needs. */
  values?: Values;
}

const c = ['libc.a', 'libclang_rt.builtins-wasm32.a'];
export const cLibraries = ['crt1-command.o', ...c];
export const cxxLibraries = ['crt1-command.o', 'libc++.a', 'libc++abi.a', ...c];

/** Files in `samples/`: what the compilers of the machine that built the page made. */
declare const __SAMPLE_FILES__: string[];

const all: SampleKind[] = [
  {
    label: 'Open the sample',
    about: 'C with wasi-libc, 1.3 MB',
    sources: ['hello.c'],
    inputs: ['crt1-command.o', 'hello.o', ...c],
  },
  {
    label: 'C++',
    about: 'Two C++ files with libc++, 5.4 MB',
    sources: ['main.cpp', 'inventory.cpp', 'inventory.hpp'],
    inputs: ['crt1-command.o', 'main.o', 'inventory.o', 'libc++.a', 'libc++abi.a', ...c],
  },
  {
    label: 'Rust',
    about: 'Rust with its standard library, 2 MB',
    sources: [],
    inputs: ['crt1-rust.o', 'words.o', 'words_allocator.o', 'libstd.a', 'libc-rust.a'],
  },
  {
    label: 'wat',
    about: 'Two hand-written wat files that call each other',
    sources: ['gcd.wat', 'fraction.wat'],
    inputs: ['gcd.o', 'fraction.o'],
    values: { noEntry: true, export: 'reduced_top scaled' },
  },
];

/** Starts a library whose exports are called many times. */
export const reactorStart = 'crt1-reactor.o';
/** Libraries of C and C++ that stand beside the page. */
export const ownLibraries = __SAMPLE_FILES__
  .filter((name) => cxxLibraries.includes(name) || /^lib(?:setjmp|wasi-emulated-.*)\.a$/.test(name))
  .filter((name) => name.endsWith('.a'));

export const samples = all.filter(({ inputs }) => inputs.every((name) => __SAMPLE_FILES__.includes(name)));

/** A file of the page's own: where it can be fetched again, beside the page. */
export interface Fetched {
  file: File;
  origin: string;
}
export interface Sample {
  /** In link order. */
  files: Fetched[];
  sources: Record<string, string>;
  values: Values;
}

export async function fetchSample(kind: SampleKind, onProgress: (bytes: number) => void): Promise<Sample> {
  let total = 0;
  const count = (bytes: number) => onProgress((total += bytes));
  const all = await Promise.all([...kind.sources, ...kind.inputs].map((name) => fetchOwn(`samples/${name}`, count)));
  const sources: Record<string, string> = {};
  for (const { file } of all.slice(0, kind.sources.length)) sources[file.name] = await file.text();
  return { files: all.slice(kind.sources.length), sources, values: kind.values ?? {} };
}

/** `origin`: a path beside the page. */
export async function fetchOwn(origin: string, onBytes: (count: number) => void = () => {}): Promise<Fetched> {
  const name = origin.split('/').at(-1)!;
  const response = await fetch(new URL(origin, document.baseURI));
  if (!response.ok || !response.body) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  const chunks: Uint8Array[] = [];
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    chunks.push(value!);
    onBytes(value!.length);
  }
  return { file: new File(chunks as BlobPart[], name), origin };
}
