/**
 * What a researcher writes: `batch.yaml`. Only what it means is here; what is then computed follows from it,
 * the app's manifest and the inputs (`batch-spec.ts`).
 */

import { z } from 'zod';
import { parseAmount } from '../resource/index.ts';
import { inputName } from './manifest.ts';
import { duration, size } from './quantity.ts';
import { readYaml } from './yaml-text.ts';

/** `render@1.0.0`, or `render` for its newest version. */
const APP = /^[a-z][a-z0-9-]{0,39}(@[0-9][0-9A-Za-z.-]{0,63})?$/;

/** BOINC allows more; nobody was found to need more. */
const REPLICAS_MAX = 64;

const replicas = z
  .int({ error: `write a whole number from 1 to ${REPLICAS_MAX}` })
  .min(1, `write a whole number from 1 to ${REPLICAS_MAX}`)
  .max(REPLICAS_MAX, `write a whole number from 1 to ${REPLICAS_MAX}`);

const quorum = z
  .strictObject({
    min_quorum: replicas.default(2),
    target_nresults: replicas.optional(),
    max_error_results: replicas.default(3),
    max_total_results: replicas.optional(),
  })
  .transform((given, context) => {
    const { min_quorum: minQuorum, max_error_results: maxErrorResults } = given;
    const targetNresults = given.target_nresults ?? minQuorum;
    const maxTotalResults = given.max_total_results ?? Math.min(REPLICAS_MAX, targetNresults + 8);
    const refuse = (member: string, message: string) => {
      context.addIssue({ code: 'custom', path: [member], message });
    };
    if (targetNresults < minQuorum) refuse('target_nresults', `write at least min_quorum (${minQuorum})`);
    if (maxTotalResults < targetNresults) {
      refuse('max_total_results', `write at least target_nresults (${targetNresults})`);
    }
    return { minQuorum, targetNresults, maxErrorResults, maxTotalResults };
  });

const limits = z
  .strictObject({
    memory: size('64KiB', '4GiB').optional(),
    time: duration('100ms', '7d').optional(),
    output: size('0B', '1GiB').optional(),
    log: size('0B', '1MiB').optional(),
  })
  .transform(({ memory, time, output, log }) => ({
    ...(memory !== undefined && { memoryBytesMax: memory }),
    ...(time !== undefined && { runMsMax: time }),
    ...(output !== undefined && { outputBytesMax: output }),
    ...(log !== undefined && { logBytesMax: log }),
  }));

const amount = () =>
  z
    .union([z.string(), z.int()], { error: 'write an amount of tokens, like 12.5 in quotes' })
    .transform((given, context) => {
      const value = parseAmount(String(given));
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: 'write an amount of tokens, like "12.5"' });
      return z.NEVER;
    });

/** What the batch may cost, on a grid with money. The windows are those of docs/money.md. */
const pay = z.strictObject({
  budget: amount(),
  /** Of each provider: what it loses when a quorum proves a lie. */
  stake: amount().prefault(0),
  /** Until then results are paid for; a batch that takes longer ends with what it has. */
  work: duration('10m', '20d').prefault('24h'),
  window: duration('10m', '3d').prefault('1h'),
});

const schema = z.strictObject({
  app: z.string({ error: 'write name@version' }).regex(APP, 'write name@version, like render@1.0.0'),
  name: z
    .string({ error: 'write a few words' })
    .min(1, 'write a few words')
    .max(80, 'write at most 80 characters'),
  parameters: z.record(z.string(), z.json(), { error: 'write members as `name: value`' }).default({}),
  inputs: z
    .record(inputName(), z.string({ error: 'write the path of a file' }).min(1).max(4_096), {
      error: 'write members as `name: path`',
    })
    .default({}),
  quorum: quorum.prefault({}),
  /** From assignment until a replica counts as lost; longer than `limits.time`. */
  delay_bound: duration('1s', '30d').default(3_600_000),
  limits: limits.prefault({}),
  pay: pay.optional(),
  priority: z
    .int({ error: 'write a whole number from -10 to 10' })
    .min(-10, 'write a whole number from -10 to 10')
    .max(10, 'write a whole number from -10 to 10')
    .default(0),
});

export type BatchFile = Readonly<z.output<typeof schema>>;

/** `file` is how messages name it. Throws `APPLICATION_FILE_INVALID` with line, column, member and advice. */
export function parseBatchFile(text: string, file = 'batch.yaml'): BatchFile {
  return readYaml(file, text, schema);
}
