import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { HostListener } from '../../../src/fabric/wasm/host-link.ts';
import { HostLink } from '../../../src/fabric/wasm/host-link.ts';
import type { HostSays } from '../../../src/fabric/wasm/host-wire.ts';
import { childProcesses, look, untilTrue } from '../../conformance/sandbox-ground.ts';
import { noopProgram } from '../../fixtures/programs.ts';

const OWNER = fileURLToPath(import.meta.resolve('../../fixtures/pool-owner.ts'));
const HAS_KERNEL_WATCH = existsSync('/usr/bin/setpriv');

/** Starts the owner of a sandbox whose task loops for ever, and kills it as nobody can prepare for. */
async function orphanTest(t: Test, ...args: readonly string[]): Promise<void> {
  const owner = spawn(process.execPath, [OWNER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await new Promise<string[]>((resolve) => {
    createInterface(owner.stdout).once('line', (line) => resolve([line]));
  });
  const hosts = line!.split(' ').map(Number);
  t.ok(hosts.length > 0);
  for (const host of hosts) t.ok(look(host) !== undefined, 'it runs');
  if (args.includes('stopped')) await untilTrue(() => hosts.every((host) => look(host)?.state === 'T'));
  owner.kill('SIGKILL');
  await untilTrue(() => hosts.every((host) => look(host) === undefined));
  t.pass('it is gone');
}

const skip = HAS_KERNEL_WATCH ? false : 'setpriv (util-linux) is not installed';

t.test('a host in an endless loop dies with its pool', { skip }, (t) => orphanTest(t, 'kernel'));
t.test('a suspended host dies with its pool', { skip }, (t) => orphanTest(t, 'kernel', 'stopped'));
t.test('without the kernel a thread sees to it', (t) => orphanTest(t, 'thread'));

t.test('a link tells all that its host said, then that it is gone', async (t) => {
  const said: string[] = [];
  const gone = Promise.withResolvers<string>();
  const answered = Promise.withResolvers<void>();
  const listener: HostListener = {
    received(message: HostSays) {
      said.push(message.type);
      if (message.type === 'fits') answered.resolve();
    },
    gone: (reason) => gone.resolve(reason),
  };
  const link = new HostLink({ heapMb: 64 }, listener);
  link.send({ type: 'check', bytes: noopProgram() });
  await answered.promise;
  t.same(link.mark(), { number: 0, isExact: false });
  link.kill();
  t.equal(await gone.promise, 'SIGKILL');
  await link.ended;
  t.same(said, ['ready', 'fits']);
  t.same(childProcesses(), []);
});
