// Makes the sample that the page offers: a C program as clang leaves it, and the libraries that it is linked with. They
// come from the machine that builds the page (clang 19, wasi-libc) and are fetched only when somebody asks for them.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'public', 'samples');
mkdirSync(out, { recursive: true });

const source = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int longer_first(const void *a, const void *b) {
  return (int)strlen(*(char *const *)b) - (int)strlen(*(char *const *)a);
}

int main(int argc, char **argv) {
  const char *words[] = {"object", "archive", "symbol", "relocation", "module"};
  qsort(words, 5, sizeof *words, longer_first);
  printf("Hello from %s, linked in this page.\\n", argc ? argv[0] : "?");
  for (int i = 0; i < 5; i++) printf("%2d %s\\n", (int)strlen(words[i]), words[i]);
  return 0;
}
`;
writeFileSync(join(out, 'hello.c'), source);
execFileSync('clang-19', ['--target=wasm32-wasi', '-O2', '-c', 'hello.c', '-o', 'hello.o'], { cwd: out });
const resources = execFileSync('clang-19', ['--print-resource-dir'], { encoding: 'utf8' }).trim();
copyFileSync('/usr/lib/wasm32-wasi/crt1-command.o', join(out, 'crt1-command.o'));
copyFileSync('/usr/lib/wasm32-wasi/libc.a', join(out, 'libc.a'));
copyFileSync(join(resources, 'lib/wasi/libclang_rt.builtins-wasm32.a'), join(out, 'libclang_rt.builtins-wasm32.a'));
