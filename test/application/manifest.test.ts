import t from 'tap';
import {
  appBlocks,
  appName,
  compareVersions,
  parseSignedManifest,
  signManifest,
  verifyManifest,
} from '../../src/application/manifest.ts';
import { newIdentity, type OwnerId, verifySignature } from '../../src/connectivity/index.ts';
import type { Cid } from '../../src/fabric/index.ts';
import { manifestOf } from './fixtures.ts';

const { peer, signer } = newIdentity();
const author = peer as unknown as OwnerId;

function signed(parts = {}) {
  return signManifest(manifestOf(parts), author, (bytes) => signer.sign(bytes));
}

t.test('a signature is over all of the manifest', async (t) => {
  verifyManifest(signed(), verifySignature);
  for (const changed of [
    { version: '1.0.1' },
    { compare: 'plugin' as const },
    { plugin: `b${'d'.repeat(58)}` as Cid },
  ]) {
    const forged = { ...signed(), manifest: manifestOf(changed) };
    t.throws(() => verifyManifest(forged, verifySignature), { code: 'APPLICATION_SIGNATURE_INVALID' });
  }
});

t.test('nobody signs for somebody else', async (t) => {
  const other = newIdentity().peer as unknown as OwnerId;
  t.throws(() => verifyManifest({ ...signed(), author: other }, verifySignature), {
    code: 'APPLICATION_SIGNATURE_INVALID',
  });
});

t.test('what is not exactly a signed manifest is refused with the reason', async (t) => {
  const wrong: readonly object[] = [
    { name: 'Big' },
    { name: '../x' },
    { version: '1.0' },
    { version: '01.0.0' },
    { version: '1.0.0+build' },
    { title: '' },
    { category: 'two words' },
    { inputs: ['../mesh'] },
    { plugin: 'Qm' as Cid },
    { program: { ...manifestOf().program, bytes: 1e12 } },
    { limits: { ...manifestOf().limits, memoryBytesMax: 2 ** 40 } },
    { extra: 1 },
  ];
  for (const parts of wrong) {
    const code = 'APPLICATION_MANIFEST_INVALID';
    t.throws(
      () => parseSignedManifest({ ...signed(), manifest: { ...manifestOf(), ...parts } }),
      { code },
      JSON.stringify(parts),
    );
  }
  t.throws(() => parseSignedManifest({ ...signed(), signature: new Uint8Array(63) }));
  t.throws(() => parseSignedManifest(null));
});

t.test('names and blocks of an app', async (t) => {
  t.equal(appName(manifestOf()), 'tried@1.0.0');
  t.same(
    appBlocks(manifestOf()).map(({ part }) => part),
    ['plugin', 'program'],
  );
});

t.test('versions are ordered as Semantic Versioning says', async (t) => {
  // The example of section 11.4 of the specification.
  const ordered = [
    ...['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11'],
    ...['1.0.0-rc.1', '1.0.0', '1.9.0', '1.10.0', '2.0.0-x-y', '2.0.0'],
  ];
  const shuffled = ordered.toSorted((one, other) => (one.length % 3) - (other.length % 3));
  t.same(shuffled.toSorted(compareVersions), ordered);
});
