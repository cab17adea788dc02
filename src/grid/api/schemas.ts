/**
 * What requests may say, once: fastify validates with these schemas and OpenAPI describes them.
 *
 * They bound and shape; what a batch file or a manifest means is judged by the application layer behind.
 */

import { z } from 'zod';

const bytes = z
  .instanceof(Uint8Array)
  .meta({ description: 'Bytes in DAG-JSON: {"/": {"bytes": "<base64>"}}.' });
const cid = z.string().regex(/^[a-z2-7]{20,128}$/, 'expected a CIDv1 in base32');
const batch = z.string().regex(/^[\w-]{1,64}$/, 'expected a batch id');
const sentence = z.string().min(1).max(500);

export const contentParams = z.strictObject({ cid });
export const batchParams = z.strictObject({ batch });
export const fileParams = z.strictObject({ batch, '*': z.string().min(1).max(255) });
export const unitParams = z.strictObject({ batch, unit: z.coerce.number().int().nonnegative() });

export const submitBody = z.strictObject({
  file: z.string().max(262_144).meta({ description: 'The batch file, YAML.' }),
  inputs: z
    .record(z.string().max(255), cid)
    .refine((inputs) => Object.keys(inputs).length <= 256, 'at most 256 inputs')
    .meta({ description: 'Each input the batch file names, stored before with PUT /v1/content.' }),
});

export const publishBody = z.strictObject({
  manifest: z.looseObject({}).meta({ description: 'As `conun app build` writes it.' }),
  author: z.string().max(128),
  signature: bytes,
});

export const reasonBody = z.strictObject({ reason: sentence });

export const unitsQuery = z.strictObject({
  after: z.coerce.number().int().nonnegative().optional().meta({ description: 'Exclusive.' }),
  // 500 verdicts with inline outputs of 32 KiB stay under 22 MB of JSON.
  limit: z.coerce.number().int().min(1).max(500).default(100),
  outputs: z.stringbool().default(false).meta({ description: 'Whether to send outputs too.' }),
});

export const eventsQuery = z.strictObject({
  follow: z.enum(['batches', 'inspection']).default('inspection'),
  batch: batch.optional().meta({ description: 'Only news of this batch.' }),
});

/** What every refusal looks like; the shape of `WireFault`. */
export const faultAnswer = z
  .object({
    code: z.string(),
    message: z.string(),
    todo: z.string(),
    retry: z.boolean(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ description: 'What is wrong, and what to do.' });
