/**
 * An actor at run time: a mailbox, the current life of its behaviour, and its children.
 *
 * The behaviour handles one mail at a time. Whatever it throws ends its life, never the process: the parent
 * decides what follows. Lives change only between handlers, so a behaviour never sees itself half stopped.
 */

import type { Behaviour, BehaviourFactory, SpawnOptions } from './actor.ts';
import type { ActorRef } from './actor-ref.ts';
import { failQuestion } from './ask.ts';
import { assert } from './assert.ts';
import { type Child, Children } from './children.ts';
import type { Clock } from './clock.ts';
import type { Dispatcher, Runnable } from './dispatcher.ts';
import { actorsErrors } from './errors.ts';
import { type Fault, toFault } from './fault.ts';
import { Incarnation, type IncarnationHost } from './incarnation.ts';
import type { Inspection } from './inspection.ts';
import type { InspectionHub } from './inspection-hub.ts';
import { MAILBOX_MAX, Mailbox, type MailboxOwner } from './mailbox.ts';
import type { Random } from './random.ts';
import { type RestartPolicy, SUPERVISION_DEFAULT } from './supervision.ts';

/** What all actors of a system share. */
export interface Realm {
  readonly clock: Clock;
  readonly random: Random;
  readonly dispatcher: Dispatcher;
  readonly hub: InspectionHub;
}

/** Who is told when a cell fails or ends by its own will, and decides. */
export interface Parent {
  childEnded(child: Child, fault: Fault | undefined): void;
  childGone(child: Child): void;
}

/** Why a life ends as soon as the handler that is running returns. */
type Ending =
  | { readonly by: 'parent' }
  | { readonly by: 'itself' }
  | { readonly by: 'fault'; readonly fault: Fault };

interface Life<Mail> {
  readonly behaviour: Behaviour<Mail>;
  readonly context: Incarnation<Mail>;
  readonly children: Children;
}

/** Anything that is one segment of a path and safe in a log line. */
const NAME = /^[\w.~:-]{1,128}$/;

export class Cell<Mail> implements Child, Parent, Runnable, MailboxOwner<Mail>, IncarnationHost<Mail> {
  readonly name: string;
  readonly restart: RestartPolicy;
  readonly mailbox: Mailbox<Mail>;
  readonly #realm: Realm;
  readonly #parent: Parent;
  readonly #factory: BehaviourFactory<Mail>;
  #life: Life<Mail> | undefined;
  #ending: Ending | undefined;
  #running = false;
  #gone = false;

  constructor(
    realm: Realm,
    parent: Parent,
    path: string,
    factory: BehaviourFactory<Mail>,
    { mailboxMax = MAILBOX_MAX, restart = 'transient' }: SpawnOptions = {},
  ) {
    this.#realm = realm;
    this.#parent = parent;
    this.#factory = factory;
    this.restart = restart;
    this.name = path.slice(path.lastIndexOf('/') + 1);
    this.mailbox = new Mailbox(path, mailboxMax, this);
  }

  get ref(): ActorRef<Mail> {
    return this.mailbox;
  }

  get clock(): Clock {
    return this.#realm.clock;
  }

  get random(): Random {
    return this.#realm.random;
  }

  turn(mailsMax: number): number {
    const life = this.#life;
    if (life === undefined) return 0;
    const { behaviour, context } = life;
    const { mailbox } = this;
    let handled = 0;
    let mail: Mail | undefined;
    this.#running = true;
    try {
      while (handled < mailsMax && this.#ending === undefined && mailbox.size > 0) {
        mail = mailbox.take();
        handled += 1;
        behaviour.receive(mail, context);
      }
      mail = undefined;
      if (handled > 0) behaviour.turnEnd?.(context);
    } catch (thrown) {
      const fault = toFault(thrown, actorsErrors.ACTORS_HANDLER_THREW);
      failQuestion(mail, () => fault);
      this.#endSoon({ by: 'fault', fault });
    }
    this.#running = false;
    this.#conclude();
    mailbox.rearm();
    return handled;
  }

  begin(): void {
    const context = new Incarnation<Mail>(this);
    this.#running = true;
    try {
      const behaviour = this.#factory();
      const supervision = behaviour.supervision ?? SUPERVISION_DEFAULT;
      const children = new Children(this.mailbox.path, this.clock, supervision);
      this.#life = { behaviour, context, children };
      behaviour.start?.(context);
    } catch (thrown) {
      const fault = toFault(thrown, actorsErrors.ACTORS_HANDLER_THREW);
      this.#ending = undefined;
      this.#discard();
      this.#report('actor.failed', 'error', fault);
      throw fault;
    } finally {
      this.#running = false;
    }
    this.#report('actor.started', 'debug');
    this.#conclude();
  }

  end(): void {
    const life = this.#life;
    if (life === undefined) return;
    life.children.terminateAll();
    try {
      life.behaviour.stop?.(life.context);
    } catch (thrown) {
      this.#report('actor.stop-failed', 'error', toFault(thrown, actorsErrors.ACTORS_HANDLER_THREW));
    }
    this.#discard();
  }

  terminate(): void {
    if (this.#gone) return;
    if (this.#running) {
      this.#endSoon({ by: 'parent' });
      return;
    }
    this.end();
    this.#gone = true;
    this.#parent.childGone(this);
    this.mailbox.close();
    this.#report('actor.stopped', 'debug');
  }

  spawn<ChildMail>(
    name: string,
    factory: BehaviourFactory<ChildMail>,
    options?: SpawnOptions,
  ): ActorRef<ChildMail> {
    const life = this.#life;
    assert(life !== undefined, 'only a living actor has children');
    assert(NAME.test(name), `the name of an actor is one path segment, not ${JSON.stringify(name)}`);
    const child = new Cell(this.#realm, this, `${this.mailbox.path}/${name}`, factory, options);
    life.children.add(child);
    try {
      child.begin();
    } catch (fault) {
      child.terminate();
      throw fault;
    }
    return child.ref;
  }

  stop(ref?: ActorRef<never>): void {
    if (ref === undefined) {
      if (this.#running) this.#endSoon({ by: 'itself' });
      else this.#parent.childEnded(this, undefined);
      return;
    }
    this.#life?.children.find(ref)?.terminate();
  }

  crash(fault: Fault): void {
    this.#endSoon({ by: 'fault', fault });
    if (!this.#running) this.#conclude();
  }

  childEnded(child: Child, fault: Fault | undefined): void {
    const escalation = this.#life?.children.ended(child, fault);
    if (escalation !== undefined) this.crash(escalation);
  }

  childGone(child: Child): void {
    this.#life?.children.remove(child);
  }

  inspect(event: Inspection): void {
    this.#realm.hub.emit(this.mailbox.path, event);
  }

  wake(): void {
    this.#realm.dispatcher.schedule(this);
  }

  refused(): void {
    this.#report('mailbox.full', 'warn');
  }

  deadLetter(mail: Mail): void {
    const { path } = this.mailbox;
    failQuestion(mail, () => actorsErrors.ACTORS_ASK_STOPPED({ path }));
    if (!this.#realm.hub.listening) return;
    this.inspect({ topic: 'mail.dead', level: 'debug', details: { type: typeOf(mail) } });
  }

  /** The first reason counts, but that of the parent before all others. */
  #endSoon(ending: Ending): void {
    if (this.#ending === undefined || ending.by === 'parent') this.#ending = ending;
  }

  #conclude(): void {
    const ending = this.#ending;
    if (ending === undefined) return;
    this.#ending = undefined;
    if (ending.by === 'parent') {
      this.terminate();
    } else if (ending.by === 'itself') {
      this.#parent.childEnded(this, undefined);
    } else {
      this.#report('actor.failed', 'error', ending.fault);
      this.#parent.childEnded(this, ending.fault);
    }
  }

  #discard(): void {
    this.#life?.children.terminateAll();
    this.#life?.context.end();
    this.#life = undefined;
    this.mailbox.forgetSystemMail();
  }

  #report(topic: string, level: Inspection['level'], fault?: Fault): void {
    if (!this.#realm.hub.listening) return;
    this.inspect({ topic, level, ...(fault === undefined ? {} : { fault: fault.toWire() }) });
  }
}

/** The `type` member by which mails are told apart, for people. */
function typeOf(mail: unknown): string {
  if (typeof mail !== 'object' || mail === null || !('type' in mail)) return typeof mail;
  return String(mail.type);
}
