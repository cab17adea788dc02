import fc from 'fast-check';
import t from 'tap';
import {
  DELEGATED_ROLES,
  type Delegation,
  type DelegationTerms,
  DELEGATION_MS_MAX,
  delegate,
  delegationFlaw,
  delegationSchema,
  delegationTyped,
  keyOfHex,
  newIdentity,
  typedPayload,
} from '../../src/connectivity/index.ts';

const owner = keyOfHex('1'.padStart(64, '0'));
const worker = keyOfHex('2'.padStart(64, '0'));
const { peer } = newIdentity();
const now = Date.UTC(2026, 0, 1);
const validUntil = now / 1_000 + 3_600;
const terms: DelegationTerms = {
  account: owner.account,
  peer,
  roles: ['provider', 'broker'],
  validUntil,
  worker: worker.account,
};

t.test('a delegation lets one node act for the account, to its last second', async (t) => {
  const delegation = await delegate(terms, owner);
  t.equal(delegationFlaw(delegation, peer, now), undefined);
  t.equal(delegationFlaw(delegation, peer, validUntil * 1_000 + 999), undefined);
  t.match(delegationFlaw(delegation, peer, validUntil * 1_000 + 1_000), /expired/);
  t.match(delegationFlaw(delegation, newIdentity().peer, now), /another node/);
  t.match(delegationFlaw(delegation, peer, now - DELEGATION_MS_MAX), /too far/);
});

t.test('one that somebody else signed, or that was changed, is worth nothing', async (t) => {
  t.match(delegationFlaw(await delegate(terms, worker), peer, now), /not signed/);
  const delegation = await delegate(terms, owner);
  const changes: Partial<Delegation>[] = [
    { account: worker.account },
    { roles: ['provider'] },
    { roles: ['provider', 'broker', 'author'] },
    { validUntil: validUntil + 1 },
    { worker: owner.account },
    { worker: undefined },
    { signature: `0x${'00'.repeat(65)}` as Delegation['signature'] },
  ];
  for (const change of changes) {
    t.match(delegationFlaw({ ...delegation, ...change }, peer, now), /not signed/, JSON.stringify(change));
  }
});

t.test('the same roles in another order are refused before anybody asks who signed', async (t) => {
  for (const roles of [['broker', 'provider'], ['broker', 'broker'], []] as const) {
    t.match(delegationFlaw(await delegate({ ...terms, roles }, owner), peer, now), /roles/);
  }
});

t.test('whatever it says, it holds for what it says and for nothing else', async (t) => {
  const roles = fc.subarray([...DELEGATED_ROLES], { minLength: 1 });
  const second = fc.integer({ min: 0, max: 3_600 });
  await fc.assert(
    fc.asyncProperty(roles, second, second, fc.boolean(), async (roles, end, at, hot) => {
      const said = {
        ...terms,
        roles,
        validUntil: now / 1_000 + end,
        worker: hot ? worker.account : undefined,
      };
      const delegation = delegationSchema.parse(JSON.parse(JSON.stringify(await delegate(said, owner))));
      t.equal(delegationFlaw(delegation, peer, now + at * 1_000) === undefined, at <= end);
    }),
    { numRuns: 30 },
  );
});

t.test('what a hardware wallet is given is what was signed', async (t) => {
  const payload = JSON.parse(JSON.stringify(typedPayload(delegationTyped(terms))));
  t.same(payload.primaryType, 'Delegation');
  t.same(Object.keys(payload.types).sort(), ['Delegation', 'EIP712Domain']);
  t.same(payload.domain, { name: 'CONUN', version: '1' });
  t.same(payload.message.roles, ['provider', 'broker']);
  t.equal(payload.message.validUntil, `${validUntil}`);
  t.match(payload.message.worker, new RegExp(`^${worker.account}$`, 'i'));
});

t.test('text from outside is a delegation only in its form', async (t) => {
  const { worker: _, ...delegation } = await delegate(terms, owner);
  t.ok(delegationSchema.safeParse(delegation).success);
  const wrongs = [
    { account: 'me' },
    { peer: 'somebody' },
    { roles: [] },
    { roles: ['owner'] },
    { validUntil: 1.5 },
    { signature: '0x12' },
    { more: 1 },
  ];
  for (const wrong of wrongs) {
    t.notOk(delegationSchema.safeParse({ ...delegation, ...wrong }).success, JSON.stringify(wrong));
  }
});
