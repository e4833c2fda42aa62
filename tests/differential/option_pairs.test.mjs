// @ts-check
// Every two options together, over objects as compilers make them: no link crashes, a link that fails says why, what is
// written is a valid module, and both forms of weld write the same bytes.
//
// The options are those of options.def. One that takes a value has it in `values` below; without one there, the test fails.
//
// WELD_OPTIONS (comma-separated ids of options.def) restricts the pairs to those that have one of these.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dashed, readOptions } from '../../core/tool/options_table.mjs';
import { hash } from '../support/content_cache.mjs';
import { scriptPath, welds } from '../support/linkers.mjs';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { wantedBy } from '../support/names.mjs';
import { testsAll } from '../support/tier.mjs';
import { archive, compile } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

/**
 * @typedef {import('../../core/tool/options_table.mjs').OptionRow} OptionRow
 * @typedef {object} Setting
 * @property {string} id of the option
 * @property {string[]} args
 * @property {string} text
 */

const features =
  'atomics,bulk-memory,bulk-memory-opt,call-indirect-overlong,memory64,multivalue,mutable-globals,nontrapping-fptoint,reference-types,sign-ext';

/**
 * What is tried of each option that takes a value.
 *
 * @type {Record<string, string[]>}
 */
const values = {
  library: ['part'],
  library_path: ['folder'],
  machine: ['wasm32', 'wasm64'],
  rsp_quoting: ['windows'],
  output: ['other.wasm'],
  soname: ['a.name'],
  rpath: ['$ORIGIN'],
  keep_section: ['kept'],
  icf: ['safe', 'all'],
  optimize: ['0', '2', 'z'],
  build_id_style: ['sha1', '0x0123456789abcdef'],
  entry: ['start_here'],
  export_symbol: ['helper'],
  exclude_libs: ['ALL'],
  export_if_defined: ['not_there'],
  export_memory_name: ['room'],
  import_memory_name: ['host,room'],
  undefined: ['spare'],
  unresolved_symbols: ['ignore-all', 'import-dynamic'],
  allow_undefined_file: ['allowed.txt'],
  allow_undefined_symbol: ['missing'],
  wrap: ['helper'],
  z: ['stack-size=131072', 'muldefs'],
  global_base: ['4096'],
  initial_memory: ['4194304'],
  initial_heap: ['131072'],
  max_memory: ['16777216'],
  page_size: ['1'],
  max_function_body_size: ['4096'],
  live_mode: ['all'],
  table_base: ['16'],
  features: [features],
  extra_features: ['extended-const'],
  map: ['out.map'],
  metafile: ['out.json'],
  source_map_file: ['out.map.json'],
  separate_dwarf_file: ['debug.wasm'],
  dependency_file: ['out.d'],
  trace_symbol: ['helper'],
  why_extract: ['why.txt'],
  reproduce: ['out.tar'],
  error_limit: ['1'],
  log_override: ['undefined-symbol=warning'],
  color_diagnostics_when: ['always'],
  threads: ['2'],
  compat: ['lld-14', 'lld-19', 'lld-22', 'lld-23'],
  append_lld_flag: ['--no-demangle'],
  // Without effect.
  wasm_ld_path: ['wasm-ld'],
  mllvm: ['-wasm-keep-registers'],
  lto_optimize: ['2'],
  lto_codegen: ['2'],
  lto_partitions: ['2'],
  lto_object_path: ['lto.o'],
  thinlto_cache_dir: ['cache'],
  thinlto_cache_policy: ['cache_size=1%'],
  thinlto_jobs: ['2'],
  thinlto_object_suffix_replace: ['.a;.b'],
  thinlto_prefix_replace: ['a;b'],
  hash_style: ['gnu'],
  rpath_link: ['folder'],
  dynamic_linker: ['/lib/ld.so'],
  retain_symbols_file: ['symbols.txt'],
  defsym: ['name=1'],
  plugin: ['plugin.so'],
  plugin_opt: ['option'],
};

/**
 * Options that mean something only with others, or among the inputs.
 *
 * @type {Record<string, string[]>}
 */
const uses = {
  start_lib: ['--start-lib', 'unused.o'],
  end_lib: ['--start-lib', 'unused.o', '--end-lib'],
  push_state: ['--push-state', '--whole-archive'],
  pop_state: ['--push-state', '--whole-archive', '--pop-state'],
  source_map_url: ['--source-map', '--source-map-url=a/b.map'],
  source_map_root: ['--source-map', '--source-map-root=a/'],
  source_map_prefix: ['--source-map', '--source-map-prefix=/=../'],
  source_map_sources: ['--source-map', '--source-map-sources'],
  source_map_ignore: ['--source-map', '--source-map-ignore'],
  source_map_ignore_text: ['--source-map', '--source-map-ignore=helper'],
  separate_dwarf_url: ['--separate-dwarf', '--separate-dwarf-url=a/b.wasm'],
  live_room: ['--live', '--live-room=65536'],
  live_state: ['--live', '--live-state'],
  ...Object.fromEntries(
    Object.entries({
      component_type: '--component-type=world.wit',
      string_encoding: '--string-encoding=utf16',
      wasi_adapter: '--wasi-adapter=none',
      wasi_adapters: '--wasi-adapters=folder',
      adapt: '--adapt=env=env.wasm',
      validate_component: '--validate-component',
      validate_component_value: '--validate-component=true',
      merge_imports: '--merge-imports-based-on-semver',
      merge_imports_value: '--merge-imports-based-on-semver=false',
      reject_legacy_names: '--reject-legacy-names',
      realloc_via_memory_grow: '--realloc-via-memory-grow',
      return_call_ref: '--return-call-ref',
    }).map(([id, arg]) => [id, ['--component', '--skip-wit-component', arg]]),
  ),
  no_whole_archive: ['--whole-archive', 'libpart.a', '--no-whole-archive'],
};

// They end before anything is linked; the native program has no engine to ask: js/test/validate.test.mjs; what is made with
// another program is no module: tests/components.
const ending = new Set(['help', 'version', 'validate', 'component']);
const withoutEffect = 'Accepted without effect';

const rows = readOptions().filter(({ alias, id }) => alias === 'none' && !ending.has(id));

/** @param {OptionRow} row @returns {Setting[]} */
function settingsOf(row) {
  if (uses[row.id]) return [{ id: row.id, args: uses[row.id], text: uses[row.id].join(' ') }];
  if (row.kind === 'Flag') return [{ id: row.id, args: [dashed(row)], text: dashed(row) }];
  return (values[row.id] ?? []).map((value) => {
    const isSeparate = row.kind === 'Separate' || (row.kind === 'JoinedOrSeparate' && row.spelling.length > 1);
    const args = isSeparate ? [dashed(row), value] : [`${dashed(row)}${row.kind === 'Eq' ? '=' : ''}${value}`];
    return { id: row.id, args, text: args.join(' ') };
  });
}

const settings = rows.filter(({ group }) => group !== withoutEffect).flatMap(settingsOf);

// --- inputs: of each kind of machine and output, each made when a pair needs it

/** @type {Record<string, {name: string, flags: string[]}>} */
const sources = {
  'main.o': { name: 'main.c', flags: ['-O0', '-g'] },
  'shapes.o': { name: 'shapes.cpp', flags: ['-O2', '-fno-rtti', '-fno-threadsafe-statics'] },
  'helper.o': { name: 'helper.c', flags: ['-O0', '-g'] },
  'spare.o': { name: 'spare.c', flags: ['-O2', '-g'] },
  'pic.o': { name: 'pic.c', flags: ['-O1', '-fPIC'] },
  'unused.o': { name: 'unused.c', flags: ['-O1'] },
  'missing.o': { name: 'missing.c', flags: ['-O1', '-g'] },
  'missing_data.o': { name: 'missing_data.c', flags: ['-O1', '-g'] },
  'again.o': { name: 'again.c', flags: ['-O1'] },
};

/** @param {Setting[]} pair */
function has(pair) {
  const texts = pair.map(({ text }) => text);
  return (/** @type {RegExp} */ pattern) => texts.some((text) => pattern.test(text));
}

/** The flags that objects need for the two options to mean something. @param {Setting[]} pair */
function flagsFor(pair) {
  const asks = has(pair);
  const flags = ['-nostdinc', asks(/wasm64/) ? '--target=wasm64-unknown-unknown' : '--target=wasm32-unknown-unknown'];
  if (asks(/^--(shared|pie)$|import-dynamic/)) flags.push('-fPIC');
  if (asks(/shared-memory/)) flags.push('-pthread', '-matomics', '-mbulk-memory');
  return flags;
}

/** @param {Setting[]} pair */
function inputsFor(pair) {
  const asks = has(pair);
  const inputs = ['main.o', 'shapes.o', 'libpart.a', 'pic.o'];
  if (asks(/^--(import-|allow-)undefined|^--warn-unresolved|^--unresolved|undefined-symbol/)) inputs.push('missing.o');
  if (asks(/^--allow-undefined$|^--warn-unresolved|^--unresolved|undefined-symbol=/)) inputs.push('missing_data.o');
  if (asks(/muldefs|^--allow-multiple|noinhibit/)) inputs.push('again.o');
  return inputs;
}

// Natively several links run at a time, each in a folder of its own.
const slots = 4;
const top = path.join(scratchDir, 'option-pairs');
const sourceFolder = path.join(rootDir, 'tests/differential/option_pairs');

/** @type {Map<string, Promise<{folders: string[], files: Record<string, Uint8Array>}>>} */
const madeInputs = new Map();

/** @param {string[]} flags */
function inputsOf(flags) {
  const key = flags.join(' ');
  let made = madeInputs.get(key);
  if (!made) madeInputs.set(key, (made = makeInputs(flags)));
  return made;
}

/** @param {string[]} flags */
async function makeInputs(flags) {
  const folders = Array.from({ length: slots }, (_, slot) =>
    path.join(top, hash(flags.join(' ')).slice(0, 12), String(slot)),
  );
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.join(folder, 'folder'), { recursive: true });
  }
  for (const [object, source] of Object.entries(sources)) {
    const made = await compile(path.join(sourceFolder, source.name), [...source.flags, ...flags]);
    for (const folder of folders) copyFileSync(made, path.join(folder, object));
  }
  for (const folder of folders) {
    await archive(folder, 'libpart.a', 'plain', ['helper.o', 'spare.o']);
    writeFileSync(path.join(folder, 'allowed.txt'), 'missing\n');
  }
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const name of [...Object.keys(sources), 'libpart.a', 'allowed.txt'])
    files[name] = readFileSync(path.join(folders[0], name));
  return { folders, files };
}

// --- links

const native = welds.find(({ name }) => name === 'native');
const isWasmTested = welds.some(({ name }) => name === 'wasm');
const outputs = ['a.out.wasm', 'other.wasm'];
const reports = ['out.map', 'out.json', 'why.txt', 'out.d'];

/**
 * @typedef {object} Linked
 * @property {boolean} ok
 * @property {string} why what it said
 * @property {Uint8Array} [output]
 * @property {string[]} reports
 */

/**
 * @param {Setting[]} pair
 * @param {number} slot
 * @returns {Promise<Linked>}
 */
async function linkNatively(pair, slot) {
  assert.ok(native);
  const { folders } = await inputsOf(flagsFor(pair));
  const cwd = folders[slot];
  for (const name of [...outputs, ...reports, 'out.tar']) rmSync(path.join(cwd, name), { force: true });
  const { code, stderr } = await native.link(argumentsOf(pair), { cwd, as: 'weld' });
  assert.ok(code === 0 || code === 1, `it ended with ${code}\n${stderr}`);
  const written = outputs.filter((name) => existsSync(path.join(cwd, name)));
  assert.equal(written.length, code === 0 ? 1 : 0, `it wrote ${written.join() || 'nothing'}`);
  return {
    ok: code === 0,
    why: stderr,
    output: code === 0 ? readFileSync(path.join(cwd, written[0])) : undefined,
    reports: reports.map((name) =>
      existsSync(path.join(cwd, name)) ? readFileSync(path.join(cwd, name), 'utf8') : '',
    ),
  };
}

/** @type {typeof import('../../js/src/index.js')} */
let weld;

// As the package calls it.
/** @param {Setting[]} pair */
function argumentsOf(pair) {
  return ['-o', 'a.out.wasm', '--error-limit=0', ...requestArguments(pair), '-L.'];
}
/** @param {Setting[]} pair */
function requestArguments(pair) {
  return [...pair.flatMap(({ args }) => args), ...inputsFor(pair)];
}

/**
 * @param {Setting[]} pair
 * @returns {Promise<Linked>}
 */
async function linkInProcess(pair) {
  const { files } = await inputsOf(flagsFor(pair));
  const { ok, output, diagnostics, files: written } = weld.linkSync({ args: requestArguments(pair), files });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.ok(!diagnostics.some(({ id }) => id === 'internal'), errors[0]?.text);
  return {
    ok,
    why: errors.map(({ text }) => `error: ${text}`).join('\n'),
    output,
    reports: reports.map((name) => (written[name] ? Buffer.from(written[name]).toString() : '')),
  };
}

let distinct = 0;
/** @type {Map<string, Promise<string>>} */
const validations = new Map();

/** The engine looks at all, wabt (a process) at some. @param {Uint8Array} bytes */
function complaintAbout(bytes) {
  const key = hash(bytes);
  let complaint = validations.get(key);
  if (!complaint) {
    const isValid = WebAssembly.validate(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
    complaint = isValid && distinct++ % 16 ? Promise.resolve('') : validate(bytes);
    validations.set(key, complaint);
  }
  return complaint;
}

// Of LLD 19 it prints the version and stops.
/** @param {Setting[]} pair */
const stops = (pair) => has(pair)(/^-v$/) && has(pair)(/lld-1/);

// What changes code does more of it where no debug information has to follow.
const stripDebug = { id: 'strip_debug', args: ['--strip-debug'], text: '--strip-debug' };
/** @param {Setting[]} pair */
const changesCode = (pair) => has(pair)(/^-Oz|^--compress|^--icf/) && !has(pair)(/^--strip/);

const numbers = { pairs: 0, linked: 0 };

/** What is wrong with a pair of options, or the empty string. @param {Setting[]} pair @param {number} slot */
async function faultOf(pair, slot) {
  numbers.pairs++;
  try {
    const running = native && linkNatively(pair, slot);
    running?.catch(() => {}); // it is awaited below
    /** @type {Linked | undefined} */
    let first;
    for (const link of [isWasmTested && linkInProcess(pair), running]) {
      const linked = link && (await link);
      if (!linked) continue;
      if (!linked.ok) assert.match(linked.why, /error: .*\w/, 'it fails, and does not say why');
      if (first) {
        assert.equal(linked.ok, first.ok, `one form of weld links it: ${linked.why}${first.why}`);
        assert.ok(
          Buffer.from(linked.output ?? []).equals(first.output ?? Buffer.of()),
          'the forms of weld write other bytes',
        );
        assert.deepEqual(linked.reports, first.reports);
      }
      first = linked;
    }
    // No engine here knows other pages.
    if (!first?.output || has(pair)(/page-size/)) return '';
    numbers.linked++;
    assert.equal(await complaintAbout(first.output), '');
    return '';
  } catch (error) {
    return `${pair.map(({ text }) => text).join(' ')}: ${error instanceof Error ? error.message : error}`;
  }
}

/** @param {Setting[][]} pairs */
async function check(pairs) {
  /** @type {string[]} */
  const faults = [];
  let next = 0;
  const worker = async (/** @type {number} */ slot) => {
    while (next < pairs.length) {
      const fault = await faultOf(pairs[next++], slot);
      if (fault) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: slots }, (_, slot) => worker(slot)));
  assert.equal(faults.length, 0, faults.join('\n'));
}

const isWanted = wantedBy(
  'WELD_OPTIONS',
  'option',
  settings.map(({ id }) => id),
);
// The options alone are tried always, the pairs, which take minutes, when everything is tested or some are asked for.
const testsPairs = testsAll || process.env.WELD_OPTIONS !== undefined;

describe('pairs of options', () => {
  before(async () => {
    if (!isWasmTested) return;
    weld = await import(String(pathToFileURL(path.resolve(path.dirname(scriptPath), '../dist/index.js'))));
    await weld.initialize();
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  test('every option that takes a value has one to be tried with', () => {
    const missing = rows.filter((row) => settingsOf(row).length === 0).map(({ id }) => id);
    assert.deepEqual(missing, [], 'give them values in option_pairs.test.mjs');
    const known = new Set(rows.map(({ id }) => id));
    assert.deepEqual(
      [...Object.keys(values), ...Object.keys(uses)].filter((id) => !known.has(id)),
      [],
    );
  });

  test('options without effect, each alone', () =>
    check(
      rows
        .filter(({ group }) => group === withoutEffect)
        .flatMap(settingsOf)
        .map((one) => [one]),
    ));

  test('each option alone links, or is for another kind of link', async () => {
    await check(settings.map((one) => [one]));
  });

  for (const [i, one] of testsPairs ? settings.entries() : []) {
    const others = settings.slice(i + 1).filter(({ id }) => id !== one.id);
    const pairs = others
      .map((other) => [one, other])
      .filter((pair) => !stops(pair) && pair.some(({ id }) => isWanted(id)))
      .flatMap((pair) => (changesCode(pair) ? [pair, [...pair, stripDebug]] : [pair]));
    if (pairs.length > 0) test(one.text, () => check(pairs));
  }

  if (testsAll && !process.env.WELD_OPTIONS)
    test('most pairs link', () =>
      assert.ok(numbers.linked > numbers.pairs * 0.9, `${numbers.linked} of ${numbers.pairs}`));
});
