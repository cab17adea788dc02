/**
 * The work of a simulated grid, and the truth about it: what an honest machine leaves for each unit is known,
 * so every verdict can be held against it.
 */

import { type Digest, decode, encode, MINUTE_MS } from '../../src/actors/index.ts';
import type {
  BatchId,
  BatchSpec,
  Comparator,
  Merger,
  QuorumRule,
  UnitDraft,
  UnitIndex,
  UnitResult,
  UnitSource,
} from '../../src/collective/index.ts';
import { unitSeed } from '../../src/collective/index.ts';
import { type Cid, outputDigest, type Task, type TaskOutput } from '../../src/fabric/index.ts';

export interface Work {
  readonly spec: BatchSpec;
  readonly units: number;
}

const RULE: QuorumRule = {
  minQuorum: 2,
  targetNresults: 2,
  // Of twenty executions one fails and many are lost: so high that no unit fails by bad luck in a thousand
  // runs.
  maxErrorResults: 16,
  maxTotalResults: 32,
  delayBoundMs: MINUTE_MS,
};

/** Three batches: one compared by digest, one by the app, one that is cancelled half-way. */
export function workOf(units: number, runMs: number): readonly Work[] {
  const quorum = { ...RULE, delayBoundMs: Math.max(MINUTE_MS, 40 * runMs) };
  // So long that nothing lost is ever found again by its delay bound: the leases must tell.
  const patient = { ...RULE, delayBoundMs: 24 * 60 * MINUTE_MS };
  const half = Math.max(1, Math.round(units / 8));
  return [
    { spec: specOf('bdigest', { quorum }), units: Math.max(1, units - 2 * half) },
    { spec: specOf('bplugin', { quorum: patient, compare: 'plugin' }), units: half },
    { spec: specOf('bcancel', { quorum, priority: 1 }), units: half },
  ];
}

function specOf(batch: string, changes: Partial<BatchSpec>): BatchSpec {
  return {
    batch: batch as BatchId,
    name: batch,
    submittedAt: 0,
    app: 'simulated@1.0.0',
    common: {
      sandbox: 'wasm',
      program: 'bafkreisimulated' as Cid,
      files: [],
      limits: {
        memoryBytesMax: 2 ** 20,
        runMsMax: MINUTE_MS,
        outputBytesMax: 2 ** 16,
        logBytesMax: 2 ** 16,
      },
    },
    quorum: RULE,
    requirements: { sandbox: 'wasm', memoryBytes: 2 ** 20 },
    priority: 0,
    compare: 'digest',
    application: encode({ batch }),
    ...changes,
  };
}

export function isNumeric(spec: BatchSpec): boolean {
  return spec.compare === 'plugin';
}

/** What an honest machine leaves. Of a numeric unit the last digits depend on the machine. */
export function outputOf(task: Pick<Task, 'seed'>, noise = ''): TaskOutput {
  return { exitCode: 0, stdout: new TextEncoder().encode(`${task.seed} is right${noise}`), files: [] };
}

/** Whether a verdict is the one right answer to its unit. */
export function isRight(spec: BatchSpec, result: UnitResult): boolean {
  const expected = outputOf({ seed: unitSeed(spec, result.unit) });
  if (!isNumeric(spec)) return result.digest === outputDigest(expected);
  return meaningOf(result.output) === meaningOf(expected);
}

/** What two numeric outputs have in common when they mean the same. */
function meaningOf(output: TaskOutput | undefined): string {
  return new TextDecoder().decode(output?.stdout).split(' ~')[0]!;
}

export const comparator: Comparator = {
  async classify(_spec, candidate, representatives): Promise<Digest | undefined> {
    const meaning = meaningOf(candidate);
    return representatives.find(({ output }) => meaningOf(output) === meaning)?.digest;
  },
};

export function sourceOf(work: readonly Work[]): UnitSource {
  return {
    async *draw(spec: BatchSpec, from: UnitIndex) {
      const { units } = work.find((one) => one.spec.batch === spec.batch)!;
      for (let at: number = from; at < units; at += CHUNK) {
        const drafts: UnitDraft[] = [];
        for (let unit = at; unit < Math.min(units, at + CHUNK); unit += 1)
          drafts.push({ args: [isNumeric(spec) ? 'numeric' : 'exact'], files: [], label: `unit ${unit}` });
        yield drafts;
      }
    },
  };
}

const CHUNK = 64;

/** One file that lists what was merged, in order: a law reads it. */
export const merger: Merger = {
  async merge(_spec, units) {
    const merged: number[] = [];
    for await (const { unit, verdict } of units) if (verdict === 'agreed') merged.push(unit);
    return [{ path: 'merged', content: { inline: encode(merged) } }];
  },
};

export function mergedUnits(bytes: Uint8Array): readonly number[] {
  return decode(bytes) as number[];
}
