// Which mangled names may show a text when they are demangled, without demangling them: that takes a hundred times as long.
//
// A demangled C++ name consists of identifiers, which the mangled name has as they are, of words that the demangler writes, and of
// numbers and signs. No two of them touch each other without a sign or a digit in between. So the letters of a text that is in a
// demangled name are in the mangled name, or in one of the demangler's words.

/** Words that stand for a letter or two of the mangled name, of which most names have some. */
const anywhere =
  `signed char bool double long float __float128 unsigned int __int128 short void wchar_t auto decltype decimal64 decimal128
  decimal32 half char32_t std nullptr_t char16_t char8_t bfloat16_t _Accum _Fract _Sat complex imaginary struct union enum noexcept
  sizeof this nullptr throw true false const volatile restrict operator alignof co_await const_cast delete dynamic_cast new
  reinterpret_cast static_cast typeid _BitInt id _Float requires abi enable_if friend typename template fp at offset T N TT ull`.toLowerCase();

/** Words that stand for something that few names have. */
const rare: [words: string, of: RegExp][] = [
  ['allocator basic_string basic_istream basic_ostream basic_iostream char_traits', /S[abdios]/],
  ['string literal', /Es/],
  ['vector pixel', /Dv/],
  ['anonymous namespace', /_GLOBAL__N/],
  ["'lambda'", /Ul/],
  ["'unnamed'", /Ut/],
  ["'block-literal'", /Ub/],
  [
    `template parameter object for vtable VTT typeinfo name covariant return thunk to virtual non thread-local wrapper routine
    initialization guard variable reference temporary initializer module construction in`,
    /T[ACHISTVWchv]|G[IRV]/,
  ],
  ['invocation function for block in', /block_invoke/],
];

/** Rust's names and D's have numbers and letters in other forms; a floating point number has letters, too. */
const others = /^\.?_{1,2}[RD]|L[def][\da-f]{8}/;

/** False: the name is what people read. */
export function mayBeMangled(name: Uint8Array): boolean {
  let at = name[0] === dot ? 1 : 0;
  const begin = at;
  while (name[at] === underscore && at < begin + 5) at++;
  if (at === begin) return false;
  return name[at] === letterZ || name[at] === letterR || name[at] === letterD || (at === 2 && isMain(name));
}

const [dot, underscore, letterD, letterR, letterZ] = [0x2e, 0x5f, 0x44, 0x52, 0x5a];
const main = [...'__main_argc_argv'].map((letter) => letter.charCodeAt(0));
const isMain = (name: Uint8Array) => name.length === main.length && main.every((byte, i) => name[i] === byte);

/** False of a mangled name: it does not show the text when it is demangled. */
export function shownBy(text: string): (mangled: string) => boolean {
  const tests = [...new Set(text.toLowerCase().match(/[a-z_]+/g))].flatMap((letters) => {
    if (anywhere.includes(letters)) return [];
    const codes = rare.filter(([words]) => words.toLowerCase().includes(letters)).map(([, of]) => of);
    const verbatim = new RegExp(letters, 'i');
    return [(mangled: string) => verbatim.test(mangled) || codes.some((code) => code.test(mangled))];
  });
  return (mangled) => others.test(mangled) || tests.every((test) => test(mangled));
}
