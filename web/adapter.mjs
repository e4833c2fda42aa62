// Brings the adapter from WASI 0.1 to 0.2 into `adapter/`: one file of npm's `@bytecodealliance/jco`, which itself depends on
// packages of 200 MB that the page has no use for. `tests/steps/adapters.sh` reads the version here.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';

const jco = '@bytecodealliance/jco@1.35.0';
const file = 'wasi_snapshot_preview1.command.wasm';
const sha256 = '2a652d711c1fff34f9d5a0e073e50ef7eeb8fe7d8a6d559eae643a4c049a7b94';

const out = join(dirname(fileURLToPath(import.meta.url)), 'adapter', file);
const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

if (!existsSync(out) || hashOf(readFileSync(out)) !== sha256) {
  const folder = mkdtempSync(join(tmpdir(), 'weld-adapter-'));
  try {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, jco]);
    const [packed] = readdirSync(folder);
    const entries = await unpackTar(gunzipSync(readFileSync(join(folder, packed))), {
      filter: ({ name }) => name === `package/lib/${file}`,
    });
    const bytes = entries[0]?.data;
    if (!bytes) throw new Error(`${jco} has no ${file}`);
    if (hashOf(bytes) !== sha256) throw new Error(`${file} of ${jco} is another one: its SHA-256 is ${hashOf(bytes)}`);
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
