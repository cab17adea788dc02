/**
 * Collections with a limit: whatever comes from outside lands in one of these.
 *
 * Each has a name and a visible count, so that a dashboard can show how full it is, and each answers when it
 * is full; none grows past its limit, none drops silently.
 */

import { assert } from './assert.ts';

/** Whether a bounded collection took an item. */
export type Admission = 'accepted' | 'full';

/** Slots a queue begins with; it doubles up to its limit, so thousands of idle actors stay small. */
const QUEUE_SLOTS_MIN = 8;

/** First in, first out. All operations are O(1), amortised over growth; emptied slots keep nothing alive. */
export class BoundedQueue<Item> {
  readonly name: string;
  readonly max: number;
  #slots: (Item | undefined)[] = new Array(QUEUE_SLOTS_MIN).fill(undefined);
  #mask = QUEUE_SLOTS_MIN - 1;
  #head = 0;
  #size = 0;

  constructor(name: string, max: number) {
    assert(Number.isSafeInteger(max) && max > 0, 'the limit of a queue is a positive integer');
    this.name = name;
    this.max = max;
  }

  get size(): number {
    return this.#size;
  }

  push(item: Item): Admission {
    if (this.#size >= this.max) return 'full';
    if (this.#size > this.#mask) this.#grow();
    this.#slots[(this.#head + this.#size) & this.#mask] = item;
    this.#size += 1;
    return 'accepted';
  }

  /** The oldest item; `undefined` when there is none. */
  shift(): Item | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size -= 1;
    return item;
  }

  peek(): Item | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  /** Oldest first. The queue must not change meanwhile. */
  *[Symbol.iterator](): Generator<Item> {
    for (let index = 0; index < this.#size; index += 1) {
      yield this.#slots[(this.#head + index) & this.#mask] as Item;
    }
  }

  clear(): void {
    this.#slots = new Array(QUEUE_SLOTS_MIN).fill(undefined);
    this.#mask = QUEUE_SLOTS_MIN - 1;
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const slots: (Item | undefined)[] = new Array(this.#slots.length * 2).fill(undefined);
    let index = 0;
    for (const item of this) slots[index++] = item;
    this.#slots = slots;
    this.#mask = slots.length - 1;
    this.#head = 0;
  }
}

/** A map, in order of insertion, that refuses new keys when it is full. Known keys can always be replaced. */
export class BoundedMap<Key, Value> {
  readonly name: string;
  readonly max: number;
  readonly #entries = new Map<Key, Value>();

  constructor(name: string, max: number) {
    assert(Number.isSafeInteger(max) && max > 0, 'the limit of a map is a positive integer');
    this.name = name;
    this.max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  set(key: Key, value: Value): Admission {
    if (this.#entries.size >= this.max && !this.#entries.has(key)) return 'full';
    this.#entries.set(key, value);
    return 'accepted';
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys();
  }

  values(): MapIterator<Value> {
    return this.#entries.values();
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.#entries[Symbol.iterator]();
  }
}

/** The newest items only: when it is full, the oldest makes room, and is counted. For logs and sparklines. */
export class RingBuffer<Item> {
  readonly name: string;
  readonly max: number;
  readonly #queue: BoundedQueue<Item>;
  #dropped = 0;

  constructor(name: string, max: number) {
    this.name = name;
    this.max = max;
    this.#queue = new BoundedQueue(name, max);
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Items that made room since the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The item that had to go, if any. */
  push(item: Item): Item | undefined {
    const full = this.#queue.size === this.max;
    const oldest = full ? this.#queue.shift() : undefined;
    if (full) this.#dropped += 1;
    this.#queue.push(item);
    return oldest;
  }

  /** Oldest first. */
  [Symbol.iterator](): Generator<Item> {
    return this.#queue[Symbol.iterator]();
  }
}
