import t from 'tap';
import { type Delivery, Fault, memoryJournal, seededRandom, simulatedClock } from '../../src/actors/index.ts';
import { registry } from '../../src/application/registry.ts';
import { createTaskApi } from '../../src/application/task-service.ts';
import { applicationErrors } from '../../src/application/errors.ts';
import { signManifest } from '../../src/application/manifest.ts';
import type {
  BatchId,
  BatchNews,
  BatchSpec,
  BatchView,
  BrokerMail,
  UnitIndex,
  UnitResult,
} from '../../src/collective/index.ts';
import { newIdentity, type OwnerId, verifySignature } from '../../src/connectivity/index.ts';
import { memoryContentStore } from '../../src/fabric/index.ts';
import { manifestOf } from './fixtures.ts';

function viewOf({ batch, name, app }: BatchSpec): BatchView {
  return { batch, name, app, phase: 'open' } as BatchView;
}

/** A broker that keeps what it was told. */
function fakeBroker() {
  const specs: BatchSpec[] = [];
  const followers: { tell(news: BatchNews): Delivery }[] = [];
  const find = (batch: BatchId) => specs.map(viewOf).find((view) => view.batch === batch);
  const unknown = () => applicationErrors.APPLICATION_STOPPED();
  const broker = {
    path: '/broker',
    tell(mail: BrokerMail): Delivery {
      if (mail.type === 'submit') mail.reply(viewOf(specs[specs.push(mail.spec) - 1]!));
      else if (mail.type === 'list') mail.reply(specs.map(viewOf));
      else if (mail.type === 'show' || mail.type === 'cancel') mail.reply(find(mail.batch) ?? unknown());
      else if (mail.type === 'directory') mail.reply([]);
      else if (mail.type === 'follow') followers.push(mail.follower);
      return 'accepted';
    },
  };
  return { broker, specs, followers };
}

async function service() {
  const content = memoryContentStore();
  const clock = simulatedClock(1_000);
  const put = (text: string) => content.put(new TextEncoder().encode(text));
  const apps = registry({
    journal: memoryJournal(),
    content,
    verify: verifySignature,
    validateProgram: async () => {},
    read: (cid, bytesMax) => content.get(cid, { bytesMax, signal: new AbortController().signal }),
  });
  const { broker, specs, followers } = fakeBroker();
  const announced: BatchSpec[] = [];
  const pages: object[] = [];
  const api = createTaskApi({
    broker,
    registry: apps,
    content,
    clock,
    random: seededRandom('service'),
    shared: async () => [{ path: 'mesh', content: { inline: new Uint8Array([1]) } }],
    async *readResults(_batch, page) {
      pages.push(page);
      yield { unit: 4 as UnitIndex } as UnitResult;
    },
    announce: (spec) => announced.push(spec),
  });
  const { peer, signer } = newIdentity();
  const manifest = manifestOf({
    plugin: await put('plugin'),
    program: { sandbox: 'wasm', cid: await put('program'), bytes: 7 },
    inputs: ['mesh'],
  });
  await api.publish(signManifest(manifest, peer as unknown as OwnerId, (bytes) => signer.sign(bytes)));
  return { api, content, put, specs, announced, followers, pages };
}

const FILE = 'app: tried\nname: bunny\ninputs: { mesh: bunny.obj }\nparameters: { width: 4 }\n';

t.test('a submission becomes a complete batch, announced once it is accepted', async (t) => {
  const { api, put, specs, announced } = await service();
  const view = await api.submit({ file: FILE, inputs: { mesh: await put('a mesh') } });
  t.match(view, { name: 'bunny', app: 'tried@1.0.0', phase: 'open' });
  t.match(specs, [{ batch: view.batch, submittedAt: 1_000, common: { files: [{ path: 'mesh' }] } }]);
  t.same(announced, specs);
  t.same(await api.list(), [view]);
  t.same(await api.show(view.batch), view);
});

t.test('what is wrong is found before the broker hears of it', async (t) => {
  const { api, put, specs, announced } = await service();
  const mesh = await put('a mesh');
  const submit = (file: string, inputs = { mesh }) => api.submit({ file, inputs });
  await t.rejects(submit('app: tried'), { code: 'APPLICATION_FILE_INVALID' });
  await t.rejects(submit('app: treid\nname: x'), {
    code: 'APPLICATION_APP_UNKNOWN',
    message: /Did you mean tried/,
  });
  await t.rejects(submit('app: tried\nname: x'), {
    code: 'APPLICATION_INPUT_MISSING',
    message: /needs the input "mesh"/,
  });
  const surplus = 'app: tried\nname: x\ninputs: { mesh: a, mash: b }';
  await t.rejects(submit(surplus), {
    code: 'APPLICATION_INPUT_UNKNOWN',
    message: /no input "mash"; it takes mesh/,
  });
  const elsewhere = await memoryContentStore().put(new TextEncoder().encode('not here'));
  await t.rejects(submit(FILE, { mesh: elsewhere }), { code: 'APPLICATION_INPUT_NOT_STORED' });
  await t.rejects(api.submit({ file: FILE, inputs: {} }), { code: 'APPLICATION_INPUT_NOT_STORED' });
  t.same([...specs, ...announced], []);
});

t.test('a refusal of the broker is a rejection', async (t) => {
  const { api } = await service();
  await t.rejects(api.show('bnone' as BatchId), Fault);
  await t.rejects(api.cancel('bnone' as BatchId, 'why'), Fault);
  await t.rejects(api.units('bnone' as BatchId, { limit: 5 }), Fault);
});

t.test('verdicts are read page by page, and a page is bounded', async (t) => {
  const { api, put, pages } = await service();
  const { batch } = await api.submit({ file: FILE, inputs: { mesh: await put('a mesh') } });
  t.match(await api.units(batch, { after: 3 as UnitIndex, limit: 5_000 }), [{ unit: 4 }]);
  t.same(pages, [{ limit: 1_000, after: 3 }]);
});

t.test('followers hear the news until they leave', async (t) => {
  const { api, followers } = await service();
  const heard: BatchNews[] = [];
  const leave = api.follow((news) => heard.push(news));
  const news = { type: 'changed', view: {} as BatchView } as const;
  t.equal(followers[0]?.tell(news), 'accepted');
  leave();
  t.equal(followers[0]?.tell(news), 'stopped');
  t.same(heard, [news]);
});
