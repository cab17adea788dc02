/**
 * What a message costs: one actor that counts, told from outside in windows that fit our bounded mailbox; and
 * one that answers questions. `xstate` handles inside `send`, `nact` takes one pass of the event loop per
 * message, we take one per turn; each is used as its own documentation shows.
 */

import { dispatch, query, spawn, start, stop } from 'nact';
import { createActor, fromTransition } from 'xstate';
import { ask, createSystem, systemClock, systemRandom } from '../src/actors/index.ts';
import type { BenchLine } from './line.ts';

/** Told before the sender waits until all are handled. */
const WINDOW = 4_096;

/** Questions that are open at a time. */
const QUESTIONS = 256;

const ASK_TIMEOUT_MS = 10_000;

interface Contestant {
  readonly peer?: string;
  /** Enough for about a second. */
  readonly count: number;
  open(handled: () => void): Opened;
}

interface Opened {
  tell(value: number): void;
  close(): unknown;
}

interface Asked {
  readonly peer?: string;
  readonly count: number;
  open(): { ask(value: number): Promise<number>; close(): unknown };
}

const tellers: readonly Contestant[] = [
  {
    count: 20_000_000,
    open(handled) {
      const system = createSystem({ name: 'bench', clock: systemClock(), random: systemRandom() });
      const counter = system.spawn<number>('counter', () => ({ receive: handled }));
      return { tell: (value) => counter.tell(value), close: () => system.stop() };
    },
  },
  {
    peer: 'xstate',
    count: 5_000_000,
    open(handled) {
      const logic = fromTransition((count: number, _event: { type: 'tell'; value: number }) => {
        handled();
        return count + 1;
      }, 0);
      const counter = createActor(logic).start();
      return { tell: (value) => counter.send({ type: 'tell', value }), close: () => counter.stop() };
    },
  },
  {
    peer: 'nact',
    count: 300_000,
    open(handled) {
      const system = start();
      const count = (state = 0) => {
        handled();
        return state + 1;
      };
      const counter = spawn(system, count, 'counter');
      return { tell: (value) => dispatch(counter, value), close: () => stop(system) };
    },
  },
];

type Question = { readonly value: number; readonly reply: (answer: number) => void };

const askers: readonly Asked[] = [
  {
    count: 500_000,
    open() {
      const clock = systemClock();
      const system = createSystem({ name: 'bench', clock, random: systemRandom() });
      const echo = system.spawn<Question>('echo', () => ({ receive: ({ value, reply }) => reply(value) }));
      return {
        ask: (value) =>
          ask<Question, number>(echo, (reply) => ({ value, reply }), { timeoutMs: ASK_TIMEOUT_MS, clock }),
        close: () => system.stop(),
      };
    },
  },
  {
    peer: 'nact',
    count: 200_000,
    open() {
      const system = start();
      type NactQuestion = { readonly value: number; readonly sender: Parameters<typeof dispatch>[0] };
      const echo = spawn(
        system,
        (state: number = 0, { value, sender }: NactQuestion) => {
          dispatch(sender, value);
          return state;
        },
        'echo',
      );
      return {
        ask: (value) =>
          query(echo, (sender) => ({ value, sender }) as NactQuestion, ASK_TIMEOUT_MS) as Promise<number>,
        close: () => stop(system),
      };
    },
  },
];

/** Messages a second; a tenth of the messages warms it up first. */
async function tellRate({ count, open }: Contestant): Promise<number> {
  let left = 0;
  let drained = () => {};
  const { tell, close } = open(() => {
    left -= 1;
    if (left === 0) drained();
  });
  const send = async (total: number) => {
    for (let sent = 0; sent < total; sent += WINDOW) {
      left = WINDOW;
      const all = new Promise<void>((resolve) => {
        drained = resolve;
      });
      for (let index = 0; index < WINDOW; index += 1) tell(index);
      await all;
    }
  };
  await send(count / 10);
  const began = performance.now();
  await send(count);
  const seconds = (performance.now() - began) / 1_000;
  await close();
  return (Math.ceil(count / WINDOW) * WINDOW) / seconds;
}

/** Answers a second. */
async function askRate({ count, open }: Asked): Promise<number> {
  const { ask, close } = open();
  const send = async (total: number) => {
    for (let sent = 0; sent < total; sent += QUESTIONS) {
      await Promise.all(Array.from({ length: QUESTIONS }, (_, index) => ask(index)));
    }
  };
  await send(count / 10);
  const began = performance.now();
  await send(count);
  const seconds = (performance.now() - began) / 1_000;
  await close();
  return (Math.ceil(count / QUESTIONS) * QUESTIONS) / seconds;
}

/** Ours is first, and each peer is compared with it. */
async function compare<Who extends { readonly peer?: string }>(
  name: string,
  contestants: readonly Who[],
  rate: (who: Who) => Promise<number>,
): Promise<BenchLine[]> {
  const unit = 'messages/s';
  const lines: BenchLine[] = [];
  for (const who of contestants) {
    const value = Math.round(await rate(who));
    const ours = lines[0]?.value ?? value;
    lines.push(
      who.peer === undefined
        ? { name, value, unit }
        : { name, value, unit, peer: who.peer, ratio: Math.round((ours / value) * 100) / 100 },
    );
  }
  return lines;
}

export async function run(wanted: (name: string) => boolean = () => true): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  if (wanted('kernel.tell')) lines.push(...(await compare('kernel.tell', tellers, tellRate)));
  if (wanted('kernel.ask')) lines.push(...(await compare('kernel.ask', askers, askRate)));
  return lines;
}

if (import.meta.main) {
  for (const line of await run()) process.stdout.write(`${JSON.stringify(line)}\n`);
}
