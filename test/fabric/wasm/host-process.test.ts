import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { packTasks, unpackOutcomes } from '../../../src/fabric/wasm/host-bundle.ts';
import { HostLink } from '../../../src/fabric/wasm/host-link.ts';
import type { HostOutcome, HostSays, HostTask, PoolSays } from '../../../src/fabric/wasm/host-wire.ts';
import { childProcesses } from '../../conformance/sandbox-ground.ts';
import { loopForeverProgram, noopProgram, spinProgram } from '../../fixtures/programs.ts';
import { limits, stagedTask } from '../../fixtures/tasks.ts';

/** One host, spoken to without a pool. */
class Conversation {
  readonly heard: HostSays[] = [];
  readonly link: HostLink;
  #wake = Promise.withResolvers<void>();

  constructor() {
    this.link = new HostLink(
      { heapMb: 64 },
      { received: (message) => this.#hear(message), gone: () => this.#wake.resolve() },
    );
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    this.link.send({ type: 'check', bytes });
    const fits = await this.until((message) => message.type === 'fits');
    if (fits.type === 'fits') this.link.send({ type: 'keep', program: name as never, module: fits.module });
    this.heard.splice(this.heard.indexOf(fits), 1);
  }

  run(...tasks: readonly HostTask[]): void {
    this.link.send({ type: 'run', bundle: packTasks(tasks) });
  }

  say(message: PoolSays): void {
    this.link.send(message);
  }

  outcomes(): HostOutcome[] {
    return this.heard.flatMap((message) =>
      message.type === 'outcomes' ? unpackOutcomes(message.bundle) : [],
    );
  }

  async until(is: (message: HostSays) => boolean): Promise<HostSays> {
    for (;;) {
      const found = this.heard.find(is);
      if (found !== undefined) return found;
      await this.#wake.promise;
    }
  }

  async untilOutcomes(count: number): Promise<HostOutcome[]> {
    while (this.outcomes().length < count) await this.#wake.promise;
    return this.outcomes();
  }

  #hear(message: HostSays): void {
    this.heard.push(message);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

const task = (number: number, program: string, more: Partial<HostTask> = {}): HostTask => {
  const { files, args, seed, limits } = stagedTask('any', program);
  return { number, alone: false, program: program as never, files, args, seed, limits, ...more };
};

async function startedHost(t: Test): Promise<Conversation> {
  const host = new Conversation();
  t.teardown(() => host.link.kill());
  await host.keep('noop', noopProgram());
  await host.keep('spin', spinProgram());
  await host.keep('loop', loopForeverProgram());
  return host;
}

t.test('the outcomes of a host', async (t) => {
  const host = await startedHost(t);

  await t.test('are in order, and those of quick tasks in bundles', async (t) => {
    host.run(...Array.from({ length: 300 }, (_, index) => task(index + 1, 'noop')));
    const outcomes = await host.untilOutcomes(300);
    t.same(
      outcomes.map(({ number }) => number),
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
    const bundles = host.heard.filter((message) => message.type === 'outcomes').length;
    t.ok(bundles < 150, `${bundles} bundles for 300 tasks`);
  });

  await t.test('leave one by one where tasks are long', async (t) => {
    const before = host.heard.length;
    host.run(...[401, 402, 403].map((number) => task(number, 'spin', { args: ['60000000'] })));
    await host.untilOutcomes(303);
    t.equal(host.heard.slice(before).filter((message) => message.type === 'outcomes').length, 3);
  });

  await t.test('wait for each other where tasks are short, each of which is marked', async (t) => {
    const before = host.heard.length;
    const numbers = Array.from({ length: 20 }, (_, index) => 421 + index);
    host.run(...numbers.map((number) => task(number, 'spin', { args: ['4000000'] })));
    await host.untilOutcomes(323);
    const bundles = host.heard.slice(before).filter((message) => message.type === 'outcomes').length;
    t.ok(bundles < 15, `${bundles} bundles for 20 tasks`);
    t.same(host.link.mark(), { number: 440, isExact: true });
  });

  await t.test('wait for no task of another limit', async (t) => {
    const before = host.heard.length;
    const limitOf = (number: number) => limits({ runMsMax: number % 2 === 0 ? 5_000 : 6_000 });
    const numbers = Array.from({ length: 20 }, (_, index) => 451 + index);
    host.run(...numbers.map((number) => task(number, 'noop', { limits: limitOf(number) })));
    await host.untilOutcomes(343);
    t.equal(host.heard.slice(before).filter((message) => message.type === 'outcomes').length, 20);
  });
});

t.test('a host', async (t) => {
  const host = await startedHost(t);

  await t.test('drops what is revoked before it begins', async (t) => {
    host.run(task(501, 'spin', { args: ['30000000'] }), task(502, 'noop'), task(503, 'noop'));
    host.say({ type: 'revoke', numbers: [502, 999] });
    const dropped = await host.until((message) => message.type === 'dropped');
    t.same(dropped, { type: 'dropped', numbers: [502] });
    const outcomes = await host.untilOutcomes(2);
    t.same(
      outcomes.slice(-2).map(({ number }) => number),
      [501, 503],
    );
  });

  await t.test('can read nothing of its machine and has no environment', async (t) => {
    const [pid] = childProcesses();
    t.notMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), /HOME|PATH|USER/);
    const flags = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    const granted = flags.filter((flag) => flag.startsWith('--allow'));
    t.ok(flags.includes('--permission'));
    for (const flag of granted) t.match(flag, /^--allow-fs-read=.*\/(src|node_modules)\/$/);
  });

  await t.test('has marked the task that it cannot get out of', async (t) => {
    const answers = host.outcomes().length;
    host.run(task(601, 'noop'), task(602, 'loop'));
    await host.untilOutcomes(answers + 1);
    while (host.link.mark().number !== 602) await new Promise(setImmediate);
    t.same(host.link.mark(), { number: 602, isExact: true });
  });
});
