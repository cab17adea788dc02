import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import t from 'tap';
import { MIB } from '../../src/actors/index.ts';
import { memoryBytesTotal, readMemory, residentBytes } from '../../src/fabric/probe-memory.ts';

t.test('this machine has memory, and we hold some of it', async (t) => {
  const { bytesTotal, bytesAvailable, bytesOurs } = await readMemory();
  t.equal(bytesTotal, memoryBytesTotal());
  t.ok(bytesAvailable > 0 && bytesAvailable <= bytesTotal);
  t.ok(bytesOurs > 10 * MIB && bytesOurs < bytesTotal);
});

t.test(
  'what our child processes hold is ours',
  { skip: platform() === 'linux' ? false : 'only Linux tells a process’s children' },
  async (t) => {
    const alone = residentBytes(process.pid);
    const program =
      'const held = Buffer.alloc(200e6, 1); process.stdout.write("ready"); setInterval(() => held, 1e6)';
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    t.ok(residentBytes(process.pid) > alone + 150 * MIB);
    child.kill();
    await once(child, 'exit');
  },
);

t.test('where nobody tells, it is this process alone', async (t) => {
  const bytes = residentBytes(process.pid, '/no/such/folder');
  t.ok(bytes > 10 * MIB);
});
