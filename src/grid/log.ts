/**
 * The node's log: inspection events written as structured lines by pino. The only file that imports it.
 *
 * Nothing secret reaches a log line: members whose names are those of secrets are replaced, whoever wrote
 * them.
 */

import { pino } from 'pino';
import type { Fault, FaultDetails, Inspection, Inspector } from '../actors/index.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly format: 'json' | 'text';
  /** The node's name, on each line. */
  readonly name: string;
  /** Takes whole lines; standard output when left out. */
  readonly write?: (line: string) => void;
}

export interface Log {
  /** Hand this to `GridNode.subscribe` or the actor system's `inspect`. */
  readonly inspector: Inspector;
  info(message: string, details?: FaultDetails): void;
  fault(fault: Fault): void;
}

/** Names, at any of the first levels, whose values never leave the process. */
const SECRETS = ['token', 'secret', 'password', 'passphrase', 'privateKey', 'key', 'authorization'];
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export function createLog(options: LogOptions): Log {
  const write = options.write ?? ((line: string) => void process.stdout.write(line));
  const format = options.format === 'text' ? (line: string) => write(asText(line)) : write;
  const logger = pino(
    {
      level: options.level,
      base: { node: options.name },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: REDACTED, censor: '(hidden)' },
    },
    { write: format },
  );
  return {
    inspector(event: Inspection): void {
      const level = event.level ?? (event.fault === undefined ? 'debug' : 'warn');
      if (!logger.isLevelEnabled(level)) return;
      const { topic, path, details, fault } = event;
      logger[level]({ topic, path, details, fault }, fault?.message ?? topic);
    },
    info(message, details) {
      logger.info({ details }, message);
    },
    fault(fault) {
      // The stack stays on this machine, and this is where whoever repairs a defect looks for it.
      const cause = fault.cause instanceof Error ? fault.cause.stack : undefined;
      logger.error({ fault: fault.toWire(), cause }, fault.message);
    },
  };
}

interface Line {
  readonly level: string;
  readonly time: string;
  readonly message: string;
  readonly path?: string;
  readonly details?: FaultDetails;
  readonly fault?: { readonly code: string };
}

function asText(line: string): string {
  const { level, time, message, path, details, fault } = JSON.parse(line) as Line;
  const clock = time.slice(11, 23);
  const members = Object.entries(details ?? {}).map(([name, value]) => `${name}=${value}`);
  const code = fault === undefined ? [] : [`[${fault.code}]`];
  return `${[clock, level.padEnd(5), message, ...code, ...members, path ?? ''].join(' ').trimEnd()}\n`;
}
