import t from 'tap';
import { decodeEvidence, type Evidence, evidenceRow, receiptKey } from '../../src/collective/evidence.ts';
import { digest, place, unitIndex } from './fakes/samples.ts';

t.test('evidence is a row of its own, under the owner it is against', async (t) => {
  const { owner, provider, lease } = place('liar');
  const evidence: Evidence = {
    kind: 'disagreement',
    owner,
    provider,
    batch: 'b1' as never,
    unit: unitIndex(3),
    ordinal: 1,
    lease,
    said: { digest: digest('wrong'), bundle: 4 },
    against: { digest: digest('right'), bundle: null },
    at: 5,
  };
  const { key, value } = evidenceRow(evidence);
  t.equal(key, 'evidence/owner-liar/b1/3.1');
  t.same(decodeEvidence(value), evidence);
  t.equal(receiptKey(lease, 4), 'receipt/lease-liar/4');
});
