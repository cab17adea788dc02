/**
 * Sums up what one turn has taught about each owner, so that a bundle of a hundred is one entry in the
 * journal.
 */

import type { OwnerId } from '../connectivity/index.ts';
import { type ReputationEvent, reputationMachine, type Standing } from './reputation.ts';
import type { Judgement } from './unit-state.ts';

export class Judgements {
  readonly #standings: Map<OwnerId, Standing>;
  readonly #sums = new Map<OwnerId, { [Kind in Judgement]: number }>();
  #events: ReputationEvent[] = [];

  /** `standings` is kept up to date as judgements come in. */
  constructor(standings: Map<OwnerId, Standing>) {
    this.#standings = standings;
  }

  add(owner: OwnerId, as: Judgement): void {
    let sum = this.#sums.get(owner);
    if (!sum) {
      sum = { agreed: 0, disagreed: 0, failed: 0, lost: 0 };
      this.#sums.set(owner, sum);
    }
    sum[as] += 1;
  }

  /** False when the owner was excluded before. */
  exclude(owner: OwnerId, reason: string): boolean {
    const event: ReputationEvent = { type: 'excluded', owner, reason };
    const { effects } = reputationMachine.step(this.#standings, event, 0);
    if (effects.length === 0) return false;
    this.#events.push(event);
    return true;
  }

  /** The events of this turn, for the journal. */
  take(): readonly ReputationEvent[] {
    const events = this.#events;
    this.#events = [];
    for (const [owner, sum] of this.#sums) {
      const event: ReputationEvent = { type: 'judged', owner, ...sum };
      reputationMachine.step(this.#standings, event, 0);
      events.push(event);
    }
    this.#sums.clear();
    return events;
  }
}
