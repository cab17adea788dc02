import t from 'tap';
import { fabricErrors } from '../../src/fabric/errors.ts';
import { storeFault } from '../../src/fabric/store-fault.ts';

/** What the libraries throw: a general error around the one that LevelDB made. */
function wrapped(message: string, code?: string): Error {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return Object.assign(new Error('Database failed to open', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' });
}

const stories = [
  [wrapped('IO error: /d/000003.log: No space left on device', 'LEVEL_IO_ERROR'), 'FABRIC_STORE_FULL'],
  [wrapped('IO error: /d/LOCK: already held by process', 'LEVEL_LOCKED'), 'FABRIC_STORE_LOCKED'],
  [wrapped('Corruption: no meta-nextfile entry in descriptor', 'LEVEL_CORRUPTION'), 'FABRIC_STORE_CORRUPT'],
  [wrapped('IO error: /d/LOCK: Permission denied', 'LEVEL_IO_ERROR'), 'FABRIC_STORE_FAILED'],
  [new Error('Error: Corruption: block checksum mismatch'), 'FABRIC_STORE_CORRUPT'],
  [
    Object.assign(new Error('Database is not open'), { code: 'LEVEL_DATABASE_NOT_OPEN' }),
    'FABRIC_STORE_CLOSED',
  ],
  ['gone', 'FABRIC_STORE_FAILED'],
] as const;

for (const [thrown, code] of stories) {
  t.test(`${code} is told from "${String(thrown)}"`, async (t) => {
    const fault = storeFault(thrown, '/d');
    t.equal(fault.code, code);
    t.equal(fault.details.path, '/d');
  });
}

t.test('the innermost reason is the one that is shown', async (t) => {
  t.match(storeFault(wrapped('IO error: Permission denied'), '/d').message, 'Permission denied');
});

t.test('a fault stays the fault that it is', async (t) => {
  const fault = fabricErrors.FABRIC_STORE_CORRUPT({ path: '/d', reason: 'a hole' });
  t.equal(storeFault(fault, '/elsewhere'), fault);
});

t.test('a ring of causes ends', async (t) => {
  const ring = new Error('ring');
  ring.cause = ring;
  t.equal(storeFault(ring, '/d').code, 'FABRIC_STORE_FAILED');
});
