// Types of what hosts have, as the caller's types have it: those of pages (`dom`), of workers, of Node. If they lack one,
// nobody has such a value: the type is `never`, so that the package's types hold without any of these libraries.
type Global<Name extends string> = typeof globalThis extends { [name in Name]: { prototype: infer T } } ? T : never;

export type Blob = Global<'Blob'>;
export type URL = Global<'URL'>;
export type Response = Global<'Response'>;
export type AbortSignal = Global<'AbortSignal'>;

// Node's types may lack these, while Node has them.
type Wasm<Name extends string> = typeof globalThis extends {
  WebAssembly: { [name in Name]: { prototype: infer T } };
}
  ? T
  : object;
export type Module = Wasm<'Module'>;
export type Instance = Wasm<'Instance'>;
