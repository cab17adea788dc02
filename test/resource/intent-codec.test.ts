import t from 'tap';
import { decode, encode } from '../../src/actors/index.ts';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import { decodeOutcome, encodeOutcome, laneCodecs } from '../../src/resource/intent-codec.ts';
import type { Flight, Lane, LaneEvent } from '../../src/resource/intent-machine.ts';
import type { IntentId, IntentOutcome } from '../../src/resource/ledger.ts';
import { requester, word } from './deal-papers.ts';

const id = 'pay/1' as IntentId;
const call = { type: 'transfer', to: requester.account, amount: (1n << 96n) - 1n } as const;
const raw = '0x02c0' as RawTransaction;
const attempt = { hash: word(1), fee: { maxFee: 1n << 70n, tip: 1n } };
const mined = { hash: word(1), block: 7, blockHash: word(2), succeeded: true, gasUsed: 50_000n };
const done: IntentOutcome = { type: 'done', transaction: word(1), gasUsed: 50_000n, block: 7 };
const refused: IntentOutcome = { type: 'refused', error: 'BudgetExceeded' };

const events: readonly LaneEvent[] = [
  { type: 'accepted', id, call },
  { type: 'signed', id, nonce: 3, gas: 60_000n, raw, attempt, block: 5 },
  { type: 'signed', id: null, nonce: 2, gas: 21_000n, raw, attempt, block: 5 },
  { type: 'mined', nonce: 3, mined },
  { type: 'vanished', nonce: 3 },
  { type: 'confirmed', nonce: 3, outcome: done },
  { type: 'settled', nonce: 3 },
  { type: 'displaced', nonce: 3, by: word(3) },
  { type: 'rejected', id, error: 'TooEarly', block: 5 },
  { type: 'refused', id, error: 'TooEarly' },
];

t.test('what was written reads as it was', async (t) => {
  for (const event of events) {
    t.same(laneCodecs.decodeEvent(decode(encode(laneCodecs.encodeEvent(event)))), event, event.type);
  }
  const air = { intent: { id, call }, nonce: 3, gas: 60_000n, attempts: [attempt], raw, signedAt: 5 };
  const flights: Flight[] = [
    { ...air, mined, outcome: done },
    { ...air, intent: null, nonce: 4, mined: null, outcome: null },
  ];
  const waiting = [
    { id: 'pay/2' as IntentId, call, rejection: { error: 'TooEarly', block: 9 } },
    { id: 'pay/3' as IntentId, call, rejection: null },
  ];
  const lane: Lane = { account: requester.account, waiting, flights, nonceFloor: 5 };
  t.same(laneCodecs.decodeState(decode(encode(laneCodecs.encodeState(lane)))), lane);
  for (const outcome of [done, refused]) {
    t.same(decodeOutcome(decode(encode(encodeOutcome(outcome)))), outcome);
  }
});

t.test('what could not be read is not written', async (t) => {
  const broken: readonly LaneEvent[] = [
    { type: 'accepted', id: 'on two\nlines' as IntentId, call },
    { type: 'accepted', id: 'i'.repeat(257) as IntentId, call },
    { type: 'accepted', id, call: { ...call, amount: -1n } },
    { type: 'settled', nonce: 0.5 },
    { type: 'displaced', nonce: 1, by: '0x1' },
    { type: 'signed', id, nonce: 3, gas: 1n, raw: '0x0' as RawTransaction, attempt, block: 5 },
  ];
  for (const event of broken) t.throws(() => laneCodecs.encodeEvent(event), event.type);
  t.throws(
    () => laneCodecs.decodeEvent({ type: 'settled', nonce: 1, more: 1 }),
    'nothing unknown is passed by',
  );
  t.throws(() => decodeOutcome({ type: 'perhaps' }));
});
