/** Batches followed to their end: what `watch` and `submit --wait` have in common. */

import type { BatchNews, BatchPhase, BatchView } from '../../collective/index.ts';
import type { ApiClient } from '../api/client.ts';
import { gridErrors } from '../errors.ts';
import { EXIT } from './exit-codes.ts';
import { brief, duration, many, settled } from './figures.ts';
import type { Invocation } from './invocation.ts';
import { type Progress, progressTo } from './progress.ts';

const ENDED: readonly BatchPhase[] = ['done', 'cancelled', 'failed'];

export function hasEnded(view: BatchView): boolean {
  return ENDED.includes(view.phase);
}

/**
 * Shows one batch, or all that have not ended, until each has. The exit code says whether all came to a
 * result. Leaving early is no error for the batches: they go on.
 */
export async function followToEnd(call: Invocation, client: ApiClient, batch?: string): Promise<number> {
  const open = batch === undefined ? await openBatches(client) : new Set([batch]);
  if (open.size === 0) {
    call.note('No batch is open.');
    return EXIT.done;
  }
  const leave = new AbortController();
  const signal = AbortSignal.any([leave.signal, call.io.signal]);
  const progress = call.json ? undefined : progressTo(call.io);
  const unsuccessful: BatchView[] = [];
  try {
    for await (const news of client.followBatches(signal, batch)) {
      if (!open.has(news.type === 'changed' ? news.view.batch : news.batch)) continue;
      if (call.json) await call.document(news);
      if (progress !== undefined) show(progress, news);
      if (news.type !== 'changed' || !hasEnded(news.view)) continue;
      open.delete(news.view.batch);
      if (news.view.phase !== 'done') unsuccessful.push(news.view);
      if (open.size === 0) leave.abort();
    }
  } finally {
    progress?.end();
  }
  if (call.io.signal.aborted) return EXIT.interrupted;
  if (unsuccessful.length > 0) throw notDone(unsuccessful[0]!);
  return EXIT.done;
}

function notDone(view: BatchView): Error {
  const reason = view.reason === null ? '' : `: ${view.reason}`;
  return gridErrors.GRID_BATCH_NOT_DONE({ batch: view.batch, phase: view.phase, reason });
}

async function openBatches(client: ApiClient): Promise<Set<string>> {
  return new Set((await client.batches()).filter((view) => !hasEnded(view)).map((view) => view.batch));
}

function show(progress: Progress, news: BatchNews): void {
  if (news.type === 'changed') {
    const { counts, name, phase } = news.view;
    progress.show(name, settled(counts), counts.total ?? undefined, words(news.view, phase));
  } else if (news.type === 'discredited') {
    progress.line(`unit ${news.unit}: ${brief(news.provider)} returned a wrong result and is excluded`);
  } else {
    const after = duration(news.silentMs);
    progress.line(`${brief(news.provider)} is gone; ${many(news.units, 'unit')} recovered after ${after}`);
  }
}

function words({ counts }: BatchView, phase: BatchPhase): string {
  const notable: [figure: number, word: string][] = [
    [counts.failed, 'failed'],
    [counts.replicasLost, 'lost'],
    [counts.replicasDisagreed, 'wrong'],
  ];
  const told = notable.filter(([figure]) => figure > 0).map(([figure, word]) => `${figure} ${word}`);
  return [phase, ...told].join(' · ');
}
