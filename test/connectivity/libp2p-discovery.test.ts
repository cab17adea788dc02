import { createSocket } from 'node:dgram';
import t from 'tap';
import { type Address, newIdentity } from '../../src/connectivity/index.ts';
import { loopbackNode, startNode, untilConnected, untilEvent } from './loopback-node.ts';

t.test('a bootstrap node that restarts is found again, without being named by its key', async (t) => {
  const identity = newIdentity();
  const first = await startNode({ identity });
  const [address] = first.network.addresses();
  const listen = address!.replace(/\/p2p\/.*$/, '') as Address;
  const node = await loopbackNode(t, { bootstrap: [listen] });
  await untilConnected(node.host, identity.peer);
  await first.network.close();
  await untilEvent(node.host, 'peer:disconnect', () => node.host.getPeers().length === 0);
  const second = await loopbackNode(t, { identity, listen });
  await untilConnected(node.host, identity.peer);
  await untilConnected(second.host, node.network.self);
  t.ok(node.network.peers().find((one) => one.peer === identity.peer)?.connected);
});

t.test('a bootstrap node that is late is waited for, and each failure is seen', async (t) => {
  const identity = newIdentity();
  const probe = await startNode({ identity });
  const [address] = probe.network.addresses();
  await probe.network.close();
  const node = await loopbackNode(t, { bootstrap: probe.network.addresses().concat(address!) });
  const late = await loopbackNode(t, { identity, listen: address!.replace(/\/p2p\/.*$/, '') });
  await untilConnected(late.host, node.network.self);
  const failures = node.inspected.filter((event) => event.topic === 'network.bootstrap-failed');
  t.ok(failures.every((event) => String(event.details?.['address']).includes(identity.peer)));
});

t.test('a node that stands in its own list does not dial itself', async (t) => {
  const identity = newIdentity();
  const probe = await startNode({ identity });
  const addresses = probe.network.addresses();
  await probe.network.close();
  const listen = addresses[0]!.replace(/\/p2p\/.*$/, '');
  const node = await loopbackNode(t, { identity, listen, bootstrap: addresses });
  const other = await loopbackNode(t, { bootstrap: addresses });
  await untilConnected(node.host, other.network.self);
  t.same(
    node.inspected.filter((event) => event.topic === 'network.bootstrap-failed'),
    [],
  );
});

const multicast = await hasMulticast();
const skip = multicast ? false : 'this machine has no multicast, which mDNS needs';

t.test('nodes of one local network find each other without any list', { skip }, async (t) => {
  const a = await loopbackNode(t, { mdns: true, listen: '/ip4/0.0.0.0/tcp/0' });
  const b = await loopbackNode(t, { mdns: true, listen: '/ip4/0.0.0.0/tcp/0' });
  await Promise.all([untilConnected(a.host, b.network.self), untilConnected(b.host, a.network.self)]);
});

/** Whether a datagram to mDNS's group comes back. */
function hasMulticast(): Promise<boolean> {
  const group = '224.0.0.251';
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const answer = (has: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(has);
    };
    const timer = setTimeout(() => answer(false), 2_000);
    socket.on('error', () => answer(false));
    socket.once('message', () => answer(true));
    socket.bind(0, () => {
      try {
        socket.addMembership(group);
        socket.send('hello', socket.address().port, group);
      } catch {
        answer(false);
      }
    });
  });
}
