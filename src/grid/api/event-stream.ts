/**
 * Events to one reader as lines of JSON, bounded: a reader that does not keep up loses the oldest lines, and
 * is told how many. The node never waits for a reader, and what one turn tells it is one write: the present
 * of a broker with a thousand batches is a thousand lines.
 */

import type { Writable } from 'node:stream';
import { toJson } from './codec.ts';

/** Enough for a dashboard that stalls for seconds at a hundred events a second; about 300 KB at most. */
const LINES_MAX = 1_024;

export class EventStream {
  readonly #out: Writable;
  readonly #waiting: string[] = [];
  #dropped = 0;
  #flushing = false;
  #blocked = false;

  constructor(out: Writable) {
    this.#out = out;
    out.on('drain', () => this.#flush());
  }

  send(event: unknown): void {
    if (this.#out.writableEnded || this.#out.destroyed) return;
    if (this.#waiting.length === LINES_MAX) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(`${toJson(event)}\n`);
    if (this.#flushing || this.#blocked) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#out.writableEnded || this.#out.destroyed) return;
    if (this.#dropped > 0) {
      this.#waiting.unshift(`${toJson({ topic: 'stream.dropped', details: { lines: this.#dropped } })}\n`);
      this.#dropped = 0;
    }
    this.#blocked = this.#waiting.length > 0 && !this.#out.write(this.#waiting.splice(0).join(''));
  }
}
