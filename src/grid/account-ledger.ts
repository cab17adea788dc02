/**
 * The chain as the commands of a person use it: to look, or to send from an account.
 *
 * An account has one sender at a time, so that two transactions never take the same nonce: whoever sends
 * holds a lock, and what is intended is in a journal beside the keystores, from where the next command goes
 * on after a crash. The daemon never sends from an account: it has hot keys, and a journal of its own.
 */

import { join } from 'node:path';
import { memoryJournal, systemClock } from '../actors/index.ts';
import type { AccountSigner } from '../connectivity/index.ts';
import { lockHome, openLevelJournal } from '../fabric/index.ts';
import { type Ledger, openEvmLedger } from '../resource/index.ts';
import type { ChainPlace } from './chain.ts';

/** Closes the ledger when `work` has ended, however. */
export async function looking<Result>(
  place: ChainPlace,
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const journal = memoryJournal();
  return using(await openEvmLedger({ ...place, journal, signers: [], clock: systemClock() }), work);
}

/** `folder`: of the keystores. Rejects with `FABRIC_HOME_IN_USE` while another command sends. */
export async function sending<Result>(
  place: ChainPlace,
  folder: string,
  signer: AccountSigner,
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, 'sent');
  const lock = await lockHome(path);
  try {
    const journal = await openLevelJournal({ path: join(path, 'journal') });
    try {
      const ledger = await openEvmLedger({ ...place, journal, signers: [signer], clock: systemClock() });
      return await using(ledger, work);
    } finally {
      await journal.close();
    }
  } finally {
    await lock.release();
  }
}

async function using<Result>(ledger: Ledger, work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
