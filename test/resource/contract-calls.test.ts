import { Interface } from 'ethers';
import t from 'tap';
import { artifactOf, type CONTRACTS } from '../../contracts/artifacts.ts';
import { anchorAbi, errorAbi, marketAbi, registryAbi, tokenAbi } from '../../src/resource/contract-abi.ts';
import {
  callRequest,
  newsOf,
  OUT_OF_GAS,
  REVERTED,
  refusalName,
  somebody,
} from '../../src/resource/contract-calls.ts';
import type { Account } from '../../src/connectivity/index.ts';
import { provider, requester, signerOf, termsOf, word } from './deal-papers.ts';

const at = (seed: number): Account => signerOf(seed).account;
const contracts = { GridToken: at(50), ProviderRegistry: at(51), JobMarket: at(52), ResultAnchor: at(53) };
const compiled = (name: (typeof CONTRACTS)[number]) => new Interface(artifactOf(name).abi as []);

t.test('every word that is said to a contract is one that it was compiled with', async (t) => {
  const spoken = [
    [tokenAbi, compiled('GridToken')],
    [marketAbi, compiled('JobMarket')],
    [registryAbi, compiled('ProviderRegistry')],
    [anchorAbi, compiled('ResultAnchor')],
  ] as const;
  for (const [ours, theirs] of spoken) {
    ours.forEachFunction((ours) => {
      const shape = (form = ours) => form.outputs.map((output) => output.format('full'));
      const found = theirs.getFunction(ours.selector);
      t.equal(found?.name, ours.name);
      t.same(found === null ? [] : shape(found), shape(), 'and answers with the same names');
    });
    ours.forEachEvent((ours) =>
      t.equal(theirs.getEvent(ours.topicHash)?.format('full'), ours.format('full')),
    );
  }
});

t.test('every error of a contract that a call can reach has its name here', async (t) => {
  for (const name of ['GridToken', 'ProviderRegistry', 'JobMarket', 'ResultAnchor'] as const) {
    compiled(name).forEachError(({ selector, name }) => {
      t.equal(errorAbi.getError(selector)?.name, name);
    });
  }
});

t.test('a call goes to its contract, with what it says', async (t) => {
  const from = requester.account;
  const deposit = callRequest(from, { type: 'deposit', amount: 7n }, contracts);
  t.match(deposit, { from, to: contracts.JobMarket });
  t.same([...marketAbi.decodeFunctionData('deposit', deposit.data)], [7n]);
  const approve = callRequest(from, { type: 'approve', spender: 'registry', amount: 7n }, contracts);
  t.equal(approve.to, contracts.GridToken);
  t.same([...tokenAbi.decodeFunctionData('approve', approve.data)], [contracts.ProviderRegistry, 7n]);
  const release = callRequest(from, { type: 'release', terms: termsOf(), provider: at(3) }, contracts);
  t.equal(marketAbi.decodeFunctionData('release', release.data)[0]['budget'], 1_000n);
  const anchor = callRequest(from, { type: 'anchor', subject: word(1), root: word(2) }, contracts);
  t.equal(anchor.to, contracts.ResultAnchor);
  t.throws(() => callRequest(from, { type: 'stake', amount: 1n << 96n }, contracts), { name: 'TypeError' });
});

t.test('a refusal is named, and a failing node is none', async (t) => {
  const data = errorAbi.encodeErrorResult('TooEarly', [5]);
  const said = (code: number, message: string, data?: string) => refusalName({ code, message, data });
  t.equal(said(3, 'execution reverted', data), 'TooEarly');
  t.equal(said(-32_000, 'oh', data), 'TooEarly', 'whatever the node calls it');
  t.equal(said(3, 'execution reverted', '0xdeadbeef'), REVERTED, 'an error that nobody knows');
  t.equal(said(3, 'execution reverted', '0x'), REVERTED);
  t.equal(said(-32_000, 'VM Exception: revert'), REVERTED);
  t.equal(said(-32_000, 'gas required exceeds allowance (30000000)'), OUT_OF_GAS);
  t.equal(said(-32_005, 'limit exceeded'), undefined, 'a node that has had enough');
  t.equal(said(-32_000, 'header not found'), undefined);
});

t.test('a log says what happened, or no news', async (t) => {
  const terms = termsOf();
  const opened = marketAbi.encodeEventLog('DealOpened', [word(1), terms.requester, terms.spec, terms]);
  t.same(newsOf(opened), { type: 'dealOpened', deal: word(1), terms });
  const of = { deal: word(1), provider: provider.account };
  const log = (name: string, ...values: readonly unknown[]) => newsOf(marketAbi.encodeEventLog(name, values));
  const { deal, provider: account } = of;
  t.same(log('Allocated', deal, account, 5n), { type: 'allocated', ...of, allocated: 5n });
  t.same(log('Redeemed', deal, account, at(7), 5n), { type: 'redeemed', ...of, amount: 5n });
  t.same(log('Committed', deal, account, 2, word(9)), { type: 'committed', ...of, number: 2 });
  t.same(log('Settled', deal, word(2), word(3)), { type: 'settled', deal, unit: word(2), digest: word(3) });
  t.same(log('Slashed', deal, account, 5n, 6n), { type: 'slashed', ...of, stake: 5n });
  t.same(log('Released', deal, account, 5n), { type: 'released', ...of, stake: 5n });
  t.same(log('DealClosed', deal, at(7), 5n), { type: 'dealClosed', deal, refund: 5n });
  t.equal(newsOf({ topics: [word(77)], data: '0x' }), undefined);
});

t.test('the zero address is nobody', async (t) => {
  t.equal(somebody(`0x${'0'.repeat(40)}`), undefined);
  t.equal(somebody(provider.account.toLowerCase()), provider.account);
});
