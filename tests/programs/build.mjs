// @ts-check
// node tests/programs/build.mjs: compiles all programs, at the levels that the tier tests, so that the tests that link them begin at once.
import { buildProgram, levelsOf, wantedPrograms } from './programs.mjs';

for (const program of wantedPrograms) {
  for (const level of levelsOf(program)) {
    const start = performance.now();
    const { objects } = await buildProgram(program, level);
    console.log(
      `${program.name} ${level}: ${objects.length} objects, ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  }
}
