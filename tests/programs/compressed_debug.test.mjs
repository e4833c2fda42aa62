// @ts-check
// --compress-relocations moves code: debug information must still say the same of each instruction as without it.
// WELD_PROGRAMS (comma-separated) says which programs. The long ones are left out when not everything is tested.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, isTestedThoroughly, linkArguments, wantedPrograms } from './programs.mjs';
import { compareDebugPlaces, debugErrors } from '../support/debug_places.mjs';
import { welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { testsAll } from '../support/tier.mjs';
import { validate } from '../support/validate.mjs';

/** @typedef {import('./programs.mjs').BuiltProgram} BuiltProgram */

/** Further flags for each program: which level, what DWARF. */
const forms = {
  c_program: ['O0-g -gdwarf-2', 'O2 -gdwarf-3', 'O2 -gdwarf-5', 'O2 -gline-tables-only', 'O0-g -gdwarf-aranges'],
  cpp_program: [
    'O0-g',
    'O0-g -gdwarf-5',
    'O2 -g',
    'O2 -gdwarf-5',
    'O2 -gdwarf-5 -mllvm -minimize-addr-in-v5=Ranges',
    'O2 -gdwarf-5 -mllvm -minimize-addr-in-v5=Form',
    'O2 -gdwarf-5 -fdebug-types-section',
  ],
  googletest: ['O0-g', 'O2 -gdwarf-5'],
  sqlite: ['O0-g', 'O2 -g'],
};
const long = new Set([
  'c_program O2 -gdwarf-3',
  'cpp_program O0-g -gdwarf-5',
  'cpp_program O2 -g',
  'cpp_program O2 -gdwarf-5',
  'cpp_program O2 -gdwarf-5 -mllvm -minimize-addr-in-v5=Ranges',
  'cpp_program O2 -gdwarf-5 -mllvm -minimize-addr-in-v5=Form',
  'cpp_program O2 -gdwarf-5 -fdebug-types-section',
]);

/** @param {string[]} words */
function emptyFolder(...words) {
  const folder = path.join(scratchDir, 'compressed-debug', ...words);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Links without and with compression, and compares what is said of each instruction.
 *
 * @param {import('../support/linkers.mjs').Linker} weld
 * @param {string} folder
 * @param {string[]} args
 * @param {string[]} [more] of the compressed link
 */
async function compare(weld, folder, args, more = []) {
  const files = ['plain.wasm', 'compressed.wasm'].map((name) => path.join(folder, name));
  const options = [[], ['--compress-relocations', ...more]];
  for (const [i, file] of files.entries()) {
    const outcome = await weld.link([...args, ...options[i], '-o', file], { cwd: folder, as: 'weld' });
    assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
    assert.equal(await validate(readFileSync(file)), '');
  }
  const [plain, compressed] = await Promise.all(files.map(debugErrors));
  for (const [kind, times] of compressed) assert.ok(times <= (plain.get(kind) ?? 0), `${kind}: ${times} times`);
  assert.ok((await compareDebugPlaces(files[0], files[1], { folded: more.length > 0 })) > 20);
  return files[1];
}

for (const program of wantedPrograms) {
  describe(program.name, () => {
    for (const form of forms[/** @type {keyof typeof forms} */ (program.name)] ?? []) {
      if (!isTestedThoroughly(program) || (!testsAll && long.has(`${program.name} ${form}`))) continue;
      test(form, async () => {
        const [level, ...flags] = form.split(' ');
        const built = await buildProgram(program, level, flags);
        const folder = emptyFolder(program.name, form.replaceAll(' ', ''));
        const args = linkArguments(built, []).slice(0, -2);
        const [weld, ...others] = welds;
        const file = await compare(weld, folder, args);
        for (const how of program.runs) assert.equal((await runWasi(file, how)).code, how.code);
        for (const other of others) {
          const same = path.join(folder, `${other.name}.wasm`);
          await other.link([...args, '--compress-relocations', '-o', same], { cwd: folder, as: 'weld' });
          // Both put their file's name into the module.
          const [a, b] = [file, same].map((one) =>
            readFileSync(one).toString('latin1').replaceAll(path.basename(one), ''),
          );
          assert.equal(a.length, b.length);
        }
        if (form !== 'O2 -gdwarf-5') return;
        await compare(weld, folder, args, ['--icf=safe']);
        // Archive members are alive without anything that says so.
        await compare(weld, folder, [...args, '--no-gc-sections']);
        // What else -Oz does to code would make debug information wrong, and is left undone.
        if (program.name === 'cpp_program') await compare(weld, folder, args, ['-Oz', '--icf=all']);

        // An object of several ones describes what was discarded as if it were there, and need not agree with itself.
        if (program.name === 'googletest') return;
        const all = path.join(folder, 'all.o');
        const one = await weld.link([...built.objects, '-r', '-o', all], { cwd: folder, as: 'weld' });
        assert.equal(one.code, 0, one.stderr);
        await compare(weld, folder, linkArguments({ ...built, objects: [all] }, []).slice(0, -2));
      });
    }
  });
}
