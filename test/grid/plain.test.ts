import t from 'tap';
import { plain } from '../../src/grid/plain.ts';

t.test('amounts become texts wherever they are, and nothing else changes', async (t) => {
  const view = {
    deals: [{ owed: 10n ** 27n, share: 'locked', at: 7 }],
    stake: null,
    chain: { healthy: true },
  };
  t.same(plain(view), {
    deals: [{ owed: '1000000000000000000000000000', share: 'locked', at: 7 }],
    stake: null,
    chain: { healthy: true },
  });
  t.equal(plain(null), null);
});
