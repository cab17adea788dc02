/** Routes about the node itself: who it is, what it does, its events, and its switches. */

import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { GridNode } from '../node.ts';
import { EventStream } from './event-stream.ts';
import { eventsQuery, publishBody, reasonBody } from './schemas.ts';
import type { SignedManifest } from '../../application/index.ts';
import type { BatchId } from '../../collective/index.ts';

type EventsQuery = z.infer<typeof eventsQuery>;

interface NodeRouteOptions {
  readonly node: GridNode;
  readonly shutdown: () => void;
}

export function nodeRoutes(app: FastifyInstance, { node, shutdown }: NodeRouteOptions): void {
  const read = (path: string, summary: string, answer: () => unknown) =>
    app.get(path, { schema: { summary, tags: ['node'] } }, async () => answer());

  read('/v1/node', 'Who this node is', () => node.identity());
  read('/v1/machine', 'What the machine has, its readings, and what the governor says', () => node.machine());
  read('/v1/tasks', 'Tasks running and queued here', () => node.tasks());
  read('/v1/leases', 'Leases this machine works under', () => node.leases());
  read('/v1/credit', 'Work done here, as metered; null on a node that is no provider', () => node.credit());
  read('/v1/earnings', 'Pay for work done here; null where it is for credit alone', () => node.earnings());
  read('/v1/peers', 'Peers this node knows', () => node.peers());
  read('/v1/providers', 'Providers that serve the batches brokered here', () => node.api.providers());
  read('/v1/apps', 'Published apps', () => node.api.apps());

  app.post<{ Body: z.infer<typeof publishBody> }>(
    '/v1/apps',
    { schema: { summary: 'Publish an app', tags: ['apps'], body: publishBody } },
    // Its shape is judged by the registry, which has to do so for apps from peers too.
    async (request) => node.api.publish(request.body as unknown as SignedManifest),
  );
  app.post<{ Body: z.infer<typeof reasonBody> }>(
    '/v1/pause',
    { schema: { summary: 'Suspend all execution until resume', tags: ['node'], body: reasonBody } },
    async (request) => {
      await node.pause(request.body.reason);
      return (await node.machine()).governor;
    },
  );
  app.post(
    '/v1/resume',
    { schema: { summary: 'Let the governor judge again', tags: ['node'] } },
    async () => {
      await node.resume();
      return (await node.machine()).governor;
    },
  );
  app.post(
    '/v1/shutdown',
    { schema: { summary: 'End the daemon', tags: ['node'] } },
    async (_request, reply) => {
      reply.raw.once('close', shutdown);
      return reply.code(202).send({ ending: true });
    },
  );
  app.get<{ Querystring: EventsQuery }>(
    '/v1/events',
    {
      schema: {
        summary: 'Events from now on, one JSON object a line, after the present state or the recent events',
        tags: ['node'],
        querystring: eventsQuery,
        produces: ['application/x-ndjson'],
      },
    },
    (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
      reply.raw.flushHeaders();
      const stream = new EventStream(reply.raw);
      const end = follow(node, request.query, stream);
      reply.raw.once('close', end);
    },
  );
}

/** Subscribed first and the present sent after, so that no change falls between the two. */
function follow(node: GridNode, what: EventsQuery, stream: EventStream): () => void {
  if (what.follow === 'inspection') {
    for (const event of node.recent()) stream.send(event);
    return node.subscribe((event) => stream.send(event));
  }
  const { batch } = what;
  const wanted = (named: BatchId) => batch === undefined || batch === named;
  const end = node.api.follow((news) => {
    if (wanted(news.type === 'changed' ? news.view.batch : news.batch)) stream.send(news);
  });
  const present = batch === undefined ? node.api.list() : node.api.show(batch as BatchId).then((it) => [it]);
  // A broker that cannot tell says so in its answers; the stream just begins with the next change.
  present.then(
    (views) => {
      for (const view of views) stream.send({ type: 'changed', view });
    },
    () => undefined,
  );
  return end;
}
