/** An error as a person meets it: what, and what to do. A stack only with `CONUN_DEBUG=1`. */

import type { WireFault } from '../../actors/index.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';

const EXIT_BY_CODE: Readonly<Record<string, number>> = {
  GRID_DAEMON_UNREACHABLE: EXIT.unreachable,
  GRID_CONFIG_INVALID: EXIT.usage,
  GRID_CONFIG_UNREADABLE: EXIT.usage,
  GRID_ARGUMENT_INVALID: EXIT.usage,
  GRID_QUESTION_LEFT: EXIT.interrupted,
  GRID_RESULTS_NOT_READY: EXIT.batchNotDone,
  GRID_BATCH_NOT_DONE: EXIT.batchNotDone,
};

/**
 * Writes the complaint and returns the exit code. Loads nothing: it must work when everything else is
 * broken.
 */
export function complain(thrown: unknown, io: Pick<Io, 'stderr' | 'env'>, json: boolean): number {
  const fault = wireOf(thrown);
  if (json) io.stderr.write(`${JSON.stringify(fault)}\n`);
  else io.stderr.write(`conun: ${fault.message} [${fault.code}]\n→ ${fault.todo}\n`);
  if (io.env['CONUN_DEBUG'] === '1' && thrown instanceof Error) io.stderr.write(`${stacks(thrown)}\n`);
  return EXIT_BY_CODE[fault.code] ?? EXIT.failed;
}

function wireOf(thrown: unknown): WireFault {
  if (isFault(thrown)) return thrown.toWire();
  const error = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : undefined;
  return {
    code: error?.code ?? 'GRID_UNEXPECTED',
    message: error?.message ?? String(thrown),
    todo: 'This is a defect of the program: run it again with CONUN_DEBUG=1 and report what it prints.',
    retry: false,
    details: {},
  };
}

/** By its form, so that the kernel need not be loaded to print a sentence. */
function isFault(thrown: unknown): thrown is { toWire(): WireFault } {
  return thrown instanceof Error && thrown.name === 'Fault' && 'toWire' in thrown;
}

function stacks(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stacks(error.cause)}` : '';
  return `${error.stack}${cause}`;
}
