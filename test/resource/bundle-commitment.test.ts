import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import type { TaskId } from '../../src/fabric/index.ts';
import {
  checkCommitment,
  commitTo,
  type KeptCommitment,
  testimonyOf,
  unitKeyOf,
} from '../../src/resource/bundle-commitment.ts';
import { bundleLeaf } from '../../src/resource/commitment.ts';
import { provesLeaf } from '../../src/resource/keccak-tree.ts';
import type { Return } from '../../src/resource/lease-wire.ts';
import { deal, domain, provider, stranger, word, worker } from './deal-papers.ts';
import { returnFor } from './lease-model.ts';
import { outputOf, tasksNamed } from './lease-world.ts';

const tasks = tasksNamed('a', 3);
const units = tasks.map(unitKeyOf);
const returns: Return[] = tasks.map((task, index) => ({
  ...returnFor(task.id),
  status: 'succeeded',
  digest: String(index).repeat(64) as Digest,
  output: outputOf(task),
}));
const committer = { deal, provider: provider.account, worker, domain };
const checker = { ...committer, worker: worker.account };
const sealed = { number: 4, salt: word(77) };

t.test('a unit is named by what is to be computed, not by what it is called', async (t) => {
  const [task] = tasks;
  t.equal(unitKeyOf({ ...task!, ...{ id: 'other' as TaskId } }), units[0]);
  t.equal(unitKeyOf({ ...task!, common: structuredClone(task!.common) }), units[0]);
  const changes = [
    { args: ['x'] },
    { seed: 'x' },
    { files: [{ path: 'a', content: { inline: new Uint8Array(1) } }] },
    { common: { ...task!.common, limits: { ...task!.common.limits, runMsMax: 1 } } },
  ];
  const keys = changes.map((change) => unitKeyOf({ ...task!, ...change }));
  t.equal(new Set([units[0], ...keys]).size, 5, 'two tasks never pass for one unit');
});

t.test('what a worker said of each unit can be proved from its commitment', async (t) => {
  const paper = commitTo({ number: 9, returns }, units, sealed, committer)!;
  const kept = checkCommitment(paper, returns, checker) as KeptCommitment;
  for (const [index, unit] of units.entries()) {
    const testimony = testimonyOf(kept, unit)!;
    t.match(testimony, { provider: provider.account, number: 4, digest: `0x${returns[index]!.digest}` });
    t.ok(provesLeaf(bundleLeaf(unit, testimony.digest), testimony.proof, paper.root));
  }
  t.equal(testimonyOf(kept, word(1)), undefined);
});

t.test('tasks that did not succeed are not in it; without any that did there is none', async (t) => {
  const failed = returnFor('b/0' as TaskId);
  const paper = commitTo(
    { number: 9, returns: [failed, returns[0]!] },
    units.slice(0, 1),
    sealed,
    committer,
  )!;
  t.not(typeof checkCommitment(paper, [failed, returns[0]!], checker), 'string');
  t.equal(commitTo({ number: 9, returns: [failed] }, [], sealed, committer), undefined);
});

t.test('a commitment to anything else, or by anyone else, is found out', async (t) => {
  const paper = commitTo({ number: 9, returns }, units, sealed, committer)!;
  const flaw = (change: object, said = returns, who = checker) =>
    checkCommitment({ ...paper, ...change }, said, who);
  const [first, ...rest] = returns;
  t.match(flaw({}, rest), /another number of tasks/);
  t.match(flaw({}, [{ ...first!, digest: 'f'.repeat(64) as Digest }, ...rest]), /root/);
  t.match(flaw({ units: [word(1), ...units.slice(1)] }), /root/);
  t.match(flaw({ salt: word(1) }), /did not sign/);
  t.match(flaw({ number: 5 }), /did not sign/);
  t.match(flaw({}, returns, { ...checker, worker: stranger.account }), /did not sign/);
});
