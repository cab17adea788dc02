/**
 * One batch: a moving window of units over a lazy source, from the first draw to the merged result.
 *
 * What always holds
 * - A unit is in the window, or closing, or only a row in the journal: memory does not grow with the batch.
 * - A unit gets one verdict, and its row is in the effects of the same step.
 * - A return counts only under the lease that its replica was assigned to.
 * - The state holds all that is needed to go on after a crash: effects that were not performed follow from it
 *   again.
 *
 * The state is changed in place: at fifty thousand units a second a copy of the window for each event is too
 * dear.
 */

import { type Machine, type Milliseconds, type Step, unreachable } from '../actors/index.ts';
import type { LeaseId } from '../resource/index.ts';
import type { UnitIndex } from './batch.ts';
import { type BatchEffect, type BatchEvent, type BatchState, draftBytes } from './batch-state.ts';
import { collectiveErrors } from './errors.ts';
import { isOut, NO_DRAFT, newUnit, type UnitEvent, type UnitState } from './unit-state.ts';

export const batchMachine: Machine<BatchState, BatchEvent, BatchEffect> = {
  name: 'batch',
  step(state, event, now): Step<BatchState, BatchEffect> {
    const effects: BatchEffect[] = [];
    apply(state, event, now, effects);
    if (state.phase === 'open' && state.sourceEnded && state.window.size === 0) allFinal(state, now);
    return { state, effects };
  },
};

function apply(state: BatchState, event: BatchEvent, now: Milliseconds, effects: BatchEffect[]): void {
  switch (event.type) {
    case 'drawn':
      drawn(state, event.drafts);
      break;
    case 'sourceEnded':
      state.sourceEnded = true;
      break;
    case 'assigned':
      assigned(state, event, now, effects);
      break;
    case 'returned':
      returned(state, event, now, effects);
      break;
    case 'lapsed':
      lapsed(state, event.lease, now, effects);
      break;
    case 'dropped':
      dropped(state, event, now, effects);
      break;
    case 'tick':
      tick(state, now, effects);
      break;
    case 'compared': {
      const unit = state.window.get(event.unit);
      if (unit) stepUnit(state, unit, event, now, effects);
      break;
    }
    case 'excluded':
      for (const unit of [...state.window.values()])
        if (unit.replicas.some((replica) => replica.place.owner === event.owner))
          stepUnit(state, unit, event, now, effects);
      break;
    case 'cancelled':
      abandon(state, 'cancelled', event.reason, now, effects);
      break;
    case 'broken':
      abandon(state, 'failed', event.reason, now, effects);
      break;
    case 'merged':
      if (state.phase !== 'merging') break;
      state.phase = 'done';
      state.files = event.files;
      state.endedAt = now;
      break;
    default:
      unreachable(event);
  }
}

function drawn(state: BatchState, drafts: Extract<BatchEvent, { type: 'drawn' }>['drafts']): void {
  if (state.phase !== 'open') return;
  const rule = { quorum: state.spec.quorum, compare: state.spec.compare };
  for (const draft of drafts) {
    const unit = newUnit(state.cursor as UnitIndex, draft, rule);
    state.cursor += 1;
    state.window.set(unit.unit, unit);
    state.windowBytes += draftBytes(draft);
    state.ready.update(unit);
  }
}

function assigned(
  state: BatchState,
  event: Extract<BatchEvent, { type: 'assigned' }>,
  now: Milliseconds,
  effects: BatchEffect[],
): void {
  const step: UnitEvent = { type: 'assigned', place: event.place };
  for (const index of event.units) {
    const unit = state.window.get(index);
    if (!unit) continue;
    state.tallies.replicasAssigned += 1;
    state.out += 1;
    stepUnit(state, unit, step, now, effects);
  }
  state.dueAt = Math.min(state.dueAt, now + state.spec.quorum.delayBoundMs);
}

function returned(
  state: BatchState,
  event: Extract<BatchEvent, { type: 'returned' }>,
  now: Milliseconds,
  effects: BatchEffect[],
): void {
  let freed = 0;
  for (const said of event.returns) {
    const unit = unitOf(state, said.unit);
    const replica = unit?.replicas[said.ordinal];
    if (!unit || replica?.place.lease !== event.lease) continue;
    if (replica.out) {
      freed += 1;
      state.tallies.replicasReturned += 1;
    }
    stepUnit(state, unit, { type: 'returned', returned: said }, now, effects);
  }
  free(state, event.lease, freed, effects);
}

function lapsed(state: BatchState, lease: LeaseId, now: Milliseconds, effects: BatchEffect[]): void {
  let freed = 0;
  for (const units of [state.window, state.closing]) {
    for (const unit of [...units.values()]) {
      for (const { ordinal, place, out } of unit.replicas) {
        if (!out || place.lease !== lease) continue;
        freed += 1;
        stepUnit(state, unit, { type: 'lost', ordinal, out: false }, now, effects);
      }
    }
  }
  free(state, lease, freed, effects);
}

function dropped(
  state: BatchState,
  event: Extract<BatchEvent, { type: 'dropped' }>,
  now: Milliseconds,
  effects: BatchEffect[],
): void {
  let freed = 0;
  for (const [index, ordinal] of event.replicas) {
    const unit = unitOf(state, index);
    const replica = unit?.replicas[ordinal];
    if (!unit || !replica?.out || replica.place.lease !== event.lease) continue;
    freed += 1;
    stepUnit(state, unit, { type: 'lost', ordinal, out: false }, now, effects);
  }
  free(state, event.lease, freed, effects);
}

function tick(state: BatchState, now: Milliseconds, effects: BatchEffect[]): void {
  if (now < state.dueAt) return;
  const bound = state.spec.quorum.delayBoundMs;
  for (const unit of [...state.window.values()])
    for (const { ordinal, state: is, assignedAt } of unit.replicas)
      if (is === 'running' && assignedAt + bound <= now)
        stepUnit(state, unit, { type: 'lost', ordinal, out: true }, now, effects);
  state.dueAt = dueAt(state);
}

/** When the next delay bound passes, looked up anew. */
export function dueAt(state: BatchState): Milliseconds {
  let due = Number.POSITIVE_INFINITY;
  for (const unit of state.window.values())
    for (const replica of unit.replicas)
      if (replica.state === 'running') due = Math.min(due, replica.assignedAt);
  return due + state.spec.quorum.delayBoundMs;
}

/** Ends the batch without a result: what is not final yet is recorded as cancelled. */
function abandon(
  state: BatchState,
  phase: 'cancelled' | 'failed',
  reason: string,
  now: Milliseconds,
  effects: BatchEffect[],
): void {
  if (state.phase !== 'open' && state.phase !== 'merging') return;
  state.phase = phase;
  state.reason = reason;
  state.endedAt = now;
  for (const unit of [...state.window.values()]) stepUnit(state, unit, { type: 'cancelled' }, now, effects);
}

function allFinal(state: BatchState, now: Milliseconds): void {
  if (state.tallies.agreed > 0 || state.cursor === 0) {
    state.phase = 'merging';
    return;
  }
  const { batch } = state.spec;
  state.phase = 'failed';
  state.endedAt = now;
  state.reason = collectiveErrors.COLLECTIVE_BATCH_WITHOUT_RESULT({ batch, units: state.cursor }).message;
}

function stepUnit(
  state: BatchState,
  unit: UnitState,
  event: UnitEvent,
  now: Milliseconds,
  effects: BatchEffect[],
): void {
  const open = unit.verdict === 'pending';
  for (const effect of state.units.step(unit, event, now).effects) {
    effects.push(effect);
    if (effect.type !== 'judged') continue;
    if (effect.as === 'lost') state.tallies.replicasLost += 1;
    if (effect.as === 'disagreed') state.tallies.replicasDisagreed += 1;
  }
  if (open) {
    state.ready.update(unit);
    if (unit.verdict !== 'pending') final(state, unit);
  } else if (!isOut(unit)) state.closing.delete(unit.unit);
}

function final(state: BatchState, unit: UnitState): void {
  if (unit.verdict !== 'pending') state.tallies[unit.verdict] += 1;
  state.window.delete(unit.unit);
  state.windowBytes -= draftBytes(unit.draft);
  unit.draft = NO_DRAFT;
  if (isOut(unit)) state.closing.set(unit.unit, unit);
}

function unitOf(state: BatchState, index: UnitIndex): UnitState | undefined {
  return state.window.get(index) ?? state.closing.get(index);
}

function free(state: BatchState, lease: LeaseId, replicas: number, effects: BatchEffect[]): void {
  if (replicas === 0) return;
  state.out -= replicas;
  effects.push({ type: 'freed', lease, replicas });
}
