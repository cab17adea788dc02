import t from 'tap';
import { seededRandom, simulatedClock } from '../../src/actors/index.ts';
import { createMemoryNetworks, type PeerId } from '../../src/connectivity/index.ts';
import { protocolOf, Recorder, type Said, said } from '../conformance/network.ts';

async function pair(encoded: boolean) {
  const clock = simulatedClock(0);
  const hub = createMemoryNetworks({ clock, random: seededRandom('channel'), latency: () => 5, encoded });
  const [a, b] = [hub.join('a' as PeerId), hub.join('b' as PeerId)];
  const protocol = protocolOf('/conun/test/1', { outboundBytesMax: 2_560 });
  const far = new Recorder();
  b.serve(protocol, () => far);
  const near = new Recorder();
  const dialing = a.dial(b.self, protocol, near, { signal: new AbortController().signal });
  clock.advance(10);
  return { clock, channel: await dialing, near, far };
}

t.test('encoded messages are copies, others are the very values', async (t) => {
  for (const encoded of [true, false]) {
    const { clock, channel, far } = await pair(encoded);
    const message = { type: 'said', text: 'before' } as { type: 'said'; text: string };
    channel.send(message);
    message.text = 'after';
    clock.advance(5);
    t.same(far.texts, [encoded ? 'before' : 'after']);
    t.equal(far.calls[0]?.[0] === message, !encoded);
  }
});

t.test('a value that has no encoding is found out at the sender', async (t) => {
  const { channel } = await pair(true);
  t.throws(() => channel.send({ type: 'said', text: undefined } as unknown as Said));
});

t.test('without encoding, messages count for an assumed size', async (t) => {
  const { clock, channel, near } = await pair(false);
  let sent = 0;
  while (channel.send(said('x')) === 'accepted') sent += 1;
  t.equal(sent, 10);
  clock.advance(5);
  t.equal(near.drains, 1);
  t.equal(channel.send(said('x')), 'accepted');
});

t.test('the messages of one instant arrive together, after the latency', async (t) => {
  const { clock, channel, far } = await pair(true);
  channel.send(said('1'));
  channel.send(said('2'));
  clock.advance(4);
  t.equal(far.calls.length, 0);
  channel.send(said('3'));
  clock.advance(1);
  t.same(
    far.calls.map((call) => call.length),
    [2],
  );
  clock.advance(4);
  t.same(
    far.calls.map((call) => call.length),
    [2, 1],
  );
});
