/** What a broker finds in its journal when it starts: every batch and every standing as they were. */

import { decode, type Journal, toFault } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { BatchId } from './batch.ts';
import { decodeBatch, decodeEntry } from './batch-codec.ts';
import { batchMachine } from './batch-machine.ts';
import { type BatchState, openBatch } from './batch-state.ts';
import { collectiveErrors } from './errors.ts';
import { decodeReputation, decodeStandings, reputationMachine, type Standing } from './reputation.ts';

export const REPUTATION_STREAM = 'reputation';

const BATCH_STREAMS = 'batch/';

export function batchStream(batch: BatchId): string {
  return `${BATCH_STREAMS}${batch}`;
}

export interface Recovered {
  readonly batches: readonly BatchState[];
  readonly standings: Map<OwnerId, Standing>;
  /** Every provider that ever had a lease here. */
  readonly providers: Map<PeerId, OwnerId>;
}

const PROVIDER_ROWS = 'provider/';

export function providerKey(provider: PeerId): string {
  return `${PROVIDER_ROWS}${provider}`;
}

/** Rejects with `COLLECTIVE_JOURNAL_CORRUPT` when something that was written cannot be read. */
export async function recover(journal: Journal): Promise<Recovered> {
  const standings = await recoverStandings(journal);
  const batches: BatchState[] = [];
  for (const stream of await journal.streams(BATCH_STREAMS)) {
    const state = await recoverBatch(journal, stream);
    if (state) batches.push(state);
  }
  // Streams come in order of their ids; people expect the order of submission.
  batches.sort((one, other) => one.spec.submittedAt - other.spec.submittedAt);
  const providers = new Map<PeerId, OwnerId>();
  for await (const { key, value } of journal.scan(PROVIDER_ROWS))
    providers.set(key.slice(PROVIDER_ROWS.length) as PeerId, decode(value) as OwnerId);
  return { batches, standings, providers };
}

async function recoverBatch(journal: Journal, stream: string): Promise<BatchState | undefined> {
  let state: BatchState | undefined;
  for await (const { kind, bytes } of journal.replay(stream)) {
    state = readable(stream, () => {
      if (kind === 'snapshot') return decodeBatch(bytes);
      const entry = decodeEntry(bytes);
      if ('spec' in entry) return openBatch(entry.spec);
      let next = state!;
      for (const event of entry.events) next = batchMachine.step(next, event, entry.now).state;
      return next;
    });
  }
  return state;
}

async function recoverStandings(journal: Journal): Promise<Map<OwnerId, Standing>> {
  let standings = new Map<OwnerId, Standing>();
  for await (const { kind, bytes } of journal.replay(REPUTATION_STREAM)) {
    standings = readable(REPUTATION_STREAM, () => {
      if (kind === 'snapshot') return decodeStandings(bytes);
      let next = standings;
      for (const event of decodeReputation(bytes)) next = reputationMachine.step(next, event, 0).state;
      return next;
    });
  }
  return standings;
}

function readable<Value>(stream: string, read: () => Value): Value {
  try {
    return read();
  } catch (thrown) {
    throw toFault(thrown, (details) =>
      collectiveErrors.COLLECTIVE_JOURNAL_CORRUPT({ ...details, stream }, thrown),
    );
  }
}
