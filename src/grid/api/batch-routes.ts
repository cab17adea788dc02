/** Routes of researchers: batches, their units, and the files they end in. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { BatchId, UnitIndex, UnitResult } from '../../collective/index.ts';
import type { Cid, TaskFile } from '../../fabric/index.ts';
import { gridErrors } from '../errors.ts';
import type { GridNode } from '../node.ts';
import { sendContent } from './content-routes.ts';
import { batchParams, fileParams, reasonBody, submitBody, unitParams, unitsQuery } from './schemas.ts';

type BatchParams = z.infer<typeof batchParams>;
const tags = ['batches'];

export function batchRoutes(app: FastifyInstance, node: GridNode): void {
  dealRoute(app, node);
  app.post<{ Body: z.infer<typeof submitBody> }>(
    '/v1/batches',
    { schema: { summary: 'Submit a batch; answered once it is durable', tags, body: submitBody } },
    async (request, reply) => {
      const inputs = request.body.inputs as Record<string, Cid>;
      return reply.code(201).send(await node.api.submit({ file: request.body.file, inputs }));
    },
  );
  app.get('/v1/batches', { schema: { summary: 'All batches brokered here', tags } }, async () =>
    node.api.list(),
  );
  app.get<{ Params: BatchParams }>(
    '/v1/batches/:batch',
    { schema: { summary: 'One batch', tags, params: batchParams } },
    async (request) => node.api.show(request.params.batch as BatchId),
  );
  app.post<{ Params: BatchParams; Body: z.infer<typeof reasonBody> }>(
    '/v1/batches/:batch/cancel',
    { schema: { summary: 'Cancel a batch', tags, params: batchParams, body: reasonBody } },
    async (request) => node.api.cancel(request.params.batch as BatchId, request.body.reason),
  );
  app.get<{ Params: BatchParams; Querystring: z.infer<typeof unitsQuery> }>(
    '/v1/batches/:batch/units',
    {
      schema: {
        summary: 'Verdicts with the provenance of each replica, in unit order',
        tags,
        params: batchParams,
        querystring: unitsQuery,
      },
    },
    async (request) => {
      const { after, limit, outputs } = request.query;
      const page = after === undefined ? { limit } : { limit, after: after as UnitIndex };
      const units = await node.api.units(request.params.batch as BatchId, page);
      return outputs ? units : units.map(withoutOutput);
    },
  );
  app.get<{ Params: z.infer<typeof unitParams> }>(
    '/v1/batches/:batch/units/:unit/explanation',
    { schema: { summary: 'Why a unit is where it is', tags, params: unitParams } },
    async (request) => node.api.explain(request.params.batch as BatchId, request.params.unit as UnitIndex),
  );
  app.get<{ Params: z.infer<typeof fileParams> }>(
    '/v1/batches/:batch/files/*',
    {
      schema: {
        summary: 'One file of the result',
        tags,
        params: fileParams,
        produces: ['application/octet-stream'],
      },
    },
    async (request, reply) => {
      const view = await node.api.show(request.params.batch as BatchId);
      const path = request.params['*'];
      const file = view.files.find((candidate) => candidate.path === path);
      if (file === undefined) throw gridErrors.GRID_API_FILE_UNKNOWN({ batch: view.batch, path });
      return sendFile(node, file, reply);
    },
  );
}

function dealRoute(app: FastifyInstance, node: GridNode): void {
  app.get<{ Params: BatchParams }>(
    '/v1/batches/:batch/deal',
    { schema: { summary: 'The deal that pays for it; null where none does', tags, params: batchParams } },
    async (request) => {
      const batch = request.params.batch as BatchId;
      // Asked first, so that an unknown batch is a fault and not one that nobody pays for.
      await node.api.show(batch);
      return node.deal(batch);
    },
  );
}

async function sendFile(node: GridNode, file: TaskFile, reply: FastifyReply): Promise<unknown> {
  if ('cid' in file.content) return sendContent(node, file.content.cid, reply);
  return reply.type('application/octet-stream').send(Buffer.from(file.content.inline));
}

function withoutOutput(unit: UnitResult): UnitResult {
  const { output: _left, ...rest } = unit;
  return rest;
}
