/**
 * What every binding of the `Network` port promises. Each test gets fresh nodes, connected to each other as
 * far as the binding needs it, and waits on events only.
 */

import type { Test } from 'tap';
import type { Fault } from '../../src/actors/index.ts';
import {
  type Address,
  type Channel,
  type ChannelListener,
  connectivityErrors,
  type GossipMessage,
  type Network,
  type Protocol,
} from '../../src/connectivity/index.ts';

export interface NetworkFixture {
  /** Nodes that can reach each other. */
  readonly networks: readonly Network[];
  /** How another node finds this one, where the binding needs to be told. */
  readonly addressesOf: (network: Network) => readonly Address[];
  /** Resolves when every node knows that all the others listen to the topic. */
  readonly subscribed: (topic: string) => Promise<void>;
}

export type MakeFixture = (count: number, test: Test) => Promise<NetworkFixture>;

export interface Said {
  readonly type: 'said';
  readonly text: string;
}

export const echo = protocolOf('/conun/test-echo/1');

/** A protocol of one sort of message, the same both ways. */
export function protocolOf(
  id: string,
  limits: Partial<Protocol<Said, Said>['limits']> = {},
): Protocol<Said, Said> {
  const parse = (value: unknown): Said => {
    const said = value as Partial<Said> | null;
    if (said?.type !== 'said' || typeof said.text !== 'string' || Object.keys(said).length !== 2) {
      throw new TypeError('not a Said');
    }
    return said as Said;
  };
  return {
    id,
    parseDialer: parse,
    parseListener: parse,
    limits: {
      messageBytesMax: 65_536,
      outboundBytesMax: 262_144,
      inboundBytesPerSecondMax: 100_000_000,
      streamsPerPeerMax: 4,
      ...limits,
    },
  };
}

export const said = (text: string): Said => ({ type: 'said', text });

/** A listener that remembers, and promises of what it will hear. */
export class Recorder implements ChannelListener<Said> {
  readonly calls: (readonly Said[])[] = [];
  readonly ended = Promise.withResolvers<Fault | undefined>();
  drains = 0;
  endings = 0;
  #waiting: { readonly enough: () => boolean; readonly resolve: () => void }[] = [];

  get texts(): string[] {
    return this.calls.flat().map((message) => message.text);
  }

  received(messages: readonly Said[]): void {
    this.calls.push(messages);
    this.#happened();
  }

  drained(): void {
    this.drains += 1;
    this.#happened();
  }

  closed(fault?: Fault): void {
    this.endings += 1;
    this.ended.resolve(fault);
    this.#happened();
  }

  until(enough: () => boolean): Promise<void> {
    if (enough()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ enough, resolve }));
  }

  #happened(): void {
    this.#waiting = this.#waiting.filter((one) => {
      const over = one.enough();
      if (over) one.resolve();
      return !over;
    });
  }
}

export interface Opened {
  readonly near: Channel<Said>;
  readonly nearSide: Recorder;
  readonly far: Channel<Said>;
  readonly farSide: Recorder;
}

/** The second node serves, the first dials. */
export async function open(fixture: NetworkFixture, protocol: Protocol<Said, Said> = echo): Promise<Opened> {
  const [a, b] = fixture.networks as [Network, Network];
  const farSide = new Recorder();
  const accepted = Promise.withResolvers<Channel<Said>>();
  b.serve(protocol, (channel) => {
    accepted.resolve(channel);
    return farSide;
  });
  const nearSide = new Recorder();
  const near = await dial(fixture, a, b, nearSide, protocol);
  near.send(said('hello'));
  const far = await accepted.promise;
  await farSide.until(() => farSide.texts.length === 1);
  return { near, nearSide, far, farSide };
}

export function dial(
  fixture: NetworkFixture,
  from: Network,
  to: Network,
  listener: Recorder,
  protocol: Protocol<Said, Said> = echo,
): Promise<Channel<Said>> {
  const signal = new AbortController().signal;
  return from.dial(to.self, protocol, listener, { signal, addresses: fixture.addressesOf(to) });
}

export const faultOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (fault: Fault) => fault.code,
  );

/** Runs the suite as subtests of `t`. */
export async function networkConformance(t: Test, name: string, make: MakeFixture): Promise<void> {
  await t.test(`${name}: channels`, (t) => channelsConform(t, make));
  await t.test(`${name}: faults`, (t) => faultsConform(t, make));
  await t.test(`${name}: endings`, (t) => endingsConform(t, make));
  await t.test(`${name}: limits`, (t) => limitsConform(t, make));
  await t.test(`${name}: gossip`, (t) => gossipConforms(t, make));
}

async function channelsConform(t: Test, make: MakeFixture): Promise<void> {
  await t.test('messages arrive in order, those of one turn in one call', async (t) => {
    const { near, nearSide, far, farSide } = await open(await make(2, t));
    const texts = Array.from({ length: 100 }, (_, index) => `number ${index}`);
    for (const text of texts) t.equal(near.send(said(text)), 'accepted');
    await farSide.until(() => farSide.texts.length === 101);
    t.same(farSide.texts.slice(1), texts);
    t.equal(farSide.calls.length, 2);
    far.send(said('back'));
    await nearSide.until(() => nearSide.texts.length === 1);
    t.same(nearSide.texts, ['back']);
  });

  await t.test('what the listener says first waits until the dialer has its channel', async (t) => {
    const fixture = await make(2, t);
    const [a, b] = fixture.networks as [Network, Network];
    b.serve(echo, (channel) => {
      channel.send(said('welcome'));
      return new Recorder();
    });
    const nearSide = new Recorder();
    let resolved = false;
    const order: boolean[] = [];
    const listener: ChannelListener<Said> = {
      received: (messages) => {
        order.push(resolved);
        nearSide.received(messages);
      },
      closed: (fault) => nearSide.closed(fault),
    };
    const options = { signal: new AbortController().signal, addresses: fixture.addressesOf(b) };
    await a.dial(b.self, echo, listener, options);
    resolved = true;
    await nearSide.until(() => nearSide.texts.length === 1);
    t.same(order, [true]);
  });

  await t.test('each side knows the other, and both are told of the end once', async (t) => {
    const fixture = await make(2, t);
    const { near, nearSide, far, farSide } = await open(fixture);
    t.equal(near.remote, fixture.networks[1]?.self);
    t.equal(far.remote, fixture.networks[0]?.self);
    near.send(said('last words'));
    near.close();
    near.close();
    t.equal(near.send(said('too late')), 'closed');
    t.equal(await farSide.ended.promise, undefined);
    t.equal(await nearSide.ended.promise, undefined);
    t.ok(farSide.texts.includes('last words'), 'what was sent before the end arrives');
    t.equal(far.send(said('anybody there?')), 'closed');
    t.equal(farSide.endings + nearSide.endings, 2);
  });

  await t.test('large messages pass whole', async (t) => {
    const { near, farSide } = await open(await make(2, t));
    const text = 'x'.repeat(65_000);
    near.send(said(text));
    near.send(said(text));
    await farSide.until(() => farSide.texts.length === 3);
    t.same(farSide.texts.slice(1), [text, text]);
  });
}

async function faultsConform(t: Test, make: MakeFixture): Promise<void> {
  await t.test('a reason given at the end is seen by the other side', async (t) => {
    const { far, nearSide } = await open(await make(2, t));
    far.close(connectivityErrors.CONNECTIVITY_RATE_LIMITED({ peer: 'you', what: 'patience' }));
    const fault = await nearSide.ended.promise;
    t.equal(fault?.code, 'CONNECTIVITY_RATE_LIMITED');
    t.match(fault?.message, /patience/);
    t.equal(fault?.retry, true);
  });

  await t.test('a message that is not of the protocol ends the channel on both sides', async (t) => {
    const { near, nearSide, farSide } = await open(await make(2, t));
    near.send(said('good'));
    near.send({ type: 'said', text: 'ok', more: 1 } as Said);
    near.send(said('never read'));
    t.equal((await farSide.ended.promise)?.code, 'CONNECTIVITY_MESSAGE_INVALID');
    t.equal((await nearSide.ended.promise)?.code, 'CONNECTIVITY_MESSAGE_INVALID');
    t.same(farSide.texts, ['hello', 'good']);
  });

  await t.test('a message over the limit is refused at the sender', async (t) => {
    const { near } = await open(await make(2, t));
    t.throws(() => near.send(said('x'.repeat(70_000))), { code: 'CONNECTIVITY_FRAME_TOO_LARGE' });
    t.equal(near.send(said('small')), 'accepted');
  });

  await t.test(
    'dials fail with a code: to itself, to nobody, for an unknown protocol, given up',
    async (t) => {
      const fixture = await make(3, t);
      const [a, b, c] = fixture.networks as [Network, Network, Network];
      t.equal(await faultOf(dial(fixture, a, a, new Recorder())), 'CONNECTIVITY_SELF_DIAL');
      const unknown = protocolOf('/conun/test-unknown/1');
      t.equal(await faultOf(dial(fixture, a, b, new Recorder(), unknown)), 'CONNECTIVITY_PROTOCOL_REFUSED');
      const aborted = a.dial(b.self, echo, new Recorder(), { signal: AbortSignal.abort() });
      t.equal(await faultOf(aborted), 'CONNECTIVITY_UNREACHABLE');
      await c.close();
      t.equal(await faultOf(dial(fixture, a, c, new Recorder())), 'CONNECTIVITY_UNREACHABLE');
      t.equal(await faultOf(dial(fixture, c, a, new Recorder())), 'CONNECTIVITY_NETWORK_CLOSED');
    },
  );
}

async function endingsConform(t: Test, make: MakeFixture): Promise<void> {
  await t.test('a service can be ended, and one protocol has one server', async (t) => {
    const fixture = await make(2, t);
    const [a, b] = fixture.networks as [Network, Network];
    const end = b.serve(echo, () => new Recorder());
    t.throws(() => b.serve(echo, () => new Recorder()), { code: 'CONNECTIVITY_ALREADY_SERVED' });
    end();
    t.equal(await faultOf(dial(fixture, a, b, new Recorder())), 'CONNECTIVITY_PROTOCOL_REFUSED');
  });

  await t.test('a blocked peer loses its channels and cannot dial or be dialed', async (t) => {
    const fixture = await make(2, t);
    const [a, b] = fixture.networks as [Network, Network];
    const { nearSide, farSide } = await open(fixture);
    b.block(a.self);
    t.equal((await farSide.ended.promise)?.code, 'CONNECTIVITY_BLOCKED');
    t.ok(await nearSide.ended.promise, 'the other side hears of it, or sees the connection break');
    t.equal(await faultOf(dial(fixture, a, b, new Recorder())), 'CONNECTIVITY_UNREACHABLE');
    t.equal(await faultOf(dial(fixture, b, a, new Recorder())), 'CONNECTIVITY_UNREACHABLE');
  });

  await t.test('a node that closes ends its channels', async (t) => {
    const fixture = await make(2, t);
    const { nearSide, farSide } = await open(fixture);
    await fixture.networks[0]?.close();
    await farSide.ended.promise;
    await nearSide.ended.promise;
    t.equal(nearSide.endings + farSide.endings, 2);
  });
}

async function limitsConform(t: Test, make: MakeFixture): Promise<void> {
  await t.test('a slow reader makes the sender wait: full, then drained, and nothing is lost', async (t) => {
    const limits = {
      messageBytesMax: 400_000,
      outboundBytesMax: 400_000,
      inboundBytesPerSecondMax: 8_000_000,
    };
    const { near, nearSide, farSide } = await open(
      await make(2, t),
      protocolOf('/conun/test-slow/1', limits),
    );
    const text = 'x'.repeat(100_000);
    let sent = 0;
    const pump = () => {
      while (sent < 60 && near.send(said(`${sent} ${text}`)) === 'accepted') sent += 1;
    };
    pump();
    t.ok(sent < 60, 'the sender is told to wait');
    while (sent < 60) {
      const drains = nearSide.drains;
      await nearSide.until(() => nearSide.drains > drains);
      pump();
    }
    await farSide.until(() => farSide.texts.length === 61);
    const numbers = farSide.texts.slice(1).map((one) => Number(one.split(' ')[0]));
    t.same(
      numbers,
      Array.from({ length: 60 }, (_, index) => index),
    );
  });

  await t.test('a peer holds no more channels of a protocol than it may', async (t) => {
    const fixture = await make(2, t);
    const narrow = protocolOf('/conun/test-narrow/1', { streamsPerPeerMax: 1 });
    const { near, farSide } = await open(fixture, narrow);
    const [a, b] = fixture.networks as [Network, Network];
    const second = new Recorder();
    await dial(fixture, a, b, second, narrow);
    t.equal((await second.ended.promise)?.code, 'CONNECTIVITY_RATE_LIMITED');
    near.close();
    await farSide.ended.promise;
    const third = new Recorder();
    const channel = await dial(fixture, a, b, third, narrow);
    t.equal(channel.send(said('room again')), 'accepted');
    await farSide.until(() => farSide.texts.includes('room again'));
  });
}

async function gossipConforms(t: Test, make: MakeFixture): Promise<void> {
  await t.test('gossip reaches others signed, validated, once, and not its publisher', async (t) => {
    const fixture = await make(3, t);
    const [a, b, c] = fixture.networks as [Network, Network, Network];
    const heard: string[] = [];
    const both = Promise.withResolvers<void>();
    const subscribe = (network: Network, name: string) =>
      network.subscribe(
        'conun/test',
        (message) => (message.bytes[0] === 0 ? 'reject' : 'accept'),
        (message: GossipMessage) => {
          heard.push(`${name} ${message.from === a.self} ${message.bytes.join()}`);
          if (heard.length === 2) both.resolve();
        },
      );
    subscribe(a, 'a');
    subscribe(b, 'b');
    subscribe(c, 'c');
    await fixture.subscribed('conun/test');
    await a.publish('conun/test', Uint8Array.of(0, 1));
    await a.publish('conun/test', Uint8Array.of(7));
    await both.promise;
    t.same(heard.sort(), ['b true 7', 'c true 7']);
  });

  await t.test('gossip over the limit is refused at the publisher', async (t) => {
    const { networks } = await make(2, t);
    const publishing = networks[0]!.publish('conun/test', new Uint8Array(1_000_000));
    t.equal(await faultOf(publishing), 'CONNECTIVITY_FRAME_TOO_LARGE');
  });

  await t.test('a topic has one subscriber a node, and the next one after it has left', async (t) => {
    const { networks } = await make(2, t);
    const [a] = networks as [Network];
    const leave = a.subscribe(
      'conun/test',
      () => 'accept',
      () => undefined,
    );
    const again = () =>
      a.subscribe(
        'conun/test',
        () => 'accept',
        () => undefined,
      );
    t.throws(again, { code: 'CONNECTIVITY_ALREADY_SERVED' });
    leave();
    again()();
  });
}
