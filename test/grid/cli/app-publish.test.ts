import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { verifyManifest } from '../../../src/application/index.ts';
import { verifySignature } from '../../../src/connectivity/index.ts';
import { serveFake } from '../api-fixture.ts';
import { smallApp } from '../app-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('an app is stored at the node and signed by the key of its owner', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  await smallApp(home);
  const told = await conun(['app', 'publish', 'dice', '--home', home], { folder: home });
  t.match(told, { code: 0, out: /is published by …/ });
  const [app] = node.published;
  t.equal(app?.manifest.name, 'dice');
  t.ok(node.stored.has(app!.manifest.plugin));
  t.equal(node.stored.get(app!.manifest.program.cid)?.length, app!.manifest.program.bytes);
  t.doesNotThrow(() => verifyManifest(app!, verifySignature));
  t.equal((await stat(join(home, 'owner.key'))).mode & 0o777, 0o600);
});

t.test('without a daemon nothing is built', async (t) => {
  t.match(await conun(['app', 'publish', 'dice', '--home', '/nonexistent']), {
    code: 3,
    err: /conun daemon/,
  });
});
