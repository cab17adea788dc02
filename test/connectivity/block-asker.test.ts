import t, { type Test } from 'tap';
import { seededRandom, simulatedClock, systemClock } from '../../src/actors/index.ts';
import { BlockAsker, SILENCE_MS_MAX } from '../../src/connectivity/block-asker.ts';
import { BLOCK_PROTOCOL } from '../../src/connectivity/block-protocol.ts';
import { createMemoryNetworks, type PeerId } from '../../src/connectivity/index.ts';
import { addressText, leafAddress } from '../../src/fabric/index.ts';
import { blockExchangeConformance } from '../conformance/block-exchange.ts';
import { loopbackNode } from './loopback-node.ts';

const peer = (number: number) => `12D3KooWmemory${number}` as PeerId;

await blockExchangeConformance(t, 'memory', async (t, count) => {
  const hub = createMemoryNetworks({ clock: systemClock(), random: seededRandom('blocks') });
  const networks = Array.from({ length: count }, (_, index) => hub.join(peer(index)));
  t.teardown(() => Promise.all(networks.map((network) => network.close())));
  return networks;
});

await blockExchangeConformance(t, 'libp2p', async (t: Test, count) => {
  const [first, ...others] = await Promise.all(Array.from({ length: count }, () => loopbackNode(t)));
  await Promise.all(others.map(({ host }) => first!.host.dial(host.getMultiaddrs())));
  return [first!, ...others].map(({ network }) => network);
});

const block = addressText(leafAddress(new TextEncoder().encode('x')));
const [near, far] = [peer(1), peer(2)];
const nextPass = () => new Promise(setImmediate);

/** A peer 1 ms away, in simulated time, that hears questions and says nothing by itself. */
function simulation() {
  const clock = simulatedClock(0);
  const hub = createMemoryNetworks({ clock, random: seededRandom('silence'), latency: () => 1 });
  const there = hub.join(far);
  const heard: { count: number; closed: boolean; answer: () => void }[] = [];
  there.serve(BLOCK_PROTOCOL, (channel) => {
    const line = { count: 0, closed: false, answer: (): void => undefined };
    heard.push(line);
    return {
      received: (cids) => {
        line.count += cids.length;
        line.answer = () => void channel.send([cids[0]!, null]);
      },
      closed: () => {
        line.closed = true;
      },
    };
  });
  const asker = new BlockAsker(hub.join(near), clock);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += ms / 10) {
      clock.advance(ms / 10);
      await nextPass();
    }
  };
  return { asker, heard, pass };
}

t.test('a peer that is asked and falls silent is given up', async (t) => {
  const { asker, heard, pass } = simulation();
  const answer = asker.ask(far, block);
  await pass(SILENCE_MS_MAX - 100);
  t.same([heard[0]!.count, heard[0]!.closed], [1, false]);
  await pass(200);
  t.equal(await answer, undefined);
  t.ok(heard[0]!.closed);
});

t.test('a channel on which nobody asks is closed, and opened again for the next question', async (t) => {
  const { asker, heard, pass } = simulation();
  const answer = asker.ask(far, block);
  await pass(10);
  heard[0]!.answer();
  await pass(10);
  t.equal(await answer, undefined);
  await pass(2 * SILENCE_MS_MAX);
  t.ok(heard[0]!.closed);
  void asker.ask(far, block);
  await pass(10);
  t.equal(heard[1]!.count, 1);
  asker.close();
});
