import t from 'tap';
import { hasEnded } from '../../../src/grid/cli/follow.ts';
import { batchView } from '../fake-node.ts';

t.test('a batch has ended when nothing can change it any more', async (t) => {
  const ended = (['open', 'merging', 'done', 'cancelled', 'failed'] as const).filter((phase) =>
    hasEnded(batchView({ phase })),
  );
  t.same(ended, ['done', 'cancelled', 'failed']);
});
