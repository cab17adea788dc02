/**
 * Who gets what now: waiting units × open leases × standing → a plan, each line of which has its reason.
 *
 * Pure: it takes nothing and tells nobody; the broker applies the plan. The cost is that of the assignments
 * made, plus one score for each open lease and batch: units are looked at only when they are taken (see
 * `ready.ts`).
 *
 * Order: idle slots are filled first, everywhere, and only then the queues in front of busy slots, and those
 * only in proportion (see `queueShare`); so no lease hoards what another could run at once. Higher priority
 * goes first, and batches of equal priority take turns, the one with fewest replicas under way being next.
 */

import type { OwnerId } from '../connectivity/index.ts';
import type { DealId, LeaseId } from '../resource/index.ts';
import type { BatchId, BatchSpec, UnitIndex } from './batch.ts';
import { BatchDraft } from './batch-draft.ts';
import type { LeasePlace } from './directory.ts';
import { score } from './ranking/chain.ts';
import type { ReadyView } from './ready.ts';
import { NO_STANDING, type Standings } from './reputation.ts';
import { unmet, unopened } from './requirements.ts';

export interface Demand {
  readonly spec: BatchSpec;
  readonly deal: DealId | null;
  readonly delay: string | null;
  readonly ready: ReadyView;
  /** Replicas of the batch that are out. */
  readonly running: number;
}

export interface PlanInput {
  readonly demands: readonly Demand[];
  readonly leases: readonly LeasePlace[];
  readonly standings: Standings;
}

export interface Assignment {
  readonly batch: BatchId;
  readonly lease: LeaseId;
  readonly units: UnitIndex[];
  readonly reason: string;
}

export interface Wait {
  readonly batch: BatchId;
  /** Replicas that nobody takes now. */
  readonly replicas: number;
  readonly reason: string;
}

export interface Plan {
  readonly assignments: readonly Assignment[];
  readonly waits: readonly Wait[];
}

/** Units that one batch gets before it is another one's turn, among batches of one priority. */
const TURN_UNITS = 8;

export function plan(input: PlanInput): Plan {
  const waiting = input.demands.filter((demand) => demand.ready.wanted > 0);
  if (waiting.length === 0) return { assignments: [], waits: [] };
  const field = fieldOf(input);
  const rounds = waiting
    .toSorted((one, other) => other.spec.priority - one.spec.priority)
    .map((demand) => roundOf(demand, field, input.standings));
  const assignments: Assignment[] = [];
  for (const stage of ['slots', 'queue'] as const) {
    for (const round of rounds) {
      round.at = 0;
      round.waitingBefore = round.wanted;
    }
    for (let from = 0; from < rounds.length; ) {
      let to = from + 1;
      while (rounds[to]?.demand.spec.priority === rounds[from]!.demand.spec.priority) to += 1;
      deal(rounds.slice(from, to), stage, field, assignments);
      from = to;
    }
  }
  return { assignments, waits: rounds.filter((round) => round.wanted > 0).map(waitOf) };
}

/** A lease during one plan. */
interface Open {
  readonly place: LeasePlace;
  free: number;
  running: number;
}

interface Field {
  readonly open: readonly Open[];
  readonly leases: readonly LeasePlace[];
  readonly speedMax: number;
}

/** A batch during one plan. */
interface Round {
  readonly demand: Demand;
  readonly draft: BatchDraft;
  /** Best first. */
  readonly ranked: readonly Open[];
  /** Slots of all leases that can run it, open or not. */
  readonly slots: number;
  readonly lines: Map<Open, Assignment>;
  readonly unmet: string | undefined;
  /** The lease whose turn it is; those before it are full or have nothing to take. */
  at: number;
  wanted: number;
  waitingBefore: number;
  running: number;
}

function fieldOf({ leases, standings }: PlanInput): Field {
  const fit = leases.filter((lease) => (standings.get(lease.view.owner) ?? NO_STANDING).excluded === null);
  const open = fit
    .filter((lease) => lease.free > 0)
    .map((place) => ({ place, free: place.free, running: place.running }));
  return {
    open,
    leases: fit,
    speedMax: fit.reduce((max, lease) => Math.max(max, lease.view.capability.speed), 0),
  };
}

function roundOf(demand: Demand, field: Field, standings: Standings): Round {
  const { spec, ready } = demand;
  const able: LeasePlace[] = [];
  let why = unopened(demand);
  for (const lease of field.leases) {
    const reason = unmet(demand, lease.view);
    if (reason === undefined) able.push(lease);
    else why ??= reason;
  }
  const fit = new Set(able);
  const scored = field.open
    .filter((open) => fit.has(open.place))
    .map((open) => {
      const standing = standings.get(open.place.view.owner) ?? NO_STANDING;
      return { open, score: score({ lease: open.place, spec, standing, speedMax: field.speedMax }) };
    })
    .sort((one, other) => other.score - one.score);
  const owners = new Set<OwnerId>(able.map((lease) => lease.view.owner));
  return {
    demand,
    draft: new BatchDraft(ready, owners),
    ranked: scored.map(({ open }) => open),
    slots: able.reduce((sum, lease) => sum + lease.view.slots, 0),
    lines: new Map(),
    unmet: able.length === 0 ? (why ?? 'no provider is here') : undefined,
    at: 0,
    wanted: ready.wanted,
    waitingBefore: ready.wanted,
    running: demand.running,
  };
}

type Stage = 'slots' | 'queue';

/** Batches of one priority take turns until none can place anything more. */
function deal(rounds: readonly Round[], stage: Stage, field: Field, assignments: Assignment[]): void {
  if (field.open.length === 0) return;
  const atOnce = rounds.length === 1 ? Number.POSITIVE_INFINITY : TURN_UNITS;
  const left = new Set(rounds);
  while (left.size > 0) {
    let next: Round | undefined;
    for (const round of left) if (next === undefined || round.running < next.running) next = round;
    if (!take(next!, stage, atOnce, assignments)) left.delete(next!);
  }
}

/** One turn of one batch: false when it can place nothing more in this stage. */
function take(round: Round, stage: Stage, atOnce: number, assignments: Assignment[]): boolean {
  while (round.at < round.ranked.length && round.wanted > 0) {
    const open = round.ranked[round.at]!;
    const room = Math.min(open.free, roomOf(open, stage, round), atOnce);
    const units = room > 0 ? round.draft.take(open.place.view.owner, room) : [];
    if (units.length === 0) {
      round.at += 1;
      continue;
    }
    open.free -= units.length;
    open.running += units.length;
    round.running += units.length;
    round.wanted -= units.length;
    record(round, open, units, stage, assignments);
    return true;
  }
  return false;
}

function roomOf(open: Open, stage: Stage, round: Round): number {
  const { slots } = open.place.view;
  if (stage === 'slots') return slots - open.running;
  return queueShare(round.waitingBefore, slots, round.slots) - Math.max(0, open.running - slots);
}

/**
 * Tasks that may queue in front of a lease's slots: half of its fair share of what waits (guided
 * self-scheduling, Polychronopoulos and Kuck 1987). With much to do a queue hides the round trip; with fewer
 * units than slots it is zero, and what is left waits here for the slot that falls idle first.
 */
export function queueShare(waiting: number, slots: number, slotsOfAll: number): number {
  return Math.floor((waiting * slots) / (2 * Math.max(1, slotsOfAll)));
}

function record(
  round: Round,
  open: Open,
  units: readonly UnitIndex[],
  stage: Stage,
  assignments: Assignment[],
): void {
  const line = round.lines.get(open);
  if (line) {
    for (const unit of units) line.units.push(unit);
    return;
  }
  const made: Assignment = {
    batch: round.demand.spec.batch,
    lease: open.place.view.lease,
    units: [...units],
    reason: stage === 'slots' ? REASON_SLOTS : REASON_QUEUE,
  };
  round.lines.set(open, made);
  assignments.push(made);
}

const REASON_SLOTS = 'the best of the leases with an idle slot';
const REASON_QUEUE = 'all slots are busy and much waits: queued in front of its slots';

function waitOf(round: Round): Wait {
  const { batch } = round.demand.spec;
  return { batch, replicas: round.wanted, reason: round.unmet ?? reasonToWait(round) };
}

function reasonToWait(round: Round): string {
  if (round.ranked.length === 0) return 'every lease that can run it is full';
  if (round.ranked.some((open) => open.free > 0))
    return 'the leases with room belong to owners that have a replica already, or hold their share';
  return 'every lease that can run it is full';
}
