import fc from 'fast-check';
import t from 'tap';
import { SECOND_MS } from '../../src/actors/index.ts';
import type { BatchId, BatchView, UnitIndex } from '../../src/collective/batch.ts';
import type { Explanation, ProviderView } from '../../src/collective/broker-mail.ts';
import { BrokerWorld, failing, honest, lying, silent, truth } from './fakes/broker-world.ts';
import type { DealId } from '../../src/resource/index.ts';
import { unitSeed } from '../../src/collective/task-name.ts';
import { terms } from '../resource/deal-papers.ts';
import { digest, leaseView, quorumOf, sampleSpec } from './fakes/samples.ts';

const pair = sampleSpec();
const single = sampleSpec({ quorum: quorumOf(1) });

t.test('a batch is answered for when it is in the journal, and runs to its merged result', async (t) => {
  const world = new BrokerWorld({ units: 10 });
  world.provide('ann');
  world.provide('bob');
  t.match(await world.submit(pair), { phase: 'open', batch: 'b1' });
  await world.wait(SECOND_MS);
  t.match(await world.show(pair), { phase: 'done', counts: { agreed: 10, active: 0, total: 10 } });
  t.same(
    world.merged[0]?.map(({ unit }) => unit),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

t.test('nobody hears of a batch before it is durable', async (t) => {
  let sync = () => {};
  const world = new BrokerWorld({ sync: () => new Promise((resolve) => (sync = () => resolve())) });
  world.provide('ann');
  let answer: unknown;
  world.broker.tell({ type: 'submit', spec: single, reply: (given) => (answer = given) });
  await world.run();
  t.equal(answer, undefined);
  t.same(
    world.leases.told.filter(({ type }) => type === 'assign'),
    [],
  );
  for (let turn = 0; turn < 20; turn += 1) {
    sync();
    await world.run();
  }
  t.match(answer, { phase: 'open' });
  t.equal(world.leases.told.filter(({ type }) => type === 'assign').length, 1);
});

t.test('a batch that is to be paid for waits for its deal, and ends without one', async (t) => {
  const pay = { budget: '1', stakeLock: '0', minQuorum: 2, workS: 600, windowS: 600 };
  const deal = '0x01' as DealId;
  const treasury = { path: '/treasury', tell: () => 'accepted' as const };
  const world = new BrokerWorld({ units: 2, treasury });
  world.leases.add({ view: { ...leaseView('ann'), deal }, credit: 4, run: honest(10) });
  const paid = { ...single, pay };
  await world.submit(paid);
  await world.wait(SECOND_MS);
  t.match(await world.show(paid), { phase: 'open', counts: { replicasAssigned: 0 } });
  t.same(world.announced, [], 'nobody comes in vain');
  const told = await world.ask<Explanation>((reply) => ({
    type: 'explain',
    batch: paid.batch,
    unit: 0 as UnitIndex,
    reply,
  }));
  t.match(told.candidates, [{ reasons: ['the deal of the batch is not open yet'] }]);
  world.broker.tell({ type: 'funded', batch: paid.batch, deal, terms });
  await world.wait(SECOND_MS);
  t.match(await world.show(paid), { phase: 'done', counts: { agreed: 2 } });
  t.same(world.announced, [paid.batch]);

  const poor = { ...paid, batch: 'b2' as BatchId };
  await world.submit(poor);
  world.broker.tell({ type: 'unfunded', batch: poor.batch, reason: 'the deposit is too small' });
  await world.wait(SECOND_MS);
  t.match(await world.show(poor), { phase: 'failed', reason: 'the deposit is too small' });
});

t.test('where there is no chain, a batch that is to be paid for is not accepted', async (t) => {
  const pay = { budget: '1', stakeLock: '0', minQuorum: 2, workS: 600, windowS: 600 };
  const world = new BrokerWorld();
  await t.rejects(world.submit({ ...single, pay }), { code: 'COLLECTIVE_BATCH_UNPAYABLE' });
});

t.test('results are acknowledged when they are durable', async (t) => {
  const world = new BrokerWorld({ units: 3 });
  world.provide('ann');
  await world.submit(single);
  await world.wait(SECOND_MS);
  for (const { unacknowledged } of world.leases.held.values()) t.equal(unacknowledged.size, 0);
});

t.test('a liar is found, discredited, excluded, and its other ballots are void', async (t) => {
  const world = new BrokerWorld({ units: 8 });
  world.provide('liar', { run: lying('liar', 5) });
  world.provide('ann');
  world.provide('bob');
  await world.submit(pair);
  await world.wait(5 * SECOND_MS);
  t.match(await world.show(pair), { phase: 'done', counts: { agreed: 8 } });
  t.ok(world.news.some((news) => news.type === 'discredited' && news.provider === 'peer-liar'));
  t.ok(world.leases.excluded.has('owner-liar'));
  for (const result of await world.results(pair))
    t.same(
      new Set(result.replicas.filter(({ state }) => state === 'agreed').map(({ owner }) => owner)),
      new Set(['owner-ann', 'owner-bob']),
    );
  const evidence = [];
  for await (const row of world.journal.scan('evidence/owner-liar/')) evidence.push(row);
  t.ok(evidence.length > 0);
  const views = await world.ask<readonly ProviderView[]>((reply) => ({ type: 'directory', reply }));
  t.match(
    views.find(({ provider }) => provider === 'peer-liar'),
    { excluded: /differs from what a quorum/ },
  );
});

t.test('work of a provider that is gone is done by another one, and the recovery is told', async (t) => {
  const world = new BrokerWorld({ units: 4 });
  world.provide('gone', { run: silent() });
  world.provide('ann', { slots: 1 });
  await world.submit(single);
  await world.wait(SECOND_MS);
  t.match(await world.show(single), { phase: 'open' });
  world.leases.lapse(leaseView('gone').lease);
  await world.wait(SECOND_MS);
  t.match(await world.show(single), { phase: 'done', counts: { agreed: 4, replicasLost: 2 } });
  const recovered = world.news.find((news) => news.type === 'recovered');
  t.match(recovered, { provider: 'peer-gone', units: 2 });
  t.ok(recovered !== undefined && recovered.silentMs >= SECOND_MS);
});

t.test('a replica that takes longer than the delay bound is replaced', async (t) => {
  const slow = sampleSpec({ quorum: quorumOf(1, { delayBoundMs: SECOND_MS }) });
  const world = new BrokerWorld({ units: 1 });
  world.provide('slow', { run: silent() });
  await world.submit(slow);
  world.provide('ann');
  await world.wait(3 * SECOND_MS);
  t.match(await world.show(slow), { phase: 'done' });
  t.ok(world.leases.told.some((mail) => mail.type === 'cancel'));
});

t.test('a program that fails everywhere fails its unit, with the reason', async (t) => {
  const world = new BrokerWorld({ units: 1 });
  world.provide('ann', { run: failing(5) });
  await world.submit(single);
  await world.wait(SECOND_MS);
  t.match(await world.show(single), { phase: 'failed', reason: /none of the 1 units/ });
  t.match(await world.results(single), [
    {
      verdict: 'failed',
      code: 'COLLECTIVE_UNIT_ERROR_LIMIT',
      replicas: [{ code: 'FABRIC_TASK_TRAPPED', stderr: 'at main' }],
    },
  ]);
});

t.test('offers are wanted while a batch is open', async (t) => {
  const world = new BrokerWorld({ units: 1 });
  await world.run();
  t.equal(world.leases.wanted, false);
  await world.submit(single);
  t.equal(world.leases.wanted, true);
  world.provide('ann');
  await world.wait(SECOND_MS);
  t.equal(world.leases.wanted, false);
});

t.test('a broker that is started again goes on where it was', async (t) => {
  const world = new BrokerWorld({ units: 12 });
  world.provide('ann', { run: honest(100) });
  world.provide('bob', { run: honest(130) });
  await world.submit(pair);
  await world.wait(250);
  const before = await world.show(pair);
  t.ok(before.counts.agreed > 0 && before.counts.active > 0);
  world.crash();
  await world.run();
  t.same((await world.show(pair)).counts.agreed, before.counts.agreed);
  await world.wait(10 * SECOND_MS);
  t.match(await world.show(pair), { phase: 'done', counts: { agreed: 12, replicasLost: 0 } });
});

t.test('leases that nobody announces after a restart are lapsed', async (t) => {
  const world = new BrokerWorld({ units: 2 });
  world.provide('gone', { run: silent() });
  await world.submit(single);
  await world.wait(SECOND_MS);
  world.leases.held.clear();
  world.crash();
  await world.run();
  world.provide('ann');
  await world.wait(10 * SECOND_MS);
  t.match(await world.show(single), { phase: 'open' });
  await world.wait(30 * SECOND_MS);
  t.match(await world.show(single), { phase: 'done', counts: { replicasLost: 2 } });
});

t.test('an excluded owner stays excluded', async (t) => {
  const world = new BrokerWorld({ units: 2 });
  world.provide('liar', { run: lying('liar', 5) });
  world.provide('ann');
  world.provide('bob');
  await world.submit(pair);
  await world.wait(5 * SECOND_MS);
  world.leases.excluded.clear();
  world.crash();
  await world.run();
  t.ok(world.leases.excluded.has('owner-liar'));
});

t.test('two results that the app calls equal make a quorum, also across a restart', async (t) => {
  let asked = 0;
  let answer: (same: boolean) => void = () => {};
  const world = new BrokerWorld({
    units: 1,
    comparator: {
      classify: (_spec, _candidate, representatives) => {
        asked += 1;
        return new Promise((resolve) => {
          answer = (same) => resolve(same ? representatives[0]?.digest : undefined);
        });
      },
    },
  });
  world.provide('ann', { run: lying('ann', 5) });
  world.provide('bob', { run: lying('bob', 5) });
  const numeric = sampleSpec({ compare: 'plugin' });
  await world.submit(numeric);
  await world.wait(SECOND_MS);
  t.equal(asked, 1);
  world.crash();
  await world.wait(SECOND_MS);
  t.equal(asked, 2, 'what was under way is asked again');
  answer(true);
  await world.wait(SECOND_MS);
  t.match(await world.show(numeric), { phase: 'done', counts: { agreed: 1 } });
  t.equal(world.leases.excluded.size, 0);
});

/** Whether the batch is done, each unit once and rightly, in the journal. */
async function complete(world: BrokerWorld, units: number): Promise<boolean> {
  const { phase, counts } = await world.show(pair);
  const results = await world.results(pair);
  const right = results.every(
    ({ unit, digest: given }) => given === digest(truth({ seed: unitSeed(pair, unit) })),
  );
  return phase === 'done' && counts.agreed === units && results.length === units && right;
}

function troubled(seed: string): BrokerWorld {
  const world = new BrokerWorld({
    seed,
    units: 9,
    sync: (clock) => new Promise((resolve) => clock.after(3, resolve)),
  });
  world.provide('ann', { run: honest(7) });
  world.provide('bob', { run: honest(11) });
  world.provide('liar', { run: lying('liar', 5), slots: 1 });
  return world;
}

for (const durable of [false, true]) {
  const when = durable ? 'after' : 'before';
  t.test(
    `killed at any commit, just ${when} it is durable, it loses nothing and counts nothing twice`,
    async (t) => {
      for (let at = 1; ; at += 1) {
        const world = troubled(`commit ${at}`);
        world.freeze = { at, durable };
        let accepted = false;
        const submit = () =>
          world.broker.tell({ type: 'submit', spec: pair, reply: () => (accepted = true) });
        submit();
        await world.wait(SECOND_MS);
        const finished = world.commits < at;
        if (!finished) world.crash();
        const known = await world.ask<readonly BatchView[]>((reply) => ({ type: 'list', reply }));
        if (accepted) t.equal(known.length, 1, `accepted before commit ${at}`);
        if (known.length === 0) submit();
        await world.wait(120 * SECOND_MS);
        if (!(await complete(world, 9))) t.fail(`killed at commit ${at}`);
        if (finished) break;
      }
    },
  );
}

t.test('killed again and again at any moment, it loses nothing and counts nothing twice', async (t) => {
  const crashes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(crashes, fc.string({ minLength: 4, maxLength: 4 }), async (crashes, seed) => {
      const world = troubled(seed);
      await world.submit(pair);
      await world.wait(4);
      for (const afterMs of crashes) {
        await world.wait(afterMs);
        world.crash();
      }
      await world.wait(120 * SECOND_MS);
      return complete(world, 9);
    }),
    { numRuns: 40 },
  );
  t.pass('forty worlds');
});
