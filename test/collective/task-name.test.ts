import fc from 'fast-check';
import t from 'tap';
import type { BatchId } from '../../src/collective/batch.ts';
import { parseTaskId, taskId, taskOf, unitSeed } from '../../src/collective/task-name.ts';
import { drafts, sampleSpec, unitIndex } from './fakes/samples.ts';

t.test('a name carries the whole way back', async () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(40), (unit, ordinal) => {
      const name = parseTaskId(taskId('b2' as BatchId, unitIndex(unit), ordinal));
      return name?.batch === 'b2' && name.unit === unit && name.ordinal === ordinal;
    }),
  );
});

t.test('a name that was never given is nobody', async (t) => {
  for (const name of [
    '',
    '/',
    'b',
    'b/',
    'b/1',
    'b/1.',
    'b/.1',
    'b/1.1.1',
    'b/01.1',
    'b/-1.1',
    'b/1e3.1',
    '/1.1',
  ])
    t.equal(parseTaskId(name), undefined, name);
  fc.assert(
    fc.property(fc.string(), (name) => {
      const parsed = parseTaskId(name);
      return parsed === undefined || taskId(parsed.batch, parsed.unit, parsed.ordinal) === name;
    }),
  );
});

t.test('the seed follows from what is computed, not from who submitted it when', async (t) => {
  const spec = sampleSpec();
  const again = sampleSpec({ batch: 'b9' as BatchId, name: 'again', submittedAt: 99, priority: 3 });
  t.equal(unitSeed(spec, unitIndex(4)), unitSeed(again, unitIndex(4)));
  t.not(unitSeed(spec, unitIndex(4)), unitSeed(spec, unitIndex(5)));
  const other = sampleSpec({ application: new Uint8Array([2]) });
  t.not(unitSeed(spec, unitIndex(4)), unitSeed(other, unitIndex(4)));
});

t.test('replicas of a unit differ in their name only', async (t) => {
  const spec = sampleSpec();
  const [one, two] = [0, 1].map((ordinal) => taskOf(spec, unitIndex(4), ordinal, drafts(1)[0]!));
  t.same({ ...one, id: '' }, { ...two, id: '' });
  t.equal(two?.id, 'b1/4.1');
});
