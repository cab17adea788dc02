import t from 'tap';
import { memoryJournal, sha256 } from '../../src/actors/index.ts';
import type { BatchId, ReplicaRecord, UnitIndex, UnitResult } from '../../src/collective/batch.ts';
import { disputeOver, type ReadCommitment } from '../../src/collective/dispute.ts';
import { evidenceRow } from '../../src/collective/evidence.ts';
import { encodeResult, resultKey } from '../../src/collective/result-rows.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import {
  type Bytes32,
  checkCommitment,
  commitTo,
  type KeptCommitment,
  type LeaseId,
  type Return,
} from '../../src/resource/index.ts';
import { deal, domain, signerOf, word } from '../resource/deal-papers.ts';
import { place, USAGE } from './fakes/samples.ts';

const batch = 'b1' as BatchId;
const unit = 3 as UnitIndex;
const [truth, lie, other] = ['truth', 'lie', 'other'].map((text) => sha256(Buffer.from(text)));
const ours = word(3);

/** A bundle of returns in which `units` are said to have `digests`. */
function bundle(seed: number, units: readonly Bytes32[], digests: readonly string[]): KeptCommitment {
  const returns = digests.map((digest, index) => ({
    task: `task-${index}`,
    status: 'succeeded',
    digest,
    usage: USAGE,
  })) as unknown as Return[];
  const worker = signerOf(seed);
  const committer = { deal, provider: worker.account, domain };
  const paper = commitTo(
    { number: 1, returns },
    units,
    { number: 1, salt: word(seed) },
    { ...committer, worker },
  );
  const kept = checkCommitment(paper!, returns, { ...committer, worker: worker.account });
  if (typeof kept === 'string') throw new TypeError(kept);
  return kept;
}

function replica(name: string, state: ReplicaRecord['state'], digest: string): ReplicaRecord {
  const about = { ordinal: 0, usage: USAGE, assignedAt: 1, endedAt: 2, bundle: 1 };
  return { ...place(name), ...about, state, digest: digest as ReplicaRecord['digest'] };
}

const said = {
  ann: bundle(21, [word(1), ours], [other!, truth!]),
  bob: bundle(22, [ours], [truth!]),
  eve: bundle(23, [word(2), ours, word(4)], [truth!, lie!, truth!]),
};

async function scene(kept: Readonly<Record<string, KeptCommitment>>) {
  const journal = memoryJournal();
  const result: UnitResult = {
    unit,
    label: '',
    verdict: 'agreed',
    digest: truth!,
    decidedAt: 5,
    replicas: [
      replica('ann', 'agreed', truth!),
      replica('eve', 'disagreed', lie!),
      replica('bob', 'agreed', truth!),
    ],
  };
  const { owner, provider, lease } = place('eve');
  const proof = { said: { digest: lie!, bundle: 1 }, against: { digest: truth!, bundle: null } };
  const evidence = evidenceRow({
    ...{ kind: 'disagreement', owner, provider, batch, unit, ordinal: 1, lease, at: 5 },
    ...proof,
  } as Parameters<typeof evidenceRow>[0]);
  await journal.commit({ puts: [evidence, { key: resultKey(batch, unit), value: encodeResult(result) }] });
  const read: ReadCommitment = async (lease: LeaseId) => kept[lease.replace('lease-', '')];
  return (quorum = 2) => disputeOver(journal, { owner, batch, unit }, quorum, read);
}

t.test('the liar and those who contradict it are proved to have spoken of one unit', async (t) => {
  const dispute = await (await scene(said))();
  t.equal(dispute?.unit, ours);
  t.same(
    dispute?.statements.map(({ testimony }) => [testimony.provider, testimony.digest]),
    [
      [said.eve.commitment.provider, `0x${lie}`],
      [said.ann.commitment.provider, `0x${truth}`],
      [said.bob.commitment.provider, `0x${truth}`],
    ],
  );
});

t.test('without a quorum of commitments, or the liar’s own, nothing can be proved', async (t) => {
  const { ann, bob, eve } = said;
  t.equal(await (await scene({ ann, eve }))(), undefined);
  t.equal(await (await scene({ ann, bob }))(), undefined);
  t.equal(await (await scene(said))(3), undefined);
});

t.test('bundles that do not name one unit prove nothing', async (t) => {
  const elsewhere = bundle(22, [word(9)], [truth!]);
  t.equal(await (await scene({ ...said, bob: elsewhere }))(), undefined);
});

t.test('nothing is disputed that there is no evidence for', async (t) => {
  const read: ReadCommitment = async () => said.ann;
  const owner = 'nobody' as OwnerId;
  t.equal(await disputeOver(memoryJournal(), { owner, batch, unit }, 2, read), undefined);
});
