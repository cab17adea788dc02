/** A sandbox that falsifies what programs leave, every third time. */

import { outputDigest, type SandboxFactory, type TaskFile, type TaskOutcome } from '../../fabric/index.ts';

/** Lies every third time, as somebody would who hopes not to be noticed. */
const HONEST_BETWEEN_LIES = 2;

export function lying(honest: SandboxFactory): SandboxFactory {
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
