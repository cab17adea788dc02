import { tmpdir } from 'node:os';
import t from 'tap';
import { storageProbe } from '../../src/fabric/probe-storage.ts';

t.test('the disk of a folder has room', async (t) => {
  const { bytesTotal, bytesFree } = await storageProbe(tmpdir())();
  t.ok(bytesFree > 0 && bytesFree <= bytesTotal);
});

t.test('a folder that is not there is an error', async (t) => {
  await t.rejects(storageProbe('/no/such/folder')(), { code: 'ENOENT' });
});
