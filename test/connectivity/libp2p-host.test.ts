import { createServer, type AddressInfo, connect } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { type Address, newIdentity } from '../../src/connectivity/index.ts';
import { loopbackNode, startNode, untilConnected } from './loopback-node.ts';

t.test('a node says where it can be dialed, by its own key', async (t) => {
  const identity = newIdentity();
  const { network } = await loopbackNode(t, { identity });
  t.equal(network.self, identity.peer);
  t.match(network.addresses(), [new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/${identity.peer}$`)]);
});

t.test('a port that is taken, and an address that is none, are told as such', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  await t.rejects(startNode({ listen: `/ip4/127.0.0.1/tcp/${port}` }), {
    code: 'CONNECTIVITY_LISTEN_FAILED',
  });
  await t.rejects(startNode({ listen: 'everywhere' }), { code: 'CONNECTIVITY_ADDRESS_INVALID' });
  await t.rejects(startNode({ bootstrap: ['nobody' as Address] }), { code: 'CONNECTIVITY_ADDRESS_INVALID' });
});

t.test('a blocked peer cannot connect again', async (t) => {
  const a = await loopbackNode(t);
  const b = await loopbackNode(t, { bootstrap: a.network.addresses() });
  await untilConnected(a.host, b.network.self);
  a.network.block(b.network.self);
  await t.rejects(
    b.host.dial(a.host.getMultiaddrs()).then((connection) => connection.newStream('/ipfs/ping/1.0.0')),
  );
});

t.test('garbage on the port does no harm to others', async (t) => {
  const a = await loopbackNode(t);
  const port = Number(a.host.getMultiaddrs()[0]?.toString().split('/')[4]);
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
  socket.end(Buffer.alloc(100_000, 'garbage'));
  await closed;
  const b = await loopbackNode(t, { bootstrap: a.network.addresses() });
  await untilConnected(a.host, b.network.self);
  t.equal(a.network.peers().length, 1);
});

t.test('nodes without a common list find each other in the table', async (t) => {
  const boot = await loopbackNode(t, { dht: true });
  const options = { dht: true, bootstrap: boot.network.addresses() };
  const a = await loopbackNode(t, options);
  const b = await loopbackNode(t, options);
  await untilConnected(boot.host, b.network.self);
  await untilConnected(a.host, b.network.self);
  t.ok(b.host.services.dht);
});
