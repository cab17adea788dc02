import t from 'tap';
import { decode, encode } from '../../src/actors/index.ts';
import type { SettlementEvent } from '../../src/collective/settlement.ts';
import { decodeSettlementEvent, encodeSettlementEvent } from '../../src/collective/settlement-codec.ts';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import { deal, provider, seconds, termsOf, word } from '../resource/deal-papers.ts';

const signature = `0x${'ab'.repeat(65)}` as TypedSignature;
const { account } = provider;
const testimony = { provider: account, number: 7, unit: word(1), digest: word(2), proof: [word(3)] };
const statement = {
  commitment: { deal, provider: account, number: 7, seal: word(4) },
  signature,
  root: word(5),
  salt: word(6),
  testimony,
};

const events: readonly SettlementEvent[] = [
  { type: 'begun', deal, terms: termsOf(), signature },
  { type: 'joined', provider: account, acceptance: '0x' as TypedSignature },
  { type: 'owed', provider: account, amount: 2n ** 90n },
  { type: 'disputed', unit: word(1), statements: [statement] },
  { type: 'ended', root: word(7) },
  { type: 'clock', time: seconds(1_800_000_000) },
  { type: 'done', step: 'open' },
  { type: 'refused', step: 'allocate 3', error: 'BudgetExceeded' },
];

t.test('an event comes back from the journal as it was', async (t) => {
  for (const event of events)
    t.same(decodeSettlementEvent(decode(encode(encodeSettlementEvent(event)))), event, event.type);
});

t.test('what no settlement wrote is not read', async (t) => {
  for (const value of [
    null,
    { type: 'paid' },
    { type: 'owed', provider: account },
    { type: 'owed', provider: account, amount: 1 },
    { type: 'done', step: '' },
    { type: 'done', step: 'open', more: true },
    { type: 'disputed', unit: word(1), statements: Array(17).fill(statement) },
  ])
    t.throws(() => decodeSettlementEvent(value), JSON.stringify(value).slice(0, 60));
});
