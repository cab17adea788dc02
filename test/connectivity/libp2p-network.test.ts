import t, { type Test } from 'tap';
import type { Network } from '../../src/connectivity/index.ts';
import { type NetworkFixture, networkConformance, protocolOf, Recorder } from '../conformance/network.ts';
import { type LoopbackNode, loopbackNode, untilConnected, untilSubscribers } from './loopback-node.ts';

/** All but the first have the first as their bootstrap node. */
async function fixture(count: number, test: Test): Promise<NetworkFixture> {
  const nodes: LoopbackNode[] = [];
  for (let index = 0; index < count; index += 1) {
    nodes.push(await loopbackNode(test, { bootstrap: nodes[0]?.network.addresses() ?? [] }));
  }
  return {
    networks: nodes.map((node) => node.network),
    addressesOf: (network) => network.addresses(),
    subscribed: async (topic) => {
      // A star: the first is connected with all others, each of those with the first only.
      const known = (index: number) => (index === 0 ? count - 1 : 1);
      await Promise.all(nodes.map(({ host }, index) => untilSubscribers(host, topic, known(index))));
    },
  };
}

await networkConformance(t, 'libp2p', fixture);

t.test(
  'a peer that is connected is dialed without addresses, one whose key is no Ed25519 key not at all',
  async (t) => {
    const a = await loopbackNode(t);
    const b = await loopbackNode(t, { bootstrap: a.network.addresses() });
    await untilConnected(a.host, b.network.self);
    const protocol = protocolOf('/conun/test/1');
    b.network.serve(protocol, () => new Recorder());
    const signal = new AbortController().signal;
    t.ok(await a.network.dial(b.network.self, protocol, new Recorder(), { signal }));
    const rsa = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N' as Network['self'];
    await t.rejects(a.network.dial(rsa, protocol, new Recorder(), { signal }), {
      code: 'CONNECTIVITY_PEER_ID_INVALID',
    });
  },
);

t.test('what happens to connections and channels is seen by the inspector', async (t) => {
  const a = await loopbackNode(t);
  const b = await loopbackNode(t, { bootstrap: a.network.addresses() });
  await untilConnected(a.host, b.network.self);
  a.network.block(b.network.self);
  t.same(
    a.inspected.map((event) => [event.topic, event.details?.['peer']]),
    [
      ['network.peer-connected', b.network.self],
      ['network.peer-blocked', b.network.self],
    ],
  );
});
