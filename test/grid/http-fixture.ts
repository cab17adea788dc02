/** One request as it goes over the wire, and its answer. */

import { once } from 'node:events';
import { type OutgoingHttpHeaders, type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

export async function send(options: RequestOptions, body: string | Buffer = ''): Promise<Answer> {
  const outgoing = request({ ...options, agent: false });
  // A refused body breaks off while it is sent; the answer is what counts.
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}
