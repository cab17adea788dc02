/**
 * What the dashboard knows, as a pure fold: snapshots and inspection events go in, the next model comes out.
 * Nothing here knows a terminal; everything is bounded.
 */

import type { Inspection } from '../../actors/index.ts';
import type { BatchView } from '../../collective/index.ts';
import type { PeerView } from '../../connectivity/index.ts';
import type { CreditView, HeldLeaseView, IdentityView, MachineView, TaskView } from '../node.ts';

/** More than any terminal shows at once, so that scrolling back has something. */
const LOG_LINES_MAX = 500;

export interface Snapshot {
  readonly node: IdentityView;
  readonly machine: MachineView;
  readonly tasks: readonly TaskView[];
  readonly leases: readonly HeldLeaseView[];
  readonly peers: readonly PeerView[];
  readonly batches: readonly BatchView[];
  readonly credit: CreditView | null;
}

export interface TopModel {
  /** `undefined` before the first. */
  readonly snapshot: Snapshot | undefined;
  /** Why the daemon does not answer; `undefined` while it does. */
  readonly lost: string | undefined;
  /** Newest last. */
  readonly log: readonly Inspection[];
  /** Lines the stream had to leave out because this reader was slow. */
  readonly dropped: number;
  /** What the last key did, or why it could not. */
  readonly notice: string;
}

export type TopEvent =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'inspection'; readonly event: Inspection }
  | { readonly type: 'notice'; readonly says: string };

export const EMPTY: TopModel = { snapshot: undefined, lost: undefined, log: [], dropped: 0, notice: '' };

export function fold(model: TopModel, event: TopEvent): TopModel {
  switch (event.type) {
    case 'snapshot':
      return { ...model, snapshot: event.snapshot, lost: undefined };
    case 'lost':
      return { ...model, lost: event.reason };
    case 'notice':
      return { ...model, notice: event.says };
    case 'inspection':
      return inspected(model, event.event);
  }
}

function inspected(model: TopModel, event: Inspection): TopModel {
  if (event.topic === 'stream.dropped') {
    return { ...model, dropped: model.dropped + Number(event.details?.['lines'] ?? 0) };
  }
  // The kernel's own chatter about actors would push out what an owner wants to read.
  if (event.level === 'debug') return model;
  return { ...model, log: [...model.log, event].slice(-LOG_LINES_MAX) };
}
