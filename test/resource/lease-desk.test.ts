/** The two sides of a lease, talking over a network in memory, as the provider's side sees it. */

import t from 'tap';
import type { Task } from '../../src/fabric/index.ts';
import type { DeskView } from '../../src/resource/index.ts';
import { capability, createWorld, leaseOf, newsOf, outputOf, type Provider } from './lease-world.ts';
import { returnedTasks, tasksNamed, type World } from './lease-world.ts';

async function viewOf(world: World, { desk }: Provider): Promise<DeskView> {
  let view: DeskView | undefined;
  desk.tell({ type: 'show', reply: (it) => (view = it) });
  await world.pass(0);
  return view!;
}

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
  const { leases, metered } = await viewOf(world, provider);
  t.match(leases, [{ phase: 'active', unacknowledged: 0, returned: 4 }]);
  t.match(metered, { succeeded: 4, cpuMs: 40, credit: BigInt(0.04 * capability.speed) });
});

t.test('what tasks name is to be had from the broker that assigned them', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const froms = new Set<string | undefined>();
  const output = (task: Task) => {
    froms.add(task.from);
    return outputOf(task);
  };
  const provider = world.provider({ output });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 2) });
  await world.pass(1_000);
  t.same([...froms], [broker.identity.peer]);
});

t.test('a stream that breaks is attached again, and no task runs or returns twice', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 50 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 4) });
  await world.pass(70);
  world.networks.sever(provider.identity.peer, broker.identity.peer);
  await world.pass(2_000);
  t.equal(newsOf(broker, 'attached').length, 1);
  t.equal(newsOf(broker, 'lapsed').length, 0);
  t.same(returnedTasks(broker).sort(), ['a/0', 'a/1', 'a/2', 'a/3']);
  t.equal(provider.given.length, 4);
  t.ok(newsOf(broker, 'credit').at(-1)!.free > 0, 'credit starts anew');
});

t.test('tasks that were on the way when the stream broke are missing from the attached list', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 500 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 2) });
  await world.pass(100);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('b', 2) });
  await world.pass(0);
  world.networks.sever(provider.identity.peer, broker.identity.peer);
  await world.pass(1_000);
  t.same(newsOf(broker, 'attached')[0]?.tasks, ['a/0', 'a/1']);
  t.same(returnedTasks(broker).sort(), ['a/0', 'a/1']);
});

t.test('what a provider returned before it crashed is delivered by the next process', async (t) => {
  const world = createWorld();
  const broker = world.broker({ lapseAfterMs: 60_000 });
  const provider = world.provider({ runMs: 1_000 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 3) });
  await world.pass(10);
  world.networks.partition([provider.identity.peer], [broker.identity.peer]);
  await world.pass(1_800);
  t.equal(returnedTasks(broker).length, 0);
  const next = world.restartProvider(provider);
  world.networks.heal();
  await world.pass(5_000);
  t.same(newsOf(broker, 'attached')[0]?.tasks.length, 2, 'the third one ran when the process died');
  t.same(returnedTasks(broker).sort(), ['a/0', 'a/1']);
  t.equal((await viewOf(world, next)).metered.succeeded, 2, 'credit is remembered, and not counted twice');
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('b', 2) });
  await world.pass(1_000);
  t.equal(returnedTasks(broker).length, 4, 'the lease goes on');
});

t.test('a lease that lapsed is stale: its results are not judged, and a new epoch begins', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 6_000 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 2) });
  await world.pass(100);
  world.networks.partition([provider.identity.peer], [broker.identity.peer]);
  await world.pass(10_000);
  t.match(newsOf(broker, 'lapsed'), [{ lease, reason: /^RESOURCE_LEASE_SILENT/ }]);
  world.networks.heal();
  await world.pass(30_000);
  t.same(returnedTasks(broker), []);
  t.same(
    newsOf(broker, 'opened').map((it) => it.lease.epoch),
    [1, 2],
  );
});

t.test('two brokers share one machine: what is promised never exceeds it', async (t) => {
  const world = createWorld();
  const [first, second] = [world.broker(), world.broker()];
  const provider = world.provider({}, { slots: 3, slotsPerLeaseMax: 2 });
  world.invite(provider, first);
  world.invite(provider, second);
  await world.pass(1_000);
  await world.pass(1_000);
  const slots = [first, second].map((it) => newsOf(it, 'opened')[0]?.lease.slots).sort();
  t.same(slots, [1, 2]);
  for (const broker of [first, second]) {
    const lease = leaseOf(broker, provider.identity.peer);
    broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('same', 2) });
  }
  await world.pass(1_000);
  t.same(returnedTasks(first).sort(), ['same/0', 'same/1'], 'equal names of two brokers do not collide');
  t.same(returnedTasks(second).sort(), ['same/0', 'same/1']);
});

t.test('while the governor suspends the machine no credit is given, and it comes back after', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  provider.desk.tell({ type: 'governed', suspended: true, reason: 'the owner is back' });
  world.invite(provider, broker);
  await world.pass(1_000);
  t.equal(newsOf(broker, 'opened').length, 1);
  t.equal(newsOf(broker, 'credit').length, 0);
  provider.desk.tell({ type: 'governed', suspended: false, reason: 'the owner is away' });
  await world.pass(100);
  t.equal(newsOf(broker, 'credit').at(-1)?.free, 4);
});

t.test('short tasks are asked for in growing numbers', async (t) => {
  const world = createWorld();
  const freed: number[] = [];
  const broker = world.broker({}, (news, holder) => {
    if (news.type === 'returned') {
      holder.tell({ type: 'acknowledge', lease: news.lease, bundle: news.bundle });
    } else if (news.type === 'credit' && news.free > 0) {
      freed.push(news.free);
      if (freed.length < 40) {
        holder.tell({ type: 'assign', lease: news.lease, tasks: tasksNamed(`r${freed.length}`, news.free) });
      }
    }
  });
  const provider = world.provider({ runMs: 1 });
  world.invite(provider, broker);
  await world.pass(5_000);
  t.equal(freed[0], 4);
  t.ok(Math.max(...freed) > 100, `at most ${Math.max(...freed)} at a time`);
});

t.test('a lease without work is released after a while, and a standing broker is asked again', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({}, { lingerMs: 5_000 });
  world.invite(provider, broker);
  await world.pass(4_000);
  t.equal(newsOf(broker, 'lapsed').length, 0);
  broker.holder.tell({ type: 'demand', wanted: false });
  await world.pass(3_000);
  t.match(newsOf(broker, 'lapsed'), [{ reason: /RESOURCE_LEASE_RELEASED.*no work/ }]);
  t.same((await viewOf(world, provider)).leases, []);
  broker.holder.tell({ type: 'demand', wanted: true });
  await world.pass(5_000);
  t.equal(newsOf(broker, 'opened').length, 2);
});

t.test('a task that the policy of the machine refuses fails with the reason and is not run', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  const [task] = tasksNamed('a', 1);
  const limits = { ...task!.common.limits, memoryBytesMax: 3 * 2 ** 30 };
  const tasks = [{ ...task!, common: { ...task!.common, limits } }];
  broker.holder.tell({ type: 'assign', lease: leaseOf(broker, provider.identity.peer), tasks });
  await world.pass(1_000);
  const [returned] = newsOf(broker, 'returned')[0]!.returns;
  t.match(returned, { status: 'failed', failure: { code: 'RESOURCE_POLICY_MEMORY' } });
  t.equal(provider.given.length, 0);
});

t.test('a desk that drains delivers what it has, releases its leases and says so', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 500 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 2) });
  await world.pass(100);
  let done = false;
  provider.desk.tell({ type: 'drain', done: () => (done = true) });
  await world.pass(100);
  t.notOk(done);
  await world.pass(1_000);
  t.ok(done);
  t.equal(returnedTasks(broker).length, 2);
  t.match(newsOf(broker, 'lapsed'), [{ lease, reason: /RESOURCE_LEASE_RELEASED/ }]);
});

t.test('outcomes travel together while others are under way, and at once when none is', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 10 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 4) });
  await world.pass(60);
  t.equal(newsOf(broker, 'returned').length, 1, 'four tasks, two at a time, one bundle');
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('b', 1) });
  await world.pass(30);
  t.equal(newsOf(broker, 'returned').length, 2, 'a lone one does not wait');
});
