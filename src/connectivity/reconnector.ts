/**
 * Keeps this node connected to a list of targets, for ever: whoever is not connected is dialed, with a
 * back-off that grows to a minute and jitter, so that a thousand nodes do not come back to a restarted
 * bootstrap node together. (Bacalhau's network split because of one dropped link: bootstrap dials were not
 * repeated.)
 */

import { type Clock, MINUTE_MS, type Milliseconds, type Random, SECOND_MS } from '../actors/index.ts';

export interface ReconnectorOptions<Target> {
  readonly targets: readonly Target[];
  readonly isConnected: (target: Target) => boolean;
  /** Rejects when it fails; must settle when `signal` aborts. */
  readonly dial: (target: Target, signal: AbortSignal) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: Random;
  readonly failed?: (target: Target, attempt: number, thrown: unknown) => void;
}

export interface Reconnector {
  /** A connection was lost: whoever is missing is dialed soon. */
  lost(): void;
  stop(): void;
}

/** A peer that restarts is back within seconds; one that is gone for days costs a dial a minute. */
const BACK_OFF_MS_MIN: Milliseconds = SECOND_MS / 2;
const BACK_OFF_MS_MAX: Milliseconds = MINUTE_MS;

/** A connected target is looked at again after this, in case its loss was not reported. */
const LOOK_AGAIN_MS: Milliseconds = 15 * SECOND_MS;

/** Enough for three lost packets of a handshake (1, 2 and 4 s) on each of two addresses. */
const DIAL_MS_MAX: Milliseconds = 15 * SECOND_MS;

export function keepConnected<Target>(options: ReconnectorOptions<Target>): Reconnector {
  const watches = options.targets.map((target) => new Watch(options, target));
  for (const watch of watches) watch.look();
  return {
    lost: () => {
      for (const watch of watches) watch.lookSoon();
    },
    stop: () => {
      for (const watch of watches) watch.stop();
    },
  };
}

/** The back-off before attempt number `attempt` (1, 2, …): half fixed, half chance. */
export function backOffMs(attempt: number, random: Random): Milliseconds {
  const ceiling = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** Math.min(attempt - 1, 20));
  return ceiling / 2 + (random.fraction() * ceiling) / 2;
}

class Watch<Target> {
  readonly #options: ReconnectorOptions<Target>;
  readonly #target: Target;
  #attempts = 0;
  #cancel: (() => void) | undefined;
  #dialing: AbortController | undefined;
  #stopped = false;

  constructor(options: ReconnectorOptions<Target>, target: Target) {
    this.#options = options;
    this.#target = target;
  }

  look(): void {
    if (this.#stopped || this.#dialing !== undefined) return;
    if (this.#options.isConnected(this.#target)) {
      this.#attempts = 0;
      this.#lookAfter(LOOK_AGAIN_MS);
    } else {
      void this.#dial();
    }
  }

  /** Of those that wait because they were connected; one that backs off goes on backing off. */
  lookSoon(): void {
    if (this.#attempts === 0 && this.#dialing === undefined)
      this.#lookAfter(backOffMs(1, this.#options.random));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#dialing?.abort();
  }

  async #dial(): Promise<void> {
    const dialing = new AbortController();
    this.#dialing = dialing;
    const cancelDeadline = this.#options.clock.after(DIAL_MS_MAX, () => dialing.abort());
    try {
      await this.#options.dial(this.#target, dialing.signal);
      this.#attempts = 0;
    } catch (thrown) {
      this.#attempts += 1;
      if (!this.#stopped) this.#options.failed?.(this.#target, this.#attempts, thrown);
    } finally {
      cancelDeadline();
      this.#dialing = undefined;
    }
    const delayMs = this.#attempts === 0 ? LOOK_AGAIN_MS : backOffMs(this.#attempts, this.#options.random);
    if (!this.#stopped) this.#lookAfter(delayMs);
  }

  #lookAfter(delayMs: Milliseconds): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(delayMs, () => this.look());
  }
}
