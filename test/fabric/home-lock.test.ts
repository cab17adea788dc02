import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { lockHome } from '../../src/fabric/home-lock.ts';

async function home(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'conun-home-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A process that tries to lock the home, and what it says about it. */
async function keeper(t: Test, path: string): Promise<{ child: ChildProcess; says: string }> {
  const program = join(import.meta.dirname, 'home-keeper.ts');
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [says] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, says };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

t.test('a second daemon is told which process has the home', async (t) => {
  const path = await home(t);
  const first = await keeper(t, path);
  t.equal(first.says, 'locked');
  t.equal((await keeper(t, path)).says, `FABRIC_HOME_IN_USE ${first.child.pid}`);
  await t.rejects(lockHome(path), { code: 'FABRIC_HOME_IN_USE', details: { pid: first.child.pid } });
});

t.test('after a kill without warning the home is free', async (t) => {
  const path = await home(t);
  const first = await keeper(t, path);
  await killed(first.child);
  t.equal((await keeper(t, path)).says, 'locked');
});

t.test('a lock that is released leaves nothing behind, and can be released again', async (t) => {
  const path = join(await home(t), 'new', 'folder');
  const lock = await lockHome(path);
  await t.rejects(lockHome(path), { code: 'FABRIC_HOME_IN_USE', details: { pid: process.pid } });
  await lock.release();
  t.same(await readdir(path), []);
  const next = await lockHome(path);
  await lock.release();
  await t.rejects(lockHome(path), { code: 'FABRIC_HOME_IN_USE' }, 'an old lock does not release a new one');
  await next.release();
});

t.test('of many that come at once, one gets in', async (t) => {
  const path = await home(t);
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => keeper(t, path)));
  const says = tries.map((one) => (one.status === 'fulfilled' ? one.value.says : 'failed'));
  t.equal(says.filter((one) => one === 'locked').length, 1, says.join(', '));
});

t.test('a lock file that names nobody, or somebody else with the same id, is stale', async (t) => {
  for (const claim of ['', 'garbage', '0 0\n', '-1 0\n', '999999999 1\n', `${process.pid} 1\n`]) {
    const path = await home(t);
    await writeFile(join(path, 'daemon.lock'), claim);
    const lock = await lockHome(path);
    await lock.release();
    t.pass(JSON.stringify(claim));
  }
});

t.test('a home that is no directory cannot be used', async (t) => {
  const path = join(await home(t), 'file');
  await writeFile(path, '');
  await t.rejects(lockHome(path), { code: 'FABRIC_HOME_UNUSABLE' });
});
