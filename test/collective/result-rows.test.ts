import t from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import type { BatchId, UnitResult } from '../../src/collective/batch.ts';
import { newReplica, recordOf } from '../../src/collective/replica.ts';
import {
  decodeResult,
  encodeResult,
  readResult,
  readResults,
  resultKey,
} from '../../src/collective/result-rows.ts';
import { digest, failed, output, place, unitIndex, USAGE } from './fakes/samples.ts';

const batch = 'b1' as BatchId;

function result(unit: number, changes: Partial<UnitResult> = {}): UnitResult {
  return {
    unit: unitIndex(unit),
    label: `unit ${unit}`,
    verdict: 'agreed',
    digest: digest('right'),
    output: output('right'),
    replicas: [
      recordOf({ ...newReplica(0, place('ann'), 1), bundle: 3, usage: USAGE }, digest('right'), 5),
      recordOf({ ...newReplica(1, place('bob'), 1), state: 'failed', failure: failed(1).failure! }, '', 5),
    ],
    decidedAt: 5,
    ...changes,
  };
}

async function stored(units: number) {
  const journal = memoryJournal();
  const all = Array.from({ length: units }, (_, unit) => result(unit));
  await journal.commit({
    puts: all.map((one) => ({ key: resultKey(batch, one.unit), value: encodeResult(one) })),
  });
  return { journal, all };
}

t.test('a row comes back as it was', async (t) => {
  t.same(decodeResult(encodeResult(result(7))), result(7));
  const { output: _, ...bare } = result(8, {
    verdict: 'failed',
    digest: '',
    code: 'COLLECTIVE_UNIT_DEADLOCKED',
  });
  t.same(decodeResult(encodeResult(bare)), bare);
});

t.test('rows are read in unit order, over pages, from where one likes', async (t) => {
  const { journal } = await stored(600);
  const units: number[] = [];
  for await (const { unit } of readResults(journal, batch)) units.push(unit);
  t.same(
    units,
    Array.from({ length: 600 }, (_, unit) => unit),
  );
  const some: number[] = [];
  for await (const { unit } of readResults(journal, batch, { after: unitIndex(9), limit: 3 }))
    some.push(unit);
  t.same(some, [10, 11, 12]);
});

t.test('one row is found by its unit', async (t) => {
  const { journal, all } = await stored(2);
  t.same(await readResult(journal, batch, unitIndex(1)), all[1]);
  t.equal(await readResult(journal, batch, unitIndex(2)), undefined);
});
