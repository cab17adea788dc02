/**
 * The libp2p node under the network: TCP, Noise, Yamux; identify and ping; bootstrap list, mDNS and a
 * Kademlia table of our own to find others; gossipsub. Blocks travel over the same node.
 *
 * Connections of blocked peers, and of peers whose key is not Ed25519, are refused before any protocol runs.
 */

import { noise } from '@libp2p/noise';
import { yamux } from '@libp2p/yamux';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { type Identify, identify } from '@libp2p/identify';
import type { ConnectionGater, Libp2p, PeerId as Libp2pPeerId, PrivateKey } from '@libp2p/interface';
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import { mdns } from '@libp2p/mdns';
import { type Ping, ping } from '@libp2p/ping';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import { type Clock, type Inspector, MIB, type Random, SECOND_MS } from '../actors/index.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { Address } from './channel.ts';
import { connectivityErrors } from './errors.ts';
import type { Identity } from './identity.ts';
import { type Discovery, dialFound, discovery } from './libp2p-discovery.ts';
import { multiaddrOf, peerIdFrom } from './libp2p-address.ts';
import { tcpTransport } from './libp2p-tcp.ts';
import { defaultNetworkLimits, type NetworkLimits } from './network-limits.ts';

export interface HostOptions {
  readonly identity: Identity;
  /** `/ip4/0.0.0.0/tcp/4101`; port 0 lets the system choose. Empty: this node only dials. */
  readonly listen: readonly Address[];
  /** Dialed at the start and whenever they are not connected, for ever. */
  readonly bootstrap: readonly Address[];
  /** Whether to look for others in the local network, and be found there. */
  readonly mdns: boolean;
  /** Whether to take part in the table by which peers find peers that they are not connected to. */
  readonly dht: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly inspect?: Inspector;
  readonly limits?: NetworkLimits;
}

export type HostServices = {
  identify: Identify;
  ping: Ping;
  pubsub: GossipSub;
  discovery: Discovery;
  /** Shared with the network on this host: who is blocked, and what each peer has cost. */
  admission: Admission;
  dht?: KadDHT;
};

export type Host = Libp2p<HostServices>;

const DHT_PROTOCOL = '/conun/kad/1';
const MDNS_SERVICE = '_conun._udp.local';

/**
 * What one stream may have in flight: at 100 ms of round trip, 40 MB/s. The default of 16 MiB would let one
 * peer hold that much in a paused reader, and overflow the stream's own limit of 4 MiB, which resets it.
 */
const STREAM_WINDOW_BYTES_MAX = 4 * MIB;

/** A little more than the window: a paused reader is never the cause of a reset. */
const READ_BUFFER_BYTES_MAX = STREAM_WINDOW_BYTES_MAX + MIB;

/** Silent breaks are seen within 20 seconds; a machine that stalls under load for less is not cut off. */
const PING_INTERVAL_MS = 10 * SECOND_MS;
const PING_TIMEOUT_MS = 10 * SECOND_MS;

/**
 * Starts the node. Rejects with `CONNECTIVITY_LISTEN_FAILED` or `CONNECTIVITY_ADDRESS_INVALID`. `stop()`
 * releases everything.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const limits = options.limits ?? defaultNetworkLimits;
  const admission = createAdmission(limits);
  const bootstrap = options.bootstrap.map(multiaddrOf);
  for (const address of options.listen) multiaddrOf(address);
  const found = discovery({ ...options, bootstrap, limits });
  try {
    return await createLibp2p<HostServices>({
      ...transportOf(options, limits, admission),
      peerDiscovery: options.mdns ? [localNetwork(limits)] : [],
      services: {
        identify: identify(),
        ping: ping(),
        pubsub: gossip(limits),
        discovery: found,
        admission: () => admission,
        ...(options.dht ? { dht: table() } : {}),
      },
    });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw connectivityErrors.CONNECTIVITY_LISTEN_FAILED(
      { addresses: options.listen.join(' '), reason },
      thrown,
    );
  }
}

function transportOf(
  options: HostOptions,
  limits: NetworkLimits,
  admission: Admission,
): Libp2pOptions<HostServices> {
  return {
    privateKey: privateKeyOf(options.identity),
    addresses: { listen: [...options.listen] },
    transports: [tcpTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        streamOptions: {
          maxStreamWindowSize: STREAM_WINDOW_BYTES_MAX,
          maxReadBufferLength: READ_BUFFER_BYTES_MAX,
        },
      }),
    ],
    connectionGater: gaterOf(admission),
    connectionManager: {
      maxConnections: limits.connectionsMax,
      inboundConnectionThreshold: limits.connectionsPerSecondMax,
      maxIncomingPendingConnections: limits.connectionsPerSecondMax,
    },
    connectionMonitor: {
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: { minTimeout: PING_TIMEOUT_MS, maxTimeout: PING_TIMEOUT_MS },
    },
  };
}

function gaterOf(admission: Admission): ConnectionGater {
  const refused = (peer: Libp2pPeerId) => peer.type !== 'Ed25519' || admission.isBlocked(peerIdFrom(peer));
  return {
    denyDialPeer: refused,
    denyInboundEncryptedConnection: refused,
    denyOutboundEncryptedConnection: refused,
  };
}

function gossip(limits: NetworkLimits): ReturnType<typeof gossipsub> {
  return gossipsub({
    // `from` of a message is proven, and a relay cannot change it.
    globalSignaturePolicy: 'StrictSign',
    emitSelf: false,
    // To all neighbours at once: announcements are rare and should be quick; relays go by the mesh.
    floodPublish: true,
    // A lonely node may speak; nobody hears it.
    allowPublishToZeroTopicPeers: true,
    // Peers come from discovery, which asks who they are; not from a stranger's word.
    doPX: false,
    fallbackToFloodsub: false,
    maxInboundDataLength: limits.gossipBytesMax,
    maxOutboundBufferSize: 4 * MIB,
    decodeRpcLimits: {
      maxSubscriptions: 256,
      maxMessages: 1_024,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 1_024,
      maxPeerInfos: 16,
    },
    // Many honest nodes of one lab share an address; invalid messages are counted by admission instead.
    scoreParams: { IPColocationFactorWeight: 0 },
  });
}

function table(): ReturnType<typeof kadDHT> {
  return kadDHT({
    protocol: DHT_PROTOCOL,
    // A grid often lives in private address space altogether: no address is filtered.
    peerInfoMapper: passthroughMapper,
    clientMode: false,
  });
}

/** Whoever is announced again is dialed again: libp2p itself reports a peer only once. */
function localNetwork(limits: NetworkLimits): ReturnType<typeof mdns> {
  const make = mdns({ serviceTag: MDNS_SERVICE });
  return (components) => {
    const service = make(components);
    const { connectionManager } = components as unknown as Parameters<typeof dialFound>[0];
    service.addEventListener('peer', (event) => dialFound({ connectionManager }, event.detail, limits));
    return service;
  };
}

function privateKeyOf(identity: Identity): PrivateKey {
  const { d, x } = identity.privateKey.export({ format: 'jwk' });
  return privateKeyFromRaw(
    Buffer.concat([Buffer.from(String(d), 'base64url'), Buffer.from(String(x), 'base64url')]),
  );
}
