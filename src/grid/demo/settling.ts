/**
 * How the demonstration's batch is paid for, after its last verdict: the deadlines of its deal pass one after
 * the other, and at each the nodes do by themselves what is due.
 */

import { formatAmount, parseAmount, type Seconds } from '../../resource/index.ts';
import { type Column, table } from '../cli/table.ts';
import type { Bank, Holding } from './bank.ts';
import type { Player } from './stage.ts';
import type { Story } from './story.ts';

export interface Till {
  readonly bank: Bank;
  readonly story: Story;
  readonly broker: Player;
  readonly honest: readonly Player[];
  readonly liar: Player;
  /** What everybody had before. */
  readonly before: readonly Holding[];
}

interface Line {
  readonly name: string;
  /** Decimal texts of whole tokens. */
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly remark: string;
}

export interface MoneyFacts {
  readonly deal: string;
  readonly accounts: readonly Line[];
  readonly paid: string;
  readonly refunded: string;
  readonly burnt: string;
  /** Of all tokens that there are, by the token's own count. */
  readonly supply: { readonly before: string; readonly after: string };
  /** Sentences; empty when it went as it should. */
  readonly failures: readonly string[];
}

/** Of one lie: the liar, and the two that a quorum was made of. */
const WITNESSES = 3;

/** Resolves when the deal is closed. */
export async function settle(till: Till, batch: string): Promise<MoneyFacts> {
  const { bank, story, broker, honest, liar } = till;
  const { deal, terms } = (await broker.client.deal(batch))!;
  const sworn = () => new Set(bank.heard('committed').map(({ provider }) => provider)).size;
  await bank.until('the witnesses have committed themselves', () => sworn() >= WITNESSES);
  story.tell('the sealed words on one lie are on the chain: its witnesses’ and its own');

  await bank.forwardTo(after(terms.workUntil));
  await bank.testified(WITNESSES);
  await bank.forwardTo(after(terms.disputeUntil));
  await bank.until('somebody is slashed', () => bank.heard('slashed').length > 0);
  story.tell(`the contracts have judged: ${namesIn(bank, 'slashed')} is slashed`);

  const shares = () => new Set(bank.heard('allocated').map(({ provider }) => provider)).size;
  const settled = () => bank.heard('slashed').length + bank.heard('released').length;
  await bank.until('the others have their stake', () => settled() >= shares());
  // Whoever has had its stake released has looked at its vouchers, too.
  for (const player of honest) {
    const earned = (await player.client.earnings())?.deals ?? [];
    if (!earned.some(({ vouchered }) => vouchered !== '0')) continue;
    const account = bank.accountOf(player.name);
    const isPaid = () => bank.heard('redeemed').some(({ provider }) => provider === account);
    await bank.until(`${player.name} is paid`, isPaid);
  }
  story.tell(`${namesIn(bank, 'redeemed')} have redeemed what they were promised`);

  await bank.forwardTo(after(terms.redeemUntil));
  await bank.until('the deal is closed', () => bank.heard('dealClosed').length > 0);
  story.tell('the deal is closed: what was not spent is with the researcher again');
  return factsOf(till, deal, liar.name);
}

async function factsOf({ bank, before }: Till, deal: string, liar: string): Promise<MoneyFacts> {
  const holdings = await bank.holdings();
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  const paid = sum(bank.heard('redeemed').map(({ amount }) => amount));
  const burnt = sum(bank.heard('slashed').map(({ stake }) => stake));
  const refunded = sum(bank.heard('dealClosed').map(({ refund }) => refund));
  const accounts = holdings.map(({ name, tokens }, at) => {
    const had = before[at]!.tokens;
    const remark = remarkOn(bank, name);
    return {
      name,
      before: formatAmount(had),
      after: formatAmount(tokens),
      change: signed(tokens - had),
      remark,
    };
  });
  const supply = { before: sum(before.map(({ tokens }) => tokens)), after: await bank.supply() };
  const lied = bank.accountOf(liar);
  const slashed = bank.heard('slashed').map(({ provider }) => provider);
  const laws: readonly [holds: boolean, otherwise: string][] = [
    [slashed.length === 1 && slashed[0] === lied, 'not the liar, or not the liar alone, was slashed'],
    [paid > 0n, 'nobody was paid'],
    [sum(holdings.map(({ tokens }) => tokens)) === supply.after, 'the accounts do not add up to the supply'],
    [supply.after + burnt === supply.before, 'tokens were lost that nobody burnt'],
  ];
  return {
    deal,
    accounts,
    paid: formatAmount(paid),
    refunded: formatAmount(refunded),
    burnt: formatAmount(burnt),
    supply: { before: formatAmount(supply.before), after: formatAmount(supply.after) },
    failures: laws.filter(([holds]) => !holds).map(([, otherwise]) => otherwise),
  };
}

export function moneyTable({ accounts, burnt, supply }: MoneyFacts): string {
  const total = { name: 'all', before: supply.before, after: supply.after, change: '', remark: '' };
  const change = signed(-parseAmount(burnt)!);
  const columns: readonly Column<Line>[] = [
    { title: 'account', cell: ({ name }) => name },
    { title: 'before', cell: (it) => it.before, right: true },
    { title: 'after', cell: (it) => it.after, right: true },
    { title: 'change', cell: (it) => it.change, right: true },
    { title: '', cell: (it) => it.remark },
  ];
  return table([...accounts, { ...total, change, remark: 'what was slashed is burnt' }], columns);
}

function remarkOn(bank: Bank, name: string): string {
  const account = bank.accountOf(name);
  const isTheirs = ({ provider }: { readonly provider: string }) => provider === account;
  if (bank.heard('dealOpened').some(({ terms }) => terms.requester === account)) return 'paid for the batch';
  if (bank.heard('slashed').some(isTheirs)) return 'lied: its stake is gone';
  return bank.heard('redeemed').some(isTheirs) ? 'was paid' : '';
}

function namesIn(bank: Bank, type: 'slashed' | 'redeemed'): string {
  const names = new Set(bank.heard(type).map(({ provider }) => bank.nameOf(provider)));
  return [...names].join(', ');
}

function after(time: number): Seconds {
  return (time + 1) as Seconds;
}

function signed(amount: bigint): string {
  return amount < 0n ? `−${formatAmount(-amount)}` : `+${formatAmount(amount)}`;
}
