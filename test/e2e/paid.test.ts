/** A batch that is paid for, from the deposit to the last token: with a liar among its providers. */

import t from 'tap';
import type { BatchId, BatchView, UnitIndex } from '../../src/collective/index.ts';
import { lying } from '../../src/grid/demo/lying.ts';
import type { GridNode } from '../../src/grid/node.ts';
import { batchFile, emptyStage, FILE_MS_MAX, isOver, PATIENCE, spinning } from './ground.ts';
import { PaidGrid, publishAt, TOKENS, tokens } from './paid-grid.ts';

t.setTimeout(FILE_MS_MAX);

const UNITS = 9;
const STAKE = tokens('10');

const stage = await emptyStage(t);
const grid = new PaidGrid(stage.folder);
t.teardown(() => grid.end());
const { requester, vendors } = grid;
const honest = [vendors.ada.account, vendors.berta.account];
const { node: broker, config } = await grid.broker(PATIENCE);
await publishAt(broker, await spinning(stage));

function told(node: GridNode, topic: string): Promise<void> {
  return new Promise((resolve) => {
    const end = node.subscribe((event) => {
      if (event.topic !== topic) return;
      end();
      resolve();
    });
  });
}

function until(batch: BatchId, when: (view: BatchView) => boolean): Promise<BatchView> {
  return new Promise((resolve) => {
    const end = broker.api.follow((news) => {
      if (news.type !== 'changed' || news.view.batch !== batch || !when(news.view)) return;
      end();
      resolve(news.view);
    });
  });
}

const pay = { budget: '100', stake: '10', work: '10m', window: '10m' };
const quorum = { min_quorum: 2, max_error_results: 3, max_total_results: 16 };
const file = batchFile('spin', { count: UNITS, each: ['1000000'] }, { quorum, pay });
const delayed = told(broker, 'deal.delayed');
const { batch } = await broker.api.submit({ file, inputs: {} });
const over = until(batch, isOver);

t.test('while the account is locked no deal is opened, and the researcher reads why', async (t) => {
  await delayed;
  const { reasons } = await broker.api.explain(batch, 0 as UnitIndex);
  t.match(reasons.join(), /the deal of the batch is not open yet: The wallet agent does not hold/);
  t.equal(await broker.deal(batch), null);
  const opened = told(broker, 'deal.opened');
  t.teardown(await grid.unlock(config));
  await opened;
  t.match(await broker.deal(batch), { terms: { requester: requester.account }, provenance: null });
});

t.test('providers join, are allocated their shares, and compute; the liar is found', async (t) => {
  // Of each unit the liar has one replica, and lies of every third; only then comes somebody to decide.
  const returned = until(batch, ({ counts }) => counts.replicasReturned === 2 * UNITS);
  const liar = await grid.provider('liar', broker, { sandbox: lying });
  const ada = await grid.provider('ada', broker);
  await returned;
  await grid.provider('berta', broker);
  t.match(await over, { phase: 'done', counts: { agreed: UNITS, failed: 0 } });
  t.same(new Set(grid.heard('allocated').map(({ provider }) => provider)).size, 3);
  const providers = await broker.api.providers();
  const { peer } = liar.identity();
  t.match(
    providers.find((it) => it.provider === peer),
    { excluded: String },
  );
  t.equal(providers.filter(({ excluded }) => excluded !== null).length, 1);
  const { deals, stake } = (await ada.earnings())!;
  t.match(deals, [{ requester: requester.account, share: 'locked' }]);
  t.equal(stake?.locked, String(STAKE));
});

t.test('lies are brought to the chain, and the liar alone is slashed', async (t) => {
  const { terms } = (await broker.deal(batch))!;
  const { deal } = grid.heard('dealOpened')[0]!;
  const committed = () => new Set(grid.heard('committed').map(({ provider }) => provider));
  await grid.until(() => committed().size === 3);
  await grid.forwardTo(terms.workUntil + 1);
  await grid.until(() => grid.count('testify') >= 3);
  await grid.forwardTo(terms.disputeUntil + 1);
  await grid.until(() => grid.heard('slashed').length === 1);
  t.match(grid.heard('slashed'), [{ provider: vendors.liar.account, stake: STAKE }]);
  await grid.until(() => grid.heard('released').length === 2);
  t.same(new Set(grid.heard('released').map(({ provider }) => provider)), new Set(honest));
  t.match(await grid.people.share(deal, vendors.liar.account), { state: 'slashed' });
});

t.test('pay is redeemed, the deal closed, and no token is lost but what was burnt', async (t) => {
  const { terms } = (await broker.deal(batch))!;
  await grid.until(() =>
    honest.every((it) => grid.heard('redeemed').some(({ provider }) => provider === it)),
  );
  await grid.forwardTo(terms.redeemUntil + 1);
  await grid.until(() => grid.heard('dealClosed').length === 1);
  const paid = grid.heard('redeemed').reduce((sum, { amount }) => sum + amount, 0n);
  t.ok(paid > 0n);
  for (const account of honest) t.ok((await grid.people.balance(account)) > 0n);
  t.equal(await grid.people.balance(requester.account), tokens('500') - paid, 'the rest is back');
  t.equal(await grid.supply(), 4n * TOKENS - STAKE);
  const { provenance } = (await broker.deal(batch))!;
  t.equal(
    await grid.people.anchored(terms.agent, grid.heard('dealOpened')[0]!.deal as never),
    provenance?.root,
  );
});
