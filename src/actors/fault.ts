/**
 * Errors as data: a code, a sentence, what to do about it, whether to try again, and the cause.
 *
 * Each layer declares its own catalogue (`src/<layer>/errors.ts`). The documentation is held to the
 * catalogues by a test, in both directions. A fault survives a process boundary: `toWire` and `fromWire`
 * are inverse up to the stack, which never leaves the process.
 */

export type FaultDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface FaultEntry {
  /** What is wrong. `{name}` is replaced by the detail of that name. */
  readonly says: string;
  /** What the person who meets it can do. */
  readonly todo: string;
  /** Whether the same request can succeed later without being changed. */
  readonly retry: boolean;
}

export interface WireFault {
  readonly code: string;
  readonly message: string;
  readonly todo: string;
  readonly retry: boolean;
  readonly details: FaultDetails;
}

export class Fault extends Error {
  readonly code: string;
  readonly todo: string;
  readonly retry: boolean;
  readonly details: FaultDetails;

  constructor(wire: WireFault, cause?: unknown) {
    super(wire.message, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = wire.code;
    this.todo = wire.todo;
    this.retry = wire.retry;
    this.details = wire.details;
  }

  toWire(): WireFault {
    const { code, message, todo, retry, details } = this;
    return { code, message, todo, retry, details };
  }

  static fromWire(wire: WireFault): Fault {
    return new Fault(wire);
  }
}

export type MakeFault = (details?: FaultDetails, cause?: unknown) => Fault;

export type Catalogue<Entries> = { readonly [Code in keyof Entries]: MakeFault } & {
  readonly entries: Readonly<Record<string, FaultEntry>>;
};

/** Turns a table of entries into one constructor per code: `errors.LEASE_EXPIRED({ lease })`. */
export function catalogue<const Entries extends Record<string, FaultEntry>>(
  entries: Entries,
): Catalogue<Entries> {
  const made: Record<string, unknown> = { entries };
  for (const [code, entry] of Object.entries(entries)) made[code] = maker(code, entry);
  return Object.freeze(made) as Catalogue<Entries>;
}

/** Whatever was thrown, as a fault: a fault is returned as it is. */
export function toFault(thrown: unknown, otherwise: MakeFault): Fault {
  if (thrown instanceof Fault) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return otherwise({ reason }, thrown);
}

function maker(code: string, entry: FaultEntry): MakeFault {
  return (details = {}, cause) => {
    const message = entry.says.replace(/\{(\w+)\}/g, (hole, name: string) => String(details[name] ?? hole));
    return new Fault({ code, message, todo: entry.todo, retry: entry.retry, details }, cause);
  };
}
