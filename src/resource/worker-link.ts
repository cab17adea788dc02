/**
 * Whose account a node works for: the worker's key signs the node's id and the provider's account (EIP-712).
 * Without it a node could name the account of somebody else, and spoil its name.
 *
 * That the key is a worker of that provider, only the registry knows; who verifies asks the ledger too.
 */

import { type Account, recoverTyped, type TypedData, type TypedDomain } from '../connectivity/index.ts';
import type { HotSigner, PeerId, TypedSignature } from '../connectivity/index.ts';
import type { Seconds } from './ledger.ts';

export interface WorkerLink {
  readonly provider: Account;
  readonly worker: Account;
  readonly expiresAt: Seconds;
  readonly signature: TypedSignature;
}

interface LinkTerms {
  readonly provider: Account;
  readonly peer: PeerId;
  readonly expiresAt: Seconds;
}

const TYPES = {
  WorkerLink: [
    { name: 'peer', type: 'string' },
    { name: 'provider', type: 'address' },
    { name: 'expiresAt', type: 'uint40' },
  ],
} as const;

export function linkWorker(terms: LinkTerms, worker: HotSigner, domain: TypedDomain): WorkerLink {
  const { provider, expiresAt } = terms;
  return {
    provider,
    worker: worker.account,
    expiresAt,
    signature: worker.signTyped(linkData(terms, domain)),
  };
}

/** Why the link does not bind `peer` to its account at `now`; undefined if it does. */
export function linkFlaw(
  link: WorkerLink,
  peer: PeerId,
  now: Seconds,
  domain: TypedDomain,
): string | undefined {
  const { provider, worker, expiresAt, signature } = link;
  if (expiresAt <= now) return 'its worker link has expired';
  const signer = recoverTyped(linkData({ provider, peer, expiresAt }, domain), signature);
  return signer === worker ? undefined : 'its worker did not sign for this node';
}

function linkData({ peer, provider, expiresAt }: LinkTerms, domain: TypedDomain): TypedData {
  return { domain, types: TYPES, message: { peer, provider, expiresAt } };
}
