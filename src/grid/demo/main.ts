/**
 * `npm start`: one batch, from a researcher's file to a verified picture, across real peers that misbehave
 * and die.
 *
 * A grid of separate processes on loopback: one broker, four honest providers, and one that lies. The bunny
 * is path-traced in tiles, each tile on two providers with distinct owners. The liar is caught; a provider is
 * killed with SIGKILL and its work recovered; the broker is killed too, started again, and continues from its
 * journal. The picture must equal a rendering in a single process bit for bit.
 *
 * The batch is paid for on a chain of this machine: a deposit, shares of the budget, vouchers while the work
 * goes on. At the end the liar's stake is burnt, the others have their pay, the researcher the rest, and all
 * of it adds up. `npm start -- --no-chain` is the same on a grid of volunteers.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BatchView } from '../../collective/index.ts';
import { formatAmount } from '../../resource/index.ts';
import { complain } from '../cli/complaint.ts';
import { Bank } from './bank.ts';
import { report, table } from './report.ts';
import { settle } from './settling.ts';
import { CONUN, type Player, Stage } from './stage.ts';
import { Story } from './story.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const out = resolve('demo-out');
const isPaid = !process.argv.includes('--no-chain');
const conun = (...words: string[]) => promisify(execFile)(CONUN, words, { cwd: root });

const startedAt = performance.now();
process.once('uncaughtException', (error) => {
  process.exit(complain(error, process, false));
});
for (const folder of ['alone', 'grid']) await rm(join(out, folder), { recursive: true, force: true });
await mkdir(out, { recursive: true });
const stage = new Stage(await mkdtemp(join(tmpdir(), 'conun-demo-')));
const story = new Story();
process.once('exit', () => stage.killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

// The same batch in a single process, beside the grid: what the grid's picture is compared with at the end.
const app = join(root, 'plugins/render');
const batchFile = join(app, isPaid ? 'paid.yaml' : 'batch.yaml');
const alone = conun('app', 'run', batchFile, '--app', app, '--out', join(out, 'alone'));

// A chain with the contracts, and for everybody an account with as many tokens.
const names = ['ada', 'berta', 'chaim', 'dora'];
const bank = isPaid ? await Bank.open(stage.folder, ['researcher', ...names, 'liar']) : undefined;
const before = (await bank?.holdings()) ?? [];
if (bank) story.tell(`${before.length} accounts have ${formatAmount(before[0]!.tokens)} tokens each`);
await bank?.enrolResearcher('researcher', stage.homeOf('broker'));
const enrolled = [...names, 'liar'].map((name) => bank?.enrolProvider(name, stage.homeOf(name)));

// One broker and five providers. Each is a process with keys of its own, hence an owner of its own.
const broker = await stage.cast({
  name: 'broker',
  roles: ['broker'],
  set: { ...patience(), ...bank?.settings },
});
const bootstrap = await broker.address();
await Promise.all(enrolled);
const honest = await Promise.all(names.map((name) => stage.cast(provider(name))));
const liar = await stage.cast({ ...provider('liar'), program: join(import.meta.dirname, 'liar.ts') });
for (const player of stage.players) story.introduce(player.name, await player.client.node());
story.tell(`${stage.players.length} nodes are up`);

// An author publishes, a researcher submits.
await conun('app', 'publish', app, '--home', broker.home);
const { stdout } = await conun('submit', batchFile, '--home', broker.home, '--json');
const { batch } = JSON.parse(stdout) as BatchView;
await story.follow(broker.client, batch);

// A provider dies half-way, then the broker.
const victim = honest[2] as Player;
await story.until((view) => view.counts.agreed >= portion(view, 0.35) && story.isWorking(victim.name));
await victim.stop('SIGKILL');
story.lost(victim.name);
await story.until((view) => view.counts.agreed >= portion(view, 0.6) && story.recovered !== undefined);
story.brokerLost();
await broker.stop('SIGKILL');
await broker.start();
await story.follow(broker.client, batch);
const view = await story.ended();

// What a researcher gets: the picture, and who computed it.
const results = join(out, 'grid');
await conun('results', batch, '--home', broker.home, '--out', results, '--force');
await alone;
const picture = await readFile(join(out, 'grid/render.png'));
const reference = await readFile(join(out, 'alone/render.png'));
await writeFile(join(out, 'bunny.png'), picture);

// The provider that was killed comes back for its pay; then the deal comes to its end.
if (bank) await victim.start();
const money = bank && (await settle({ bank, story, broker, honest, liar, before }, batch));
const proof = ['--batch', batch, '--home', broker.home, ...chainFlags(bank)];
const verified = bank && (await conun('verify', join(results, 'render.png'), ...proof)).stdout.trim();

const facts = report({
  story,
  view,
  units: await story.units(broker.client),
  providers: await broker.client.providers(),
  liar: liar.name,
  victim: victim.name,
  pictureSha256: createHash('sha256').update(picture).digest('hex'),
  equalsSingleProcess: picture.equals(reference),
  wallMs: performance.now() - startedAt,
  ...(money && { money: { ...money, verified: verified ?? '' } }),
});
await writeFile(join(out, 'report.json'), `${JSON.stringify(facts, null, 2)}\n`);
story.end();
process.stdout.write(`\n${table(facts)}\n\nThe picture: ${join(out, 'bunny.png')}\n`);
process.stdout.write(`The report:  ${join(out, 'report.json')}\n`);

await stage.close();
await bank?.close();
if (facts.failures.length === 0) await rm(stage.folder, { recursive: true, force: true });
else process.stderr.write(`\nNot as it should be: ${facts.failures.join('; ')}. Logs: ${stage.folder}\n`);
process.exitCode = facts.failures.length === 0 ? 0 : 1;

/** Short enough that a killed provider is noticed while the picture is still being made. */
function patience() {
  return { 'broker.heartbeatMs': '500', 'broker.lapseAfterMs': '3000' };
}

function provider(name: string) {
  const set = {
    'network.bootstrap': bootstrap,
    'provider.slots': '1',
    'provider.governor': '{}',
    // A tile is a small thing; at the usual price its pay would be lost in the decimals.
    'provider.pay.tariff': '100',
    ...bank?.settings,
  };
  return { name, roles: ['provider'] as const, set };
}

/** The same settings, for a command. */
function chainFlags(bank: Bank | undefined): string[] {
  return Object.entries(bank?.settings ?? {}).flatMap(([member, text]) => ['--set', `${member}=${text}`]);
}

function portion(view: BatchView, share: number): number {
  return Math.ceil((view.counts.total ?? Number.POSITIVE_INFINITY) * share);
}
