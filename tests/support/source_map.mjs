// @ts-check
// Source maps of modules, read with npm's @jridgewell/trace-mapping.
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import { readFileSync } from 'node:fs';
import { Module } from './wasm_module.mjs';

export class SourceMap {
  /** @param {string} file of the module; its map is beside it */
  constructor(file) {
    const code = new Module(readFileSync(file)).sections.find(({ id }) => id === 10);
    if (!code) throw new Error(`${file} has no code`);
    /** Of the payload of CODE, from which DWARF counts. */
    this.codeOffset = code.start;
    /** @type {import('@jridgewell/trace-mapping').EncodedSourceMap} */
    this.json = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
    this.map = new TraceMap(this.json);
  }

  /** @param {number} offset in the module */
  at(offset) {
    const { source, line, column, name } = originalPositionFor(this.map, { line: 1, column: offset });
    // Paths as the map has them, and columns as compilers count them.
    const place =
      source === null ? '' : `${this.json.sources[this.map.resolvedSources.indexOf(source)]}:${line}:${column + 1}`;
    return { place, name };
  }

  /** @param {number} address as DWARF has it */
  placeOf(address) {
    return this.at(this.codeOffset + address);
  }
}
