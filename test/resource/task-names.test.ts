import t from 'tap';
import { seededRandom } from '../../src/actors/index.ts';
import type { TaskId } from '../../src/fabric/index.ts';
import { executorName, freshPrefix, partsOf } from '../../src/resource/task-names.ts';

t.test('a name is taken apart as it was put together', async (t) => {
  const prefix = freshPrefix(seededRandom('x'));
  const task = 'b1/7.2/0' as TaskId;
  t.same(partsOf(executorName(prefix, task)), { prefix, task });
  t.not(freshPrefix(seededRandom('y')), prefix);
  t.ok(executorName(prefix, 'x'.repeat(96) as TaskId).length <= 128);
});
