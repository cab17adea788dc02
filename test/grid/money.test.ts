import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Inspection, memoryJournal, SECOND_MS, simulatedClock } from '../../src/actors/index.ts';
import {
  delegate,
  type DelegationTerms,
  keyOfHex,
  loadHotKey,
  newIdentity,
} from '../../src/connectivity/index.ts';
import { storeAccount } from '../../src/grid/accounts.ts';
import { loadConfig } from '../../src/grid/config.ts';
import { openMoney } from '../../src/grid/money.ts';
import { createMemoryChain } from '../../src/resource/index.ts';
import { systemRandom } from '../../src/actors/index.ts';
import { domain, signerOf } from '../resource/deal-papers.ts';

const NOW = 1_800_000_000;
const key = keyOfHex('1'.repeat(64));
const other = keyOfHex('2'.repeat(64));
const NAMES = 'GridToken ProviderRegistry JobMarket Reputation Emission AppRegistry ResultAnchor'.split(' ');

/** A home with a chain in its configuration, and whatever `conun wallet` would have put there. */
async function home(t: Test, flags: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'conun-money-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const contracts = join(folder, 'contracts.json');
  const places = NAMES.map((name, at) => [name, signerOf(20 + at).account]);
  await writeFile(contracts, JSON.stringify(Object.fromEntries(places)));
  const chain = { 'chain.rpc': 'http://127.0.0.1:1', 'chain.id': '31337', 'chain.contracts': contracts };
  const { config } = await loadConfig({ home: folder, env: {}, flags: { ...chain, ...flags } });
  const clock = simulatedClock(NOW * SECOND_MS);
  const { peer } = newIdentity();
  const events: Inspection[] = [];
  const inspect = (event: Omit<Inspection, 'at'>) => void events.push(event as Inspection);
  const memory = createMemoryChain({ clock, domain, registry: signerOf(21).account, tokens: new Map() });
  const base = { config, clock, journal: memoryJournal(), peer, inspect };
  const worker = await loadHotKey({ path: join(folder, 'worker.key'), create: true });
  const delegated = async (change: Partial<DelegationTerms> = {}) => {
    const roles = ['provider'] as const;
    const terms = { account: key.account, peer, roles, validUntil: NOW + 60, worker: worker.account };
    const delegation = await delegate({ ...terms, ...change }, key);
    await writeFile(join(folder, 'delegation.json'), JSON.stringify(delegation));
  };
  const keep = async (name: string, account: typeof key) => {
    const sealing = { passphrase: 'x', random: systemRandom(), cost: { N: 1_024, r: 8, p: 1 } };
    await storeAccount(join(folder, 'accounts'), name, account, sealing);
  };
  const open = () => openMoney(base, async () => memory.connect('node'));
  return { base, worker, events, delegated, keep, open };
}

t.test('where no chain is configured there is no money', async (t) => {
  const { open } = await home(t, { 'chain.rpc': '' });
  t.equal(await open(), undefined);
});

t.test('a delegation says for whom a node works; its own key is what it signs with', async (t) => {
  const { open, delegated, worker } = await home(t);
  await delegated();
  const money = (await open())!;
  t.same(money.provider, { account: key.account, until: NOW + 60 });
  t.equal(money.hot.account, worker.account);
  t.match(money.domain, { chainId: 31_337n, verifyingContract: signerOf(22).account });
  t.equal(money.requester, undefined, 'there is no account that could pay');
});

t.test('without a delegation to provide, a node works for credit alone and says so', async (t) => {
  const { open, delegated, events } = await home(t);
  t.equal((await open())?.provider, undefined);
  await delegated({ roles: ['researcher'] });
  t.equal((await open())?.provider, undefined);
  t.same(
    events.map(({ topic }) => topic),
    ['money.for-credit-alone', 'money.for-credit-alone'],
  );
});

t.test('a delegation that is not in order is found at the start, not at the first pay', async (t) => {
  const { open, delegated, base } = await home(t);
  const refused = { code: 'GRID_DELEGATION_REFUSED' };
  await delegated({ peer: newIdentity().peer });
  await t.rejects(open(), { ...refused, message: /another node/ });
  await delegated({ validUntil: NOW - 1 });
  await t.rejects(open(), { ...refused, message: /expired/ });
  await delegated({ worker: other.account });
  await t.rejects(open(), { ...refused, message: /another key/ });
  await writeFile(join(base.config.paths.config, 'delegation.json'), '{');
  await t.rejects(open(), refused);
});

t.test(
  'the account of the configuration pays, or the only one; which one of several has to be said',
  async (t) => {
    const one = await home(t);
    await one.keep('purse', key);
    t.equal((await one.open())?.requester?.account, key.account);
    await one.keep('spare', other);
    await t.rejects(one.open(), { code: 'GRID_ACCOUNT_UNCLEAR' });
    const named = await home(t, { 'chain.account': 'spare' });
    await named.keep('purse', key);
    await named.keep('spare', other);
    t.equal((await named.open())?.requester?.account, other.account);
    const elsewhere = await home(t, { 'chain.account': other.account });
    t.equal((await elsewhere.open())?.requester?.account, other.account, 'its keystore may be elsewhere');
    const lender = await home(t, { roles: 'provider' });
    await lender.keep('purse', key);
    t.equal((await lender.open())?.requester, undefined, 'it brokers nothing');
  },
);
