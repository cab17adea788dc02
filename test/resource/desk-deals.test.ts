/** A lease under a deal, over a network and a chain in memory, as its provider sees it. */

import t from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import type { HotSigner } from '../../src/connectivity/index.ts';
import type { DeskPayments, DeskView } from '../../src/resource/index.ts';
import { agent, stranger } from './deal-papers.ts';
import { type Broker, leaseOf, newsOf, type Provider, returnedTasks, tasksNamed } from './lease-world.ts';
import { PaidWorld, UNPAID_MAX } from './paid-world.ts';

async function viewOf({ world }: PaidWorld, { desk }: Provider): Promise<DeskView['leases'][number]> {
  let view: DeskView | undefined;
  desk.tell({ type: 'show', reply: (it) => (view = it) });
  await world.pass(0);
  return view!.leases[0]!;
}

/** A lease under the deal that is in use. */
async function working(paid: PaidWorld, broker: Broker, provider: Provider) {
  paid.world.invite(provider, broker);
  await paid.world.pass(2_000);
  return leaseOf(broker, provider.identity.peer);
}

function assign(broker: Broker, provider: Provider, name: string, count: number): void {
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed(name, count) });
}

const codesOf = (provider: Provider, topic: string) =>
  provider.events.filter((it) => it.topic === topic).map((it) => it.fault?.code);

t.test('work under a deal is owed, vouchered and covered to the last unit', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const provider = paid.provider();
  await working(paid, broker, provider);
  t.match(newsOf(broker, 'opened')[0]?.lease, { deal: paid.deal });
  assign(broker, provider, 'a', 4);
  await paid.world.pass(3_000);
  t.equal(returnedTasks(broker).length, 4);
  const { deal } = await viewOf(paid, provider);
  t.match(deal, { deal: paid.deal, owed: 40n, vouchered: 40n, allocated: 50_000n, withheld: null });
  t.match(newsOf(broker, 'owed').at(-1), { deal: paid.deal, amount: 40n });
});

t.test('nothing is asked for before the chain is read, nor while it stands still', async (t) => {
  const paid = await new PaidWorld().open();
  paid.chain.halt();
  const broker = paid.broker();
  const provider = paid.provider();
  await working(paid, broker, provider);
  t.equal(newsOf(broker, 'credit').length, 0);
  const { deal } = await viewOf(paid, provider);
  t.match(deal?.withheld, { code: 'RESOURCE_CHAIN_UNHEALTHY' });
  paid.chain.resume();
  await paid.world.pass(6_000);
  t.ok(newsOf(broker, 'credit').at(-1)!.free > 0);
  t.same(codesOf(provider, 'deal.withheld'), ['RESOURCE_CHAIN_UNHEALTHY']);
});

t.test('before it is allocated anything it works within what it does unpaid, and no further', async (t) => {
  const paid = await new PaidWorld().open();
  paid.allocation = 0n;
  const broker = paid.broker();
  const provider = paid.provider({}, undefined, { runMs: 900 });
  await working(paid, broker, provider);
  assign(broker, provider, 'a', 12);
  await paid.world.pass(5_000);
  const { deal, running } = await viewOf(paid, provider);
  t.equal(deal?.owed, 3_600n);
  t.ok(deal!.owed <= UNPAID_MAX);
  t.ok(running > 0, 'the rest waits');
  t.equal(deal?.withheld?.code, 'RESOURCE_UNPAID');
  await paid.allocate(broker, paid.vendors[0]!, 50_000n);
  await paid.world.pass(10_000);
  t.equal(returnedTasks(broker).length, 12);
  t.match((await viewOf(paid, provider)).deal, { owed: 10_800n, vouchered: 10_800n, withheld: null });
});

t.test('vouchers that are forged or repeated are worth nothing, and a broker of such is left', async (t) => {
  let mood: 'honest' | 'forging' | 'repeating' = 'honest';
  let last = agent.signTyped;
  const moody: HotSigner = {
    ...agent,
    signTyped(data) {
      if (mood === 'forging') return stranger.signTyped(data);
      const signature = mood === 'repeating' ? last(data) : agent.signTyped(data);
      last = () => signature;
      return signature;
    },
  };
  for (const dishonest of ['forging', 'repeating'] as const) {
    mood = 'honest';
    const paid = await new PaidWorld().open();
    const broker = paid.broker({ agent: moody });
    const provider = paid.provider({}, undefined, { runMs: 900 });
    const lease = await working(paid, broker, provider);
    assign(broker, provider, 'a', 2);
    await paid.world.pass(4_000);
    t.match((await viewOf(paid, provider)).deal, { owed: 1_800n, vouchered: 1_800n });
    mood = dishonest;
    assign(broker, provider, 'b', 12);
    await paid.world.pass(6_000);
    const { deal } = await viewOf(paid, provider);
    t.equal(deal?.vouchered, 1_800n);
    t.ok(deal!.owed <= 1_800n + UNPAID_MAX);
    t.equal(deal?.withheld?.code, 'RESOURCE_UNPAID');
    t.ok(codesOf(provider, 'deal.voucher-refused').includes('RESOURCE_VOUCHER_REFUSED'));
    await paid.world.pass(8_000);
    t.match(newsOf(broker, 'lapsed'), [{ lease, reason: /RESOURCE_LEASE_RELEASED.*owes/ }]);
  }
});

t.test('a voucher for more than is allocated is believed when the chain says so, not before', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const provider = paid.provider();
  const lease = await working(paid, broker, provider);
  broker.holder.tell({ type: 'promise', lease, amount: 50_001n, bundles: 0 });
  await paid.world.pass(1_000);
  t.equal((await viewOf(paid, provider)).deal?.vouchered, 0n);
  t.same(codesOf(provider, 'deal.voucher-refused'), ['RESOURCE_VOUCHER_REFUSED']);
  await paid.allocate(broker, paid.vendors[0]!, 1n);
  broker.holder.tell({ type: 'promise', lease, amount: 50_001n, bundles: 0 });
  await paid.world.pass(1_000);
  t.equal((await viewOf(paid, provider)).deal?.vouchered, 50_001n);
});

t.test('a voucher that comes before the news of its allocation waits for the chain to be read', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const ledger = paid.chain.connect('deaf');
  const deaf: DeskPayments['ledger'] = {
    health: () => ledger.health(),
    deal: (deal) => ledger.deal(deal),
    share: (deal, provider) => ledger.share(deal, provider),
    stake: (provider) => ledger.stake(provider),
    providerOf: (worker) => ledger.providerOf(worker),
    follow: () => () => undefined,
  };
  const provider = paid.provider({ ledger: deaf });
  const lease = await working(paid, broker, provider);
  await paid.world.pass(6_000);
  t.match((await viewOf(paid, provider)).deal, { allocated: 50_000n }, 'it looks by itself');
  await paid.allocate(broker, paid.vendors[0]!, 10_000n);
  broker.holder.tell({ type: 'promise', lease, amount: 60_000n, bundles: 0 });
  await paid.world.pass(100);
  t.match((await viewOf(paid, provider)).deal, { allocated: 60_000n, vouchered: 60_000n });
  t.same(codesOf(provider, 'deal.voucher-refused'), []);
});

t.test('a voucher is relied on once it is on the disk, not before', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const provider = paid.provider();
  const lease = await working(paid, broker, provider);
  const { promise: disk, resolve } = Promise.withResolvers<void>();
  const commit = provider.journal.commit.bind(provider.journal);
  provider.journal.commit = (rows) => disk.then(() => commit(rows));
  broker.holder.tell({ type: 'promise', lease, amount: 5n, bundles: 0 });
  await paid.world.pass(100);
  t.equal((await viewOf(paid, provider)).deal?.vouchered, 0n);
  resolve();
  await paid.world.pass(100);
  t.equal((await viewOf(paid, provider)).deal?.vouchered, 5n);
});

t.test('a provider without work stays until it is paid, within bounds', async (t) => {
  const paid = new PaidWorld();
  paid.allocation = 30n;
  await paid.open();
  const broker = paid.broker();
  const [short, full] = [paid.provider(), paid.provider({}, paid.vendors[1])];
  const left = ({ events }: Provider) => events.some(({ topic }) => topic === 'lease.left');
  const lease = await working(paid, broker, short);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 4) });
  await paid.world.pass(60_000);
  t.notOk(left(short), '10 are owed beyond what is allocated');
  paid.allocation = 30n;
  await working(paid, broker, full);
  await paid.allocate(broker, paid.vendors[0]!, 30n);
  await paid.world.pass(10_000);
  t.match((await viewOf(paid, short)).deal, { owed: 40n, vouchered: 40n });
  await paid.world.pass(30_000);
  t.ok(left(short));
  t.ok(left(full), 'it had no work, and nothing to wait for');
});

t.test('a provider that is killed remembers what it is owed and what it has', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const provider = paid.provider({}, undefined, { runMs: 500 });
  await working(paid, broker, provider);
  assign(broker, provider, 'a', 2);
  await paid.world.pass(3_000);
  assign(broker, provider, 'b', 2);
  await paid.world.pass(100);
  paid.world.networks.partition([provider.identity.peer], [broker.identity.peer]);
  await paid.world.pass(800);
  const next = paid.world.restartProvider(provider, { runMs: 500 });
  paid.world.networks.heal();
  await paid.world.pass(1);
  t.match((await viewOf(paid, next)).deal, { owed: 2_000n, vouchered: 1_000n }, 'before it has talked');
  await paid.world.pass(6_000);
  t.equal(returnedTasks(broker).length, 4);
  t.match((await viewOf(paid, next)).deal, { owed: 2_000n, vouchered: 2_000n, withheld: null });
  assign(broker, provider, 'c', 2);
  await paid.world.pass(3_000);
  t.match((await viewOf(paid, next)).deal, { owed: 3_000n, vouchered: 3_000n });
});

t.test('a provider without a memory is told what it was owed, and is not paid for it again', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const provider = paid.provider();
  await working(paid, broker, provider);
  assign(broker, provider, 'a', 4);
  await paid.world.pass(3_000);
  paid.world.crashProvider(provider);
  provider.journal = memoryJournal();
  const next = paid.world.restartProvider(provider);
  paid.world.invite(next, broker);
  await paid.world.pass(2_000);
  assign(broker, next, 'b', 1);
  await paid.world.pass(3_000);
  t.match((await viewOf(paid, next)).deal, { owed: 50n, vouchered: 50n });
});

t.test('a deal that this machine does not want ends the lease with the reason', async (t) => {
  for (const [change, code] of [
    [{ stakeLock: 501n }, /RESOURCE_GRANT_INVALID/],
    [{ stakeLock: 400n }, /RESOURCE_STAKE_SHORT/],
  ] as const) {
    const paid = await new PaidWorld(change).open(300n);
    const broker = paid.broker();
    const provider = paid.provider();
    paid.world.invite(provider, broker);
    await paid.world.pass(2_000);
    t.equal(newsOf(broker, 'joined').length, 0, 'and its stake cannot be locked');
    t.ok(provider.events.some((it) => code.test(it.fault?.code ?? '')));
  }
});

t.test('where stake is locked each bundle has a commitment, over breaks and crashes', async (t) => {
  const paid = await new PaidWorld({ stakeLock: 100n }).open();
  const broker = paid.broker();
  const provider = paid.provider({}, undefined, { runMs: 500 });
  await working(paid, broker, provider);
  t.match(newsOf(broker, 'joined'), [{ deal: paid.deal, acceptance: /^0x[0-9a-f]{130}$/ }]);
  assign(broker, provider, 'a', 3);
  await paid.world.pass(100);
  paid.world.networks.partition([provider.identity.peer], [broker.identity.peer]);
  await paid.world.pass(3_000);
  const next = paid.world.restartProvider(provider, { runMs: 500 });
  paid.world.networks.heal();
  await paid.world.pass(6_000);
  t.ok(returnedTasks(broker).length >= 2);
  t.same(newsOf(broker, 'lapsed'), []);
  assign(broker, next, 'b', 1);
  await paid.world.pass(6_000);
  const { deal } = await viewOf(paid, next);
  t.equal(deal?.owed, deal?.vouchered);
});

t.test('a promise on a condition makes room for the work that it is for', async (t) => {
  const paid = await new PaidWorld({ stakeLock: 100n }).open();
  const broker = paid.broker();
  const provider = paid.provider({}, undefined, { runMs: 900 });
  const lease = await working(paid, broker, provider);
  broker.holder.tell({ type: 'promise', lease, amount: 20_000n, bundles: 1 });
  assign(broker, provider, 'a', 12);
  await paid.world.pass(20_000);
  t.equal(returnedTasks(broker).length, 12, 'more than is done unpaid');
  t.match((await viewOf(paid, provider)).deal, { owed: 10_800n, vouchered: 20_000n });
  broker.holder.tell({ type: 'promise', lease, amount: 30_000n, bundles: 99 });
  await paid.world.pass(1_000);
  t.match((await viewOf(paid, provider)).deal, { vouchered: 20_000n }, 'one that it could not meet');
});
