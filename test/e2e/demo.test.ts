/**
 * `npm start` as a newcomer sees it, in a folder of its own: all that it promises has happened, or it says
 * no.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Facts } from '../../src/grid/demo/report.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'src/grid/demo/main.ts');

/** It takes under 90 s alone on two cores; other suites run beside it. */
t.setTimeout(285_000);

t.test('a liar is caught, a provider and the broker are killed, and the picture is right', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'conun-demo-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const { code, out, err } = await play(folder);
  t.equal(code, 0, err);
  const facts: Facts = JSON.parse(await readFile(join(folder, 'demo-out/report.json'), 'utf8'));
  t.same(facts.failures, []);
  t.ok(facts.units.total > 0 && facts.units.onDistinctOwners === facts.units.total);
  t.ok(facts.liar.caught && facts.picture.equalsSingleProcess && facts.victim.unitsRecovered > 0);
  t.match(out, /units +\d+ of \d+ verified/);
  const picture = await readFile(join(folder, 'demo-out/bunny.png'));
  t.equal(picture.subarray(1, 4).toString(), 'PNG');
});

function play(cwd: string): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SCRIPT], { cwd }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
    process.once('exit', () => child.kill('SIGTERM'));
  });
}
