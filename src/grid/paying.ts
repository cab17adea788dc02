/** How a node pays for the batches that it brokers: who signs for what, and where lies are looked up. */

import { sha256 } from '../actors/index.ts';
import { withinTime } from '../application/index.ts';
import type { TreasuryOptions } from '../collective/index.ts';
import type { TaskFile } from '../fabric/index.ts';
import { type HolderPayments, readCommitment } from '../resource/index.ts';
import type { Foundation } from './foundation.ts';

/** A merged file is in the own store, or with the own plugin a moment ago. */
const READ_MS = 60_000;

/** Undefined for a broker that pays for nothing. */
export function holderPayments({ money }: Foundation): HolderPayments | undefined {
  if (money?.requester === undefined) return undefined;
  const { domain, hot, ledger } = money;
  return { domain, agent: hot, ledger };
}

/** Undefined for a broker that pays for nothing. */
export function treasuryOptions(base: Foundation): Omit<TreasuryOptions, 'broker'> | undefined {
  const { money, journal, config } = base;
  if (money?.requester === undefined) return undefined;
  const { ledger, domain, hot, requester } = money;
  return {
    journal,
    ledger,
    domain,
    requester,
    agent: hot,
    lookMs: config.chain.pollMs,
    readCommitment: (lease, bundle) => readCommitment(journal, lease, bundle),
    hashFile: (file) => hashOf(base, file),
  };
}

async function hashOf({ blocks, clock }: Foundation, { content }: TaskFile) {
  if ('inline' in content) return sha256(content.inline);
  const { cid, bytes: bytesMax } = content;
  if (content.sha256 !== undefined) return content.sha256;
  return sha256(await withinTime(clock, READ_MS, (signal) => blocks.get(cid, { bytesMax, signal })));
}
