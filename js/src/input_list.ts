// The inputs of a persistent linker, in link order. The time of an edit does not depend on the number of inputs.
import { normalize } from './files.js';
import type { Input } from './types.js';

export type Entry = Input | string;

interface Node {
  entry: Entry;
  before: Node; // a ring: of the first input, it is the ring's own node
  after: Node;
}

export const nameOf = (entry: Entry) => (typeof entry === 'string' ? entry : entry.name);

function unlink(node: Node): void {
  node.before.after = node.after;
  node.after.before = node.before;
}

export class InputList {
  private readonly ring: Node;
  /** By normalized name. Libraries may be named several times. */
  private readonly nodes = new Map<string, Node[]>();

  constructor() {
    const ring = { entry: '' } as Node;
    this.ring = ring.before = ring.after = ring;
  }

  *[Symbol.iterator](): Iterator<Entry> {
    for (let node = this.ring.after; node !== this.ring; node = node.after) yield node.entry;
  }

  has(name: string): boolean {
    return this.nodes.has(normalize(name));
  }

  /** @throws TypeError when there is none */
  get(name: string): Entry {
    return this.nodeOf(name).entry;
  }

  /** Puts another entry of the same name in its place. */
  set(name: string, entry: Entry): void {
    this.nodeOf(name).entry = entry;
  }

  /** At the end, or before the one of that name. */
  add(entry: Entry, before?: string): void {
    const after = before === undefined ? this.ring : this.nodeOf(before);
    const node = { entry, before: after.before, after };
    after.before = after.before.after = node;
    const key = normalize(nameOf(entry));
    const others = this.nodes.get(key);
    if (others) others.push(node);
    else this.nodes.set(key, [node]);
  }

  /** Moves an input that is behind another one in front of it. */
  putBefore(name: string, other: string): void {
    const [node, after] = [this.nodeOf(name), this.nodeOf(other)];
    if (node === after) throw new TypeError(`\`${name}\` cannot come before itself`);
    for (let next = node.after; next !== this.ring; next = next.after) if (next === after) return;
    unlink(node);
    node.before = after.before;
    node.after = after;
    after.before = after.before.after = node;
  }

  remove(name: string): void {
    const node = this.nodeOf(name);
    unlink(node);
    const key = normalize(name);
    const others = this.nodes.get(key)!;
    if (others.length > 1) others.shift();
    else this.nodes.delete(key);
  }

  /** @throws TypeError when these are not all names, each as often as there are inputs of it */
  reorder(names: readonly string[]): void {
    const taken = new Map<string, number>();
    const nodes: (Node | undefined)[] = Array.from(names, (name) => {
      const key = normalize(String(name));
      const nth = taken.get(key) ?? 0;
      taken.set(key, nth + 1);
      this.nodeOf(name);
      return this.nodes.get(key)![nth];
    });
    const count = [...this.nodes.values()].reduce((sum, nodes) => sum + nodes.length, 0);
    if (nodes.length !== count || nodes.includes(undefined))
      throw new TypeError('`reorder` takes the names of all inputs, each once');
    let last = this.ring;
    for (const node of nodes as Node[]) {
      node.before = last;
      last = last.after = node;
    }
    last.after = this.ring;
    this.ring.before = last;
  }

  private nodeOf(name: string): Node {
    const node = this.nodes.get(normalize(String(name)))?.[0];
    if (!node) throw new TypeError(`there is no input named \`${name}\``);
    return node;
  }
}
