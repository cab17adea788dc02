import { keccak256 } from 'ethers/crypto';
import t from 'tap';
import { type Account, recoverTyped, typedDigest } from '../../src/connectivity/index.ts';
import {
  acceptanceData,
  commitmentData,
  DEAL_S_MAX,
  dealIdOf,
  marketDomain,
  termsFlaw,
  VOTES_MAX,
  voucherData,
  WINDOW_S_MIN,
} from '../../src/resource/deal.ts';
import type { Terms } from '../../src/resource/ledger.ts';
import { deal, domain, GENESIS, provider, requester, seconds, termsOf, word, worker } from './deal-papers.ts';

const terms = termsOf();

/** EIP-712 by hand: every member of these types is one word. */
function structHash(type: string, words: readonly (string | bigint | number)[]): string {
  const typeHash = keccak256(Buffer.from(type));
  return keccak256(typeHash + words.map((value) => word(BigInt(value)).slice(2)).join(''));
}

function digestOf(hashed: string): string {
  const text = (value: string) => keccak256(Buffer.from(value));
  const separator = structHash(
    'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
    [text('CONUN JobMarket'), text('1'), domain.chainId, domain.verifyingContract],
  );
  return keccak256(`0x1901${separator.slice(2)}${hashed.slice(2)}`);
}

t.test('a deal is named by the EIP-712 digest of its terms, member by member', async (t) => {
  const type =
    'Terms(address requester,address agent,bytes32 spec,uint96 budget,uint96 stakeLock,uint8 minQuorum,' +
    'uint40 workUntil,uint40 revealUntil,uint40 disputeUntil,uint40 redeemUntil,bytes32 salt)';
  t.equal(dealIdOf(terms, domain), digestOf(structHash(type, Object.values(terms))));
});

t.test('acceptance, voucher and commitment have the types that the market checks', async (t) => {
  const acceptance = { deal, provider: provider.account, lock: 5n };
  const voucher = { deal, provider: provider.account, amount: 9n, bundles: 3 };
  const commitment = { deal, provider: provider.account, number: 1, seal: word(8) };
  const papers = [
    [acceptanceData(acceptance, domain), 'Acceptance(bytes32 deal,address provider,uint96 lock)'],
    [voucherData(voucher, domain), 'Voucher(bytes32 deal,address provider,uint96 amount,uint24 bundles)'],
    [
      commitmentData(commitment, domain),
      'Commitment(bytes32 deal,address provider,uint24 number,bytes32 seal)',
    ],
  ] as const;
  for (const [data, type] of papers) {
    const values = Object.values(data.message) as (string | bigint | number)[];
    t.equal(typedDigest(data), digestOf(structHash(type, values)), type);
    t.equal(recoverTyped(data, worker.signTyped(data)), worker.account);
  }
});

t.test('other terms, another chain and another market are other deals', async (t) => {
  const other = [
    dealIdOf(termsOf({ salt: word(8) }), domain),
    dealIdOf(termsOf({ budget: 1_001n }), domain),
    dealIdOf(terms, marketDomain(1n, domain.verifyingContract)),
    dealIdOf(terms, marketDomain(domain.chainId, requester.account)),
  ];
  t.equal(new Set([deal, ...other]).size, 5);
  t.throws(() => dealIdOf(termsOf({ budget: 1n << 96n }), domain), 'more than 96 bits');
});

t.test('terms are refused by the word that the market says', async (t) => {
  const now = seconds(GENESIS);
  const late = seconds(GENESIS + DEAL_S_MAX + 1);
  const flaws: readonly (readonly [Partial<Terms>, string])[] = [
    [{ agent: `0x${'0'.repeat(40)}` as Account }, 'agent'],
    [{ budget: 0n }, 'budget'],
    [{ minQuorum: 1 }, 'quorum'],
    [{ minQuorum: VOTES_MAX + 1 }, 'quorum'],
    [{ workUntil: seconds(GENESIS - 1) }, 'workUntil'],
    [{ revealUntil: seconds(terms.workUntil + WINDOW_S_MIN - 1) }, 'window'],
    [{ disputeUntil: seconds(terms.revealUntil + WINDOW_S_MIN - 1) }, 'window'],
    [{ redeemUntil: seconds(terms.disputeUntil + WINDOW_S_MIN - 1) }, 'window'],
    [{ redeemUntil: late }, 'length'],
  ];
  t.equal(termsFlaw(terms, now), undefined);
  for (const [change, word] of flaws) t.equal(termsFlaw(termsOf(change), now), word);
});
