/**
 * What a broker asks of the application: units to draw, outputs to compare, results to merge. All of it is
 * slow, foreign and may fail: it runs beside the turns, and comes back as mail.
 */

import {
  type Context,
  type Digest,
  Fault,
  type FaultDetails,
  type MakeFault,
  type Journal,
  type Milliseconds,
  MINUTE_MS,
  SECOND_MS,
  unreachable,
} from '../actors/index.ts';
import type { TaskFile } from '../fabric/index.ts';
import type { Comparator, Merger, UnitSource } from './batch.ts';
import { roomFor } from './batch-state.ts';
import type { AskedComparison, Book, KeptBatch } from './book.ts';
import { comparisonUnderWay } from './ballots.ts';
import { collectiveErrors } from './errors.ts';
import { readResults } from './result-rows.ts';
import { type Drawn, UnitFeed } from './unit-feed.ts';

export type PortsMail =
  | { readonly type: 'drawn'; readonly kept: KeptBatch; readonly drawn: Drawn }
  | { readonly type: 'undrawn'; readonly kept: KeptBatch; readonly fault: Fault }
  | { readonly type: 'drawAgain'; readonly kept: KeptBatch }
  | { readonly type: 'compared'; readonly asked: Asked; readonly same: Digest | '' }
  | { readonly type: 'uncompared'; readonly asked: Asked; readonly fault: Fault }
  | { readonly type: 'merged'; readonly kept: KeptBatch; readonly files: readonly TaskFile[] }
  | { readonly type: 'unmerged'; readonly kept: KeptBatch; readonly fault: Fault }
  | { readonly type: 'mergeAgain'; readonly kept: KeptBatch }
  | { readonly type: 'answer'; readonly action: () => void };

interface Asked {
  readonly kept: KeptBatch;
  readonly comparison: AskedComparison;
}

interface Attendance {
  readonly feed: UnitFeed;
  merging: boolean;
  faults: number;
}

interface PortsOf {
  readonly journal: Journal;
  readonly source: UnitSource;
  readonly comparator: Comparator;
  readonly merger: Merger;
}

/** Comparisons run in the app's process, one after the other; a few under way keep it busy. */
const COMPARISONS_MAX = 8;

/** After a fault that may pass: 1 s, 2 s, 4 s … */
const RETRY_MS_MIN: Milliseconds = SECOND_MS;
const RETRY_MS_MAX: Milliseconds = MINUTE_MS;

export class Ports<Mail> {
  readonly #context: Context<Mail | PortsMail>;
  readonly #ports: PortsOf;
  readonly #book: Book;
  readonly #attended = new Map<KeptBatch, Attendance>();
  readonly #comparisons: Asked[] = [];
  #comparing = 0;

  constructor(context: Context<Mail | PortsMail>, ports: PortsOf, book: Book) {
    this.#context = context;
    this.#ports = ports;
    this.#book = book;
  }

  /** What the state of a batch asks for now: units, or the merged result. Asks for nothing twice. */
  attend(kept: KeptBatch): void {
    const { state } = kept;
    if (state.endedAt !== null) {
      this.#attended.get(kept)?.feed.close();
      this.#attended.delete(kept);
      return;
    }
    if (state.phase === 'open') this.#draw(kept);
    else this.#mergeWhenDurable(kept);
  }

  /** After a replay: also what was under way when the broker stopped. */
  resume(kept: KeptBatch): void {
    this.attend(kept);
    for (const unit of kept.state.window.values())
      for (const effect of comparisonUnderWay(unit))
        if (effect.type === 'compare') this.compare(kept, effect);
  }

  compare(kept: KeptBatch, comparison: AskedComparison): void {
    this.#comparisons.push({ kept, comparison });
    this.#compareNext();
  }

  /** Something to be read before a question can be answered. */
  ask(action: () => Promise<() => void>): void {
    this.#context.pipe(
      action(),
      (answer) => ({ type: 'answer', action: answer }),
      (fault) => ({
        type: 'answer',
        action: () =>
          this.#context.inspect({ topic: 'broker.unread', level: 'error', fault: fault.toWire() }),
      }),
    );
  }

  close(): void {
    for (const { feed } of this.#attended.values()) feed.close();
  }

  hear(mail: PortsMail): void {
    switch (mail.type) {
      case 'drawn':
        this.#drawn(mail.kept, mail.drawn);
        break;
      case 'undrawn':
        this.#undrawn(mail.kept, mail.fault);
        break;
      case 'drawAgain':
        this.#attended.get(mail.kept)?.feed.answered();
        this.attend(mail.kept);
        break;
      case 'compared':
        this.#comparing -= 1;
        this.#compared(mail.asked, mail.same);
        this.#compareNext();
        break;
      case 'uncompared':
        this.#comparing -= 1;
        this.#uncompared(mail.asked, mail.fault);
        this.#compareNext();
        break;
      case 'merged':
        this.#book.apply(mail.kept, { type: 'merged', files: mail.files });
        break;
      case 'unmerged':
        this.#unmerged(mail.kept, mail.fault);
        break;
      case 'mergeAgain':
        this.#merge(mail.kept);
        break;
      case 'answer':
        mail.action();
        break;
      default:
        unreachable(mail);
    }
  }

  #of(kept: KeptBatch): Attendance {
    let attended = this.#attended.get(kept);
    if (!attended) {
      attended = { feed: new UnitFeed(this.#ports.source, kept.state.spec), merging: false, faults: 0 };
      this.#attended.set(kept, attended);
    }
    return attended;
  }

  #draw(kept: KeptBatch): void {
    if (roomFor(kept.state) === 0) return;
    const next = this.#of(kept).feed.ask(kept.state.cursor);
    if (!next) return;
    this.#context.pipe(
      faulty(next, collectiveErrors.COLLECTIVE_BATCH_SOURCE, { batch: kept.state.spec.batch }),
      (drawn) => ({ type: 'drawn', kept, drawn }),
      (fault) => ({ type: 'undrawn', kept, fault }),
    );
  }

  #drawn(kept: KeptBatch, drawn: Drawn): void {
    const attended = this.#attended.get(kept);
    if (!attended) return;
    attended.feed.answered();
    attended.faults = 0;
    if (drawn === null) this.#book.apply(kept, { type: 'sourceEnded' });
    else if (drawn.length > 0) this.#book.apply(kept, { type: 'drawn', drafts: drawn });
    else this.attend(kept);
  }

  #undrawn(kept: KeptBatch, fault: Fault): void {
    const attended = this.#attended.get(kept);
    if (!attended) return;
    attended.feed.reset();
    if (fault.retry) {
      this.#context.schedule(backOff(attended), { type: 'drawAgain', kept });
      return;
    }
    this.#book.apply(kept, { type: 'broken', reason: fault.message });
  }

  #compareNext(): void {
    while (this.#comparing < COMPARISONS_MAX) {
      const asked = this.#comparisons.shift();
      if (!asked) return;
      const { candidate, representatives } = asked.comparison;
      this.#comparing += 1;
      this.#context.pipe(
        faulty(
          this.#ports.comparator.classify(asked.kept.state.spec, candidate, representatives),
          collectiveErrors.COLLECTIVE_COMPARISON,
          { unit: asked.comparison.unit },
        ),
        (same) => ({ type: 'compared', asked, same: same ?? '' }),
        (fault) => ({ type: 'uncompared', asked, fault }),
      );
    }
  }

  #compared({ kept, comparison: { unit, digest } }: Asked, same: Digest | ''): void {
    this.#book.apply(kept, { type: 'compared', unit, digest, same });
  }

  /** An app that cannot compare two outputs has not said that they are equal. */
  #uncompared(asked: Asked, fault: Fault): void {
    if (fault.retry) {
      const again = () => this.compare(asked.kept, asked.comparison);
      this.#context.schedule(RETRY_MS_MIN, { type: 'answer', action: again });
      return;
    }
    this.#context.inspect({ topic: 'unit.uncompared', level: 'warn', fault: fault.toWire() });
    this.#compared(asked, '');
  }

  /** Behind the commit of the last verdict, because the merger reads the rows. */
  #mergeWhenDurable(kept: KeptBatch): void {
    const attended = this.#of(kept);
    if (attended.merging) return;
    attended.merging = true;
    this.#book.effect({ type: 'call', action: () => this.#merge(kept) });
  }

  #merge(kept: KeptBatch): void {
    if (kept.state.phase !== 'merging') return;
    const { spec } = kept.state;
    this.#context.pipe(
      faulty(
        this.#ports.merger.merge(spec, readResults(this.#ports.journal, spec.batch)),
        collectiveErrors.COLLECTIVE_BATCH_MERGE,
        { batch: spec.batch },
      ),
      (files) => ({ type: 'merged', kept, files }),
      (fault) => ({ type: 'unmerged', kept, fault }),
    );
  }

  #unmerged(kept: KeptBatch, fault: Fault): void {
    const attended = this.#attended.get(kept);
    if (!attended) return;
    if (fault.retry) {
      this.#context.schedule(backOff(attended), { type: 'mergeAgain', kept });
      return;
    }
    this.#book.apply(kept, { type: 'broken', reason: fault.message });
  }
}

/**
 * The application's own faults that may pass are tried again as they are; anything else becomes ours, which
 * is final.
 */
async function faulty<Value>(work: Promise<Value>, make: MakeFault, details: FaultDetails): Promise<Value> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.retry) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw make({ ...details, reason }, thrown);
  }
}

function backOff(attended: Attendance): Milliseconds {
  attended.faults += 1;
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(attended.faults - 1, 16));
}
