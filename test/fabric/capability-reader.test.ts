import { availableParallelism, tmpdir, totalmem } from 'node:os';
import t from 'tap';
import { MIB } from '../../src/actors/index.ts';
import { readCapability } from '../../src/fabric/capability-reader.ts';
import { parsePreferences } from '../../src/fabric/preferences.ts';

const init = { home: tmpdir(), speed: 1e9, sandboxes: ['wasm'] as const };

t.test('this machine offers what it has, cut down to what the owner allows', async (t) => {
  const capability = await readCapability(
    parsePreferences({ cores: 1, diskBytes: MIB, memoryPercentIdle: 50 }),
    init,
  );
  t.match(capability, {
    architecture: process.arch,
    platform: process.platform,
    cores: 1,
    speed: 1e9,
    storageBytes: MIB,
    sandboxes: ['wasm'],
  });
  t.ok(capability.memoryBytes <= totalmem() / 2);
  t.ok(capability.cpuModel.length > 0);
});

t.test('an owner cannot allow more than there is', async (t) => {
  const { cores, storageBytes } = await readCapability(
    parsePreferences({ cores: 4_096, diskBytes: 2 ** 52 }),
    init,
  );
  t.equal(cores, availableParallelism());
  t.ok(storageBytes > 0 && storageBytes < 2 ** 52);
});
