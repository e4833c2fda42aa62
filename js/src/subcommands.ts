// `weld inspect` and the like: what the module that looks at files does as a command.
import type { Host } from './bridge.js';
import { Crash } from './crash.js';

// core/tool/subcommand_names.h has them as well; these make us load the module that they are in. `-h` asks for help, and
// an empty one for a few words about what there is.
const names = ['', '-h', 'help', 'inspect', 'symbolize', 'size', 'why', 'removed', 'memory', 'imports', 'diff'];

/** Whether `argv` may be one: the module knows. */
export const maySubcommand = (argv: readonly string[]): boolean => argv.length > 1 && names.includes(argv[1]!);

/** Undefined: `argv` is the linker's after all. */
export async function runSubcommand(
  argv: readonly string[],
  host: Host,
): Promise<{ exitCode: number } | { crash: Crash } | undefined> {
  const { instances } = await import('./commands_module.js');
  await instances.load();
  try {
    const exitCode = instances.use((instance) => instance.run(argv, host));
    return exitCode < 0 ? undefined : { exitCode };
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return { crash: error };
  }
}
