// The part of `createLinker` that is always loaded.
import { checkKeys } from './check.js';
import { load, loadMore } from './core.js';
import { read, readyBytes } from './files.js';
import { makePlan, requestNames } from './link.js';
import type { Linker, LinkerRequest } from './linker_types.js';

/**
 * Makes a persistent linker with the inputs and options of `request`. More inputs can be added later. If the snapshot
 * is truncated, was made by another version, or has altered tables, the promise is rejected with an `Error`. The files
 * in a snapshot are checked when they are linked.
 */
export async function createLinker(request: LinkerRequest = {}): Promise<Linker> {
  checkKeys(request, 'a linker', [...requestNames, 'snapshot', 'live', 'liveRoom', 'incremental']);
  const { snapshot, live, liveRoom, incremental, ...rest } = request;
  const liveArgs = argsOfLive(live, liveRoom);
  if (incremental !== undefined && typeof incremental !== 'boolean')
    throw new TypeError('`incremental` must be true or false');
  makePlan(rest); // says what is wrong with it
  const loading = Promise.all([import('./linker.js'), load(), loadMore()]);
  loading.catch(() => {}); // it is waited for below
  const saved = snapshot && readyBytes(await read(snapshot), 'snapshot');
  const [{ makeLinker }] = await loading;
  return makeLinker(rest, { liveArgs, incremental }, saved);
}

/** Arguments; none: programs cannot be patched. */
function argsOfLive(live: LinkerRequest['live'], room: LinkerRequest['liveRoom']): string[] {
  if (live !== undefined && typeof live !== 'boolean' && live !== 'all')
    throw new TypeError("`live` must be a boolean or 'all'");
  if (room !== undefined && !(Number.isSafeInteger(room) && room >= 0))
    throw new TypeError('`liveRoom` must be a whole number');
  if (!live) return [];
  return [live === 'all' ? '--live=all' : '--live', ...(room === undefined ? [] : [`--live-room=${room}`])];
}
