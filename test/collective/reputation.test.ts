import fc from 'fast-check';
import t from 'tap';
import {
  decodeReputation,
  decodeStandings,
  encodeReputation,
  encodeStandings,
  NO_STANDING,
  type ReputationEvent,
  reliability,
  reputationMachine,
  type Standing,
} from '../../src/collective/reputation.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';

const owners = fc.constantFrom('ann' as OwnerId, 'bob' as OwnerId);

const events: fc.Arbitrary<ReputationEvent[]> = fc.array(
  fc.oneof(
    fc
      .tuple(owners, fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9))
      .map(([owner, agreed, disagreed, failed, lost]) => ({
        type: 'judged' as const,
        owner,
        agreed,
        disagreed,
        failed,
        lost,
      })),
    fc.tuple(owners, fc.string()).map(([owner, reason]) => ({ type: 'excluded' as const, owner, reason })),
  ),
);

function replay(list: readonly ReputationEvent[]): Map<OwnerId, Standing> {
  let state = new Map<OwnerId, Standing>();
  for (const event of list) state = reputationMachine.step(state, event, 0).state;
  return state;
}

t.test('events and standings come back from the journal as they were', async () => {
  fc.assert(
    fc.property(events, (list) => {
      const standings = replay(list);
      const again = replay(decodeReputation(encodeReputation(list)));
      const stored = decodeStandings(encodeStandings(standings));
      return [again, stored].every((one) => JSON.stringify([...one]) === JSON.stringify([...standings]));
    }),
  );
});

t.test('the first exclusion is for ever, and told once', async (t) => {
  const owner = 'ann' as OwnerId;
  const state = new Map<OwnerId, Standing>();
  const once = reputationMachine.step(state, { type: 'excluded', owner, reason: 'lied' }, 0);
  t.same(once.effects, [{ type: 'exclude', owner, reason: 'lied' }]);
  const twice = reputationMachine.step(state, { type: 'excluded', owner, reason: 'other' }, 0);
  t.same(twice.effects, []);
  t.equal(twice.state.get(owner)?.excluded, 'lied');
});

t.test('reliability begins at one half and follows checked work', async (t) => {
  t.equal(reliability(NO_STANDING), 0.5);
  t.ok(reliability({ ...NO_STANDING, agreed: 8 }) > 0.8);
  t.ok(reliability({ ...NO_STANDING, failed: 8 }) < 0.2);
  t.ok(reliability({ ...NO_STANDING, lost: 8 }) > reliability({ ...NO_STANDING, failed: 8 }));
});
