/**
 * libp2p's TCP, with the writes of one turn gathered into one. A message is encrypted into four pieces or
 * more, and on a socket that does not wait for more, each is a system call, a packet, and a wake-up of the
 * peer.
 */

import type { Socket } from 'node:net';
import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface';
import { type TCPComponents, tcp } from '@libp2p/tcp';

/** What libp2p's connection is beneath its public face. */
interface OverSocket {
  readonly socket: Socket;
  sendData(data: unknown): unknown;
}

// Nagle's algorithm would add up to 40 ms to every small message that follows another one.
const SOCKET = { noDelay: true };

export function tcpTransport(): (components: TCPComponents) => Transport {
  const make = tcp({ dialOpts: SOCKET, listenOpts: SOCKET });
  return (components) => {
    const transport = make(components);
    const dial = transport.dial.bind(transport);
    const createListener = transport.createListener.bind(transport);
    return Object.assign(transport, {
      dial: (address, options) => dial(address, { ...options, upgrader: gathering(options.upgrader) }),
      createListener: (options) => createListener({ ...options, upgrader: gathering(options.upgrader) }),
    } satisfies Pick<Transport, 'dial' | 'createListener'>);
  };
}

/** Connections pass here before anything is written on them. */
function gathering(upgrader: Upgrader): Upgrader {
  return {
    upgradeInbound: (connection: MultiaddrConnection, options: never) =>
      upgrader.upgradeInbound(gathered(connection), options),
    upgradeOutbound: (connection: MultiaddrConnection, options: never) =>
      upgrader.upgradeOutbound(gathered(connection), options),
    createInboundAbortSignal: (signal) => upgrader.createInboundAbortSignal(signal),
    getStreamMuxers: () => upgrader.getStreamMuxers(),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
  };
}

function gathered(connection: MultiaddrConnection): MultiaddrConnection {
  const over = connection as unknown as OverSocket;
  const { socket } = over;
  const sendData = over.sendData.bind(over);
  let isHeldBack = false;
  over.sendData = (data) => {
    if (!isHeldBack) {
      isHeldBack = true;
      socket.cork();
      process.nextTick(() => {
        isHeldBack = false;
        socket.uncork();
      });
    }
    return sendData(data);
  };
  return connection;
}
