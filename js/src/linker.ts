// The persistent linker, which keeps its inputs. It is loaded when the first one is made.
import { checkKeys } from './check.js';
import { Instructions } from './code.js';
import { newInstance, type Run } from './core.js';
import { Crash } from './crash.js';
import { FileSet, readyBytes } from './files.js';
import { InputList, nameOf } from './input_list.js';
import { attempt } from './instance.js';
import { Conversation, makePlan, patchResultOf, resultOf, type Plan, usesArgs } from './link.js';
import { type LinkerModule, openLinker } from './linker_module.js';
import type { Linker } from './linker_types.js';
import { liveState } from './live.js';
import type { PatchResult } from './live_types.js';
import { argsOfOptions } from './options.js';
import type { Input, LinkOptions, LinkRequest, LinkResult, OwnBytes } from './types.js';
import { put, putFunction, take } from './scratch.js';
import { Unit, type UnitCore } from './unit.js';
import { validated } from './validate_patch.js';

/** What a linker is made for, besides its links. */
export interface LinkerKind {
  /** With which programs can be patched. */
  liveArgs: string[];
  /** Whether outputs have room for what comes later; undefined: as the snapshot says. */
  incremental: boolean | undefined;
}

/** An input of a snapshot. */
interface RestoredInput {
  name: string;
  wholeArchive: boolean;
  lazy: boolean;
  isUnit: boolean;
  is64: boolean;
}

/** `saved`: a snapshot. Both modules are loaded. */
export async function makeLinker(request: LinkRequest, kind: LinkerKind, saved?: Uint8Array): Promise<Linker> {
  const linker = new LastingLinker(request, kind, saved);
  await linker.readAhead();
  return linker;
}

class LastingLinker implements Linker {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Linker';
  private entries = new InputList();
  private options: LinkOptions;
  private readonly args: readonly string[];
  private readonly inArgs: boolean; // how advice names options
  private readonly isLive: boolean;
  private readonly incremental: boolean | undefined;
  private files: FileSet;
  private conversation: Conversation;
  private readonly replaced = new Map<string, Uint8Array | ArrayBuffer>(); // since the last link
  private readonly units = new Map<string, Unit>(); // by the name of their entry
  private changed = true; // more than bytes of inputs
  private instance: LinkerModule | undefined;
  private readonly restoredUnits = new Map<string, boolean>(); // that the caller has not asked for since: whether 64-bit
  private snapshot: Parameters<LinkerModule['restore']>[0] | undefined; // that it was restored from: it has the bytes of its inputs
  private restored: RestoredInput[] = []; // its inputs, in their order
  private unusable: TypeError | undefined; // why
  private hasOldDiagnostics = false; // the core may have some that are not those of a unit's edit
  private isBusy = false; // the core runs
  private disposed = false;

  constructor(request: LinkRequest, { liveArgs, incremental }: LinkerKind, snapshot: Uint8Array | undefined) {
    this.incremental = incremental;
    this.files = new FileSet(request.files);
    this.conversation = new Conversation(this.files);
    this.options = request.options ?? {};
    this.args = [...liveArgs, ...(request.args ?? [])];
    this.inArgs = usesArgs(request);
    this.isLive = liveArgs.length > 0;
    if (snapshot) this.restore(snapshot);
    for (const input of request.inputs ?? []) {
      if (typeof input !== 'string') {
        this.append(input);
        continue;
      }
      if (this.isUnit(this.knownName(input))) this.checkNew(input); // libraries may be named several times
      this.entries.add(input);
    }
  }

  /** Waits for the files that the request names and that take time, because `link` cannot wait. */
  async readAhead(): Promise<void> {
    const { files } = this;
    if (files.mayWait) {
      const { argv, names } = this.plan();
      const imports = files.known().filter((path) => path.endsWith('.imports'));
      files.request([...names.filter((name) => !this.restoredUnits.has(name)), ...imports]);
      files.request([this.options.allowUndefinedFile ?? []].flat());
      do {
        await files.settle();
        this.outcomeOf(() => this.parse(argv));
      } while (files.isWaiting);
    }
    files.waits = false;
  }

  /**
   * A link that ends when all inputs are parsed, because its build id cannot be made. Members of thin archives are read by
   * then.
   */
  private parse(argv: readonly string[]): number {
    this.conversation.hasChance = false;
    try {
      return this.enter((instance) => instance.link([...argv, '--build-id=uuid']));
    } finally {
      this.conversation.hasChance = true;
    }
  }

  private restore(snapshot: Uint8Array): void {
    const size = snapshot.length;
    // Members of archives are read when a link needs them.
    const read = (to: Uint8Array, offset: number) => {
      if (snapshot.length === size) to.set(snapshot.subarray(offset, offset + to.length));
      else
        this.files.misuse = this.unusable = new TypeError(
          'the `snapshot` of this linker was given away before all of it was read: the linker needs it as long as it is used',
        );
    };
    this.snapshot = { size, read };
    this.instance = this.start();
    for (const { name, wholeArchive, lazy, isUnit, is64 } of this.restored) {
      if (isUnit) {
        this.restoredUnits.set(name, is64);
        this.entries.add(name);
        continue;
      }
      this.files.addKept(name);
      this.entries.add({ name, ...(wholeArchive ? { wholeArchive } : {}), ...(lazy ? { lazy } : {}) });
    }
  }

  /** What the core says about a snapshot. */
  private refused(): Error {
    return new Error(resultOf(this.conversation.answer({ exitCode: 1, memoryBytes: 0 }), true).diagnostics[0]?.text);
  }

  unit(name: string, options: { memory64?: boolean; before?: string } = {}): Unit {
    this.check();
    checkKeys(options, 'a unit', ['memory64', 'before']);
    const { before } = options;
    makePlan({ inputs: [name] }); // says what is wrong with it
    const known = this.knownName(name);
    const restored64 = this.restoredUnits.get(known);
    const { memory64 = restored64 ?? false } = options;
    if (typeof memory64 !== 'boolean') throw new TypeError('`memory64` must be true or false');
    if (restored64 !== undefined && memory64 !== restored64)
      throw new TypeError(`the snapshot has the unit \`${known}\` with addresses of ${restored64 ? 64 : 32} bits`);
    if (before !== undefined) this.entries.get(before);
    if (restored64 === undefined) this.checkNew(name);
    else if (before !== undefined) this.entries.putBefore(known, before);
    const id = this.enter((instance) => instance.addUnit(known, memory64));
    this.restoredUnits.delete(known);
    const instructions = new Instructions(this.enter((instance) => instance.instructions()));
    const unit = Unit.make(id, known, memory64, this.guarded(), instructions);
    this.units.set(known, unit);
    if (restored64 === undefined) this.entries.add(known, before);
    this.changed = true;
    return unit;
  }

  private isUnit(name: string): boolean {
    return this.units.has(name) || this.restoredUnits.has(name);
  }

  /** The name of an input as it was given first: `./a` is the same input as `a`. */
  private knownName(name: string): string {
    return this.entries.has(name) ? nameOf(this.entries.get(name)) : name;
  }

  get inputs(): readonly string[] {
    return Array.from(this.entries, nameOf);
  }

  add(input: Input, before?: string): void {
    this.check();
    if (input?.bytes !== undefined) readyBytes(input.bytes, input.name);
    this.append(input, before);
  }

  private append(input: Input, before?: string): void {
    makePlan({ inputs: [input] }); // says what is wrong with it
    this.checkNew(input.name);
    this.entries.add(input, before);
    if (input.bytes !== undefined) this.files.addInput(input.name, input.bytes);
    this.changed = true;
  }

  replace(name: string, bytes: Uint8Array | ArrayBuffer): void {
    this.check();
    const entry = this.entries.get(name);
    const known = nameOf(entry);
    if (this.isUnit(known)) throw new TypeError(`\`${known}\` is a unit: it is edited, not replaced`);
    const input = typeof entry === 'string' ? { name: entry } : entry;
    if (!this.files.hasInput(known)) {
      this.files.addInput(known, bytes);
      this.changed = true;
    }
    this.files.replaceInput(known, bytes);
    this.entries.set(known, { ...input, bytes });
    this.replaced.set(known, bytes);
  }

  remove(name: string): void {
    this.check();
    const known = nameOf(this.entries.get(name));
    if (this.isUnit(known)) this.enter((instance) => instance.removeUnit(known));
    this.leave(known);
  }

  /** Nothing here has the input any more. */
  private leave(name: string): void {
    this.forgetUnit(name);
    this.entries.remove(name);
    this.files.removeInput(name);
    this.replaced.delete(name);
    this.changed = true;
  }

  private forgetUnit(name: string): void {
    this.units.get(name)?.detach();
    this.units.delete(name);
    this.restoredUnits.delete(name);
  }

  reorder(names: readonly string[]): void {
    this.check();
    this.entries.reorder(names);
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
    return resultOf(this.conversation.answer(this.outcomeOf(() => this.linkNow())), this.inArgs);
  }

  private linkNow(): number {
    if (this.bringUpToDate()) return this.enter((instance) => instance.relink());
    // Until a link succeeds, each link starts with all arguments and repeats its diagnostics.
    const argv = this.plan().argv;
    const exitCode = this.enter((instance) => instance.link(argv));
    this.brought(exitCode === 0);
    return exitCode;
  }

  patch(running: WebAssembly.Instance | bigint): PatchResult {
    this.check();
    if (!this.isLive) throw new TypeError('this linker makes no patches: create it with `live: true`');
    const state = typeof running === 'bigint' ? running : liveState(running);
    this.conversation.restart();
    const result = patchResultOf(this.conversation.answer(this.outcomeOf(() => this.patchNow(state))), this.inArgs);
    return validated(result, [...argsOfOptions(this.options), ...this.args]);
  }

  private patchNow(state: bigint): number {
    if (this.bringUpToDate()) return this.enter((instance) => instance.patch([], state));
    const argv = this.plan().argv;
    const exitCode = this.enter((instance) => instance.patch(argv, state));
    this.brought(exitCode === 0);
    return exitCode;
  }

  private outcomeOf(action: () => number): Run {
    try {
      const exitCode = action();
      return { exitCode, memoryBytes: this.alive().HEAPU8.length };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return { crash: error, memoryBytes: error.memoryBytes };
    }
  }

  /**
   * Calls the core, and nothing else: what comes from it is a Crash. Functions of the caller's that it calls cannot use
   * this linker meanwhile.
   */
  private enter<T>(action: (instance: LinkerModule) => T): T {
    const instance = this.alive();
    this.hasOldDiagnostics = true;
    this.isBusy = true;
    try {
      return attempt(instance, action);
    } catch (error) {
      this.isBusy = false;
      this.forget();
      throw error;
    } finally {
      this.isBusy = false;
    }
  }

  /** The same for a unit. What the core reports is then about this call alone. */
  private edit<T>(action: (instance: LinkerModule) => T): T {
    this.check();
    if (this.hasOldDiagnostics) this.enter((instance) => instance.takeDiagnostics());
    const result = this.enter(action);
    this.hasOldDiagnostics = false;
    return result;
  }

  /** After a crash, memory is in any state: the next link starts anew, with the same inputs. */
  private forget(): void {
    // The contents of units are lost, so the units are removed.
    for (const name of [...this.units.keys()]) this.leave(name);
    this.instance = undefined;
    this.changed = true;
  }

  private alive(): LinkerModule {
    return (this.instance ??= this.startAgain());
  }

  /** Of what a snapshot has, only that counts which was not edited since. */
  private startAgain(): LinkerModule {
    const instance = this.start();
    for (const { name, isUnit } of this.restored) {
      if (!isUnit && this.isEdited(name)) this.files.touch(name);
      if (isUnit && !this.restoredUnits.has(name)) attempt(instance, () => instance.removeUnit(name));
    }
    return instance;
  }

  /** Whether an object or archive is not the one that the snapshot has. */
  private isEdited(name: string): boolean {
    const entry = this.entries.has(name) ? this.entries.get(name) : name;
    return (typeof entry === 'object' && entry.bytes !== undefined) || !this.files.hasInput(name);
  }

  private start(): LinkerModule {
    const instance = openLinker(newInstance(), this.conversation.host, this.isLive);
    const { snapshot } = this;
    if (snapshot) {
      const restored = attempt(instance, () => instance.restore(snapshot));
      if (this.unusable) throw this.unusable;
      if (!restored) throw this.refused();
      this.restored = [];
      for (let i = 0; i < restored.length; i += 2) {
        const [name, flags] = restored.slice(i, i + 2) as [string, number];
        const has = (bit: number) => (flags & bit) !== 0;
        this.restored.push({ name, wholeArchive: has(1), lazy: has(2), isUnit: has(4), is64: has(8) });
      }
    }
    if (this.incremental !== undefined) instance.leaveRoom(this.incremental);
    return instance;
  }

  /** The instance for a unit: what it calls is `enter`ed. */
  private guarded(): UnitCore {
    const guarded: Record<string, unknown> = {};
    const guard = <A extends unknown[]>(name: string, action: (...args: A) => unknown) => {
      guarded[name] = (...args: A) => this.edit(() => action(...args));
    };
    const instance = this.alive();
    for (const [name, value] of Object.entries(instance))
      if (/^(unit|takeDiagnostics$)/.test(name)) guard(name, value as () => unknown);
    guard('put', (arrays: Parameters<UnitCore['put']>[0]) => put(instance, arrays));
    guard('take', (size: number) => take(instance, size));
    // A compiler calls this for each function: no arrays are made of the numbers.
    // biome-ignore format: numbers
    const setFunction: UnitCore['setFunction'] = (arrays, unit, symbol, type, count, extra, locals, flags, lines, variables, line, file) => {
      return this.edit((entered) => {
        putFunction(entered, arrays);
        return entered.unitFunction(unit, symbol, type, count, extra, locals, flags, lines, variables, line, file);
      });
    };
    const fail: UnitCore['fail'] = (error) => void (this.files.misuse ??= error);
    return Object.assign(guarded, { setFunction, fail }) as unknown as UnitCore;
  }

  /** After the core got all arguments. */
  private brought(isDone: boolean): void {
    this.changed = !isDone;
  }

  /** Hands over what was replaced; whether that was enough. */
  private bringUpToDate(): boolean {
    const replaced = [...this.replaced].map(([name, bytes]) => [name, readyBytes(bytes, name)] as const);
    this.replaced.clear();
    this.changed ||= !replaced.every(([name, bytes]) => this.enter((instance) => instance.replace(name, bytes)));
    return !this.changed;
  }

  private plan(): Plan {
    return makePlan({ inputs: [...this.entries], options: this.options, args: this.args }, this.files);
  }

  save(): OwnBytes {
    this.check();
    this.conversation.restart();
    const argv = this.bringUpToDate() ? [] : this.plan().argv;
    const snapshot = this.enter((instance) => instance.save(argv));
    const refusal = this.refused(); // which throws when a file takes time
    if (!snapshot) throw refusal;
    return snapshot;
  }

  dispose(): void {
    if (this.isBusy) this.check();
    this.disposed = true;
    this.instance = this.snapshot = undefined;
    for (const unit of this.units.values()) unit.detach();
    this.units.clear();
    // A caller that still has the linker does not keep the files alive.
    this.entries = new InputList();
    this.replaced.clear();
    this.files = new FileSet(undefined);
    this.conversation = new Conversation(this.files);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  private check(): void {
    if (this.disposed) throw new TypeError('this linker is disposed');
    if (this.unusable) throw this.unusable;
    if (!this.isBusy) return;
    const error = new TypeError('this linker is linking: a function that it calls cannot use it');
    this.files.misuse ??= error; // it is thrown when the core is done, too
    throw error;
  }

  private checkNew(name: string): void {
    if (this.entries.has(name)) throw new TypeError(`there is an input named \`${name}\` already`);
  }
}
