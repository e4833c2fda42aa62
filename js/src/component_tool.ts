// A program that takes the place of `wasm-tools component` for cli.ts, as far as weld calls it: from the standard input to
// the standard output.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ComponentError, embed, encode, type StringEncoding } from './component.js';

async function main([command, ...args]: string[]): Promise<Uint8Array> {
  const values = (name: string) =>
    args.filter((arg) => arg.startsWith(`${name}=`)).map((arg) => arg.slice(name.length + 1));
  const module = readFileSync(0);
  if (command === 'embed') {
    const [wit = '', , option, encoding] = args;
    await openFiles();
    const stringEncoding = option === '--encoding' ? { stringEncoding: encoding as StringEncoding } : {};
    return embed(module, [{ witPath: path.resolve(wit), ...stringEncoding }]);
  }
  const strange = args.find((arg) => !/^(-|--adapt=.*|--validate=.*|--merge-imports-based-on-semver=true)$/.test(arg));
  if (strange) throw new ComponentError(`\`${strange}\` needs \`wasm-tools\` itself, which is not installed`);
  return encode(
    module,
    [],
    values('--adapt').map((adapter) => {
      const [, name, file = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(adapter)!;
      return [name ?? path.basename(file).replace(/\..*/, ''), readFileSync(file)];
    }),
  );
}

/** The tool is a program for WASI, which sees no files unless it is told which. */
async function openFiles(): Promise<void> {
  const tools = createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile/wasm-tools');
  const shim = createRequire(tools).resolve('@bytecodealliance/preview2-shim/filesystem');
  const { _setPreopens } = (await import(pathToFileURL(shim).href)) as { _setPreopens(folders: object): void };
  _setPreopens({ '/': '/' });
}

try {
  writeFileSync(1, await main(process.argv.slice(2)));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
