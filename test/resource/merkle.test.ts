import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { leavesOf, proofOf, provesEntry, rootOf } from '../../src/resource/merkle.ts';

/** RFC 6962, section 2.1, word for word: the oracle. */
function treeHash(entries: readonly Uint8Array[]): Buffer {
  const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sha();
  if (entries.length === 1) return sha(Buffer.of(0), entries[0]!);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return sha(Buffer.of(1), treeHash(entries.slice(0, split)), treeHash(entries.slice(split)));
}

const entries = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 70 });

t.test('the root is the one that RFC 6962 defines', async (t) => {
  fc.assert(fc.property(entries, (all) => Buffer.compare(rootOf(leavesOf(all)), treeHash(all)) === 0));
  const published = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  t.equal(Buffer.from(rootOf(leavesOf([]))).toString('hex'), published);
});

t.test('every entry can be proved, at its own place only', async () => {
  const property = fc.property(entries, fc.nat(), (all, chosen) => {
    if (all.length === 0) return true;
    const index = chosen % all.length;
    const root = rootOf(leavesOf(all));
    const path = proofOf(leavesOf(all), index);
    const entry = all[index]!;
    const other = Buffer.concat([entry, Buffer.of(1)]);
    const isProved = provesEntry(entry, index, all.length, path, root);
    const isForged =
      provesEntry(other, index, all.length, path, root) ||
      provesEntry(entry, index, all.length, [...path, root], root) ||
      provesEntry(entry, -1, all.length, path, root) ||
      provesEntry(entry, all.length, all.length, path, root) ||
      (path.length > 0 && provesEntry(entry, index, all.length, path.slice(1), root));
    return isProved && !isForged;
  });
  fc.assert(property);
});

t.test('two hashes side by side are no entry', async (t) => {
  const leaves = leavesOf([Buffer.of(1), Buffer.of(2)]);
  t.not(Buffer.compare(rootOf(leavesOf([leaves])), rootOf(leaves)), 0);
});
