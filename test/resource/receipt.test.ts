import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import { newIdentity } from '../../src/connectivity/identity.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import type { TaskId } from '../../src/fabric/index.ts';
import { decodeSeal, encodeSeal, proveReceipt, receiptOf, signBundle } from '../../src/resource/receipt.ts';
import { verifyBundle, verifyReceipt } from '../../src/resource/receipt.ts';
import type { Epoch, LeaseId, Return } from '../../src/resource/lease-wire.ts';

const provider = newIdentity();
const lease = 'l1.x' as LeaseId;
const epoch = 1 as Epoch;

const returns: Return[] = Array.from({ length: 7 }, (_, index) => ({
  task: `t/${index}` as TaskId,
  status: 'succeeded',
  digest: String(index).repeat(64) as Digest,
  usage: { cpuMs: index + 0.5, wallMs: index, memoryBytesPeak: 65_536 },
  output: { exitCode: 0, stdout: new Uint8Array(0), files: [] },
}));

const bundle = signBundle({ lease, epoch, number: 3 }, returns, provider.signer);

t.test('a signed bundle is verified, and anything changed in it is not', async (t) => {
  const check = (changed: object, by = provider.peer) =>
    verifyBundle({ ...bundle, ...changed }, by, verifySignature) !== undefined;
  t.ok(check({}));
  t.notOk(check({ number: 4 }));
  t.notOk(check({ epoch: 2 }));
  t.notOk(check({ lease: 'l2.x' }));
  t.notOk(check({ returns: returns.slice(1) }));
  t.notOk(check({ returns: returns.toReversed() }));
  t.notOk(check({ returns: returns.with(2, { ...returns[2]!, digest: 'a'.repeat(64) as Digest }) }));
  const usage = { ...returns[2]!.usage, cpuMs: 1_000 };
  t.notOk(check({ returns: returns.with(2, { ...returns[2]!, usage }) }));
  t.notOk(check({ signature: new Uint8Array(64) }));
  t.notOk(check({}, newIdentity().peer));
});

t.test('a seal that was kept proves a receipt alone, and no other', async (t) => {
  const seal = decodeSeal(encodeSeal(verifyBundle(bundle, provider.peer, verifySignature)!));
  const receipt = receiptOf(lease, epoch, returns[4]!);
  const proof = proveReceipt(receipt, seal)!;
  t.equal(proof.index, 4);
  t.ok(verifyReceipt(proof, provider.peer, verifySignature));
  const lie = { ...proof, receipt: { ...receipt, digest: 'b'.repeat(64) as Digest } };
  t.notOk(verifyReceipt(lie, provider.peer, verifySignature));
  t.notOk(verifyReceipt({ ...proof, number: 9 }, provider.peer, verifySignature));
  t.equal(proveReceipt(lie.receipt, seal), undefined);
});

t.test('bytes that are no seal are refused', async (t) => {
  t.throws(() => decodeSeal(Uint8Array.of(1, 2, 3)));
  t.throws(() =>
    decodeSeal(
      encodeSeal({ lease, epoch, number: 1, leaves: new Uint8Array(31), signature: bundle.signature }),
    ),
  );
});
