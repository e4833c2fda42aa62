// Asks the engine that this runs in whether it takes a module. The core does the rest: core/link/write/validate_output.h.

/** What the engine refuses, as far as it says. */
export interface Fault {
  /** In the engine's words, without the place. Empty if it does not say. */
  text: string;
  /** In the module; or, with `function`, in that function's body. `unknown` if the engine does not say. */
  offset: number;
  /** Of the functions that the module defines; `unknown` if the engine does not say. */
  function: number;
  /** 0: the module is wrong. The engine may lack 1: an instruction, 2: something else. */
  lacks: number;
}

const unknown = 0xffff_ffff;

/** `undefined`: the engine takes the module. `validate` has no limit of size; `Module` has one in pages. */
export function faultOf(bytes: Uint8Array): Fault | undefined {
  const module = bytes as Uint8Array<ArrayBuffer>;
  if (WebAssembly.validate(module)) return undefined;
  let message = '';
  try {
    new WebAssembly.Module(module);
  } catch (error) {
    // Some hosts compile nothing at run time: "Wasm code generation disallowed by embedder".
    if (error instanceof WebAssembly.CompileError && !error.message.includes('disallowed')) message = error.message;
  }
  const fault = {
    text: message,
    offset: unknown,
    function: unknown,
    ...(v8(message) ?? mozilla(message) ?? webkit(message)),
  };
  return { ...fault, lacks: lacksOf(fault.text) };
}

/** ``WebAssembly.Module(): Compiling function #2:"f" failed: Invalid opcode 0x27 @+42``. Names are any text. */
function v8(message: string): Partial<Fault> | undefined {
  const [, text, offset] =
    /^WebAssembly\.\w+\(\): (?:Compiling function #\d+(?::"[^]*?")? failed: )?([^]*?) @\+(\d+)$/.exec(message) ?? [];
  return text === undefined ? undefined : { text, offset: Number(offset) };
}

/** `wasm validation error: at offset 42: unrecognized opcode: 27 0` */
function mozilla(message: string): Partial<Fault> | undefined {
  const [, offset, text] = /at offset (\d+): ([^]*)$/.exec(message) ?? [];
  return text === undefined ? undefined : { text, offset: Number(offset) };
}

/**
 * `WebAssembly.Module doesn't parse at byte 2: invalid opcode 39, in function at index 1 (evaluating '...')`. It has read
 * the byte before. What does not `validate` has no place.
 */
function webkit(message: string): Partial<Fault> | undefined {
  const [, byte, text, index] =
    /^WebAssembly\.Module doesn't (?:parse at byte (\d+)|validate): +([^]*?)(?:, in function at index (\d+))?(?: \(evaluating [^]*)?$/.exec(
      message,
    ) ?? [];
  if (text === undefined) return undefined;
  return {
    text,
    offset: byte === undefined ? unknown : Math.max(0, Number(byte) - 1),
    function: index === undefined ? unknown : Number(index),
  };
}

function lacksOf(text: string): number {
  if (/\b(invalid|unrecognized|unknown)\b.*\bop(code)?\b/i.test(text)) return 1;
  return /enable with|not enabled|disabled|not supported|unsupported/i.test(text) ? 2 : 0;
}
