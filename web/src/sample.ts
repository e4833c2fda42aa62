// The sample that the page offers, made by samples.mjs. Fetched only when somebody asks for it.

export interface Sample {
  /** In link order. */
  files: File[];
  sources: Record<string, string>;
}

const inputNames = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];

export async function fetchSample(onProgress: (bytes: number) => void): Promise<Sample> {
  let total = 0;
  const count = (bytes: number) => onProgress((total += bytes));
  const [source, ...files] = await Promise.all(['hello.c', ...inputNames].map((name) => fetchFile(name, count)));
  return { files, sources: { 'hello.c': await source!.text() } };
}

async function fetchFile(name: string, onBytes: (count: number) => void): Promise<File> {
  const response = await fetch(new URL(`./samples/${name}`, document.baseURI));
  if (!response.ok || !response.body) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  const chunks: Uint8Array[] = [];
  const reader = response.body.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    chunks.push(value!);
    onBytes(value!.length);
  }
  return new File(chunks as BlobPart[], name);
}
