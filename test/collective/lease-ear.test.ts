/** What leases tell, and what a broker makes of it. */

import t from 'tap';
import { SECOND_MS } from '../../src/actors/index.ts';
import type { TaskId } from '../../src/fabric/index.ts';
import type { LeaseNews, Return } from '../../src/resource/index.ts';
import { BrokerWorld, silent } from './fakes/broker-world.ts';
import { digest, leaseView, output, quorumOf, sampleSpec, USAGE } from './fakes/samples.ts';

const single = sampleSpec({ quorum: quorumOf(1) });
const { lease, provider, owner } = leaseView('ann', 2);

async function running(units: number): Promise<BrokerWorld> {
  const world = new BrokerWorld({ units });
  world.provide('ann', { run: silent(), slots: 2 });
  await world.submit(single);
  await world.run();
  return world;
}

function returned(bundle: number, ...returns: Return[]): LeaseNews {
  return { type: 'returned', lease, provider, owner, bundle, returns, receipt: new Uint8Array([bundle]) };
}

function result(task: string, text = 'right'): Return {
  return {
    task: task as TaskId,
    status: 'succeeded',
    digest: digest(text),
    usage: USAGE,
    output: output(text),
  };
}

const acknowledged = (world: BrokerWorld) =>
  world.leases.told.flatMap((mail) => (mail.type === 'acknowledge' ? [mail.bundle] : []));

t.test('a bundle is judged, its receipt kept, and acknowledged', async (t) => {
  const world = await running(1);
  world.broker.tell(returned(1, result('b1/0.0')));
  await world.run();
  t.same(acknowledged(world), [1]);
  t.ok(await world.journal.get(`receipt/${lease}/1`));
  t.match(await world.show(single), { counts: { agreed: 1 } });
});

t.test('a bundle that comes again counts once and is acknowledged again', async (t) => {
  const world = await running(2);
  world.broker.tell(returned(1, result('b1/0.0')));
  world.broker.tell(returned(1, result('b1/0.0')));
  await world.run();
  t.same(acknowledged(world), [1, 1]);
  t.match(await world.show(single), { counts: { agreed: 1, replicasReturned: 1 } });
});

t.test('results of tasks that were never given are acknowledged and forgotten', async (t) => {
  const world = await running(1);
  world.broker.tell(
    returned(1, result('b1/0.7'), result('b1/99.0'), result('other/0.0'), result('nonsense')),
  );
  await world.run();
  t.same(acknowledged(world), [1]);
  t.match(await world.show(single), { counts: { agreed: 0 } });
});

t.test('two receipts for one task with different digests are evidence', async (t) => {
  const pair = sampleSpec({ quorum: quorumOf(3) });
  const world = new BrokerWorld({ units: 1 });
  world.provide('ann', { run: silent() });
  await world.submit(pair);
  world.broker.tell(returned(1, result('b1/0.0')));
  world.broker.tell(returned(2, result('b1/0.0', 'wrong')));
  await world.run();
  t.ok(await world.journal.get(`evidence/${owner}/b1/0.0`));
  t.ok(world.leases.excluded.has(owner));
});

t.test('what a provider came back without is given out again, what nobody wants is cancelled', async (t) => {
  const world = await running(2);
  world.broker.tell({ type: 'attached', lease, tasks: ['b1/1.0', 'b1/5.0'] as TaskId[], free: 1 });
  await world.run();
  t.match(await world.show(single), { counts: { replicasLost: 1 } });
  const cancelled = world.leases.told.flatMap((mail) => (mail.type === 'cancel' ? mail.tasks : []));
  t.same(cancelled, ['b1/5.0']);
});

t.test('a lapsed lease frees what it had', async (t) => {
  const world = await running(2);
  world.leases.lapse(lease);
  world.provide('bob');
  await world.wait(SECOND_MS);
  t.match(await world.show(single), { phase: 'done', counts: { agreed: 2, replicasLost: 2 } });
});

t.test('what a failed program said is kept short', async (t) => {
  const world = new BrokerWorld({ units: 1 });
  const failure = {
    code: 'FABRIC_TASK_TRAPPED',
    message: 'm'.repeat(900),
    stderr: `${'e'.repeat(4_000)}end`,
  };
  const run = () => ({
    said: { status: 'failed' as const, digest: '' as const, usage: USAGE, failure },
    afterMs: 1,
  });
  world.provide('ann', { run });
  await world.submit(single);
  await world.wait(SECOND_MS);
  const [replica] = (await world.results(single))[0]!.replicas;
  t.equal(replica?.message?.length, 512);
  t.equal(replica?.stderr?.length, 1_024);
  t.ok(replica?.stderr?.endsWith('end'));
});
