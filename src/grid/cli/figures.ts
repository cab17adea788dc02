/** Quantities as people read them. */

import type { Bytes, Milliseconds } from '../../actors/index.ts';
import type { BatchCounts } from '../../collective/index.ts';

const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.5 GiB`. */
export function size(bytes: Bytes): string {
  const step = Math.min(STEPS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const figure = bytes / 1024 ** step;
  return `${step === 0 || figure >= 100 ? Math.round(figure) : figure.toFixed(1)} ${STEPS[step]}`;
}

/** `12.3 s`, `4 min 5 s`, `3 h 2 min`. */
export function duration(ms: Milliseconds): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Local time, `2026-01-02 03:04:05`. */
export function moment(at: Milliseconds): string {
  return new Date(at).toLocaleString('sv-SE');
}

/** `1 unit`, `2 units`. */
export function many(figure: number, word: string): string {
  return `${figure} ${word}${figure === 1 ? '' : 's'}`;
}

/** The end of a peer id, which is where two of them differ. */
export function brief(peer: string): string {
  return peer.length <= 14 ? peer : `…${peer.slice(-12)}`;
}

/** Share of the units that are final, 0 to 1; undefined while nobody knows how many there are. */
export function share(counts: BatchCounts): number | undefined {
  if (counts.total === null) return undefined;
  return counts.total === 0 ? 1 : settled(counts) / counts.total;
}

export function settled(counts: BatchCounts): number {
  return counts.agreed + counts.failed + counts.cancelled;
}

/** `42/100`, `42/60+` while the source still yields units. */
export function unitFigure(counts: BatchCounts): string {
  return `${settled(counts)}/${counts.total ?? `${counts.drawn}+`}`;
}
