/** A unit inside a batch's snapshot. A final unit keeps only what judging its late replicas needs. */

import type { Digest, Milliseconds } from '../actors/index.ts';
import type { TaskOutput, Usage } from '../fabric/index.ts';
import type { UnitDraft, UnitIndex } from './batch.ts';
import type { Failure, Place, Replica, ReplicaState } from './replica.ts';
import type { UnitState } from './unit-state.ts';

export type UnitRow = readonly [
  UnitIndex,
  UnitState['verdict'],
  readonly [UnitDraft['args'], UnitDraft['files'], string],
  readonly ReplicaRow[],
  readonly (readonly [Digest, TaskOutput])[],
  Digest | '',
  number,
  Digest | '',
  number,
];

type ReplicaRow = readonly [
  Place['lease'],
  Place['epoch'],
  Place['provider'],
  Place['owner'],
  ReplicaState,
  boolean,
  Digest | '',
  Digest | '',
  number,
  Milliseconds,
  Milliseconds,
  Usage | null,
  Failure | null,
];

export function unitRow(unit: UnitState): UnitRow {
  const { args, files, label } = unit.draft;
  const open = unit.verdict === 'pending';
  return [
    unit.unit,
    unit.verdict,
    [args, files, label],
    unit.replicas.map((replica) => replicaRow(replica, open)),
    [...(unit.outputs ?? [])],
    unit.comparing,
    unit.wanted,
    unit.digest,
    unit.votes,
  ];
}

export function unitFromRow(row: UnitRow): UnitState {
  const [unit, verdict, [args, files, label], replicas, outputs, comparing, wanted, digest, votes] = row;
  return {
    unit,
    draft: { args, files, label },
    replicas: replicas.map(replicaFromRow),
    outputs: outputs.length === 0 ? undefined : new Map(outputs),
    comparing,
    wanted,
    verdict,
    digest,
    votes,
  };
}

function replicaRow(replica: Replica, open: boolean): ReplicaRow {
  const { lease, epoch, provider, owner } = replica.place;
  return [
    lease,
    epoch,
    provider,
    owner,
    replica.state,
    replica.out,
    replica.digest,
    replica.ballot,
    replica.bundle,
    replica.assignedAt,
    replica.endedAt,
    (open ? replica.usage : null) ?? null,
    (open ? replica.failure : null) ?? null,
  ];
}

/** The ordinal is the position. */
function replicaFromRow(row: ReplicaRow, ordinal: number): Replica {
  const [lease, epoch, provider, owner, state, out, digest, ballot, bundle] = row;
  const [, , , , , , , , , assignedAt, endedAt, usage, failure] = row;
  return {
    ordinal,
    place: { lease, epoch, provider, owner },
    state,
    out,
    digest,
    ballot,
    bundle,
    assignedAt,
    endedAt,
    usage: usage ?? undefined,
    failure: failure ?? undefined,
  };
}
