// @ts-check
// How much is tested: by default what is quick; with WELD_TIER=pull what pull requests have to pass; with WELD_TIER=all
// (sh tests/run.sh --all) everything.

const tiers = ['quick', 'pull', 'all'];
const tier = process.env.WELD_TIER ?? 'quick';
if (!tiers.includes(tier)) throw new Error(`WELD_TIER is one of ${tiers.join(', ')}, not ${tier}`);

/** Is everything tested, however long it takes? */
export const testsAll = tier === 'all';
/** Is that tested which pull requests have to pass, and which takes too long for the quick tier? */
export const testsPull = tier !== 'quick';
/** Of a test or suite that only these have: its options. */
export const ofPull = { skip: !testsPull && 'of the tier for pull requests' };
/**
 * How many times longer than on a quiet machine a program may take until it is taken for one that does not end. With
 * everything, other compilers and browsers run beside it for the whole time.
 */
export const patience = testsAll ? 6 : 1;
