import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { createMeter, payableOperations } from '../../src/resource/meter.ts';

const usage = { cpuMs: 1_500, wallMs: 2_000, memoryBytesPeak: 1 };
const task = 'x' as TaskId;

t.test('processor time times speed is credit, for what succeeded; all usage is counted', async (t) => {
  const meter = createMeter();
  meter.add(
    [
      { task, status: 'succeeded', digest: '', usage },
      { task, status: 'failed', digest: '', usage },
      { task, status: 'cancelled', digest: '', usage },
    ],
    1_000,
  );
  t.same(meter.total(), { succeeded: 1, failed: 1, cancelled: 1, cpuMs: 4_500, credit: 1_500n });
});

t.test('it goes on from what was counted before, past what a number holds', async (t) => {
  const meter = createMeter({ succeeded: 1, failed: 0, cancelled: 0, cpuMs: 1, credit: 2n ** 60n });
  meter.add([{ task, status: 'succeeded', digest: '', usage }], 2);
  t.equal(meter.total().credit, 2n ** 60n + 3n);
});

t.test('no task is paid for more than its limit of processor time, where that is known', async (t) => {
  const returns = [
    { task, status: 'succeeded', digest: '', usage },
    { task: 'y' as TaskId, status: 'succeeded', digest: '', usage },
    { task, status: 'failed', digest: '', usage },
  ] as const;
  t.equal(
    payableOperations(returns, () => undefined, 1_000),
    3_000n,
  );
  const limitOf = (it: TaskId) => (it === task ? 500 : undefined);
  t.equal(payableOperations(returns, limitOf, 1_000), 2_000n);
});
