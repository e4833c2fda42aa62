// The items of a model as trees: by namespace, crate, folder or kind. Trees are columns of numbers, since an output may have
// hundreds of thousands of items.
import type { ReportKind, SizeModel } from 'wasm-weld';
import {
  parts,
  type Grouping,
  type Keeper,
  type Part,
  type SizeAnswer,
  type SizeNode,
  type SizeQuery,
  type SizeSource,
  type SizeSummary,
} from './size_source';
import { childrenOf, folderOf, linkerName, partTitles, TreeMaker, unknownFile, type Tree } from './size_tree';

const symbolKinds: readonly ReportKind[] = ['function', 'data', 'global', 'table', 'tag', 'import'];

/** The map has no more nodes than can be seen. */
const mostNodes = 1500;
const leastShare = 1 / 8000;
const deepest = 6;
const mostRows = 200;
const hues = 8;
/** A grouping tells something if it has a name for this share of the bytes. */
const tellingShare = 0.15;

/** The rest has no colour of its own. */
const hueOfPart = (part: number) => (part + 1) % parts.length;

interface Weights {
  now: Float64Array;
  before: Float64Array;
  count: Int32Array;
}

export class SizeGroups {
  readonly #model: SizeModel;
  readonly #trees = new Map<string, Tree>();
  readonly #colours = new Map<Grouping, { of: Int32Array; names: string[] }>();
  #weighed: { key: string; weights: Weights } | undefined;
  #found: { text: string; leaves: Uint8Array } | undefined;

  constructor(model: SizeModel) {
    this.#model = model;
  }

  get #count(): number {
    return this.#model.leaves.name.length;
  }

  summary(): SizeSummary {
    const { name, size, before, explains, costs, leaves } = this.#model;
    const sum = (column: number[] | undefined) => (column ?? []).reduce((all, n) => all + n, 0);
    const sizes = Object.fromEntries(
      parts.map((part) => [part, { bytes: sum(leaves[part]), before: sum(leaves.before?.[part]) }]),
    ) as SizeSummary['parts'];
    const share = (column: number[]) => {
      let named = 0;
      let all = 0;
      for (let leaf = 0; leaf < this.#count; leaf++) {
        const bytes = leaves.code[leaf]! + leaves.data[leaf]!;
        all += bytes;
        if (column[leaf] !== 0) named += bytes;
      }
      return named / Math.max(1, all);
    };
    const tells: Record<Grouping, boolean> = {
      crate: share(leaves.crate) > tellingShare,
      namespace: share(leaves.namespace) > tellingShare,
      folder: explains,
      kind: true,
    };
    const order: Grouping[] = tells.crate
      ? ['crate', 'namespace', 'folder', 'kind']
      : tells.namespace
        ? ['namespace', 'folder', 'kind']
        : ['folder', 'kind', 'namespace'];
    return {
      name,
      size,
      ...(before ? { before } : {}),
      explains,
      costs: costs.filter(({ name }) => !name.startsWith('.debug')),
      parts: sizes,
      groupings: order.filter((grouping) => tells[grouping] || grouping === 'namespace'),
    };
  }

  keepers(most: number): { rows: Keeper[]; count: number } {
    const { leaves, kinds } = this.#model;
    const { retained } = leaves;
    if (!retained) return { rows: [], count: 0 };
    const order = leavesBy(retained, most);
    const rows = order.map((leaf): Keeper => {
      const file = this.#fileOf(leaf);
      return {
        name: leaves.name[leaf]!.slice(0, 2000),
        display: this.#displayOf(leaf),
        kind: kinds[leaves.kind[leaf]!]!,
        ...(file === undefined ? {} : { file }),
        bytes: this.#bytesOf(leaf, -1),
        retained: retained[leaf]!,
      };
    });
    return { rows, count: retained.filter((bytes) => bytes > 0).length };
  }

  view(query: SizeQuery): SizeAnswer {
    const tree = this.#tree(query.by, query.summed);
    const weights = this.#weigh(tree, query);
    const open = this.#find(tree, query.path);
    const size = (node: number) => Math.max(weights.now[node]!, weights.before[node]!);
    const colours = this.#coloursOf(query);
    const nodes = this.#shown(tree, weights, open, size);
    const answer: SizeNode[] = nodes.map((node) => this.#node(tree, weights, node));
    this.#colour(tree, weights, nodes, answer, colours.of);

    const inside = query.text === '' ? childrenOf(tree, open) : this.#leavesBelow(tree, open);
    const change = (node: number) => Math.abs(weights.now[node]! - weights.before[node]!);
    const order = this.#model.before ? change : size;
    const chosen = inside.filter((node) => size(node) > 0);
    const rows = largest(chosen, mostRows, (node) => [order(node), size(node)]);
    const rowNodes = rows.map((id) => ({ id, parent: -1, others: 0, bytes: 0, before: 0 }));
    const answered = rows.map((node) => this.#node(tree, weights, rowNodes[rows.indexOf(node)]!));
    this.#colour(tree, weights, rowNodes, answered, colours.of);

    const above: SizeAnswer['above'] = [];
    for (let at = open; at >= 0; at = tree.parent[at]!)
      above.unshift({
        name: this.#nameOf(tree, at),
        display: at === 0 ? this.#model.name : this.#titleOf(tree, at),
        bytes: weights.now[at]!,
        before: weights.before[at]!,
      });
    return { above, nodes: answer, rows: answered, rowCount: chosen.length, legend: colours.legend };
  }

  // --- leaves

  #displayOf(leaf: number): string {
    const { name, display, kind, count } = this.#model.leaves;
    const text = display[leaf] || name[leaf]!;
    if (text === '') return `${count[leaf]!.toLocaleString('en')} smaller: ${this.#model.kinds[kind[leaf]!]}`;
    return text.slice(0, 2000);
  }

  #fileOf(leaf: number): string | undefined {
    const { files, leaves } = this.#model;
    const file = leaves.file[leaf]!;
    if (file < 0) return undefined;
    return files.member[file] === '' ? files.path[file]! : `${files.path[file]}(${files.member[file]})`;
  }

  /** `part`: -1 for all that is asked for. */
  #bytesOf(leaf: number, part: number, wanted: readonly Part[] = parts, before = false): number {
    const columns = before ? this.#model.leaves.before : this.#model.leaves;
    if (!columns) return 0;
    if (part >= 0) return wanted.includes(parts[part]!) ? columns[parts[part]!][leaf]! : 0;
    let sum = 0;
    for (const name of wanted) sum += columns[name][leaf]!;
    return sum;
  }

  /** What has no name that says where it belongs. */
  #namelessGroup(leaf: number): string {
    const { leaves, kinds } = this.#model;
    const kind = kinds[leaves.kind[leaf]!]!;
    if (kind === 'custom' && leaves.name[leaf]!.startsWith('.debug')) return '(debug)';
    return kind === 'function' ? '(functions without a name)' : `(${kind})`;
  }

  // --- trees

  #tree(by: Grouping, summed: boolean): Tree {
    const key = `${by} ${summed}`;
    let tree = this.#trees.get(key);
    if (!tree)
      this.#trees.set(key, (tree = new TreeMaker(this.#model, (leaf) => this.#namelessGroup(leaf)).make(by, summed)));
    return tree;
  }

  #nameOf(tree: Tree, node: number): string {
    const leaf = tree.leaf[node]!;
    // Items may have the names of others beside them.
    return leaf < 0 ? tree.name[node]! : `\0${leaf}`;
  }

  #titleOf(tree: Tree, node: number): string {
    const leaf = tree.leaf[node]!;
    return leaf < 0 ? tree.name[node]!.slice(0, 2000) : this.#displayOf(leaf);
  }

  #find(tree: Tree, path: readonly string[]): number {
    let open = 0;
    for (const name of path) {
      const next = childrenOf(tree, open).find((child) => tree.leaf[child]! < 0 && tree.name[child] === name);
      if (next === undefined) break;
      open = next;
    }
    return open;
  }

  #leavesBelow(tree: Tree, open: number): number[] {
    const below: number[] = [];
    const stack = [open];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (tree.leaf[node]! >= 0) below.push(node);
      else for (const child of childrenOf(tree, node)) stack.push(child);
    }
    return below;
  }

  /** Of all nodes: children come behind their parents. */
  #weigh(tree: Tree, { by, summed, parts: wanted, text }: SizeQuery): Weights {
    const key = JSON.stringify([by, summed, wanted, text]);
    if (this.#weighed?.key === key) return this.#weighed.weights;
    const count = tree.parent.length;
    const weights = {
      now: new Float64Array(count),
      before: new Float64Array(count),
      count: new Int32Array(count),
    };
    const found = this.#matching(text);
    for (let node = count - 1; node >= 0; node--) {
      const leaf = tree.leaf[node]!;
      if (leaf >= 0 && (!found || found[leaf])) {
        weights.now[node] = this.#bytesOf(leaf, tree.part[node]!, wanted);
        weights.before[node] = this.#bytesOf(leaf, tree.part[node]!, wanted, true);
        weights.count[node] = this.#model.leaves.count[leaf]!;
      }
      const above = tree.parent[node]!;
      if (above < 0) continue;
      weights.now[above]! += weights.now[node]!;
      weights.before[above]! += weights.before[node]!;
      weights.count[above]! += weights.count[node]!;
    }
    this.#weighed = { key, weights };
    return weights;
  }

  #matching(text: string): Uint8Array | undefined {
    if (text === '') return undefined;
    if (this.#found?.text === text) return this.#found.leaves;
    const wanted = text.toLowerCase();
    const { files, leaves } = this.#model;
    const inFile = files.path.map((path, file) => `${path}(${files.member[file]})`.toLowerCase().includes(wanted));
    const found = new Uint8Array(this.#count);
    for (let leaf = 0; leaf < found.length; leaf++)
      if (
        inFile[leaves.file[leaf]!] ||
        leaves.display[leaf]!.toLowerCase().includes(wanted) ||
        leaves.name[leaf]!.toLowerCase().includes(wanted)
      )
        found[leaf] = 1;
    this.#found = { text, leaves: found };
    return found;
  }

  // --- what is shown

  #node(tree: Tree, weights: Weights, { id, parent, others, bytes, before }: Shown): SizeNode {
    if (id < 0)
      return {
        parent,
        name: `\0others`,
        display: `${others.toLocaleString('en')} smaller`,
        label: `${others.toLocaleString('en')} smaller`,
        kind: 'others',
        bytes,
        before,
        count: others,
        retained: undefined,
        file: undefined,
        symbol: undefined,
        hue: 0,
        opens: false,
      };
    const leaf = tree.leaf[id]!;
    const { kinds, leaves } = this.#model;
    const isItem = leaf >= 0;
    const above = tree.parent[id]!;
    let display = this.#titleOf(tree, id);
    const file = isItem ? this.#fileOf(leaf) : undefined;
    // Items of one name are told apart by their files.
    if (isItem && above > 0 && tree.name[above] === display && file !== undefined) display = file;
    return {
      parent,
      name: this.#nameOf(tree, id),
      display,
      label: isItem && file !== display ? lastName(display) : display,
      kind: isItem ? kinds[leaves.kind[leaf]!]! : 'group',
      bytes: weights.now[id]!,
      before: weights.before[id]!,
      count: weights.count[id]!,
      retained: isItem ? leaves.retained?.[leaf] : undefined,
      file,
      symbol:
        isItem && symbolKinds.includes(kinds[leaves.kind[leaf]!]!) ? leaves.name[leaf]!.slice(0, 2000) : undefined,
      hue: 0,
      opens: !isItem,
    };
  }

  /** What is large enough to be seen in the map, the largest first. */
  #shown(tree: Tree, weights: Weights, open: number, size: (node: number) => number): Shown[] {
    const least = size(open) * leastShare;
    const shown: Shown[] = [];
    const queue = [{ node: open, row: -1, depth: 0 }];
    for (let next = queue.shift(); next && shown.length < mostNodes; next = queue.shift()) {
      const { node, row, depth } = next;
      let others = 0;
      let bytes = 0;
      let before = 0;
      const large: number[] = [];
      for (const child of childrenOf(tree, node)) {
        if (size(child) >= least && size(child) > 0) large.push(child);
        else if (size(child) > 0) {
          others++;
          bytes += weights.now[child]!;
          before += weights.before[child]!;
        }
      }
      large.sort((a, b) => size(b) - size(a));
      for (const child of large) {
        shown.push({ id: child, parent: row, others: 0, bytes: 0, before: 0 });
        if (tree.leaf[child]! < 0 && depth + 1 < deepest)
          queue.push({ node: child, row: shown.length - 1, depth: depth + 1 });
      }
      if (others > 0) shown.push({ id: -1, parent: row, others, bytes, before });
    }
    return shown;
  }

  // --- colours

  /** Of all leaves, the group, and the names of groups. */
  #groupsOf(by: Grouping): { of: Int32Array; names: string[] } {
    const known = this.#colours.get(by);
    if (known) return known;
    const { leaves, words, files, explains } = this.#model;
    const names: string[] = [];
    const numbers = new Map<string, number>();
    const number = (name: string) => {
      let n = numbers.get(name);
      if (n === undefined) {
        numbers.set(name, (n = names.length));
        names.push(name);
      }
      return n;
    };
    const of = new Int32Array(this.#count);
    if (by === 'folder') {
      const ofFile = files.path.map((path, file) =>
        number(files.member[file] === '' ? folderOf(path) || '(no folder)' : path),
      );
      for (let leaf = 0; leaf < of.length; leaf++) {
        const file = leaves.file[leaf]!;
        of[leaf] = file < 0 ? number(explains ? linkerName : unknownFile) : ofFile[file]!;
      }
    } else {
      const column = by === 'crate' ? leaves.crate : leaves.namespace;
      const ofWord = new Map<number, number>();
      for (let leaf = 0; leaf < of.length; leaf++) {
        const word = column[leaf]!;
        if (word === 0) {
          of[leaf] = number(leaves.base[leaf] === 0 ? this.#namelessGroup(leaf) : `(no ${by})`);
          continue;
        }
        let n = ofWord.get(word);
        if (n === undefined) ofWord.set(word, (n = number(words[word]!.split('::')[0]!)));
        of[leaf] = n;
      }
    }
    const groups = { of, names };
    this.#colours.set(by, groups);
    return groups;
  }

  /** Row of a leaf -> hue, given the part that the node stands for. */
  #coloursOf({ colour, parts: wanted, text }: SizeQuery): {
    of(leaf: number, part: number): number;
    legend: SizeAnswer['legend'];
  } {
    const found = this.#matching(text);
    if (colour === 'kind') {
      const legend = parts.map((part, p) => {
        let bytes = 0;
        let before = 0;
        for (let leaf = 0; leaf < this.#count; leaf++) {
          if (found && !found[leaf]) continue;
          bytes += this.#bytesOf(leaf, p, wanted);
          before += this.#bytesOf(leaf, p, wanted, true);
        }
        return { name: partTitles[part], hue: hueOfPart(p), bytes, before };
      });
      const of = (leaf: number, part: number) => {
        if (part >= 0) return hueOfPart(part);
        let most = 0;
        parts.forEach((_, p) => {
          const bytes = (at: number) =>
            Math.max(this.#bytesOf(leaf, at, wanted), this.#bytesOf(leaf, at, wanted, true));
          if (bytes(p) > bytes(most)) most = p;
        });
        return hueOfPart(most);
      };
      return { of, legend: legend.filter(({ bytes, before }) => bytes > 0 || before > 0) };
    }
    const groups = this.#groupsOf(colour);
    const sums = new Float64Array(groups.names.length);
    const before = new Float64Array(groups.names.length);
    for (let leaf = 0; leaf < this.#count; leaf++) {
      if (found && !found[leaf]) continue;
      sums[groups.of[leaf]!]! += this.#bytesOf(leaf, -1, wanted);
      before[groups.of[leaf]!]! += this.#bytesOf(leaf, -1, wanted, true);
    }
    const order = [...groups.names.keys()]
      .filter((group) => sums[group]! > 0 || before[group]! > 0)
      .sort((a, b) => Math.max(sums[b]!, before[b]!) - Math.max(sums[a]!, before[a]!))
      .slice(0, hues);
    const hueOf = new Int32Array(groups.names.length);
    order.forEach((group, at) => (hueOf[group] = at + 1));
    return {
      of: (leaf) => hueOf[groups.of[leaf]!]!,
      legend: order.map((group) => ({
        name: groups.names[group]!.slice(0, 500),
        hue: hueOf[group]!,
        bytes: sums[group]!,
        before: before[group]!,
      })),
    };
  }

  /** The colour of a node is that of most of its bytes. */
  #colour(
    tree: Tree,
    weights: Weights,
    shown: Shown[],
    answer: SizeNode[],
    hueOf: (leaf: number, part: number) => number,
  ): void {
    const row = new Int32Array(tree.parent.length).fill(-1);
    shown.forEach(({ id }, at) => {
      if (id >= 0) row[id] = at;
    });
    const sums = new Float64Array(shown.length * (hues + 1));
    for (let node = 1; node < row.length; node++) {
      if (row[node]! < 0) row[node] = row[tree.parent[node]!]!;
      const leaf = tree.leaf[node]!;
      if (leaf < 0 || row[node]! < 0) continue;
      const size = Math.max(weights.now[node]!, weights.before[node]!);
      if (size > 0) sums[row[node]! * (hues + 1) + hueOf(leaf, tree.part[node]!)]! += size;
    }
    // What a shown node has in shown nodes of its own counts for it too.
    for (let at = shown.length - 1; at >= 0; at--) {
      const base = at * (hues + 1);
      let most = 0;
      for (let hue = 1; hue <= hues; hue++) if (sums[base + hue]! > sums[base + most]!) most = hue;
      answer[at]!.hue = most;
      const above = shown[at]!.parent;
      if (above >= 0) for (let hue = 0; hue <= hues; hue++) sums[above * (hues + 1) + hue]! += sums[base + hue]!;
    }
    // What is too small to be shown by itself looks like what it is in.
    shown.forEach(({ id, parent }, at) => {
      if (id < 0 && parent >= 0) answer[at]!.hue = answer[parent]!.hue;
    });
  }
}

interface Shown {
  /** -1: what is too small. */
  id: number;
  parent: number;
  others: number;
  bytes: number;
  before: number;
}

/** The `most` of these that are largest by the first number, then by the second. */
function largest(nodes: number[], most: number, sizes: (node: number) => [number, number]): number[] {
  const keyed = nodes.map((node) => ({ node, sizes: sizes(node) }));
  keyed.sort((a, b) => b.sizes[0] - a.sizes[0] || b.sizes[1] - a.sizes[1] || a.node - b.node);
  return keyed.slice(0, most).map(({ node }) => node);
}

/** `push_back(int const&)` of `std::vector<int>::push_back(int const&)`: what it is in says the rest. */
function lastName(display: string): string {
  let depth = 0;
  let begin = 0;
  for (let at = 0; at < display.length; at++) {
    const char = display[at]!;
    if (char === '(' && depth === 0 && !display.startsWith('(anonymous namespace)', at)) break;
    if (char === '<' || char === '(') depth++;
    else if ((char === '>' && display[at - 1] !== '-') || char === ')') depth--;
    else if (char === ':' && display[at + 1] === ':' && depth === 0) begin = at + 2;
  }
  return depth >= 0 && begin < display.length ? display.slice(begin) : display;
}

function leavesBy(column: number[], most: number): number[] {
  const order = [...column.keys()].filter((leaf) => column[leaf]! > 0);
  order.sort((a, b) => column[b]! - column[a]! || a - b);
  return order.slice(0, most);
}

/** A model in this thread. */
export function sourceOf(model: SizeModel): SizeSource {
  const groups = new SizeGroups(model);
  return {
    summary: async () => groups.summary(),
    view: async (query) => groups.view(query),
    keepers: async (most) => groups.keepers(most),
  };
}
