/**
 * Looks into the bundles that providers return, before anyone above believes them: the signature, the digest
 * of every output, and the bytes of those that travel by address.
 *
 * Bundles of a lease are reported in their order, a later one waiting for the fetches of an earlier one,
 * because acknowledgements are cumulative. An output that cannot be fetched makes its task a failed one; an
 * output that is not what was signed makes its provider a liar.
 *
 * Whoever returned an output is asked for it. A provider that holds back its own holds up nobody else's: no
 * lease takes more than its share of the fetches, and with the lease its fetches end.
 */

import type { Bytes, Clock, Context, Fault, Milliseconds } from '../actors/index.ts';
import type { PeerId, VerifySignature } from '../connectivity/index.ts';
import { contentMatches, outputDigest } from '../fabric/index.ts';
import type { ContentByAddress, ContentStore } from '../fabric/index.ts';
import { resourceErrors } from './errors.ts';
import type { LeaseId, Return, ReturnBundle } from './lease-wire.ts';
import { encodeSeal, verifyBundle } from './receipt.ts';

export interface ExaminerLimits {
  /** Outputs fetched at a time, over all leases; each is in memory while it is checked. */
  readonly fetchesMax: number;
  /** Of these, for one lease. */
  readonly fetchesPerLeaseMax: number;
  readonly fetchMsMax: Milliseconds;
  /** The largest output file by address. */
  readonly outputBytesMax: Bytes;
}

export interface Examined {
  readonly lease: LeaseId;
  readonly number: number;
  readonly returns: readonly Return[];
  readonly seal: Uint8Array;
}

export interface Liar {
  readonly lease: LeaseId;
  readonly fault: Fault;
  readonly seal?: Uint8Array;
}

/** A fetch has ended, one way or the other. */
export interface FetchedMail {
  readonly type: 'fetched';
  readonly fetch: Fetch;
  readonly bytes?: Uint8Array;
  readonly fault?: Fault;
}

interface Entry {
  readonly provider: PeerId;
  readonly bundle: ReturnBundle;
  readonly seal: Uint8Array;
  readonly returns: Return[];
  missing: number;
}

interface Fetch {
  readonly entry: Entry;
  readonly index: number;
  readonly content: ContentByAddress;
  readonly cancelTimer: () => void;
  readonly giveUp: () => void;
}

type Wanted = Pick<Fetch, 'entry' | 'index' | 'content'>;

interface ExaminerOptions {
  readonly verify: VerifySignature;
  readonly store: ContentStore;
  readonly limits: ExaminerLimits;
  readonly context: { readonly clock: Clock } & Pick<Context<FetchedMail>, 'pipe'>;
  readonly report: (examined: Examined) => void;
  readonly accuse: (liar: Liar) => void;
}

export class Examiner {
  readonly #options: ExaminerOptions;
  readonly #entries = new Map<LeaseId, Entry[]>();
  #wanted: Wanted[] = [];
  readonly #fetching = new Set<Fetch>();

  constructor(options: ExaminerOptions) {
    this.#options = options;
  }

  /** Checks a bundle at once as far as that goes, and has its outputs fetched. */
  take(bundle: ReturnBundle, provider: PeerId) {
    const { lease, number, returns } = bundle;
    const sealed = verifyBundle(bundle, provider, this.#options.verify);
    if (sealed === undefined) {
      const fault = resourceErrors.RESOURCE_SIGNATURE_WRONG({ bundle: number, lease });
      return this.#options.accuse({ lease, fault });
    }
    const seal = encodeSeal(sealed);
    const liar = returns.find((it) => it.output !== undefined && outputDigest(it.output) !== it.digest);
    if (liar !== undefined) {
      const fault = resourceErrors.RESOURCE_DIGEST_WRONG({ task: liar.task });
      return this.#options.accuse({ lease, fault, seal });
    }
    const entry: Entry = { provider, bundle, seal, returns: [...returns], missing: 0 };
    this.#want(entry);
    const entries = this.#entries.get(lease);
    if (entries === undefined) this.#entries.set(lease, [entry]);
    else entries.push(entry);
    this.#settle(lease);
    this.#fetch();
  }

  fetched({ fetch, bytes, fault }: FetchedMail) {
    const { entry, index, content } = fetch;
    fetch.cancelTimer();
    this.#fetching.delete(fetch);
    entry.missing -= 1;
    const { lease } = entry.bundle;
    const { task } = entry.returns[index]!;
    const known = this.#entries.get(lease)?.includes(entry) ?? false;
    if (known && bytes !== undefined && !contentMatches(content, bytes)) {
      this.forget(lease);
      const wrong = resourceErrors.RESOURCE_DIGEST_WRONG({ task });
      this.#options.accuse({ lease, fault: wrong, seal: entry.seal });
    } else if (known) {
      if (fault !== undefined) lose(entry, index, fault.message);
      this.#settle(lease);
    }
    this.#fetch();
  }

  /** The lease is over: nothing of it is reported any more. */
  forget(lease: LeaseId): void {
    this.#entries.delete(lease);
    this.#wanted = this.#wanted.filter((it) => it.entry.bundle.lease !== lease);
    for (const fetch of this.#fetching) if (fetch.entry.bundle.lease === lease) fetch.giveUp();
  }

  #want(entry: Entry): void {
    const { outputBytesMax } = this.#options.limits;
    entry.returns.forEach(({ output }, index) => {
      for (const { content } of output?.files ?? []) {
        if ('inline' in content) continue;
        if (content.bytes > outputBytesMax) {
          lose(entry, index, `${content.bytes} bytes are more than this broker takes`);
        } else {
          entry.missing += 1;
          this.#wanted.push({ entry, index, content });
        }
      }
    });
  }

  /** Reports from the head on what is complete. */
  #settle(lease: LeaseId): void {
    const entries = this.#entries.get(lease);
    while (entries?.[0]?.missing === 0) {
      const { bundle, returns, seal } = entries.shift()!;
      this.#options.report({ lease, number: bundle.number, returns, seal });
    }
    if (entries?.length === 0) this.#entries.delete(lease);
  }

  #fetch() {
    const { context, store } = this.#options;
    const { fetchesMax, fetchMsMax } = this.#options.limits;
    while (this.#fetching.size < fetchesMax) {
      const wanted = this.#nextWanted();
      if (wanted === undefined) return;
      const controller = new AbortController();
      const giveUp = () => controller.abort();
      const fetch: Fetch = { ...wanted, giveUp, cancelTimer: context.clock.after(fetchMsMax, giveUp) };
      const { cid, bytes: bytesMax } = fetch.content;
      this.#fetching.add(fetch);
      context.pipe(
        store.get(cid, { bytesMax, signal: controller.signal, from: fetch.entry.provider }),
        (bytes) => ({ type: 'fetched', fetch, bytes }),
        (fault) => ({ type: 'fetched', fetch, fault }),
      );
    }
  }

  /** The oldest of a lease that has not got its share. */
  #nextWanted(): Wanted | undefined {
    const taken = new Map<LeaseId, number>();
    for (const { entry } of this.#fetching) {
      taken.set(entry.bundle.lease, (taken.get(entry.bundle.lease) ?? 0) + 1);
    }
    const { fetchesPerLeaseMax } = this.#options.limits;
    const index = this.#wanted.findIndex(
      ({ entry }) => (taken.get(entry.bundle.lease) ?? 0) < fetchesPerLeaseMax,
    );
    return index < 0 ? undefined : this.#wanted.splice(index, 1)[0];
  }
}

function lose(entry: Entry, index: number, reason: string): void {
  const { task, usage } = entry.returns[index]!;
  const { code, message } = resourceErrors.RESOURCE_OUTPUT_UNAVAILABLE({ task, reason });
  entry.returns[index] = {
    task,
    status: 'failed',
    digest: '',
    usage,
    failure: { code, message, stderr: '' },
  };
}
