/**
 * Who is told of changes, and how often: a change of phase at once, counts a few times a second.
 *
 * Views are whole and replace each other, so a follower whose mailbox is full misses nothing that the next
 * one does not say.
 */

import type { ActorRef, Milliseconds } from '../actors/index.ts';
import type { BatchId, BatchPhase } from './batch.ts';
import { type BatchState, viewOf } from './batch-state.ts';
import type { BatchNews } from './broker-mail.ts';

/** Five times a second is a fluent progress bar, and nothing next to fifty thousand units. */
export const NEWS_INTERVAL_MS: Milliseconds = 200;

/** Faces and the announcer of one node. */
const FOLLOWERS_MAX = 1_024;

export class Followers {
  readonly #followers = new Set<ActorRef<BatchNews>>();
  readonly #told = new Map<BatchId, { readonly phase: BatchPhase; readonly at: Milliseconds }>();
  readonly #stale = new Map<BatchId, BatchState>();

  /** False when there are too many. */
  add(follower: ActorRef<BatchNews>): boolean {
    if (this.#followers.size >= FOLLOWERS_MAX) return false;
    this.#followers.add(follower);
    return true;
  }

  tell(news: BatchNews): void {
    for (const follower of this.#followers)
      if (follower.tell(news) === 'stopped') this.#followers.delete(follower);
  }

  /** News of a batch that has changed, unless it is too early for it. */
  changed(state: BatchState, now: Milliseconds): BatchNews | undefined {
    const { batch } = state.spec;
    const told = this.#told.get(batch);
    if (told?.phase === state.phase && now - told.at < NEWS_INTERVAL_MS) {
      this.#stale.set(batch, state);
      return undefined;
    }
    this.#stale.delete(batch);
    if (state.endedAt === null) this.#told.set(batch, { phase: state.phase, at: now });
    else this.#told.delete(batch);
    return { type: 'changed', view: viewOf(state) };
  }

  /** Whether somebody waits for news that came too early. */
  get late(): boolean {
    return this.#stale.size > 0;
  }

  catchUp(now: Milliseconds): void {
    for (const state of [...this.#stale.values()]) {
      const news = this.changed(state, now);
      if (news) this.tell(news);
    }
  }
}
