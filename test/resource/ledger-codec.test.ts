import t from 'tap';
import { decode, encode } from '../../src/actors/index.ts';
import type { Account, TypedSignature } from '../../src/connectivity/index.ts';
import type { Bytes32, DealId, LedgerCall, Seconds, Terms } from '../../src/resource/ledger.ts';
import { decodeCall, encodeCall } from '../../src/resource/ledger-codec.ts';

const ada = '0xcD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826'.replace('cD', 'CD') as Account;
const word = `0x${'0f'.repeat(32)}` as Bytes32;
const signature = `0x${'ab'.repeat(65)}` as TypedSignature;
const seconds = (time: number) => time as Seconds;

const terms: Terms = {
  requester: ada,
  agent: ada,
  spec: word,
  budget: 2n ** 96n - 1n,
  stakeLock: 0n,
  minQuorum: 2,
  workUntil: seconds(1),
  revealUntil: seconds(2),
  disputeUntil: seconds(3),
  redeemUntil: seconds(2 ** 40 - 1),
  salt: word,
};
const deal = word as string as DealId;
const testimony = { provider: ada, number: 7, unit: word, digest: word, proof: [word] };

const calls: LedgerCall[] = [
  { type: 'sendEther', to: ada, amount: 10n ** 18n },
  { type: 'open', terms, signature },
  {
    type: 'allocate',
    terms,
    allocations: [{ provider: ada, amount: 5n, acceptance: '0x' as TypedSignature }],
  },
  {
    type: 'redeemMany',
    terms,
    vouchers: [{ deal, provider: ada, amount: 5n, bundles: 0 }],
    signatures: [signature],
  },
  { type: 'commit', terms, commitment: { deal, provider: ada, number: 7, seal: word }, signature },
  { type: 'testify', terms, testimony },
  { type: 'register', payout: ada, workers: [ada] },
  { type: 'unstake' },
];

t.test('a call comes back from its bytes as it was', async (t) => {
  for (const call of calls) t.same(decodeCall(decode(encode(encodeCall(call)))), call, call.type);
});

t.test('what a contract could not take is not written, and what was not written is not read', async (t) => {
  t.throws(() => encodeCall({ type: 'deposit', amount: 2n ** 96n }), 'more than 96 bits');
  t.throws(() => encodeCall({ type: 'deposit', amount: -1n }), 'less than nothing');
  for (const value of [
    null,
    { type: 'deposit' },
    { type: 'deposit', amount: 1 },
    { type: 'deposit', amount: '01' },
    { type: 'deposit', amount: '1', more: true },
    { type: 'transfer', to: ada.toLowerCase(), amount: '1' },
    { type: 'anchor', subject: '0x00', root: word },
    { type: 'destroy' },
  ])
    t.throws(() => decodeCall(value), JSON.stringify(value));
});
