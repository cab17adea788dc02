import { PassThrough } from 'node:stream';
import t from 'tap';
import { Invocation } from '../../../src/grid/cli/invocation.ts';
import { temporaryFolder } from '../api-fixture.ts';

function call(options: Record<string, unknown>) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const io = {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    folder: '/',
    signal: new AbortController().signal,
  };
  const tree = { name: () => 'conun', description: () => '', commands: [], options: [] };
  return { stdin: new PassThrough(), stdout, stderr, call: new Invocation(io, tree, [], options) };
}

t.test('an answer is text for people or one document for programs', async (t) => {
  const people = call({});
  await people.call.answer({ a: 1 }, () => 'one');
  t.equal(String(people.stdout.read()), 'one\n');
  const programs = call({ json: true });
  await programs.call.answer({ a: new Uint8Array([1]) }, () => String(t.fail('made for nobody')));
  t.equal(String(programs.stdout.read()), '{"a":{"/":{"bytes":"AQ"}}}\n');
});

t.test('notes are no output', async (t) => {
  const { call: it, stdout, stderr } = call({ json: true });
  it.note('by the way');
  t.equal(stdout.read(), null);
  t.equal(String(stderr.read()), 'by the way\n');
});

t.test('named flags come before --set, and both reach the configuration', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const { call: it } = call({ home, set: { name: 'set', 'log.level': 'error' } });
  const { config } = await it.config({ name: 'named' });
  t.equal(config.name, 'named');
  t.equal(config.log.level, 'error');
});
