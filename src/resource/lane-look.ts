/**
 * A look at an account through one endpoint: which of its transactions are mined, and where.
 *
 * All that are in the air are asked for, and of those that are mined as many, newest first, as it takes to
 * find one that has not moved: those before it are in its block's ancestors, and have not moved either. So a
 * quiet chain costs one question, however many transactions wait for their confirmations.
 */

import { assert } from '../actors/index.ts';
import type { ChainSight } from './chain-endpoints.ts';
import { askCount, askReceipt, readAnswer } from './chain-wire.ts';
import type { ChainHash, Flight, Lane, Mined } from './intent-machine.ts';
import { isUnmoved, type LaneSight } from './intent-watch.ts';

/** Rejects with `RESOURCE_ENDPOINT_FAILED`: a look is whole, or it is none. */
export async function lookAtLane(
  lane: Lane,
  { endpoint, head }: ChainSight,
  signal: AbortSignal,
): Promise<LaneSight> {
  const receipts = new Map<ChainHash, Mined>();
  const absent = new Set<ChainHash>();
  const counting = askCount(lane.account, 'latest');
  const newestFirst = lane.flights.toReversed();
  const mined = newestFirst.filter((flight) => flight.mined !== null);
  const inTheAir = newestFirst.filter((flight) => flight.mined === null);
  let count: number | undefined;
  let next: readonly Flight[] = [...inTheAir, ...mined.slice(0, 1)];
  // A reorganisation is shallow, or it is deep: each round asks for twice as many as all before it.
  for (let seen = 1; ; ) {
    const hashes = next.flatMap(({ attempts }) => attempts.map(({ hash }) => hash));
    const questions = hashes.map(askReceipt);
    const [first, ...answers] = await endpoint.ask([counting, ...questions], signal);
    count ??= readAnswer(counting, first!, endpoint);
    for (const [place, hash] of hashes.entries()) {
      const found = readAnswer(questions[place]!, answers[place]!, endpoint);
      if (found === null) absent.add(hash);
      else receipts.set(hash, found);
    }
    if (seen >= mined.length || next.some((flight) => isUnmoved(flight, receipts))) break;
    next = mined.slice(seen, 3 * seen);
    seen += next.length;
    assert(next.length > 0, 'each round asks for more');
  }
  return { head, count, receipts, absent };
}
