import t from 'tap';
import { sha256, simulatedClock } from '../../src/actors/index.ts';
import type { ContentStore } from '../../src/fabric/block-store.ts';
import { fabricErrors } from '../../src/fabric/errors.ts';
import { Staging } from '../../src/fabric/executor-staging.ts';
import { memoryContentStore } from '../../src/fabric/memory-content-store.ts';
import type { ProgramLoader } from '../../src/fabric/sandbox.ts';
import type { Cid, Task, TaskFile, TaskId, TaskOutcome } from '../../src/fabric/task.ts';
import { INLINE_BYTES_MAX } from '../../src/fabric/task.ts';
import { LIMITS } from '../fixtures/tasks.ts';

/** Takes every program, and remembers which. */
class Loader implements ProgramLoader {
  readonly loaded: string[] = [];

  async load(program: Cid): Promise<void> {
    this.loaded.push(program);
  }

  has(program: Cid): boolean {
    return this.loaded.includes(program);
  }
}

const stagingWith = (store: ContentStore = memoryContentStore()) => {
  const [programs, clock] = [new Loader(), simulatedClock(0)];
  return { store, programs, clock, staging: new Staging({ store, programs, clock }) };
};

const taskOf = (...files: readonly TaskFile[]): Task => ({
  id: 'a' as TaskId,
  common: {
    sandbox: 'wasm',
    program: 'p' as Cid,
    files: [{ path: 'shared', content: { inline: Buffer.from('s') } }],
    limits: LIMITS,
  },
  args: ['1'],
  files,
  seed: 'seed',
});

const succeeded = (...files: readonly TaskFile[]) =>
  ({
    id: 'a' as TaskId,
    status: 'succeeded',
    digest: 'd' as never,
    output: { exitCode: 0, stdout: new Uint8Array(0), files },
    usage: { cpuMs: 1, wallMs: 1, memoryBytesPeak: 1 },
  }) as const satisfies TaskOutcome;

t.test('a task is staged with the bytes of all its files, shared ones first', async (t) => {
  const { store, staging } = stagingWith();
  const bytes = Buffer.from('input');
  const cid = await store.put(bytes);
  t.equal(await staging.fetch({ cid, use: 'file', bytes: 5 }), 5);
  const content = { cid, bytes: 5, sha256: sha256(bytes) };
  const staged = staging.stage(taskOf({ path: 'own', content }));
  t.same(
    staged.files.map((file) => `${file.path}: ${Buffer.from(file.bytes)}`),
    ['shared: s', 'own: input'],
  );
  const forged = { ...content, sha256: sha256(Buffer.from('other')) };
  t.throws(() => staging.stage(taskOf({ path: 'own', content: forged })), { code: 'FABRIC_TASK_INVALID' });
  staging.drop(cid);
  t.throws(() => staging.stage(taskOf({ path: 'own', content })), { code: 'FABRIC_TASK_STAGING' });
});

t.test('whoever is said to have something is named to the store', async (t) => {
  const here = memoryContentStore();
  const froms: unknown[] = [];
  const store: ContentStore = {
    ...here,
    get(cid, options) {
      froms.push(options.from);
      return here.get(cid, options);
    },
  };
  const { staging } = stagingWith(store);
  const cid = await store.put(Buffer.from('input'));
  await staging.fetch({ cid, use: 'file', bytes: 5, from: 'the broker' });
  await staging.fetch({ cid, use: 'file', bytes: 5 });
  t.same(froms, ['the broker', undefined]);
});

t.test('a program is loaded, and not fetched again while the sandbox has it', async (t) => {
  const { store, staging, programs } = stagingWith();
  const cid = await store.put(Buffer.from('module'));
  await staging.fetch({ cid, use: 'program', bytes: 0 });
  await staging.fetch({ cid, use: 'program', bytes: 0 });
  t.same(programs.loaded, [cid]);
});

t.test('an input larger than declared is not taken', async (t) => {
  const { store, staging } = stagingWith();
  const cid = await store.put(new Uint8Array(100));
  await t.rejects(staging.fetch({ cid, use: 'file', bytes: 99 }), { code: 'FABRIC_BLOCK_TOO_LARGE' });
});

t.test('an input that does not come is given up after two minutes, or when the executor goes', async (t) => {
  const never: ContentStore = {
    ...memoryContentStore(),
    get: (cid, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(fabricErrors.FABRIC_BLOCK_MISSING({ cid })));
      }),
  };
  const { staging, clock } = stagingWith(never);
  const need = { cid: 'bafk' as Cid, use: 'file', bytes: 1 } as const;
  const late = t.rejects(staging.fetch(need), { code: 'FABRIC_BLOCK_MISSING' });
  clock.advance(120_000);
  await late;
  const closed = t.rejects(staging.fetch(need), { code: 'FABRIC_BLOCK_MISSING' });
  staging.close();
  await closed;
  t.equal(clock.nextAt(), undefined, 'no timer is left');
});

t.test('large files go to the store, small ones stay', async (t) => {
  const { store, staging } = stagingWith();
  const large = new Uint8Array(INLINE_BYTES_MAX + 1).fill(7);
  const small: TaskFile = { path: 's', content: { inline: new Uint8Array(INLINE_BYTES_MAX) } };
  const stored = await staging.store(succeeded({ path: 'l', content: { inline: large } }, small));
  if (stored.status !== 'succeeded') throw new TypeError(stored.status);
  const cid = await store.put(large);
  t.same(stored.output.files, [
    { path: 'l', content: { cid, bytes: large.length, sha256: sha256(large) } },
    small,
  ]);
});

t.test('a full store makes the task fail and say so', async (t) => {
  const { staging } = stagingWith(memoryContentStore({ quotaBytes: 1_000 }));
  const outcome = await staging.store(
    succeeded({ path: 'l', content: { inline: new Uint8Array(INLINE_BYTES_MAX + 1) } }),
  );
  t.match(outcome, { id: 'a', status: 'failed', code: 'FABRIC_STORAGE_QUOTA' });
});
