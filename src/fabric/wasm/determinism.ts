/**
 * Time and chance as a task sees them: functions of its seed and of its own calls, never of the machine.
 *
 * Every reading of a clock is one step later than the one before, so loops that wait for time to pass end,
 * and two honest runs, however fast, read the same times.
 */

import { createCipheriv, createHash } from 'node:crypto';

/**
 * 1 ms: what programs expect of a coarse clock; a program that waits a second for progress asks a thousand
 * times.
 */
export const CLOCK_STEP_NS = 1_000_000n;

/** 2020-01-01: any time at all would do, but libraries reject dates before their own release. */
const EPOCH_NS = 1_577_836_800_000_000_000n;

/**
 * The key and the zero counter of AES-256-CTR (NIST SP 800-38A), whose key stream is the task's randomness.
 */
const CIPHER = 'aes-256-ctr';
const COUNTER = new Uint8Array(16);

export class TaskTime {
  #elapsedNs = 0n;

  /** Since the task began, one step further with each call. */
  monotonicNs(): bigint {
    this.#elapsedNs += CLOCK_STEP_NS;
    return this.#elapsedNs;
  }

  realtimeNs(): bigint {
    return EPOCH_NS + this.monotonicNs();
  }

  /** A sleep: nobody waits, the clock is later. */
  sleep(ns: bigint): void {
    this.#elapsedNs += ns;
  }
}

export class TaskChance {
  readonly #seed: string;
  #stream: ReturnType<typeof createCipheriv> | undefined;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Overwrites `target` with the next bytes of the stream. Made on first use: most tasks never ask. */
  fill(target: Uint8Array): void {
    this.#stream ??= createCipheriv(CIPHER, createHash('sha256').update(this.#seed).digest(), COUNTER);
    target.set(this.#stream.update(target.fill(0)));
  }
}
