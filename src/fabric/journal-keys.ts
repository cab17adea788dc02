/**
 * Where a journal's streams and rows lie in one ordered key space.
 *
 *     e<stream>\0<number>   one entry; numbers have a fixed width, so that key order is append order
 *     s<stream>             the snapshot of a stream, if it has one
 *     f<stream>             its floor: entries below that number are forgotten, erased or not
 *     r<key>                a row
 *
 * Stream names hold no byte below `-`, so `\0` after a name sorts before every longer name that begins with
 * it.
 */

import type { StreamName } from '../actors/index.ts';

/** 36^10 entries: at a million a second, enough for a century. */
const NUMBER_DIGITS = 10;
const NUMBER_RADIX = 36;

const STREAM_NAME = /^[A-Za-z0-9\-_./]{1,128}$/;

/** Sorts after every key that begins with the same text: the last code point in UTF-8. */
const LAST = '\u{10ffff}';

export interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

export function isStreamName(name: string): boolean {
  return STREAM_NAME.test(name);
}

export function numberText(number: number): string {
  return number.toString(NUMBER_RADIX).padStart(NUMBER_DIGITS, '0');
}

export function parseNumber(text: string): number {
  return Number.parseInt(text, NUMBER_RADIX);
}

export function entryKey(stream: StreamName, number: number): string {
  return `e${stream}\0${numberText(number)}`;
}

/** The stream and number of an entry's key. */
export function parseEntryKey(key: string): { readonly stream: StreamName; readonly number: number } {
  const end = key.length - NUMBER_DIGITS;
  return { stream: key.slice(1, end - 1), number: parseNumber(key.slice(end)) };
}

export function snapshotKey(stream: StreamName): string {
  return `s${stream}`;
}

export function floorKey(stream: StreamName): string {
  return `f${stream}`;
}

export function rowKey(key: string): string {
  return `r${key}`;
}

/** The name inside a snapshot, floor or row key. */
export function nameIn(key: string): string {
  return key.slice(1);
}

/** Entries of one stream, from a number on; with `below`, up to that number. */
export function entryRange(stream: StreamName, from: number, below?: number): KeyRange {
  return {
    gte: entryKey(stream, from),
    lt: below === undefined ? `e${stream}\x01` : entryKey(stream, below),
  };
}

/** Every key of a kind (`e`, `s`, `f`, `r`) whose name begins with `prefix`. */
export function prefixRange(kind: 'e' | 's' | 'f' | 'r', prefix: string): KeyRange {
  return { gte: `${kind}${prefix}`, lt: `${kind}${prefix}${LAST}` };
}
