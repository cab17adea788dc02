/** A batch that is paid for, from the deposit to the last token: with a liar among its providers. */

import t, { type Test } from 'tap';
import type { BatchId, BatchView, UnitIndex } from '../../src/collective/index.ts';
import { lying } from '../../src/grid/demo/lying.ts';
import type { Config } from '../../src/grid/config.ts';
import type { GridNode } from '../../src/grid/node.ts';
import { batchFile, emptyStage, FILE_MS_MAX, isOver, spinning } from './ground.ts';
import type { Bytes32 } from '../../src/resource/index.ts';
import type { MakeChain } from './paid-chains.ts';
import { PaidGrid, PEOPLE, publishAt, TOKENS, tokens } from './paid-grid.ts';

t.setTimeout(FILE_MS_MAX);

const UNITS = 9;
const STAKE = tokens('10');

/** Resolves when it has been told, also if it was before. */
function told(node: GridNode, topic: string): Promise<void> {
  return new Promise((resolve) => {
    if (node.recent().some((event) => event.topic === topic)) return resolve();
    const end = node.subscribe((event) => {
      if (event.topic !== topic) return;
      end();
      resolve();
    });
  });
}

function until(broker: GridNode, batch: BatchId, when: (view: BatchView) => boolean): Promise<BatchView> {
  return new Promise((resolve) => {
    const end = broker.api.follow((news) => {
      if (news.type !== 'changed' || news.view.batch !== batch || !when(news.view)) return;
      end();
      resolve(news.view);
    });
  });
}

interface Story {
  readonly grid: PaidGrid;
  readonly config: Config;
  broker: GridNode;
  readonly batch: BatchId;
  readonly delayed: Promise<void>;
  readonly over: Promise<BatchView>;
}

const HONEST = [PEOPLE.ada.account, PEOPLE.berta.account];

export async function tellStory(makeChain: MakeChain): Promise<void> {
  const story = await submitted(makeChain);
  t.test('while the account is locked no deal is opened, and the researcher reads why', (t) =>
    opened(t, story),
  );
  t.test('providers join, are allocated their shares, and compute; the liar is found', (t) =>
    computed(t, story),
  );
  t.test('lies are brought to the chain, and the liar alone is slashed', (t) => judged(t, story));
  t.test('a broker that begins anew knows the deal, and what its batch has ended in', (t) =>
    resumed(t, story),
  );
  t.test('pay is redeemed, the deal closed, and no token is lost but what was burnt', (t) => paid(t, story));
}

async function submitted(makeChain: MakeChain): Promise<Story> {
  const stage = await emptyStage(t);
  const grid = await PaidGrid.on(makeChain, stage.folder);
  t.teardown(() => grid.end());
  const { node: broker, config } = await grid.broker();
  await publishAt(broker, await spinning(stage));
  const pay = { budget: '100', stake: '10', work: '10m', window: '10m' };
  const quorum = { min_quorum: 2, max_error_results: 3, max_total_results: 16 };
  const file = batchFile('spin', { count: UNITS, each: ['1000000'] }, { quorum, pay });
  const delayed = told(broker, 'deal.delayed');
  const { batch } = await broker.api.submit({ file, inputs: {} });
  return { grid, config, broker, batch, delayed, over: until(broker, batch, isOver) };
}

async function opened(t: Test, { grid, config, broker, batch, delayed }: Story): Promise<void> {
  await delayed;
  const { reasons } = await broker.api.explain(batch, 0 as UnitIndex);
  t.match(reasons.join(), /the deal of the batch is not open yet: The wallet agent does not hold/);
  t.equal(await broker.deal(batch), null);
  const opened = told(broker, 'deal.opened');
  t.teardown(await grid.unlock(config));
  await opened;
  t.match(await broker.deal(batch), { terms: { requester: PEOPLE.requester.account }, provenance: null });
}

async function computed(t: Test, { grid, broker, batch, over }: Story): Promise<void> {
  // Of each unit the liar has one replica, and lies of every third; only then comes somebody to decide.
  const returned = until(broker, batch, ({ counts }) => counts.replicasReturned >= 2 * UNITS);
  const liar = await grid.provider('liar', broker, { sandbox: lying });
  const ada = await grid.provider('ada', broker);
  await returned;
  await grid.provider('berta', broker);
  t.match(await over, { phase: 'done', counts: { agreed: UNITS, failed: 0 } });
  t.equal(new Set(grid.heard('allocated').map(({ provider }) => provider)).size, 3);
  const providers = await broker.api.providers();
  const { peer } = liar.identity();
  const excluded = providers.filter((it) => it.excluded !== null);
  t.same(
    excluded.map(({ provider }) => provider),
    [peer],
  );
  const { deals, stake } = (await ada.earnings())!;
  t.match(deals, [{ requester: PEOPLE.requester.account, share: 'locked' }]);
  t.equal(stake?.locked, String(STAKE));
}

async function judged(t: Test, { grid, broker, batch }: Story): Promise<void> {
  const { deal, terms } = (await broker.deal(batch))!;
  const committed = () => new Set(grid.heard('committed').map(({ provider }) => provider));
  await grid.until(() => committed().size === 3);
  await grid.forwardTo(terms.workUntil + 1);
  await grid.until(() => grid.count('testify') >= 3);
  await grid.forwardTo(terms.disputeUntil + 1);
  await grid.until(() => grid.heard('slashed').length === 1);
  t.match(grid.heard('slashed'), [{ provider: PEOPLE.liar.account, stake: STAKE }]);
  await grid.until(() => grid.heard('released').length === 2);
  t.same(new Set(grid.heard('released').map(({ provider }) => provider)), new Set(HONEST));
  t.match(await grid.people.share(deal, PEOPLE.liar.account), { state: 'slashed' });
}

async function resumed(t: Test, story: Story): Promise<void> {
  const { grid, config, batch } = story;
  const before = await story.broker.deal(batch);
  story.broker = await grid.restart(config);
  await Promise.all([told(story.broker, 'deal.opened'), told(story.broker, 'deal.proved')]);
  t.ok(before?.provenance);
  t.same(await story.broker.deal(batch), before);
}

async function paid(t: Test, { grid, broker, batch }: Story): Promise<void> {
  const { deal, terms, provenance } = (await broker.deal(batch))!;
  const redeemed = () => new Set(grid.heard('redeemed').map(({ provider }) => provider));
  await grid.until(() => HONEST.every((account) => redeemed().has(account)));
  await grid.forwardTo(terms.redeemUntil + 1);
  await grid.until(() => grid.heard('dealClosed').length === 1);
  const sum = grid.heard('redeemed').reduce((total, { amount }) => total + amount, 0n);
  for (const account of HONEST) t.ok((await grid.people.balance(account)) > 0n);
  t.equal(await grid.people.balance(PEOPLE.requester.account), tokens('500') - sum, 'the rest is back');
  t.equal(await grid.supply(), 4n * TOKENS - STAKE);
  t.equal(await grid.people.anchored(terms.agent, deal as string as Bytes32), provenance?.root);
}
