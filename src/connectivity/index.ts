/** The door of the connectivity layer. */
export type * from './channel.ts';
export * from './errors.ts';
export type { MemoryNetworksOptions } from './memory-hub.ts';
export * from './memory-network.ts';
export * from './network-limits.ts';
export type * from './signer.ts';
