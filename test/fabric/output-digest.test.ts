import t from 'tap';
import { sha256 } from '../../src/actors/index.ts';
import { contentMatches, outputDigest } from '../../src/fabric/output-digest.ts';
import type { Cid, TaskOutput } from '../../src/fabric/task.ts';

/** Of `inline` below, when the form was decided. */
const PINNED = 'dbcb8e10889d13290f5c3ffead560a4767b974a049815429733932f383570f19';

const bytes = Buffer.from('a result');
const inline: TaskOutput = {
  exitCode: 0,
  stdout: Buffer.from('said'),
  files: [{ path: 'r', content: { inline: bytes } }],
};
const address = { cid: 'bafk' as Cid, bytes: bytes.length, sha256: sha256(bytes) };
const byAddress: TaskOutput = { ...inline, files: [{ path: 'r', content: address }] };

t.test('the digest is the same whether a file travels inline or by address', async (t) => {
  t.equal(outputDigest(inline), outputDigest(byAddress));
});

t.test('the digest depends on all that a program leaves', async (t) => {
  const others: TaskOutput[] = [
    { ...inline, exitCode: 1 },
    { ...inline, stdout: new Uint8Array(0) },
    { ...inline, files: [] },
    { ...inline, files: [{ path: 's', content: { inline: bytes } }] },
    { ...inline, files: [{ path: 'r', content: { inline: Buffer.from('A result') } }] },
    { ...inline, files: [...inline.files, ...inline.files] },
  ];
  const digests = new Set([inline, ...others].map(outputDigest));
  t.equal(digests.size, 7);
});

t.test('the digest of an output never changes its meaning', async (t) => {
  t.equal(outputDigest(inline), PINNED);
});

t.test('fetched bytes are compared with what the digest covers', async (t) => {
  t.ok(contentMatches(address, bytes));
  t.notOk(contentMatches(address, Buffer.from('b result')));
  t.notOk(contentMatches({ ...address, bytes: 3 }, bytes));
  t.notOk(contentMatches({ cid: address.cid, bytes: address.bytes }, bytes));
});

t.test('an output by address without its hash is a programmer error', async (t) => {
  const { sha256: _, ...bare } = address;
  t.throws(() => outputDigest({ ...inline, files: [{ path: 'r', content: bare }] }));
});
