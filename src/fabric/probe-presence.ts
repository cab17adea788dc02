/**
 * Whether the owner is there: how long nobody has touched a key, a mouse or a terminal.
 *
 * On Linux two things tell it without any package, desktop or permission, which is what a headless daemon
 * has:
 * - a terminal's access time moves when something is typed into it, also over SSH;
 * - the interrupt counters of keyboards, touch pads and USB controllers move when such a device is used.
 * A USB disk or network card counts as the owner too. That costs us some work; the opposite mistake, taking
 * the owner for absent, costs them a slow machine, and only one of the two makes people remove a program.
 * Desktop services (logind's idle hint, X11's and Wayland's idle protocols) would be finer, but are missing
 * or silent on exactly the machines that run without a desktop.
 *
 * On other platforms nobody can tell without a native module, and the answer is "not known". Who asks for
 * "only when idle" there gets no work, with that reason.
 *
 * All of it is read at once: it lies in the kernel's memory, and trips to the thread pool were half of an
 * idle daemon's work.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { platform, uptime } from 'node:os';
import type { Clock, Milliseconds } from '../actors/index.ts';
import { SECOND_MS } from '../actors/index.ts';
import type { PresenceReading } from './reading.ts';

/** PS/2 keyboards and mice, I²C touch pads, and the USB controllers behind which all others are. */
const INPUT_DEVICE = /i8042|i2c_hid|hid|keyboard|mouse|touch|synaptics|elan|[xeou]hci_hcd/i;

/** Virtual consoles and pseudo-terminals; not `tty` and `ptmx`, which every program opens. */
const CONSOLE = /^tty\d+$/;
const PSEUDO_TERMINAL = /^\d+$/;

export interface PresenceSources {
  readonly clock: Pick<Clock, 'now'>;
  readonly platform?: string;
  readonly devices?: string;
  readonly interrupts?: string;
  readonly uptimeMs?: () => Milliseconds;
}

export function presenceProbe(sources: PresenceSources): () => Promise<PresenceReading> {
  const { clock, devices = '/dev', interrupts = '/proc/interrupts' } = sources;
  const uptimeMs = sources.uptimeMs ?? (() => uptime() * SECOND_MS);
  if ((sources.platform ?? platform()) !== 'linux') return async () => ({ kind: 'presence', idleMs: null });

  let count: number | undefined;
  let movedAt: Milliseconds | undefined;
  return async () => {
    const [newest, counted] = [newestTouch(devices), inputCount(interrupts)];
    // Two readings are needed to see a counter move; until then it may be moving.
    if (counted !== undefined && counted !== count) movedAt = clock.now();
    count = counted;
    if (newest === undefined && counted === undefined) return { kind: 'presence', idleMs: null };
    const touchedAt = Math.max(newest ?? 0, movedAt ?? 0, clock.now() - uptimeMs());
    return { kind: 'presence', idleMs: Math.max(0, clock.now() - touchedAt) };
  };
}

/** When something was last typed into any terminal; undefined where there are no device files to look at. */
function newestTouch(devices: string): Milliseconds | undefined {
  const consoles = namesIn(devices, CONSOLE);
  const terminals = namesIn(`${devices}/pts`, PSEUDO_TERMINAL);
  const touches = [...consoles, ...terminals].map(touchedAt);
  return touches.reduce((one, other) => (other === undefined || one! > other ? one : other), undefined);
}

function namesIn(folder: string, pattern: RegExp): string[] {
  const names = orNone(() => readdirSync(folder)).filter((name) => pattern.test(name));
  return names.map((name) => `${folder}/${name}`);
}

function touchedAt(terminal: string): Milliseconds | undefined {
  try {
    return statSync(terminal).atimeMs;
  } catch {
    // It was closed since it was listed.
    return undefined;
  }
}

/** Interrupts of all input devices since the machine was started; undefined if there are none. */
function inputCount(interrupts: string): number | undefined {
  const all = orNone(() => readFileSync(interrupts, 'utf8').split('\n'));
  const lines = all.filter((line) => INPUT_DEVICE.test(line));
  if (lines.length === 0) return undefined;
  return lines.reduce((sum, line) => sum + countIn(line), 0);
}

function orNone(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/**
 * ` 1: 9 0 IO-APIC 1-edge i8042`: the numbers between the colon and the first word, one a processor.
 */
function countIn(line: string): number {
  const [, counts = ''] = /^\s*\d+:((?:\s+\d+)+)\s/.exec(line) ?? [];
  return counts
    .split(/\s+/)
    .filter(Boolean)
    .map(Number)
    .reduce((sum, number) => sum + number, 0);
}
