import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ComponentLogger, Logger, MultiaddrConnection, Upgrader } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import t from 'tap';
import { tcpTransport } from '../../src/connectivity/libp2p-tcp.ts';

const silent = (): Logger =>
  Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: silent });
const logger: ComponentLogger = { forComponent: silent };

/** A connection of the transport, before it is encrypted, and the socket at its other end. */
async function connected(): Promise<{ connection: MultiaddrConnection; peer: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrives = once(server, 'connection');
  const caught = Promise.withResolvers<MultiaddrConnection>();
  const upgrader = { upgradeOutbound: async (connection: MultiaddrConnection) => caught.resolve(connection) };
  const { port } = server.address() as AddressInfo;
  await tcpTransport()({ logger }).dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`), {
    upgrader: upgrader as unknown as Upgrader,
    signal: AbortSignal.timeout(10_000),
  });
  const [peer] = (await arrives) as [Socket];
  server.close();
  return { connection: await caught.promise, peer };
}

t.test('what is sent in one turn is one write, and arrives in order', async (t) => {
  const { connection, peer } = await connected();
  const { socket } = connection as unknown as { socket: Required<Socket> };
  const one = t.capture(socket, '_write', socket._write);
  const many = t.capture(socket, '_writev', socket._writev);
  const writes = () => one().length + many().length;
  const arrived = buffer(peer);
  for (const piece of ['one ', 'two ', 'three ']) connection.send(new TextEncoder().encode(piece));
  await new Promise(setImmediate);
  t.equal(writes(), 1);
  connection.send(new TextEncoder().encode('four'));
  await new Promise(setImmediate);
  t.equal(writes(), 1, 'the next turn has a write of its own');
  await connection.close();
  t.equal((await arrived).toString(), 'one two three four');
});

t.test('what is sent right before the end is not held back', async (t) => {
  const { connection, peer } = await connected();
  const arrived = buffer(peer);
  connection.send(new TextEncoder().encode('last words'));
  await connection.close();
  t.equal((await arrived).toString(), 'last words');
});
