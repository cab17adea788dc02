/**
 * The command line as data: what there is, for whom, and with which options. What a command does is in the
 * file of its name, loaded when it is called; so help and completion load only this.
 */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { VERSION } from '../version.ts';
import { complain } from './complaint.ts';
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';
import { Invocation, type Run } from './invocation.ts';
import type { Io } from './io.ts';

const RESEARCHERS = 'For researchers:';
const PROVIDERS = 'For providers:';
const AUTHORS = 'For authors:';
const EVERYBODY = 'For everybody:';

type Load = () => Promise<{ readonly run: Run }>;

/** Runs the command line given without the program's name. Resolves to the exit code; never rejects. */
export async function main(given: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.done;
  const program = makeProgram(io, (run) => async (call) => {
    code = (await run(call)) ?? EXIT.done;
    return code;
  });
  try {
    await program.parseAsync([...given], { from: 'user' });
    return code;
  } catch (thrown) {
    // Commander has already said what is wrong with the command line; help and version are no errors.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (io.signal.aborted) return EXIT.interrupted;
    return complain(thrown, io, given.includes('--json'));
  }
}

/** The whole tree. `around` wraps each command's own function. */
function makeProgram(io: Io, around: (run: Run) => Run): Command {
  const program = new Command('conun')
    .description('Idle computers as a supercomputer that nobody owns.')
    .version(VERSION)
    .option('--home <folder>', 'as for each command')
    .option('--json', 'as for each command')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      outputError: (text, write) =>
        write(`${text.replace(/^error: /, 'conun: ').trimEnd()}\n→ See \`conun help\`.\n`),
    })
    .addHelpText('after', exitHelp());
  const add: Add = (parent, usage, description, load) => {
    const command = parent.command(usage, { isDefault: false }).description(description);
    command
      .option('--home <folder>', 'configuration and data of this node are there (CONUN_HOME)')
      .option('--set <member=value>', 'one member of the configuration; may be repeated', readSet, {})
      .option('--json', 'for programs: one JSON document, or one a line')
      .action(async (...all: unknown[]) => {
        const words = all.slice(0, -2).flatMap((word) => (word === undefined ? [] : [String(word)]));
        const run: Run = async (call) => (await load()).run(call);
        await around(run)(new Invocation(io, program, words, command.optsWithGlobals()));
      });
    return command;
  };
  addResearcherCommands(program, add);
  addProviderCommands(program, add);
  addAuthorCommands(program, add);
  addCommonCommands(program, add);
  addWalletCommands(program, add);
  return program;
}

type Add = (parent: Command, usage: string, description: string, load: Load) => Command;

/** A passphrase, a key and words are never an argument: others can see those. */
const PASSPHRASE_FILE = [
  '--passphrase-file <file>',
  'its first line, mode 0600; default: ask, or the agent',
] as const;
const ACCOUNT = ['--account <account>', 'whose money; default: chain.account, or the only one'] as const;

function addResearcherCommands(program: Command, add: Add): void {
  program.commandsGroup(RESEARCHERS);
  add(program, 'submit <file>', 'submit a batch file with its inputs', () => import('./submit.ts')).option(
    '--wait',
    'show progress until the batch has ended',
  );
  add(program, 'status [batch]', 'this node and its batches, or one batch', () => import('./status.ts'));
  add(program, 'watch [batch]', 'progress until the batch, or all, have ended', () => import('./watch.ts'));
  add(program, 'results <batch>', 'fetch the result and its provenance', () => import('./results.ts'))
    .option('--out <folder>', 'where to put them; default: a folder named like the batch')
    .option('--force', 'overwrite files that are there');
  add(program, 'verify <file>', 'prove a file of a result by the chain', () => import('./verify.ts'))
    .option('--batch <batch>', 'the batch that it must be of')
    .option('--report <file>', 'the report of `conun results`; default: the one beside the file');
  add(program, 'cancel <batch>', 'end a batch without a result', () => import('./cancel.ts')).option(
    '--reason <text>',
    'kept with the batch',
    'cancelled by its researcher',
  );
  const money = [
    add(program, 'deposit <amount>', 'tokens into the market, to pay from', () => import('./deposit.ts')),
    add(program, 'withdraw <amount>', 'out of the market again', () => import('./withdraw.ts')).option(
      '--to <address>',
      'who gets them; default: the account itself',
    ),
  ];
  for (const command of money) command.option(...ACCOUNT).option(...PASSPHRASE_FILE);
  add(program, 'explain <batch> <unit>', 'why a unit is where it is', () => import('./explain.ts'));
}

function addProviderCommands(program: Command, add: Add): void {
  program.commandsGroup(PROVIDERS);
  add(program, 'daemon', 'run this node until it is told to end', () => import('./daemon.ts'))
    .option('--name <text>', 'what people call this node')
    .option('--roles <list>', 'provider, broker, or both separated by a comma')
    .option('--listen <addresses>', 'where to accept peers, separated by commas')
    .option('--bootstrap <addresses>', 'peers to join the grid through')
    .option('--slots <number>', 'tasks that run at the same time')
    .option('--log-level <level>', 'debug, info, warn, error or silent');
  add(program, 'stop', 'end the daemon', () => import('./stop.ts'));
  add(program, 'top', 'watch this node in the terminal', () => import('./top.ts'));
  add(program, 'pause [reason]', 'suspend all work on this machine', () => import('./pause.ts'));
  add(program, 'resume', 'take up work again, as the preferences allow', () => import('./resume.ts'));
  add(program, 'earnings', 'credit, pay and stake', () => import('./earnings.ts')).option(...ACCOUNT);
  const stakes = [
    add(program, 'stake <amount>', 'pledge tokens for right results', () => import('./stake.ts')).option(
      '--payout <address>',
      'who is paid, when this registers the account; default: the account',
    ),
    add(program, 'unstake [amount]', 'begin or end its cool-down', () => import('./unstake.ts')),
  ];
  for (const command of stakes) command.option(...ACCOUNT).option(...PASSPHRASE_FILE);
}

function addAuthorCommands(program: Command, add: Add): void {
  program.commandsGroup(AUTHORS);
  const app = program.command('app').description('make and publish apps');
  add(app, 'new <folder>', 'a small app to start from', () => import('./app-new.ts'));
  add(app, 'check [folder]', 'whether all parts are in order', () => import('./app-check.ts')).option(
    '--batch <file>',
    'whose first units are run; default: batch.yaml in the folder',
  );
  add(app, 'build [folder]', 'compile and bundle', () => import('./app-build.ts'));
  add(app, 'run <batch-file>', 'a whole batch on this machine, without a grid', () => import('./app-run.ts'))
    .option('--app <folder>', 'the app; default: the folder of the batch file')
    .option('--out <folder>', 'where to put the result', 'out')
    .option('--force', 'overwrite files that are there');
  add(app, 'publish [folder]', 'build, sign and make known to this node', () => import('./app-publish.ts'));
  add(app, 'list', 'published apps', () => import('./app-list.ts'));
}

function addCommonCommands(program: Command, add: Add): void {
  program.commandsGroup(EVERYBODY);
  add(program, 'peers', 'who this node knows', () => import('./peers.ts'));
  add(
    program,
    'doctor',
    'the configuration, where it comes from, and what is wrong',
    () => import('./doctor.ts'),
  );
  add(program, 'completion <shell>', 'completion for bash, zsh or fish', () => import('./completion.ts'));
  program.helpCommand('help [command]', 'what a command does');
}

function addWalletCommands(program: Command, add: Add): void {
  const wallet = program.command('wallet').description('accounts: keys, money, and who acts for them');
  add(wallet, 'create [name]', 'a new account; default: main', () => import('./wallet-create.ts'))
    .option('--words <count>', 'to write it down with: 12 or 24')
    .option('--from <account>', 'the next one from the words of that account')
    .option('--index <number>', 'which account of its words')
    .option(...PASSPHRASE_FILE);
  add(wallet, 'import [name]', 'an account from words, key or keystore', () => import('./wallet-import.ts'))
    .option('--from <file>', 'where it is, mode 0600, or - for standard input; default: ask')
    .option('--index <number>', 'which account of its words')
    .option(...PASSPHRASE_FILE);
  add(wallet, 'list', 'the accounts of this node', () => import('./wallet-list.ts'));
  add(wallet, 'unlock [account]', 'keep its key in an agent', () => import('./wallet-unlock.ts'))
    .option('--minutes <number>', 'for how long', '15')
    .option(...PASSPHRASE_FILE);
  add(wallet, 'lock', 'end the agent', () => import('./wallet-lock.ts'));
  add(wallet, 'delegate [account]', 'let a node act for it', () => import('./wallet-delegate.ts'))
    .option('--peer <id>', 'the node; default: this one')
    .option('--roles <list>', 'provider, broker, researcher, author', 'provider,broker')
    .option('--days <number>', 'for how long', '90')
    .option('--worker <address>', "the node's hot key; default: this node's")
    .option('--typed-data', 'print what a hardware wallet is to sign')
    .option('--signature <file>', 'what it has signed, or - for standard input')
    .option(...PASSPHRASE_FILE);
  add(wallet, 'balance [account]', 'what it has, and where', () => import('./wallet-balance.ts'));
  add(wallet, 'send <to> <amount>', 'tokens to an address', () => import('./wallet-send.ts'))
    .option('--ether', 'ether instead: what the hot key of a node pays gas with')
    .option(...ACCOUNT)
    .option(...PASSPHRASE_FILE);
  add(wallet, 'history [account]', 'what came and went', () => import('./wallet-history.ts')).option(
    '--limit <number>',
    'transfers at most',
    '20',
  );
  add(wallet, 'export [account]', 'its keystore into a file', () => import('./wallet-export.ts'))
    .option('--out <file>', 'a new file; default: named like the account')
    .option('--private-key', 'the key itself, in plain text')
    .option('--words', 'the words it comes from, in plain text')
    .option(...PASSPHRASE_FILE);
}

function readSet(given: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = given.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected member=value, such as provider.slots=2.');
  return { ...before, [given.slice(0, at)]: given.slice(at + 1) };
}

function exitHelp(): string {
  const lines = Object.entries(EXIT).map(([name, code]) => {
    return `  ${String(code).padEnd(4)} ${EXIT_MEANINGS[name as keyof typeof EXIT]}`;
  });
  return `\nExit codes:\n${lines.join('\n')}`;
}
