/**
 * The token bucket, in its form with debt: what has already arrived is always taken, and the answer says how
 * long to wait before taking more. So nothing is thrown away, and the mean rate still holds.
 */

import type { Milliseconds } from '../actors/index.ts';

export interface TokenBucket {
  /** Negative: the debt. */
  tokens: number;
  at: Milliseconds;
}

export interface BucketRate {
  readonly perSecond: number;
  /** What may come at once after a silence. */
  readonly burst: number;
}

export function fullBucket(rate: BucketRate, now: Milliseconds): TokenBucket {
  return { tokens: rate.burst, at: now };
}

/** Takes `amount` and returns how long to wait until the bucket is out of debt; 0 most of the time. */
export function take(bucket: TokenBucket, amount: number, rate: BucketRate, now: Milliseconds): Milliseconds {
  // A clock that was set back adds nothing, and does not punish either.
  const elapsedMs = Math.max(0, now - bucket.at);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1_000) - amount;
  bucket.at = now;
  return bucket.tokens >= 0 ? 0 : (-bucket.tokens / rate.perSecond) * 1_000;
}
