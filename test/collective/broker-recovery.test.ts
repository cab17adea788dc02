import t from 'tap';
import { encode, memoryJournal } from '../../src/actors/index.ts';
import { encodeBatch, encodeSpec, encodeTurn } from '../../src/collective/batch-codec.ts';
import { openBatch } from '../../src/collective/batch-state.ts';
import {
  batchStream,
  providerKey,
  REPUTATION_STREAM,
  recover,
} from '../../src/collective/broker-recovery.ts';
import { encodeReputation } from '../../src/collective/reputation.ts';
import type { BatchId } from '../../src/collective/batch.ts';
import type { OwnerId, PeerId } from '../../src/connectivity/index.ts';
import { sampleSpec } from './fakes/samples.ts';

t.test('an empty journal is a new broker', async (t) => {
  t.match(await recover(memoryJournal()), { batches: [], standings: new Map(), providers: new Map() });
});

t.test('batches come back in the order of submission, with standings and providers', async (t) => {
  const journal = memoryJournal();
  const late = sampleSpec({ batch: 'a' as BatchId, submittedAt: 9 });
  const early = sampleSpec({ batch: 'b' as BatchId, submittedAt: 1 });
  await journal.commit({
    entries: [
      { stream: batchStream(late.batch), entry: encodeSpec(late) },
      { stream: batchStream(late.batch), entry: encodeTurn(10, [['sourceEnded']]) },
      {
        stream: REPUTATION_STREAM,
        entry: encodeReputation([{ type: 'excluded', owner: 'o' as OwnerId, reason: 'lied' }]),
      },
    ],
    snapshots: [{ stream: batchStream(early.batch), state: encodeBatch(openBatch(early)) }],
    puts: [{ key: providerKey('p' as PeerId), value: encode('o') }],
  });
  const { batches, standings, providers } = await recover(journal);
  t.same(
    batches.map(({ spec, phase }) => [spec.batch, phase]),
    [
      ['b', 'open'],
      ['a', 'merging'],
    ],
  );
  t.equal(standings.get('o' as OwnerId)?.excluded, 'lied');
  t.same([...providers], [['p', 'o']]);
});

t.test('an entry that cannot be read stops the start, with its stream', async (t) => {
  const journal = memoryJournal();
  await journal.commit({ entries: [{ stream: 'batch/b1', entry: new Uint8Array([0xff, 1, 2]) }] });
  await t.rejects(recover(journal), { code: 'COLLECTIVE_JOURNAL_CORRUPT', details: { stream: 'batch/b1' } });
});
