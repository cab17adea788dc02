/** Spreads inspection events to whoever listens; costs one comparison when nobody does. */

import type { Clock } from './clock.ts';
import type { Inspection, Inspector } from './inspection.ts';

export class InspectionHub {
  readonly #clock: Clock;
  readonly #inspectors = new Set<Inspector>();

  constructor(clock: Clock, inspectors: readonly Inspector[]) {
    this.#clock = clock;
    for (const inspector of inspectors) this.#inspectors.add(inspector);
  }

  /** Whether an event is worth building. */
  get listening(): boolean {
    return this.#inspectors.size > 0;
  }

  /** Returns the end of the subscription. */
  subscribe(inspector: Inspector): () => void {
    this.#inspectors.add(inspector);
    return () => this.#inspectors.delete(inspector);
  }

  /** An inspector that throws is dropped: a broken dashboard must not break what it looks at. */
  emit(path: string, event: Inspection): void {
    if (!this.listening) return;
    const complete: Inspection = { ...event, path: event.path ?? path, at: event.at ?? this.#clock.now() };
    for (const inspector of [...this.#inspectors]) {
      try {
        inspector(complete);
      } catch (thrown) {
        this.#inspectors.delete(inspector);
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        this.emit(path, { topic: 'inspector.dropped', level: 'error', details: { reason } });
      }
    }
  }
}
