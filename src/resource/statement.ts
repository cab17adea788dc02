/**
 * What is signed in this layer, and how one signature is kept from standing for another: the signed bytes
 * are the canonical encoding of a purpose and a value, so no offer can be read as a grant.
 */

import { encode } from '../actors/index.ts';

type Purpose = 'owner' | 'offer' | 'grant' | 'returns';

/** The bytes under a signature. */
export function statementBytes(purpose: Purpose, value: object): Uint8Array {
  return encode([`conun/${purpose}/1`, value]);
}
