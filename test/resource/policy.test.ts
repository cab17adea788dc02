import t from 'tap';
import type { OwnerId, PeerId } from '../../src/connectivity/index.ts';
import { judge, parsePolicy } from '../../src/resource/policy.ts';

const broker = 'broker' as PeerId;
const owner = 'owner' as OwnerId;

/** Wednesday, 2023-11-15, 22:13:20 in Greenwich. */
const WEDNESDAY_NIGHT = 1_700_086_400_000;

function codeOf(policy: object, request: Parameters<typeof judge>[1], now = WEDNESDAY_NIGHT): string {
  const judgement = judge(parsePolicy(policy), request, now);
  return judgement.allowed ? 'allowed' : judgement.code;
}

t.test('the empty policy serves everyone, within reason', async (t) => {
  t.equal(codeOf({}, { broker, owner, labels: ['x'], sandbox: 'wasm', leases: 0 }), 'allowed');
  t.equal(codeOf({}, { taskMemoryBytes: 2 ** 32 }), 'RESOURCE_POLICY_MEMORY');
  t.equal(codeOf({}, { leases: 4 }), 'RESOURCE_POLICY_LEASES');
});

t.test('a deny list wins over an allow list, and an allow list leaves the others out', async (t) => {
  t.equal(codeOf({ brokers: { allow: ['broker'] } }, { broker }), 'allowed');
  t.equal(codeOf({ brokers: { allow: ['another'] } }, { broker }), 'RESOURCE_POLICY_BROKER');
  t.equal(codeOf({ brokers: { allow: ['broker'], deny: ['broker'] } }, { broker }), 'RESOURCE_POLICY_BROKER');
  t.equal(codeOf({ owners: { deny: ['owner'] } }, { broker, owner }), 'RESOURCE_POLICY_OWNER');
  t.equal(codeOf({ owners: { deny: ['owner'] } }, { broker }), 'allowed', 'what is not known is not judged');
});

t.test('one denied label refuses; one allowed label is enough', async (t) => {
  t.equal(codeOf({ labels: { deny: ['mining'] } }, { labels: ['maths', 'mining'] }), 'RESOURCE_POLICY_LABEL');
  t.equal(codeOf({ labels: { allow: ['maths'] } }, { labels: ['maths', 'new'] }), 'allowed');
  t.equal(codeOf({ labels: { allow: ['maths'] } }, { labels: ['new'] }), 'RESOURCE_POLICY_LABEL');
  t.equal(codeOf({ sandboxes: [] }, { sandbox: 'wasm' }), 'RESOURCE_POLICY_SANDBOX');
});

t.test('hours are those of the named zone, and may run over midnight', async (t) => {
  const hours = (from: string, to: string, days?: string[]) => ({
    hours: [{ from, to, ...(days && { days }) }],
    timeZone: 'UTC',
  });
  t.equal(codeOf(hours('22:00', '23:00'), {}), 'allowed');
  t.equal(codeOf(hours('22:14', '23:00'), {}), 'RESOURCE_POLICY_HOURS');
  t.equal(codeOf(hours('20:00', '22:13'), {}), 'RESOURCE_POLICY_HOURS');
  t.equal(codeOf(hours('22:00', '06:00', ['wed']), {}), 'allowed');
  t.equal(codeOf(hours('22:00', '06:00', ['tue']), {}), 'RESOURCE_POLICY_HOURS');
  const threeHours = 3 * 3_600_000;
  t.equal(codeOf(hours('22:00', '06:00', ['wed']), {}, WEDNESDAY_NIGHT + threeHours), 'allowed');
  t.equal(
    codeOf(hours('22:00', '06:00', ['thu']), {}, WEDNESDAY_NIGHT + threeHours),
    'RESOURCE_POLICY_HOURS',
  );
  t.equal(codeOf({ ...hours('23:00', '24:00'), timeZone: 'Europe/Berlin' }, {}), 'allowed');
});

t.test('a policy that is wrong is refused with the member that is wrong', async (t) => {
  t.throws(() => parsePolicy({ leasesMax: 0 }), { code: 'RESOURCE_POLICY_INVALID', message: /leasesMax/ });
  t.throws(() => parsePolicy({ brokers: { alow: [] } }), { message: /alow/ });
  t.throws(() => parsePolicy({ hours: [{ from: '25:00', to: '26:00' }] }), { message: /08:30/ });
  t.throws(() => parsePolicy({ timeZone: 'Mars/Olympus' }), { message: /time zone/ });
});
