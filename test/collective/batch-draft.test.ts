import t from 'tap';
import { BatchDraft } from '../../src/collective/batch-draft.ts';
import { Ready } from '../../src/collective/ready.ts';
import { newUnit } from '../../src/collective/unit-state.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { drafts, quorumOf, unitIndex } from './fakes/samples.ts';

const ann = 'ann' as OwnerId;
const bob = 'bob' as OwnerId;

function readyOf(count: number, minQuorum: number): Ready {
  const ready = new Ready(minQuorum);
  const rule = { quorum: quorumOf(minQuorum), compare: 'digest' as const };
  for (const [index, draft] of drafts(count).entries()) ready.update(newUnit(unitIndex(index), draft, rule));
  return ready;
}

t.test('units are taken in order and once', async (t) => {
  const draft = new BatchDraft(readyOf(5, 1), new Set([ann, bob]));
  t.same(draft.take(ann, 2), [0, 1]);
  t.same(draft.take(bob, 2), [2, 3]);
  t.same(draft.take(ann, 9), [4]);
  t.same(draft.take(bob, 9), []);
});

t.test(
  'a unit that wants two goes on to another owner, before fresh ones, and never to the same',
  async (t) => {
    const draft = new BatchDraft(readyOf(3, 2), new Set([ann, bob]));
    t.same(draft.take(ann, 2), [0, 1]);
    t.same(draft.take(bob, 3), [0, 1, 2]);
    t.same(draft.take(ann, 9), [2]);
    t.same(draft.take(ann, 9), []);
  },
);

t.test('what waits is not touched by a draft', async (t) => {
  const ready = readyOf(3, 1);
  new BatchDraft(ready, new Set([ann])).take(ann, 3);
  t.equal(ready.wanted, 3);
});
