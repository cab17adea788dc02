/** A workunit as its machine keeps it, what can happen to it, and what is to be done then. See `unit.ts`. */

import type { Digest } from '../actors/index.ts';
import type { OwnerId } from '../connectivity/index.ts';
import type { TaskOutput } from '../fabric/index.ts';
import type { QuorumRule, UnitDraft, UnitIndex, UnitResult } from './batch.ts';
import type { Place, Replica, ReplicaReturn } from './replica.ts';

export interface UnitState {
  readonly unit: UnitIndex;
  draft: UnitDraft;
  readonly replicas: Replica[];
  /** By digest, while they may be needed; none for most of a unit's life. */
  outputs: Map<Digest, TaskOutput> | undefined;
  /**
   * The digest whose comparison was asked for; one at a time, so that two equals cannot both found a class.
   */
  comparing: Digest | '';
  /** Replicas to issue now. */
  wanted: number;
  verdict: 'pending' | 'agreed' | 'failed' | 'cancelled';
  /** Of the agreed class. */
  digest: Digest | '';
  /** Ballots behind the verdict: two or more prove a bitwise different one wrong. */
  votes: number;
}

export type UnitEvent =
  | { readonly type: 'assigned'; readonly place: Place }
  | { readonly type: 'returned'; readonly returned: ReplicaReturn }
  /** `out`: it may still come back late, because only the delay bound has passed. */
  | { readonly type: 'lost'; readonly ordinal: number; readonly out: boolean }
  | { readonly type: 'compared'; readonly digest: Digest; readonly same: Digest | '' }
  | { readonly type: 'excluded'; readonly owner: OwnerId }
  | { readonly type: 'cancelled' };

export type Judgement = 'agreed' | 'disagreed' | 'failed' | 'lost';

export type UnitEffect =
  | {
      readonly type: 'compare';
      readonly unit: UnitIndex;
      readonly digest: Digest;
      readonly candidate: TaskOutput;
      readonly representatives: readonly { digest: Digest; output: TaskOutput }[];
    }
  | { readonly type: 'verdict'; readonly result: UnitResult }
  /** The lease may stop it. */
  | { readonly type: 'stop'; readonly unit: UnitIndex; readonly replica: Replica }
  /** `against`: what a quorum of others agreed on, when this is bitwise different from it; else null. */
  | {
      readonly type: 'judged';
      readonly unit: UnitIndex;
      readonly replica: Replica;
      readonly as: Judgement;
      readonly against: Digest | null;
    }
  /** Two signed receipts for one execution with different digests. */
  | {
      readonly type: 'contradicted';
      readonly unit: UnitIndex;
      readonly replica: Replica;
      readonly digest: Digest;
      readonly bundle: number;
    };

export interface UnitRule {
  readonly quorum: QuorumRule;
  readonly compare: 'digest' | 'plugin';
}

export function newUnit(unit: UnitIndex, draft: UnitDraft, rule: UnitRule): UnitState {
  return {
    unit,
    draft,
    replicas: [],
    outputs: undefined,
    comparing: '',
    wanted: Math.min(rule.quorum.targetNresults, rule.quorum.maxTotalResults),
    verdict: 'pending',
    digest: '',
    votes: 0,
  };
}

/** Whether a provider may still return something of it. */
export function isOut(state: UnitState): boolean {
  for (const replica of state.replicas) if (replica.out) return true;
  return false;
}

/** What remains of a final unit's draft while a replica of it is still out. */
export const NO_DRAFT: UnitDraft = { args: [], files: [], label: '' };
