// @ts-check
// node tests/programs/build.mjs: compiles all programs, so that the tests that link them begin at once.
import { buildProgram, levels, programs } from './programs.mjs';

for (const program of programs) {
  for (const level of Object.keys(levels)) {
    const start = performance.now();
    const { objects } = await buildProgram(program, level);
    console.log(
      `${program.name} ${level}: ${objects.length} objects, ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  }
}
