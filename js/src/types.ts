// The contract: everything that goes into weld and comes out of it.
import type { DiagnosticId } from './diagnostic_ids.js';

export type { DiagnosticId };

declare global {
  // Node's types do not have it; those of pages, which do, stay what they are.
  namespace WebAssembly {
    interface Module {}
    interface Instance {}
  }
}

/**
 * Bytes of a file. All but the first two are read first: `link` and `createLinker` wait for them, `linkSync` does not take
 * them. A `URL` is fetched (or read, if it is a `file:` URL); one that is not found, and one that is a page of text where
 * there should be a file, are missing files.
 */
export type Content = Uint8Array | ArrayBuffer | Blob | URL | Response;

/** Bytes that are the caller's own: `Uint8Array<ArrayBuffer>`, where TypeScript knows that. */
export type OwnBytes = ReturnType<Uint8Array['slice']>;

/** One input, in link order. */
export interface Input {
  /** What messages call it. An archive's `name` also decides where its `.imports` and thin members are looked for. */
  name: string;
  /** The bytes. Without them the name is looked up in `files`; `-lNAME` stands for a library. */
  bytes?: Content;
  /** Link every member of this archive, not only those that are needed (`--whole-archive`). */
  wholeArchive?: boolean;
  /** Link this object only when somebody needs it, as a member of an archive (`--start-lib`). */
  lazy?: boolean;
}

/**
 * Files by path (a record or a `Map`), a folder's URL (which ends in `/`), or a function that finds them, at once or with a promise. Inputs
 * without bytes, libraries (`-lc` is `libc.a`), `.imports` files, members of thin archives and response files are looked up
 * here, each once. Paths are plain: `lib/libc.a`, with `/`; they are no addresses, so nothing in them is escaped. One that
 * leads out of the folder (`/usr/lib/libc.a`, `../a.o`) is found on a disk, not on a server. What a function throws is said of
 * the file in a diagnostic.
 */
export type Files =
  | Record<string, Content>
  | ReadonlyMap<string, Content>
  | URL
  | ((path: string) => Found | Promise<Found>);
/** What a function of {@link Files} answers: nothing where there is no such file. */
export type Found = Content | null | undefined;

/**
 * wasm-ld's options. A name is the option's own in camel case: `--export-if-defined=f` is `exportIfDefined: 'f'`.
 * `false` is the `--no-` form where there is one.
 */
export interface LinkOptions {
  // Output
  /** The output's file name (`-o`), which is also the module's name in the name section. Default: `a.out.wasm`. */
  outputName?: string;
  /** Make an object file that can be linked again (`-r`). */
  relocatable?: boolean;
  /** Make a shared library. */
  shared?: boolean;
  /** Make a position-independent executable. */
  pie?: boolean;
  /** Keep the relocations in the output. */
  emitRelocs?: boolean;
  /** The module's name in the name section, instead of the output's file name. */
  soname?: string;
  /** Directories for the run-time search path in the dylink section. */
  rpath?: string | string[];
  /** Leave out names, debug information and other custom sections. */
  stripAll?: boolean;
  /** Leave out debug information. */
  stripDebug?: boolean;
  /** Custom sections to keep even when stripping. */
  keepSection?: string | string[];
  /** Shorten the padded numbers in code; debug information follows. */
  compressRelocations?: boolean;
  /**
   * Make functions with equal bodies one, and equal constants: `safe` where addresses stay distinct, `all` also where a
   * program could tell by comparing addresses.
   */
  icf?: 'none' | 'safe' | 'all';
  /** 0: as is; from 1 (default): merge strings (`-O`); `'size'`: all that makes the output small (`-Oz`). */
  optimize?: number | 'size';
  /** One data segment of each kind (default unless `relocatable`). */
  mergeDataSegments?: boolean;
  /** Write a build id: `true` or `'fast'`, `'sha1'`, `'tree'`, `'uuid'`, `'0xHEX'`. */
  buildId?: boolean | string;
  /** Write the output even after errors that leave it usable. */
  noinhibitExec?: boolean;

  // Entry, exports and imports
  /** The function to start at (default `_start`); `false`: none. */
  entry?: string | false;
  /** Symbols to export, which must be defined. */
  export?: string | string[];
  /** Symbols to export if they are defined. */
  exportIfDefined?: string | string[];
  /** Export every symbol that is kept. */
  exportAll?: boolean;
  /** Export every symbol that is not hidden (default with `shared`). */
  exportDynamic?: boolean;
  /** Export the memory: `true` as `memory`, or under this name. It is exported anyway, unless it is imported. */
  exportMemory?: true | string;
  /** Import the memory: `true` as `memory` of `env`, `'name'` of `env`, or `'module,name'`. */
  importMemory?: boolean | string;
  /** Export the table of functions. */
  exportTable?: boolean;
  /** Import the table of functions. */
  importTable?: boolean;
  /** Give the table of functions no maximum. */
  growableTable?: boolean;

  // Symbols
  /** Link the archive members that define these names (`-u`). */
  undefined?: string | string[];
  /** What undefined symbols are: errors (default), zero, or imports. */
  unresolvedSymbols?: 'report-all' | 'ignore-all' | 'import-dynamic';
  /** Undefined symbols are warnings. */
  warnUnresolvedSymbols?: boolean;
  /** Import the functions that nothing defines. */
  importUndefined?: boolean;
  /** `importUndefined`, and `unresolvedSymbols: 'ignore-all'`. */
  allowUndefined?: boolean;
  /** Files (of `files`) that list what may be imported, one name a line. */
  allowUndefinedFile?: string | string[];
  /** Names to import when nothing defines them. */
  allowUndefinedSymbol?: string | string[];
  /** Of several definitions take the first. */
  allowMultipleDefinition?: boolean;
  /** Call `__wrap_NAME` for NAME, and NAME for `__real_NAME`. */
  wrap?: string | string[];
  /** With `shared`: use the library's own definitions (`-Bsymbolic`). */
  Bsymbolic?: boolean;
  /** Compare signatures with those in shared libraries (default). */
  shlibSigcheck?: boolean;
  /** Do not warn that `shared` and `pie` may change. */
  experimentalPic?: boolean;
  /** Show C++ and Rust names readably (default). */
  demangle?: boolean;

  // Memory and table
  /** Bytes of stack (`-z stack-size=`, default 65536). */
  stackSize?: number;
  /** Put the stack before the data (default, but for `compat: 'lld-19'`). */
  stackFirst?: boolean;
  /** The address where data begins. */
  globalBase?: number;
  /** Size of the memory at the start, in bytes. */
  initialMemory?: number;
  /** Room for the heap at the start, in bytes. */
  initialHeap?: number;
  /** The size that the memory may grow to, in bytes. */
  maxMemory?: number;
  /** `false`: the memory keeps its size. */
  growableMemory?: boolean;
  /** Make a memory that threads can share. */
  sharedMemory?: boolean;
  /** Size of a memory page: 65536 (default) or 1. */
  pageSize?: number;
  /** The first slot for functions in the table (default 1). */
  tableBase?: number;

  // Features
  /** The features that the output may use (default: those of the inputs). */
  features?: string | string[];
  /** Features to add to those of the inputs. */
  extraFeatures?: string | string[];
  /** Check that the inputs' features fit together (default). */
  checkFeatures?: boolean;

  // What is kept, what is looked for
  /** Leave out what nothing refers to (default unless `relocatable`). */
  gcSections?: boolean;
  /** `wasm32` or `wasm64` (`-m`; default: what the first object is). */
  machine?: 'wasm32' | 'wasm64';
  /** Directories of `files` to look for libraries in (`-L`), before its top. */
  libraryPath?: string | string[];

  // Reports
  /** Say what the output consists of and what kept it there: see {@link LinkResult.metafile}. */
  metafile?: boolean;
  /** Write a map of the output to this file: see {@link LinkResult.files}. */
  Map?: string;
  /** Print a map of the output: see {@link LinkResult.stdout}. */
  printMap?: boolean;
  /** Report what is left out, as messages. */
  printGcSections?: boolean;
  /** Report the files that are linked, as messages. */
  trace?: boolean;
  /** Report the files that mention these names, as messages. */
  traceSymbol?: string | string[];
  /** Write to this file why each archive member was linked: see {@link LinkResult.files}. */
  whyExtract?: string;
  /** Write a tar with the inputs and the arguments to this file: see {@link LinkResult.files}. */
  reproduce?: string;
  /** Stop after so many errors (default 0: never). */
  errorLimit?: number;
  /** Warnings are errors, but for those that wasm-ld does not have: `logOverride` makes errors of them. */
  fatalWarnings?: boolean;
  /**
   * What diagnostics are to be, by id: `{ 'undefined-symbol': 'warning' }`. Also turns on those that are silent. An error
   * that leaves nothing usable cannot be made less.
   */
  logOverride?: Partial<Record<DiagnosticId, LogLevel>>;
  /** Whose defaults to use where linkers differ (default: weld's own, which are LLD 22's). */
  compat?: 'weld' | 'lld-14' | 'lld-19' | 'lld-22';
}

/** What to link. The order of arguments is: those of `options`, then `args`, then `inputs`. */
export interface LinkRequest {
  /** In link order. A string is a name to look up in `files`, or a library as `-lNAME`. */
  inputs?: readonly (Input | string)[];
  options?: LinkOptions;
  /** More arguments as wasm-ld spells them. They may name inputs too. */
  args?: readonly string[];
  files?: Files;
}

/** How a link goes on, and how it is stopped. */
export interface LinkControl {
  /**
   * Stops the link: its promise is rejected with the signal's reason, an `AbortError`. A link in a worker ends at once; one
   * in this thread is not begun, or not gone on with after it waited for files.
   */
  signal?: AbortSignal;
  /** Called when a phase of the link begins. A link that waits for files begins anew when they have come. */
  onProgress?: (progress: Progress) => void;
  /** The buffers of the inputs move to the worker instead of being copied: they are empty here afterwards. */
  transfer?: boolean;
}

export interface Progress {
  /** What begins: `load` (of this package's module), `read_inputs`, `parse_inputs`, then those of {@link LinkStats.phases}. */
  phase: string;
  /** Milliseconds since the link was asked for. */
  time: number;
}

export type Severity = 'error' | 'warning' | 'message';

/** What diagnostics of an id are to be. `silent`: they are not said. */
export type LogLevel = Severity | 'silent';

/**
 * A symbol's name: as it is in the object, and as people read it. Names are bytes; one that is not UTF-8 keeps its odd
 * bytes as lone surrogates U+DC80 to U+DCFF, so different names stay different.
 */
export interface SymbolName {
  name: string;
  display: string;
}

export interface Location {
  /** The input's name. */
  input: string;
  /** The archive's member. */
  member?: string;
  /** `CODE`, `linking`, `reloc.DATA`, ... */
  section?: string;
  /** In bytes, from the first byte of the input or member. */
  offset?: number;
  /** Of the symbol, counted from 0: in a unit, which has instructions and no bytes. */
  instruction?: number;
  symbol?: SymbolName;
  /** Where the code comes from, when the object has debug information. Lines and columns count from 1. */
  source?: { file: string; line: number; column?: number };
}

export interface Diagnostic {
  /** What kind of thing it is. It stays the same when the wording changes; docs/diagnostics.md explains each. */
  id: DiagnosticId;
  severity: Severity;
  /** What is wrong, without the place and the notes. May have several lines; control characters of names are escaped. */
  text: string;
  /** What the text is made of. */
  arguments: (string | number | SymbolName)[];
  location?: Location;
  /** What to do about it. */
  notes: string[];
}

export interface LinkStats {
  /** Milliseconds of each phase of the linker, in order. */
  phases: Record<string, number>;
  /** Milliseconds of the whole call, with parsing and copying. */
  total: number;
  /** Objects in the output. */
  objects: number;
  /** Objects parsed. */
  parsed: number;
  /**
   * Functions that were written again, when the output was made from the last one of the same {@link Linker}; 0 when
   * all of it was made.
   */
  rewritten: number;
  inputBytes: number;
  outputBytes: number;
  /** Size of the linker's own memory after the link, in bytes. */
  memoryBytes: number;
}

interface AnyLinkResult {
  diagnostics: Diagnostic[];
  stats: LinkStats;
  /** What the program `weld` would have printed to its standard output. */
  stdout: string;
  /** Other files that the link was asked for (`whyExtract`, `Map`, `reproduce`), by name. */
  files: Record<string, OwnBytes>;
  /** With `metafile`: for `openReport`. It is JSON text in the shape of {@link Metafile}. */
  metafile?: OwnBytes;
}
export interface LinkSuccess extends AnyLinkResult {
  ok: true;
  /** The linked module. */
  output: OwnBytes;
}
export interface LinkFailure extends AnyLinkResult {
  ok: false;
  output?: undefined;
}
/** A link that fails is a result with `ok: false`, not an exception. */
export type LinkResult = LinkSuccess | LinkFailure;

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref' | 'exnref';

/** A name of a unit, or a constant without one. */
export interface UnitSymbol {
  /** As operands of instructions have it. */
  readonly id: number;
  readonly name: string;
}

/** How a definition is seen from outside. */
export interface Binding {
  /** `weak` gives way to another definition; `local` is seen in its unit only. Default: `global`. */
  binding?: 'global' | 'weak' | 'local';
  /** Not exported by `exportDynamic`. */
  hidden?: boolean;
  /** Kept although nothing refers to it. */
  keep?: boolean;
}

/** A place in data that the linker fills: with the address of `data` plus `addend`, or with `function`'s table slot. */
export type Fixup = { offset: number; width?: 4 | 8 } & (
  | { data: UnitSymbol; addend?: number }
  | { function: UnitSymbol }
);

export interface DataOptions extends Binding {
  /** In bytes, a power of two. Default 1. */
  align?: number;
  fixups?: readonly Fixup[];
  readOnly?: boolean;
  /** Strings that end in zeros: equal ones become one. */
  strings?: boolean;
  /** One for each thread. */
  threadLocal?: boolean;
  /** The name of the output segment, when it is not to be .data, .rodata or .bss. */
  section?: string;
}

/** A function's instructions as arrays, for compilers that make them so: weld's source has the layout in `core/unit/mir.h`. */
export interface CodeArrays {
  opcodes: Uint16Array;
  operands: Uint32Array;
  extra: Uint32Array;
}

/** Where the linker's own module comes from. The default is `weld.wasm` beside this package's code. */
export interface InitializeOptions {
  /** Fetched (or read, in Node) when it is not `weld.wasm` beside the package's code. */
  wasmURL?: string | URL;
  /** The bytes of `weld.wasm`. */
  wasmBinary?: Uint8Array | ArrayBuffer;
  /** A compiled module: a worker can get it from the page. */
  wasmModule?: WebAssembly.Module;
  /**
   * Whether `link` and `run` work in a worker, so that nobody waits for them: in pages they do unless this is `false`,
   * elsewhere only when it is `true`. The worker is `worker.js` beside the package's code; a URL, or a function that makes
   * the worker, says where it is otherwise. Where it cannot be made, links are done in this thread.
   */
  worker?: boolean | string | URL | (() => object);
}

export interface FormatOptions {
  /** Colours for a terminal. */
  color?: boolean;
  /** Goes before each error and warning. Default: `weld`. */
  program?: string;
}
