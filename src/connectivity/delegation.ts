/**
 * An account's word for a node: EIP-712 typed data, so that a hardware wallet shows it, with the peer id, the
 * roles, the last second, and the hot key with which the node works. So a machine acts for an owner whose key
 * it never sees.
 *
 * It is bound to no chain and no contract: it moves nothing, and the same person stands behind an address on
 * each of them. There is no way to take it back, so it never reaches far.
 */

import { z } from 'zod';
import { type Milliseconds, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { PeerId } from './channel.ts';
import { parsePeerId } from './peer-id.ts';
import {
  type Account,
  type AccountSigner,
  parseAccount,
  recoverTyped,
  type TypedData,
  type TypedSignature,
} from './typed-data.ts';

/** What a node can be allowed to do for an account; as the tickets of an organisation name it. */
export const DELEGATED_ROLES = ['provider', 'broker', 'researcher', 'author'] as const;
export type DelegatedRole = (typeof DELEGATED_ROLES)[number];

export interface DelegationTerms {
  readonly account: Account;
  readonly peer: PeerId;
  /** In the order of `DELEGATED_ROLES`, none twice. */
  readonly roles: readonly DelegatedRole[];
  /** Seconds since the Unix epoch, as a chain counts; the last one in which it holds. */
  readonly validUntil: number;
  /** The node's hot key, where it has one. */
  readonly worker?: Account | undefined;
}

export interface Delegation extends DelegationTerms {
  readonly signature: TypedSignature;
}

/** How far ahead one may reach: what a stolen node can go on doing is bounded by it. */
export const DELEGATION_MS_MAX = 400 * 24 * 60 * MINUTE_MS;

const NOBODY = `0x${'0'.repeat(40)}`;

/** What the account signs. */
export function delegationTyped({ peer, roles, validUntil, worker }: DelegationTerms): TypedData {
  return {
    domain: { name: 'CONUN', version: '1' },
    types: {
      Delegation: [
        { name: 'peer', type: 'string' },
        { name: 'roles', type: 'string[]' },
        { name: 'validUntil', type: 'uint64' },
        { name: 'worker', type: 'address' },
      ],
    },
    message: { peer, roles, validUntil, worker: worker ?? NOBODY },
  };
}

export async function delegate(terms: DelegationTerms, signer: AccountSigner): Promise<Delegation> {
  return { ...terms, signature: await signer.signTyped(delegationTyped(terms)) };
}

/** Why the delegation does not let `peer` act for its account at `now`; undefined if it does. */
export function delegationFlaw(delegation: Delegation, peer: PeerId, now: Milliseconds): string | undefined {
  const { account, validUntil, signature } = delegation;
  if (delegation.peer !== peer) return 'its delegation names another node';
  if (!inOrder(delegation.roles)) return 'its delegation does not name roles as it should';
  if ((validUntil + 1) * SECOND_MS <= now) return 'its delegation has expired';
  if (validUntil * SECOND_MS > now + DELEGATION_MS_MAX) return 'its delegation reaches too far';
  const signed = recoverTyped(delegationTyped(delegation), signature) === account;
  return signed ? undefined : 'its delegation is not signed by that account';
}

/** One set of roles has one way to be written, and so one signature. */
function inOrder(roles: readonly DelegatedRole[]): boolean {
  const places = roles.map((role) => DELEGATED_ROLES.indexOf(role));
  return places.length > 0 && places.every((place, at) => place > (places[at - 1] ?? -1));
}

const account = z.string().transform((text, context) => {
  const parsed = parseAccount(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'expected an address' });
  return z.NEVER;
});

const peer = z.string().transform((text, context) => {
  try {
    return parsePeerId(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a peer id' });
    return z.NEVER;
  }
});

/** A delegation from a file or a wire; its signature is another matter. */
export const delegationSchema = z.strictObject({
  account,
  peer,
  roles: z.array(z.enum(DELEGATED_ROLES)).min(1).max(DELEGATED_ROLES.length),
  validUntil: z.int().nonnegative(),
  worker: account.optional(),
  signature: z
    .string()
    .regex(/^0x[0-9a-f]{130}$/i, 'expected 65 octets in hex')
    .transform((text) => text as TypedSignature),
});
