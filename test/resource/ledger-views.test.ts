import t from 'tap';
import type { ChainEndpoints } from '../../src/resource/chain-endpoints.ts';
import { anchorAbi, marketAbi, registryAbi } from '../../src/resource/contract-abi.ts';
import type { RpcEndpoint } from '../../src/resource/json-rpc.ts';
import type { DealId } from '../../src/resource/ledger.ts';
import { ledgerViews } from '../../src/resource/ledger-views.ts';
import { provider, requester, signerOf, word } from './deal-papers.ts';
import { scriptedEndpoint, sightOf } from './scripted-endpoint.ts';

const at = (seed: number) => signerOf(seed).account;
const contracts = { GridToken: at(50), ProviderRegistry: at(51), JobMarket: at(52), ResultAnchor: at(53) };
const deal = word(1) as string as DealId;

function views(endpoint: RpcEndpoint, closed = new AbortController().signal) {
  const endpoints: ChainEndpoints = {
    look: async () => sightOf(endpoint, 9),
    try: (attempt) => attempt(endpoint),
    broadcast: async () => {},
  };
  return ledgerViews({ endpoints, contracts, block: async () => 7, closed });
}

/** Says this of whatever function it knows. */
const saying = (values: Readonly<Record<string, readonly unknown[]>>) =>
  scriptedEndpoint((_, [call]) => {
    const { data } = call as { data: string };
    for (const abi of [marketAbi, registryAbi, anchorAbi]) {
      const name = abi.getFunction(data.slice(0, 10))?.name;
      if (name !== undefined) return abi.encodeFunctionResult(name, values[name]!);
    }
    return '0x';
  });

t.test('what is read at one time is of one block, the confirmed one', async (t) => {
  const endpoint = saying({ stakeOf: [[500n, 100n]], unbondingOf: [[20n, 1_800_000_000]] });
  const stake = await views(endpoint).stake(provider.account);
  t.same(stake, { staked: 500n, locked: 100n, unbonding: 20n, readyAt: 1_800_000_000 });
  t.equal(endpoint.asked.length, 1);
  t.same(
    endpoint.asked[0]!.map(({ params }) => params[1]),
    ['0x7', '0x7'],
  );
});

t.test('numbers of states have names', async (t) => {
  const dealStates = ['none', 'open', 'closed'];
  for (const [place, state] of dealStates.entries()) {
    const { deal: read } = views(saying({ dealOf: [[5n, 3n, 1, place]] }));
    t.same(await read(deal), { state, remaining: 5n, promised: 3n });
  }
  const shareStates = ['none', 'joined', 'locked', 'released', 'slashed'];
  for (const [place, state] of shareStates.entries()) {
    const { share } = views(saying({ shareOf: [[5n, 3n, 2, 1, 1, place]] }));
    const figures = { allocated: 5n, paid: 3n, committed: 2, revealed: 1, openCases: 1 };
    t.same(await share(deal, provider.account), { ...figures, state });
  }
});

t.test('a case tells who said what; no root is none', async (t) => {
  const found = views(saying({ caseOf: [[provider.account], [word(3)], true], rootOf: [word(0)] }));
  const testimonies = [{ provider: provider.account, digest: word(3) }];
  t.same(await found.caseOf(deal, word(2)), { testimonies, settled: true });
  t.equal(await found.anchored(requester.account, word(2)), undefined);
});

t.test('what cannot be read is a fault of the node; a closed ledger reads nothing', async (t) => {
  const failed = { code: 'RESOURCE_ENDPOINT_FAILED' };
  await t.rejects(views(scriptedEndpoint(() => '0x')).deal(deal), failed, 'no contract there');
  await t.rejects(views(scriptedEndpoint(() => null)).deal(deal), failed);
  const reason = new TypeError('closed');
  const endpoint = scriptedEndpoint(() => '0x');
  await t.rejects(views(endpoint, AbortSignal.abort(reason)).deal(deal), reason);
  t.equal(endpoint.asked.length, 0);
});
