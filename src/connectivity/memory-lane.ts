/**
 * One direction of a channel in memory: what is sent arrives in order, after its delay, not faster than the
 * reader takes it, and not while the lane is stalled (a partition). Nothing is lost but by cutting the lane.
 */

import type { Clock, Milliseconds } from '../actors/index.ts';

/**
 * An item is due this much early: sums of fractions of a millisecond do not come out even, and what is left
 * over could be too little to move a clock that counts from 1970.
 */
const EARLY_MS: Milliseconds = 0.01;

export class Lane<Item> {
  readonly #clock: Clock;
  readonly #arrived: (item: Item) => Milliseconds;
  readonly #items: { readonly item: Item; readonly dueMs: Milliseconds }[] = [];
  #lastDueMs: Milliseconds = 0;
  /** Reading is paused until then. */
  #pausedUntilMs: Milliseconds = 0;
  #stalled = false;
  #cut = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, arrived: (item: Item) => Milliseconds) {
    this.#clock = clock;
    this.#arrived = arrived;
  }

  push(item: Item, delayMs: Milliseconds): void {
    if (this.#cut) return;
    // Not before the one before it: a stream keeps its order however the latency varies.
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#clock.monotonic() + delayMs);
    this.#items.push({ item, dueMs: this.#lastDueMs });
    this.#arm();
  }

  stall(): void {
    this.#stalled = true;
    this.#disarm();
  }

  resume(): void {
    this.#stalled = false;
    this.#arm();
  }

  /** What is under way is lost. */
  cut(): void {
    this.#cut = true;
    this.#items.length = 0;
    this.#disarm();
  }

  #arm(): void {
    const head = this.#items[0];
    if (head === undefined || this.#stalled || this.#cancelTimer !== undefined) return;
    const dueMs = Math.max(head.dueMs, this.#pausedUntilMs);
    this.#cancelTimer = this.#clock.after(Math.max(0, dueMs - this.#clock.monotonic()), () => {
      this.#cancelTimer = undefined;
      this.#deliver();
      this.#arm();
    });
  }

  #deliver(): void {
    const now = this.#clock.monotonic();
    while (!this.#cut && !this.#stalled && this.#pausedUntilMs <= now + EARLY_MS) {
      const head = this.#items[0];
      if (head === undefined || head.dueMs > now + EARLY_MS) return;
      this.#items.shift();
      const waitMs = this.#arrived(head.item);
      if (waitMs > 0) this.#pausedUntilMs = now + waitMs;
    }
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
