/** `conun verify`, against reports as `conun results` writes them and a chain where a root is anchored. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { memoryJournal, sha256, systemClock } from '../../../src/actors/index.ts';
import { type BatchDeal, provenanceOf, type UnitResult } from '../../../src/collective/index.ts';
import { hotSigner } from '../../../src/connectivity/index.ts';
import { LocalChain } from '../../../src/grid/demo/local-chain.ts';
import type { Plain } from '../../../src/grid/plain.ts';
import { type Bytes32, type IntentId, openEvmLedger } from '../../../src/resource/index.ts';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView, counts, unitResult } from '../fake-node.ts';

const DEAL = `0x${'d1'.repeat(32)}` as Bytes32;
const agent = hotSigner(new Uint8Array(32).fill(7));
const files = [
  { path: 'picture.txt', text: 'bunny' },
  { path: 'deep/notes.txt', text: 'ears' },
];
const units = Array.from({ length: 703 }, (_, unit) => unitResult(unit));

async function* each(results: readonly UnitResult[]) {
  yield* results;
}

/** A result in a folder, fetched from a node whose batch has this provenance. */
async function fetched(teardown: (end: () => unknown) => void, anchored: Plain<BatchDeal>['provenance']) {
  const served = await serveFake(teardown);
  const { node, home } = served;
  const inline = files.map(({ path, text }) => ({ path, content: { inline: Buffer.from(text) } }));
  node.change(batchView({ phase: 'done', counts: counts(4), files: inline }));
  node.unitResults.push(...units);
  const terms = { agent: agent.account };
  node.paid = { deal: DEAL, terms, provenance: anchored } as unknown as Plain<BatchDeal>;
  const { code, err } = await conun(['results', BATCH, '--home', home, '--out', 'out'], { folder: home });
  if (code !== 0) throw new TypeError(err);
  const verify = (flags: readonly string[], file = 'out/picture.txt') =>
    conun(['verify', file, '--home', home, ...flags], { folder: home });
  return { out: join(home, 'out'), verify };
}

const hashed = files.map(({ path, text }) => ({ path, sha256: sha256(Buffer.from(text)) }));
const provenance = await provenanceOf(each(units), hashed);

const folder = t.testdir();
const chain = await LocalChain.start(folder, agent.account, 1n);
t.teardown(() => chain.stop());
await chain.giveEther(agent.account);
const ledger = await openEvmLedger({
  rpc: [chain.url],
  chainId: chain.chainId,
  contracts: chain.contracts,
  confirmations: 1,
  journal: memoryJournal(),
  signers: [agent],
  clock: systemClock(),
  pollMs: 50,
});
t.teardown(() => ledger.close());
const flags = Object.entries({
  'chain.rpc': chain.url,
  'chain.id': String(chain.chainId),
  'chain.contracts': chain.file,
  'chain.confirmations': '1',
}).flatMap(([member, text]) => ['--set', `${member}=${text}`]);

t.test('before anything is anchored, nothing is proved', async (t) => {
  const { verify } = await fetched(t.teardown, provenance);
  t.match(await verify(flags), { code: 1, err: /GRID_VERIFY_NO_ANCHOR/ });
});

t.test('a file is held to what is anchored, with every word of the report', async (t) => {
  const id = 'anchor' as IntentId;
  const call = { type: 'anchor', subject: DEAL, root: provenance.root } as const;
  await ledger.intend({ id, from: agent.account, call });
  t.match(await ledger.outcome(id, AbortSignal.timeout(20_000)), { type: 'done' });

  const { out, verify } = await fetched(t.teardown, provenance);
  const told = await verify([...flags, '--batch', BATCH]);
  t.match(told, { code: 0, out: /picture\.txt is what batch .* ended in: 703 verdicts, by 2 providers/ });
  t.match(JSON.parse((await verify([...flags, '--json'], 'out/deep/notes.txt')).out), {
    root: provenance.root,
    deal: DEAL,
    units: 703,
  });

  const report = join(out, 'report.json');
  const text = await readFile(report, 'utf8');
  await writeFile(report, text.replace('"label":"tile 7"', '"label":"tile x"'));
  t.match(await verify(flags), { code: 1, err: /GRID_VERIFY_REPORT_DIFFERS/ });
  await writeFile(report, text);
  await writeFile(join(out, 'picture.txt'), 'a hare');
  t.match(await verify(flags), { code: 1, err: /GRID_VERIFY_FILE_DIFFERS/ });
  // Another file of the same result is still what it was.
  t.match(await verify(flags, 'out/deep/notes.txt'), { code: 0 });
});

t.test('what cannot be held to a chain is said to be so', async (t) => {
  const { out, verify } = await fetched(t.teardown, null);
  t.match(await verify(flags), { code: 1, err: /GRID_VERIFY_NOTHING_ANCHORED/ });
  t.match(await verify([...flags, '--batch', 'bother']), {
    code: 1,
    err: /GRID_VERIFY_OTHER_BATCH/,
  });
  const proved = await fetched(t.teardown, provenance);
  await writeFile(join(proved.out, 'other.txt'), 'x');
  t.match(await proved.verify(flags, 'out/other.txt'), {
    err: /it has picture\.txt, deep\/notes\.txt\. *\[GRID_VERIFY_FILE_UNKNOWN/,
  });
  await writeFile(join(out, 'report.json'), '{"batch":');
  t.match(await verify(flags), { code: 1, err: /GRID_VERIFY_REPORT_UNREADABLE/ });
  t.match(await verify(flags, join(t.testdir({ lonely: 'x' }), 'lonely')), { err: /GRID_VERIFY_NO_REPORT/ });
});
