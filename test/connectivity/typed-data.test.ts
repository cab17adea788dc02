import { Signature } from 'ethers/crypto';
import { Transaction } from 'ethers/transaction';
import t from 'tap';
import {
  type Account,
  hotSigner,
  parseAccount,
  type RawTransaction,
  recoverTyped,
  type TypedData,
  type TypedSignature,
} from '../../src/connectivity/typed-data.ts';

/** The key of the example in EIP-712: `keccak256("cow")`. */
const cow = Buffer.from('c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4', 'hex');

const person = [
  { name: 'name', type: 'string' },
  { name: 'wallet', type: 'address' },
];
const mail: TypedData = {
  domain: {
    name: 'Ether Mail',
    version: '1',
    chainId: 1n,
    verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC' as Account,
  },
  types: {
    Mail: [
      { name: 'from', type: 'Person' },
      { name: 'to', type: 'Person' },
      { name: 'contents', type: 'string' },
    ],
    Person: person,
  },
  message: {
    from: { name: 'Cow', wallet: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826' },
    to: { name: 'Bob', wallet: '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB' },
    contents: 'Hello, Bob!',
  },
};

t.test('the example of EIP-712 is signed as the specification says', async (t) => {
  const signer = hotSigner(cow);
  t.equal(signer.account, '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826');
  t.equal(
    signer.signTyped(mail),
    '0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c',
  );
});

t.test(
  'a signature names its signer, and for another contract or chain it names somebody else',
  async (t) => {
    const signer = hotSigner(cow);
    const signature = signer.signTyped(mail);
    t.equal(recoverTyped(mail, signature), signer.account);
    t.not(recoverTyped({ ...mail, domain: { ...mail.domain, chainId: 2n } }, signature), signer.account);
    t.equal(recoverTyped(mail, '0x00' as typeof signature), undefined);
  },
);

t.test('a signature that a contract would not take is none', async (t) => {
  const signature = hotSigner(cow).signTyped(mail);
  const parsed = Signature.from(signature);
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const higher = (order - BigInt(parsed.s)).toString(16).padStart(64, '0');
  const others = [
    parsed.compactSerialized,
    `${signature.slice(0, -2)}0${parsed.yParity}`,
    `${parsed.r}${higher}${parsed.v === 27 ? '1c' : '1b'}`,
    '0x',
  ];
  for (const other of others) t.equal(recoverTyped(mail, other as TypedSignature), undefined, other);
});

t.test('an address is read with or without its checksum, not with a wrong one', async (t) => {
  t.equal(
    parseAccount('0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826'),
    '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826',
  );
  t.equal(parseAccount('0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD82A'), undefined);
  t.equal(parseAccount('somebody'), undefined);
});

t.test('a transaction comes back signed, and for one chain only', async (t) => {
  const signer = hotSigner(cow);
  const fields = { type: 2, to: signer.account, nonce: 7, gasLimit: 21_000n, value: 1n };
  const unsigned = Transaction.from({ ...fields, chainId: 31_337n }).unsignedSerialized as RawTransaction;
  const signed = Transaction.from(signer.signTransaction(unsigned));
  t.equal(signed.from, signer.account);
  t.equal(signed.unsignedSerialized, unsigned);
  const anywhere = Transaction.from({ ...fields, type: 0 }).unsignedSerialized as RawTransaction;
  t.throws(() => signer.signTransaction(anywhere), /one chain/);
});
