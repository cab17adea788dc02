import fc from 'fast-check';
import t from 'tap';
import { leaseProtocol } from '../../src/resource/lease-schema.ts';
import { common, tasksNamed } from './lease-world.ts';

const lease = 'l1.x';
const epoch = 1;
const usage = { cpuMs: 1.5, wallMs: 2, memoryBytesPeak: 3 };
const digest = 'a'.repeat(64);
const output = { exitCode: 0, stdout: new Uint8Array(3), files: [] };
const success = { task: 't/0', status: 'succeeded', digest, usage, output };
const signature = new Uint8Array(64);

const bundle = { lease, epoch, number: 1, returns: [success], signature };
const assigned = tasksNamed('a', 1).map(({ common: _, ...task }) => ({ ...task, common: 0 }));

function accepts(message: object): boolean {
  return attempt(leaseProtocol.parseDialer, message);
}

function attempt(parse: (value: unknown) => unknown, message: object): boolean {
  try {
    parse(message);
    return true;
  } catch {
    return false;
  }
}

t.test('what the two sides say is accepted', async (t) => {
  t.ok(accepts({ type: 'accept', lease, epoch }));
  t.ok(accepts({ type: 'attach', lease, epoch, received: 0, tasks: ['t/0'] }));
  t.ok(accepts({ type: 'returns', bundle }));
  const assign = { type: 'assign', lease, epoch, bundle: { commons: [common], tasks: assigned } };
  t.ok(attempt(leaseProtocol.parseListener, assign));
});

t.test('a return is of one kind, with exactly what belongs to it', async (t) => {
  const returns = (changed: object) =>
    accepts({ type: 'returns', bundle: { ...bundle, returns: [changed] } });
  const failure = { code: 'X', message: '', stderr: '' };
  t.ok(returns({ task: 't', status: 'failed', digest: '', usage, failure }));
  t.notOk(returns({ ...success, digest: '' }));
  t.notOk(returns({ ...success, output: undefined }));
  t.notOk(returns({ ...success, failure }));
  t.notOk(returns({ ...success, usage: { ...usage, cpuMs: -1 } }));
  t.notOk(returns({ ...success, usage: { ...usage, cpuMs: Number.NaN } }));
  t.notOk(returns({ ...success, task: 'with space' }));
  t.notOk(returns({ ...success, task: 'x'.repeat(97) }));
  t.notOk(returns({ ...success, surprise: 1 }));
  const file = (content: object) => ({ ...success, output: { ...output, files: [{ path: 'a', content }] } });
  t.ok(returns(file({ inline: new Uint8Array(32_768) })));
  t.notOk(returns(file({ inline: new Uint8Array(32_769) })));
  t.notOk(returns(file({ inline: [1, 2] })));
  t.ok(returns(file({ cid: 'bafkreiabc', bytes: 1, sha256: digest })));
  t.notOk(returns(file({ cid: 'bafkreiabc', bytes: 1 })), 'an output by address carries its hash');
});

t.test('counts and sizes are bounded', async (t) => {
  const many = new Array(513).fill(success);
  t.notOk(accepts({ type: 'returns', bundle: { ...bundle, returns: many } }));
  t.notOk(accepts({ type: 'returns', bundle: { ...bundle, returns: [] } }));
  t.notOk(accepts({ type: 'returns', bundle: { ...bundle, signature: new Uint8Array(63) } }));
  t.notOk(accepts({ type: 'attach', lease, epoch, received: 0, tasks: new Array(16_385).fill('t') }));
  t.notOk(accepts({ type: 'credit', lease, epoch, limit: 2 ** 60 }));
  t.notOk(accepts({ type: 'accept', lease, epoch: 0 }));
  const stray = { commons: [common], tasks: assigned.map((it) => ({ ...it, common: 1 })) };
  t.notOk(attempt(leaseProtocol.parseListener, { type: 'assign', lease, epoch, bundle: stray }));
});

t.test('no value at all makes the parsers do anything but return or throw', async () => {
  const property = fc.property(fc.anything({ withTypedArray: true, withNullPrototype: true }), (value) => {
    attempt(leaseProtocol.parseDialer, value as object);
    attempt(leaseProtocol.parseListener, value as object);
  });
  fc.assert(property);
});
