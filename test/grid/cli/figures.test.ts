import t from 'tap';
import { brief, duration, share, size, unitFigure } from '../../../src/grid/cli/figures.ts';
import { counts } from '../fake-node.ts';

t.test('quantities are written as people read them', async (t) => {
  t.same([0, 1023, 1024, 1536, 200 * 1024, 2 ** 30, 2 ** 60].map(size), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '200 KiB',
    '1.0 GiB',
    '1048576 TiB',
  ]);
  t.same([3, 1_500, 65_000, 3_700_000].map(duration), ['3 ms', '1.5 s', '1 min 5 s', '1 h 1 min']);
  t.equal(brief('12D3KooWabcdefghijkl'), '…abcdefghijkl');
  t.equal(brief('short'), 'short');
});

t.test('a batch whose end nobody knows has no share', async (t) => {
  t.equal(share(counts(1)), 0.25);
  t.equal(share({ ...counts(1), total: null }), undefined);
  t.equal(share({ ...counts(0), total: 0 }), 1);
  t.equal(unitFigure({ ...counts(1), total: null }), '1/4+');
});
