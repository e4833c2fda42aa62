// @ts-check
// A module without its functions' code, which a linker copies: all else is the linker's own work.

/** @param {Uint8Array} bytes @param {number} at @returns {[value: number, next: number]} */
function leb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/** A number as LEB128. @param {number} value @returns {number[]} */
export const encoded = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...encoded(value >>> 7)]);

/**
 * The same module whose functions all have `unreachable` for a body, which is right whatever their types.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function frameOf(bytes) {
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const [size, begin] = leb(bytes, at + 1);
    const end = begin + size;
    if (id !== 10) parts.push(bytes.subarray(at, end));
    else {
      const [count] = leb(bytes, begin);
      const stubs = Buffer.alloc(4 * count, Buffer.from([3, 0, 0x00, 0x0b]));
      parts.push(Buffer.from([id, ...encoded(encoded(count).length + stubs.length), ...encoded(count)]), stubs);
    }
    at = end;
  }
  return Uint8Array.from(Buffer.concat(parts));
}
