import t from 'tap';
import { Directory } from '../../src/collective/directory.ts';
import { leaseView } from './fakes/samples.ts';

const view = leaseView('ann', 2);
const { lease } = view;

t.test('a lease is there from opened to lapsed', async (t) => {
  const directory = new Directory();
  directory.opened(view, 4, 1);
  t.match(directory.get(lease), { free: 4, running: 0, heardAt: 1 });
  directory.heard(lease, 5);
  t.equal(directory.get(lease)?.heardAt, 5);
  directory.lapsed(lease);
  t.same(directory.all(), []);
});

t.test('what is decided is taken off at once, also off a figure that does not know of it yet', async (t) => {
  const directory = new Directory();
  directory.opened(view, 4, 1);
  directory.assigned(lease, 3);
  t.match(directory.get(lease), { free: 1, running: 3 });
  directory.credit(lease, 4, 2);
  t.equal(directory.get(lease)?.free, 1);
  directory.told(lease, 3);
  directory.credit(lease, 4, 3);
  t.equal(directory.get(lease)?.free, 4);
});

t.test('what runs is known before its lease is announced', async (t) => {
  const directory = new Directory();
  directory.runs(lease, 2);
  t.same(directory.unclaimed(), [lease]);
  directory.opened(view, 0, 1);
  t.equal(directory.get(lease)?.running, 2);
  t.same(directory.unclaimed(), []);
  directory.runs(lease, -2);
  t.equal(directory.get(lease)?.running, 0);
});

t.test('news of a lease that is not there is ignored', async (t) => {
  const directory = new Directory();
  directory.credit(lease, 4, 1);
  directory.heard(lease, 1);
  t.same(directory.all(), []);
});
