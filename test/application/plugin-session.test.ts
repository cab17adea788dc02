import t, { type Test } from 'tap';
import { systemClock } from '../../src/actors/index.ts';
import type { FileBytes, Result } from '../../src/application/plugin.ts';
import { type PluginBatch, PluginSession } from '../../src/application/plugin-session.ts';
import { COUNTING, openable } from './fixtures.ts';

async function opened(t: Test, batch: PluginBatch): Promise<PluginSession> {
  const session = await PluginSession.open(batch, systemClock());
  t.teardown(() => session.close());
  return session;
}

function result(index: number, text: string): Result {
  const bytes = new TextEncoder().encode(text);
  return {
    index,
    label: `unit ${index}`,
    stdout: bytes,
    files: [
      { path: 'f', bytes },
      { path: 'empty', bytes: new Uint8Array() },
    ],
  };
}

t.test('units come in bundles, from any position', async (t) => {
  const session = await opened(t, openable(COUNTING, { count: 1_000 }));
  const first = await session.units(0);
  t.match(first, { units: { length: 512 }, end: false });
  t.same(first.units[3], { args: ['3'], files: [], label: '' });
  t.match(await session.units(512), { units: { length: 488, 0: { args: ['512'] } }, end: true });
  t.match(await session.units(995), { units: { length: 5, 0: { args: ['995'] } }, end: true });
  t.same(await session.units(1_000), { units: [], end: true });
  t.same(await session.units(5_000), { units: [], end: true });
});

t.test('the first units can be drawn before they are asked for', async (t) => {
  const session = await opened(t, openable(COUNTING, { count: 600 }));
  session.drawAhead();
  t.equal(session.spent, false, 'nobody has them yet');
  t.match(await session.units(0), { units: { length: 512, 0: { args: ['0'] } }, end: false });
  t.match(await session.units(512), { units: { length: 88, 0: { args: ['512'] } }, end: true });
  t.equal(session.spent, true);
  t.match(await session.units(0), { units: { length: 512 } }, 'and drawn again');
  const failing = await opened(t, openable('*split() { throw new Error("no"); }'));
  failing.drawAhead();
  await t.rejects(failing.units(0), { message: /failed in pull: no/ });
});

t.test('a bundle ends early when its units are large', async (t) => {
  const large = `async *split() {
    for (;;) yield { label: 'x', files: [{ path: 'f', bytes: new Uint8Array(16384).fill(9) }] };
  }`;
  const { units } = await (await opened(t, openable(large))).units(0);
  t.equal(units.length, 64);
  t.match(units[63], {
    label: 'x',
    files: [{ path: 'f', content: { inline: new Uint8Array(16_384).fill(9) } }],
  });
});

t.test('a plugin is opened with parameters and inputs', async (t) => {
  const members = `
    parameters: ({ n }) => ({ n: n + 1 }),
    share({ parameters, inputs }) {
      return [{ path: 'sum', bytes: new Uint8Array([parameters.n, ...inputs.one, ...inputs.two]) }];
    },
  `;
  const inputs = [
    { path: 'one', bytes: new Uint8Array([5, 6]) },
    { path: 'two', bytes: new Uint8Array([7]) },
  ];
  const session = await opened(t, { ...openable(members, { n: 1 }), inputs });
  t.match(session, { shares: true, compares: false });
  t.same(await session.share(), [{ path: 'sum', bytes: new Uint8Array([2, 5, 6, 7]) }]);
});

t.test('comparison says which of the others means the same', async (t) => {
  const members =
    'compare: (one, other) => one.stdout.length === other.stdout.length && one.files.length === 2';
  const session = await opened(t, openable(members));
  t.equal(await session.compare(result(0, 'abc'), [result(1, 'x'), result(2, 'xyz')]), 1);
  t.equal(await session.compare(result(0, 'abc'), [result(1, 'x')]), undefined);
});

t.test('a merge takes results as it asks for them, and gives files as it makes them', async (t) => {
  const members = `async *merge({ parameters }, results) {
    let text = '';
    for await (const { index, stdout, files } of results) {
      text += index + new TextDecoder().decode(stdout) + files[0].bytes.length + ' ';
      if (index === 299) yield { path: 'half', bytes: new TextEncoder().encode(String(text.length)) };
    }
    yield { path: 'all', bytes: new TextEncoder().encode(text) };
  }`;
  const session = await opened(t, openable(members));
  let taken = 0;
  const results = async function* () {
    for (; taken < 600; taken++) yield result(taken, 'ab');
  };
  const files: FileBytes[] = [];
  for await (const file of session.merge(results())) {
    if (file.path === 'half') t.equal(taken, 511, 'two bundles were handed over, no more');
    files.push(file);
  }
  const expected = Array.from({ length: 600 }, (_, index) => `${index}ab2 `).join('');
  t.same(
    files.map(({ path }) => path),
    ['half', 'all'],
  );
  t.equal(new TextDecoder().decode(files[1]?.bytes), expected);
});

t.test('a merge may stop reading, and may throw', async (t) => {
  const results = async function* () {
    for (let index = 0; ; index++) yield result(index, 'x');
  };
  const lazy = await opened(
    t,
    openable('async *merge(_, results) { for await (const one of results) return; }'),
  );
  for await (const _ of lazy.merge(results())) t.fail('no file was made');
  const rude = await opened(t, openable('async *merge() { throw new Error("nothing to merge"); }'));
  await t.rejects(rude.merge(results()).next(), { message: /failed in merge: nothing to merge/ });
});

t.test('a million units are drawn with little memory', async (t) => {
  const session = await opened(t, openable(COUNTING, { count: 1_000_000 }));
  let at = 0;
  for (let end = false; !end; ) {
    const drawn = await session.units(at);
    at += drawn.units.length;
    end = drawn.end;
  }
  t.equal(at, 1_000_000);
  t.match(await session.units(999_999), { units: [{ args: ['999999'] }], end: true });
});
