/**
 * `conun results`: the merged files of a batch and `report.json`, which says for each unit who computed it,
 * with what outcome, under which receipt. Shows who did what.
 */

import { relative, resolve } from 'node:path';
import type { BatchDeal, BatchView, ReplicaRecord } from '../../collective/index.ts';
import { allUnits, type ApiClient } from '../api/client.ts';
import { toJson } from '../api/codec.ts';
import { gridErrors } from '../errors.ts';
import type { Plain } from '../plain.ts';
import { brief, duration, many } from './figures.ts';
import type { Invocation, Run } from './invocation.ts';
import { type ResultFolder, resultFolder } from './result-folder.ts';
import { table } from './table.ts';

const REPORT = 'report.json';
/** Where the result has a file of that name itself. */
const OTHER_REPORT = `conun-${REPORT}`;
/** What the report is called, the usual name first. */
export const REPORTS: readonly string[] = [REPORT, OTHER_REPORT];

export const run: Run = async (call) => {
  const client = await call.client();
  const view = await client.batch(call.arguments[0]!);
  if (view.phase !== 'done') {
    const reason = view.reason === null ? '' : `: ${view.reason}`;
    throw gridErrors.GRID_RESULTS_NOT_READY({ batch: view.batch, phase: view.phase, reason });
  }
  const root = resolve(call.io.folder, call.text('out') ?? view.batch);
  const folder = await resultFolder(root, call.options['force'] === true);
  for (const { path } of view.files) await folder.write(path, await client.file(view.batch, path));
  const providers = await writeReport(client, view, folder);
  const files = [...view.files.map((file) => file.path), reportName(view)];
  const summary = { batch: view.batch, folder: folder.path, files, providers: [...providers.values()] };
  await call.answer(summary, () => summaryText(call, summary, view));
  return undefined;
};

/** The part of the report that says what was anchored, and where. */
export interface AnchoredDeal {
  readonly deal: string;
  /** Whose anchor it is: the deal's agent. */
  readonly publisher: string;
  /** `null` while it is being worked out. */
  readonly root: string | null;
  readonly files: readonly AnchoredFile[];
}

export interface AnchoredFile {
  readonly path: string;
  readonly sha256: string;
  /** From its leaf to the root, as `ResultAnchor.verify` takes it. */
  readonly proof: readonly string[];
}

interface Share {
  readonly provider: string;
  readonly owner: string;
  replicas: number;
  agreed: number;
  disagreed: number;
  failed: number;
  lost: number;
  cpuMs: number;
}

/** One unit a line inside one JSON document, so that a million of them never are in memory together. */
async function writeReport(
  client: ApiClient,
  view: BatchView,
  folder: ResultFolder,
): Promise<Map<string, Share>> {
  const shares = new Map<string, Share>();
  const file = await folder.open(reportName(view));
  try {
    const deal = await client.deal(view.batch);
    const anchored = deal === null ? '' : `"deal":${toJson(anchoredIn(deal))},\n`;
    await file.write(`{"batch":${toJson(view)},\n${anchored}"units":[`);
    let separator = '\n';
    for await (const unit of allUnits(client, view.batch)) {
      for (const replica of unit.replicas) count(shares, replica);
      await file.write(separator + toJson(unit));
      separator = ',\n';
    }
    await file.write(`\n],\n"providers":${toJson([...shares.values()])}}\n`);
  } finally {
    await file.close();
  }
  return shares;
}

/** What `conun verify` holds to the chain. */
function anchoredIn({ deal, terms, provenance }: Plain<BatchDeal>): AnchoredDeal {
  const { root, files } = provenance ?? { root: null, files: [] };
  return { deal, publisher: terms.agent, root, files };
}

function count(shares: Map<string, Share>, replica: ReplicaRecord): void {
  const { provider, owner, state } = replica;
  const none = { provider, owner, replicas: 0, agreed: 0, disagreed: 0, failed: 0, lost: 0, cpuMs: 0 };
  const share = shares.get(provider) ?? none;
  shares.set(provider, share);
  share.replicas += 1;
  share.cpuMs += replica.usage?.cpuMs ?? 0;
  if (state === 'agreed' || state === 'disagreed' || state === 'failed' || state === 'lost')
    share[state] += 1;
}

/** An app may leave a file of that name itself; then ours steps aside. */
function reportName(view: BatchView): string {
  return view.files.some((file) => file.path === REPORT) ? OTHER_REPORT : REPORT;
}

interface Summary {
  readonly folder: string;
  readonly files: readonly string[];
  readonly providers: readonly Share[];
}

function summaryText(call: Invocation, { folder, files, providers }: Summary, view: BatchView): string {
  const { agreed, failed } = view.counts;
  const shown = relative(call.io.folder, folder) || '.';
  const who = table(providers, [
    { title: 'PROVIDER', cell: (it) => brief(it.provider) },
    { title: 'OWNER', cell: (it) => brief(it.owner) },
    { title: 'REPLICAS', cell: (it) => String(it.replicas), right: true },
    { title: 'AGREED', cell: (it) => String(it.agreed), right: true },
    { title: 'WRONG', cell: (it) => String(it.disagreed), right: true },
    { title: 'FAILED', cell: (it) => String(it.failed), right: true },
    { title: 'LOST', cell: (it) => String(it.lost), right: true },
    { title: 'CPU', cell: (it) => duration(it.cpuMs), right: true },
  ]);
  const told = `${many(agreed, 'unit')} agreed${failed > 0 ? `, ${failed} failed` : ''}`;
  return [who, '', told, ...files.map((file) => `${shown}/${file}`)].join('\n');
}
