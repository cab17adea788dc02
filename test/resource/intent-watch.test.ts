import fc from 'fast-check';
import t from 'tap';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import { type Flight, type Lane, type Mined, newLane } from '../../src/resource/intent-machine.ts';
import { due, type LaneSight, proven } from '../../src/resource/intent-watch.ts';
import type { IntentId } from '../../src/resource/ledger.ts';
import { requester, word } from './deal-papers.ts';
import { type Crash, LaneWorld, policy, STRANGER } from './lane-world.ts';

type Deed = (world: LaneWorld, accepted: IntentId[]) => void;

const crash = fc.oneof(
  { arbitrary: fc.constant<Crash>('never'), weight: 6 },
  fc.constantFrom<Crash>('before it is durable', 'before it is done'),
);

const accept = fc.tuple(crash, fc.boolean()).map(
  ([crash, isRefused]): Deed =>
    (world, accepted) => {
      const id = `i${accepted.length}` as IntentId;
      accepted.push(id);
      if (isRefused && accepted.length % 4 === 0) world.refused.add(id);
      world.accept(id, crash);
      // Whoever got no answer says it again under the same name.
      if (crash === 'before it is durable') world.accept(id, 'never');
    },
);
const work = fc.tuple(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })), crash);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { arbitrary: accept, weight: 3 },
  {
    arbitrary: work.map(
      ([lag, crash]): Deed =>
        (world) =>
          world.work(lag, crash),
    ),
    weight: 8,
  },
  {
    arbitrary: fc.boolean().map(
      (isFull): Deed =>
        (world) =>
          world.mine(isFull),
    ),
    weight: 8,
  },
  fc.constant<Deed>((world) => world.forget()),
  fc.nat().map(
    (which): Deed =>
      (world) =>
        world.recall(which),
  ),
  fc.constant<Deed>((world) => world.crash()),
  fc.boolean().map(
    (isBlind): Deed =>
      (world) => {
        world.isBlind = isBlind;
      },
  ),
  fc.boolean().map(
    (isMined): Deed =>
      (world) =>
        world.intrude(isMined),
  ),
  fc.tuple(fc.integer({ min: 1, max: policy.finality }), fc.boolean()).map(
    ([depth, isKept]): Deed =>
      (world) =>
        world.rewrite(depth, isKept),
  ),
  fc.bigInt({ min: 50n, max: 2_000n }).map(
    (baseFee): Deed =>
      (world) => {
        world.baseFee = baseFee;
      },
  ),
);

t.test('whatever happens, each intent is paid once, and in order if no stranger takes a nonce', async (t) => {
  let displaced = 0;
  let paid = 0;
  fc.assert(
    fc.property(fc.array(deed, { minLength: 10, maxLength: 80 }), (deeds) => {
      const world = new LaneWorld();
      const accepted: IntentId[] = [];
      for (const deed of deeds) {
        deed(world, accepted);
        if (world.unfounded()) throw new TypeError('an outcome without a transaction');
        for (const [pays, times] of world.paid()) {
          if (pays !== STRANGER && times > 1) throw new TypeError(`${pays} was paid ${times} times`);
        }
      }
      calm(world);
      const due = accepted.filter((id) => !world.refused.has(id));
      const order = world.order();
      const expected = world.displaced > 0 ? [...due].sort() : due;
      if (String(world.displaced > 0 ? order.sort() : order) !== String(expected)) {
        throw new TypeError(`paid ${order}, and not ${expected}`);
      }
      for (const id of due) {
        if (world.kept.get(id) !== 'done') throw new TypeError(`${id} has no outcome`);
      }
      for (const id of world.refused) {
        if (world.kept.get(id as IntentId) !== 'refused') throw new TypeError(`${id} was not refused`);
      }
      displaced += world.displaced;
      paid += order.length;
    }),
    { numRuns: 300 },
  );
  t.ok(displaced > 0, `strangers took ${displaced} nonces`);
  t.ok(paid > 300, `${paid} intents were paid`);
});

/** From here on the chain and the machine do as they should: all must come to an end, in bounded time. */
function calm(world: LaneWorld): void {
  world.baseFee = 100n;
  for (let block = 0; block < 2_000; block += 1) {
    if (world.lane.flights.length + world.lane.waiting.length === 0) return;
    world.work(0, 'never');
    world.work(0, 'never');
    world.mine(true);
  }
  throw new TypeError('it does not come to an end');
}

const BLOCK = 100;
const call = { type: 'unstake' } as const;
const mined: Mined = { hash: word(1), block: BLOCK, blockHash: word(2), succeeded: true, gasUsed: 1n };

function flying(change: Partial<Flight>): Lane {
  const attempts = [{ hash: word(1), fee: { maxFee: 200n, tip: 1n } }];
  const air = { intent: { id: 'one' as IntentId, call }, nonce: 5, gas: 1n, attempts };
  const flight = { ...air, raw: '0x02' as RawTransaction, signedAt: BLOCK, mined: null, outcome: null };
  const waiting = [{ id: 'two' as IntentId, call, rejection: null }];
  return { ...newLane(requester.account), waiting, flights: [{ ...flight, ...change }], nonceFloor: 6 };
}

/** From a node at that height, which has the transaction, or says that it has not. */
function seen(number: number, found: Mined | undefined, count = 5): LaneSight {
  const head = { number, hash: word(9), timeMs: 0, fee: { baseFee: 100n, tip: 1n } };
  const receipts = new Map(found === undefined ? [] : [[found.hash, found]]);
  return { head, count, receipts, absent: new Set(found === undefined ? [word(1)] : []) };
}

const types = (facts: readonly { readonly type: string }[]) => facts.map(({ type }) => type);

t.test('told at the depth of the confirmations, forgotten at that of finality, and not before', async (t) => {
  const at = (depth: number, lane: Lane, found = mined) =>
    types(proven(lane, seen(BLOCK + depth - 1, found), policy));
  t.same(at(1, flying({})), ['mined']);
  t.same(at(policy.confirmations - 1, flying({ mined })), []);
  t.same(at(policy.confirmations, flying({ mined })), ['confirmed']);
  t.same(at(policy.confirmations, flying({ mined }), { ...mined, succeeded: false }), [], 'not as done');
  const outcome = { type: 'done', transaction: word(1), gasUsed: 1n, block: BLOCK } as const;
  t.same(at(policy.finality - 1, flying({ mined, outcome })), []);
  t.same(at(policy.finality, flying({ mined, outcome })), ['settled']);
  const elsewhere = { ...mined, blockHash: word(3) };
  t.same(at(policy.finality, flying({ mined, outcome }), elsewhere), ['mined', 'confirmed'], 'told again');
});

t.test('an absence is believed of a node that has seen the block, and of no other', async (t) => {
  t.same(types(proven(flying({ mined }), seen(BLOCK, undefined), policy)), ['vanished']);
  t.same(types(proven(flying({ mined }), seen(BLOCK - 1, undefined), policy)), []);
  t.same(types(proven(flying({}), seen(BLOCK, undefined), policy)), [], 'what was never mined has not gone');
});

t.test('what is due: one thing at a time', async (t) => {
  const dueAt = (passed: number, count = 5, change: Partial<Flight> = {}) =>
    due(flying(change), seen(BLOCK + passed, undefined, count), policy)?.type;
  t.equal(dueAt(2), undefined, 'the next intent waits for the one in the air');
  t.equal(dueAt(0, 5, { mined }), 'prepare');
  t.equal(dueAt(3), 'bump', 'three blocks passed it by');
  const attempts = Array.from({ length: 40 }, () => ({ hash: word(1), fee: { maxFee: 200n, tip: 1n } }));
  t.equal(dueAt(3, 5, { attempts }), undefined, 'not for ever');
  t.equal(dueAt(0, 6), 'trace', 'somebody has its nonce');
  t.equal(dueAt(9, 4), undefined, 'a stranger’s is awaited below it');
  t.equal(dueAt(10, 4), 'fill', 'but not for ever');
  const failed = { ...mined, succeeded: false };
  t.equal(dueAt(0, 5, { mined: failed }), 'prepare', 'not deep enough to be explained');
  t.equal(dueAt(1, 5, { mined: failed }), 'explain');
});
