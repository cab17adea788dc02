/**
 * A provider that lies: the whole node of the daemon, composed with a sandbox that falsifies what programs
 * leave.
 *
 * It signs its lies, its digests are those of the falsified bytes, and it keeps to the protocol in every
 * other way; only comparison with honest replicas can tell. The daemon has no switch for this: it is another
 * program.
 */

import type { SandboxFactory, TaskFile, TaskOutcome } from '../../fabric/index.ts';
import { outputDigest } from '../../fabric/index.ts';
import { loadConfig } from '../config.ts';
import { runDaemon } from '../daemon.ts';
import { daemonArguments } from './daemon-arguments.ts';

/** Lies every third time, as somebody would who hopes not to be noticed. */
const HONEST_BETWEEN_LIES = 2;

function lying(honest: SandboxFactory): SandboxFactory {
  let seen = 0;
  const say = (outcome: TaskOutcome): TaskOutcome => {
    seen += 1;
    return seen % (HONEST_BETWEEN_LIES + 1) === 0 ? falsified(outcome) : outcome;
  };
  return (reports) => honest({ ...reports, outcomes: (outcomes) => reports.outcomes(outcomes.map(say)) });
}

function falsified(outcome: TaskOutcome): TaskOutcome {
  if (outcome.status !== 'succeeded') return outcome;
  const output = { ...outcome.output, files: outcome.output.files.map(inverted) };
  return { ...outcome, output, digest: outputDigest(output) };
}

function inverted(file: TaskFile): TaskFile {
  if (!('inline' in file.content)) return file;
  return { ...file, content: { inline: file.content.inline.map((byte) => 255 - byte) } };
}

const { home, flags } = daemonArguments(process.argv.slice(2));
const { config } = await loadConfig({ home, flags });
await runDaemon(config, { sandbox: lying });
