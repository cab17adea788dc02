/**
 * `conun wallet delegate`: lets a node act for an account, without giving it the account's key. Signed here,
 * or elsewhere: `--typed-data` prints what a hardware wallet is to sign and keeps it as a draft, which
 * `--signature` completes.
 */

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemClock } from '../../actors/index.ts';
import {
  type Account,
  DELEGATED_ROLES,
  type DelegatedRole,
  type Delegation,
  type DelegationTerms,
  delegate,
  delegationFlaw,
  delegationSchema,
  delegationTyped,
  type PeerId,
  parseAccount,
  parsePeerId,
  type TypedSignature,
  typedPayload,
} from '../../connectivity/index.ts';
import type { ConfigPaths } from '../config.ts';
import { gridErrors } from '../errors.ts';
import { delegationFile, nodeHotKey, nodeIdentity } from '../node-files.ts';
import { readAll } from './input.ts';
import type { Invocation, Run } from './invocation.ts';
import { openWallet, type Wallet } from './wallet.ts';

/** 65 octets in hex, and some room for the line's end. */
const SIGNATURE_BYTES_MAX = 256;

/** A year: a stolen machine should not act for its owner for longer without anybody noticing. */
const DAYS_MAX = 365;

export const run: Run = async (call) => {
  const wallet = await openWallet(call);
  const { paths } = wallet.config;
  const signatureFrom = call.text('signature');
  if (signatureFrom !== undefined) {
    const draft = await readDraft(paths);
    await keep(call, paths, { ...draft, signature: await signatureOf(call, signatureFrom) });
    await rm(draftFile(paths));
    return undefined;
  }
  if (call.options['typedData'] === true) {
    // Whose key is elsewhere has no keystore here.
    const terms = await termsOf(call, wallet, await wallet.address(call.arguments[0]));
    await replace(draftFile(paths), JSON.stringify(terms));
    await call.document(typedPayload(delegationTyped(terms)));
    return undefined;
  }
  const stored = await wallet.find(call.arguments[0]);
  const terms = await termsOf(call, wallet, stored.account);
  await keep(call, paths, await delegate(terms, await wallet.signer(stored)));
  return undefined;
};

async function termsOf(call: Invocation, { config }: Wallet, account: Account): Promise<DelegationTerms> {
  const text = call.text('days') ?? '';
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > DAYS_MAX) {
    throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--days', reason: `a number from 1 to ${DAYS_MAX}` });
  }
  const validUntil = Math.floor(systemClock().now() / 1_000) + days * 86_400;
  return { account, roles: rolesOf(call), validUntil, ...(await nodeOf(call, config.paths)) };
}

interface DelegatedNode {
  readonly peer: PeerId;
  readonly worker?: Account;
}

/** This node, with the hot key it works with, or another one as it was named. */
async function nodeOf(call: Invocation, paths: ConfigPaths): Promise<DelegatedNode> {
  const [peer, worker] = [call.text('peer'), call.text('worker')];
  if (peer !== undefined) {
    return { peer: parsePeerId(peer), ...(worker !== undefined && { worker: addressOf(worker) }) };
  }
  const identity = await nodeIdentity(paths);
  if (worker !== undefined) return { peer: identity.peer, worker: addressOf(worker) };
  const hot = await nodeHotKey(paths);
  return { peer: identity.peer, worker: hot.account };
}

function addressOf(text: string): Account {
  const account = parseAccount(text);
  if (account !== undefined) return account;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--worker', reason: 'expected an address' });
}

function rolesOf(call: Invocation): readonly DelegatedRole[] {
  const wanted = (call.text('roles') ?? '').split(',').map((role) => role.trim());
  const roles = DELEGATED_ROLES.filter((role) => wanted.includes(role));
  if (roles.length === wanted.length) return roles;
  const reason = `each of ${DELEGATED_ROLES.join(', ')} once, separated by commas`;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--roles', reason });
}

/** Only what a peer would believe is kept, and told. */
async function keep(call: Invocation, paths: ConfigPaths, delegation: Delegation): Promise<void> {
  const flaw = delegationFlaw(delegation, delegation.peer, systemClock().now());
  if (flaw !== undefined) throw gridErrors.GRID_DELEGATION_REFUSED({ flaw });
  const file = delegationFile(paths);
  await replace(file, JSON.stringify(delegation));
  const until = new Date(delegation.validUntil * 1_000).toISOString().slice(0, 10);
  await call.answer(delegation, () => {
    const { account, peer, roles } = delegation;
    return `${peer} acts for ${account} as ${roles.join(', ')} until ${until}.\n${file}`;
  });
}

async function signatureOf(call: Invocation, from: string): Promise<TypedSignature> {
  const text =
    from === '-'
      ? await readAll(call.io, SIGNATURE_BYTES_MAX)
      : await readFile(resolve(call.io.folder, from), 'utf8').catch((error: Error) => {
          throw gridErrors.GRID_FILE_UNREADABLE({ file: from, reason: error.message }, error);
        });
  const parsed = delegationSchema.shape.signature.safeParse(text.trim());
  if (parsed.success) return parsed.data;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--signature', reason: 'expected 65 octets in hex' });
}

async function readDraft(paths: ConfigPaths): Promise<DelegationTerms> {
  const text = await readFile(draftFile(paths), 'utf8').catch((error: Error) => {
    throw gridErrors.GRID_DELEGATION_REFUSED({ flaw: 'there is no draft that this signs' }, error);
  });
  const parsed = delegationSchema.omit({ signature: true }).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw gridErrors.GRID_DELEGATION_REFUSED({ flaw: 'its draft cannot be read' });
}

function draftFile({ config }: ConfigPaths): string {
  return join(config, 'delegation.draft.json');
}

async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
