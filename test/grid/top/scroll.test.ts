import t from 'tap';
import { AT_END, AT_TOP, moved, settled } from '../../../src/grid/top/scroll.ts';

t.test('a log follows its end until somebody scrolls back, and again once they return', async (t) => {
  let scroll = settled(AT_END, 30, 5);
  t.same(scroll, { top: 25, follows: true });
  scroll = moved(scroll, -3, 30, 5, true);
  t.same(scroll, { top: 22, follows: false });
  t.equal(settled(scroll, 40, 5).top, 22, 'new lines do not move what is read');
  t.same(moved(scroll, 99, 40, 5, true), { top: 35, follows: true });
});

t.test('a list stays within its lines, whatever happens to them', async (t) => {
  t.equal(moved(AT_TOP, -1, 10, 5, false).top, 0);
  const low = moved(AT_TOP, 99, 10, 5, false);
  t.same(low, { top: 5, follows: false });
  t.equal(settled(low, 3, 5).top, 0);
});
