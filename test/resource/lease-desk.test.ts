/** The two sides of a lease, talking over a network in memory. */

import t from 'tap';
import { createWorld, leaseOf, newsOf, returnedTasks, tasksNamed } from './lease-world.ts';

t.test('a provider that is invited gets a lease, runs what is assigned, and is acknowledged', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  const opened = newsOf(broker, 'opened');
  t.equal(opened.length, 1);
  t.match(opened[0]?.lease, { provider: provider.identity.peer, owner: provider.owner, slots: 2, epoch: 1 });
  const credit = newsOf(broker, 'credit').at(-1)!;
  t.equal(credit.free, 4, 'two tasks for each slot at first');
  broker.holder.tell({ type: 'assign', lease: credit.lease, tasks: tasksNamed('a', 4) });
  await world.pass(1_000);
  t.same(returnedTasks(broker).sort(), ['a/0', 'a/1', 'a/2', 'a/3']);
  let view = {};
  provider.desk.tell({ type: 'show', reply: (it) => (view = it) });
  await world.pass(10);
  t.match(view, { leases: [{ phase: 'active', unacknowledged: 0, returned: 4 }], metered: { succeeded: 4 } });
});
