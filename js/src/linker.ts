// The linker that keeps its inputs.
import { instantiateHere, newInstance, type Run } from './core.js';
import { bytesOf, FileSet, read, normalize, readyBytes } from './files.js';
import { checkKeys, Conversation, makePlan, nameOf, requestNames, resultOf, type Plan } from './link.js';
import type { Input, Linker, LinkerRequest, LinkOptions, LinkRequest, LinkResult, OwnBytes } from './types.js';
import { Instructions, Unit } from './unit.js';
import type { WeldModule } from './weld.js';

/**
 * Makes a linker with the inputs and options of `request`, to which more can be added. A snapshot that is truncated or of
 * another version, or whose tables were altered, is refused with an `Error`. Its files are checked when they are linked.
 */
export async function createLinker(request: LinkerRequest = {}): Promise<Linker> {
  checkKeys(request, 'a linker', [...requestNames, 'snapshot']);
  const { snapshot, ...rest } = request;
  makePlan(rest); // says what is wrong with it
  const saved = snapshot && readyBytes(await read(snapshot), 'snapshot');
  await instantiateHere();
  const linker = new LastingLinker(rest, saved);
  await linker.readAhead();
  return linker;
}

class LastingLinker implements Linker {
  private entries: (Input | string)[];
  private options: LinkOptions;
  private readonly args: readonly string[];
  private files: FileSet;
  private conversation: Conversation;
  private readonly replaced = new Map<string, Uint8Array | ArrayBuffer>(); // since the last link
  private readonly units = new Map<string, Unit>(); // by name
  private changed = true; // more than bytes of inputs
  private instance: WeldModule | undefined;
  private readonly restoredUnits = new Set<string>(); // that nobody has asked for since
  private restored = false; // from a snapshot: only the instance has the bytes of its inputs
  private disposed = false;

  constructor(request: LinkRequest, snapshot: Uint8Array | undefined) {
    this.files = new FileSet(request.files);
    this.conversation = new Conversation(this.files);
    this.entries = [];
    this.options = request.options ?? {};
    this.args = request.args ?? [];
    if (snapshot) this.restore(snapshot);
    for (const input of request.inputs ?? []) {
      if (typeof input === 'string') this.entries.push(input);
      else this.append(input);
    }
  }

  /** Waits for files that take time, as far as the request names them: `link` cannot. */
  async readAhead(): Promise<void> {
    const { conversation, files } = this;
    if (files.mayWait) {
      const { argv, names } = this.plan();
      const imports = files.known().filter((path) => path.endsWith('.imports'));
      files.request([...names.filter((name) => !this.restoredUnits.has(name)), ...imports]);
      files.request([this.options.allowUndefinedFile ?? []].flat());
      // A build id that cannot be made ends a link when all inputs are parsed: members of thin archives are read by then.
      conversation.hasChance = false;
      do {
        await files.settle();
        this.runSafely((instance) => instance.link([...argv, '--build-id=uuid']));
      } while (files.isWaiting);
      conversation.hasChance = true;
    }
    files.waits = false;
  }

  private restore(snapshot: Uint8Array): void {
    const instance = this.alive();
    const inputs = instance.restore({
      size: snapshot.length,
      read: (to, offset) => to.set(snapshot.subarray(offset, offset + to.length)),
    });
    if (!inputs) throw this.refused();
    for (let i = 0; i < inputs.length; i += 2) {
      const [name, flags] = inputs.slice(i, i + 2) as [string, number];
      if (flags & 4) {
        this.restoredUnits.add(name);
        this.entries.push(name);
        continue;
      }
      this.files.addKept(name);
      this.entries.push({ name, ...(flags & 1 ? { wholeArchive: true } : {}), ...(flags & 2 ? { lazy: true } : {}) });
    }
    this.restored = true;
  }

  /** What the core says about a snapshot. */
  private refused(): Error {
    return new Error(resultOf(this.conversation.answer({ exitCode: 1, memoryBytes: 0 })).diagnostics[0]?.text);
  }

  unit(name: string, options: { memory64?: boolean; before?: string } = {}): Unit {
    this.check();
    checkKeys(options, 'a unit', ['memory64', 'before']);
    const { memory64 = false, before } = options;
    const at = before === undefined ? this.entries.length : this.indexOf(before);
    makePlan({ inputs: [name] }); // says what is wrong with it
    const isRestored = this.restoredUnits.delete(name);
    if (!isRestored && this.entries.some((entry) => sameName(nameOf(entry), name)))
      throw new TypeError(`there is an input named \`${name}\` already`);
    const core = this.alive();
    const id = core.addUnit(name, memory64);
    if (id === -1) throw new TypeError(`the unit \`${name}\` was removed: link once before another has its name`);
    const unit = new Unit(id, name, core, new Instructions(core.instructions()));
    this.units.set(name, unit);
    if (!isRestored) this.entries.splice(at, 0, name);
    this.changed = true;
    return unit;
  }

  get inputs(): readonly string[] {
    return this.entries.map(nameOf);
  }

  add(input: Input, before?: string): void {
    this.check();
    if (input?.bytes !== undefined) readyBytes(input.bytes, input.name);
    this.append(input, before);
  }

  private append(input: Input, before?: string): void {
    const at = before === undefined ? this.entries.length : this.indexOf(before);
    makePlan({ inputs: [input] }); // says what is wrong with it
    if (this.entries.some((entry) => sameName(nameOf(entry), input.name)))
      throw new TypeError(`there is an input named \`${input.name}\` already`);
    if (input.bytes !== undefined) this.files.addInput(input.name, input.bytes);
    this.entries.splice(at, 0, input);
    this.changed = true;
  }

  replace(name: string, bytes: Uint8Array | ArrayBuffer): void {
    this.check();
    if (this.units.has(name)) throw new TypeError(`\`${name}\` is a unit: it is edited, not replaced`);
    const at = this.indexOf(name);
    const entry = this.entries[at]!;
    const input = typeof entry === 'string' ? { name: entry } : entry;
    if (!this.files.hasInput(name)) {
      this.files.addInput(name, bytes);
      this.changed = true;
    }
    this.files.replaceInput(name, bytes);
    this.entries[at] = { ...input, bytes };
    this.replaced.set(name, bytes);
  }

  remove(name: string): void {
    this.check();
    this.entries.splice(this.indexOf(name), 1);
    this.files.removeInput(name);
    this.replaced.delete(name);
    this.units.get(name)?.detach();
    this.units.delete(name);
    this.changed = true;
  }

  reorder(names: readonly string[]): void {
    this.check();
    const entries = names.map((name) => this.entries[this.indexOf(name)]!);
    if (entries.length !== this.entries.length || new Set(entries).size !== entries.length)
      throw new TypeError('`reorder` takes the names of all inputs, each once');
    this.entries = entries;
    this.changed = true;
  }

  setOptions(options: LinkOptions): void {
    this.check();
    makePlan({ options });
    this.options = options;
    this.changed = true;
  }

  link(options: { into?: OwnBytes | undefined } = {}): LinkResult {
    this.check();
    checkKeys(options, 'a link', ['into']);
    const { into } = options;
    if (into !== undefined && !(into instanceof Uint8Array)) throw new TypeError('`into` must be a Uint8Array');
    this.conversation.restart(into);
    return resultOf(this.conversation.answer(this.runSafely((instance) => this.run(instance))));
  }

  private runSafely(action: (instance: WeldModule) => number): Run {
    let memoryBytes = 0;
    try {
      if (!this.instance && this.restored) throw new Error('this linker crashed: restore its snapshot again');
      const instance = this.alive();
      const exitCode = action(instance);
      memoryBytes = instance.HEAPU8.length;
      return { exitCode, memoryBytes };
    } catch (error) {
      // After a trap its memory is in any state: the next link starts anew, with the same inputs.
      // What units had is lost: they are inputs no more.
      for (const name of [...this.units.keys()]) this.remove(name);
      this.instance = undefined;
      this.changed = true;
      const crash = error instanceof Error ? error : new Error(String(error));
      return { crash, memoryBytes };
    }
  }

  private alive(): WeldModule {
    if (!this.instance) {
      this.instance = newInstance();
      this.instance.open(this.conversation.host);
    }
    return this.instance;
  }

  private run(instance: WeldModule): number {
    if (this.bringUpToDate(instance)) return instance.relink();
    const exitCode = instance.link(this.plan().argv);
    this.changed = exitCode !== 0;
    return exitCode;
  }

  /** Whether that was enough. Until a link succeeds, each starts with all arguments: it says again what is wrong. */
  private bringUpToDate(instance: WeldModule): boolean {
    const replaced = [...this.replaced];
    this.replaced.clear();
    this.changed ||= !replaced.every(([name, bytes]) => instance.replace(name, bytesOf(bytes)!));
    return !this.changed;
  }

  private plan(): Plan {
    return makePlan({ inputs: this.entries, options: this.options, args: this.args }, this.files);
  }

  save(): OwnBytes {
    this.check();
    this.conversation.restart();
    const instance = this.alive();
    const argv = this.bringUpToDate(instance) ? [] : this.plan().argv;
    const snapshot = instance.save(argv);
    const refusal = this.refused(); // which throws when a file takes time
    if (!snapshot) throw refusal;
    return snapshot;
  }

  dispose(): void {
    this.disposed = true;
    this.instance = undefined;
    for (const unit of this.units.values()) unit.detach();
    this.units.clear();
    // Who keeps the linker keeps no file with it.
    this.entries = [];
    this.replaced.clear();
    this.files = new FileSet(undefined);
    this.conversation = new Conversation(this.files);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  private check(): void {
    if (this.disposed) throw new TypeError('this linker is disposed');
  }

  private indexOf(name: string): number {
    const at = this.entries.findIndex((entry) => sameName(nameOf(entry), name));
    if (at < 0) throw new TypeError(`there is no input named \`${name}\``);
    return at;
  }
}

const sameName = (a: string, b: string) => normalize(a) === normalize(b);
