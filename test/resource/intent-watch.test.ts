import fc from 'fast-check';
import t from 'tap';
import type { IntentId } from '../../src/resource/ledger.ts';
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
