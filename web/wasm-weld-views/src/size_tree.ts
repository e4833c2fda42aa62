// The items of a model put into a tree, by what they are grouped by.
import type { SizeModel } from 'wasm-weld';
import { parts, type Grouping, type Part } from './size_source';

export const linkerName = '(linker)';
export const unknownFile = '(unknown)';

export const partTitles: Record<Part, string> = {
  code: 'code',
  data: 'data',
  names: 'names',
  debug: 'debug information',
  rest: 'the rest',
};

export interface Tree {
  parent: number[];
  /** Of nodes that are groups. */
  name: string[];
  /** Rows of the model; -1: a group. */
  leaf: number[];
  /** The bytes that count: a part, or -1 for all. */
  part: number[];
  /** The children of node `n` are `children[first[n]]` to `children[first[n + 1] - 1]`. */
  first: Int32Array;
  children: Int32Array;
}

export class TreeMaker {
  readonly #model: SizeModel;
  readonly #namelessGroup: (leaf: number) => string;
  readonly #parent: number[] = [-1];
  readonly #name: string[] = [''];
  readonly #leaf: number[] = [-1];
  readonly #part: number[] = [-1];
  readonly #groups = new Map<string, number>();

  constructor(model: SizeModel, namelessGroup: (leaf: number) => string) {
    this.#model = model;
    this.#namelessGroup = namelessGroup;
  }

  #add(parent: number, name: string, leaf: number, part: number): number {
    this.#parent.push(parent);
    this.#name.push(name);
    this.#leaf.push(leaf);
    this.#part.push(part);
    return this.#parent.length - 1;
  }

  #group(parent: number, name: string): number {
    const key = `${parent}\0${name}`;
    let node = this.#groups.get(key);
    if (node === undefined) this.#groups.set(key, (node = this.#add(parent, name, -1, -1)));
    return node;
  }

  make(by: Grouping, summed: boolean): Tree {
    const { leaves } = this.#model;
    const count = leaves.name.length;
    const families = this.#families();
    // The groups first, so that it is known which families have several members in one.
    const above: number[] = [];
    const of: number[] = [];
    const part: number[] = [];
    const groupOf = { namespace: this.#byNamespace(), crate: this.#byCrate(), folder: this.#byFolder() };
    for (let leaf = 0; leaf < count; leaf++) {
      if (by !== 'kind') {
        above.push(groupOf[by](leaf));
        of.push(leaf);
        part.push(-1);
        continue;
      }
      parts.forEach((name, p) => {
        if (leaves[name][leaf] === 0 && !(leaves.before?.[name][leaf] ?? 0)) return;
        const kind = this.#model.kinds[leaves.kind[leaf]!]!;
        above.push(this.#group(this.#group(0, partTitles[name]), kind));
        of.push(leaf);
        part.push(p);
      });
    }
    const members = new Map<number, number>();
    const keyOf = (at: number) => above[at]! * families.count + families.of[of[at]!]!;
    if (summed)
      for (let at = 0; at < of.length; at++)
        if (families.of[of[at]!]! > 0) members.set(keyOf(at), (members.get(keyOf(at)) ?? 0) + 1);
    const sums = new Map<number, number>();
    for (let at = 0; at < of.length; at++) {
      const leaf = of[at]!;
      let holder = above[at]!;
      if ((members.get(keyOf(at)) ?? 0) > 1) {
        const key = keyOf(at);
        let sum = sums.get(key);
        if (sum === undefined) {
          const name = families.names[families.of[leaf]!]!;
          sums.set(
            key,
            (sum = this.#add(holder, by === 'namespace' || by === 'crate' ? name.base : name.whole, -1, -1)),
          );
        }
        holder = sum;
      }
      this.#add(holder, '', leaf, part[at]!);
    }
    return this.#finish();
  }

  /** Leaves of one template, or of one name: 0 for the others. */
  #families(): { of: Int32Array; count: number; names: { base: string; whole: string }[] } {
    const { leaves, words } = this.#model;
    const of = new Int32Array(leaves.name.length);
    const numbers = new Map<string, number>();
    const names = [{ base: '', whole: '' }];
    for (let leaf = 0; leaf < of.length; leaf++) {
      const name = leaves.name[leaf]!;
      if (name === '') continue; // several that were summed up before
      const scope = [leaves.namespace[leaf]!, leaves.class[leaf]!];
      const isScoped = leaves.base[leaf] !== 0 && (scope[0] !== 0 || scope[1] !== 0 || leaves.display[leaf] !== '');
      const key = isScoped ? `${scope.join()},${leaves.base[leaf]}` : `\0${name}`;
      let family = numbers.get(key);
      if (family === undefined) {
        numbers.set(key, (family = names.length));
        const base = isScoped ? words[leaves.base[leaf]!]! : leaves.display[leaf] || name;
        names.push({
          base,
          whole: [...scope.filter((word) => word !== 0).map((word) => words[word]!), base].join('::'),
        });
      }
      of[leaf] = family;
    }
    return { of, count: names.length, names };
  }

  /** The node of a namespace or class, level by level. */
  #scope(under: number, text: string): number {
    let node = under;
    for (const component of text.split('::')) node = this.#group(node, component);
    return node;
  }

  #byNamespace(): (leaf: number) => number {
    const { leaves, words } = this.#model;
    const spaces = new Map<number, number>();
    const classes = new Map<number, number>();
    return (leaf) => {
      const [space, around] = [leaves.namespace[leaf]!, leaves.class[leaf]!];
      if (leaves.base[leaf] === 0 && space === 0) return this.#group(0, this.#namelessGroup(leaf));
      let node = spaces.get(space);
      if (node === undefined)
        spaces.set(space, (node = space === 0 ? this.#group(0, '(no namespace)') : this.#scope(0, words[space]!)));
      if (around === 0) return node;
      const key = space * words.length + around;
      let inner = classes.get(key);
      if (inner === undefined) classes.set(key, (inner = this.#scope(node, words[around]!)));
      return inner;
    };
  }

  #byCrate(): (leaf: number) => number {
    const { leaves, words } = this.#model;
    const known = new Map<string, number>();
    return (leaf) => {
      const crate = leaves.crate[leaf]!;
      if (crate === 0) return this.#group(0, leaves.base[leaf] === 0 ? this.#namelessGroup(leaf) : '(no crate)');
      const key = `${crate},${leaves.namespace[leaf]},${leaves.class[leaf]}`;
      let node = known.get(key);
      if (node === undefined) {
        const name = words[crate]!;
        const inside = [words[leaves.namespace[leaf]!]!, words[leaves.class[leaf]!]!]
          .filter((text) => text !== '')
          .join('::');
        // The crate is the first of the names of its modules.
        const modules = inside === name ? '' : inside.startsWith(`${name}::`) ? inside.slice(name.length + 2) : inside;
        node = this.#group(0, name);
        if (modules !== '') node = this.#scope(node, modules);
        known.set(key, node);
      }
      return node;
    };
  }

  #byFolder(): (leaf: number) => number {
    const { leaves, files, explains } = this.#model;
    // Only folders that tell inputs from one another.
    const folders = [...new Set(files.path.map(folderOf))];
    const common = folders.length > 0 ? commonStart(folders) : '';
    const inputs = new Map<string, Set<string>>();
    for (const path of files.path) inputs.set(folderOf(path), (inputs.get(folderOf(path)) ?? new Set()).add(path));
    const nodes = files.path.map((path, file) => {
      const inside = folders.length > 1 ? path.slice(common.length).replace(/^\//, '') : path;
      // A folder of one file is a part of its name.
      const isShared = folders.length > 1 && inputs.get(folderOf(path))!.size > 1 && inside.includes('/');
      let node = isShared ? this.#group(this.#group(0, folderOf(inside)), baseOf(path)) : this.#group(0, inside);
      return files.member[file] === '' ? node : this.#group(node, files.member[file]!);
    });
    return (leaf) => {
      const file = leaves.file[leaf]!;
      return file < 0 ? this.#group(0, explains ? linkerName : unknownFile) : nodes[file]!;
    };
  }

  #finish(): Tree {
    const count = this.#parent.length;
    // Children must come behind their parents: nodes of groups are made before what is in them.
    const first = new Int32Array(count + 1);
    for (let node = 1; node < count; node++) first[this.#parent[node]! + 1]!++;
    for (let node = 0; node < count; node++) first[node + 1]! += first[node]!;
    const next = first.slice();
    const children = new Int32Array(Math.max(0, count - 1));
    for (let node = 1; node < count; node++) children[next[this.#parent[node]!]!++] = node;
    return { parent: this.#parent, name: this.#name, leaf: this.#leaf, part: this.#part, first, children };
  }
}

export function childrenOf(tree: Tree, node: number): number[] {
  return Array.from(tree.children.subarray(tree.first[node], tree.first[node + 1]));
}

export const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** The folders that all have in common. */
function commonStart(folders: string[]): string {
  let common = folders[0]!.split('/');
  for (const folder of folders) {
    const parts = folder.split('/');
    let same = 0;
    while (same < common.length && common[same] === parts[same]) same++;
    common = common.slice(0, same);
  }
  return common.join('/');
}
