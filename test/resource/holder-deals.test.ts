/** A lease under a deal, over a network and a chain in memory, as its broker sees it. */

import t from 'tap';
import { type Context, createCommitPipeline, decode, type Digest } from '../../src/actors/index.ts';
import { memoryJournal } from '../../src/actors/index.ts';
import type { PeerId } from '../../src/connectivity/index.ts';
import { commitTo, type Epoch, type LeaseId, type Return } from '../../src/resource/index.ts';
import { provesLeaf, readCommitment, testimonyOf, unitKeyOf } from '../../src/resource/index.ts';
import { bundleLeaf } from '../../src/resource/commitment.ts';
import { loadDealRows } from '../../src/resource/deal-store.ts';
import { resourceErrors } from '../../src/resource/errors.ts';
import { HeldLeases } from '../../src/resource/held-lease.ts';
import { HolderDeals } from '../../src/resource/holder-deals.ts';
import type { BrokerLink } from '../../src/resource/holder-mail.ts';
import type { VouchedMail } from '../../src/resource/holder-payments.ts';
import { agent, domain, stranger, word } from './deal-papers.ts';
import { returnFor } from './lease-model.ts';
import {
  type Broker,
  leaseOf,
  newsOf,
  outputOf,
  type Provider,
  returnedTasks,
  tasksNamed,
} from './lease-world.ts';
import { PaidWorld } from './paid-world.ts';

async function working(paid: PaidWorld, broker: Broker, provider: Provider) {
  paid.world.invite(provider, broker);
  await paid.world.pass(2_000);
  return leaseOf(broker, provider.identity.peer);
}

/** What it was promised, by its journal. */
async function vouchersOf({ journal }: Provider): Promise<(bigint | undefined)[]> {
  const { records } = await loadDealRows(journal);
  return records.map(({ voucher }) => voucher?.voucher.amount);
}

/** Codes of the declines that a provider met. */
const declined = ({ events }: Provider) =>
  events.filter((it) => it.topic === 'lease.declined').map((it) => it.details?.['code']);

t.test(
  'who joined and what is owed is told, once more after a restart, and never counted twice',
  async (t) => {
    const paid = await new PaidWorld().open();
    const broker = paid.broker();
    const provider = paid.provider({}, undefined, { runMs: 300 });
    const lease = await working(paid, broker, provider);
    const account = paid.vendors[0]!.account.account;
    t.match(newsOf(broker, 'joined'), [{ lease, deal: paid.deal, provider: account, acceptance: '0x' }]);
    broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 4) });
    await paid.world.pass(400);
    paid.restartBroker(broker);
    const before = broker.news.length;
    await paid.world.pass(6_000);
    const after = { news: broker.news.slice(before) };
    t.match(newsOf(after, 'opened'), [{ lease: { lease, deal: paid.deal } }]);
    t.match(newsOf(after, 'joined'), [{ lease, provider: account }]);
    t.equal(new Set(returnedTasks(broker)).size, 4);
    t.equal(newsOf(broker, 'owed').at(-1)?.amount, 1_200n);
  },
);

t.test('an account is believed when worker and registry say so', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const [first, second] = paid.vendors;
  const unknown = paid.provider({}, { account: stranger, worker: second!.worker });
  const forged = paid.provider({}, { account: first!.account, worker: stranger });
  for (const provider of [unknown, forged]) paid.world.invite(provider, broker);
  await paid.world.pass(3_000);
  t.same(newsOf(broker, 'opened'), []);
  for (const provider of [unknown, forged]) t.ok(declined(provider).includes('RESOURCE_ACCOUNT_INVALID'));
});

t.test('an account works for one node at a time under a deal; another account beside it', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const [first, second] = [paid.provider(), paid.provider()];
  await working(paid, broker, first);
  paid.world.invite(second, broker);
  await paid.world.pass(3_000);
  t.ok(declined(second).includes('RESOURCE_ACCOUNT_IN_USE'));
  const other = paid.provider({}, paid.vendors[1]);
  await working(paid, broker, other);
  t.equal(newsOf(broker, 'opened').length, 2);
});

t.test('paid work goes to no volunteer; other work goes to whoever takes it', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const volunteer = paid.world.provider();
  paid.world.invite(volunteer, broker);
  await paid.world.pass(2_000);
  t.ok(declined(volunteer).includes('RESOURCE_NO_WORK'));
  broker.holder.tell({ type: 'demand', wanted: true, deals: [] });
  const vendor = paid.provider();
  paid.world.invite(vendor, broker);
  await paid.world.pass(10_000);
  t.ok(vendor.events.some((it) => /works only under a deal/.test(it.fault?.message ?? '')));
  t.match(newsOf(broker, 'opened'), [{ lease: { provider: volunteer.identity.peer } }]);
  t.notOk(newsOf(broker, 'opened')[0]?.lease.deal);
});

t.test('a deal that takes no more work is paid to its end', async (t) => {
  const paid = await new PaidWorld().open();
  const broker = paid.broker();
  const provider = paid.provider();
  const lease = await working(paid, broker, provider);
  broker.holder.tell({ type: 'unfund', deal: paid.deal });
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 2) });
  await paid.world.pass(1_000);
  t.equal(newsOf(broker, 'owed').at(-1)?.amount, 20n);
  t.equal(provider.events.filter(({ topic }) => topic === 'lease.left').length, 0);
  t.same(newsOf(broker, 'lapsed'), []);
  await paid.world.pass(2_000);
  t.match(newsOf(broker, 'lapsed'), [{ lease, reason: /takes no more work/ }], 'its slots are free');
  t.same(await vouchersOf(provider), [20n]);
  const late = paid.provider({}, paid.vendors[1]);
  paid.world.invite(late, broker);
  await paid.world.pass(2_000);
  t.ok(declined(late).includes('RESOURCE_NO_WORK'));
});

t.test('the word of a worker on each bundle is kept, and proves what it said of a unit', async (t) => {
  const paid = await new PaidWorld({ stakeLock: 100n }).open();
  const broker = paid.broker();
  const provider = paid.provider();
  const lease = await working(paid, broker, provider);
  const tasks = tasksNamed('a', 3);
  broker.holder.tell({ type: 'assign', lease, tasks });
  await paid.world.pass(5_000);
  const [returned] = newsOf(broker, 'returned');
  const kept = (await readCommitment(broker.journal, lease, returned!.bundle))!;
  t.match(kept.commitment, { deal: paid.deal, provider: paid.vendors[0]!.account.account, number: 1 });
  for (const { task, digest } of returned!.returns) {
    const unit = unitKeyOf(tasks.find(({ id }) => id === task)!);
    const testimony = testimonyOf(kept, unit)!;
    t.equal(testimony.digest, `0x${digest}`);
    t.ok(provesLeaf(bundleLeaf(unit, testimony.digest), testimony.proof, kept.root));
  }
  t.equal(await readCommitment(broker.journal, lease, 99), undefined);
});

t.test('a commitment that its worker did not sign ends the lease, and leaves evidence', async (t) => {
  const paid = await new PaidWorld({ stakeLock: 100n }).open();
  const broker = paid.broker();
  let honest = true;
  const { account, worker } = paid.vendors[0]!;
  const moody = {
    ...worker,
    signTyped: (data: Parameters<typeof worker.signTyped>[0]) => (honest ? worker : stranger).signTyped(data),
  };
  const provider = paid.provider({}, { account, worker: moody });
  const lease = await working(paid, broker, provider);
  honest = false;
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 1) });
  await paid.world.pass(5_000);
  t.match(newsOf(broker, 'lapsed')[0], { lease, reason: /^RESOURCE_COMMITMENT_WRONG.*did not sign/ });
  t.match(decode((await broker.journal.get(`holder/evidence/${lease}`))!), {
    code: 'RESOURCE_COMMITMENT_WRONG',
  });
  t.equal(newsOf(broker, 'owed').length, 0);
  const reason = 'it is missing';
  t.match(resourceErrors.RESOURCE_COMMITMENT_WRONG({ bundle: 1, lease, reason }).message, reason);
});

t.test('a commitment under a number that was used, or to other units, is not taken', async (t) => {
  const paid = await new PaidWorld({ stakeLock: 100n }).open();
  const { world, deal, terms } = paid;
  const { account, worker } = paid.vendors[0]!;
  const paper = paid.paymentsOf('p' as PeerId, paid.vendors[0]!).account;
  const accused: string[] = [];
  const pipeline = createCommitPipeline<() => void>({ journal: memoryJournal(), perform: (it) => it() });
  const leases = new HeldLeases();
  const context = { clock: world.clock } as unknown as Context<VouchedMail<BrokerLink>>;
  const payments = { domain, agent, ledger: paid.chain.connect('broker') };
  const deals = new HolderDeals<BrokerLink>(payments, context, {
    pipeline,
    leases,
    tell: () => undefined,
    step: () => undefined,
    accuse: ({ fault }) => void accused.push(String(fault.details['reason'])),
    offered: () => undefined,
  });
  const held = deals.granted('l' as LeaseId, { deal, terms, account: paper });
  const tasks = tasksNamed('a', 2);
  deals.sent(held, tasks);
  const committer = { deal, provider: account.account, worker, domain };
  const flawed = (bundle: number, number: number, task = tasks[0]!, unit = unitKeyOf(task)) => {
    const digest = 'ab'.repeat(32) as Digest;
    const returns: Return[] = [
      { ...returnFor(task.id), status: 'succeeded', digest, output: outputOf(task) },
    ];
    const commitment = commitTo({ number: bundle, returns }, [unit], { number, salt: word(1) }, committer)!;
    held.claimed.set(bundle, commitment);
    const signature = new Uint8Array(64);
    return deals.isFlawed(held, {
      lease: 'l' as LeaseId,
      epoch: 1 as Epoch,
      number: bundle,
      returns,
      signature,
    });
  };
  t.notOk(flawed(1, 1));
  t.ok(flawed(2, 1, tasks[1]));
  t.ok(flawed(3, 2, tasks[1], word(5)));
  t.notOk(flawed(4, 2, tasks[1]));
  t.same(accused, ['its number was used before', 'it calls a/1 another unit']);
});
