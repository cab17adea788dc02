/**
 * The one description of the configuration: from it come validation, defaults, the names of environment
 * variables, what `conun doctor` prints, and docs/configuration.md.
 *
 * What belongs to a lower layer (governor preferences, provider policy) passes through as it is; that
 * layer's own schema judges it.
 */

import { z } from 'zod';
import { GIB, MIB, SECOND_MS } from '../actors/index.ts';
import { ROLES } from './node.ts';

/** What the documentation calls an amount of the token. */
const TOKENS = 'tokens';

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 1024,
  MIB,
  GIB,
  TIB: 1024 * GIB,
};

/** A number of bytes, or a text such as `512 MiB`. */
const bytes = z
  .union([z.number(), z.string().max(40)])
  .transform((given, context) => {
    if (typeof given === 'number') return given;
    const [, figure, unit = 'B'] = /^\s*([\d.]+)\s*([a-z]*)\s*$/i.exec(given) ?? [];
    const factor = UNITS[unit.toUpperCase() || 'B'];
    if (figure !== undefined && factor !== undefined && Number.isFinite(Number(figure))) {
      return Math.round(Number(figure) * factor);
    }
    context.addIssue({ code: 'custom', message: 'expected a number of bytes, or a text like `512 MiB`' });
    return z.NEVER;
  })
  .pipe(z.number().int().positive().max(Number.MAX_SAFE_INTEGER));

/**
 * What `parseAmount` reads. That stands in a layer whose libraries no command should have to load for its
 * configuration.
 */
const AMOUNT = /^\d{1,10}(?:\.\d{1,18})?$/;

/** Stays a text, for exactness; a number in YAML is taken as it is written. */
const tokens = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => AMOUNT.test(text), 'expected an amount of tokens, like "12.5"')
  .meta({ kind: TOKENS });

const durationMs = z.number().int().positive().max(3_600_000);
const address = z
  .string()
  .min(1)
  .max(512)
  .startsWith('/', 'expected a multiaddr such as /ip4/10.0.0.7/tcp/4400');
const addresses = z.array(address).max(64);
const path = z.string().min(1).max(4_096);
const opaque = z.record(z.string().max(128), z.unknown());
const says = (description: string, defaultText?: string) => ({ description, defaultText });

const network = z.strictObject({
  listen: addresses
    .min(1)
    .default(['/ip4/0.0.0.0/tcp/0'])
    .meta(says('Where to accept peers. Port 0 takes a free one at each start; name one to be found again.')),
  bootstrap: addresses
    .default([])
    .meta(says('Peers to join the grid through, each ending in `/p2p/<peer>`. Dialled again for ever.')),
  mdns: z.boolean().default(true).meta(says('Find peers on the local network.')),
  dht: z.boolean().default(true).meta(says('Find peers and content through the distributed hash table.')),
});

const pay = z.strictObject({
  tariff: tokens
    .default('0.25')
    .meta(says('The price of 10¹² reference operations: about a quarter of an hour of a processor.')),
  unpaid: tokens
    .optional()
    .meta(says('More than this is not computed without being paid.', 'what all slots earn in an hour')),
  stake: tokens.default('100').meta(says('The most stake that is locked for one deal.')),
  vouchersMissed: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .meta(says('A broker that owes and pays nothing for so many of its intervals gets no more work done.')),
  redeemCost: tokens
    .default('0.01')
    .meta(says('What it costs to redeem a voucher: a hundred times as much is worth doing it early.')),
  volunteers: z
    .boolean()
    .default(true)
    .meta(says('Works also for brokers that pay nothing, for credit alone.')),
});

const provider = z.strictObject({
  slots: z
    .number()
    .int()
    .min(1)
    .max(1_024)
    .optional()
    .meta(
      says('Tasks that run at the same time.', 'processors, at most as many as half of the memory can hold'),
    ),
  memoryPerSlot: bytes.default(512 * MIB).meta(says('Memory that one task may use. Bytes, or `512 MiB`.')),
  storageQuota: bytes
    .default(10 * GIB)
    .meta(says('Disk space for programs, inputs and results. Bytes, or `10 GiB`.')),
  governor: opaque.default({}).meta(says("The owner's preferences: when tasks may run, and how hard.")),
  policy: opaque.default({}).meta(says('Whose work is accepted: brokers, apps, categories.')),
  pay: pay.prefault({}),
  brokers: addresses
    .default([])
    .meta(says('Brokers to serve without waiting for their announcements, each ending in `/p2p/<peer>`.')),
});

const broker = z
  .strictObject({
    heartbeatMs: durationMs
      .default(5 * SECOND_MS)
      .meta(says('Each side of a lease says something at least this often.')),
    lapseAfterMs: durationMs
      .default(15 * SECOND_MS)
      .meta(says('A provider silent for longer has lost its lease, and its tasks go elsewhere.')),
    window: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(4_096)
      .meta(says('Units of one batch in memory at a time; the rest stays in the plugin or in the journal.')),
  })
  // One lost heartbeat must not cost a lease.
  .refine((it) => it.lapseAfterMs >= 2 * it.heartbeatMs, {
    path: ['lapseAfterMs'],
    message: 'must be at least twice broker.heartbeatMs',
  });

const chain = z
  .strictObject({
    rpc: z
      .array(
        z
          .string()
          .max(512)
          .regex(/^(?:https?|wss?):\/\/\S+$/, 'expected a URL: http://127.0.0.1:8545'),
      )
      .max(8)
      .default([])
      .meta(says('Nodes of the chain to ask, the first one that answers. Empty: a grid without money.')),
    id: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .meta(says('The chain that they must be of: what is signed for it is worth nothing on another one.')),
    contracts: path
      .nullable()
      .default(null)
      .meta(says('A JSON file with the addresses of the contracts, as their deployment wrote it.')),
    confirmations: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .meta(says('Blocks, its own included, after which a transaction counts: a minute on Ethereum.')),
    pollMs: durationMs
      .default(4 * SECOND_MS)
      .meta(says('The chain is looked at so often: three times in a block of Ethereum.')),
    account: z
      .string()
      .min(1)
      .max(64)
      .nullable()
      .default(null)
      .meta(says('Whose money it is: the name of an account in `conun wallet list`, or an address.')),
  })
  .refine((it) => it.rpc.length === 0 || it.id !== null, {
    path: ['id'],
    message: 'must be given with chain.rpc',
  })
  .refine((it) => it.rpc.length === 0 || it.contracts !== null, {
    path: ['contracts'],
    message: 'must be given with chain.rpc',
  });

const log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta(says('The least that is logged.')),
  format: z
    .enum(['json', 'text'])
    .default('json')
    .meta(says('`json`: one object a line. `text`: for people.')),
});

const api = z.strictObject({
  socket: path.optional().meta(says('The Unix socket of the local API.', '`api.sock` in the runtime folder')),
  tcpPort: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .nullable()
    .default(null)
    .meta(says('Also answer on this TCP port of 127.0.0.1, to who has the token. 0 takes a free one.')),
  tokenFile: path
    .optional()
    .meta(says('Holds the bearer token for TCP; mode 0600.', '`api-token` in the configuration folder')),
});

export const configSchema = z.strictObject({
  name: z.string().min(1).max(64).optional().meta(says('What people call this node.', 'the host name')),
  roles: z
    .array(z.enum(ROLES))
    .max(ROLES.length)
    .default([...ROLES])
    .meta(says('`provider` runs tasks, `broker` runs batches. Without either: a door for a researcher.')),
  network: network.prefault({}),
  provider: provider.prefault({}),
  broker: broker.prefault({}),
  chain: chain.prefault({}),
  log: log.prefault({}),
  api: api.prefault({}),
});

export type ParsedConfig = z.output<typeof configSchema>;

export interface ConfigMember {
  /** `network.listen`. */
  readonly name: string;
  /** `CONUN_NETWORK_LISTEN`. */
  readonly variable: string;
  readonly description: string;
  /** For people. */
  readonly defaultText: string;
  /** For people: what kind of value. */
  readonly kind: string;
  /** How a text given by environment or flag is read. */
  readonly reads: 'text' | 'list' | 'json';
}

/** All members in the order of the schema. */
export function configMembers(): readonly ConfigMember[] {
  const defaults: unknown = configSchema.parse({});
  return [...walk(configSchema, [], defaults)];
}

function* walk(schema: z.ZodType, at: readonly string[], defaults: unknown): Iterable<ConfigMember> {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) {
    for (const [key, inner] of Object.entries(bare.shape)) {
      const value = (defaults as Record<string, unknown> | undefined)?.[key];
      yield* walk(inner as z.ZodType, [...at, key], value);
    }
    return;
  }
  const name = at.join('.');
  const meta = (schema.meta() ?? {}) as { description?: string; defaultText?: string };
  yield {
    name,
    variable: `CONUN_${at.map(shout).join('_')}`,
    description: meta.description ?? '',
    defaultText: meta.defaultText ?? `\`${JSON.stringify(defaults)}\``,
    kind: kindOf(bare),
    reads: bare instanceof z.ZodArray ? 'list' : isText(bare) ? 'text' : 'json',
  };
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable;
  return wrapped ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

function isText(schema: z.ZodType): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodEnum || kindOf(schema) === TOKENS;
}

function kindOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodArray) return `list of ${kindOf(schema.element as z.ZodType)}`;
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(', ');
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodRecord) return 'object';
  if (schema instanceof z.ZodNumber) return 'number';
  return (schema.meta()?.['kind'] as string | undefined) ?? 'bytes';
}

/** `memoryPerSlot` becomes `MEMORY_PER_SLOT`. */
function shout(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
