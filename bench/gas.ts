/**
 * What the grid costs on a chain, in gas of real transactions: a batch in voucher mode with twenty providers,
 * a provider's whole life, and a dispute. Peers are the figures that others have published for each task of
 * theirs; a unit of ours costs nothing, so what stands beside them is a batch of one unit, and one unit of a
 * batch of a thousand with all that its batch costs.
 */

import { acceptanceData, bundleLeaf, type Bytes32, commitmentData, sealOf } from '../src/resource/index.ts';
import { type Terms, type Voucher, voucherData } from '../src/resource/index.ts';
import { GasStage, type Party, PROVIDERS } from './gas-stage.ts';
import type { BenchLine } from './line.ts';

const COIN = 10n ** 18n;
const UNITS = 1_000;
const LOCK = 10n * COIN;
const SALT = word('5a');

/** Of one task, as published. */
const PEERS = {
  'iExec PoCo, one worker': 1_460_000,
  'iExec PoCo, seven workers': 4_050_000,
  Lilypad: 1_650_000,
} as const;

export async function run(wanted: (name: string) => boolean): Promise<readonly BenchLine[]> {
  const lines = [...(await measureGas())].map(([name, value]) => ({
    name: `gas.${name}`,
    value,
    unit: 'gas',
  }));
  return [...lines, ...besidePeers(lines)].filter(({ name }) => wanted(name));
}

function besidePeers(lines: readonly BenchLine[]): BenchLine[] {
  const compared = lines.filter(({ name }) => /^gas\.(?:batch_of_one|unit_of_a_thousand)$/.test(name));
  return compared.flatMap((line) =>
    Object.entries(PEERS).map(([peer, gas]) => ({ ...line, peer, ratio: line.value / gas })),
  );
}

/** By name: the calls as their contracts call them, and what follows from them. */
export async function measureGas(): Promise<ReadonlyMap<string, number>> {
  const stage = await GasStage.open();
  try {
    const gas = new Map<string, number>();
    await settleIn(stage, gas);
    // The first pay of a provider opens its balance: twice as dear, once in its life.
    gas.set('provider_first_batch', (await voucherBatch(stage)).perProvider);
    const batch = await voucherBatch(stage);
    gas.set('open_batch', batch.open);
    gas.set('provider_per_batch', batch.perProvider);
    gas.set('provider_per_batch.signed', (await voucherBatch(stage, { isSigned: true })).perProvider);
    gas.set('provider_per_batch.staked', (await voucherBatch(stage, { stakeLock: LOCK })).perProvider);
    gas.set('close_batch', batch.close);
    gas.set('per_unit', 0);
    const all = batch.open + PROVIDERS * batch.perProvider + batch.close;
    gas.set('unit_of_a_thousand', Math.round(all / UNITS));
    gas.set('batch_of_one', await batchOfOne(stage));
    await dispute(stage, gas);
    await leave(stage, gas);
    return gas;
  } finally {
    await stage.close();
  }
}

async function settleIn(stage: GasStage, gas: Map<string, number>): Promise<void> {
  const { requester, providers } = stage;
  const [market, registry] = [stage.addressOf('JobMarket'), stage.addressOf('ProviderRegistry')];
  await stage.send(requester, 'GridToken', 'approve', market, 2n ** 255n);
  gas.set('deposit', await stage.send(requester, 'JobMarket', 'deposit', 100_000n * COIN));
  for (const provider of providers) {
    await stage.send(requester, 'GridToken', 'transfer', provider.account, 100n * COIN);
    await stage.send(provider, 'GridToken', 'approve', registry, 2n ** 255n);
    const [payout, workers] = [provider.account, [provider.worker.account]];
    gas.set('register', await stage.send(provider, 'ProviderRegistry', 'register', payout, workers));
    gas.set('stake', await stage.send(provider, 'ProviderRegistry', 'stake', 50n * COIN));
  }
}

/** All that a good batch needs. */
async function voucherBatch(stage: GasStage, { stakeLock = 0n, isSigned = false } = {}) {
  const { requester, providers } = stage;
  const terms = await stage.terms(stakeLock);
  const open = await stage.openDeal(terms);
  const allocate = await allocateTo(stage, terms, providers);
  const redeem = await redeemAll(stage, terms, providers, isSigned);
  await stage.passes(terms.workUntil);
  const close = await stage.send(requester, 'JobMarket', 'close', terms);
  const anchor = await stage.send(requester, 'ResultAnchor', 'anchor', stage.dealOf(terms), word('0a'));
  if (stakeLock > 0n) {
    for (const { account } of providers) await stage.send(requester, 'JobMarket', 'release', terms, account);
  }
  return { open, perProvider: Math.round((allocate + redeem) / providers.length), close: close + anchor };
}

async function batchOfOne(stage: GasStage): Promise<number> {
  const { requester, providers } = stage;
  const terms = await stage.terms(0n);
  const one = providers.slice(0, 1);
  const open = await stage.openDeal(terms);
  const middle = (await allocateTo(stage, terms, one)) + (await redeemAll(stage, terms, one));
  await stage.passes(terms.workUntil);
  const close = await stage.send(requester, 'JobMarket', 'close', terms);
  return (
    open + middle + close + (await stage.send(requester, 'ResultAnchor', 'anchor', stage.dealOf(terms), SALT))
  );
}

/** Three providers, one of which lies; a fourth does not reveal. */
async function dispute(stage: GasStage, gas: Map<string, number>): Promise<void> {
  const terms = await stage.terms(LOCK);
  const { requester } = stage;
  const four = stage.providers.slice(0, 4);
  const market = (call: string, ...words: unknown[]) => stage.send(requester, 'JobMarket', call, ...words);
  await stage.openDeal(terms);
  await allocateTo(stage, terms, four);
  const [unit, deal] = [word('11'), stage.dealOf(terms)];
  const said = four.map((provider, index) => {
    const digest = word(index === 2 ? 'bb' : 'aa');
    return { provider, digest, root: bundleLeaf(unit, digest) };
  });
  for (const { provider, root } of said) {
    const opening = { deal, provider: provider.account, number: 1, root, salt: SALT };
    const commitment = { deal, provider: provider.account, number: 1, seal: sealOf(opening) };
    const signature = provider.worker.signTyped(commitmentData(commitment, stage.domain));
    gas.set('commit', await market('commit', terms, commitment, signature));
  }
  await stage.passes(terms.workUntil);
  for (const { provider, root, digest } of said.slice(0, 3)) {
    gas.set('reveal', await market('reveal', terms, provider.account, 1, root, SALT));
    const testimony = { provider: provider.account, number: 1, unit, digest, proof: [] };
    gas.set('testify', await market('testify', terms, testimony));
  }
  await stage.passes(terms.revealUntil);
  gas.set('expire', await market('expire', terms, four[3]!.account));
  await stage.passes(terms.disputeUntil);
  gas.set('settle', await market('settle', terms, unit));
  gas.set('relinquish', await stage.send(four[0]!, 'JobMarket', 'relinquish', terms, four[0]!.account));
  gas.set('release', await market('release', terms, four[0]!.account));
}

async function leave(stage: GasStage, gas: Map<string, number>): Promise<void> {
  const provider = stage.providers[0]!;
  const other = stage.providers[1]!.signer.account;
  gas.set('withdraw', await stage.send(provider, 'JobMarket', 'withdraw', provider.account, COIN));
  gas.set('addWorker', await stage.send(provider, 'ProviderRegistry', 'addWorker', other));
  gas.set('removeWorker', await stage.send(provider, 'ProviderRegistry', 'removeWorker', other));
  gas.set('requestUnstake', await stage.send(provider, 'ProviderRegistry', 'requestUnstake', COIN));
}

function allocateTo(stage: GasStage, terms: Terms, providers: readonly Party[]): Promise<number> {
  const deal = stage.dealOf(terms);
  const allocations = providers.map(({ account, worker }) => {
    const acceptance = { deal, provider: account, lock: terms.stakeLock };
    const signed = terms.stakeLock === 0n ? '0x' : worker.signTyped(acceptanceData(acceptance, stage.domain));
    return { provider: account, amount: 10n * COIN, acceptance: signed };
  });
  return stage.send(stage.requester, 'JobMarket', 'allocate', terms, allocations);
}

/**
 * One voucher of each provider, for all that it was promised: brought by the agent, which needs no signature
 * for its own word, or with signatures by a provider.
 */
function redeemAll(
  stage: GasStage,
  terms: Terms,
  providers: readonly Party[],
  isSigned = false,
): Promise<number> {
  const { requester, domain } = stage;
  const deal = stage.dealOf(terms);
  const vouchers = providers.map(
    ({ account }): Voucher => ({ deal, provider: account, amount: 10n * COIN, bundles: 0 }),
  );
  const sign = (voucher: Voucher) => requester.signer.signTyped(voucherData(voucher, domain));
  const signatures = vouchers.map((voucher) => (isSigned ? sign(voucher) : '0x'));
  const by = isSigned ? providers[0]! : requester;
  return stage.send(by, 'JobMarket', 'redeemMany', terms, vouchers, signatures);
}

function word(octet: string): Bytes32 {
  return `0x${octet.repeat(32)}` as Bytes32;
}
