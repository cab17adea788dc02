/** What the application does wrong, and what becomes of the batch then. */

import t from 'tap';
import { Fault, SECOND_MS } from '../../src/actors/index.ts';
import type { UnitSource } from '../../src/collective/batch.ts';
import { BrokerWorld, counting, lying } from './fakes/broker-world.ts';
import { quorumOf, sampleSpec } from './fakes/samples.ts';

const single = sampleSpec({ quorum: quorumOf(1) });

const passing = new Fault({ code: 'APPLICATION_BUSY', message: 'busy', todo: '', retry: true, details: {} });

t.test('a source that gives up fails the batch, with the reason', async (t) => {
  const source: UnitSource = {
    // biome-ignore lint/correctness/useYield: it never comes so far.
    async *draw() {
      throw new TypeError('parameters.width is missing');
    },
  };
  const world = new BrokerWorld({ source });
  await world.submit(single);
  await world.wait(SECOND_MS);
  const { phase, reason } = await world.show(single);
  t.equal(phase, 'failed');
  t.match(
    reason,
    /units of batch b1 could not be drawn: parameters\.width is missing/,
    'COLLECTIVE_BATCH_SOURCE',
  );
});

t.test('a source that stumbles is asked again, from where the batch is', async (t) => {
  const from: number[] = [];
  let stumbles = 2;
  const source: UnitSource = {
    async *draw(spec, at) {
      from.push(at);
      for await (const drafts of counting(7).draw(spec, at)) {
        yield drafts;
        if (stumbles > 0) {
          stumbles -= 1;
          throw passing;
        }
      }
    },
  };
  const world = new BrokerWorld({ source });
  world.provide('ann');
  await world.submit(single);
  await world.wait(10 * SECOND_MS);
  t.match(await world.show(single), { phase: 'done', counts: { agreed: 7 } });
  t.same(from, [0, 3, 6]);
});

t.test('a merger that gives up fails the batch and keeps the results', async (t) => {
  const merger = { merge: () => Promise.reject(new TypeError('no palette')) };
  const world = new BrokerWorld({ units: 2, merger });
  world.provide('ann');
  await world.submit(single);
  await world.wait(SECOND_MS);
  const { phase, reason } = await world.show(single);
  t.equal(phase, 'failed');
  t.match(reason, /batch b1 could not be merged: no palette/, 'COLLECTIVE_BATCH_MERGE');
  t.equal((await world.results(single)).length, 2);
});

t.test('a merger that stumbles is asked again', async (t) => {
  let asked = 0;
  const merger = {
    merge: async () => {
      asked += 1;
      if (asked < 3) throw passing;
      return [];
    },
  };
  const world = new BrokerWorld({ units: 1, merger });
  world.provide('ann');
  await world.submit(single);
  await world.wait(10 * SECOND_MS);
  t.equal(asked, 3);
  t.match(await world.show(single), { phase: 'done' });
});

t.test('a merge that was under way is asked for again after a restart', async (t) => {
  let asked = 0;
  const merger = {
    merge: () => {
      asked += 1;
      return asked === 1 ? new Promise<[]>(() => {}) : Promise.resolve([]);
    },
  };
  const world = new BrokerWorld({ units: 1, merger });
  world.provide('ann');
  await world.submit(single);
  await world.wait(SECOND_MS);
  world.crash();
  await world.wait(SECOND_MS);
  t.match(await world.show(single), { phase: 'done' });
});

t.test('a comparison that fails has not said that two results are equal', async (t) => {
  const comparator = { classify: () => Promise.reject(new TypeError('not a number')) };
  const world = new BrokerWorld({ units: 1, comparator });
  for (const name of ['ann', 'bob']) world.provide(name, { run: lying(name, 5) });
  const rule = quorumOf(2, { maxTotalResults: 2 });
  const numeric = sampleSpec({ compare: 'plugin', quorum: rule });
  await world.submit(numeric);
  await world.wait(SECOND_MS);
  t.match(await world.results(numeric), [{ verdict: 'failed', code: 'COLLECTIVE_UNIT_DEADLOCKED' }]);
  const said = world.inspected.find(({ topic }) => topic === 'unit.uncompared');
  t.match(said?.fault, { code: 'COLLECTIVE_COMPARISON', message: /not a number/ });
});

t.test('a comparator that is busy is asked again', async (t) => {
  let asked = 0;
  const world = new BrokerWorld({
    units: 1,
    comparator: {
      classify: async (_spec, _candidate, representatives) => {
        asked += 1;
        if (asked < 3) throw passing;
        return representatives[0]?.digest;
      },
    },
  });
  for (const name of ['ann', 'bob']) world.provide(name, { run: lying(name, 5) });
  const numeric = sampleSpec({ compare: 'plugin' });
  await world.submit(numeric);
  await world.wait(10 * SECOND_MS);
  t.equal(asked, 3);
  t.match(await world.show(numeric), { phase: 'done', counts: { agreed: 1 } });
});
