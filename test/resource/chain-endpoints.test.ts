import t, { type Test } from 'tap';
import { type Inspection, systemClock } from '../../src/actors/index.ts';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import { chainEndpoints } from '../../src/resource/chain-endpoints.ts';
import { signerOf, word } from './deal-papers.ts';
import { type RpcProxy, type Rule, startProxy } from './rpc-proxy.ts';
import { hex } from './scripted-endpoint.ts';

const contracts = [signerOf(50).account];
const forever = new AbortController().signal;
const raw = '0x02c0' as RawTransaction;

interface NodeState {
  chainId: number;
  block: number;
  hasContracts: boolean;
  /** What it says to a transaction, if that is a no. */
  refusal?: string;
}

const answering =
  (state: NodeState): Rule =>
  ({ method }) => {
    if (method === 'eth_chainId') return { result: hex(state.chainId) };
    if (method === 'eth_getCode') return { result: state.hasContracts ? '0x60' : '0x' };
    if (method === 'eth_maxPriorityFeePerGas') return { result: '0x1' };
    if (method === 'eth_sendRawTransaction' && state.refusal !== undefined) {
      return { error: { code: -32_000, message: state.refusal } };
    }
    if (method === 'eth_sendRawTransaction') return { result: word(1) };
    return { result: { number: hex(state.block), hash: word(state.block), timestamp: '0x1' } };
  };

/** So many good nodes, at heights 1, 2, …, and what is told of them. */
async function nodes(t: Test, count: number) {
  const proxies: RpcProxy[] = [];
  const states: NodeState[] = [];
  for (let place = 0; place < count; place += 1) {
    const state: NodeState = { chainId: 7, block: place + 1, hasContracts: true };
    const proxy = await startProxy('');
    proxy.rule = answering(state);
    t.teardown(() => proxy.stop());
    proxies.push(proxy);
    states.push(state);
  }
  const told: Inspection[] = [];
  const inspect = (event: Inspection) => told.push(event);
  const rpc = proxies.map(({ url }) => url);
  const endpoints = chainEndpoints({ rpc, chainId: 7n, contracts, clock: systemClock(), inspect });
  return { endpoints, proxies, states, told };
}

t.test('the one with the highest block answers all of a look', async (t) => {
  const { endpoints, states, proxies } = await nodes(t, 3);
  const { endpoint, head } = await endpoints.look(forever);
  t.same([endpoint.name, head.number], [proxies[2]!.url, 3]);
  states[0]!.block = 9;
  t.equal((await endpoints.look(forever)).head.number, 9);
});

t.test('one of another chain, or without the contracts, is never believed', async (t) => {
  const { endpoints, states, told } = await nodes(t, 3);
  states[1]!.hasContracts = false;
  states[2]!.chainId = 1;
  t.equal((await endpoints.look(forever)).head.number, 1);
  t.match(
    told.filter(({ level }) => level === 'warn').map(({ details }) => details?.['reason']),
    [/no contract at/, /of chain 1, not 7/],
  );
  states[0]!.chainId = 1;
  const silent = { code: 'RESOURCE_CHAIN_SILENT', message: /of chain 1, not 7; .*no contract at/ };
  await t.rejects(endpoints.look(forever), silent);
  states[2]!.chainId = 7;
  t.equal((await endpoints.look(forever)).head.number, 3, 'until it is of the right one');
});

t.test('one that is cut, babbles or hangs holds up nobody', async (t) => {
  const { endpoints, proxies } = await nodes(t, 3);
  const stop = new AbortController();
  proxies[1]!.mode = 'babbles';
  proxies[2]!.mode = 'hangs';
  t.equal((await endpoints.look(stop.signal)).head.number, 1);
  proxies[0]!.mode = 'cut';
  proxies[1]!.mode = 'up';
  t.equal((await endpoints.look(stop.signal)).head.number, 2);
  proxies[1]!.mode = 'cut';
  const looking = endpoints.look(stop.signal);
  stop.abort(new TypeError('enough'));
  await t.rejects(looking, { message: 'enough' }, 'nor does it hold up the end');
});

t.test('what one fails at the next is asked, the highest first', async (t) => {
  const { endpoints, proxies } = await nodes(t, 3);
  await endpoints.look(forever);
  const asked: string[] = [];
  const found = await endpoints.try(async ({ name }) => {
    asked.push(name);
    if (asked.length < 3) throw new TypeError('not I');
    return name;
  });
  t.same(asked, proxies.map(({ url }) => url).reverse());
  t.equal(found, proxies[0]!.url);
  await t.rejects(
    endpoints.try(() => Promise.reject(new TypeError('nor I'))),
    { message: 'nor I' },
  );
});

t.test('a transaction goes to all; a refusal is told to people, unless it is there already', async (t) => {
  const { endpoints, proxies, states, told } = await nodes(t, 3);
  await endpoints.look(forever);
  told.length = 0;
  states[1]!.refusal = 'already known';
  states[2]!.refusal = 'insufficient funds for gas * price + value';
  await endpoints.broadcast(raw, forever);
  await endpoints.broadcast(raw, forever);
  t.same(
    proxies.map(({ asked }) => asked.get('eth_sendRawTransaction')),
    [2, 2, 2],
  );
  t.match(told, [{ topic: 'ledger.send-refused', level: 'warn', details: { reason: /insufficient funds/ } }]);
  t.equal(told.length, 1, 'once, as long as it is the same');
});
