import t from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import { signManifest } from '../../src/application/manifest.ts';
import { registry } from '../../src/application/registry.ts';
import type { Manifest } from '../../src/application/task-api.ts';
import { newIdentity, type OwnerId, verifySignature } from '../../src/connectivity/index.ts';
import { fabricErrors, memoryContentStore } from '../../src/fabric/index.ts';
import { manifestOf } from './fixtures.ts';

async function shelf() {
  const journal = memoryJournal();
  const content = memoryContentStore();
  const text = (words: string) => content.put(new TextEncoder().encode(words));
  const [plugin, cid] = [await text('a plugin'), await text('a program')];
  const open = (validateProgram: () => Promise<void> = async () => {}) =>
    registry({
      journal,
      content,
      verify: verifySignature,
      validateProgram,
      read: (cid, bytesMax) => content.get(cid, { bytesMax, signal: new AbortController().signal }),
    });
  const app = (parts: Partial<Manifest> = {}) =>
    manifestOf({ plugin, program: { sandbox: 'wasm', cid, bytes: 9 }, ...parts });
  return { open, app, text };
}

function writer() {
  const { peer, signer } = newIdentity();
  const author = peer as unknown as OwnerId;
  return (manifest: Manifest) => signManifest(manifest, author, (bytes) => signer.sign(bytes));
}

t.test('what is published is found, listed, and still there after a restart', async (t) => {
  const { open, app } = await shelf();
  const sign = writer();
  const first = open();
  t.match(await first.publish(sign(app()), 5), { app: 'tried@1.0.0', title: 'Tried', publishedAt: 5 });
  await first.publish(sign(app({ version: '1.10.0' })), 6);
  await first.publish(sign(app({ version: '1.9.0' })), 7);
  await first.publish(sign(app({ version: '2.0.0-rc.1' })), 8);
  const again = open();
  t.same(
    (await again.list()).map(({ app }) => app),
    ['tried@2.0.0-rc.1', 'tried@1.10.0', 'tried@1.9.0', 'tried@1.0.0'],
  );
  t.equal((await again.find('tried@1.9.0')).version, '1.9.0');
  t.equal((await again.find('tried')).version, '1.10.0', 'a bare name is the newest release');
});

t.test('a published version never changes', async (t) => {
  const { open, app } = await shelf();
  const sign = writer();
  const apps = open();
  await apps.publish(sign(app()), 5);
  t.match(await apps.publish(sign(app()), 9), { publishedAt: 5 }, 'the same again changes nothing');
  await t.rejects(apps.publish(sign(app({ title: 'Other' })), 9), { code: 'APPLICATION_APP_EXISTS' });
  t.equal((await apps.find('tried')).title, 'Tried');
});

t.test('a name belongs to the author who used it first, also when two ask at once', async (t) => {
  const { open, app } = await shelf();
  const apps = open();
  const [one, other] = [writer(), writer()];
  const [first, second] = await Promise.allSettled([
    apps.publish(one(app()), 1),
    apps.publish(other(app({ version: '2.0.0' })), 1),
  ]);
  t.equal(first.status, 'fulfilled');
  t.match(second, { status: 'rejected', reason: { code: 'APPLICATION_APP_OWNED' } });
});

t.test('nothing enters that could not run', async (t) => {
  const { open, app, text } = await shelf();
  const sign = writer();
  const apps = open(async () => {
    throw fabricErrors.FABRIC_PROGRAM_INVALID({ reason: 'not a module' });
  });
  await t.rejects(apps.publish(sign(app()), 1), { code: 'FABRIC_PROGRAM_INVALID' });
  const missing = app({ plugin: `bafkrei${'a'.repeat(52)}` as Manifest['plugin'] });
  await t.rejects(apps.publish(sign(missing), 1), {
    code: 'APPLICATION_APP_INCOMPLETE',
    message: /plugin of tried/,
  });
  const forged = { ...sign(app()), manifest: app({ plugin: await text('another plugin') }) };
  await t.rejects(apps.publish(forged, 1), { code: 'APPLICATION_SIGNATURE_INVALID' });
  t.same(await apps.list(), []);
});

t.test('an unknown app is answered with near names', async (t) => {
  const { open, app } = await shelf();
  const apps = open();
  await apps.publish(writer()(app({ name: 'render' })), 1);
  await t.rejects(apps.find('rendr@1.0.0'), {
    code: 'APPLICATION_APP_UNKNOWN',
    message: /Did you mean render@1.0.0\?/,
  });
  await t.rejects(apps.find('rnder'), { message: /Did you mean render@1.0.0\?/ });
  await t.rejects(apps.find('weather'), { message: 'There is no app weather here.' });
});

t.test('the name of one app is not the beginning of another', async (t) => {
  const { open, app } = await shelf();
  const apps = open();
  await apps.publish(writer()(app({ name: 'render-fast' })), 1);
  await t.rejects(apps.find('render'), { code: 'APPLICATION_APP_UNKNOWN' });
  await apps.publish(writer()(app({ name: 'render' })), 1);
});
