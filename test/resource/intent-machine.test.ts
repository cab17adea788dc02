import t from 'tap';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import {
  fits,
  flightOf,
  intentMachine,
  type LaneEffect,
  type LaneEvent,
  newLane,
  outcomeIn,
} from '../../src/resource/intent-machine.ts';
import type { IntentId, IntentOutcome } from '../../src/resource/ledger.ts';
import { requester, word } from './deal-papers.ts';

const one = 'one' as IntentId;
const two = 'two' as IntentId;
const call = { type: 'unstake' } as const;
const done: IntentOutcome = { type: 'done', transaction: word(1), gasUsed: 1n, block: 6 };

const accepted = (id: IntentId): LaneEvent => ({ type: 'accepted', id, call });
const signed = (id: IntentId | null, nonce: number, hash = nonce): LaneEvent => {
  const attempt = { hash: word(hash), fee: { maxFee: BigInt(hash), tip: 1n } };
  return { type: 'signed', id, nonce, gas: 1n, raw: `0x0${hash}` as RawTransaction, attempt, block: 5 };
};
const mined = (nonce: number, block = 6): LaneEvent => {
  const found = { hash: word(nonce), block, blockHash: word(block), succeeded: true, gasUsed: 1n };
  return { type: 'mined', nonce, mined: found };
};

/** A lane to which this has happened, and what the last of it leads to. */
function after(...events: readonly LaneEvent[]) {
  const lane = newLane(requester.account);
  let effects: readonly LaneEffect[] = [];
  for (const event of events) effects = intentMachine.step(lane, event, 0).effects;
  return { lane, effects };
}

t.test('from acceptance to oblivion, each step with what is to be done', async (t) => {
  const way = [accepted(one), signed(one, 1), mined(1)];
  t.same(after(accepted(one)).effects, []);
  t.same(after(...way.slice(0, 2)).effects, [{ type: 'send', raw: '0x01', hash: word(1) }]);
  t.equal(outcomeIn(after(...way).lane, one), null, 'under way');
  const confirmed: LaneEvent = { type: 'confirmed', nonce: 1, outcome: done };
  t.same(after(...way, confirmed).effects, [{ type: 'tell', id: one, outcome: done }]);
  t.same(outcomeIn(after(...way, confirmed).lane, one), done);
  const end = after(...way, confirmed, { type: 'settled', nonce: 1 });
  t.same(end.effects, [{ type: 'keep', id: one, outcome: done }]);
  t.equal(outcomeIn(end.lane, one), undefined);
});

t.test('a replacement joins its flight; the nonce is still one', async (t) => {
  const { lane, effects } = after(accepted(one), signed(one, 1), signed(one, 1, 2));
  t.same(effects, [{ type: 'send', raw: '0x02', hash: word(2) }]);
  t.equal(lane.flights.length, 1);
  t.same(
    flightOf(lane, 1)?.attempts.map(({ hash }) => hash),
    [word(1), word(2)],
  );
});

t.test('what vanished is sent again, and what was told of it holds no longer', async (t) => {
  const told: LaneEvent = { type: 'confirmed', nonce: 1, outcome: done };
  const { lane, effects } = after(accepted(one), signed(one, 1), mined(1), told, {
    type: 'vanished',
    nonce: 1,
  });
  t.same(effects, [{ type: 'send', raw: '0x01', hash: word(1) }]);
  t.equal(outcomeIn(lane, one), null);
  const moved = after(accepted(one), signed(one, 1), mined(1), told, mined(1, 7));
  t.equal(outcomeIn(moved.lane, one), null, 'nor in another block');
});

t.test('who lost its nonce comes first again, and takes a higher one', async (t) => {
  const { lane } = after(accepted(one), accepted(two), signed(one, 1), {
    type: 'displaced',
    nonce: 1,
    by: word(9),
  });
  t.same(
    lane.waiting.map(({ id }) => id),
    [one, two],
  );
  t.notOk(fits(lane, signed(one, 1)), 'a nonce that was signed for is never given again');
  t.ok(fits(lane, signed(one, 2)));
});

t.test('a gap is filled below those in the air, and nobody is told', async (t) => {
  const { lane } = after(accepted(one), signed(one, 5), signed(null, 4));
  t.same(
    lane.flights.map(({ nonce }) => nonce),
    [4, 5],
  );
  const closed: LaneEvent = { type: 'confirmed', nonce: 4, outcome: done };
  t.same(after(accepted(one), signed(one, 5), signed(null, 4), mined(4), closed).effects, []);
});

t.test('a refusal is kept before it is told', async (t) => {
  const { lane, effects } = after(
    accepted(one),
    { type: 'rejected', id: one, error: 'TooEarly', block: 5 },
    { type: 'refused', id: one, error: 'TooEarly' },
  );
  const outcome = { type: 'refused', error: 'TooEarly' };
  t.same(effects, [
    { type: 'keep', id: one, outcome },
    { type: 'tell', id: one, outcome },
  ]);
  t.equal(lane.waiting.length, 0);
});

t.test('what comes too late does not fit', async (t) => {
  const { lane } = after(accepted(one), accepted(two), signed(one, 1), mined(1));
  t.notOk(fits(lane, accepted(one)));
  t.notOk(fits(lane, signed(one, 1, 2)), 'it is mined: nothing replaces it');
  t.notOk(fits(lane, { type: 'displaced', nonce: 1, by: word(9) }));
  t.notOk(fits(lane, { type: 'refused', id: one, error: 'TooEarly' }), 'it does not wait any more');
  t.notOk(fits(lane, { type: 'vanished', nonce: 2 }));
  t.ok(fits(lane, signed(two, 2)));
});
