/**
 * One workunit: its replicas, their ballots, and the verdict (BOINC's limits; see `quorum.ts`).
 *
 * What always holds
 * - An owner has at most one replica of a unit that runs or has voted. An owner whose replica failed or was
 *   lost has no ballot, and may be asked again when nobody else is there (`ready.ts` says when).
 * - The verdict falls once. What comes later counts for standing only.
 * - A lost replica is replaced and counts to `maxTotalResults`; a failed one counts to `maxErrorResults` too;
 *   one of an owner who was excluded counts to nothing, because the unit is not to blame.
 * - Outputs are kept until the verdict, one for each different digest.
 */

import type { Digest, Machine, Milliseconds, Step } from '../actors/index.ts';
import type { OwnerId } from '../connectivity/index.ts';
import { askComparison, compared, foundFirstClass, refound, tallyOf, vote } from './ballots.ts';
import { judge, type Verdict } from './quorum.ts';
import { newReplica, type Replica, type ReplicaReturn, recordOf } from './replica.ts';
import type { UnitEffect, UnitEvent, UnitRule, UnitState } from './unit-state.ts';

/**
 * An output or an input did not get across: a matter of the network, as when a provider is lost, and no error
 * of the unit.
 */
const UNMOVED: readonly string[] = ['RESOURCE_OUTPUT_UNAVAILABLE', 'FABRIC_BLOCK_MISSING'];

export function unitMachine(rule: UnitRule): Machine<UnitState, UnitEvent, UnitEffect> {
  return {
    name: 'unit',
    step(state, event, now): Step<UnitState, UnitEffect> {
      const effects: UnitEffect[] = [];
      apply(state, event, now, rule, effects);
      if (state.verdict === 'pending') settle(state, now, rule, effects);
      return { state, effects };
    },
  };
}

function apply(
  state: UnitState,
  event: UnitEvent,
  now: Milliseconds,
  rule: UnitRule,
  effects: UnitEffect[],
): void {
  switch (event.type) {
    case 'assigned':
      state.replicas.push(newReplica(state.replicas.length, event.place, now));
      break;
    case 'returned':
      returned(state, event.returned, now, rule, effects);
      break;
    case 'lost':
      lost(state, event.ordinal, event.out, now, effects);
      break;
    case 'compared':
      compared(state, event.digest, event.same);
      break;
    case 'excluded':
      if (state.verdict === 'pending') excluded(state, event.owner, now, effects);
      break;
    case 'cancelled':
      if (state.verdict === 'pending') close(state, 'cancelled', '', now, undefined, effects);
      break;
  }
}

function returned(
  state: UnitState,
  said: ReplicaReturn,
  now: Milliseconds,
  rule: UnitRule,
  effects: UnitEffect[],
): void {
  const replica = state.replicas[said.ordinal];
  if (replica === undefined) return;
  if (!replica.out) {
    // Sent again because our acknowledgement was lost; or, with another digest, proof of lying.
    if (said.digest !== '' && replica.digest !== '' && said.digest !== replica.digest)
      effects.push({
        type: 'contradicted',
        unit: state.unit,
        replica,
        digest: said.digest,
        bundle: said.bundle,
      });
    return;
  }
  replica.out = false;
  replica.bundle = said.bundle;
  replica.usage = said.usage;
  replica.failure = said.failure;
  replica.digest = said.digest;
  const running = replica.state === 'running';
  if (said.status === 'cancelled') {
    if (running && state.verdict === 'pending') replica.state = 'lost';
    if (running) replica.endedAt = now;
  } else if (state.verdict !== 'pending') {
    lateReturn(state, replica, said, rule, effects);
  } else if (said.status === 'failed') {
    if (!running) return;
    const as = UNMOVED.includes(said.failure?.code ?? '') ? 'lost' : 'failed';
    replica.endedAt = now;
    replica.state = as;
    effects.push({ type: 'judged', unit: state.unit, replica, as, against: null });
  } else if (running) {
    replica.endedAt = now;
    vote(state, replica, said, rule);
  } else if (replica.state === 'lost') {
    replica.state = 'late';
  }
}

/** The verdict has fallen: a comparison of digests is all that is left to do with it. */
function lateReturn(
  state: UnitState,
  replica: Replica,
  said: ReplicaReturn,
  rule: UnitRule,
  effects: UnitEffect[],
): void {
  if (said.status !== 'succeeded' || state.verdict !== 'agreed') return;
  judgeLate(state, replica, rule, effects);
}

function judgeLate(state: UnitState, replica: Replica, rule: UnitRule, effects: UnitEffect[]): void {
  if (state.votes < 2) return;
  const same = state.replicas.some(
    (other) => other.ballot === state.digest && other.digest === replica.digest,
  );
  // An app's own comparison is not asked for late results: different bytes then say nothing.
  if (!same && rule.compare === 'plugin') return;
  const as = same ? 'agreed' : 'disagreed';
  const against = same || state.digest === '' ? null : state.digest;
  effects.push({ type: 'judged', unit: state.unit, replica, as, against });
}

function lost(
  state: UnitState,
  ordinal: number,
  out: boolean,
  now: Milliseconds,
  effects: UnitEffect[],
): void {
  const replica = state.replicas[ordinal];
  if (!replica?.out) return;
  replica.out = out;
  if (replica.state !== 'running') return;
  replica.endedAt = now;
  replica.state = state.verdict === 'pending' ? 'lost' : 'cancelled';
  if (state.verdict !== 'pending') return;
  effects.push({ type: 'judged', unit: state.unit, replica, as: 'lost', against: null });
  if (out) effects.push({ type: 'stop', unit: state.unit, replica });
}

function excluded(state: UnitState, owner: OwnerId, now: Milliseconds, effects: UnitEffect[]): void {
  for (const replica of state.replicas) {
    if (replica.place.owner !== owner) continue;
    if (replica.state === 'running') {
      replica.state = 'cancelled';
      replica.endedAt = now;
      effects.push({ type: 'stop', unit: state.unit, replica });
    } else if (replica.state === 'succeeded') {
      replica.state = 'void';
      const { ballot } = replica;
      replica.ballot = '';
      refound(state, ballot);
    }
  }
}

function settle(state: UnitState, now: Milliseconds, rule: UnitRule, effects: UnitEffect[]): void {
  if (rule.compare === 'plugin') foundFirstClass(state);
  const verdict = judge(tallyOf(state), rule.quorum);
  if (verdict.is === 'pending') {
    state.wanted = verdict.wanted;
    if (rule.compare === 'plugin') askComparison(state, effects);
    return;
  }
  conclude(state, verdict, now, rule, effects);
}

function conclude(
  state: UnitState,
  verdict: Exclude<Verdict, { is: 'pending' }>,
  now: Milliseconds,
  rule: UnitRule,
  effects: UnitEffect[],
): void {
  if (verdict.is === 'failed') {
    close(state, 'failed', '', now, verdict.code, effects);
    return;
  }
  state.votes = verdict.votes;
  close(state, 'agreed', verdict.digest, now, undefined, effects);
  if (verdict.votes < 2) return;
  for (const replica of state.replicas) {
    if (replica.state === 'late') judgeLate(state, replica, rule, effects);
    if (replica.state !== 'succeeded' || replica.ballot === '') continue;
    const agreed = replica.ballot === verdict.digest;
    const against = agreed || rule.compare === 'plugin' ? null : verdict.digest;
    const as = agreed ? 'agreed' : 'disagreed';
    effects.push({ type: 'judged', unit: state.unit, replica, as, against });
  }
}

function close(
  state: UnitState,
  verdict: 'agreed' | 'failed' | 'cancelled',
  digest: Digest | '',
  now: Milliseconds,
  code: string | undefined,
  effects: UnitEffect[],
): void {
  const output = digest === '' ? undefined : state.outputs?.get(digest);
  effects.push({
    type: 'verdict',
    result: {
      unit: state.unit,
      label: state.draft.label,
      verdict,
      digest,
      ...(output && { output }),
      ...(code !== undefined && { code }),
      replicas: state.replicas.map((replica) => recordOf(replica, digest, now)),
      decidedAt: now,
    },
  });
  for (const replica of state.replicas)
    if (replica.out && replica.state === 'running') effects.push({ type: 'stop', unit: state.unit, replica });
  state.verdict = verdict;
  state.digest = digest;
  state.wanted = 0;
  state.comparing = '';
  state.outputs = undefined;
}
