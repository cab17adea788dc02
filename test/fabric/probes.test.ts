import { tmpdir } from 'node:os';
import t from 'tap';
import { systemClock } from '../../src/actors/index.ts';
import { parsePreferences } from '../../src/fabric/preferences.ts';
import { machineProbes } from '../../src/fabric/probes.ts';

t.test('each probe reads its own kind on this machine', async (t) => {
  const probes = machineProbes({ home: tmpdir(), clock: systemClock(), preferences: parsePreferences({}) });
  for (const { name, read } of probes) t.equal((await read()).kind, name);
});

t.test('the owner is looked for often enough to suspend within a second', async (t) => {
  const probes = machineProbes({ home: tmpdir(), clock: systemClock(), preferences: parsePreferences({}) });
  t.ok(probes.find(({ name }) => name === 'presence')!.intervalMs <= 1_000);
});
