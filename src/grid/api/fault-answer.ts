/** A refusal as HTTP: whatever was thrown becomes a fault in JSON and a status that says whose turn it is. */

import { Fault, type WireFault } from '../../actors/index.ts';
import { gridErrors } from '../errors.ts';

/** What the answer names of a request; fastify's request has it. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly routeOptions?: { readonly bodyLimit?: number | undefined };
}

export interface FaultAnswer {
  readonly status: number;
  readonly fault: Fault;
}

/** By the last words of a code, which all layers choose alike. The first that fits decides. */
const STATUS_BY_ENDING: readonly (readonly [ending: RegExp, status: number])[] = [
  [/_UNAUTHORIZED$/, 401],
  [/_(REFUSED|EXCLUDED|DENIED)$/, 403],
  [/_(UNKNOWN|NOT_FOUND|MISSING|GONE)$/, 404],
  [/_(CONFLICT|EXISTS|TAKEN|RUNNING|NOT_READY|NOT_DONE|ENDED)$/, 409],
  [/_TOO_(LARGE|LONG|MANY)$/, 413],
  [/_QUOTA$/, 507],
  [/_INTERNAL$/, 500],
];

export function faultAnswer(thrown: unknown, request: Asked): FaultAnswer {
  const fault = asFault(thrown, request);
  const byEnding = STATUS_BY_ENDING.find(([ending]) => ending.test(fault.code));
  // What may succeed later is the daemon's state; the rest is what the caller asked for.
  return { fault, status: byEnding?.[1] ?? (fault.retry ? 503 : 400) };
}

export function faultJson(fault: Fault): WireFault {
  return fault.toWire();
}

function asFault(thrown: unknown, request: Asked): Fault {
  if (thrown instanceof Fault) return thrown;
  const error = (thrown ?? {}) as { statusCode?: number; message?: string };
  const reason = error.message ?? String(thrown);
  if (error.statusCode === 404) {
    const path = request.url.split('?')[0]!;
    return gridErrors.GRID_API_ROUTE_UNKNOWN({ method: request.method, path });
  }
  if (error.statusCode === 413) {
    return gridErrors.GRID_API_BODY_TOO_LARGE({ bytesMax: request.routeOptions?.bodyLimit ?? 0 }, thrown);
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return gridErrors.GRID_API_REQUEST_INVALID({ reason }, thrown);
  }
  return gridErrors.GRID_API_INTERNAL({ reason }, thrown);
}
