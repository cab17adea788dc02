/** What people ask of a broker. */

import t from 'tap';
import { SECOND_MS } from '../../src/actors/index.ts';
import type { BatchId, BatchView } from '../../src/collective/batch.ts';
import type { Explanation, ProviderView } from '../../src/collective/broker-mail.ts';
import { BrokerWorld, failing, honest, silent } from './fakes/broker-world.ts';
import { quorumOf, sampleSpec } from './fakes/samples.ts';

const pair = sampleSpec();
const single = sampleSpec({ quorum: quorumOf(1) });

t.test('a batch known already, one that can never end, and an unknown one are refused', async (t) => {
  const world = new BrokerWorld();
  await world.submit(single);
  await t.rejects(world.submit(single), { code: 'COLLECTIVE_BATCH_KNOWN' });
  const never = sampleSpec({ batch: 'b2' as BatchId, quorum: quorumOf(0) });
  await t.rejects(world.submit(never), { code: 'COLLECTIVE_BATCH_RULE' });
  await t.rejects(world.show(never), { code: 'COLLECTIVE_BATCH_UNKNOWN' });
});

t.test('a broker runs so many batches at a time, and says when it is full', async (t) => {
  const world = new BrokerWorld({ units: 1 });
  const specOf = (number: number) => sampleSpec({ batch: `b${number}` as BatchId });
  for (let number = 0; number < 256; number += 1) await world.submit(specOf(number));
  await t.rejects(world.submit(specOf(256)), { code: 'COLLECTIVE_BROKER_FULL', retry: true });
  const all = await world.ask<readonly BatchView[]>((reply) => ({ type: 'list', reply }));
  t.equal(all.length, 256);
});

t.test('a cancelled batch stops its replicas, and only once', async (t) => {
  const world = new BrokerWorld({ units: 2 });
  world.provide('ann', { run: silent() });
  await world.submit(single);
  const cancel = (batch = single.batch) =>
    world.ask<BatchView>((reply) => ({ type: 'cancel', batch, reason: 'enough', reply }));
  t.match(await cancel(), { phase: 'cancelled', reason: 'enough', counts: { cancelled: 2 } });
  t.ok(world.leases.told.some((mail) => mail.type === 'cancel' && mail.tasks.length === 2));
  await t.rejects(cancel(), { code: 'COLLECTIVE_BATCH_ENDED' });
  await t.rejects(cancel('never' as BatchId), { code: 'COLLECTIVE_BATCH_UNKNOWN' });
});

t.test('a batch of which nothing could be verified says so', async (t) => {
  const world = new BrokerWorld({ units: 1 });
  world.provide('ann', { run: failing(5) });
  await world.submit(single);
  await world.wait(SECOND_MS);
  const { phase, reason } = await world.show(single);
  t.equal(phase, 'failed');
  t.match(reason, /none of the 1 units of batch b1 has a verified result/, 'COLLECTIVE_BATCH_WITHOUT_RESULT');
});

t.test('explains why a unit waits, where it runs, and what it came to', async (t) => {
  const world = new BrokerWorld({ units: 2 });
  await world.submit(pair);
  const explain = (unit: number, batch = pair.batch) =>
    world.ask<Explanation>((reply) => ({ type: 'explain', batch, unit: unit as never, reply }));
  t.match(await explain(0), {
    state: 'waiting',
    reasons: [/0 results are here/, /2 more/, /no provider is here/],
  });
  world.provide('ann', { run: honest(1_000) });
  await world.wait(10);
  t.match(await explain(0), {
    state: 'waiting',
    replicas: [{ provider: 'peer-ann', state: 'running' }],
    candidates: [{ provider: 'peer-ann', score: null, reasons: [/has a replica of this unit already/] }],
  });
  world.provide('bob', { run: honest(10) });
  await world.wait(10 * SECOND_MS);
  t.match(await explain(0), { state: 'agreed', reasons: [/2 equal results/] });
  await t.rejects(explain(2), { code: 'COLLECTIVE_UNIT_UNKNOWN' });
  await t.rejects(explain(0, 'never' as BatchId), { code: 'COLLECTIVE_BATCH_UNKNOWN' });
});

t.test('providers are listed with what they run and what is known of their owners', async (t) => {
  const world = new BrokerWorld({ units: 4 });
  world.provide('ann', { run: silent() });
  await world.submit(single);
  await world.wait(SECOND_MS);
  const views = () => world.ask<readonly ProviderView[]>((reply) => ({ type: 'directory', reply }));
  t.match(await views(), [{ provider: 'peer-ann', owner: 'owner-ann', running: 3, excluded: null }]);
  for (const lease of world.leases.held.keys()) world.leases.lapse(lease);
  await world.run();
  t.match(await views(), [{ provider: 'peer-ann', lease: null, running: 0, lost: 3 }]);
  world.crash();
  await world.run();
  t.match(await views(), [{ provider: 'peer-ann', lease: null, lost: 3 }], 'also after a restart');
});
