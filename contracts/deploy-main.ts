/**
 * `npm run deploy -- …`: deploys all contracts and writes the file that `chain.contracts` of the
 * configuration names. docs/deployment.md tells how to do it on a public network.
 *
 * The deployer's key comes from an encrypted keystore, and its passphrase from a file that nobody else can
 * read: neither ever is in an argument.
 */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  AbstractSigner,
  formatEther,
  JsonRpcProvider,
  parseEther,
  type Provider,
  Transaction,
  type TransactionLike,
  type TransactionRequest,
} from 'ethers';
import { openKeystore } from '../src/connectivity/keystore.ts';
import {
  type Account,
  type AccountSigner,
  parseAccount,
  type RawTransaction,
} from '../src/connectivity/typed-data.ts';
import { CONTRACTS } from './artifacts.ts';
import { deployContracts } from './deploy.ts';

const USAGE = `npm run deploy -- --rpc URL --keystore FILE --passphrase-file FILE --treasury ADDRESS
    --genesis TOKENS --attester ADDRESS [--attester ADDRESS …] --threshold NUMBER
    [--guardian ADDRESS] --out FILE`;

const NOBODY = `0x${'0'.repeat(40)}`;

/** An account of ours as ethers wants a signer to be. */
class KeySigner extends AbstractSigner {
  readonly #key: AccountSigner;

  constructor(key: AccountSigner, provider: Provider) {
    super(provider);
    this.#key = key;
  }

  connect(provider: Provider): KeySigner {
    return new KeySigner(this.#key, provider);
  }

  async getAddress(): Promise<string> {
    return this.#key.account;
  }

  async signTransaction(request: TransactionRequest): Promise<string> {
    // Complete by then: `sendTransaction` has made it so.
    const unsigned = Transaction.from(request as TransactionLike).unsignedSerialized;
    return this.#key.signTransaction(unsigned as RawTransaction);
  }

  signMessage(): Promise<string> {
    return Promise.reject(new TypeError('a deployment signs no messages'));
  }

  signTypedData(): Promise<string> {
    return Promise.reject(new TypeError('a deployment signs no typed data'));
  }
}

const text = { type: 'string' } as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ rpc: text, keystore: text, 'passphrase-file': text, treasury: text, genesis: text },
      ...{ guardian: text, threshold: text, out: text },
      attester: { type: 'string', multiple: true },
    },
  });
  const given = <Name extends keyof typeof values>(name: Name): NonNullable<(typeof values)[Name]> => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`--${name} is missing. Usage:\n${USAGE}`);
    return value;
  };
  const address = (name: 'treasury' | 'guardian', value: string): Account => {
    const account = parseAccount(value);
    if (account === undefined) throw new TypeError(`--${name}: ${value} is no address`);
    return account;
  };
  const options = {
    treasury: address('treasury', given('treasury')),
    genesis: parseEther(given('genesis')),
    guardian: address('guardian', values.guardian ?? NOBODY),
    attesters: given('attester').map((value) => {
      const account = parseAccount(value);
      if (account === undefined) throw new TypeError(`--attester: ${value} is no address`);
      return account;
    }),
    threshold: Number(given('threshold')),
  };
  const out = given('out');
  const key = await openKeystore(
    await readFile(given('keystore'), 'utf8'),
    await passphraseIn(given('passphrase-file')),
  );
  const provider = new JsonRpcProvider(given('rpc'));
  try {
    const { chainId } = await provider.getNetwork();
    process.stderr.write(`deploying as ${key.account} on chain ${chainId}\n`);
    const before = await provider.getBalance(key.account);
    const at = await deployContracts(new KeySigner(key, provider), options);
    await writeFile(out, `${JSON.stringify(at, null, 2)}\n`, { flag: 'wx' });
    const spent = before - (await provider.getBalance(key.account));
    for (const name of CONTRACTS) process.stdout.write(`${name.padEnd(17)} ${at[name]}\n`);
    process.stderr.write(`cost ${formatEther(spent)} ether; addresses are in ${out}\n`);
  } finally {
    provider.destroy();
  }
}

async function passphraseIn(file: string): Promise<string> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) throw new TypeError(`${file} can be read by others: chmod 600 ${file}`);
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`deploy: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
