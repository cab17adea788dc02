import t, { type Test } from 'tap';
import { type Clock, simulatedClock, systemClock } from '../../../src/actors/index.ts';
import { ProgramShelf } from '../../../src/fabric/wasm/program-shelf.ts';
import { COMPILE_LIMIT_MS } from '../../../src/fabric/wasm/slot.ts';
import { childProcesses } from '../../conformance/sandbox-ground.ts';
import { noopProgram, spinProgram } from '../../fixtures/programs.ts';

const shelfFor = (t: Test, clock: Clock = systemClock()) => {
  const shelf = new ProgramShelf({ heapMb: 64 }, clock, () => false);
  t.teardown(() => shelf.close());
  return shelf;
};
const [noop, spin, bad] = ['noop', 'spin', 'bad'] as never[];

t.test('programs are checked one after the other in one process, each once', async (t) => {
  const shelf = shelfFor(t);
  const first = shelf.load(noop!, noopProgram());
  const same = shelf.load(noop!, noopProgram());
  const other = shelf.load(spin!, spinProgram());
  t.equal(same, first);
  t.equal(childProcesses().length, 1);
  t.notOk(shelf.has(noop!));
  await Promise.all([first, other]);
  t.ok(shelf.has(noop!) && shelf.has(spin!));
  t.equal(shelf.get(noop!)?.initialPages, 1);
  await shelf.load(noop!, new Uint8Array(0));
  t.pass('what is known is not checked again');
});

t.test('a bad program harms no other one', async (t) => {
  const shelf = shelfFor(t);
  const refused = t.rejects(shelf.load(bad!, new Uint8Array(9)), { code: 'FABRIC_PROGRAM_INVALID' });
  await shelf.load(noop!, noopProgram());
  await refused;
  t.notOk(shelf.has(bad!));
});

t.test(
  'when its process is lost, the program that was checked is refused and the next one is tried',
  async (t) => {
    const shelf = shelfFor(t);
    const lost = t.rejects(shelf.load(bad!, noopProgram()), { code: 'FABRIC_SANDBOX_BROKEN' });
    const next = shelf.load(noop!, noopProgram());
    for (const pid of childProcesses()) process.kill(pid, 'SIGKILL');
    await Promise.all([lost, next]);
    t.ok(shelf.has(noop!));
  },
);

t.test('a program that cannot be compiled in time is refused, and the next one is tried', async (t) => {
  const clock = simulatedClock(0);
  const shelf = shelfFor(t, clock);
  await shelf.load(noop!, noopProgram());
  for (const pid of childProcesses()) process.kill(pid, 'SIGSTOP');
  const late = t.rejects(shelf.load(bad!, noopProgram()), { code: 'FABRIC_PROGRAM_COMPILE_LIMIT' });
  clock.advance(COMPILE_LIMIT_MS);
  await late;
  await shelf.load(spin!, spinProgram());
  t.ok(shelf.has(spin!));
});

t.test('what is loaded while suspended is checked afterwards', async (t) => {
  const shelf = shelfFor(t);
  shelf.suspend();
  const loaded = shelf.load(noop!, noopProgram());
  t.same(childProcesses(), []);
  shelf.resume();
  await loaded;
  t.ok(shelf.has(noop!));
});

t.test('closing refuses what waits and ends the process', async (t) => {
  const shelf = shelfFor(t);
  const refused = t.rejects(shelf.load(noop!, noopProgram()), { code: 'FABRIC_SANDBOX_BROKEN' });
  await shelf.close();
  await refused;
  t.same(childProcesses(), []);
  await t.rejects(shelf.load(spin!, spinProgram()), { code: 'FABRIC_SANDBOX_BROKEN' });
});
