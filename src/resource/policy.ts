/**
 * The provider's own law: whom this machine serves, with what, and when. The grid's rules come before it
 * and cannot loosen it.
 *
 * A deny list always wins; an empty allow list allows everyone. Labels (applications, categories) are
 * compared as they are, without understanding them.
 */

import { z } from 'zod';
import { GIB } from '../actors/index.ts';
import type { Bytes, Fault, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { SandboxKind } from '../fabric/index.ts';
import { resourceErrors } from './errors.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof DAYS)[number];

/** Lists are written by hand: a thousand entries is a mistake or an attack. */
const LIST_MAX = 1_000;

const names = z.array(z.string().min(1).max(128)).max(LIST_MAX).default([]);
const list = z.strictObject({ allow: names, deny: names }).prefault({});
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'not a time like 08:30');

/** `from` later than `to` runs over midnight and belongs to the day on which it begins. */
const window = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .max(DAYS.length)
    .default([...DAYS]),
  from: timeOfDay,
  to: timeOfDay,
});

/** The policy file, parsed. Every member has a default, so `{}` is a policy. */
const policySchema = z.strictObject({
  brokers: list,
  owners: list,
  labels: list,
  sandboxes: z.array(z.literal('wasm')).max(8).default(['wasm']),
  /** Half of what a 32-bit WASM module can address: room for real work without starving a desktop. */
  taskMemoryBytesMax: z
    .int()
    .positive()
    .default(2 * GIB),
  /** Brokers served at once. More only split the same slots into smaller parts. */
  leasesMax: z.int().min(1).max(64).default(4),
  /** When work may be taken; empty: always. */
  hours: z.array(window).max(50).default([]),
  /** IANA name; absent: the machine's. */
  timeZone: z.string().max(64).refine(isTimeZone, 'not a time zone').optional(),
});

export type Policy = z.output<typeof policySchema>;

/** What is judged: a broker that calls, or one task. Members that are not known are not judged. */
export interface PolicyRequest {
  readonly broker?: PeerId;
  readonly owner?: OwnerId;
  readonly labels?: readonly string[];
  readonly sandbox?: SandboxKind;
  readonly taskMemoryBytes?: Bytes;
  /** Leases already held. */
  readonly leases?: number;
}

export type Judgement =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: string; readonly sentence: string };

/** Throws `RESOURCE_POLICY_INVALID` naming the member that is wrong. */
export function parsePolicy(value: unknown): Policy {
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw resourceErrors.RESOURCE_POLICY_INVALID({ reason: z.prettifyError(parsed.error) });
}

export function judge(policy: Policy, request: PolicyRequest, now: Milliseconds): Judgement {
  const objection =
    callerObjection(policy, request) ?? workObjection(policy, request) ?? timeObjection(policy, now);
  if (objection === undefined) return { allowed: true };
  return { allowed: false, code: objection.code, sentence: objection.message };
}

function callerObjection(policy: Policy, request: PolicyRequest): Fault | undefined {
  const { broker, owner, leases } = request;
  if (broker !== undefined && !admits(policy.brokers, broker)) {
    return resourceErrors.RESOURCE_POLICY_BROKER({ broker });
  }
  if (owner !== undefined && !admits(policy.owners, owner)) {
    return resourceErrors.RESOURCE_POLICY_OWNER({ owner });
  }
  if (leases !== undefined && leases >= policy.leasesMax) {
    return resourceErrors.RESOURCE_POLICY_LEASES({ held: leases, allowed: policy.leasesMax });
  }
  return undefined;
}

function workObjection(policy: Policy, request: PolicyRequest): Fault | undefined {
  const { sandbox, taskMemoryBytes } = request;
  if (sandbox !== undefined && !policy.sandboxes.includes(sandbox)) {
    return resourceErrors.RESOURCE_POLICY_SANDBOX({ sandbox });
  }
  if (taskMemoryBytes !== undefined && taskMemoryBytes > policy.taskMemoryBytesMax) {
    const details = { wanted: taskMemoryBytes, allowed: policy.taskMemoryBytesMax };
    return resourceErrors.RESOURCE_POLICY_MEMORY(details);
  }
  return labelObjection(policy, request.labels ?? []);
}

/** One denied label is enough to refuse; one allowed label is enough where there is an allow list. */
function labelObjection(policy: Policy, labels: readonly string[]): Fault | undefined {
  const { allow, deny } = policy.labels;
  const denied = labels.find((label) => deny.includes(label));
  if (denied !== undefined) return resourceErrors.RESOURCE_POLICY_LABEL({ label: denied });
  if (allow.length === 0 || labels.length === 0) return undefined;
  if (labels.some((label) => allow.includes(label))) return undefined;
  return resourceErrors.RESOURCE_POLICY_LABEL({ label: labels.join(', ') });
}

function timeObjection(policy: Policy, now: Milliseconds): Fault | undefined {
  if (policy.hours.length === 0) return undefined;
  const { day, minute } = localTime(now, policy.timeZone);
  const open = policy.hours.some((hours) => {
    const from = minutesOf(hours.from);
    const to = minutesOf(hours.to);
    const today = hours.days.includes(day);
    if (from <= to) return today && minute >= from && minute < to;
    return (today && minute >= from) || (hours.days.includes(dayBefore(day)) && minute < to);
  });
  return open ? undefined : resourceErrors.RESOURCE_POLICY_HOURS();
}

function admits(lists: Policy['brokers'], name: string): boolean {
  return !lists.deny.includes(name) && (lists.allow.length === 0 || lists.allow.includes(name));
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

function dayBefore(day: Day): Day {
  return DAYS[(DAYS.indexOf(day) + DAYS.length - 1) % DAYS.length]!;
}

/** Through `Intl`, which knows the summer times of every zone. */
function localTime(now: Milliseconds, timeZone: string | undefined): { day: Day; minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => parts.find((it) => it.type === type)!.value;
  const day = part('weekday').toLowerCase() as Day;
  return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
