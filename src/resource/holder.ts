/**
 * The broker's side of all its leases, as one actor: it answers providers, and tells its customer of leases
 * as places with a number of free assignments.
 *
 * Each lease is a pure machine (`lease-at-broker.ts`); this shell has the hands: channels, journal,
 * signatures, the customer. A grant is durable before it is sent, with its epoch, so no epoch is ever granted
 * twice; nothing else on this side has to wait for the disk, because the customer journals assignments and
 * results itself.
 *
 * A crash of this actor is like a restart of the broker: leases come back from the journal and attach again.
 */

import { CommitSettled, createCommitPipeline } from '../actors/index.ts';
import { type BehaviourFactory, type CommitPipeline, type Context, Fault } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { OwnerId } from '../connectivity/index.ts';
import { assignBundles } from './assignment.ts';
import { resourceErrors } from './errors.ts';
import { Examiner } from './examiner.ts';
import type { Examined, Liar } from './examiner.ts';
import { type Held, HeldLeases } from './held-lease.ts';
import { type HolderConfig, holderDefaults } from './holder-config.ts';
import type { HolderOptions } from './holder-options.ts';
import { loadHeldDeals } from './holder-deal-store.ts';
import { HolderDeals } from './holder-deals.ts';
import type { OfferMessage, Under } from './holder-payments.ts';
import type { BrokerLink, HolderInternal, HolderOwnMail } from './holder-mail.ts';
import { endRows, evidenceRows, excludeRows, forgetRows, grantRows } from './holder-store.ts';
import { loadHolder, viewOf } from './holder-store.ts';
import type { HeldRow, HolderRows } from './holder-store.ts';
import { brokerLeaseMachine, freeCredit, grantedLease, recalledLease } from './lease-at-broker.ts';
import type { BrokerLeaseEffect, BrokerLeaseEvent } from './lease-at-broker.ts';
import type { HolderMail, LeaseNews } from './lease-holder.ts';
import { leaseProtocol } from './lease-schema.ts';
import type { Epoch, LeaseId, ProviderLeaseTalk, ProviderSays, SignedOffer } from './lease-wire.ts';
import { Link } from './link.ts';
import { signGrant } from './offer.ts';
import { grantFor, offerObjection } from './offer-desk.ts';
import { Outbox } from './outbox.ts';

/** When the customer's full mailbox is tried again. */
const OUTBOX_RETRY_MS: Milliseconds = 10;

/** Time is looked at four times a heartbeat, so no heartbeat is late by more than a quarter. */
const TICKS_PER_HEARTBEAT = 4;

/** The actor; it throws (and is restarted) only when the journal fails. */
export function leaseHolder(options: HolderOptions): BehaviourFactory<HolderMail | HolderInternal> {
  return () => {
    let holder: LeaseHolder;
    return {
      start(context) {
        holder = new LeaseHolder(options, context);
      },
      receive: (mail) => holder.receive(mail),
      turnEnd: () => holder.turnEnd(),
      stop: () => holder.stop(),
    };
  };
}

class LeaseHolder {
  readonly #options: HolderOptions;
  readonly #context: Context<HolderMail | HolderInternal>;
  readonly #config: HolderConfig;
  readonly #pipeline: CommitPipeline<() => void>;
  readonly #news: Outbox<LeaseNews>;
  readonly #examiner: Examiner;
  readonly #deals: HolderDeals<BrokerLink> | undefined;
  readonly #leases = new HeldLeases();
  readonly #excluded = new Map<OwnerId, string>();
  readonly #links = new Set<BrokerLink>();
  #epoch = 0;
  #wanted = false;
  #tickedAt: Milliseconds;
  #retrying = false;
  #unserve: (() => void) | undefined;

  constructor(options: HolderOptions, context: Context<HolderMail | HolderInternal>) {
    this.#options = options;
    this.#context = context;
    this.#config = { ...holderDefaults, ...options.config };
    this.#pipeline = createCommitPipeline({ journal: options.journal, perform: (effect) => effect() });
    this.#news = new Outbox(options.customer);
    this.#examiner = new Examiner({
      verify: options.verify,
      store: options.store,
      limits: this.#config,
      context,
      report: (examined) => this.#report(examined),
      accuse: (liar) => this.#accuse(liar),
    });
    this.#deals =
      options.payments &&
      new HolderDeals<BrokerLink>(options.payments, context, {
        pipeline: this.#pipeline,
        leases: this.#leases,
        tell: (news) => this.#news.tell(news),
        step: (held, event) => this.#step(held, event),
        accuse: (liar) => this.#accuse(liar),
        offered: (link, message) => this.#offered(link, message),
      });
    this.#tickedAt = context.clock.now();
    const release = context.hold();
    context.pipe(
      Promise.all([loadHolder(options.journal), options.payments ? loadHeldDeals(options.journal) : []]),
      ([rows, deals]) => ({ type: 'restored', rows, deals, release }),
      (fault) => ({ type: 'failed', fault }),
    );
  }

  receive(mail: HolderMail | HolderInternal) {
    if (mail instanceof CommitSettled) this.#pipeline.settle(mail);
    else if (mail.type === 'heard') this.#heard(mail.link, mail.messages);
    else if (mail.type === 'closed') this.#closed(mail.link);
    else this.#handle(mail);
  }

  turnEnd() {
    this.#pipeline.flush(this.#context);
    if (this.#news.flush() || this.#retrying) return;
    this.#retrying = true;
    this.#context.schedule(OUTBOX_RETRY_MS, { type: 'retry' });
  }

  stop() {
    this.#unserve?.();
    for (const link of this.#links) link.close();
    this.#pipeline.save(this.#context);
  }

  #handle(mail: HolderMail | HolderOwnMail) {
    switch (mail.type) {
      case 'assign':
      case 'cancel':
        return this.#stepOf(mail.lease, { type: mail.type, tasks: mail.tasks } as BrokerLeaseEvent);
      case 'acknowledge':
        if (this.#deals?.acknowledged(mail.lease, mail.bundle)) return;
        return this.#stepOf(mail.lease, { type: 'acknowledge', number: mail.bundle });
      case 'release': {
        const fault = resourceErrors.RESOURCE_LEASE_RELEASED({ lease: mail.lease, reason: mail.reason });
        return this.#stepOf(mail.lease, { type: 'end', fault });
      }
      case 'exclude':
        return this.#exclude(mail.owner, mail.reason);
      case 'demand':
        this.#wanted = mail.wanted;
        return this.#deals?.demand(mail.deals ?? []);
      case 'fetched':
        return this.#examiner.fetched(mail);
      case 'restored':
        this.#deals?.restore(mail.deals);
        return this.#restore(mail.rows, mail.release);
      case 'tick':
        return this.#tick();
      case 'retry':
        this.#retrying = false;
        return;
      case 'failed':
        throw mail.fault;
      default:
        return this.#deals?.handle(mail);
    }
  }

  #restore(rows: HolderRows, release: () => void) {
    const now = this.#context.clock.now();
    this.#epoch = rows.epoch;
    for (const { owner, reason } of rows.excluded) this.#excluded.set(owner, reason);
    for (const row of rows.leases) {
      if (row.end === undefined) {
        const deal = row.deal && this.#deals?.recalled(row);
        this.#leases.add({
          row,
          state: recalledLease(row.grant, now),
          link: undefined,
          ...(deal && { deal }),
        });
        this.#news.tell({ type: 'opened', lease: viewOf(row), free: 0 });
      } else {
        this.#leases.bury(row, row.end.at);
        this.#lapsed(row, row.end.reason);
      }
    }
    this.#unserve = this.#options.network.serve(leaseProtocol, (channel) => {
      const link: BrokerLink = new Link(this.#context.self, this.#context.clock);
      link.bind(channel);
      return link.listener;
    });
    this.#tick();
    release();
  }

  #heard(link: BrokerLink, messages: readonly ProviderSays[]) {
    this.#links.add(link);
    for (const message of messages) {
      if (message.type === 'offer') this.#offered(link, message);
      else if (message.type === 'acceptance' || message.type === 'commitment')
        this.#deals?.heard(link, message);
      else if (message.type === 'attach' && link.lease !== message.lease) this.#attach(link, message);
      else this.#said(link, message);
    }
  }

  #closed(link: BrokerLink) {
    this.#links.delete(link);
    const held = this.#leases.get(link.lease);
    if (held === undefined) return;
    held.link = undefined;
    this.#step(held, { type: 'broke' });
  }

  #said(link: BrokerLink, message: ProviderLeaseTalk) {
    const held = this.#leases.get(link.lease);
    const { lease, epoch } = message.type === 'returns' ? message.bundle : message;
    if (held === undefined) link.say({ type: 'stale', lease, epoch });
    else this.#step(held, { type: 'said', message });
  }

  #attach(link: BrokerLink, message: Extract<ProviderLeaseTalk, { type: 'attach' }>) {
    const { lease, epoch } = message;
    const held = this.#leases.get(lease);
    const isTheirs = held?.row.grant.provider === link.remote && held?.row.grant.epoch === epoch;
    if (held === undefined || !isTheirs || link.lease !== undefined) {
      return link.say({ type: 'stale', lease, epoch });
    }
    // The old stream is broken, even if this side has not noticed yet.
    if (held.link !== undefined) {
      held.link.lease = undefined;
      held.link.close();
      this.#step(held, { type: 'broke' });
    }
    held.link = link;
    link.lease = lease;
    this.#step(held, { type: 'said', message });
  }

  #offered(link: BrokerLink, message: OfferMessage) {
    const provider = link.remote!;
    const now = this.#context.clock.now();
    const before = this.#leases.of(provider);
    const isPaid = message.account !== undefined && this.#deals?.wanted === true;
    const situation = {
      wanted: this.#wanted || isPaid,
      leases: this.#leases.size,
      leasesMax: this.#config.leasesMax,
      served: before?.link !== undefined || link.lease !== undefined,
      excluded: this.#excluded,
    };
    const { offer } = message;
    const objection = offerObjection(offer, provider, situation, now, this.#options.verify);
    if (objection !== undefined) return this.#decline(link, objection);
    const under = isPaid ? this.#deals!.under(link, provider, message, now) : undefined;
    if (under === 'asked') return;
    if (under instanceof Fault) return this.#decline(link, under);
    // Whoever offers has no lease any more: its tasks need not wait for the old one to lapse.
    if (before !== undefined) {
      const { lease } = before.row.grant;
      this.#step(before, { type: 'end', fault: resourceErrors.RESOURCE_LEASE_REPLACED({ provider, lease }) });
    }
    this.#grant(link, offer, now, under);
  }

  #decline(link: BrokerLink, { code }: Fault) {
    link.say({ type: 'decline', code, retryAfterMs: this.#config.retryAfterMs });
  }

  #grant(link: BrokerLink, { offer }: SignedOffer, now: Milliseconds, under: Under | undefined) {
    const { signer } = this.#options;
    this.#epoch += 1;
    const grant = grantFor(offer, signer.peer, this.#epoch as Epoch, this.#config, now);
    const { ownership, capability, programs } = offer;
    const own: HeldRow = { grant, owner: ownership.owner, capability, programs };
    const row = under === undefined ? own : { ...own, deal: under.deal };
    const deal = under && this.#deals!.granted(grant.lease, under);
    this.#leases.add({ row, state: grantedLease(grant, now), link, ...(deal && { deal }) });
    link.lease = grant.lease;
    const paper = deal && { deal: this.#deals!.paperOf(deal) };
    this.#pipeline.write(grantRows(row));
    this.#pipeline.effect(() => link.say({ type: 'grant', grant: signGrant(grant, signer), ...paper }));
  }

  #stepOf(lease: LeaseId, event: BrokerLeaseEvent) {
    const held = this.#leases.get(lease);
    if (held !== undefined) this.#step(held, event);
  }

  #step(held: Held, event: BrokerLeaseEvent) {
    const { state, effects } = brokerLeaseMachine.step(held.state, event, this.#context.clock.now());
    held.state = state;
    for (const effect of effects) this.#perform(held, effect);
  }

  #perform(held: Held, effect: BrokerLeaseEffect) {
    const { lease, epoch } = held.row.grant;
    switch (effect.type) {
      case 'say':
        return held.link?.say(effect.message);
      case 'send':
        if (held.deal !== undefined) this.#deals?.sent(held.deal, effect.tasks);
        for (const bundle of assignBundles(effect.tasks)) {
          held.link?.say({ type: 'assign', lease, epoch, bundle });
        }
        return;
      case 'examine':
        if (held.deal !== undefined && this.#deals?.isFlawed(held.deal, effect.bundle)) return;
        return this.#examiner.take(effect.bundle, held.row.grant.provider);
      case 'tell-opened':
        this.#inspect('lease.opened', held.row);
        return this.#news.tell({ type: 'opened', lease: viewOf(held.row), free: freeCredit(held.state) });
      case 'tell-credit':
        return this.#news.tell({ type: 'credit', lease, free: effect.free });
      case 'tell-attached':
        this.#inspect('lease.attached', held.row);
        if (held.deal !== undefined) this.#deals?.attached(held, held.deal);
        return this.#news.tell({ type: 'attached', lease, tasks: effect.tasks, free: 0 });
      case 'hang-up':
        return held.link?.close(effect.fault);
      case 'end':
        return this.#ended(held, effect);
    }
  }

  #ended(held: Held, { fault, opened }: Extract<BrokerLeaseEffect, { type: 'end' }>) {
    const { lease } = held.row.grant;
    const at = this.#context.clock.now();
    const reason = `${fault.code}: ${fault.message}`;
    held.row = { ...held.row, end: { at, reason } };
    if (held.link !== undefined) held.link.lease = undefined;
    held.link = undefined;
    this.#leases.bury(held.row, at);
    this.#examiner.forget(lease);
    this.#pipeline.write(endRows(held.row));
    this.#inspect('lease.ended', held.row, fault);
    if (opened) this.#lapsed(held.row, reason);
  }

  #report({ lease, number, returns, seal }: Examined) {
    const held = this.#leases.get(lease);
    if (held === undefined) return;
    const { owner, grant } = held.row;
    const { provider } = grant;
    if (held.deal !== undefined) this.#deals?.reported(held, held.deal, number, returns);
    this.#news.tell({ type: 'returned', lease, provider, owner, bundle: number, returns, receipt: seal });
  }

  #accuse({ lease, fault, seal }: Liar) {
    const held = this.#leases.get(lease);
    if (held === undefined) return;
    const { owner, grant } = held.row;
    const evidence = { lease, provider: grant.provider, owner, code: fault.code, sentence: fault.message };
    const at = this.#context.clock.now();
    this.#pipeline.write(evidenceRows({ ...evidence, at, ...(seal && { seal }) }));
    this.#step(held, { type: 'end', fault });
  }

  #exclude(owner: OwnerId, reason: string) {
    if (this.#excluded.has(owner)) return;
    this.#excluded.set(owner, reason);
    this.#pipeline.write(excludeRows(owner, reason));
    const fault = resourceErrors.RESOURCE_OWNER_EXCLUDED({ owner, reason });
    for (const held of this.#leases) {
      if (held.row.owner === owner) this.#step(held, { type: 'end', fault });
    }
  }

  #tick() {
    const now = this.#context.clock.now();
    const periodMs = this.#config.heartbeatMs / TICKS_PER_HEARTBEAT;
    // Late by more than one period: this process slept or was stopped, and heard nobody meanwhile.
    const lateMs = now - this.#tickedAt - periodMs;
    const absentMs = lateMs > periodMs ? lateMs : 0;
    this.#tickedAt = now;
    for (const held of this.#leases) {
      if (held.link?.gone) this.#closed(held.link);
      this.#step(held, { type: 'tick', heardAt: held.link?.heardAt ?? 0, absentMs });
      if (held.deal !== undefined) this.#deals?.tick(held, held.deal);
    }
    this.#deals?.forget(now);
    const due = this.#leases.forget(now);
    if (due.length > 0) this.#pipeline.write(forgetRows(due));
    this.#context.schedule(periodMs, { type: 'tick' });
  }

  #lapsed({ grant, owner }: HeldRow, reason: string) {
    this.#news.tell({ type: 'lapsed', lease: grant.lease, provider: grant.provider, owner, reason });
  }

  #inspect(topic: string, { grant, owner }: HeldRow, fault?: Fault) {
    const { lease, epoch, provider, slots } = grant;
    const details = { lease, epoch, provider, owner, slots };
    this.#context.inspect({ topic, details, ...(fault && { fault: fault.toWire() }) });
  }
}
