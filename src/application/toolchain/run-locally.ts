/**
 * A whole batch on this machine, without a grid: the same plugin process, sandbox, seeds and merge, one unit
 * after the other. What a grid computes must equal it bit for bit.
 */

import { type Clock, type Digest, type Milliseconds, MINUTE_MS, seededRandom } from '../../actors/index.ts';
import type { BatchSpec, UnitIndex, UnitResult } from '../../collective/index.ts';
import type { ContentStore, SandboxFactory } from '../../fabric/index.ts';
import type { BatchFile } from '../batch-file.ts';
import { batchSpec, withShared } from '../batch-spec.ts';
import { withinTime } from '../deadline.ts';
import { applicationErrors } from '../errors.ts';
import type { FileBytes } from '../plugin.ts';
import { type PluginPorts, pluginPorts } from '../plugin-ports.ts';
import { FILE_BYTES_MAX } from '../plugin-wire.ts';
import { checkNames } from '../task-service.ts';
import type { BuiltApp } from './build.ts';
import { LocalExecution, type Succeeded } from './local-execution.ts';

export interface LocalBatch {
  /** Built with the addresses of `content`, which has its bytes. */
  readonly app: BuiltApp;
  readonly content: ContentStore;
  readonly file: BatchFile;
  /** Bytes of each input, by name. */
  readonly inputs: Readonly<Record<string, Uint8Array>>;
  readonly sandbox: SandboxFactory;
  readonly clock: Clock;
  /** After each unit; units are not counted beforehand. */
  readonly onUnit?: (unit: UnitIndex, label: string) => void;
}

export interface LocalResult {
  readonly files: readonly FileBytes[];
  /** In the order of `split`. */
  readonly digests: readonly Digest[];
  readonly cpuMs: Milliseconds;
}

export interface CheckedUnit {
  readonly label: string;
  readonly digest: Digest;
  readonly cpuMs: Milliseconds;
}

/** Everything that a local run needs, opened; `close` ends its processes. */
interface Workshop {
  readonly spec: BatchSpec;
  readonly ports: PluginPorts;
  readonly execution: LocalExecution;
}

const FETCH_MS: Milliseconds = MINUTE_MS;

/** Rejects with what the plugin or a unit rejects with. */
export function runLocally(batch: LocalBatch): Promise<LocalResult> {
  return withWorkshop(batch, async ({ spec, ports, execution }) => {
    const digests: Digest[] = [];
    let cpuMs = 0;
    const noted = async function* (): AsyncGenerator<UnitResult> {
      for await (const [result, { usage, digest }] of executed(spec, ports, execution)) {
        digests.push(digest);
        cpuMs += usage.cpuMs;
        batch.onUnit?.(result.unit, result.label);
        yield result;
      }
    };
    const merged = await ports.merger.merge(spec, noted());
    const files = await Promise.all(
      merged.map(async ({ path, content: kept }) => {
        if ('inline' in kept) return { path, bytes: kept.inline };
        const read = (signal: AbortSignal) =>
          batch.content.get(kept.cid, { bytesMax: FILE_BYTES_MAX, signal });
        return { path, bytes: await withinTime(batch.clock, FETCH_MS, read) };
      }),
    );
    return { files, digests, cpuMs };
  });
}

/** Runs the first units twice. Rejects with `APPLICATION_NOT_REPRODUCIBLE` if they differ. */
export function checkApp(batch: LocalBatch, unitsMax = 3): Promise<readonly CheckedUnit[]> {
  return withWorkshop(batch, async ({ spec, ports, execution }) => {
    const checked: CheckedUnit[] = [];
    for await (const drafts of ports.source.draw(spec, 0 as UnitIndex)) {
      for (const draft of drafts.slice(0, unitsMax - checked.length)) {
        const unit = checked.length as UnitIndex;
        const [one, other] = [await execution.run(unit, draft), await execution.run(unit, draft)];
        if (one.digest !== other.digest && spec.compare === 'digest') {
          throw applicationErrors.APPLICATION_NOT_REPRODUCIBLE({ unit, label: draft.label });
        }
        checked.push({ label: draft.label, digest: one.digest, cpuMs: one.usage.cpuMs });
        batch.onUnit?.(unit, draft.label);
      }
      if (checked.length >= unitsMax) break;
    }
    return checked;
  });
}

async function withWorkshop<Value>(
  { app: { manifest }, content, file, inputs, sandbox, clock }: LocalBatch,
  work: (workshop: Workshop) => Promise<Value>,
): Promise<Value> {
  checkNames(manifest, Object.keys(inputs));
  const stored = await Promise.all(
    Object.entries(inputs).map(async ([name, bytes]) => ({
      name,
      cid: await content.put(bytes),
      bytes: bytes.length,
    })),
  );
  const random = seededRandom('local');
  const open = batchSpec({ file, manifest, inputs: stored, submittedAt: clock.now(), random });
  const ports = pluginPorts({ content, clock, processesMax: 2 });
  try {
    const spec = withShared(open, await ports.shared(open));
    const execution = await LocalExecution.open(spec, { sandbox, content, clock });
    try {
      return await work({ spec, ports, execution });
    } finally {
      await execution.close();
    }
  } finally {
    await ports.close();
  }
}

/** In order, with as many under way as the sandbox takes. */
async function* executed(
  spec: BatchSpec,
  ports: PluginPorts,
  execution: LocalExecution,
): AsyncGenerator<readonly [UnitResult, Succeeded]> {
  const underWay: Promise<readonly [UnitResult, Succeeded]>[] = [];
  let next = 0;
  for await (const drafts of ports.source.draw(spec, 0 as UnitIndex)) {
    for (const draft of drafts) {
      const unit = next++ as UnitIndex;
      const { label } = draft;
      const ran = execution.run(unit, draft).then((outcome): readonly [UnitResult, Succeeded] => {
        const { digest, output } = outcome;
        const result = {
          unit,
          label,
          verdict: 'agreed',
          digest,
          output,
          replicas: [],
          decidedAt: 0,
        } as const;
        return [result, outcome];
      });
      // Its failure is met when its turn comes; until then it is no loose end.
      ran.catch(() => {});
      underWay.push(ran);
      const first = underWay.length >= execution.depthMax ? underWay.shift() : undefined;
      if (first !== undefined) yield await first;
    }
  }
  for (const last of underWay) yield await last;
}
