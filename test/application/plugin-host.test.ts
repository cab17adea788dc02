import t from 'tap';
import { simulatedClock, systemClock } from '../../src/actors/index.ts';
import { PluginProcess } from '../../src/application/plugin-host.ts';
import { answers } from '../../src/application/plugin-wire.ts';
import { pluginSource } from './fixtures.ts';

const patient = { timeoutMs: 20_000 };

/** A process, and a way of opening the plugin in it. */
function started(members: string, clock = systemClock()) {
  const process = new PluginProcess({ app: 'tried@1.0.0', clock });
  const plugin = pluginSource(members);
  const request = { type: 'open', pluginBytes: plugin.length, now: 0, parameters: {}, inputs: [] } as const;
  const open = ({ timeoutMs } = patient) =>
    process.ask(request, answers.opened, { timeoutMs, parts: [plugin] });
  return { process, open };
}

t.test('requests are answered in turn', async (t) => {
  const { process, open } = started('share: () => [{ path: "f", bytes: new Uint8Array([7]) }]');
  const opened = open();
  const share = process.ask({ type: 'share' }, answers.files, patient);
  t.same((await opened).answer, { type: 'opened', shares: true, compares: false });
  t.same(await share.then(({ answer, tail }) => [answer.files, [...tail]]), [[['f', 1]], [7]]);
  t.equal(process.alive, true);
  await process.close();
  t.equal(process.alive, false);
  await t.rejects(process.ask({ type: 'share' }, answers.files, patient), { code: 'APPLICATION_STOPPED' });
});

t.test('an author who throws is quoted, and the process lives on', async (t) => {
  const { process, open } = started('parameters() { throw new Error("width: too wide"); }');
  const said = {
    code: 'APPLICATION_PLUGIN_FAILED',
    message: 'The plugin of tried@1.0.0 failed in open: width: too wide',
  };
  await t.rejects(open(), said);
  await t.rejects(open(), said);
  await process.close();
});

t.test('a plugin that takes too long is killed', async (t) => {
  const clock = simulatedClock(0);
  const { process, open } = started('parameters() { for (;;); }', clock);
  const late = open({ timeoutMs: 1_000 });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1_000);
  await t.rejects(late, { code: 'APPLICATION_PLUGIN_TIMEOUT', details: { step: 'open', timeoutMs: 1_000 } });
  t.equal(process.alive, false);
  await process.close();
});

t.test('a plugin that needs too much memory is told so', async (t) => {
  const { process, open } = started(
    'parameters() { const all = []; for (;;) all.push(new Array(1e5).fill(1.5)); }',
  );
  await t.rejects(open(), {
    code: 'APPLICATION_PLUGIN_FAILED',
    message: /needed more than 256 MiB of memory/,
  });
  await process.close();
});

t.test('an error that nobody caught ends the process with its words', async (t) => {
  const { process, open } = started(
    'parameters() { queueMicrotask(() => { throw new Error("let go"); }); return new Promise(() => {}); }',
  );
  await open().catch(() => {});
  await t.rejects(process.ask({ type: 'share' }, answers.files, patient), { message: /Error: let go/ });
});

t.test('an answer that does not please the schema ends the process', async (t) => {
  const { process, open } = started('share: () => [{ path: "../../etc/passwd", bytes: new Uint8Array(1) }]');
  await open();
  await t.rejects(process.ask({ type: 'share' }, answers.files, patient), {
    code: 'APPLICATION_PLUGIN_ANSWER',
    message: /unusable in share: files\.0\.0: is not a relative path/,
  });
  t.equal(process.alive, false);
});
