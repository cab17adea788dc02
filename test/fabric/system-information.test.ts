import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import t from 'tap';
import {
  graphicsCards,
  processorTemperature,
  runningPrograms,
  runsOnBattery,
} from '../../src/fabric/system-information.ts';

t.test('this machine answers every question, if only with nothing', async (t) => {
  const temperature = await processorTemperature();
  t.ok(temperature === null || typeof temperature === 'number');
  t.type(await runsOnBattery(), 'boolean');
  for (const { vendor, model, memoryBytes } of await graphicsCards()) {
    t.ok(typeof vendor === 'string' && typeof model === 'string' && memoryBytes >= 0);
  }
});

t.test(
  'a program that was started is among those that run',
  { skip: platform() === 'win32' ? 'needs the program sleep' : false },
  async (t) => {
    const program = spawn('sleep', ['1000']);
    await once(program, 'spawn');
    t.ok((await runningPrograms()).includes('sleep'));
    program.kill();
    await once(program, 'exit');
  },
);
