/**
 * Leases as the broker sees them, without providers, signatures or a network: tasks are run after a delay,
 * results come back in bundles, and what was not acknowledged comes again after the broker has started anew.
 */

import type { ActorRef, Behaviour, BehaviourFactory, Context } from '../../../src/actors/index.ts';
import type { Task, TaskId } from '../../../src/fabric/index.ts';
import type { HolderMail, LeaseId, LeaseNews, LeaseView, Return } from '../../../src/resource/index.ts';

export interface FakeProvider {
  readonly view: LeaseView;
  /** Unfinished tasks it takes at a time. */
  readonly credit: number;
  /** What comes of a task, and when; never when `undefined`. */
  readonly run: (task: Task) => { readonly said: Omit<Return, 'task'>; readonly afterMs: number } | undefined;
}

interface Held {
  readonly provider: FakeProvider;
  readonly tasks: Map<TaskId, Task>;
  /** Bundles that the broker has not acknowledged. */
  readonly unacknowledged: Map<number, Return[]>;
  bundles: number;
  opened: boolean;
  gone: boolean;
}

/** Outlives the broker. */
export class FakeLeases {
  readonly held = new Map<LeaseId, Held>();
  /** Everything the broker has told. */
  readonly told: HolderMail[] = [];
  readonly excluded = new Set<string>();
  wanted = false;
  #now: FakeHolder | undefined;

  add(provider: FakeProvider): LeaseId {
    const held: Held = {
      provider,
      tasks: new Map(),
      unacknowledged: new Map(),
      bundles: 0,
      opened: false,
      gone: false,
    };
    this.held.set(provider.view.lease, held);
    this.#now?.open(held, held.provider.credit);
    return provider.view.lease;
  }

  /** The provider is never heard of again. */
  lapse(lease: LeaseId, reason = 'silent'): void {
    const held = this.held.get(lease);
    if (!held || held.gone) return;
    held.gone = true;
    const { provider, owner } = held.provider.view;
    this.#now?.news({ type: 'lapsed', lease, provider, owner, reason });
  }

  /** For `BrokerComponents.holder`. */
  holder(customer: ActorRef<LeaseNews>): BehaviourFactory<HolderMail | Done> {
    return () => {
      this.#now = new FakeHolder(this, customer);
      return this.#now;
    };
  }
}

interface Done {
  readonly type: 'done';
  readonly lease: LeaseId;
  readonly task: TaskId;
  readonly said: Omit<Return, 'task'>;
}

class FakeHolder implements Behaviour<HolderMail | Done> {
  readonly #world: FakeLeases;
  readonly #customer: ActorRef<LeaseNews>;
  readonly #done = new Map<Held, Return[]>();

  constructor(world: FakeLeases, customer: ActorRef<LeaseNews>) {
    this.#world = world;
    this.#customer = customer;
  }

  start(context: Context<HolderMail | Done>): void {
    for (const held of this.#world.held.values()) {
      if (held.gone) continue;
      const returned = [...held.unacknowledged.values()].flat().map(({ task }) => task);
      const { opened } = held;
      this.open(held, opened ? 0 : held.provider.credit);
      if (!opened) continue;
      const tasks = [...held.tasks.keys(), ...returned];
      this.news({
        type: 'attached',
        lease: held.provider.view.lease,
        tasks,
        free: held.provider.credit - held.tasks.size,
      });
      for (const [number, returns] of held.unacknowledged) this.#send(held, number, returns);
      for (const task of held.tasks.values()) this.#run(held, task, context);
    }
  }

  receive(mail: HolderMail | Done, context: Context<HolderMail | Done>): void {
    if (mail.type === 'done') {
      this.#finish(mail);
      return;
    }
    this.#world.told.push(mail);
    switch (mail.type) {
      case 'assign': {
        const held = this.#world.held.get(mail.lease);
        if (!held || held.gone) return;
        for (const task of mail.tasks) {
          held.tasks.set(task.id, task);
          this.#run(held, task, context);
        }
        break;
      }
      case 'cancel':
        for (const task of mail.tasks)
          this.#finish({ type: 'done', lease: mail.lease, task, said: CANCELLED });
        break;
      case 'acknowledge':
        this.#world.held.get(mail.lease)?.unacknowledged.delete(mail.bundle);
        break;
      case 'exclude':
        this.#world.excluded.add(mail.owner);
        for (const { provider } of this.#world.held.values())
          if (provider.view.owner === mail.owner) this.#world.lapse(provider.view.lease, 'excluded');
        break;
      case 'demand':
        this.#world.wanted = mail.wanted;
        break;
    }
  }

  turnEnd(): void {
    for (const [held, returns] of this.#done) {
      if (held.gone) continue;
      held.bundles += 1;
      held.unacknowledged.set(held.bundles, returns);
      this.#send(held, held.bundles, returns);
      const { lease } = held.provider.view;
      this.news({ type: 'credit', lease, free: held.provider.credit - held.tasks.size });
    }
    this.#done.clear();
  }

  open(held: Held, free: number): void {
    held.opened = true;
    this.news({ type: 'opened', lease: held.provider.view, free });
  }

  news(news: LeaseNews): void {
    this.#customer.tell(news);
  }

  #run(held: Held, task: Task, context: Context<HolderMail | Done>): void {
    const outcome = held.provider.run(task);
    if (!outcome) return;
    const done: Done = { type: 'done', lease: held.provider.view.lease, task: task.id, said: outcome.said };
    if (outcome.afterMs === 0) this.#finish(done);
    else context.schedule(outcome.afterMs, done);
  }

  #finish({ lease, task, said }: Done): void {
    const held = this.#world.held.get(lease);
    if (!held?.tasks.delete(task)) return;
    const done = this.#done.get(held);
    if (done) done.push({ task, ...said });
    else this.#done.set(held, [{ task, ...said }]);
  }

  #send(held: Held, bundle: number, returns: readonly Return[]): void {
    const { lease, provider, owner } = held.provider.view;
    const receipt = new Uint8Array([bundle & 255]);
    this.news({ type: 'returned', lease, provider, owner, bundle, returns, receipt });
  }
}

const CANCELLED: Omit<Return, 'task'> = {
  status: 'cancelled',
  digest: '',
  usage: { cpuMs: 0, wallMs: 0, memoryBytesPeak: 0 },
};
