// @ts-check
// How much is tested: by default what is quick, with WELD_TIER=all (sh tests/run.sh --all) everything.

const tier = process.env.WELD_TIER ?? 'quick';
if (tier !== 'quick' && tier !== 'all') throw new Error(`WELD_TIER is quick or all, not ${tier}`);

/** Is everything tested, however long it takes? */
export const testsAll = tier === 'all';
