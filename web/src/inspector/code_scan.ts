// What the functions of a finished module refer to. A module has no relocations, so that its instructions are read.

/** What follows an opcode. */
type Immediates =
  | 'none'
  | 'u32'
  | 'u32 u32'
  | 'memory'
  | 'lane'
  | 'memory lane'
  | 'block'
  | 'heap'
  | 'bytes 4'
  | 'bytes 8'
  | 'bytes 16'
  | 'bytes 1';

// biome-ignore format: a table
const plain: [number, number, Immediates][] = [
  [0x00, 0x01, 'none'], [0x02, 0x04, 'block'], [0x05, 0x05, 'none'], [0x06, 0x06, 'block'], [0x07, 0x09, 'u32'], [0x0a, 0x0b, 'none'],
  [0x0c, 0x0d, 'u32'], [0x0f, 0x0f, 'none'], [0x10, 0x10, 'u32'], [0x11, 0x11, 'u32 u32'], [0x12, 0x12, 'u32'], [0x13, 0x13, 'u32 u32'],
  [0x14, 0x15, 'u32'], [0x18, 0x18, 'u32'], [0x19, 0x1b, 'none'], [0x20, 0x26, 'u32'], [0x28, 0x3e, 'memory'], [0x3f, 0x42, 'u32'],
  [0x43, 0x43, 'bytes 4'], [0x44, 0x44, 'bytes 8'], [0x45, 0xc4, 'none'], [0xd0, 0xd0, 'heap'], [0xd1, 0xd1, 'none'], [0xd2, 0xd2, 'u32'],
  [0xd3, 0xd4, 'none'], [0xd5, 0xd6, 'u32'],
];
// biome-ignore format: a table
const prefixed: Record<number, [number, number, Immediates][]> = {
  0xfb: [
    [0, 1, 'u32'], [2, 5, 'u32 u32'], [6, 7, 'u32'], [8, 10, 'u32 u32'], [11, 14, 'u32'], [15, 15, 'none'], [16, 16, 'u32'], [17, 19, 'u32 u32'],
    [20, 23, 'heap'], [26, 30, 'none'],
  ],
  0xfc: [
    [0, 7, 'none'], [8, 8, 'u32 u32'], [9, 9, 'u32'], [10, 10, 'u32 u32'], [11, 11, 'u32'], [12, 12, 'u32 u32'], [13, 13, 'u32'], [14, 14, 'u32 u32'],
    [15, 17, 'u32'], [19, 22, 'none'],
  ],
  0xfd: [
    [0, 11, 'memory'], [12, 13, 'bytes 16'], [14, 20, 'none'], [21, 34, 'lane'], [35, 83, 'none'], [84, 91, 'memory lane'], [92, 93, 'memory'],
    [94, 300, 'none'],
  ],
  0xfe: [[0, 2, 'memory'], [3, 3, 'bytes 1'], [0x10, 0x4e, 'memory']],
};

const call = 0x10;
const returnCall = 0x12;
const refFunc = 0xd2;

function immediatesIn(rows: [number, number, Immediates][] | undefined, opcode: number): Immediates | undefined {
  return rows?.find(([from, to]) => opcode >= from && opcode <= to)?.[2];
}
const byOpcode = Array.from({ length: 256 }, (_, opcode) => immediatesIn(plain, opcode));

/** The functions that the body at `begin` calls or whose address it takes, each once; undefined: it has an unknown instruction. */
export function functionsIn(bytes: Uint8Array, begin: number, end: number): number[] | undefined {
  let at = begin;
  const leb = () => {
    let value = 0;
    for (let shift = 0; at < end; shift += 7) {
      const byte = bytes[at++]!;
      if (shift < 35) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  const memory = () => {
    if (leb() & 0x40) leb();
    leb();
  };
  // A reference type has a heap type behind its first byte.
  const valueType = () => {
    const first = bytes[at];
    leb();
    if (first === 0x63 || first === 0x64) leb();
  };
  const found = new Set<number>();
  for (let groups = leb(); groups > 0 && at < end; groups--) {
    leb();
    valueType();
  }
  while (at < end) {
    const opcode = bytes[at++]!;
    if (opcode === call || opcode === returnCall || opcode === refFunc) {
      found.add(leb());
      continue;
    }
    let immediates = byOpcode[opcode];
    if (immediates === undefined) {
      if (opcode === 0x0e) {
        for (let targets = leb() + 1; targets > 0 && at < end; targets--) leb();
        continue;
      }
      if (opcode === 0x1c) {
        for (let types = leb(); types > 0 && at < end; types--) valueType();
        continue;
      }
      if (opcode === 0x1f) {
        valueType();
        for (let clauses = leb(); clauses > 0 && at < end; clauses--) {
          if (bytes[at++]! < 2) leb();
          leb();
        }
        continue;
      }
      const second = leb();
      if (opcode === 0xfb && (second === 24 || second === 25)) {
        at++;
        for (let operands = 0; operands < 3; operands++) leb();
        continue;
      }
      immediates = immediatesIn(prefixed[opcode], second);
      if (immediates === undefined) return undefined;
    }
    if (immediates === 'none') continue;
    if (immediates === 'u32' || immediates === 'heap') leb();
    else if (immediates === 'u32 u32') {
      leb();
      leb();
    } else if (immediates === 'block') valueType();
    else if (immediates === 'memory') memory();
    else if (immediates === 'lane') at++;
    else if (immediates === 'memory lane') {
      memory();
      at++;
    } else at += Number(immediates.slice('bytes '.length));
  }
  return [...found];
}
