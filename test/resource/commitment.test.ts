import { keccak256 } from 'ethers/crypto';
import t from 'tap';
import {
  bundleLeaf,
  commitmentFlaw,
  type Opening,
  sealOf,
  signCommitment,
} from '../../src/resource/commitment.ts';
import { deal, domain, provider, requester, stranger, word, worker } from './deal-papers.ts';

const opening: Opening = { deal, provider: provider.account, number: 2, root: word(5), salt: word(6) };

t.test('a seal is the hash of deal, provider, number, root and salt, each a word', async (t) => {
  const words = [deal, word(BigInt(provider.account)), word(2), word(5), word(6)];
  t.equal(sealOf(opening), keccak256(`0x${words.map((each) => each.slice(2)).join('')}`));
  const changes: readonly Partial<Opening>[] = [
    { deal: word(1) as unknown as typeof deal },
    { provider: stranger.account },
    { number: 3 },
    { root: word(7) },
    { salt: word(8) },
  ];
  const seals = changes.map((change) => sealOf({ ...opening, ...change }));
  t.equal(new Set([sealOf(opening), ...seals]).size, 6, 'bound to each of them');
});

t.test('leaves are those of the contracts', async (t) => {
  const unit = word(3);
  t.equal(bundleLeaf(unit, word(9)), keccak256(keccak256(unit + word(9).slice(2))));
  t.not(bundleLeaf(word(1), word(2)), bundleLeaf(word(2), word(1)));
});

t.test('a broker takes a commitment only as the word of that worker, for that bundle', async (t) => {
  const commitment = { deal, provider: provider.account, number: 2, seal: sealOf(opening) };
  const signed = signCommitment(commitment, worker, domain);
  const flaw = (change: Partial<typeof commitment>, signer = worker.account) =>
    commitmentFlaw(signed, { ...commitment, ...change }, signer, domain);
  t.equal(flaw({}), undefined);
  t.match(flaw({ deal: word(1) as unknown as typeof deal }), /another deal/);
  t.match(flaw({ provider: requester.account }), /another provider/);
  t.match(flaw({ number: 3 }), /another number/);
  t.match(flaw({}, stranger.account), /did not sign/);
});
