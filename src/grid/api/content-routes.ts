/** Routes for bytes: stored under their address, and read by it. */

import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Bytes } from '../../actors/index.ts';
import type { Cid } from '../../fabric/index.ts';
import { gridErrors } from '../errors.ts';
import type { GridNode } from '../node.ts';
import { CONTENT_BYTES_MAX } from './content-limit.ts';
import { contentParams } from './schemas.ts';

export function contentRoutes(app: FastifyInstance, node: GridNode): void {
  // Left unread, so that the handler can stop in the middle of a body that is too large.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.put<{ Body: Readable }>(
    '/v1/content',
    {
      schema: { summary: 'Store bytes', tags: ['content'], consumes: ['application/octet-stream'] },
    },
    async (request, reply) => {
      const announced = Number(request.headers['content-length'] ?? 0);
      const bytes = await readBounded(request.body, announced, CONTENT_BYTES_MAX);
      return reply.code(201).send({ cid: await node.content.put(bytes), bytes: bytes.length });
    },
  );
  app.get<{ Params: z.infer<typeof contentParams> }>(
    '/v1/content/:cid',
    {
      schema: {
        summary: 'Bytes by their address, from here or from a connected peer',
        tags: ['content'],
        params: contentParams,
        produces: ['application/octet-stream'],
      },
    },
    async (request, reply) => sendContent(node, request.params.cid as Cid, reply),
  );
}

/** Stops looking when the caller hangs up. */
export async function sendContent(node: GridNode, cid: Cid, reply: FastifyReply): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const bytes = await node.content.get(cid, { bytesMax: CONTENT_BYTES_MAX, signal: gone.signal });
  return reply
    .type('application/octet-stream')
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Refuses at the announcement, or in the middle of a body that is longer than it said or said nothing. */
async function readBounded(body: Readable, announced: Bytes, bytesMax: Bytes): Promise<Uint8Array> {
  if (announced > bytesMax) throw gridErrors.GRID_API_BODY_TOO_LARGE({ bytesMax });
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > bytesMax) throw gridErrors.GRID_API_BODY_TOO_LARGE({ bytesMax });
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}
