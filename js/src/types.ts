// The contract of a link: what goes into weld and what comes out of it. Other parts of the contract are in unit_types.ts,
// linker_types.ts, inspect_types.ts and report_types.ts.
import type { DiagnosticId } from './diagnostic_ids.js';
import type { AbortSignal, Blob, Module, Response, URL } from './host_types.js';

export type { DiagnosticId };
export type * from './unit_types.js';

/**
 * The bytes of a file, or a promise of one of these. Promises, Blobs, URLs and Responses are read before linking starts:
 * `link` and `createLinker` wait for them, `linkSync` refuses them. A `file:` URL is read from the disk, any other URL is
 * fetched. A URL counts as a missing file if the server does not find it, or answers with a web page. The bytes of a
 * SharedArrayBuffer must not change while the link runs.
 */
export type Content = ReadyContent | PromiseLike<ReadyContent>;
/** {@link Content} that is no promise. */
export type ReadyContent = Uint8Array | ArrayBuffer | SharedArrayBuffer | Blob | URL | Response;

/**
 * What an import of `wasm-weld/weld.wasm` and the like gives. That depends on the bundler or the runtime: a
 * URL as text, the bytes, or the compiled module. The type fits {@link InitializeOptions.wasmURL},
 * {@link InitializeOptions.wasmBinary} and {@link InitializeOptions.wasmModule}. Use the one that is right for yours.
 */
export type WasmImport = string & Uint8Array & Module;

/** Bytes that belong to the caller. In versions of TypeScript that know the type, it is `Uint8Array<ArrayBuffer>`. */
export type OwnBytes = ReturnType<Uint8Array['slice']>;

/** One input, in link order. */
export interface Input {
  /**
   * The name that messages use. weld also looks for an archive's `.imports` file and thin members relative to this
   * name.
   */
  name: string;
  /** The bytes. If they are missing, weld looks the name up in `files`. The name `-lNAME` stands for a library. */
  bytes?: Content;
  /** Link every member of this archive, not only the members that are needed (`--whole-archive`). */
  wholeArchive?: boolean;
  /** Link this object only if another input needs it, like a member of an archive (`--start-lib`). */
  lazy?: boolean;
}

/**
 * Where weld looks up files: a record or a `Map` of files by path, the URL of a folder (it ends in `/`), or a function
 * that returns a file or a promise of one. weld looks up inputs without bytes, libraries (`-lc` is `libc.a`),
 * `.imports` files, members of thin archives, and response files. It asks for each file once.
 *
 * Paths are plain text with `/`, such as `lib/libc.a`. They are not URLs, and nothing in them is escaped. A path that
 * leads out of the folder (`/usr/lib/libc.a`, `../a.o`) works on a disk, but not on a server. If a function throws, a
 * diagnostic about the file repeats the error's message.
 */
export type Files =
  | Record<string, Content>
  | ReadonlyMap<string, Content>
  | URL
  | ((path: string) => Found | Promise<Found>);
/** What a function of {@link Files} returns: `null` or `undefined` if there is no such file. */
export type Found = Content | null | undefined;

/**
 * The options of wasm-ld, with their names in camel case: `--export-if-defined=f` is `exportIfDefined: 'f'`. If an
 * option has a `--no-` form, `false` stands for it.
 */
export interface LinkOptions {
  // Output
  /** The file name of the output (`-o`). The name section gives it as the name of the module. Default: `a.out.wasm`. */
  outputName?: string;
  /** Make an object file that can be linked again (`-r`). */
  relocatable?: boolean;
  /** Make a shared library. */
  shared?: boolean;
  /** Make a position-independent executable. */
  pie?: boolean;
  /** Keep the relocations in the output. */
  emitRelocs?: boolean;
  /** The name of the module in the name section. Default: the file name of the output. */
  soname?: string;
  /** Directories for the run-time search path in the `dylink.0` section. */
  rpath?: string | string[];
  /** Remove names, debug information and other custom sections. */
  stripAll?: boolean;
  /** Remove debug information. */
  stripDebug?: boolean;
  /** Custom sections that `stripAll` and `stripDebug` keep. */
  keepSection?: string | string[];
  /** Write numbers in code without padding. Debug information is adjusted. */
  compressRelocations?: boolean;
  /**
   * Merge functions with equal bodies, and equal constants. `safe` keeps addresses distinct where a program may compare
   * them; `all` does not.
   */
  icf?: 'none' | 'safe' | 'all';
  /**
   * 0: no optimization. 1 (default) or more: merge strings (`-O`). `'size'`: make the output as small as possible
   * (`-Oz`).
   */
  optimize?: number | 'size';
  /** Write one data segment for each kind of data (default unless `relocatable`). */
  mergeDataSegments?: boolean;
  /** Write a build id: `true` or `'fast'`, `'sha1'`, `'tree'`, `'uuid'`, `'0xHEX'`. */
  buildId?: boolean | string;
  /** Write the output after errors too, if they leave it usable. */
  noinhibitExec?: boolean;

  // Entry, exports and imports
  /** The function at which the program starts (default `_start`). `false`: the program has none. */
  entry?: string | false;
  /** Symbols to export. They must be defined. */
  export?: string | string[];
  /** Symbols to export if they are defined. */
  exportIfDefined?: string | string[];
  /** Export every symbol that is kept. */
  exportAll?: boolean;
  /** Export every symbol that is not hidden (default if `shared`). */
  exportDynamic?: boolean;
  /**
   * Export the memory under this name; `true` stands for `memory`. The memory is always exported unless it is imported.
   */
  exportMemory?: true | string;
  /** Import the memory: `true` stands for `memory` of `env`, `'name'` for that name of `env`; or `'module,name'`. */
  importMemory?: boolean | string;
  /** Export the function table. */
  exportTable?: boolean;
  /** Import the function table. */
  importTable?: boolean;
  /** Set no maximum size for the function table. */
  growableTable?: boolean;

  // Symbols
  /** Treat these names as undefined, so that the archive members that define them are linked (`-u`). */
  undefined?: string | string[];
  /** Report undefined symbols as errors (default), resolve them to zero, or import them. */
  unresolvedSymbols?: 'report-all' | 'ignore-all' | 'import-dynamic';
  /** Report undefined symbols as warnings. */
  warnUnresolvedSymbols?: boolean;
  /** Import functions that no input defines. */
  importUndefined?: boolean;
  /** Same as `importUndefined` with `unresolvedSymbols: 'ignore-all'`. */
  allowUndefined?: boolean;
  /** Files in `files` that list the names that may be imported, one name per line. */
  allowUndefinedFile?: string | string[];
  /** Names to import if no input defines them. */
  allowUndefinedSymbol?: string | string[];
  /** If a symbol has several definitions, use the first. */
  allowMultipleDefinition?: boolean;
  /** Calls of NAME go to `__wrap_NAME`, calls of `__real_NAME` go to NAME. */
  wrap?: string | string[];
  /** In a shared library, bind references to its own definitions (`-Bsymbolic`). */
  bsymbolic?: boolean;
  /** Compare the signatures of functions with those in shared libraries (default). */
  shlibSigcheck?: boolean;
  /** Do not warn that the formats of `shared` and `pie` may change. Only LLD up to 22 warns of that (`compat`). */
  experimentalPic?: boolean;
  /** Show C++ and Rust names in their readable form (default). */
  demangle?: boolean;

  // Memory and table
  /** The size of the stack in bytes (`-z stack-size=`, default 65536). */
  stackSize?: number;
  /**
   * Put the stack before the data. This is the default, except with `optimize: 'size'`, with `compat: 'lld-14'` or
   * `compat: 'lld-19'`, and if `globalBase` leaves no room for the stack.
   */
  stackFirst?: boolean;
  /** The address at which data begins. */
  globalBase?: number;
  /** The initial size of the memory in bytes. */
  initialMemory?: number;
  /** The initial size of the heap in bytes. */
  initialHeap?: number;
  /** The maximum size of the memory in bytes. */
  maxMemory?: number;
  /** `false`: the memory cannot grow. */
  growableMemory?: boolean;
  /** Make the memory shared, for threads. */
  sharedMemory?: boolean;
  /** The largest function that the linker itself makes, in bytes (default: what engines take). */
  maxFunctionBodySize?: number;
  /** Threads that take turns, in one memory that is not shared (WASI 0.3): each has a block of thread-local data. */
  cooperativeThreading?: boolean;
  /** The size of a memory page in bytes: 65536 (default) or 1. */
  pageSize?: number;
  /** The first slot of the function table that is used (default 1). */
  tableBase?: number;

  // Features
  /** The features that the output may use (default: the features of the inputs). */
  features?: string | string[];
  /** Features to add to the features of the inputs. */
  extraFeatures?: string | string[];
  /** Check that the features of the inputs are compatible (default). */
  checkFeatures?: boolean;

  // Garbage collection, machine, libraries
  /** Remove functions and data to which nothing refers (default unless `relocatable`). */
  gcSections?: boolean;
  /** The machine: `wasm32` or `wasm64` (`-m`). Default: the machine of the first object. */
  machine?: 'wasm32' | 'wasm64';
  /** Directories in `files` in which weld looks for libraries (`-L`). It looks in the top directory last. */
  libraryPath?: string | string[];

  // Reports
  /**
   * Ask the engine that weld runs in whether it takes the output. `ok: true` then means that the engine takes it. What it
   * refuses is reported as diagnostics (`invalid-code`, `invalid-module`, `unknown-to-engine`), for each function with its
   * input, the instruction or offset, and the source line. It takes about as long as loading the module. A patch of
   * {@link Linker.patch} is checked too, but as a whole: a diagnostic names its functions.
   */
  validate?: boolean;
  /** Describe what the output consists of, and the reason for each part of it: see {@link LinkResult.metafile}. */
  metafile?: boolean;
  /**
   * Make a source map, which says for each byte of the code which line of which source it comes from: see
   * {@link LinkResult.sourceMap}. Lines come from the debug information of objects, and from the lines of units. `stripDebug` and
   * `stripAll` do not change the map.
   */
  sourceMap?: boolean | SourceMapOptions;
  /**
   * Write debug information to a module of its own, for debuggers: see {@link LinkResult.debugFile}. The output names its
   * file: `true` stands for the file name of the output with `.debug.wasm` behind it.
   */
  separateDwarf?: boolean | string;
  /** Write a map of the output to this file (`-Map`): see {@link LinkResult.files}. */
  map?: string;
  /** Print a map of the output: see {@link LinkResult.stdout}. */
  printMap?: boolean;
  /** Report removed functions and data as messages. */
  printGcSections?: boolean;
  /** Report linked files as messages. */
  trace?: boolean;
  /** Report the files that mention these names as messages. */
  traceSymbol?: string | string[];
  /** Write to this file the reason for linking each archive member: see {@link LinkResult.files}. */
  whyExtract?: string;
  /** Write a tar archive of the inputs and the arguments to this file: see {@link LinkResult.files}. */
  reproduce?: string;
  /** Stop after this number of errors. 0 (default): do not stop. */
  errorLimit?: number;
  /** Report the warnings that wasm-ld has as errors. For weld's own warnings, use `logOverride`. */
  fatalWarnings?: boolean;
  /**
   * Changes the severity of diagnostics by id: `{ 'undefined-symbol': 'warning' }`. It also turns on diagnostics that
   * are silent by default. Errors that leave no usable output always stay errors.
   */
  logOverride?: Partial<Record<DiagnosticId, LogLevel>>;
  /**
   * The linker whose defaults are used. The default is `weld`, whose defaults are those of LLD 22. `lld-23` is LLD as it is
   * developed after release 22.
   */
  compat?: 'weld' | 'lld-14' | 'lld-19' | 'lld-22' | 'lld-23';
}

/** How a source map is made. */
export interface SourceMapOptions {
  /**
   * What the output says where its map is (the section `sourceMappingURL`). Default: the file name of the output with
   * `.map` behind it. Empty: the output does not say it.
   */
  url?: string;
  /** What the paths of sources are relative to: `sourceRoot` of the map. */
  root?: string;
  /** Paths that begin with a key begin with its value in the map. If several keys fit, the last one counts. */
  prefix?: Readonly<Record<string, string>>;
  /**
   * Put the sources themselves into the map. weld looks for them in `files`, by the path that the debug information has,
   * then by the path that the map has. The map has `null` for a source that is not there.
   */
  sources?: boolean;
  /**
   * List sources in `ignoreList`, so that debuggers step over their code: `true` stands for libc, libc++ and compiler-rt,
   * a text for the sources whose path it is a part of.
   */
  ignore?: boolean | string | string[];
}

/** What to link. weld reads `options` first, then `args`, then `inputs`. */
export interface LinkRequest {
  /** The inputs in link order. A string is the name of a file in `files`, or a library written as `-lNAME`. */
  inputs?: readonly (Input | string)[];
  /** The options of the linker. */
  options?: LinkOptions;
  /**
   * More arguments, spelled as on wasm-ld's command line. They may name inputs too. With `args`, also an empty array, the
   * notes of diagnostics spell options like this, too.
   */
  args?: readonly string[];
  /** Where weld looks up files that `inputs`, `options` and `args` name. */
  files?: Files;
}

/** Lets a caller follow a link, and stop it. */
export interface LinkControl {
  /**
   * Stops the link. Its promise is rejected with the reason of the signal, which is an `AbortError` by default. A link
   * in a worker stops immediately. A link in this thread can only stop before it begins and while it waits for files.
   */
  signal?: AbortSignal;
  /** Called when a phase of the link begins. A link that waits for files starts again when the files have arrived. */
  onProgress?: (progress: Progress) => void;
  /**
   * Transfer the buffers of the inputs to the worker instead of copying them. The caller cannot use them afterwards.
   */
  transfer?: boolean;
}

/** What `onProgress` is told. */
export interface Progress {
  /**
   * The phase that begins: `load` (loading weld's module), `read_inputs`, `parse_inputs`, then the names in {@link
   * LinkStats.phases}.
   */
  phase: string;
  /** Milliseconds since the call of `link`. */
  time: number;
}

/** How serious a diagnostic is. A link with an error fails. */
export type Severity = 'error' | 'warning' | 'message';

/** The severity of a diagnostic, or `silent`: the diagnostic is not reported. */
export type LogLevel = Severity | 'silent';

/**
 * The name of a symbol: `name` as it is in the object, `display` in its readable form. Names in objects are bytes.
 * Bytes that are not UTF-8 become lone surrogates (U+DC80 to U+DCFF), so that different names stay different.
 */
export interface SymbolName {
  /** The name as it is in the object. */
  name: string;
  /** The name in its readable form. */
  display: string;
}

/** Where a diagnostic is about. */
export interface Location {
  /** The name of the input. */
  input: string;
  /** The member, if the input is an archive. */
  member?: string;
  /** The section: `CODE`, `linking`, `reloc.DATA`, ... */
  section?: string;
  /** The offset in bytes from the start of the input or member. */
  offset?: number;
  /**
   * The number of the instruction in the symbol, counted from 0. Only in units, which have instructions instead of
   * bytes.
   */
  instruction?: number;
  /** The function or data that the place is in. */
  symbol?: SymbolName;
  /** The place in the source, if the object has debug information. Lines and columns count from 1. */
  source?: { file: string; line: number; column?: number };
}

/** A fact or a piece of advice that belongs to a diagnostic. */
export interface Note {
  /** The note, without its location. Control characters in names are escaped. */
  text: string;
  /** Another place that is concerned, such as a second definition or a further caller. */
  location?: Location;
}

/** Something that a link has to say. */
export interface Diagnostic {
  /**
   * Identifies the kind of diagnostic. Ids stay the same when the wording changes; docs/diagnostics.md explains each.
   */
  id: DiagnosticId;
  /** How serious it is. */
  severity: Severity;
  /** The message, without location and notes. It may have several lines. Control characters in names are escaped. */
  text: string;
  /** The values that were inserted into the text. */
  arguments: (string | number | SymbolName)[];
  /** The place that it is about, if there is one. */
  location?: Location;
  /**
   * Further facts, and advice on how to fix the problem. Options have the names of {@link LinkOptions}. If the request
   * has `args`, they are spelled as on the command line.
   */
  notes: Note[];
}

/** How a link went. */
export interface LinkStats {
  /** The duration of each phase of the linker in milliseconds, in order. */
  phases: Record<string, number>;
  /** The duration of the whole call in milliseconds, including parsing and copying. */
  total: number;
  /** The number of objects in the output. */
  objects: number;
  /** The number of objects that were parsed. */
  parsed: number;
  /**
   * The number of functions that were rewritten, if a {@link Linker} made the output from its previous output. 0 after
   * a full link.
   */
  rewritten: number;
  /**
   * Why this was a full link, such as `a new function`. Missing if a {@link Linker} made the output from its previous
   * output.
   */
  full?: string;
  /** The size of all inputs in bytes. */
  inputBytes: number;
  /** The size of the output in bytes. */
  outputBytes: number;
  /** The size of the linker's own memory after the link, in bytes. */
  memoryBytes: number;
}

interface AnyLinkResult {
  /** What the link has to say: errors, warnings and messages, in their order. */
  diagnostics: Diagnostic[];
  /** How long the link took, and how large everything was. */
  stats: LinkStats;
  /** What the program `weld` would have printed to standard output. */
  stdout: string;
  /** The other files that the options ask for (`whyExtract`, `map`, `reproduce`), by name. */
  files: Record<string, OwnBytes>;
  /**
   * The metafile, if the option `metafile` is set. Pass it to `openReport`. It is JSON text in the shape of `Metafile`.
   */
  metafile?: OwnBytes;
  /**
   * The source map, if the option `sourceMap` is set: JSON text, version 3 of the format. The code is its line 1, and
   * columns are offsets in the output, as browsers and Node have them in stack traces.
   */
  sourceMap?: OwnBytes;
  /** A module with debug information, if the option `separateDwarf` is set. */
  debugFile?: OwnBytes;
}
/** The result of a link that worked. */
export interface LinkSuccess extends AnyLinkResult {
  /** The link worked. */
  ok: true;
  /** The linked module. */
  output: OwnBytes;
}
/** The result of a link that failed. `diagnostics` say why. */
export interface LinkFailure extends AnyLinkResult {
  /** The link failed. */
  ok: false;
  /** There is none. */
  output?: undefined;
}
/** The result of a link. A link that fails has a result with `ok: false`; it does not throw. */
export type LinkResult = LinkSuccess | LinkFailure;

/**
 * Where weld's own WebAssembly modules come from. The default is `weld.wasm` and `weld-more.wasm` beside the package's
 * code. Most links need the first module only. The second one has the rest.
 */
export interface InitializeOptions {
  /**
   * The URL of `weld.wasm`. A `file:` URL is read from the disk, any other URL is fetched. If it names a file `weld.wasm`,
   * `weld-more.wasm`, `inspect.wasm` and `commands.wasm` are expected beside it.
   */
  wasmURL?: string | URL;
  /** The bytes of `weld.wasm`. */
  wasmBinary?: Uint8Array | ArrayBuffer;
  /** The compiled module. A page can send it to a worker. */
  wasmModule?: Module;
  /** The URL of `weld-more.wasm`. Default: beside `wasmURL`, if that names a file `weld.wasm`. */
  moreURL?: string | URL;
  /** The bytes of `weld-more.wasm`. */
  moreBinary?: Uint8Array | ArrayBuffer;
  /** `weld-more.wasm`, compiled. */
  moreModule?: Module;
  /**
   * Whether `link` and `run` work in a worker, so that they do not block the calling thread. In pages the default is
   * `true`, elsewhere `false`. The worker is `worker.js` beside the package's code. If the file is elsewhere, pass its
   * URL or a function that makes the worker. If no worker can be made, weld links in the calling thread.
   */
  worker?: boolean | string | URL | (() => object);
  /**
   * How many links are done at the same time, each in a worker of its own. Further links wait, in the order in which they
   * were asked for. The workers share the compiled modules, but each has memory of its own, and keeps it. Default: 1. In
   * Node, Deno and Bun, a number implies `worker: true`.
   */
  workers?: number;
}

/** The options of `formatMessages`. */
export interface FormatOptions {
  /** Use the colours of a terminal. */
  color?: boolean;
  /** The program's name, printed before each error and warning. Default: `weld`. */
  program?: string;
}
