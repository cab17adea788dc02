/**
 * The node's local API: HTTP with JSON, described by OpenAPI at `/v1/openapi.json`. The command line, the
 * dashboard and pages use it and nothing else.
 *
 * What always holds: a request is bounded and of its schema before it reaches the node; every refusal is a
 * fault in JSON; over TCP nothing is served without the token.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import fastifySwagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifySchema } from 'fastify';
import { z } from 'zod';
import { type Fault, KIB } from '../../actors/index.ts';
import { gridErrors } from '../errors.ts';
import type { GridNode } from '../node.ts';
import { batchRoutes } from './batch-routes.ts';
import { fromJson, toJson } from './codec.ts';
import { contentRoutes } from './content-routes.ts';
import { faultAnswer, faultJson } from './fault-answer.ts';
import { carriesToken, listenOnLoopback, listenOnSocket, readToken } from './local-socket.ts';
import { nodeRoutes } from './node-routes.ts';
import { faultAnswer as faultSchema } from './schemas.ts';

/** A batch file is text written by a person; 256 KiB of it, plus what JSON adds. */
const JSON_BYTES_MAX = 512 * KIB;

export interface ApiOptions {
  readonly node: GridNode;
  readonly socket: string;
  /** `null`: only the Unix socket. */
  readonly tcpPort: number | null;
  /** Read only when there is a TCP port. */
  readonly tokenFile: string;
  /** Called once when somebody asks the daemon to end, after the answer has left. */
  readonly shutdown: () => void;
  /** Gets each refusal that is a defect of ours, for the log. */
  readonly defect: (fault: Fault) => void;
}

export interface ApiServer {
  readonly socket: string;
  readonly tcpPort: number | null;
  /** Ends all connections and removes the socket. Idempotent. */
  close(): Promise<void>;
}

/** Rejects with `GRID_DAEMON_RUNNING`, `GRID_SOCKET_PATH_TOO_LONG` or `GRID_TOKEN_FILE_UNSAFE`. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const token = options.tcpPort === null ? undefined : await readToken(options.tokenFile);
  const app = await routing(options);
  await app.ready();
  const local = createServer((request, response) => app.routing(request, response));
  const servers: Server[] = [local];
  let tcpPort: number | null = null;
  await listenOnSocket(local, options.socket);
  if (token !== undefined && options.tcpPort !== null) {
    const remote = createServer((request, response) => {
      if (carriesToken(request, token)) app.routing(request, response);
      else refuse(request, response, gridErrors.GRID_API_UNAUTHORIZED());
    });
    servers.push(remote);
    tcpPort = await listenOnLoopback(remote, options.tcpPort).catch(async (error: unknown) => {
      await closeAll(servers);
      throw error;
    });
  }
  return {
    socket: options.socket,
    tcpPort,
    async close() {
      await closeAll(servers);
      await app.close();
    },
  };
}

async function routing(options: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: false, bodyLimit: JSON_BYTES_MAX, exposeHeadRoutes: false });
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const [issue] = parsed.error.issues;
    const at = [httpPart, ...(issue?.path ?? [])].join('.');
    return { error: gridErrors.GRID_API_REQUEST_INVALID({ reason: `${at}: ${issue?.message}` }) };
  });
  app.setSerializerCompiler(() => toJson);
  app.setReplySerializer((payload) => toJson(payload));
  app.setErrorHandler((error, request, reply) => {
    const { status, fault } = faultAnswer(error, request);
    if (status === 500) options.defect(fault);
    return reply.code(status).type('application/json').send(faultJson(fault));
  });
  app.setNotFoundHandler((request, reply) => {
    const { status, fault } = faultAnswer({ statusCode: 404 }, request);
    return reply.code(status).send(faultJson(fault));
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, fromJson(text));
    } catch (error) {
      done(gridErrors.GRID_API_REQUEST_INVALID({ reason: (error as Error).message }));
    }
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'CONUN local API', version: options.node.identity().version },
    },
    transform: ({ schema, url }) => ({ schema: described(schema), url }),
  });
  // Inside a plugin, so that the description sees the routes.
  await app.register(async (scope) => {
    nodeRoutes(scope, options);
    batchRoutes(scope, options.node);
    contentRoutes(scope, options.node);
    scope.get('/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  });
  return app;
}

/** A route's schema with JSON schemas in the place of zod's, for OpenAPI. */
function described(schema: FastifySchema): FastifySchema {
  const json = (part: unknown) =>
    part instanceof z.ZodType
      ? z.toJSONSchema(part, { target: 'openapi-3.0', unrepresentable: 'any', io: 'input' })
      : part;
  const { body, params, querystring, ...rest } = schema;
  return {
    ...rest,
    ...(body === undefined ? {} : { body: json(body) }),
    ...(params === undefined ? {} : { params: json(params) }),
    ...(querystring === undefined ? {} : { querystring: json(querystring) }),
    response: {
      '2xx': { description: 'Done.' },
      default: { ...(json(faultSchema) as object) },
    },
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  // The body is not read: the connection is of no further use.
  request.resume();
  response.writeHead(401, { 'content-type': 'application/json', connection: 'close' });
  response.end(toJson(faultJson(fault)));
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
