/**
 * README.md as its readers use it: every command in its `sh` blocks is run, in order, with real daemons.
 * Commands that last until somebody ends them (`conun daemon`, `conun top`) are started, seen to work, and
 * ended; the npm scripts are looked up, because one of them runs this test.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { parseBatchFile } from '../../src/application/index.ts';
import type { Account } from '../../src/connectivity/index.ts';
import { LocalChain } from '../../src/grid/demo/local-chain.ts';
import { parseAmount } from '../../src/resource/index.ts';
import { lacks } from '../engine.ts';
import { openTerminal, type Terminal } from '../grid/terminal.ts';
import { ended, FILE_MS_MAX, type Told } from './ground.ts';

t.setTimeout(FILE_MS_MAX);

const ROOT = join(import.meta.dirname, '..', '..');
const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Commands that ask for a passphrase, at a real terminal. */
const ASKING = /^conun wallet (create|unlock)$/;

const folder = await mkdtemp(join(tmpdir(), 'conun-readme-'));
const daemons: ChildProcess[] = [];
const killAll = () => {
  for (const daemon of daemons) daemon.kill('SIGKILL');
};
process.once('exit', killAll);
let chain: LocalChain | undefined;
t.teardown(async () => {
  killAll();
  await chain?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** As after `export PATH="$PWD/bin:$PATH"`; no other node of this network is to take part. */
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(ROOT, 'bin')}${delimiter}${process.env['PATH']}`,
  CONUN_HOME: join(folder, 'home'),
  CONUN_NETWORK_MDNS: 'false',
  CONUN_NETWORK_LISTEN: '/ip4/127.0.0.1/tcp/0',
};

/** What the last `conun submit` printed. */
let batch = '';

const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => commandsOf(block));
// Whoever is to compute must be there before the first batch waits for it, as the text around the block says.
const [lenders, commands] = split(blocks, (command) => command.startsWith('conun daemon --home'));
const scriptsNamed = [...readme.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name = '']) => name);

t.test('npm scripts that it names exist', async (t) => {
  t.ok(scriptsNamed.length > 3);
  for (const name of scriptsNamed) t.ok(name in scripts, `npm run ${name}`);
});

t.test('its batch file is one', async (t) => {
  const [, text = ''] = /```yaml\n(# batch\.yaml\n.*?)```/s.exec(readme) ?? [];
  t.equal(parseBatchFile(text).app, 'my-app@1.0.0');
});

for (const command of commands) {
  if (command.startsWith('npm ')) continue;
  // The commands after these need what was typed.
  const skip = (command === 'conun top' || command.startsWith('conun wallet')) && lacks('tmux');
  t.test(command, { skip }, async (t) => {
    if (command === 'conun top') await seen(t, command);
    else if (ASKING.test(command)) await answered(t, command);
    else if (command.startsWith('conun daemon')) await started(command);
    else await done(t, command);
  });
}

async function done(t: Test, command: string): Promise<void> {
  if (command.startsWith('conun submit')) await lend();
  if (command.startsWith('conun cancel')) {
    // The batch before has ended by then: a reader, too, has another one to cancel.
    await resize('units: 6', 'throws: 10000000000');
    await done(t, 'conun submit my-app/batch.yaml');
  }
  if (command.startsWith('conun deposit')) await fund();
  const line = command.replaceAll('BATCH', batch);
  const { code, out, err } = await shell(line);
  t.equal(code, 0, `${line}\n${err}`);
  if (command.startsWith('conun submit')) batch = out.trim();
  if (command.startsWith('conun app new')) await resize('units: 6', 'throws: 10000');
  // Readers of the next part have their daemon running again.
  if (command === 'conun stop') await started('conun daemon');
  if (command === 'conun status') t.match(out, /\/p2p\//, 'it prints the addresses');
  if (command.startsWith('conun results'))
    t.match(await readFile(join(folder, 'result/pi.txt'), 'utf8'), /^[34]/);
}

/** Few and quick units: what is tried here is the commands. */
async function resize(units: string, throws: string): Promise<void> {
  const file = join(folder, 'my-app/batch.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/units: \d+/, units).replace(/throws: \d+/, throws));
}

/** The account that was made above is on a chain from here on, and has tokens. */
async function fund(): Promise<void> {
  const { out } = await shell('conun wallet list --json');
  const [{ account }] = JSON.parse(out) as [{ readonly account: Account }];
  chain = await LocalChain.start(folder, account, parseAmount('1000')!);
  await chain.giveEther(account);
  env['CONUN_CHAIN_RPC'] = chain.url;
  env['CONUN_CHAIN_ID'] = String(chain.chainId);
  env['CONUN_CHAIN_CONTRACTS'] = chain.file;
  env['CONUN_CHAIN_CONFIRMATIONS'] = '1';
  env['CONUN_CHAIN_POLL_MS'] = '100';
}

async function lend(): Promise<void> {
  const { out } = await shell('conun status --json');
  const { node } = JSON.parse(out) as { readonly node: { readonly addresses: readonly string[] } };
  env['CONUN_NETWORK_BOOTSTRAP'] = node.addresses[0];
  await Promise.all(lenders.splice(0).map(started));
}

function shell(line: string): Promise<Told> {
  return ended('sh', ['-c', `exec ${line}`], { cwd: folder, env });
}

/** Resolves when it says that it is ready. */
async function started(command: string): Promise<void> {
  const daemon = spawn('sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  daemons.push(daemon);
  for await (const line of createInterface({ input: daemon.stdout })) {
    if (!line.includes('"topic":"node.ready"')) continue;
    daemon.stdout.resume();
    return;
  }
  throw new RangeError(`${command} ended before it was ready`);
}

async function seen(t: Test, command: string): Promise<void> {
  const terminal = await inTerminal(t, command);
  await terminal.shows(/machine/, /cpu/);
  await terminal.keys('q');
  await terminal.shows(/left with 0/);
}

async function answered(t: Test, command: string): Promise<void> {
  const terminal = await inTerminal(t, command);
  await terminal.shows(/assphrase .*:/);
  await terminal.keys('correct horse battery', 'Enter');
  if (command.endsWith('create')) {
    await terminal.shows(/Once more:/);
    await terminal.keys('correct horse battery', 'Enter');
  }
  t.notMatch(await terminal.shows(/left with 0/), /horse/, 'what was typed does not appear');
}

async function inTerminal(t: Test, command: string): Promise<Terminal> {
  const settings = ['PATH', 'CONUN_HOME'].map((name) => `${name}='${env[name]}'`).join(' ');
  const line = `${settings} ${command}; echo left with $?; cat`;
  const terminal = await openTerminal(`conun-readme-${process.pid}`, line, { columns: 100, rows: 30 });
  t.teardown(() => terminal.close());
  return terminal;
}

function commandsOf(block: string): string[] {
  return block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

function split<Item>(all: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [all.filter(test), all.filter((item) => !test(item))];
}
