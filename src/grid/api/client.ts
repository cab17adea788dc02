/**
 * The local API from the other side: what the command line and the dashboard call. Small and typed by the
 * same interfaces; a refusal comes back as the fault the daemon made.
 */

import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { Readable } from 'node:stream';
import { Fault, type Inspection, MIB, type WireFault } from '../../actors/index.ts';
import type { AppView, SignedManifest, SubmitRequest } from '../../application/index.ts';
import type {
  BatchDeal,
  BatchNews,
  BatchView,
  Explanation,
  ProviderView,
  UnitResult,
} from '../../collective/index.ts';
import type { PeerView } from '../../connectivity/index.ts';
import type { Cid } from '../../fabric/index.ts';
import type { EarningsView } from '../../resource/index.ts';
import { gridErrors } from '../errors.ts';
import type {
  CreditView,
  GovernorView,
  HeldLeaseView,
  IdentityView,
  MachineView,
  TaskView,
} from '../node.ts';
import type { Plain } from '../plain.ts';
import { CONTENT_BYTES_MAX } from './content-limit.ts';
import { fromJson, toJson } from './codec.ts';

/** The daemon is ours, and yet an answer has a bound: a page of 500 units with outputs fits. */
const ANSWER_BYTES_MAX = 64 * MIB;

export interface UnitPage {
  readonly after?: number;
  readonly limit?: number;
  readonly outputs?: boolean;
}

export interface ApiClient {
  readonly socket: string;
  node(): Promise<IdentityView>;
  machine(): Promise<MachineView>;
  tasks(): Promise<readonly TaskView[]>;
  leases(): Promise<readonly HeldLeaseView[]>;
  credit(): Promise<CreditView | null>;
  earnings(): Promise<Plain<EarningsView> | null>;
  peers(): Promise<readonly PeerView[]>;
  providers(): Promise<readonly ProviderView[]>;
  apps(): Promise<readonly AppView[]>;
  publish(app: SignedManifest): Promise<AppView>;
  pause(reason: string): Promise<GovernorView>;
  resume(): Promise<GovernorView>;
  shutdown(): Promise<void>;
  putContent(bytes: Uint8Array | Readable): Promise<{ readonly cid: Cid; readonly bytes: number }>;
  getContent(cid: Cid): Promise<Readable>;
  submit(request: SubmitRequest): Promise<BatchView>;
  batches(): Promise<readonly BatchView[]>;
  batch(batch: string): Promise<BatchView>;
  deal(batch: string): Promise<Plain<BatchDeal> | null>;
  cancel(batch: string, reason: string): Promise<BatchView>;
  explain(batch: string, unit: number): Promise<Explanation>;
  units(batch: string, page?: UnitPage): Promise<readonly UnitResult[]>;
  file(batch: string, path: string): Promise<Readable>;
  /** Begins with the present state. Ends when `signal` aborts; rejects when the daemon goes. */
  followBatches(signal: AbortSignal, batch?: string): AsyncIterable<BatchNews>;
  /** Begins with the recent events. */
  followInspection(signal: AbortSignal): AsyncIterable<Inspection>;
}

/**
 * Units asked for at once: small enough to answer in a moment, large enough that a million take 2 000 calls.
 */
const PAGE = 500;

/** The results of all units of a batch, by and by. */
export async function* allUnits(client: ApiClient, batch: string): AsyncIterable<UnitResult> {
  let after: number | undefined;
  for (;;) {
    const page = await client.units(batch, after === undefined ? { limit: PAGE } : { limit: PAGE, after });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.unit;
  }
}

/**
 * Nothing is dialled before the first call. Calls reject with `GRID_DAEMON_UNREACHABLE`, or the daemon's own
 * fault.
 */
export function apiClient(socket: string): ApiClient {
  const door = new Door(socket);
  const at = (batch: string) => `/v1/batches/${encodeURIComponent(batch)}`;
  return {
    socket,
    node: () => door.get('/v1/node'),
    machine: () => door.get('/v1/machine'),
    tasks: () => door.get('/v1/tasks'),
    leases: () => door.get('/v1/leases'),
    credit: () => door.get('/v1/credit'),
    earnings: () => door.get('/v1/earnings'),
    peers: () => door.get('/v1/peers'),
    providers: () => door.get('/v1/providers'),
    apps: () => door.get('/v1/apps'),
    publish: (app) => door.post('/v1/apps', app),
    pause: (reason) => door.post('/v1/pause', { reason }),
    resume: () => door.post('/v1/resume'),
    shutdown: () => door.post('/v1/shutdown'),
    putContent: (bytes) => door.put('/v1/content', bytes),
    getContent: (cid) => door.open(`/v1/content/${encodeURIComponent(cid)}`),
    submit: (body) => door.post('/v1/batches', body),
    batches: () => door.get('/v1/batches'),
    batch: (batch) => door.get(at(batch)),
    deal: (batch) => door.get(`${at(batch)}/deal`),
    cancel: (batch, reason) => door.post(`${at(batch)}/cancel`, { reason }),
    explain: (batch, unit) => door.get(`${at(batch)}/units/${unit}/explanation`),
    units: (batch, page = {}) => door.get(`${at(batch)}/units?${query(page)}`),
    file: (batch, path) =>
      door.open(`${at(batch)}/files/${path.split('/').map(encodeURIComponent).join('/')}`),
    followBatches: (signal, batch) =>
      door.lines(`/v1/events?${query({ follow: 'batches', batch })}`, signal) as AsyncIterable<BatchNews>,
    followInspection: (signal) =>
      door.lines('/v1/events?follow=inspection', signal) as AsyncIterable<Inspection>,
  };
}

function query(members: object): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/**
 * One request at a time over the socket; answers are the daemon's own values, so they are trusted once read.
 */
class Door {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#call({ method: 'GET', path });
  }

  post<Answer>(path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return this.#call({ method: 'POST', path });
    return this.#call(
      { method: 'POST', path, headers: { 'content-type': 'application/json' } },
      toJson(body),
    );
  }

  async put<Answer>(path: string, body: Uint8Array | Readable): Promise<Answer> {
    if (body instanceof Uint8Array && body.length > CONTENT_BYTES_MAX) {
      throw gridErrors.GRID_API_BODY_TOO_LARGE({ bytesMax: CONTENT_BYTES_MAX });
    }
    const headers = { 'content-type': 'application/octet-stream' };
    return this.#call({ method: 'PUT', path, headers }, body);
  }

  async open(path: string): Promise<Readable> {
    return this.#send({ method: 'GET', path });
  }

  async *lines(path: string, signal: AbortSignal): AsyncIterable<unknown> {
    try {
      const answer = await this.#send({ method: 'GET', path, signal });
      for await (const line of linesOf(answer)) yield this.#parse(line);
    } catch (error) {
      if (!signal.aborted) throw this.#broken(error);
    }
    if (!signal.aborted) throw gridErrors.GRID_API_INTERRUPTED({ reason: 'the stream of events ended' });
  }

  async #call<Answer>(options: RequestOptions, body?: string | Uint8Array | Readable): Promise<Answer> {
    const answer = await this.#send(options, body);
    return this.#parse(await this.#text(answer)) as Answer;
  }

  /** Resolves to a successful answer whose body is still to be read. */
  async #send(options: RequestOptions, body?: string | Uint8Array | Readable): Promise<IncomingMessage> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      // A connection for each: one that is kept may be half closed by a daemon that restarts.
      const outgoing = request({ ...options, socketPath: this.#socket, agent: false }, resolve);
      outgoing.once('error', (error) => reject(this.#broken(error)));
      if (body instanceof Readable) {
        body.once('error', (error) => outgoing.destroy(error));
        body.pipe(outgoing);
      } else outgoing.end(body);
    });
    if (answer.statusCode !== undefined && answer.statusCode < 300) return answer;
    const fault = this.#parse(await this.#text(answer)) as WireFault;
    throw typeof fault?.code === 'string' ? Fault.fromWire(fault) : this.#unreadable('it is no fault');
  }

  async #text(answer: IncomingMessage): Promise<string> {
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const part of answer as AsyncIterable<Buffer>) {
        length += part.length;
        if (length > ANSWER_BYTES_MAX) throw this.#unreadable(`it has more than ${ANSWER_BYTES_MAX} bytes`);
        parts.push(part);
      }
    } catch (error) {
      throw this.#broken(error);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  #parse(text: string): unknown {
    try {
      return fromJson(text);
    } catch (error) {
      throw this.#unreadable((error as Error).message);
    }
  }

  #unreadable(reason: string): Fault {
    return gridErrors.GRID_API_ANSWER_INVALID({ socket: this.#socket, reason });
  }

  #broken(error: unknown): Fault {
    if (error instanceof Fault) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') {
      return gridErrors.GRID_DAEMON_UNREACHABLE({ socket: this.#socket }, error);
    }
    return gridErrors.GRID_API_INTERRUPTED({ reason: message }, error);
  }
}

/**
 * Not by `node:readline`: its interface throws from the event loop when the stream breaks while nobody reads.
 */
async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  let rest = '';
  for await (const text of answer as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    if (rest.length > ANSWER_BYTES_MAX)
      throw gridErrors.GRID_API_INTERRUPTED({ reason: 'a line has no end' });
    yield* lines;
  }
}
