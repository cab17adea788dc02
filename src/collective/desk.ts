/** What people ask of a broker, and its answers. */

import type { Fault, Journal } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { BatchId, BatchSpec, BatchView } from './batch.ts';
import { viewOf } from './batch-state.ts';
import type { Book, KeptBatch } from './book.ts';
import type { BrokerMail, Explanation, ProviderView } from './broker-mail.ts';
import type { Directory } from './directory.ts';
import { collectiveErrors } from './errors.ts';
import { explainFinal, explainOpen, explainUndrawn } from './explain.ts';
import type { Followers } from './followers.ts';
import { faultOfRule } from './quorum.ts';
import { NO_STANDING } from './reputation.ts';
import { readResult } from './result-rows.ts';
import { plan } from './scheduler.ts';

export type DeskMail = Extract<
  BrokerMail,
  { type: 'submit' | 'cancel' | 'list' | 'show' | 'explain' | 'directory' | 'follow' }
>;

/** A window of units each: 256 times 4 096 small units are some hundred megabytes, what a broker may use. */
const OPEN_BATCHES_MAX = 256;

/** Reads something before it answers. */
interface Reader {
  ask(action: () => Promise<() => void>): void;
}

export interface DeskParts {
  readonly journal: Journal;
  readonly book: Book;
  readonly directory: Directory;
  readonly followers: Followers;
  readonly providers: ReadonlyMap<PeerId, OwnerId>;
  readonly reader: Reader;
  /** Called when a batch is durable. */
  readonly submitted: (spec: BatchSpec) => void;
  readonly canPay: (spec: BatchSpec) => boolean;
}

export class Desk {
  readonly #parts: DeskParts;
  readonly #book: Book;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#book = parts.book;
  }

  answer(mail: DeskMail): void {
    switch (mail.type) {
      case 'submit':
        this.#submit(mail);
        break;
      case 'cancel':
        this.#cancel(mail);
        break;
      case 'list':
        mail.reply([...this.#book.batches.values()].map(({ state }) => viewOf(state)));
        break;
      case 'show': {
        const kept = this.#book.batches.get(mail.batch);
        mail.reply(kept ? viewOf(kept.state) : unknown(mail.batch));
        break;
      }
      case 'explain':
        this.#explain(mail);
        break;
      case 'directory':
        mail.reply(this.#views());
        break;
      case 'follow':
        this.#parts.followers.add(mail.follower);
        break;
    }
  }

  #submit({ spec, reply }: Extract<DeskMail, { type: 'submit' }>): void {
    const fault = this.#objection(spec);
    if (fault) {
      reply(fault);
      return;
    }
    const kept = this.#book.open(spec);
    this.#whenDurable(kept, reply, () => this.#parts.submitted(spec));
  }

  #objection(spec: BatchSpec): Fault | undefined {
    const { batch, quorum } = spec;
    if (this.#book.batches.has(batch)) return collectiveErrors.COLLECTIVE_BATCH_KNOWN({ batch });
    const reason = faultOfRule(quorum);
    if (reason !== undefined) return collectiveErrors.COLLECTIVE_BATCH_RULE({ reason });
    if (!this.#parts.canPay(spec)) return collectiveErrors.COLLECTIVE_BATCH_UNPAYABLE();
    const batches = this.#book.live.size;
    if (batches >= OPEN_BATCHES_MAX) return collectiveErrors.COLLECTIVE_BROKER_FULL({ batches });
    return undefined;
  }

  #cancel({ batch, reason, reply }: Extract<DeskMail, { type: 'cancel' }>): void {
    const kept = this.#book.batches.get(batch);
    if (!kept) {
      reply(unknown(batch));
      return;
    }
    const { phase, endedAt } = kept.state;
    if (endedAt !== null) {
      reply(collectiveErrors.COLLECTIVE_BATCH_ENDED({ batch, phase }));
      return;
    }
    this.#book.apply(kept, { type: 'cancelled', reason });
    this.#whenDurable(kept, reply);
  }

  #whenDurable(kept: KeptBatch, reply: (view: BatchView) => void, also?: () => void): void {
    const action = () => {
      also?.();
      reply(viewOf(kept.state));
    };
    this.#book.effect({ type: 'call', action });
  }

  #explain({ batch, unit, reply }: Extract<DeskMail, { type: 'explain' }>): void {
    const kept = this.#book.batches.get(batch);
    if (!kept) {
      reply(unknown(batch));
      return;
    }
    const { spec, window, cursor, sourceEnded, phase } = kept.state;
    const open = window.get(unit);
    if (open) {
      const leases = this.#parts.directory.all();
      const { standings } = this.#book;
      const { waits } = plan({ demands: this.#book.demands(), leases, standings });
      const wait = waits.find((line) => line.batch === batch)?.reason;
      const { deal, delay } = kept;
      reply(explainOpen(open, { spec, deal, delay, leases, standings, wait }));
    } else if (unit >= cursor) {
      const never = sourceEnded || phase !== 'open' || unit < 0;
      reply(never ? unknownUnit(batch, unit) : explainUndrawn(spec, unit, cursor));
    } else {
      this.#parts.reader.ask(async () => {
        const result = await readResult(this.#parts.journal, batch, unit);
        const answer: Explanation | Fault = result ? explainFinal(spec, result) : unknownUnit(batch, unit);
        return () => reply(answer);
      });
    }
  }

  #views(): readonly ProviderView[] {
    const leased = new Map(this.#parts.directory.all().map((place) => [place.view.provider, place]));
    return [...this.#parts.providers].map(([provider, owner]) => {
      const place = leased.get(provider);
      return {
        lease: place?.view ?? null,
        leaseId: place?.view.lease ?? null,
        provider,
        owner,
        free: place?.free ?? 0,
        running: place?.running ?? 0,
        ...(this.#book.standings.get(owner) ?? NO_STANDING),
      };
    });
  }
}

function unknown(batch: BatchId): Fault {
  return collectiveErrors.COLLECTIVE_BATCH_UNKNOWN({ batch });
}

function unknownUnit(batch: BatchId, unit: number): Fault {
  return collectiveErrors.COLLECTIVE_UNIT_UNKNOWN({ batch, unit });
}
