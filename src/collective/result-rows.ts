/**
 * Verdicts as rows of the journal: `result/<batch>/<unit>`, the unit padded so that rows scan in unit order.
 *
 * A row is written in the commit of the event that decided it, and never changes. It is a tuple, not a
 * record: at a million units the names of the members would be most of the file.
 */

import { decode, encode, type Journal } from '../actors/index.ts';
import type { TaskOutput } from '../fabric/index.ts';
import type { BatchId, ReplicaRecord, UnitIndex, UnitResult } from './batch.ts';

/** Digits that hold every safe integer. */
const UNIT_DIGITS = 16;

/** Rows read at a time: a page of small results is far below a megabyte. */
const PAGE_ROWS = 256;

export function resultKey(batch: BatchId, unit: UnitIndex): string {
  return `result/${batch}/${String(unit).padStart(UNIT_DIGITS, '0')}`;
}

/** In unit order, from after `after` on; rows are read as they are asked for. */
export async function* readResults(
  journal: Journal,
  batch: BatchId,
  options: { readonly after?: UnitIndex; readonly limit?: number } = {},
): AsyncGenerator<UnitResult> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let after = options.after === undefined ? undefined : resultKey(batch, options.after);
  while (left > 0) {
    const limit = Math.min(left, PAGE_ROWS);
    let rows = 0;
    const page = journal.scan(`result/${batch}/`, after === undefined ? { limit } : { after, limit });
    for await (const { key, value } of page) {
      rows += 1;
      after = key;
      yield decodeResult(value);
    }
    left -= rows;
    if (rows < limit) return;
  }
}

export async function readResult(
  journal: Journal,
  batch: BatchId,
  unit: UnitIndex,
): Promise<UnitResult | undefined> {
  const value = await journal.get(resultKey(batch, unit));
  return value === undefined ? undefined : decodeResult(value);
}

type ResultRow = readonly [
  UnitIndex,
  string,
  UnitResult['verdict'],
  UnitResult['digest'],
  number,
  readonly ReplicaRow[],
  OutputRow | null,
  string | null,
];

type OutputRow = readonly [TaskOutput['exitCode'], TaskOutput['stdout'], TaskOutput['files']];

type ReplicaRow = readonly [
  ReplicaRecord['provider'],
  ReplicaRecord['owner'],
  ReplicaRecord['lease'],
  ReplicaRecord['epoch'],
  ReplicaRecord['state'],
  ReplicaRecord['digest'],
  number,
  number,
  number | null,
  readonly [number, number, number] | null,
  readonly [string, string, string] | null,
];

export function encodeResult(result: UnitResult): Uint8Array {
  const { unit, label, verdict, digest, decidedAt, replicas, output, code } = result;
  const row: ResultRow = [
    unit,
    label,
    verdict,
    digest,
    decidedAt,
    replicas.map(replicaRow),
    output ? [output.exitCode, output.stdout, output.files] : null,
    code ?? null,
  ];
  return encode(row);
}

export function decodeResult(bytes: Uint8Array): UnitResult {
  const [unit, label, verdict, digest, decidedAt, replicas, output, code] = decode(bytes) as ResultRow;
  return {
    unit,
    label,
    verdict,
    digest,
    ...(output && { output: { exitCode: output[0], stdout: output[1], files: output[2] } }),
    ...(code !== null && { code }),
    replicas: replicas.map(replicaRecord),
    decidedAt,
  };
}

/** The ordinal is the position. */
function replicaRow(replica: ReplicaRecord): ReplicaRow {
  const { provider, owner, lease, epoch, state, digest, assignedAt, endedAt, bundle, usage } = replica;
  const { code, message = '', stderr = '' } = replica;
  return [
    provider,
    owner,
    lease,
    epoch,
    state,
    digest,
    assignedAt,
    endedAt,
    bundle ?? null,
    usage ? [usage.cpuMs, usage.wallMs, usage.memoryBytesPeak] : null,
    code === undefined ? null : [code, message, stderr],
  ];
}

function replicaRecord(row: ReplicaRow, ordinal: number): ReplicaRecord {
  const [provider, owner, lease, epoch, state, digest, assignedAt, endedAt, bundle, usage, failure] = row;
  return {
    ordinal,
    provider,
    owner,
    lease,
    epoch,
    state,
    digest,
    ...(bundle !== null && { bundle }),
    ...(usage && { usage: { cpuMs: usage[0], wallMs: usage[1], memoryBytesPeak: usage[2] } }),
    ...(failure && { code: failure[0], message: failure[1], stderr: failure[2] }),
    assignedAt,
    endedAt,
  };
}
