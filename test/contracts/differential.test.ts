/**
 * The contracts and their model, held to one another by random histories.
 *
 * One that fails is shrunk as far as time allows, told call by call, and printed with the seed that repeats
 * it. More, and others: `CONUN_SEED=7 CONUN_HISTORIES=1000 node test/contracts/differential.test.ts`.
 */

import fc from 'fast-check';
import t from 'tap';
import { treeProof, treeRoot } from '../../src/resource/keccak-tree.ts';
import { GENESIS, requester, word } from '../resource/deal-papers.ts';
import { errorsOf, MarketChain } from './market-chain.ts';
import { Duel } from './market-duel.ts';
import { histories, NAMES } from './market-histories.ts';
import { CAST, TOKENS } from './market-play.ts';

const { CONUN_SEED, CONUN_HISTORIES } = process.env;
const SEED = Number(CONUN_SEED ?? 1);
const HISTORIES = Number(CONUN_HISTORIES ?? 32);
/** Ten times what one takes: so much time there is to shrink one that fails, and still to tell it. */
const HISTORY_MS_MAX = 5_000;
/** These always are the same, so what they reach can be asked for. */
const isUsual = CONUN_SEED === undefined && HISTORIES >= 32;

/** Three ways to lose stake. */
const SLASHES = ['slashed by settle', 'slashed by testify', 'slashed by expire'];

/** Errors to which these histories do not lead, and why. */
const UNMET: Readonly<Record<string, string>> = {
  VotesFull: 'takes seventeen providers',
  WorkersFull: 'takes sixty-five keys',
  IntakeStopped: 'the guardian sleeps',
  OnlyGuardian: 'the guardian sleeps',
  OnlyMarket: 'of calls that only contracts make',
  InvalidShortString: 'of a library, and of constructors',
  StringTooLong: 'of a library, and of constructors',
  SafeCastOverflowedUintDowncast: 'in 34 000 years',
  SafeERC20FailedOperation: 'of other tokens',
};

const accounts = CAST.map(({ account }) => account);
const chain = await MarketChain.start(GENESIS - 100_000, accounts, TOKENS);
t.teardown(() => chain.stop());
t.setTimeout(0);

t.test('what the grid proves of a tree, the contracts believe', async (t) => {
  const kept = await chain.keep();
  const trees = Array.from({ length: 20 }, (_, size) =>
    Array.from({ length: size + 1 }, (_, leaf) => word(size * 1_000 + leaf + 1)),
  );
  for (const [place, leaves] of trees.entries()) {
    const call = { type: 'anchor', subject: word(place), root: treeRoot(leaves) } as const;
    await chain.attempt(requester.account, call, GENESIS + place);
  }
  const questions = trees.flatMap((leaves, place) =>
    leaves.map((leaf) => {
      const words = [requester.account, word(place), leaf, treeProof(leaves, leaf)] as const;
      return ['ResultAnchor', 'verify', ...words] as const;
    }),
  );
  const answers = await chain.reader(questions)(GENESIS + trees.length);
  t.ok(answers.every(([isProved]) => isProved === true));
  await chain.reset(kept);
});

t.test(
  `${HISTORIES} random histories are the same on the chain and in the model (seed ${SEED})`,
  async (t) => {
    /** How often each call was taken, and each error met. */
    const tally = new Map<string, number>();
    const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);
    await new Duel(chain, () => undefined).open();
    let kept = await chain.keep();
    const property = fc.asyncProperty(histories, async (moves) => {
      await chain.reset(kept);
      kept = await chain.keep();
      const duel = new Duel(chain, count);
      duel.catchUp();
      for (const move of moves) await duel.move(move);
    });
    const limit = { interruptAfterTimeLimit: HISTORIES * HISTORY_MS_MAX, markInterruptAsFailure: true };
    await fc.assert(property, { seed: SEED, numRuns: HISTORIES, ...limit });
    const met = [...tally].sort().map(([what, times]) => `${what} ${times}`);
    t.comment(met.join(', '));
    if (isUsual) {
      const errors = errorsOf('JobMarket', 'ProviderRegistry', 'ResultAnchor');
      const wanted = [...NAMES, ...SLASHES, ...[...errors].filter((error) => !(error in UNMET))];
      const missing = wanted.filter((what) => !tally.has(what));
      t.same(missing, [], 'every call was taken, and every error met');
    }
    t.pass('they agree');
  },
);
