/** Why a unit is where it is, in sentences made by the code that decides. */

import type { DealId } from '../resource/index.ts';
import type { BatchSpec, ReplicaRecord, UnitIndex, UnitResult } from './batch.ts';
import type { Explanation } from './broker-mail.ts';
import type { LeasePlace } from './directory.ts';
import { collectiveErrors } from './errors.ts';
import { reasons, score } from './ranking/chain.ts';
import { historyOf, mayServe } from './ready.ts';
import { NO_STANDING, type Standings } from './reputation.ts';
import { unmet, unopened } from './requirements.ts';
import type { UnitState } from './unit-state.ts';

export interface Scene {
  readonly spec: BatchSpec;
  readonly deal: DealId | null;
  readonly delay: string | null;
  readonly leases: readonly LeasePlace[];
  readonly standings: Standings;
  /** What the last plan said of the batch. */
  readonly wait: string | undefined;
}

/** Candidates listed at most; the best come first. */
const CANDIDATES_MAX = 32;

export function explainOpen(unit: UnitState, scene: Scene): Explanation {
  const { spec } = scene;
  const candidates = scene.leases
    .map((lease) => candidateOf(unit, lease, scene))
    .toSorted((one, other) => (other.score ?? -1) - (one.score ?? -1))
    .slice(0, CANDIDATES_MAX);
  return {
    batch: spec.batch,
    unit: unit.unit,
    state: stateOf(unit),
    reasons: reasonsOf(unit, scene, candidates),
    replicas: unit.replicas.map((replica) => ({
      ordinal: replica.ordinal,
      provider: replica.place.provider,
      state: replica.state,
      since: replica.endedAt || replica.assignedAt,
    })),
    candidates,
  };
}

export function explainFinal(spec: BatchSpec, result: UnitResult): Explanation {
  const reasons =
    result.verdict === 'agreed'
      ? [`${count(result, 'agreed')} equal results made the quorum of ${spec.quorum.minQuorum}`]
      : [failureSentence(result), ...result.replicas.flatMap(complaintOf)];
  return {
    batch: spec.batch,
    unit: result.unit,
    state: result.verdict,
    reasons,
    replicas: result.replicas.map(({ ordinal, provider, state, endedAt }) => ({
      ordinal,
      provider,
      state,
      since: endedAt,
    })),
    candidates: [],
  };
}

export function explainUndrawn(spec: BatchSpec, unit: UnitIndex, cursor: number): Explanation {
  return {
    batch: spec.batch,
    unit,
    state: 'not drawn yet',
    reasons: [`${cursor} units are drawn so far; more are drawn as others become final`],
    replicas: [],
    candidates: [],
  };
}

function stateOf(unit: UnitState): string {
  if (unit.comparing !== '') return 'being compared';
  if (unit.wanted > 0) return 'waiting';
  return 'running';
}

function reasonsOf(unit: UnitState, scene: Scene, candidates: Explanation['candidates']): readonly string[] {
  const { quorum } = scene.spec;
  const count = (state: string) => unit.replicas.filter((replica) => replica.state === state).length;
  const needed = `${quorum.minQuorum} equal ones are needed`;
  const lines = [`${count('succeeded')} results are here, ${needed}; ${count('running')} run`];
  if (count('failed') > 0) {
    lines.push(`${count('failed')} replicas failed; more than ${quorum.maxErrorResults} fail the unit`);
    lines.push(...unit.replicas.flatMap(({ ordinal, failure }) => complaintOf({ ordinal, ...failure })));
  }
  if (count('lost') > 0) lines.push(`${count('lost')} replicas were lost and are replaced`);
  if (unit.comparing !== '') lines.push("the app's own comparison of two results is under way");
  if (unit.wanted === 0) return lines;
  lines.push(`${unit.wanted} more replicas are wanted`);
  if (scene.deal !== null && scene.delay !== null) lines.push(scene.delay);
  const closed = unopened(scene);
  if (closed !== undefined) lines.push(closed);
  else if (scene.leases.length === 0) lines.push('no provider is here');
  else if (candidates.every((candidate) => candidate.score === null))
    lines.push('none of the providers here may take it: see the candidates');
  else if (scene.wait !== undefined) lines.push(scene.wait);
  return lines;
}

function candidateOf(unit: UnitState, lease: LeasePlace, scene: Scene): Explanation['candidates'][number] {
  const { spec, leases, standings } = scene;
  const { provider, owner } = lease.view;
  const standing = standings.get(owner) ?? NO_STANDING;
  const refusal =
    (standing.excluded === null ? undefined : `its owner is excluded: ${standing.excluded}`) ??
    unmet(scene, lease.view) ??
    barrierOf(unit, lease, scene);
  if (refusal !== undefined) return { provider, score: null, reasons: [refusal] };
  const speedMax = leases.reduce((max, { view }) => Math.max(max, view.capability.speed), 0);
  const candidate = { lease, spec, standing, speedMax };
  const room = lease.free > 0 ? `has room for ${lease.free}` : 'is full';
  return { provider, score: score(candidate), reasons: [room, ...reasons(candidate)] };
}

function barrierOf(unit: UnitState, lease: LeasePlace, scene: Scene): string | undefined {
  const { spec, leases, standings } = scene;
  const history = historyOf(unit, spec.quorum.targetNresults);
  const { owner } = lease.view;
  const others = () =>
    leases.some(
      ({ view }) =>
        (standings.get(view.owner)?.excluded ?? null) === null &&
        unmet(scene, view) === undefined &&
        !history.barred.includes(view.owner) &&
        !history.avoided.includes(view.owner),
    );
  if (mayServe(history, owner, others)) return undefined;
  if (history.barred.includes(owner)) return 'its owner has a replica of this unit already';
  return 'its owner failed or lost this unit, and others are there to ask';
}

function count(result: UnitResult, state: string): number {
  return result.replicas.filter((replica) => replica.state === state).length;
}

function failureSentence(result: UnitResult): string {
  if (result.verdict === 'cancelled') return 'the batch ended before the unit had a verdict';
  const entry = collectiveErrors.entries[result.code ?? ''];
  return entry ? `${entry.says} [${result.code}]` : 'the unit failed';
}

/** In the words of the machine it ran on; a replica that did not fail has no code. */
function complaintOf({ ordinal, code, message }: Complaint): readonly string[] {
  return code ? [`replica ${ordinal} failed: ${message || 'without a word'} [${code}]`] : [];
}

type Complaint = Pick<ReplicaRecord, 'ordinal' | 'code' | 'message'>;
