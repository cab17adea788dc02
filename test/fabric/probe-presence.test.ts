import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MINUTE_MS, simulatedClock } from '../../src/actors/index.ts';
import { presenceProbe } from '../../src/fabric/probe-presence.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const header = '           CPU0       CPU1\n';
const disk = ' 40:    9000000     900000   PCI-MSIX-0000:00:04.0   0-edge   nvme0q0\n';
const keyboard = (count: number) => `  1:    ${count}          7   IO-APIC   1-edge      i8042\n`;

/** A machine of files: terminals with access times, and interrupt counters. Up for ten hours. */
async function machine(t: Test) {
  const root = await mkdtemp(join(tmpdir(), 'conun-presence-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'dev/pts'), { recursive: true });
  const clock = simulatedClock(NOON);
  const interrupts = join(root, 'interrupts');
  const touch = async (terminal: string, agoMs: number) => {
    const file = join(root, 'dev', terminal);
    await writeFile(file, '');
    await utimes(file, new Date(clock.now() - agoMs), new Date());
  };
  const count = (...lines: string[]) => writeFile(interrupts, header + lines.join(''));
  const uptimeMs = () => 600 * MINUTE_MS + clock.now() - NOON;
  const read = presenceProbe({ clock, platform: 'linux', devices: join(root, 'dev'), interrupts, uptimeMs });
  const idleMinutes = async () => Math.round((await read()).idleMs! / MINUTE_MS);
  return { clock, touch, count, read, idleMinutes };
}

t.test('typing into any terminal is a touch', async (t) => {
  const { touch, idleMinutes } = await machine(t);
  await touch('tty1', 90 * MINUTE_MS);
  await touch('pts/0', 20 * MINUTE_MS);
  await touch('pts/7', 5 * MINUTE_MS);
  await touch('pts/ptmx', 0);
  await touch('tty', 0);
  t.equal(await idleMinutes(), 5);
});

t.test('a key that is pressed moves its counter', async (t) => {
  const { clock, count, idleMinutes } = await machine(t);
  await count(disk, keyboard(9));
  t.equal(await idleMinutes(), 0, 'one look cannot tell that it stands still');
  clock.advance(10 * MINUTE_MS);
  t.equal(await idleMinutes(), 10);
  await count(disk, keyboard(10));
  t.equal(await idleMinutes(), 0);
  clock.advance(3 * MINUTE_MS);
  await count(`${disk.replace('9000000', '9999999')}`, keyboard(10));
  t.equal(await idleMinutes(), 3, 'a disk is nobody');
});

t.test('a machine without terminals and keyboards is idle since it was started', async (t) => {
  const { count, touch, idleMinutes } = await machine(t);
  await count(disk);
  await touch('tty1', 10_000 * MINUTE_MS);
  t.equal(await idleMinutes(), 600);
});

t.test('where nothing can be looked at, and on other platforms, it is not known', async (t) => {
  const clock = simulatedClock(NOON);
  const nowhere = { devices: '/no/such/folder', interrupts: '/no/such/file' };
  t.equal((await presenceProbe({ clock, platform: 'linux', ...nowhere })()).idleMs, null);
  t.equal((await presenceProbe({ clock, platform: 'win32' })()).idleMs, null);
});

t.test('a touch in the future of our clock is now', async (t) => {
  const { touch, idleMinutes } = await machine(t);
  await touch('pts/0', -5 * MINUTE_MS);
  t.equal(await idleMinutes(), 0);
});
