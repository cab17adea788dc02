import t from 'tap';
import { z } from 'zod';
import { MIB, simulatedClock, seededRandom } from '../../src/actors/index.ts';
import type { PeerId, Protocol } from '../../src/connectivity/index.ts';
import { createMemoryNetworks } from '../../src/connectivity/memory-network.ts';
import { withLoopback } from '../../src/connectivity/loopback-network.ts';
import { newIdentity } from '../../src/connectivity/identity.ts';

const text = z.string().max(100);

const protocol: Protocol<string, string> = {
  id: '/conun/test/1',
  parseDialer: (value) => text.parse(value),
  parseListener: (value) => text.parse(value),
  limits: {
    messageBytesMax: MIB,
    outboundBytesMax: MIB,
    inboundBytesPerSecondMax: MIB,
    streamsPerPeerMax: 4,
  },
};

function twoNodes() {
  const clock = simulatedClock(0);
  const random = seededRandom('loopback');
  const hub = createMemoryNetworks({ clock, random });
  const join = (peer: PeerId) => withLoopback({ network: hub.join(peer), clock, random });
  return { clock, here: join(newIdentity().peer), there: join(newIdentity().peer) };
}

/** Moves time and promises until `goal` resolves. */
async function reached<Value>(clock: { advance(ms: number): void }, goal: Promise<Value>): Promise<Value> {
  let done = false;
  const finished = goal.finally(() => {
    done = true;
  });
  // Awaited below, when time has moved far enough.
  finished.catch(() => undefined);
  while (!done) {
    clock.advance(10);
    await new Promise(setImmediate);
  }
  return finished;
}

for (const which of ['itself', 'another'] as const) {
  t.test(`a node that serves is reached by ${which}, and each side sees the other's peer id`, async (t) => {
    const { clock, here, there } = twoNodes();
    const dialler = which === 'itself' ? here : there;
    const seen: string[] = [];
    const answered = Promise.withResolvers<readonly string[]>();
    here.serve(protocol, (channel) => ({
      received(messages) {
        seen.push(channel.remote, ...messages);
        channel.send('and back');
      },
      closed: () => undefined,
    }));
    const listener = { received: answered.resolve, closed: () => undefined };
    const { signal } = new AbortController();
    const channel = await reached(clock, dialler.dial(here.self, protocol, listener, { signal }));
    t.equal(channel.remote, here.self);
    channel.send('there');
    t.same(await reached(clock, answered.promise), ['and back']);
    t.same(seen, [dialler.self, 'there']);
  });
}

t.test('a node that serves nothing refuses itself as it refuses others', async (t) => {
  const { clock, here } = twoNodes();
  const listener = { received: () => undefined, closed: () => undefined };
  const { signal } = new AbortController();
  const dialled = here.dial(here.self, protocol, listener, { signal });
  await t.rejects(reached(clock, dialled), { code: 'CONNECTIVITY_PROTOCOL_REFUSED' });
});
