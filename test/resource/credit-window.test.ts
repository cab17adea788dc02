import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { firstWindow, nextWindow } from '../../src/resource/credit-window.ts';
import type { Return } from '../../src/resource/lease-wire.ts';

function ended(wallMs: number, status: 'failed' | 'cancelled' = 'failed'): Return[] {
  const usage = { cpuMs: wallMs, wallMs, memoryBytesPeak: 0 };
  return [{ task: 'x' as TaskId, status, digest: '', usage }];
}

function after(wallMs: number, bundles: number, from = firstWindow) {
  let window = from;
  for (let bundle = 0; bundle < bundles; bundle++) window = nextWindow(window, ended(wallMs));
  return window;
}

t.test('it doubles up to three quarters of a second of work for each slot', async (t) => {
  t.equal(firstWindow.perSlot, 2);
  t.same(
    [1, 2, 3, 4, 5, 6, 9].map((bundles) => after(10, bundles).perSlot),
    [4, 8, 16, 32, 64, 76, 76],
  );
});

t.test('tasks without measurable length fill a bundle, long ones are prefetched one at a time', async (t) => {
  t.equal(after(0, 20).perSlot, 512);
  t.equal(after(60_000, 20).perSlot, 2);
});

t.test('it shrinks at once when tasks become long', async (t) => {
  t.equal(after(10_000, 1, after(1, 20)).perSlot, 2);
});

t.test('cancelled tasks say nothing', async (t) => {
  t.equal(nextWindow(firstWindow, ended(0, 'cancelled')), firstWindow);
});
