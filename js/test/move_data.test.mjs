// Which constants js/move_data.mjs moves into the second module, and that this one brings them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { moveData } from '../move_data.mjs';
import { folder } from './support.mjs';

function assembled(name, text) {
  const file = path.join(folder, name);
  writeFileSync(`${file}.wat`, text);
  execFileSync('wat2wasm', [`${file}.wat`, '-o', `${file}.wasm`]);
  return readFileSync(`${file}.wasm`);
}

/** What is in the memory of the first module, by address. */
const content = {
  1024: 'near\0far\0pointed\0in the middle\0',
  1100: Buffer.from(new Uint32Array([1033, 7]).buffer), // an array whose first index is 1
  1200: Buffer.from(new Uint32Array([1029, 9]).buffer),
  1300: 'ends here\0',
  1400: 'wide\0',
  1500: 'variable',
};
const map = `    Addr      Off     Size Out     In      Symbol
       -       af       69 DATA
     400       b0      181 .rodata
     400       b6       1f         <internal>:(.rodata)
     44c       d6        8         a.o:(.rodata.hot)
     44c       d6        8                 hot
     4b0       e6        8         a.o:(.rodata.cold)
     514       ee        a         b.o:(.rodata.ended)
     578       fe        5         b.o:(.rodata.wide)
     5dc      10a        8 .data
     5dc      10a        8         a.o:(.data.x)
`;
const escaped = (bytes) => Array.from(Buffer.from(bytes), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
const data = Object.entries(content).map(([address, bytes]) => `(data (i32.const ${address}) "${escaped(bytes)}")`);
const first = assembled(
  'first',
  `(module (memory (export "memory") 1)
     (func (export "a") (result i32) (i32.const 1024))
     (func (export "b") (param i32) (result i32) (i32.load offset=1096 (local.get 0)))
     (func (export "c") (result i32) (i32.load8_u (i32.const 1044)))
     (func (export "d") (result i32) (block (result i32) (i32.const 1310)))
     (func (export "e") (result i64) (i64.const ${1400n | (4n << 32n)}))
     ${data.join('\n')})`,
);
const second = assembled('second', '(module (import "primary" "memory" (memory 1)) (func))');

test('what the first module can read stays, everything else comes with the second one', async () => {
  const [one, two] = moveData(first, second, map);
  const { instance } = await WebAssembly.instantiate(one);
  const memory = Buffer.from(instance.exports.memory.buffer);
  const text = (address, size) => memory.subarray(address, address + size).toString();
  assert.equal(text(1024, 31), `near\0${'\0'.repeat(4)}pointed\0in the middle\0`);
  assert.deepEqual([...memory.subarray(1100, 1108)], [...content[1100]]);
  assert.deepEqual([...memory.subarray(1200, 1208)], Array(8).fill(0));
  assert.equal(text(1300, 10) + text(1400, 5) + text(1500, 8), 'ends here\0wide\0variable');

  await WebAssembly.instantiate(two, { primary: instance.exports });
  const whole = Buffer.from((await WebAssembly.instantiate(first)).instance.exports.memory.buffer);
  assert.ok(memory.equals(whole));
});

test('a map without constants, and code of another kind, are errors', () => {
  assert.throws(() => moveData(first, second, map.replaceAll('.rodata', '.other')), /no segment `\.rodata`/);
  const vector = assembled(
    'vector',
    '(module (memory 1) (func (drop (v128.const i32x4 0 0 0 0))) (data (i32.const 1024) "x"))',
  );
  assert.throws(() => moveData(vector, second, map), /does not know the instruction 0xfd/);
});
