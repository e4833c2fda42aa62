// Files that take time: functions that promise, Blobs, URLs, responses.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { createLinker, initialize, link, linkSync } from '../dist/index.js';
import { archive, assemble, callee, caller, folder, runModule } from './support.mjs';

const main = assemble(caller);
const f = assemble(callee('f', 42));
const library = archive({ 'f.o': f });
const thin = archive({ 'f.o': f }, 'rcsDT');
const { output: expected } = await link({
  inputs: [
    { name: 'main.o', bytes: main },
    { name: 'libf.a', bytes: library },
  ],
});

const contents = { 'main.o': main, 'lib/libf.a': library, 'lib/f.o': f, 'lib/thin.a': thin };
mkdirSync(path.join(folder, 'lib'));
for (const [name, bytes] of Object.entries(contents)) writeFileSync(path.join(folder, name), bytes);
const base = pathToFileURL(`${folder}/`);

async function linksTo(request) {
  const result = await link(request);
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(result.output, expected);
}
const later = async (bytes) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return bytes;
};
const inputs = ['main.o', '-lf'];
const options = { libraryPath: ['nowhere', 'lib'] };

test('a function may promise, and is asked what one that answers at once is asked, once', async () => {
  const asked = { atOnce: [], later: [] };
  const find = (kind) => (name) => {
    asked[kind].push(name);
    return kind === 'later' ? later(contents[name]) : contents[name];
  };
  await linksTo({ inputs, options, files: find('atOnce') });
  await linksTo({ inputs, options, files: find('later') });
  assert.deepEqual(asked.later.sort(), asked.atOnce.sort());
  assert.equal(new Set(asked.later).size, asked.later.length);
});

test('members of thin archives and response files may take time', async () => {
  const files = (name) =>
    later(
      name === 'all.rsp'
        ? new TextEncoder().encode('main.o @more.rsp')
        : name === 'more.rsp'
          ? Buffer.from('lib/thin.a')
          : contents[name],
    );
  await linksTo({ args: ['@all.rsp'], files });
});

test('a record takes Blobs and URLs, and reads only what is needed', async () => {
  const blob = new Blob([library]);
  const unused = new Blob([f]);
  unused.arrayBuffer = () => assert.fail('this is not needed');
  await linksTo({
    inputs,
    options,
    files: { 'main.o': new URL('main.o', base), 'lib/libf.a': blob, 'lib/unused.a': unused },
  });
  await linksTo({
    inputs: [
      { name: 'main.o', bytes: new URL('main.o', base) },
      { name: 'libf.a', bytes: blob },
    ],
  });
});

test('a folder of files by its URL', async () => {
  await linksTo({ inputs, options, files: base });
  const result = await link({ inputs: ['missing.o'], files: base });
  assert.deepEqual(result.diagnostics[0].arguments, ['missing.o', 'No such file or directory']);
});

test('a path is no address: whatever a name has in it, the file of that name is read', async (t) => {
  const asked = [];
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice('/objects/'.length));
    asked.push(request.url);
    if (request.url.startsWith('/objects/') && names.includes(name)) response.end(f);
    else response.writeHead(404).end();
  });
  const names = [
    'a#1.o',
    'a?.o',
    'a%20b.o',
    '100%.o',
    'a b.o',
    'a\\b.o',
    'a:b.o',
    'http:a.o',
    'a++.o',
    '[a].o',
    '\u00e4.o',
    '%2e%2e',
    'a\tb.o',
    'sub/#/a.o',
  ];
  mkdirSync(path.join(folder, 'objects/sub/#'), { recursive: true });
  for (const name of names) writeFileSync(path.join(folder, 'objects', name), f);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  const objects = pathToFileURL(`${folder}/objects/`);
  const inputOf = { name: 'main.o', bytes: main };
  for (const files of [new URL(`${origin}/objects/`), objects])
    for (const name of names) await linksTo({ inputs: [inputOf, name], files });

  // A path that leads out of the folder is one of its disk; on a server there is nothing outside.
  const absolute = path.join(folder, 'lib/f.o');
  for (const name of [absolute, '../lib/f.o', `/${absolute}`])
    await linksTo({ inputs: [inputOf, name], files: objects });
  await linksTo({ inputs: [inputOf, '/objects/a b.o'], files: new URL(`${origin}/objects/`) });
  asked.length = 0;
  for (const name of ['../lib/f.o', '/lib/f.o', `//127.0.0.1:${server.address().port}/f.o`, '/objects/../f.o']) {
    const { diagnostics } = await link({ inputs: [inputOf, name], files: new URL(`${origin}/objects/`) });
    assert.deepEqual(diagnostics[0].arguments, [name, 'No such file or directory']);
  }
  // A member's name, which is whatever somebody wrote, in the place of one as long.
  const evil = `${origin}/evil.o`;
  const member = 'a'.repeat(evil.length - 2) + '.o';
  const bytes = Buffer.from(
    archive({ [member]: f }, 'rcsDT')
      .toString('latin1')
      .replace(member, evil),
    'latin1',
  );
  for (const files of [objects, new URL(`${origin}/objects/`)]) {
    const { diagnostics } = await link({ inputs: [inputOf, { name: 'evil.a', bytes }], files });
    assert.deepEqual(
      diagnostics.map(({ id }) => id),
      ['thin-member-not-found'],
    );
    assert.deepEqual(diagnostics[0].arguments, [evil]);
  }
  assert.deepEqual(
    asked.filter((url) => !url.startsWith('/objects/')),
    [],
  );
});

test('a URL of files is a folder, which ends in a slash', async () => {
  for (const files of [new URL('lib', base), new URL('data:text/plain,a')])
    await assert.rejects(link({ inputs: ['f.o'], files }), {
      name: 'TypeError',
      message: `${files.href} is not a folder, which ends in \`/\``,
    });
  await linksTo({ inputs: ['f.o', '../main.o'].reverse(), files: new URL('lib/?version=1#top', base) });
});

test('files of a server: pages that say that there is nothing are no files', async (t) => {
  const requests = [];
  const server = http.createServer((request, response) => {
    const name = request.url.slice(1);
    requests.push(name);
    if (name in contents) response.end(contents[name]);
    else if (name.startsWith('broken')) response.writeHead(500).end();
    else if (name.endsWith('.so')) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}/`;
  await linksTo({ inputs, options, files: new URL(url) });
  assert.equal(new Set(requests).size, requests.length, requests.join());
  await linksTo({ inputs, options, files: (name) => fetch(url + name) });
  await linksTo({
    inputs: ['main.o', { name: 'libf.a', bytes: await fetch(`${url}lib/libf.a`) }],
    files: new URL(url),
  });
  const { diagnostics } = await link({ inputs: ['broken.o'], files: new URL(url) });
  assert.deepEqual(diagnostics[0].arguments, ['broken.o', '500 Internal Server Error']);
});

test('a promise that is rejected is a file that cannot be read', async () => {
  const { diagnostics } = await link({ inputs: ['a.o'], files: async (name) => assert.fail(`no network for ${name}`) });
  assert.deepEqual(
    diagnostics.map(({ id }) => id),
    ['file-not-found'],
  );
  assert.deepEqual(diagnostics[0].arguments, ['a.o', 'no network for a.o']);
});

test('what cannot wait says so', async () => {
  await initialize();
  const files = (name) => later(contents[name]);
  assert.throws(() => linkSync({ inputs, options, files }), {
    name: 'TypeError',
    message: /`main\.o` is a Promise.*`link` waits/,
  });
  const linker = await createLinker({ inputs: [{ name: 'main.o', bytes: main }] });
  assert.throws(() => linker.add({ name: 'f.o', bytes: new Blob([f]) }), /`f\.o` is a Blob/);
  assert.deepEqual(linker.inputs, ['main.o']);
});

test('createLinker waits for what its inputs name', async () => {
  const files = (name) => later(contents[name]);
  const linker = await createLinker({ inputs, options, files });
  const result = linker.link();
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(result.output, expected);
  assert.equal(result.stats.parsed, 2);
  const other = await createLinker({
    inputs: [
      { name: 'main.o', bytes: new Blob([main]) },
      { name: 'libf.a', bytes: later(library) },
    ],
  });
  assert.deepEqual(other.link().output, expected);
  const snapshot = new Blob([linker.save()]);
  assert.deepEqual((await createLinker({ snapshot, options })).link().output, expected);
});

test('createLinker waits for what is named in other places than its inputs', async () => {
  const text = (lines) => new TextEncoder().encode(lines);
  const there = {
    ...contents,
    'lib/libg.imports': text('g'),
    'lib/libg.a': archive({ 'main.o': main }),
    'allowed.txt': text('f'),
  };
  const files = (name) => later(there[name]);
  const allowing = await createLinker({ inputs: ['main.o'], options: { allowUndefinedFile: 'allowed.txt' }, files });
  assert.deepEqual(allowing.link().diagnostics, []);
  const args = await createLinker({ inputs: ['main.o'], args: ['--allow-undefined-file=allowed.txt'], files });
  assert.deepEqual(args.link().diagnostics, []);
  // An input that comes later keeps nothing else from being read.
  const editing = await createLinker({ inputs: ['new.o'], options: { allowUndefinedFile: 'allowed.txt' }, files });
  assert.deepEqual(editing.link().diagnostics[0].arguments, ['new.o', 'No such file or directory']);
  editing.replace('new.o', main);
  assert.deepEqual(editing.link().diagnostics, []);

  const thinly = await createLinker({ inputs: ['main.o', 'lib/thin.a'], files });
  assert.deepEqual(thinly.link().output, expected);
  const needsG = assemble(caller.replace(/\bf\b/g, 'g'));
  const imports = { 'lib/libg.imports': new Blob([there['lib/libg.imports']]) };
  const linker = await createLinker({ inputs: [{ name: 'needs_g.o', bytes: needsG }], files: imports });
  assert.deepEqual(
    linker.link().diagnostics.map(({ id }) => id),
    ['undefined-symbol'],
  );
  linker.add({ name: 'lib/libg.a', bytes: there['lib/libg.a'] });
  assert.deepEqual(linker.link().diagnostics, []);
});

test('a linker goes without files that nobody named and that take time', async () => {
  const broken = { name: 'f.o', bytes: assemble(callee('other', 1)) };
  const whole = { name: 'f.o', bytes: f };
  const record = { 'main.o': main, 'lib/libf.a': new Blob([library]) };
  const unreadable = async (name) => assert.fail(`no network for ${name}`);
  for (const files of [record, base, (name) => later(contents[name]), unreadable]) {
    const linker = await createLinker({
      inputs: [{ name: 'main.o', bytes: main }, whole],
      options: { libraryPath: 'lib' },
      files,
    });
    const { output } = linker.link();
    linker.replace('f.o', broken.bytes);
    // The library that has it is looked for.
    assert.deepEqual(
      linker.link().diagnostics.map(({ id }) => id),
      ['undefined-symbol'],
    );
    assert.deepEqual(
      linker.link().diagnostics.map(({ id }) => id),
      ['undefined-symbol'],
    );
    linker.replace('f.o', f);
    assert.deepEqual(linker.link().output, output);
    // So is `new.imports`.
    linker.remove('f.o');
    linker.add({ name: 'new.a', bytes: library });
    assert.deepEqual(linker.link().output, expected);
    assert.ok(linker.save());
  }
  await initialize();
  const request = { inputs: ['main.o'], options: { libraryPath: 'lib' }, files: record };
  assert.deepEqual(
    linkSync(request).diagnostics.map(({ id }) => id),
    ['undefined-symbol'],
  );
  const inputs = [
    { name: 'main.o', bytes: main },
    { name: 'new.a', bytes: library },
  ];
  assert.deepEqual(linkSync({ inputs, files: unreadable }).output, expected);
  await later(); // a rejection that nobody handles would fail this test
});

test('a linker that is given a name whose file takes time says so, and goes on without it', async () => {
  const text = new TextEncoder().encode('missing');
  const files = (name) => (name === 'garbage.o' ? 7 : later(name === 'names.txt' ? text : contents[name]));
  const inputs = [
    { name: 'main.o', bytes: main },
    { name: 'libf.a', bytes: library },
  ];
  const linker = await createLinker({ inputs, files });
  const refuses = (message) => {
    assert.throws(() => linker.link(), { name: 'TypeError', message });
    assert.throws(() => linker.save(), { name: 'TypeError', message });
  };
  const goesOn = () => assert.deepEqual(linker.link().output, expected);
  linker.add({ name: 'lib/f.o' });
  refuses(/^`lib\/f\.o` is a Promise, .*`createLinker`/);
  linker.remove('lib/f.o');
  goesOn();
  linker.add({ name: 'lib/thin.a', bytes: thin }, 'libf.a');
  refuses(/^`lib\/f\.o` is a Promise/);
  linker.remove('lib/thin.a');
  goesOn();
  linker.add({ name: '-lother' });
  refuses(/^`\.\/libother\.a` is a Promise/);
  linker.remove('-lother');
  linker.setOptions({ allowUndefinedFile: 'names.txt' });
  refuses(/^`names\.txt` is a Promise/);
  linker.setOptions({});
  goesOn();
  linker.add({ name: 'garbage.o' });
  assert.throws(() => linker.link(), { name: 'TypeError', message: /^`garbage\.o` must be/ });
  linker.remove('garbage.o');
  goesOn();
});

test('progress: the phases in their order, to the end', async () => {
  const progress = [];
  const { stats } = await link(
    {
      inputs: [
        { name: 'main.o', bytes: main },
        { name: 'f.o', bytes: f },
      ],
    },
    { onProgress: (p) => progress.push(p) },
  );
  const phases = progress.map(({ phase }) => phase);
  assert.deepEqual(phases.slice(0, 3), ['load', 'read_inputs', 'parse_inputs']);
  assert.deepEqual(phases.slice(3), Object.keys(stats.phases));
  for (let i = 1; i < progress.length; i++) assert.ok(progress[i].time >= progress[i - 1].time);
});

test('a signal that is aborted: nothing begins', async () => {
  const files = () => assert.fail('it began');
  const reason = { name: 'AbortError' };
  await assert.rejects(link({ inputs: ['a.o'], files }, { signal: AbortSignal.abort() }), reason);
  const controller = new AbortController();
  const promise = link({ inputs: ['a.o'], files: () => new Promise(() => {}) }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 5);
  await assert.rejects(promise, reason);
  await assert.rejects(link({}, { signals: [] }), { name: 'TypeError', message: /did you mean `signal`\?/ });
});

test('a wrong signal or onProgress is a TypeError, and nothing begins', async () => {
  const files = () => assert.fail('it began');
  for (const signal of [new AbortController(), 1, 'stop', {}])
    await assert.rejects(link({ inputs: ['a.o'], files }, { signal }), {
      name: 'TypeError',
      message: '`signal` must be an AbortSignal: pass `controller.signal`',
    });
  await assert.rejects(link({ inputs: ['a.o'], files }, { onProgress: 'phase' }), {
    name: 'TypeError',
    message: '`onProgress` must be a function',
  });
  // What looks like a signal and is none: a rejection that nobody handles would end this program.
  const text = (signal, worker) => `
    await weld.initialize({ worker: ${worker} });
    await weld.link({}, { signal: ${signal} }).catch(({ name }) => console.log(name));
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log((await weld.link({}, { signal: new AbortController().signal })).ok);
    process.exit();`;
  for (const signal of ['new AbortController()', 'new EventTarget()'])
    for (const worker of [false, true]) assert.equal(await runModule(text(signal, worker)), 'TypeError\nfalse');
});

test('a signal is heard from the beginning, and let go at the end', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const inputs = [
    { name: 'main.o', bytes: main },
    { name: 'f.o', bytes: f },
  ];
  assert.ok((await link({ inputs }, { signal })).ok);
  const onProgress = () => assert.fail('no progress');
  await assert.rejects(link({ inputs }, { signal, onProgress }), { name: 'AssertionError' });
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await assert.rejects(link({ inputs }, { signal, onProgress: () => controller.abort() }), { name: 'AbortError' });
});

test('what onProgress throws, link throws, and the next link works', async () => {
  const inputs = [
    { name: 'main.o', bytes: main },
    { name: 'f.o', bytes: f },
  ];
  for (const phase of ['load', 'read_inputs', 'write_module']) {
    const onProgress = (progress) => assert.notEqual(progress.phase, phase);
    await assert.rejects(link({ inputs }, { onProgress }), { name: 'AssertionError' });
    assert.ok((await link({ inputs })).ok);
  }
});
