import t from 'tap';
import { sha256, type Digest } from '../../src/actors/index.ts';
import type { UnitIndex, UnitResult } from '../../src/collective/batch.ts';
import { fileLeaf, PAGE_LEAVES, provenanceOf } from '../../src/collective/provenance.ts';
import { provesLeaf } from '../../src/resource/index.ts';

const digest = sha256(Buffer.from('answer'));
const files = ['render.png', 'log.txt'].map((path) => ({ path, sha256: sha256(Buffer.from(path)) }));

function result(unit: number, changes: Partial<UnitResult> = {}): UnitResult {
  const output = { exitCode: 0, stdout: new Uint8Array(), files: [] };
  return {
    unit: unit as UnitIndex,
    label: `tile ${unit}`,
    verdict: 'agreed',
    digest,
    output,
    replicas: [],
    decidedAt: 1_000 + unit,
    ...changes,
  };
}

async function* units(count: number, changed?: UnitResult): AsyncGenerator<UnitResult> {
  for (let unit = 0; unit < count; unit++) yield unit === changed?.unit ? changed : result(unit);
}

t.test('every file is proved under the root, whatever the number of units', async (t) => {
  for (const count of [0, 1, 2, PAGE_LEAVES, PAGE_LEAVES + 1]) {
    const { root, files: proved } = await provenanceOf(units(count), files);
    for (const file of proved)
      t.ok(provesLeaf(fileLeaf(file), file.proof, root), `${file.path}, ${count} units`);
    const forged = { ...proved[0]!, sha256: digest };
    t.notOk(provesLeaf(fileLeaf(forged), forged.proof, root), 'other bytes are not');
    const renamed = { ...proved[0]!, path: 'other.png' };
    t.notOk(provesLeaf(fileLeaf(renamed), renamed.proof, root), 'another name is not');
  }
});

t.test('the root changes with every word of a verdict but its output', async (t) => {
  const { root } = await provenanceOf(units(5), files);
  const same = result(3, { output: { exitCode: 0, stdout: Buffer.from('elsewhere'), files: [] } });
  t.equal((await provenanceOf(units(5, same), files)).root, root);
  for (const changes of [
    { digest: sha256(Buffer.from('other')) },
    { label: 'other' },
    { verdict: 'failed' as const, digest: '' as Digest | '' },
    { decidedAt: 7 },
  ])
    t.not((await provenanceOf(units(5, result(3, changes)), files)).root, root, JSON.stringify(changes));
});

t.test('a batch of nothing has a root too', async (t) => {
  const { root, files: none } = await provenanceOf(units(0), []);
  t.match(root, /^0x[0-9a-f]{64}$/);
  t.same(none, []);
});
