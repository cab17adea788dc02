/** How a broker grants leases. */

import { MIB, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { ExaminerLimits } from './examiner.ts';

export interface HolderConfig extends ExaminerLimits {
  /** Silence of a provider after which its tasks go elsewhere. At least two heartbeats. */
  readonly lapseAfterMs: Milliseconds;
  readonly heartbeatMs: Milliseconds;
  readonly leaseTermMs: Milliseconds;
  readonly leasesMax: number;
  readonly slotsPerLeaseMax: number;
  /** When a declined provider may ask again. */
  readonly retryAfterMs: Milliseconds;
}

export const holderDefaults: HolderConfig = {
  // Three missed heartbeats and a second: a garbage collection is no death. The design has 30 s.
  lapseAfterMs: 10 * SECOND_MS,
  heartbeatMs: 3 * SECOND_MS,
  // A night: so long at most does a provider keep results for a broker that does not come back.
  leaseTermMs: 12 * 60 * MINUTE_MS,
  // As many connections as one libp2p process carries.
  leasesMax: 10_000,
  // The largest desktop lent whole; a larger machine takes part with this much of it.
  slotsPerLeaseMax: 256,
  retryAfterMs: 5 * SECOND_MS,
  // Peers serve several requests at once; more would only share the same line.
  fetchesMax: 8,
  // Enough to keep a line busy; a provider that holds back its outputs leaves as many for all others.
  fetchesPerLeaseMax: 4,
  // A large output at 1 MB/s, which a slow line at home still sends.
  fetchMsMax: MINUTE_MS,
  // Eight of them at a time are half a gigabyte.
  outputBytesMax: 64 * MIB,
};
