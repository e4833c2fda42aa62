// Advice in notes. The core gives it in the words of the command line; here it gets those of the API.
import { optionNamed } from './options.js';

const patterns = [
  // Code of other programs, and inputs of the caller's, stay.
  /`[^`]*`|not on the line: .*/,
  /(?<verb>add |: )-l[\w+-]+(?: -l[\w+-]+)*(?:, with -L for where it is|, or link with clang\+\+| of wasi-libc)?/,
  /(?<before>^|[ (])(?:-z |--?)(?<no>no-)?(?<flag>[a-z][a-z-]*)(?:=(?<value>.+?)(?=$|, |,? (?:or|to|so|\() ?)|(?=[ ),;:]|$))/,
];
const words = new RegExp(patterns.map(({ source }) => source).join('|'), 'g');

/** `--allow-undefined-symbol=f` becomes `allowUndefinedSymbol: 'f'`, and libraries that clang would link become `sysroot`. */
export const inOptions = (note: string): string =>
  note.replace(words, (all: string, ...rest: unknown[]) => {
    const { verb, before, no, flag, value } = rest.at(-1) as Partial<Record<string, string>>;
    if (verb) return `${verb.replace('add', 'use')}\`sysroot${sysrootOptions(all)}\` of \`wasm-weld/wasi\``;
    const option = flag && optionNamed(flag, no ? false : value);
    return option ? before + option : all;
  });

function sysrootOptions(libraries: string): string {
  const names = Array.from(libraries.matchAll(/ -l([\w+-]+)/g), ([, name]) => name!);
  const others = names.filter((name) => !/^(c|m|c\+\+|c\+\+abi|unwind)$/.test(name));
  const options = [
    names.includes('c++abi') && "language: 'c++'",
    names.includes('unwind') && 'exceptions: true',
    others.length > 0 && `libraries: ['${others.join("', '")}']`,
  ].filter(Boolean);
  return options.length > 0 ? `({ ${options.join(', ')} })` : '';
}
