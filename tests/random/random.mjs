// @ts-check
// Numbers that are random and the same every time.

export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = (seed + 1) * 0x9e3779b9;
  }

  /** A number of 32 bits: Mulberry32. */
  next() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from `from` to `to`. @param {number} from @param {number} to */
  between(from, to) {
    return from + (this.next() % (to - from + 1));
  }

  /** True once in so many times. @param {number} times */
  once(times) {
    return this.next() % times === 0;
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[this.next() % list.length];
  }
}
