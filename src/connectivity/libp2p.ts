/**
 * The way onto a network of libp2p. Loaded when it is taken, and not with this layer: libp2p is most of what
 * a command would load that only needs a key.
 */

import type { Network } from './channel.ts';
import type { Host, HostOptions } from './libp2p-host.ts';

export interface OnLibp2p {
  /** For what travels beside channels: blocks. */
  readonly host: Host;
  /** Closing it stops the host. */
  readonly network: Network;
}

/** Rejects with `CONNECTIVITY_LISTEN_FAILED` or `CONNECTIVITY_ADDRESS_INVALID`. */
export async function joinLibp2p(options: HostOptions): Promise<OnLibp2p> {
  const [{ createHost }, { createLibp2pNetwork }] = await Promise.all([
    import('./libp2p-host.ts'),
    import('./libp2p-network.ts'),
  ]);
  const host = await createHost(options);
  return { host, network: createLibp2pNetwork({ ...options, host }) };
}
