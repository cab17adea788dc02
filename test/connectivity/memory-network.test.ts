import t, { type Test } from 'tap';
import { seededRandom } from '../../src/actors/seeded-random.ts';
import { simulatedClock } from '../../src/actors/simulated-clock.ts';
import { systemClock } from '../../src/actors/system-clock.ts';
import {
  type ChannelListener,
  createMemoryNetworks,
  type MemoryNetworks,
  type MemoryNetworksOptions,
  type PeerId,
} from '../../src/connectivity/index.ts';
import {
  echo,
  type NetworkFixture,
  networkConformance,
  Recorder,
  type Said,
  said,
} from '../conformance/network.ts';

const peer = (number: number) => `12D3KooWmemory${number}` as PeerId;

async function fixture(count: number, test: Test): Promise<NetworkFixture> {
  const hub = createMemoryNetworks({ clock: systemClock(), random: seededRandom('conformance') });
  const networks = Array.from({ length: count }, (_, index) => hub.join(peer(index)));
  test.teardown(() => Promise.all(networks.map((network) => network.close())));
  return {
    networks,
    addressesOf: (network) => network.addresses(),
    subscribed: () => Promise.resolve(),
  };
}

await networkConformance(t, 'memory', fixture);

/** Two nodes in simulated time with a channel between them, 10 ms apart. */
async function simulation(options: Partial<MemoryNetworksOptions> = {}) {
  const clock = simulatedClock(0);
  const random = seededRandom('simulation');
  const hub = createMemoryNetworks({ clock, random, latency: () => 10, noticeMs: 5_000, ...options });
  const a = hub.join(peer(1));
  const b = hub.join(peer(2));
  const farSide = new Recorder();
  b.serve(echo, () => farSide);
  const nearSide = new Recorder();
  const dialing = a.dial(b.self, echo, nearSide, { signal: new AbortController().signal });
  clock.advance(100);
  return { clock, hub, a, b, near: await dialing, nearSide, farSide };
}

t.test('messages take the latency, and a varying one keeps their order', async (t) => {
  let number = 0;
  const latency = () => 10 * (5 - (number++ % 5));
  const { clock, near, farSide } = await simulation({ latency });
  clock.advance(1_000);
  for (let index = 0; index < 10; index += 1) {
    near.send(said(`${index}`));
    clock.advance(1);
  }
  t.ok(farSide.texts.length < 10);
  clock.advance(100);
  t.same(farSide.texts, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
});

t.test('a partition that heals before it is noticed only delays', async (t) => {
  const { clock, hub, a, b, near, nearSide, farSide } = await simulation();
  hub.partition([a.self], [b.self]);
  near.send(said('through'));
  clock.advance(4_000);
  t.same(farSide.texts, []);
  hub.heal();
  clock.advance(10);
  t.same(farSide.texts, ['through']);
  clock.advance(10_000);
  t.equal(nearSide.endings, 0);
});

t.test('a longer partition breaks channels on both sides, and dials until it is over', async (t) => {
  const { clock, hub, a, b, near, nearSide, farSide } = await simulation();
  hub.partition([a.self], [b.self]);
  near.send(said('lost'));
  clock.advance(5_000);
  t.equal((await nearSide.ended.promise)?.code, 'CONNECTIVITY_CONNECTION_LOST');
  t.equal((await farSide.ended.promise)?.code, 'CONNECTIVITY_CONNECTION_LOST');
  const options = { signal: new AbortController().signal };
  const failing = a.dial(b.self, echo, new Recorder(), options);
  clock.advance(6_000);
  await t.rejects(failing, { code: 'CONNECTIVITY_UNREACHABLE' });
  hub.heal();
  const dialing = a.dial(b.self, echo, new Recorder(), options);
  clock.advance(20);
  t.equal((await dialing).send(said('again')), 'accepted');
  clock.advance(10);
  t.same(farSide.texts, ['again']);
});

t.test('a channel closed behind a partition ends at the other side when it heals', async (t) => {
  const { clock, hub, a, b, near, farSide } = await simulation();
  hub.partition([a.self], [b.self]);
  near.close();
  clock.advance(1_000);
  t.equal(farSide.endings, 0);
  hub.heal();
  clock.advance(10);
  t.equal(farSide.endings, 1);
});

t.test('a crash tells the others and nobody at the crashed node, which can come up again', async (t) => {
  const { clock, hub, a, b, near, nearSide, farSide } = await simulation();
  near.send(said('before'));
  clock.advance(10);
  hub.crash(b.self);
  clock.advance(10);
  t.equal((await nearSide.ended.promise)?.code, 'CONNECTIVITY_CONNECTION_LOST');
  t.equal(farSide.endings, 0);
  await t.rejects(b.publish('conun/test', Uint8Array.of(1)), { code: 'CONNECTIVITY_NETWORK_CLOSED' });
  const again = hub.join(b.self);
  const born = new Recorder();
  again.serve(echo, () => born);
  const dialing = a.dial(b.self, echo, new Recorder(), { signal: new AbortController().signal });
  clock.advance(20);
  (await dialing).send(said('after'));
  clock.advance(10);
  t.same(born.texts, ['after']);
});

t.test('a power cut is noticed late, a severed connection at once', async (t) => {
  const first = await simulation();
  first.hub.crash(first.b.self, { powerCut: true });
  first.clock.advance(4_999);
  t.equal(first.nearSide.endings, 0);
  first.clock.advance(1);
  t.equal(first.nearSide.endings, 1);
  const second = await simulation();
  second.hub.sever(second.a.self, second.b.self);
  second.clock.advance(0);
  t.equal(second.nearSide.endings + second.farSide.endings, 2);
});

t.test('gossip can get lost, and stops at a partition', async (t) => {
  const count = (hub: MemoryNetworks, clock: ReturnType<typeof simulatedClock>, heard: { count: number }) => {
    const a = hub.join(peer(11));
    const b = hub.join(peer(12));
    b.subscribe(
      'conun/test',
      () => 'accept',
      () => {
        heard.count += 1;
      },
    );
    for (let index = 0; index < 100; index += 1) void a.publish('conun/test', Uint8Array.of(index));
    clock.advance(20);
    return { a, b };
  };
  const clock = simulatedClock(0);
  const lossy = createMemoryNetworks({ clock, random: seededRandom('loss'), gossipLoss: 0.3 });
  const heard = { count: 0 };
  const { a, b } = count(lossy, clock, heard);
  t.ok(heard.count > 50 && heard.count < 90, `${heard.count} of 100`);
  lossy.partition([a.self], [b.self]);
  const before = heard.count;
  for (let index = 0; index < 100; index += 1) void a.publish('conun/test', Uint8Array.of(index));
  clock.advance(20);
  t.equal(heard.count, before);
});

t.test('the same seed repeats the same story', async (t) => {
  const story = async () => {
    const lines: string[] = [];
    const { clock, a, b, near, farSide } = await simulation({
      latency: (_from, _to, random) => 1 + random.fraction() * 20,
    });
    const listen: ChannelListener<Said> = farSide;
    for (let index = 0; index < 50; index += 1) {
      near.send(said(`${index}`));
      clock.advance(3);
      lines.push(`${clock.now()} ${farSide.texts.length} ${a.peers()[0]?.roundTripMs} ${b.peers().length}`);
    }
    listen.closed();
    return lines;
  };
  t.same(await story(), await story());
});
