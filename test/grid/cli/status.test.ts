import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView, counts, PEER } from '../fake-node.ts';

t.test('status shows the node and its batches, or one batch in full', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  t.match(
    (await conun(['status', '--home', home])).out,
    /fake[\s\S]*run: The machine is idle\.\n1 task running, 1 lease, 1 peer connected[\s\S]*No batches\./,
  );
  const files = [{ path: 'out.png', content: { inline: new Uint8Array(2048) } }];
  node.change(batchView({ phase: 'done', counts: counts(4), files, name: 'evil\u001b[31m' }));
  const all = await conun(['status', '--home', home]);
  t.match(
    all.out,
    new RegExp(`^BATCH +NAME[\\s\\S]*${BATCH} +evil·\\[31m +render@1\\.0\\.0 +done +4/4`, 'm'),
  );
  t.notMatch(all.out, '\u001b');
  const one = await conun(['status', BATCH, '--home', home]);
  t.match(one.out, /4\/4 final: 4 agreed[\s\S]*1 lost, 1 wrong[\s\S]*out\.png +2\.0 KiB[\s\S]*conun results/);
  const json = JSON.parse((await conun(['status', BATCH, '--home', home, '--json'])).out);
  t.equal(json.batch, BATCH);
});

t.test('the node that answers is the one of the home folder', async (t) => {
  const { home } = await serveFake(t.teardown);
  t.equal(JSON.parse((await conun(['status', '--home', home, '--json'])).out).node.peer, PEER);
});
