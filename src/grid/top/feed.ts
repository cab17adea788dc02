/**
 * Brings the dashboard its events: a snapshot every second, and inspection events as they come. A daemon that
 * does not answer is an event too; the feed tries again until it is ended.
 */

import type { Clock, Milliseconds } from '../../actors/index.ts';
import type { ApiClient } from '../api/client.ts';
import type { Snapshot, TopEvent } from './view-model.ts';

/** As often as a person can read a figure that changes. */
const PERIOD_MS: Milliseconds = 1_000;

export interface Feed {
  /** Asks for a snapshot now, because something was changed from here. */
  refresh(): void;
  end(): void;
}

export function startFeed(client: ApiClient, clock: Clock, tell: (event: TopEvent) => void): Feed {
  const ending = new AbortController();
  let next: () => void = () => undefined;
  const snapshots = async (): Promise<void> => {
    next();
    try {
      const snapshot = await takeSnapshot(client);
      if (!ending.signal.aborted) tell({ type: 'snapshot', snapshot });
    } catch (error) {
      if (!ending.signal.aborted) tell({ type: 'lost', reason: (error as Error).message });
    }
    if (ending.signal.aborted) return;
    // A refresh may have planned the next one already.
    next();
    next = clock.after(PERIOD_MS, () => void snapshots());
  };
  const inspection = async (): Promise<void> => {
    try {
      for await (const event of client.followInspection(ending.signal)) tell({ type: 'inspection', event });
    } catch {
      // The snapshot tells that the daemon is away; here it is enough to come back.
      if (!ending.signal.aborted) clock.after(PERIOD_MS, () => void inspection());
    }
  };
  void snapshots();
  void inspection();
  return {
    refresh: () => void snapshots(),
    end() {
      next();
      ending.abort();
    },
  };
}

async function takeSnapshot(client: ApiClient): Promise<Snapshot> {
  const [node, machine, tasks, leases, peers, batches, credit] = await Promise.all([
    client.node(),
    client.machine(),
    client.tasks(),
    client.leases(),
    client.peers(),
    client.batches(),
    client.credit(),
  ]);
  return { node, machine, tasks, leases, peers, batches, credit };
}
