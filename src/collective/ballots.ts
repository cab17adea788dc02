/**
 * The ballots of one unit: which class each returned output belongs to.
 *
 * By digest a class is known at once. By the app's own comparison it is asked for, one output at a time,
 * against one representative of each class known by then.
 */

import type { Digest } from '../actors/index.ts';
import type { TaskOutput } from '../fabric/index.ts';
import type { Tally } from './quorum.ts';
import type { Replica, ReplicaReturn } from './replica.ts';
import type { UnitEffect, UnitRule, UnitState } from './unit-state.ts';

export function vote(state: UnitState, replica: Replica, said: ReplicaReturn, rule: UnitRule): void {
  const digest = said.digest as Digest;
  replica.state = 'succeeded';
  if (rule.compare === 'digest') replica.ballot = digest;
  else {
    const twin = state.replicas.find((other) => other.digest === digest && other.ballot !== '');
    if (twin) replica.ballot = twin.ballot;
  }
  if (said.output) {
    state.outputs ??= new Map();
    if (!state.outputs.has(digest)) state.outputs.set(digest, said.output);
  }
}

export function compared(state: UnitState, digest: Digest, same: Digest | ''): void {
  if (state.comparing !== digest) return;
  state.comparing = '';
  // The class may have lost its founder to an exclusion meanwhile; then `settle` asks anew.
  if (same !== '' && !state.replicas.some((replica) => replica.ballot === same)) return;
  for (const replica of state.replicas)
    if (replica.state === 'succeeded' && replica.digest === digest) replica.ballot = same || digest;
}

/** A class is named by the digest of a member; without that member, by the next one's. */
export function refound(state: UnitState, ballot: Digest | ''): void {
  if (ballot === '') return;
  const members = state.replicas.filter((replica) => replica.ballot === ballot);
  const founder = members[0];
  if (founder === undefined || members.some((member) => member.digest === ballot)) return;
  for (const member of members) member.ballot = founder.digest;
}

export function tallyOf(state: UnitState): Tally {
  const ballots: Digest[] = [];
  let pending = 0;
  let failed = 0;
  let issued = 0;
  for (const replica of state.replicas) {
    if (replica.state === 'void' || replica.state === 'cancelled') continue;
    issued += 1;
    if (replica.state === 'failed') failed += 1;
    else if (replica.state === 'running') pending += 1;
    else if (replica.state === 'succeeded') {
      if (replica.ballot === '') pending += 1;
      else ballots.push(replica.ballot);
    }
  }
  return { ballots, pending, failed, issued };
}

/** With nothing to compare it to, the first output founds a class by itself. */
export function foundFirstClass(state: UnitState): void {
  if (state.replicas.some((replica) => replica.ballot !== '')) return;
  const first = state.replicas.find((replica) => replica.state === 'succeeded');
  if (first === undefined) return;
  state.comparing = '';
  for (const replica of state.replicas)
    if (replica.state === 'succeeded' && replica.digest === first.digest)
      replica.ballot = first.digest as Digest;
}

export function askComparison(state: UnitState, effects: UnitEffect[]): void {
  if (state.comparing !== '') return;
  const next = state.replicas.find((replica) => replica.state === 'succeeded' && replica.ballot === '');
  if (next === undefined) return;
  const digest = next.digest as Digest;
  const candidate = state.outputs?.get(digest);
  const classes = new Set<Digest>();
  for (const { ballot } of state.replicas) if (ballot !== '') classes.add(ballot);
  const representatives = [...classes].map((digest) => ({ digest, output: state.outputs?.get(digest) }));
  if (candidate === undefined || !allKnown(representatives)) return;
  state.comparing = digest;
  effects.push({ type: 'compare', unit: state.unit, digest, candidate, representatives });
}

/** The comparison that was under way when the broker stopped; asked again after a replay. */
export function comparisonUnderWay(state: UnitState): readonly UnitEffect[] {
  const effects: UnitEffect[] = [];
  if (state.comparing !== '') {
    state.comparing = '';
    askComparison(state, effects);
  }
  return effects;
}

type Representative = { readonly digest: Digest; readonly output: TaskOutput };

function allKnown(
  list: readonly { digest: Digest; output: TaskOutput | undefined }[],
): list is Representative[] {
  return list.every((one) => one.output !== undefined);
}
