import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView, counts } from '../fake-node.ts';

t.test('inputs are stored, then the batch is submitted with their addresses', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  await writeFile(join(home, 'bunny.mesh'), 'triangles');
  await writeFile(join(home, 'batch.yaml'), 'app: render\nname: bunny\ninputs: { mesh: bunny.mesh }\n');
  const told = await conun(['submit', 'batch.yaml', '--home', home], { folder: home });
  t.match(told, { code: 0, out: `${BATCH}\n`, err: /stored mesh \(9 B\)/ });
  const [request] = node.submitted;
  t.match(request?.file, /app: render/);
  t.equal(Buffer.from(node.stored.get(request!.inputs['mesh']!)!).toString(), 'triangles');
});

t.test('with --wait it stays until the end, and the exit code says how that was', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  await writeFile(join(home, 'batch.yaml'), 'app: render\n');
  const waiting = (): Promise<void> =>
    new Promise((resolve) => {
      const look = () => (node.followers > 0 ? resolve() : setImmediate(look));
      look();
    });
  const done = conun(['submit', 'batch.yaml', '--wait', '--home', home], { folder: home });
  await waiting();
  node.change(batchView({ counts: counts(2) }));
  node.change(batchView({ phase: 'done', counts: counts(4) }));
  t.match(await done, { code: 0, err: /bunny 2\/4 open[\s\S]*bunny 4\/4 done/ });
  while (node.followers > 0) await new Promise(setImmediate);
  const failed = conun(['submit', 'batch.yaml', '--wait', '--home', home], { folder: home });
  await waiting();
  node.change(batchView({ phase: 'failed', reason: 'all replicas failed' }));
  t.match(await failed, { code: 4, err: /ended as failed: all replicas failed\. \[GRID_BATCH_NOT_DONE\]/ });
});
