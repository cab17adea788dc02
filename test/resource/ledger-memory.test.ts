import t from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import type { IntentId, LedgerCall } from '../../src/resource/ledger.ts';
import { createMemoryChain } from '../../src/resource/ledger-memory.ts';
import { ledgerConformance } from '../conformance/ledger.ts';
import { domain, GENESIS, requester, stranger } from './deal-papers.ts';
import { registry } from './ledger-world.ts';

t.test('conformance', (t) =>
  ledgerConformance(t, async (_, holders, amount) => {
    const clock = simulatedClock(GENESIS * 1_000);
    const tokens = new Map(holders.map(({ account }) => [account, amount]));
    const chain = createMemoryChain({ clock, domain, registry, tokens, ether: tokens });
    return {
      domain,
      open: async () => chain.connect('node'),
      warp: async (time) => clock.advance(time * 1_000 - clock.now()),
    };
  }),
);

const chainOf = (blockMs: number) => {
  const clock = simulatedClock(GENESIS * 1_000);
  const tokens = new Map([[requester.account, 100n]]);
  return { clock, chain: createMemoryChain({ clock, domain, registry, tokens, blockMs }) };
};
const send: LedgerCall = { type: 'transfer', to: stranger.account, amount: 30n };
const intent = (id: string, call = send) => ({ id: id as IntentId, from: requester.account, call });
const signal = new AbortController().signal;

t.test('calls wait for their block, and those of one block have one time', async (t) => {
  const { clock, chain } = chainOf(12_000);
  const ledger = chain.connect('a');
  await ledger.intend(intent('one'));
  clock.advance(5_000);
  await chain.connect('b').intend(intent('one'));
  t.equal(await ledger.tokens(stranger.account), 0n);
  const waited = ledger.outcome('one' as IntentId, signal);
  clock.advance(7_000);
  t.match(await waited, { type: 'done', block: 1 });
  t.equal(await ledger.tokens(stranger.account), 60n, 'two nodes may use the same name');
  t.equal((await ledger.health()).time, GENESIS + 12);
});

t.test('a chain that stops keeps what was intended, says so, and goes on with it', async (t) => {
  const { clock, chain } = chainOf(0);
  const ledger = chain.connect('a');
  chain.halt();
  await ledger.intend(intent('one'));
  await ledger.intend(intent('two', { ...send, amount: 80n }));
  clock.advance(60_000);
  t.match(await ledger.health(), { healthy: false, ageMs: 60_000, reason: /stopped/ });
  t.equal(await ledger.tokens(stranger.account), 0n);
  const waited = ledger.outcome('two' as IntentId, signal);
  chain.resume();
  t.same(await waited, { type: 'refused', error: 'ERC20InsufficientBalance' });
  t.match(await ledger.health(), { healthy: true, reason: null });
});

t.test('a closed ledger tells no news and ends all waiting; its node goes on with another', async (t) => {
  const { clock, chain } = chainOf(1_000);
  const ledger = chain.connect('a');
  await ledger.intend(intent('one'));
  ledger.follow(() => t.fail('news after the end'));
  const waited = ledger.outcome('one' as IntentId, signal);
  await ledger.close();
  await t.rejects(waited, { code: 'RESOURCE_LEDGER_CLOSED' });
  clock.advance(1_000);
  t.match(await chain.connect('a').outcome('one' as IntentId, signal), { type: 'done' });
});

t.test('whoever no longer wants to hear is told nothing', async (t) => {
  const { chain } = chainOf(0);
  const ledger = chain.connect('a');
  const end = ledger.follow(() => t.fail('told'));
  end();
  end();
  await ledger.intend(intent('one'));
  t.equal((await ledger.outcome('one' as IntentId, signal)).type, 'done');
});
