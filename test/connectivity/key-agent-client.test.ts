import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transaction } from 'ethers/transaction';
import t from 'tap';
import {
  type Account,
  keyAgent,
  keyOfHex,
  type RawTransaction,
  recoverTyped,
  type TypedData,
} from '../../src/connectivity/index.ts';

const key = keyOfHex('1'.padStart(64, '0'));
const data: TypedData = {
  domain: { name: 'any', version: '1', chainId: 31_337n, verifyingContract: key.account },
  types: {
    Pay: [
      { name: 'to', type: 'address' },
      { name: 'amount', type: 'uint96' },
    ],
  },
  message: { to: key.account, amount: 2n ** 96n - 1n },
};

t.test('an agent in a process of its own signs what the key signs, until it is locked', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'conun-agent-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'wallet.sock');
  const agent = keyAgent(socket);
  t.same(await agent.accounts(), [], 'where there is none, nothing is unlocked');
  t.equal(await agent.lock(), false);

  await agent.unlock(key, 60_000);
  t.teardown(() => agent.lock());
  t.same(await agent.accounts(), [key.account]);
  const signer = agent.signer(key.account);
  const signature = await signer.signTyped(data);
  t.equal(signature, await key.signTyped(data));
  t.equal(recoverTyped(data, signature), key.account);
  const fields = { type: 2, to: key.account, nonce: 0, gasLimit: 21_000n, chainId: 31_337n };
  const unsigned = Transaction.from(fields).unsignedSerialized as RawTransaction;
  t.equal(await signer.signTransaction(unsigned), await key.signTransaction(unsigned));

  const processes = execFileSync('ps', ['-eo', 'args', 'e', '-ww'], { encoding: 'utf8' });
  t.match(processes, socket);
  t.notMatch(processes, key.reveal().privateKey.slice(2), 'the key is in no argument and no variable');

  t.equal(await agent.lock(), true);
  await t.rejects(signer.signTyped(data), { code: 'CONNECTIVITY_ACCOUNT_LOCKED' });
});

t.test('an agent that cannot start is a fault', async (t) => {
  const agent = keyAgent(`/${'x'.repeat(200)}/wallet.sock`);
  await t.rejects(agent.unlock(key, 1_000), { code: 'CONNECTIVITY_AGENT_FAILED' });
  const nobody = '0x0000000000000000000000000000000000000001' as Account;
  await t.rejects(keyAgent('/nonexistent/wallet.sock').signer(nobody).signTyped(data), {
    code: 'CONNECTIVITY_ACCOUNT_LOCKED',
  });
});
