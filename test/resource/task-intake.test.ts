import t from 'tap';
import type { PeerId } from '../../src/connectivity/index.ts';
import { takeIn } from '../../src/resource/task-intake.ts';
import { common, tasksNamed } from './lease-world.ts';

t.test('each task gets its name and its source, and each common is judged once', async (t) => {
  const dear = { ...common, limits: { ...common.limits, memoryBytesMax: 9 } };
  const tasks = tasksNamed('a', 4).map(({ common: _, ...task }, index) => ({ ...task, common: index % 2 }));
  let judged = 0;
  const { accepted, refused } = takeIn({ commons: [common, dear], tasks }, 'p', 'broker' as PeerId, (it) => {
    judged += 1;
    return it === common ? { allowed: true } : { allowed: false, code: 'X', sentence: 'No.' };
  });
  t.equal(judged, 2);
  t.match(accepted, [
    { id: 'p.a/0', common, from: 'broker', args: ['0'] },
    { id: 'p.a/2', args: ['2'] },
  ]);
  t.match(refused, [
    { task: 'a/1', status: 'failed', failure: { code: 'X', message: 'No.' } },
    { task: 'a/3' },
  ]);
});
