import t from 'tap';
import { recordVerdict, scoreOf } from '../../src/resource/reputation-laws.ts';
import { provider, seconds } from './deal-papers.ts';
import { LedgerWorld } from './ledger-world.ts';

const ONE = 10n ** 18n;
const HALF_LIFE_S = 90 * 24 * 3_600;

t.test('three lies leave less than a third, however long the honesty before', async (t) => {
  const { state } = new LedgerWorld();
  const record = (agreed: boolean) => recordVerdict(state, provider.account, agreed, seconds(0));
  const score = () => scoreOf(state, provider.account, seconds(0));
  for (let verdict = 0; verdict < 9; verdict++) record(true);
  t.equal(score(), 9n * ONE);
  record(false);
  t.equal(score(), 6n * ONE);
  record(false);
  record(false);
  t.ok(score() < 3n * ONE);
});

t.test(
  'a score halves in its half-life, on a straight line in between, and is gone in the end',
  async (t) => {
    const { state } = new LedgerWorld();
    for (const _ of [1, 2]) recordVerdict(state, provider.account, true, seconds(0));
    const at = (time: number) => scoreOf(state, provider.account, seconds(time));
    t.equal(at(HALF_LIFE_S), ONE);
    t.equal(at(HALF_LIFE_S / 2), (3n * ONE) / 2n);
    t.equal(at(HALF_LIFE_S * 96), 0n);
  },
);
