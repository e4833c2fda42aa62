// @ts-check
// Says where two modules differ, in the words of the format.
import { Module, nameOf, parts } from './wasm_module.mjs';

/**
 * @param {Uint8Array} expected
 * @param {Uint8Array} actual
 * @returns {string} empty when they are equal
 */
export function explainDifference(expected, actual) {
  if (Buffer.compare(expected, actual) === 0) return '';
  let one, two;
  try {
    one = new Module(expected);
    two = new Module(actual);
  } catch (error) {
    return `${firstBytes('file', expected, 0, actual, 0)}\n(not readable as a module: ${error})`;
  }
  const lines = [`sizes: expected ${expected.length}, actual ${actual.length}`];
  const lists = [one, two].map((module) => module.sections.map((section) => section.name).join(' '));
  if (lists[0] !== lists[1]) lines.push(`sections, expected: ${lists[0]}`, `sections, actual:   ${lists[1]}`);

  const changed = one.sections.filter((section) => {
    const other = two.sections.find((s) => s.name === section.name);
    return other && Buffer.compare(bytesOf(one, section), bytesOf(two, other)) !== 0;
  });
  lines.push(`sections with other content: ${changed.map((section) => section.name).join(' ') || 'none'}`);
  const section = changed[0];
  if (!section) return [...lines, firstBytes('file', expected, 0, actual, 0)].join('\n');

  const other = /** @type {import('./wasm_module.mjs').Section} */ (two.sections.find((s) => s.name === section.name));
  if (section.name === 'CODE') lines.push(...explainCode(one, two));
  else if (section.name === 'DATA') lines.push(...explainData(one, two));
  else {
    const part = partOfSection[section.name];
    if (part) lines.push(...firstLines(part, parts[part](one), parts[part](two)));
    lines.push(firstBytes(section.name, bytesOf(one, section), section.start, bytesOf(two, other), other.start));
  }
  return lines.join('\n');
}

/** @type {Record<string, string>} */
// biome-ignore format: a table
const partOfSection = {
  TYPE: 'types', IMPORT: 'imports', FUNCTION: 'functions', TABLE: 'tables', MEMORY: 'memory', GLOBAL: 'globals',
  EXPORT: 'exports', START: 'start', ELEM: 'elements', TAG: 'tags', name: 'names', producers: 'producers',
  target_features: 'features',
};

/**
 * @param {Module} module
 * @param {import('./wasm_module.mjs').Section} section
 */
function bytesOf(module, section) {
  return module.bytes.subarray(section.start, section.end);
}

/**
 * @param {Module} one
 * @param {Module} two
 */
function explainCode(one, two) {
  const [left, right] = [one.bodies, two.bodies];
  if (left.length !== right.length) {
    return [
      `CODE: ${left.length} functions expected, ${right.length} found`,
      ...firstLines('functions', parts.functions(one), parts.functions(two)),
    ];
  }
  for (let i = 0; i < left.length; i++) {
    const [a, b] = [one.bytes.subarray(left[i].start, left[i].end), two.bytes.subarray(right[i].start, right[i].end)];
    if (Buffer.compare(a, b) === 0) continue;
    const name = nameOf(one, left[i].index);
    return [firstBytes(`function ${left[i].index} \`${name}\``, a, left[i].start, b, right[i].start)];
  }
  return [];
}

/**
 * @param {Module} one
 * @param {Module} two
 */
function explainData(one, two) {
  const [left, right] = [one.segments, two.segments];
  /** @param {typeof left} segments */
  const outline = (segments) => segments.map((s, index) => `${index} at ${s.offset}: ${s.bytes.length} bytes`);
  const lines = firstLines('segments', outline(left), outline(right));
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (Buffer.compare(left[i].bytes, right[i].bytes) === 0) continue;
    lines.push(firstBytes(`segment ${i}`, left[i].bytes, left[i].start, right[i].bytes, right[i].start));
    break;
  }
  return lines;
}

/**
 * The first lines that differ.
 *
 * @param {string} what
 * @param {string[]} expected
 * @param {string[]} actual
 */
function firstLines(what, expected, actual) {
  const count = Math.max(expected.length, actual.length);
  for (let i = 0; i < count; i++) {
    if (expected[i] === actual[i]) continue;
    return [
      `${what}: ${expected.length} expected, ${actual.length} found; the first that differ:`,
      ...expected.slice(i, i + 4).map((line) => `  - ${line}`),
      ...actual.slice(i, i + 4).map((line) => `  + ${line}`),
    ];
  }
  return [];
}

/**
 * The place where two runs of bytes part, with some bytes around it.
 *
 * @param {string} what
 * @param {Uint8Array} expected
 * @param {number} expectedStart offset of the run in its file
 * @param {Uint8Array} actual
 * @param {number} actualStart
 */
function firstBytes(what, expected, expectedStart, actual, actualStart) {
  let at = 0;
  while (at < expected.length && at < actual.length && expected[at] === actual[at]) at++;
  const from = Math.max(0, at - 6);
  /** @param {Uint8Array} bytes */
  const shown = (bytes) =>
    Buffer.from(bytes.subarray(from, at + 10))
      .toString('hex')
      .replace(/../g, '$& ')
      .trim();
  return [
    `${what}: differs at offset ${at} of ${expected.length} (actual size ${actual.length})`,
    `  - file offset 0x${(expectedStart + at).toString(16)}: ...${shown(expected)}`,
    `  + file offset 0x${(actualStart + at).toString(16)}: ...${shown(actual)}`,
  ].join('\n');
}
