/** The door of the connectivity layer. */
export { type Blocks, type BlocksInit, openBlocks } from './blocks.ts';
export type * from './channel.ts';
export * from './errors.ts';
export { createKeyFile, type Identity, loadIdentity, loadKeyFile, newIdentity } from './identity.ts';
export { createHost, type Host, type HostOptions } from './libp2p-host.ts';
export { createLibp2pNetwork, type Libp2pNetworkOptions } from './libp2p-network.ts';
export * from './liveness.ts';
export { type LoopbackOptions, withLoopback } from './loopback-network.ts';
export type { MemoryNetworksOptions } from './memory-hub.ts';
export * from './memory-network.ts';
export * from './network-limits.ts';
export { ownerIdOf, parsePeerId, peerIdOf, publicKeyOf } from './peer-id.ts';
export { verifySignature } from './signature.ts';
export type * from './signer.ts';
export * from './topic.ts';
export * from './typed-data.ts';
