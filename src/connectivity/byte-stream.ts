/** What a channel needs of a transport: bytes out with back-pressure, and a way to make the sender wait. */

import type { Bytes } from '../actors/index.ts';

export interface ByteStream {
  /** Takes all of it. `false`: nothing more until the channel's `writable` is called. */
  write(bytes: Uint8Array): boolean;
  /** Taken, and not handed to the network yet. */
  bytesWaiting(): Bytes;
  pause(): void;
  resume(): void;
  /** Writes what waits, then ends; gives up after a while on its own. Idempotent. */
  end(): void;
}
