// The contract of `symbolize`.
import type { Diagnostic, Files } from './types.js';

/** Options of {@link symbolize}. */
export interface SymbolizeOptions {
  /**
   * Where the file of debug information or the source map is that a module names (the sections `external_debug_info` and
   * `sourceMappingURL`), by the name that the module has for it. Default: if the module is given as a URL, the folder that it is in.
   * A map in the module itself, as {@link inlineSourceMap} makes it, needs no files.
   */
  files?: Files;
}

/** What {@link symbolize} found. */
export interface Symbolization {
  /** The places that lines of the trace name, or those of the offsets, in order. */
  places: SymbolizedPlace[];
  /** The trace with a line for each function in place of each place. Lines that name no place are as they were. */
  text: string;
  /** What is malformed in the debug information. Nothing is known of the code that it is about. */
  diagnostics: Diagnostic[];
}

/** A place in code that a trace names. */
export interface SymbolizedPlace {
  /** The line of the trace, or the number of the offset, counted from 0. */
  line: number;
  /** In the module. JavaScriptCore does not say it: then only the function is known. */
  offset?: number;
  /** The number of the function in the module, if the trace has it. */
  function?: number;
  /**
   * The functions that are active there. Functions that were inlined come before those that they were inlined into. Empty
   * if nothing is known. A source map knows one function.
   */
  frames: SymbolizedFrame[];
}

/** Properties that are not known are missing. */
export interface SymbolizedFrame {
  /** The function, as people read it. */
  function?: string;
  /** The path of the source. */
  file?: string;
  /** Counted from 1. */
  line?: number;
  /** Counted from 1. */
  column?: number;
  /** The function was inlined into that of the next frame. */
  inlined: boolean;
}
