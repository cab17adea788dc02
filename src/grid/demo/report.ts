/**
 * What the demonstration found: facts as JSON, the same facts as a table, and what is not as it should be.
 */

import type { BatchView, ProviderView, ReplicaRecord, UnitResult } from '../../collective/index.ts';
import { duration } from '../cli/figures.ts';
import { type Column, table as columns } from '../cli/table.ts';
import { type MoneyFacts, moneyTable } from './settling.ts';
import type { Story } from './story.ts';

export interface Findings {
  readonly story: Story;
  readonly view: BatchView;
  readonly units: readonly UnitResult[];
  readonly providers: readonly ProviderView[];
  readonly liar: string;
  readonly victim: string;
  readonly pictureSha256: string;
  readonly equalsSingleProcess: boolean;
  readonly wallMs: number;
  /** Where the batch was paid for. */
  readonly money?: PaidFacts;
}

interface PaidFacts extends MoneyFacts {
  /** What `conun verify` said of the picture. */
  readonly verified: string;
}

interface Share {
  readonly name: string;
  readonly agreed: number;
  readonly disagreed: number;
  readonly lost: number;
  readonly other: number;
  readonly cpuSeconds: number;
}

export interface Facts {
  readonly units: { readonly total: number; readonly agreed: number; readonly onDistinctOwners: number };
  readonly replicas: number;
  readonly providers: readonly Share[];
  readonly liar: { readonly name: string; readonly caught: boolean; readonly excluded: string | null };
  readonly victim: {
    readonly name: string;
    readonly unitsRecovered: number;
    readonly recoveredMs: number | null;
  };
  readonly broker: { readonly verifiedBefore: number; readonly verifiedAgainMs: number | null };
  readonly picture: { readonly sha256: string; readonly equalsSingleProcess: boolean };
  readonly money?: PaidFacts;
  readonly wallMs: number;
  /** Sentences; empty when everything happened as the script says. */
  readonly failures: readonly string[];
}

export function report(found: Findings): Facts {
  const { story, units, view } = found;
  const replicas = units.flatMap((unit) => unit.replicas);
  const shares = [...story.names.values()].map((name) =>
    share(
      name,
      replicas.filter((it) => is(story, it, name)),
    ),
  );
  const lies = shares.find(({ name }) => name === found.liar)?.disagreed ?? 0;
  const liarView = found.providers.find(({ provider }) => story.nameOf(provider) === found.liar);
  const agreed = units.filter(({ verdict }) => verdict === 'agreed').length;
  const onDistinctOwners = units.filter(hasTwoOwners).length;
  const facts = {
    units: { total: view.counts.total ?? 0, agreed, onDistinctOwners },
    replicas: replicas.length,
    providers: shares.filter((it) => it.agreed + it.disagreed + it.lost + it.other > 0),
    liar: { name: found.liar, caught: lies > 0, excluded: liarView?.excluded ?? null },
    victim: {
      name: found.victim,
      unitsRecovered: story.recovered?.units ?? 0,
      recoveredMs: story.recovered?.ms ?? null,
    },
    broker: { verifiedBefore: story.agreedBefore, verifiedAgainMs: story.brokerRecoveryMs ?? null },
    picture: { sha256: found.pictureSha256, equalsSingleProcess: found.equalsSingleProcess },
    ...(found.money && { money: found.money }),
    wallMs: Math.round(found.wallMs),
  };
  return { ...facts, failures: failures(facts) };
}

function failures(facts: Omit<Facts, 'failures'>): string[] {
  const { units, liar, victim, broker, picture } = facts;
  const laws: readonly [holds: boolean, otherwise: string][] = [
    [units.total > 0 && units.agreed === units.total, 'not every unit was verified'],
    [units.onDistinctOwners === units.total, 'a unit was verified without two distinct owners'],
    [liar.caught && liar.excluded !== null, 'the liar was not caught and excluded'],
    [victim.unitsRecovered > 0, 'no work of the killed provider was recovered'],
    [
      broker.verifiedBefore > 0 && broker.verifiedAgainMs !== null,
      'the broker did not continue after its death',
    ],
    [picture.equalsSingleProcess, 'the picture differs from the rendering in a single process'],
  ];
  return [
    ...laws.filter(([holds]) => !holds).map(([, otherwise]) => otherwise),
    ...(facts.money?.failures ?? []),
  ];
}

export function table(facts: Facts): string {
  const { units, liar, victim, broker, picture, money } = facts;
  const shown: readonly Column<Share>[] = [
    { title: 'provider', cell: ({ name }) => name },
    { title: 'agreed', cell: (it) => String(it.agreed), right: true },
    { title: 'wrong', cell: (it) => String(it.disagreed), right: true },
    { title: 'lost', cell: (it) => String(it.lost), right: true },
    { title: 'cpu s', cell: (it) => it.cpuSeconds.toFixed(1), right: true },
    { title: '', cell: ({ name }) => remark(name, facts) },
  ];
  const caught = `${liar.caught ? 'caught' : 'not caught'}${liar.excluded === null ? '' : ', excluded'}`;
  const verified = `${units.agreed} of ${units.total} verified, each by two distinct owners`;
  const recovered = `${victim.unitsRecovered} units with others after ${time(victim.recoveredMs)}`;
  const again = `verifying again after ${time(broker.verifiedAgainMs)}`;
  const equals = picture.equalsSingleProcess ? 'equals' : 'DIFFERS FROM';
  return [
    columns(facts.providers, shown),
    '',
    `units        ${verified}; ${facts.replicas} replicas`,
    `liar         ${liar.name}: ${caught}`,
    `killed       ${victim.name}: ${recovered}`,
    `broker       killed after ${broker.verifiedBefore} units; ${again}`,
    `picture      ${equals} the single-process rendering bit for bit`,
    ...(money === undefined ? [] : moneyLines(money)),
    `wall time    ${duration(facts.wallMs)}`,
  ].join('\n');
}

function moneyLines(money: PaidFacts): readonly string[] {
  const { paid, refunded, burnt, verified } = money;
  return [
    `paid         ${paid} to providers; ${refunded} of the budget are back; ${burnt} of stake burnt`,
    `on the chain ${verified.split('\n')[0]}`,
    '',
    moneyTable(money),
    '',
  ];
}

function remark(name: string, { liar, victim }: Facts): string {
  if (name === liar.name) return 'lies';
  return name === victim.name ? 'killed' : '';
}

function time(ms: number | null): string {
  return ms === null ? '–' : duration(ms);
}

function is(story: Story, replica: ReplicaRecord, name: string): boolean {
  return story.nameOf(replica.provider) === name;
}

function share(name: string, replicas: readonly ReplicaRecord[]): Share {
  const count = (state: ReplicaRecord['state']) => replicas.filter((it) => it.state === state).length;
  const cpuMs = replicas.reduce((sum, it) => sum + (it.usage?.cpuMs ?? 0), 0);
  const [agreed, disagreed, lost] = [count('agreed'), count('disagreed'), count('lost')];
  const other = replicas.length - agreed - disagreed - lost;
  return { name, agreed, disagreed, lost, other, cpuSeconds: cpuMs / 1_000 };
}

function hasTwoOwners(unit: UnitResult): boolean {
  return new Set(unit.replicas.filter(({ state }) => state === 'agreed').map(({ owner }) => owner)).size >= 2;
}
