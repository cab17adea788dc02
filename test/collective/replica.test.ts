import t from 'tap';
import { newReplica, type ReplicaState, recordOf } from '../../src/collective/replica.ts';
import { digest, place } from './fakes/samples.ts';

t.test('a record says what became of a replica under the verdict', async (t) => {
  const states: [ReplicaState, string][] = [
    ['running', 'cancelled'],
    ['succeeded', 'disagreed'],
    ['failed', 'failed'],
    ['lost', 'lost'],
    ['late', 'late'],
    ['cancelled', 'cancelled'],
    ['void', 'cancelled'],
  ];
  for (const [state, recorded] of states) {
    const replica = { ...newReplica(0, place('ann'), 1), state };
    t.equal(recordOf(replica, digest('right'), 9).state, recorded);
  }
  const agreed = { ...newReplica(0, place('ann'), 1), state: 'succeeded' as const, ballot: digest('right') };
  t.equal(recordOf(agreed, digest('right'), 9).state, 'agreed');
  t.equal(recordOf(agreed, '', 9).state, 'disagreed', 'without a verdict nobody has agreed');
});

t.test('a replica that still runs ends with the verdict', async (t) => {
  t.match(recordOf(newReplica(2, place('ann'), 1), '', 9), { ordinal: 2, assignedAt: 1, endedAt: 9 });
});
