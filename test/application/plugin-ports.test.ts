import t, { type Test } from 'tap';
import { sha256, systemClock } from '../../src/actors/index.ts';
import { pluginPorts } from '../../src/application/plugin-ports.ts';
import type { UnitIndex, UnitResult } from '../../src/collective/index.ts';
import { memoryContentStore, outputDigest, type TaskFile, type TaskOutput } from '../../src/fabric/index.ts';
import { COUNTING, specOf } from './fixtures.ts';

function bound(t: Test) {
  const content = memoryContentStore();
  const ports = pluginPorts({ content, clock: systemClock() });
  t.teardown(() => ports.close());
  return { content, ports };
}

function output(text: string, files: readonly TaskFile[] = []): TaskOutput {
  return { exitCode: 0, stdout: new TextEncoder().encode(text), files };
}

function agreed(unit: number, from: TaskOutput): UnitResult {
  const digest = outputDigest(from);
  return {
    unit: unit as UnitIndex,
    label: `u${unit}`,
    verdict: 'agreed',
    digest,
    output: from,
    replicas: [],
    decidedAt: 0,
  };
}

t.test('units are drawn from any position to the end', async (t) => {
  const { content, ports } = bound(t);
  const spec = await specOf(content, COUNTING, { count: 1_100 });
  const drawn: string[] = [];
  for await (const units of ports.source.draw(spec, 500 as UnitIndex))
    drawn.push(...units.map(({ args }) => args[0] ?? ''));
  t.equal(drawn.length, 600);
  t.same([drawn[0], drawn.at(-1)], ['500', '1099']);
});

t.test('the plugin says which earlier output a new one is equivalent to', async (t) => {
  const { content, ports } = bound(t);
  const near = `compare(one, other) {
    const [a, b] = [one, other].map(({ stdout }) => Number(new TextDecoder().decode(stdout)));
    return Math.abs(a - b) < 0.01;
  }`;
  const spec = await specOf(content, near);
  const representatives = ['1.5', '2.5'].map((text) => ({
    digest: outputDigest(output(text)),
    output: output(text),
  }));
  const classify = (text: string) => ports.comparator.classify(spec, output(text), representatives);
  t.equal(await classify('2.501'), representatives[1]?.digest);
  t.equal(await classify('2.6'), undefined);
});

t.test('a merge sees agreed units only, with their files, wherever the bytes are', async (t) => {
  const { content, ports } = bound(t);
  const large = new Uint8Array(50_000).fill(3);
  const cid = await content.put(large);
  const files = [
    { path: 'large', content: { cid, bytes: large.length, sha256: sha256(large) } },
    { path: 'small', content: { inline: new Uint8Array([1]) } },
  ];
  const merging = `async *merge(_, results) {
    const seen = [];
    for await (const { index, label, files } of results) {
      seen.push([index, label, ...files.map(({ path, bytes }) => path + bytes.length)]);
    }
    yield { path: 'seen.json', bytes: new TextEncoder().encode(JSON.stringify(seen)) };
    yield { path: 'big.bin', bytes: new Uint8Array(40000) };
  }`;
  const spec = await specOf(content, merging);
  const units = async function* (): AsyncGenerator<UnitResult> {
    yield agreed(0, output('', files));
    yield { ...agreed(1, output('')), verdict: 'failed', digest: '' };
    yield agreed(2, output(''));
  };
  const [seen, big] = await ports.merger.merge(spec, units());
  t.equal(seen?.path, 'seen.json');
  const text = seen && 'inline' in seen.content ? new TextDecoder().decode(seen.content.inline) : '';
  t.same(JSON.parse(text), [
    [0, 'u0', 'large50000', 'small1'],
    [2, 'u2'],
  ]);
  t.match(big, { path: 'big.bin', content: { bytes: 40_000, sha256: sha256(new Uint8Array(40_000)) } });
  t.ok(big && 'cid' in big.content && (await content.has(big.content.cid)), 'and it is kept as a block');
});

t.test('an output that is not the verified one is not merged', async (t) => {
  const { content, ports } = bound(t);
  const cid = await content.put(new Uint8Array(40_000));
  const forged = { path: 'f', content: { cid, bytes: 40_000, sha256: sha256(new Uint8Array(1)) } };
  const spec = await specOf(content, 'async *merge(_, results) { for await (const one of results); }');
  const units = async function* () {
    yield agreed(0, output('', [forged]));
  };
  await t.rejects(ports.merger.merge(spec, units()), { code: 'APPLICATION_OUTPUT_DAMAGED', retry: true });
});

t.test('units are drawn while a merge reads them', async (t) => {
  const { content, ports } = bound(t);
  const counts = `async *merge(_, results) {
    let n = 0;
    for await (const _ of results) n++;
    yield { path: 'n', bytes: new Uint8Array([n % 256]) };
  }`;
  const spec = await specOf(content, `${COUNTING}, ${counts}`, { count: 1_000 });
  const units = async function* () {
    for await (const drafts of ports.source.draw(spec, 0 as UnitIndex)) {
      for (const [at, { args }] of drafts.entries()) yield agreed(at, output(args[0] ?? ''));
    }
  };
  t.match(await ports.merger.merge(spec, units()), [{ content: { inline: new Uint8Array([1_000 % 256]) } }]);
});

t.test('units share the inputs, unless the plugin says otherwise', async (t) => {
  const { content, ports } = bound(t);
  const inputs = { small: new Uint8Array(10), large: new Uint8Array(40_000) };
  const plain = await specOf(content, '', {}, inputs);
  t.match(await ports.shared(plain), [
    { path: 'large', content: { cid: await content.put(inputs.large), bytes: 40_000 } },
    { path: 'small', content: { inline: inputs.small } },
  ]);
  const own = await specOf(
    content,
    'share: ({ inputs }) => [{ path: "n", bytes: new Uint8Array([inputs.small.length]) }]',
    {},
    inputs,
  );
  t.same(await ports.shared(own), [{ path: 'n', content: { inline: new Uint8Array([10]) } }]);
});
