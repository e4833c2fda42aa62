// For modules that are compiled where they are linked: nobody serves their maps.
import { joined, readyBytes } from './files.js';
import type { OwnBytes } from './types.js';

const encoder = new TextEncoder();

/**
 * A copy of a module with its source map in it, as a `data:` address. Debuggers of pages find the sources of such a module
 * without fetching anything, also if it was compiled from bytes.
 * The link that made the module should have set `url: ''` in `sourceMap`, so that the module names no other map. Offsets of
 * code are as they were.
 *
 * @throws TypeError if an argument is not bytes
 */
export function inlineSourceMap(module: Uint8Array | ArrayBuffer, sourceMap: Uint8Array | ArrayBuffer): OwnBytes {
  const [bytes, map] = [readyBytes(module, 'module'), readyBytes(sourceMap, 'sourceMap')];
  let binary = '';
  // Arguments of a call are limited to some ten thousand.
  for (let at = 0; at < map.length; at += 8192) binary += String.fromCharCode(...map.subarray(at, at + 8192));
  const name = withSize(encoder.encode('sourceMappingURL'));
  const address = withSize(encoder.encode(`data:application/json;base64,${btoa(binary)}`));
  return joined([bytes, Uint8Array.of(0), withSize(joined([name, address]))]);
}

function withSize(bytes: Uint8Array): OwnBytes {
  const size: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    size.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return joined([Uint8Array.from(size), bytes]);
  }
}
