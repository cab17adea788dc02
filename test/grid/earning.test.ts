import t from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import type { PeerId } from '../../src/connectivity/index.ts';
import { loadConfig } from '../../src/grid/config.ts';
import { cashierOptions, deskPayments } from '../../src/grid/earning.ts';
import type { Money } from '../../src/grid/money.ts';
import { linkFlaw, type Ledger, parseAmount, type Seconds } from '../../src/resource/index.ts';
import { domain, GENESIS, provider, worker } from '../resource/deal-papers.ts';

const peer = '12D3KooWPeer' as PeerId;
const until = (GENESIS + 60) as Seconds;
const account = provider.account;
const ledger = {} as Ledger;
const money: Money = { ledger, domain, hot: worker, provider: { account, until }, requester: undefined };
const machine = { peer, speed: 1e9 };

async function configured(flags: Readonly<Record<string, string>> = {}) {
  const { config } = await loadConfig({
    home: '/nowhere',
    env: {},
    flags: { 'provider.slots': '2', ...flags },
  });
  return config;
}

t.test('unless it is set, as much may stay unpaid as all slots earn in an hour', async (t) => {
  const payments = deskPayments(await configured(), money, machine)!;
  t.equal(payments.account.tariff, parseAmount('0.25'));
  t.equal(payments.account.unpaidMax, parseAmount('1.8'));
  t.match(payments.rules, { stakeLockMax: parseAmount('100'), workSecondsMin: 60 });
  t.match(payments, { vouchersMissedMax: 3, volunteers: true });
});

t.test('the configuration says what is asked of a deal', async (t) => {
  const flags = {
    'provider.pay.tariff': '0.000000000000000007',
    'provider.pay.unpaid': '12.5',
    'provider.pay.stake': '3',
    'provider.pay.vouchersMissed': '5',
    'provider.pay.volunteers': 'false',
  };
  const payments = deskPayments(await configured(flags), money, machine)!;
  t.match(payments.account, { tariff: 7n, unpaidMax: parseAmount('12.5') });
  t.match(payments, { rules: { stakeLockMax: parseAmount('3') }, vouchersMissedMax: 5, volunteers: false });
});

t.test('the worker signs for this node, as long as its account has', async (t) => {
  const { link } = deskPayments(await configured(), money, machine)!.account;
  t.match(link, { provider: account, worker: worker.account });
  t.equal(linkFlaw(link, peer, (until - 1) as Seconds, domain), undefined);
  t.match(linkFlaw(link, peer, until, domain), /expired/);
  t.match(linkFlaw(link, '12D3KooWOther' as PeerId, GENESIS as Seconds, domain), /did not sign/);
});

t.test("the till is the account's, and looked at eight times slower than the chain", async (t) => {
  const config = await configured({ 'chain.pollMs': '1000', 'provider.pay.redeemCost': '0.5' });
  const options = cashierOptions({ config, journal: memoryJournal() }, money)!;
  t.match(options, { provider: account, from: worker.account, lookMs: 8_000 });
  t.equal(options.rules.cost, parseAmount('0.5'));
});

t.test('who works for credit alone asks for nothing', async (t) => {
  const config = await configured();
  for (const none of [undefined, { ...money, provider: undefined }]) {
    t.equal(deskPayments(config, none, machine), undefined);
    t.equal(cashierOptions({ config, journal: memoryJournal() }, none), undefined);
  }
});
