import { keccak256 } from 'ethers/crypto';
import fc from 'fast-check';
import t from 'tap';
import { provesLeaf, treeProof, treeRoot } from '../../src/resource/keccak-tree.ts';
import type { Bytes32 } from '../../src/resource/ledger.ts';
import { word } from './deal-papers.ts';

const leafOf = (value: number) => keccak256(keccak256(word(value))) as Bytes32;
const leafSets = fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 40 }).map((all) => all.map(leafOf));

t.test('every leaf is proved, and under that root no other is', async () => {
  const property = fc.property(leafSets, fc.nat(), (leaves, chosen) => {
    const leaf = leaves[chosen % leaves.length]!;
    const root = treeRoot(leaves);
    const proof = treeProof(leaves, leaf);
    const isForged =
      provesLeaf(leafOf(2 ** 40 + chosen), proof, root) ||
      provesLeaf(leaf, [...proof, root], root) ||
      (proof.length > 0 && provesLeaf(leaf, proof.slice(1), root));
    return provesLeaf(leaf, proof, root) && !isForged;
  });
  fc.assert(property);
});

t.test(
  'the root does not depend on the order of the leaves, and a proof is as long as the tree is high',
  async () => {
    const property = fc.property(leafSets, (leaves) => {
      const height = Math.ceil(Math.log2(leaves.length));
      return (
        treeRoot(leaves) === treeRoot([...leaves].reverse()) &&
        leaves.every((leaf) => treeProof(leaves, leaf).length <= height)
      );
    });
    fc.assert(property);
  },
);

t.test('one leaf is its own root, and two are hashed in the order of their values', async (t) => {
  const [one, two] = [word(1), word(2)];
  t.equal(treeRoot([one]), one);
  t.same(treeProof([one], one), []);
  const both = keccak256(one + two.slice(2));
  t.equal(treeRoot([one, two]), both);
  t.equal(treeRoot([two, one]), both);
});

t.test(
  'the example in the documentation of @openzeppelin/merkle-tree has the root that it prints',
  async (t) => {
    const balance = (digit: string, tokens: bigint) =>
      keccak256(
        keccak256(word(BigInt(`0x${digit.repeat(40)}`)) + word(tokens * 10n ** 17n).slice(2)),
      ) as Bytes32;
    t.equal(
      treeRoot([balance('1', 50n), balance('2', 25n)]),
      '0xd4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77',
    );
  },
);

t.test('what is not in the tree has no proof, and no tree is empty', async (t) => {
  t.throws(() => treeProof([word(1)], word(2)));
  t.throws(() => treeRoot([]));
});
