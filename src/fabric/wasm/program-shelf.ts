/**
 * The programs that tasks may name: checked once, in a process of its own, and kept ready for the hosts.
 *
 * Compiling a hostile module may take any time and any memory, so it happens where it can be killed, and not
 * where tasks run. The process goes soon after the last check.
 */

import type { Bytes, Clock, Milliseconds } from '../../actors/index.ts';
import { Fault, MIB } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import type { Cid } from '../task.ts';
import type { HostOptions } from './host-link.ts';
import { HostLink } from './host-link.ts';
import type { HostSays } from './host-wire.ts';
import type { ShapedModule } from './module-shape.ts';
import { PROGRAM_BYTES_MAX } from './module-shape.ts';
import { COMPILE_LIMIT_MS } from './slot.ts';

/** Eight of the largest, or hundreds of the usual size. */
const SHELF_BYTES_MAX: Bytes = 256 * MIB;

/** Starting the process takes longer than most checks, and programs often come a few together. */
const IDLE_MS: Milliseconds = 5_000;

interface Check {
  readonly program: Cid;
  readonly bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
  readonly promise: Promise<void>;
}

export class ProgramShelf {
  readonly #options: HostOptions;
  readonly #clock: Clock;
  readonly #isNeeded: (program: Cid) => boolean;
  /** In order of last use. */
  readonly #programs = new Map<Cid, ShapedModule>();
  readonly #checks: Check[] = [];
  #bytes = 0;
  #link: HostLink | undefined;
  #lastEnded: Promise<void> = Promise.resolve();
  #isReady = false;
  #cancelWatch: (() => void) | undefined;
  #isSuspended = false;
  #isClosed = false;

  /** `isNeeded` says which programs must stay although they are the oldest. */
  constructor(options: HostOptions, clock: Clock, isNeeded: (program: Cid) => boolean) {
    this.#options = options;
    this.#clock = clock;
    this.#isNeeded = isNeeded;
  }

  has(program: Cid): boolean {
    return this.#programs.has(program);
  }

  /** Also says that it is in use. */
  get(program: Cid): ShapedModule | undefined {
    const module = this.#programs.get(program);
    if (module === undefined) return undefined;
    this.#programs.delete(program);
    this.#programs.set(program, module);
    return module;
  }

  load(program: Cid, bytes: Uint8Array): Promise<void> {
    if (this.get(program) !== undefined) return Promise.resolve();
    if (bytes.length > PROGRAM_BYTES_MAX) {
      const details = { bytes: bytes.length, bytesMax: PROGRAM_BYTES_MAX };
      return Promise.reject(fabricErrors.FABRIC_PROGRAM_TOO_LARGE(details));
    }
    if (this.#isClosed) return Promise.reject(fabricErrors.FABRIC_SANDBOX_BROKEN({ reason: 'it is closed' }));
    const underWay = this.#checks.find((check) => check.program === program);
    if (underWay !== undefined) return underWay.promise;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#checks.push({ program, bytes, resolve, reject, promise });
    if (this.#checks.length === 1) this.#checkNext();
    return promise;
  }

  suspend(): void {
    this.#isSuspended = true;
    this.#stopWatching();
    this.#link?.stop();
  }

  resume(): void {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    this.#link?.goOn();
    if (this.#checks.length > 0 && this.#link !== undefined) this.#watch();
    else if (this.#checks.length > 0 || this.#link !== undefined) this.#checkNext();
  }

  /** Resolves when its process is gone. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatching();
    this.#link?.kill();
    for (const check of this.#checks.splice(0)) {
      check.reject(fabricErrors.FABRIC_SANDBOX_BROKEN({ reason: 'it is closed' }));
    }
    return this.#lastEnded;
  }

  #checkNext(): void {
    const [check] = this.#checks;
    if (check === undefined) {
      this.#cancelWatch = this.#clock.after(IDLE_MS, () => this.#dismiss());
      return;
    }
    if (this.#isSuspended) return;
    this.#link ??= this.#startHost();
    this.#link.send({ type: 'check', bytes: check.bytes });
    this.#watch();
  }

  #dismiss(): void {
    this.#link?.kill();
    this.#link = undefined;
  }

  #startHost(): HostLink {
    const link = new HostLink(this.#options, {
      received: (message) => {
        if (link === this.#link) this.#received(message);
      },
      gone: (reason) => {
        if (link === this.#link) this.#gone(reason);
      },
    });
    this.#isReady = false;
    this.#lastEnded = link.ended;
    return link;
  }

  #received(message: HostSays): void {
    if (message.type === 'ready') this.#isReady = true;
    if (message.type === 'fits') this.#settle((check) => this.#put(check, message.module));
    if (message.type === 'refused') {
      this.#settle((check) => check.reject(Fault.fromWire(message.fault)));
    }
  }

  #gone(reason: string): void {
    this.#link = undefined;
    const fault = this.#isReady
      ? fabricErrors.FABRIC_PROGRAM_COMPILE_LIMIT({ limitMs: COMPILE_LIMIT_MS })
      : fabricErrors.FABRIC_SANDBOX_BROKEN({ reason });
    this.#settle((check) => check.reject(fault));
  }

  #settle(answer: (check: Check) => void): void {
    this.#stopWatching();
    const check = this.#checks.shift();
    if (check === undefined) return;
    answer(check);
    this.#checkNext();
  }

  #put(check: Check, module: ShapedModule): void {
    this.#programs.set(check.program, module);
    this.#bytes += module.bytes.length;
    for (const [program, { bytes }] of this.#programs) {
      if (this.#bytes <= SHELF_BYTES_MAX) break;
      if (program === check.program || this.#isNeeded(program)) continue;
      this.#programs.delete(program);
      this.#bytes -= bytes.length;
    }
    check.resolve();
  }

  #watch(): void {
    this.#stopWatching();
    this.#cancelWatch = this.#clock.after(COMPILE_LIMIT_MS, () => this.#link?.kill());
  }

  #stopWatching(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }
}
