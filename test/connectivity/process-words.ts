/** What `processes.test.ts` and its nodes say to each other. */

import { protocolOf } from '../conformance/network.ts';

export const TOPIC = 'conun/test';

/** A megabyte may wait at the sender; the rate is no limit here. */
export const bulk = protocolOf('/conun/test-bulk/1', {
  outboundBytesMax: 1_048_576,
  inboundBytesPerSecondMax: 1_000_000_000,
});

export type Command = { readonly type: 'publish'; readonly text: string } | { readonly type: 'close' };

export type Report =
  | { readonly type: 'up'; readonly peer: string; readonly addresses: readonly string[] }
  | { readonly type: 'connected'; readonly peer: string }
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'received'; readonly count: number };
