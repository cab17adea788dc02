/** The two sides of a lease, talking over a network in memory, as the broker's side sees it. */

import t from 'tap';
import { decode, type Digest, memoryJournal, sha256 } from '../../src/actors/index.ts';
import { newIdentity } from '../../src/connectivity/identity.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import type { Cid, Task } from '../../src/fabric/index.ts';
import {
  decodeSeal,
  leaseProtocol,
  proveReceipt,
  receiptOf,
  verifyReceipt,
} from '../../src/resource/index.ts';
import type { BrokerSays, Epoch, ProviderSays } from '../../src/resource/index.ts';
import { acknowledging, createWorld, leaseOf, newsOf, outputOf } from './lease-world.ts';
import { returnedTasks, tasksNamed } from './lease-world.ts';

t.test('a broker that restarts gets its leases back, and what was returned meanwhile', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 400 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 4) });
  await world.pass(100);
  world.restartBroker(broker);
  const before = broker.news.length;
  await world.pass(3_000);
  const after = broker.news.slice(before);
  t.match(after[0], { type: 'opened', free: 0, lease: { lease, epoch: 1 } });
  const attached = newsOf({ news: after }, 'attached');
  t.same(attached[0]?.tasks.toSorted(), ['a/0', 'a/1', 'a/2', 'a/3']);
  t.same(returnedTasks(broker).sort(), ['a/0', 'a/1', 'a/2', 'a/3']);
  t.ok(newsOf({ news: after }, 'credit').at(-1)!.free > 0);
});

t.test(
  'a bundle that was not acknowledged before a restart is reported again, one that was is not',
  async (t) => {
    const world = createWorld();
    const broker = world.broker({}, () => undefined);
    const provider = world.provider();
    world.invite(provider, broker);
    await world.pass(1_000);
    const lease = leaseOf(broker, provider.identity.peer);
    broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 1) });
    await world.pass(100);
    broker.holder.tell({ type: 'acknowledge', lease, bundle: 1 });
    broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('b', 1) });
    await world.pass(100);
    world.restartBroker(broker, {}, acknowledging);
    await world.pass(3_000);
    t.same(returnedTasks(broker), ['a/0', 'b/0', 'b/0']);
  },
);

t.test('a provider that dies is noticed within the agreed silence', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  world.crashProvider(provider);
  await world.pass(2_900);
  t.equal(newsOf(broker, 'credit').at(-1)?.free, 0, 'no assignments once the stream broke');
  t.equal(newsOf(broker, 'lapsed').length, 0);
  await world.pass(1_350);
  t.match(newsOf(broker, 'lapsed'), [{ lease, provider: provider.identity.peer, owner: provider.owner }]);
});

t.test('a provider that comes back without a memory replaces its lease at once', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  world.crashProvider(provider);
  provider.journal = memoryJournal();
  const next = world.restartProvider(provider);
  world.invite(next, broker);
  await world.pass(1_000);
  t.match(newsOf(broker, 'lapsed'), [{ reason: /RESOURCE_LEASE_REPLACED/ }]);
  t.same(newsOf(broker, 'opened').at(-1)?.lease.epoch, 2);
});

t.test('an output that does not hash to its receipt ends the lease, and leaves evidence', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ claim: () => 'ab'.repeat(32) as Digest });
  world.invite(provider, broker, false);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 1) });
  await world.pass(1_000);
  t.same(returnedTasks(broker), []);
  t.match(newsOf(broker, 'lapsed'), [{ lease, reason: /^RESOURCE_DIGEST_WRONG/ }]);
  const evidence = decode((await broker.journal.get(`holder/evidence/${lease}`))!);
  t.match(evidence, { provider: provider.identity.peer, code: 'RESOURCE_DIGEST_WRONG' });
  const { seal } = evidence as { seal: Uint8Array };
  t.equal(decodeSeal(seal).lease, lease, 'its own signature speaks against it');
});

t.test('a bundle that its provider did not sign ends the lease', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const stranger = newIdentity();
  let honest = true;
  const provider = world.provider({
    sign: (bytes) => (honest ? provider.identity : stranger).signer.sign(bytes),
  });
  world.invite(provider, broker, false);
  await world.pass(1_000);
  honest = false;
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 1) });
  await world.pass(1_000);
  t.same(returnedTasks(broker), []);
  t.match(newsOf(broker, 'lapsed'), [{ reason: /^RESOURCE_SIGNATURE_WRONG/ }]);
});

t.test('the kept form of a bundle proves each receipt to anyone', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 3) });
  await world.pass(1_000);
  for (const { returns, receipt } of newsOf(broker, 'returned')) {
    for (const returned of returns) {
      const proof = proveReceipt(receiptOf(lease, 1 as Epoch, returned), decodeSeal(receipt));
      t.ok(proof && verifyReceipt(proof, provider.identity.peer, verifySignature));
    }
  }
});

t.test('outputs by address are fetched before they are reported; what nobody has failed', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const bytes = new Uint8Array(50_000).fill(7);
  const cid = await world.blocks.put(bytes);
  const missing = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' as Cid;
  const provider = world.provider({
    output: (task: Task) => {
      const at = task.args[0] === '0' ? cid : missing;
      const content = { cid: at, bytes: bytes.length, sha256: sha256(bytes) };
      return { ...outputOf(task), files: [{ path: 'out', content }] };
    },
  });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 2) });
  await world.pass(70_000);
  const returns = newsOf(broker, 'returned').flatMap((it) => it.returns);
  t.match(
    returns.find(({ task }) => task === 'a/0'),
    { status: 'succeeded' },
  );
  const failed = returns.find(({ task }) => task === 'a/1');
  t.match(failed, { status: 'failed', digest: '', failure: { code: 'RESOURCE_OUTPUT_UNAVAILABLE' } });
  t.ok(await broker.store.has(cid));
});

t.test('a fetched output that is not what was signed ends the lease', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const bytes = new Uint8Array(50_000).fill(7);
  const cid = await world.blocks.put(bytes);
  const content = { cid, bytes: bytes.length, sha256: 'cd'.repeat(32) as Digest };
  const provider = world.provider({
    output: (task) => ({ ...outputOf(task), files: [{ path: 'out', content }] }),
  });
  world.invite(provider, broker, false);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 1) });
  await world.pass(1_000);
  t.same(returnedTasks(broker), []);
  t.match(newsOf(broker, 'lapsed'), [{ reason: /^RESOURCE_DIGEST_WRONG/ }]);
});

t.test('an excluded owner loses its leases and gets none, after a restart too', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  broker.holder.tell({ type: 'exclude', owner: provider.owner, reason: 'it lied' });
  await world.pass(10_000);
  t.match(newsOf(broker, 'lapsed'), [{ reason: /^RESOURCE_OWNER_EXCLUDED/ }]);
  world.restartBroker(broker);
  await world.pass(20_000);
  t.equal(newsOf(broker, 'opened').length, 1);
});

t.test('the end of a lease is told again after a restart, in case the customer died with it', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker, false);
  await world.pass(1_000);
  world.crashProvider(provider);
  await world.pass(10_000);
  t.equal(newsOf(broker, 'lapsed').length, 1);
  world.restartBroker(broker);
  await world.pass(1_000);
  t.equal(newsOf(broker, 'lapsed').length, 2);
  await world.pass(11 * 60_000);
  world.restartBroker(broker);
  await world.pass(1_000);
  t.equal(newsOf(broker, 'lapsed').length, 2, 'but not for ever');
});

t.test('assignments beyond the credit wait for it', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider({ runMs: 100 });
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  broker.holder.tell({ type: 'assign', lease, tasks: tasksNamed('a', 10) });
  await world.pass(50);
  t.equal(provider.given.length, 4);
  await world.pass(5_000);
  t.equal(returnedTasks(broker).length, 10);
});

t.test('a stranger that names the lease of another is told it is stale', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(1_000);
  const lease = leaseOf(broker, provider.identity.peer);
  const stranger = world.networks.join(newIdentity().peer);
  const heard: BrokerSays[] = [];
  const listener = {
    received: (said: readonly BrokerSays[]) => heard.push(...said),
    closed: () => undefined,
  };
  const dialled = stranger.dial(broker.identity.peer, leaseProtocol, listener as never, {
    signal: new AbortController().signal,
  });
  await world.pass(100);
  const channel = await dialled;
  const epoch = 1 as Epoch;
  const says: ProviderSays[] = [
    { type: 'attach', lease, epoch, received: 0, tasks: [] },
    { type: 'release', lease, epoch, reason: 'mine now' },
  ];
  for (const message of says) channel.send(message);
  await world.pass(100);
  t.same(heard, [
    { type: 'stale', lease, epoch },
    { type: 'stale', lease, epoch },
  ]);
  t.equal(newsOf(broker, 'lapsed').length, 0);
});
