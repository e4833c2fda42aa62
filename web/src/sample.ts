// The samples that the page offers, made by samples.mjs. Fetched only when somebody asks for them.
import type { Values } from './options';

export interface SampleKind {
  label: string;
  about: string;
  /** Texts that come along, to be looked at and edited. Each was compiled to an input of the same name with `.o`. */
  sources: string[];
  /** In link order: names in `samples/`. */
  inputs: string[];
  /** Of the libraries among them, the page has parts with what this sample links; they are fetched in their place. */
  parts?: string;
  /** Options that it needs. */
  values?: Values;
}

/** Starts a library whose exports are called many times. */
export const reactorStart = 'crt1-reactor.o';
const c = ['libc.a', 'libclang_rt.builtins-wasm32.a'];
export const cLibraries = ['crt1-command.o', ...c];
export const cxxLibraries = ['crt1-command.o', 'libc++.a', 'libc++abi.a', ...c];

/** Files in `samples/`: what the compilers of the machine that built the page made. */
declare const __SAMPLE_FILES__: string[];

const all: SampleKind[] = [
  {
    label: 'C',
    about: 'One file of C with wasi-libc',
    sources: ['hello.c'],
    inputs: ['crt1-command.o', 'hello.o', 'libc.a'],
    parts: 'hello',
  },
  {
    label: 'C++',
    about: 'Two files of C++ with libc++',
    sources: ['main.cpp', 'inventory.cpp', 'inventory.hpp'],
    inputs: ['crt1-command.o', 'main.o', 'inventory.o', 'libc++.a', 'libc++abi.a', ...c],
    parts: 'main',
  },
  {
    label: 'Rust',
    about: 'Rust with its standard library',
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
  {
    label: 'Live',
    about: 'An animation in C++ that keeps running while it is edited',
    sources: ['bodies.cpp', 'canvas.h'],
    inputs: [reactorStart, 'bodies.o', ...c],
    parts: 'bodies',
    values: { entry: '_initialize' },
  },
];

/** Libraries of C and C++ that stand beside the page. */
export const ownLibraries = __SAMPLE_FILES__
  .filter((name) => cxxLibraries.includes(name) || /^lib(?:setjmp|wasi-emulated-.*)\.a$/.test(name))
  .filter((name) => name.endsWith('.a'));

export const samples = all.filter(({ inputs }) => inputs.every((name) => __SAMPLE_FILES__.includes(name)));

/** Of the samples: those that are written. */
export const sampleSources = __SAMPLE_FILES__.filter((name) => /\.(c|cpp|hpp|rs|wat)$/.test(name));

/** Where the page has a source of a sample that it does not open for editing, and the object that was made of it. */
export function sampleSource(name: string): { path: string; of: string } | undefined {
  if (!__SAMPLE_FILES__.includes(name)) return undefined;
  return { path: `samples/${name}`, of: `samples/${name.replace(/\.\w+$/, '.o')}` };
}

/** A file of the page's own: where it can be fetched again, beside the page. */
export interface Fetched {
  file: File;
  origin: string;
}
export interface Sample {
  /** In link order. */
  files: (Fetched & { name: string })[];
  sources: Record<string, string>;
  values: Values;
}

/** How a part of a library is called: `hello-part-libc.a`. */
const partOf = (sample: string, library: string) => `${sample}-part-${library}`;
/** Whether a file of the page's own has only that of a library which a sample links. */
export const isPart = (origin: string | undefined) => origin !== undefined && /^samples\/\w+-part-/.test(origin);

export async function fetchSample(kind: SampleKind, onProgress: (bytes: number) => void): Promise<Sample> {
  let total = 0;
  const count = (bytes: number) => onProgress((total += bytes));
  const { sources: texts, inputs, parts, values = {} } = kind;
  const own = inputs.map((name) => (parts !== undefined && name.endsWith('.a') ? partOf(parts, name) : name));
  const all = await Promise.all([...texts, ...own].map((name) => fetchOwn(`samples/${name}`, count)));
  const sources: Record<string, string> = {};
  for (const { file } of all.slice(0, texts.length)) sources[file.name] = await file.text();
  const files = all.slice(texts.length).map(({ file, origin }, i) => ({ name: inputs[i]!, file, origin }));
  return { files, sources, values };
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
