import t from 'tap';
import { Libp2pPeers } from '../../src/connectivity/libp2p-peers.ts';
import { loopbackNode, untilConnected, untilEvent } from './loopback-node.ts';

t.test('a peer is seen while it is connected, and remembered afterwards', async (t) => {
  const a = await loopbackNode(t);
  const b = await loopbackNode(t, { bootstrap: a.network.addresses() });
  await untilConnected(a.host, b.network.self);
  const identified = () => a.network.peers().some((one) => one.addresses.includes(b.network.addresses()[0]!));
  await untilEvent(a.host, 'peer:update', identified);
  t.match(a.network.peers(), [{ peer: b.network.self, connected: true }]);
  await b.network.close();
  await untilEvent(a.host, 'peer:disconnect', () => a.host.getPeers().length === 0);
  t.match(a.network.peers(), [{ peer: b.network.self, connected: false }]);
});

t.test('the round trip is that of the last ping, of each peer its own', async (t) => {
  const a = await loopbackNode(t);
  const b = await loopbackNode(t, { bootstrap: a.network.addresses() });
  await untilConnected(b.host, a.network.self);
  t.equal(b.network.peers()[0]?.roundTripMs, undefined);
  const [connection] = b.host.getConnections();
  connection!.rtt = 12;
  t.equal(b.network.peers()[0]?.roundTripMs, 12);
});

t.test('the list is bounded, the longest unheard of goes first', async (t) => {
  const { host } = await loopbackNode(t);
  const peers = new Libp2pPeers(host, () => undefined);
  t.teardown(() => peers.close());
  const update = (number: number) => {
    const peer = { id: { toString: () => `peer ${number}`, equals: () => false }, addresses: [] };
    host.dispatchEvent(new CustomEvent('peer:update', { detail: { peer } }) as never);
  };
  for (let number = 0; number < 1_030; number += 1) update(number);
  t.equal(peers.views().length, 1_024);
  t.equal(peers.views()[0]?.peer as string, 'peer 6');
});
