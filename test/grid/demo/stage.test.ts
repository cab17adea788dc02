import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Stage } from '../../../src/grid/demo/stage.ts';

async function emptyStage(t: Test): Promise<Stage> {
  const stage = new Stage(await mkdtemp(join(tmpdir(), 'conun-stage-')));
  t.teardown(async () => {
    stage.killAll();
    await Promise.all(stage.players.map((player) => player.stop('SIGKILL')));
    await rm(stage.folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return stage;
}

t.test('a node that ends before it is ready is told, with the place of its log', async (t) => {
  const stage = await emptyStage(t);
  const cast = stage.cast({ name: 'wrong', roles: ['broker'], set: { 'log.level': 'loud' } });
  await t.rejects(cast, { code: 'GRID_NODE_FAILED', message: /wrong ended \(\d+\).*node\.log/ });
});

t.test('a node that is started again is the same one, at the same address', async (t) => {
  const stage = await emptyStage(t);
  const player = await stage.cast({ name: 'broker', roles: ['broker'] });
  const { pid } = player;
  const address = await player.address();
  await player.stop('SIGKILL');
  await player.start();
  t.not(player.pid, pid);
  t.equal(await player.address(), address);
  await stage.close();
  t.match(await readFile(join(player.home, 'node.log'), 'utf8'), /node\.ready.*node\.ready/s);
});
