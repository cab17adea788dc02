import t from 'tap';
import { encode } from '../../src/actors/index.ts';
import { assignBundles } from '../../src/resource/assignment.ts';
import { MESSAGE_BYTES_MAX } from '../../src/resource/lease-limits.ts';
import { common, tasksNamed } from './lease-world.ts';

t.test('what tasks share is in a bundle once, whether it is one object or equal ones', async (t) => {
  const [first, second, third] = tasksNamed('a', 3);
  const other = { ...common, limits: { ...common.limits, runMsMax: 5 } };
  const tasks = [first!, { ...second!, common: structuredClone(common) }, { ...third!, common: other }];
  const [bundle, ...rest] = assignBundles(tasks);
  t.same(rest, []);
  t.same(bundle?.commons, [common, other]);
  t.same(
    bundle?.tasks.map((it) => [it.id, it.common]),
    [
      ['a/0', 0],
      ['a/1', 0],
      ['a/2', 1],
    ],
  );
});

t.test('many tasks are cut into bundles that fit into messages, in order', async (t) => {
  const many = assignBundles(tasksNamed('a', 1_200));
  t.same(
    many.map((it) => it.tasks.length),
    [512, 512, 176],
  );
  const inline = new Uint8Array(16_000);
  const large = tasksNamed('b', 400).map((task) => ({
    ...task,
    files: [{ path: 'x', content: { inline } }],
  }));
  const bundles = assignBundles(large);
  t.ok(bundles.length > 1);
  for (const bundle of bundles) t.ok(encode(bundle).byteLength < MESSAGE_BYTES_MAX);
  t.same(
    bundles.flatMap((it) => it.tasks.map(({ id }) => id)),
    large.map(({ id }) => id),
  );
});
