/**
 * How a provider gets a lease: it calls a broker it knows of, offers what is free, and takes the grant that
 * comes back, if its policy allows and the capacity can be reserved.
 *
 * Capacity is reserved when the grant is here and not before: an offer binds nobody, and a broker that never
 * answers blocks nothing.
 */

import { SECOND_MS } from '../actors/index.ts';
import type { Context, Fault, Milliseconds } from '../actors/index.ts';
import type { PeerId } from '../connectivity/index.ts';
import { BrokerBook, type Invitation } from './broker-book.ts';
import { dialBroker } from './broker-dial.ts';
import type { Capacity, Reservation } from './capacity.ts';
import type { DealPaper, Encoded } from './deal-paper.ts';
import type { DeskInternal, DeskOptions, ProviderLink } from './desk-mail.ts';
import { accountPart, dealFlaw } from './desk-payments.ts';
import { resourceErrors } from './errors.ts';
import { LEASE_SLOTS_MAX, OFFER_PROGRAMS_MAX } from './lease-limits.ts';
import type { BrokerSays, Grant, Offer } from './lease-wire.ts';
import { grantFlaw, signOffer } from './offer.ts';
import { judge, type Policy } from './policy.ts';

export interface Granted {
  readonly grant: Grant;
  readonly invitation: Invitation;
  readonly link: ProviderLink;
  readonly reservation: Reservation;
  readonly paper: Encoded<DealPaper> | undefined;
  /** As it was offered. */
  readonly speed: number;
}

interface Call {
  readonly invitation: Invitation;
  readonly startedAt: Milliseconds;
  offer?: Offer;
}

export interface CallsOptions extends DeskOptions {
  readonly context: Context<DeskInternal>;
  readonly capacity: Capacity;
  /** What one slot reserves. */
  readonly memoryBytesPerSlot: number;
  readonly leases: () => number;
  readonly granted: (granted: Granted) => void;
}

type GrantMessage = Extract<BrokerSays, { readonly type: 'grant' }>;

/** The broker's disk and a slow link; then the call is given up. */
const ANSWER_MS_MAX: Milliseconds = 15 * SECOND_MS;

/** When a machine that its owner's policy holds back looks again. */
const LATER_MS: Milliseconds = 5 * SECOND_MS;

export class BrokerCalls {
  policy: Policy;
  readonly #options: CallsOptions;
  readonly #book = new BrokerBook();
  readonly #calls = new Map<ProviderLink, Call>();

  constructor(options: CallsOptions) {
    this.#options = options;
    this.policy = options.policy;
  }

  invite(invitation: Invitation) {
    this.#book.invite(invitation, this.#now());
  }

  /** A lease that is there already keeps its broker from being called. */
  served(invitation: Invitation) {
    this.#book.served(invitation);
  }

  /** The lease with this broker is over: it may be called again. */
  ended(broker: PeerId) {
    this.#book.failed(broker, this.#options.context.random.fraction(), this.#now());
  }

  find(broker: PeerId): Invitation | undefined {
    return this.#book.find(broker);
  }

  /** Whether there is anybody to call, now or later. */
  get idle(): boolean {
    return this.#book.size === 0;
  }

  /** When somebody is to be called next. */
  get dueAt(): Milliseconds {
    return this.#book.dueAt;
  }

  tick() {
    const now = this.#now();
    for (const [link, { startedAt }] of this.#calls) {
      if (link.gone) this.closed(link);
      else if (now - startedAt > ANSWER_MS_MAX) link.close();
    }
    for (const invitation of this.#book.due(now)) this.#call(invitation);
  }

  /** No more calls. */
  close() {
    for (const link of this.#calls.keys()) link.close();
    this.#calls.clear();
  }

  /** These answer whether the link is a call of theirs. */
  dialled(link: ProviderLink): boolean {
    const call = this.#calls.get(link);
    if (call === undefined) return false;
    call.offer = this.#offer();
    if (call.offer === undefined) this.#missed(link, call);
    else {
      const { signer, payments } = this.#options;
      link.say({ type: 'offer', offer: signOffer(call.offer, signer), ...accountPart(payments) });
    }
    return true;
  }

  heard(link: ProviderLink, message: BrokerSays): boolean {
    const call = this.#calls.get(link);
    if (call === undefined) return false;
    if (message.type === 'decline') this.#declined(link, call, message.retryAfterMs, message.code);
    else if (message.type === 'grant') this.#granted(link, call, message);
    else this.#refuse(link, call, resourceErrors.RESOURCE_GRANT_INVALID, `it said ${message.type} first`);
    return true;
  }

  closed(link: ProviderLink): boolean {
    const call = this.#calls.get(link);
    if (call === undefined) return false;
    this.#calls.delete(link);
    this.ended(call.invitation.broker);
    return true;
  }

  #call(invitation: Invitation) {
    const { network, context, leases } = this.#options;
    const { broker, addresses, owner, labels } = invitation;
    const held = leases() + this.#calls.size;
    const request = { broker, leases: held, ...(owner && { owner }), ...(labels && { labels }) };
    const judgement = judge(this.policy, request, this.#now());
    if (!judgement.allowed) {
      const details = { broker, code: judgement.code, sentence: judgement.sentence };
      context.inspect({ topic: 'lease.refused', details });
      this.#book.declined(broker, LATER_MS, this.#now());
    } else if (this.#options.capacity.free().slots === 0) {
      this.ended(broker);
    } else {
      const link = dialBroker(network, broker, addresses, context);
      this.#calls.set(link, { invitation, startedAt: this.#now() });
    }
  }

  /** What is free now; undefined if that is nothing. */
  #offer(): Offer | undefined {
    const { signer, ownership, capability, programs, capacity, config, memoryBytesPerSlot } = this.#options;
    const free = capacity.free().slots;
    const slots = Math.min(free, config.slotsPerLeaseMax ?? free, LEASE_SLOTS_MAX);
    if (slots === 0) return undefined;
    return {
      provider: signer.peer,
      ownership,
      capability: capability(),
      slots,
      memoryBytesPerSlot,
      programs: programs().slice(0, OFFER_PROGRAMS_MAX),
      madeAt: this.#now(),
    };
  }

  #granted(link: ProviderLink, call: Call, { grant: signed, deal }: GrantMessage) {
    const { verify, capacity, memoryBytesPerSlot, payments } = this.#options;
    const { invitation, offer } = call;
    const makeFault = resourceErrors.RESOURCE_GRANT_INVALID;
    if (offer === undefined) return this.#refuse(link, call, makeFault, 'nothing was offered');
    const flaw = grantFlaw(signed, offer, invitation.broker, this.#now(), verify) ?? dealFlaw(payments, deal);
    if (flaw !== undefined) return this.#refuse(link, call, makeFault, flaw);
    const { grant } = signed;
    const outcome = capacity.reserve({ slots: grant.slots, memoryBytes: grant.slots * memoryBytesPerSlot });
    if ('refusal' in outcome) {
      // Another broker was quicker. This one learns at once that it need not wait for the lease.
      const { lease, epoch } = grant;
      link.say({ type: 'release', lease, epoch, reason: outcome.refusal.code });
      return this.#missed(link, call);
    }
    this.#calls.delete(link);
    this.#book.served(invitation);
    const { speed } = offer.capability;
    const { reservation } = outcome;
    this.#options.granted({ grant, invitation, link, reservation, paper: deal, speed });
  }

  #refuse(
    link: ProviderLink,
    call: Call,
    makeFault: typeof resourceErrors.RESOURCE_GRANT_INVALID,
    reason: string,
  ) {
    const { broker } = call.invitation;
    const fault: Fault = makeFault({ broker, reason });
    this.#options.context.inspect({ topic: 'lease.refused', level: 'warn', fault: fault.toWire() });
    this.#calls.delete(link);
    this.#book.declined(broker, LATER_MS, this.#now());
    link.close(fault);
  }

  #declined(link: ProviderLink, { invitation }: Call, retryAfterMs: Milliseconds, code: string) {
    const { broker } = invitation;
    this.#options.context.inspect({ topic: 'lease.declined', level: 'debug', details: { broker, code } });
    this.#calls.delete(link);
    this.#book.declined(broker, retryAfterMs, this.#now());
    link.close();
  }

  /** Nothing is free any more: another lease was quicker. */
  #missed(link: ProviderLink, { invitation }: Call) {
    this.#calls.delete(link);
    this.ended(invitation.broker);
    link.close();
  }

  #now(): Milliseconds {
    return this.#options.context.clock.now();
  }
}
