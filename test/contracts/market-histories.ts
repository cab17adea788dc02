/** Random histories for `Play`, phase by phase, as fast-check draws and shrinks them. */

import fc from 'fast-check';
import type { LedgerCall } from '../../src/resource/ledger.ts';
import { SIDES } from './dice.ts';
import type { Move } from './market-play.ts';

/** Ether is no business of the contracts. */
type Name = Exclude<LedgerCall['type'], 'sendEther'>;

/** As many as one move can throw, nearly. */
const DICE = 12;

export const NAMES: readonly Name[] = [
  ...([
    'approve',
    'transfer',
    'deposit',
    'withdraw',
    'open',
    'allocate',
    'redeemMany',
    'relinquish',
  ] as const),
  ...(['commit', 'reveal', 'testify', 'settle', 'expire', 'release', 'close', 'register'] as const),
  ...(['setPayout', 'addWorker', 'removeWorker', 'stake', 'requestUnstake', 'unstake', 'anchor'] as const),
];

/** Without fast-check's liking for the smallest and the largest: these dice are fair. */
const dice = fc.noBias(fc.array(fc.nat(SIDES - 1), { minLength: DICE, maxLength: DICE }));
const wait = dice.map((dice): readonly Move[] => [{ name: 'wait', dice }]);
const cool = dice.map((dice): readonly Move[] => [{ name: 'cool', dice }]);

function phase(length: number, ...usual: readonly Name[]): fc.Arbitrary<readonly Move[]> {
  const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, fc.constantFrom(...NAMES));
  return fc.array(fc.record({ name, dice }), { maxLength: length, size: 'max' });
}

export const histories: fc.Arbitrary<readonly Move[]> = fc
  .tuple(
    phase(14, 'open', 'allocate', 'redeemMany', 'commit', 'commit'),
    wait,
    phase(14, 'reveal'),
    phase(24, 'testify', 'testify', 'testify', 'redeemMany'),
    wait,
    phase(8, 'testify', 'testify', 'expire', 'release', 'redeemMany', 'close'),
    wait,
    phase(12, 'settle', 'settle', 'settle', 'settle', 'redeemMany', 'release', 'expire', 'close'),
    wait,
    phase(6, 'close', 'settle', 'release', 'requestUnstake', 'requestUnstake', 'withdraw'),
    cool,
    phase(6, 'unstake'),
    phase(6, 'requestUnstake', 'addWorker', 'removeWorker', 'register', 'anchor', 'anchor'),
  )
  .map((phases) => phases.flat());
