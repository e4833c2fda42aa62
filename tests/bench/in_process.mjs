// @ts-check
// One process that links in itself, with inputs that are in memory: node in_process.mjs LINKER INPUTS_JSON. For each
// message, a path for the output or nothing, it links once and answers with what that took. The first link includes
// loading the linker.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from '../others/load.mjs';

/**
 * @typedef {{output: Uint8Array, wasm?: number}} Linked
 * @typedef {(args: string[], files: Map<string, Uint8Array>) => Promise<Linked>} Link
 */

const outputName = 'out.wasm';

/** @param {string} entry the package's main file @returns {Link} */
const weld = (entry) => async (args, files) => {
  const { initialize, linkSync } = await import(pathToFileURL(entry).href);
  await initialize();
  const result = linkSync({
    args: ['--compat=lld-19', ...args, '-o', outputName],
    files: (/** @type {string} */ name) => files.get(name),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics.slice(0, 5)));
  return { output: result.output, wasm: result.stats.memoryBytes };
};

/** LLD 22 has a file system of its own: all files go into its top folder. @type {Link} */
const lld22 = async (args, files) => {
  const { runLLVM } = await load('@yowasp/clang');
  const tree = Object.fromEntries([...files].map(([name, bytes]) => [path.basename(name), bytes]));
  const names = args.map((arg) => (arg.startsWith('-L') ? '-L.' : files.has(arg) ? path.basename(arg) : arg));
  let said = '';
  const options = {
    stderr: (/** @type {Uint8Array | null} */ bytes) => void (bytes && (said += new TextDecoder().decode(bytes))),
    fetchProgress: () => {},
  };
  try {
    const after = await runLLVM(['wasm-ld', ...names, '-o', outputName], tree, options);
    return { output: /** @type {Uint8Array} */ (after?.[outputName]) };
  } catch (error) {
    throw new Error(said || String(error));
  }
};

/** The most memory that this process had. That of a child after `fork` is not part of it, other than in `resourceUsage`. */
function peak() {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

const [linker, json] = process.argv.slice(2);
const {
  folder,
  args,
  files: names,
} = /** @type {import('./sets.mjs').Inputs} */ (JSON.parse(readFileSync(json, 'utf8')));
const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(path.resolve(folder, name)))]));
const link = linker === 'lld22' ? lld22 : weld(linker);

process.on('message', async (/** @type {{save?: string}} */ { save }) => {
  try {
    const begin = performance.now();
    const { output, wasm } = await link(args, files);
    const ms = performance.now() - begin;
    if (save) writeFileSync(save, output);
    process.send?.({ ms, peak: peak(), wasm });
  } catch (error) {
    process.send?.({ error: String(/** @type {Error} */ (error).message ?? error) });
  }
});
process.send?.({});
