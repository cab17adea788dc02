import t from 'tap';
import { catalogue } from '../../../src/actors/index.ts';
import { faultAnswer } from '../../../src/grid/api/fault-answer.ts';

const asked = { method: 'GET', url: '/v1/x?y=1' };
const entry = (retry: boolean) => ({ says: 's', todo: 't', retry });
const made = catalogue({
  X_APP_UNKNOWN: entry(false),
  X_APP_EXISTS: entry(false),
  X_STORAGE_QUOTA: entry(true),
  X_BUSY: entry(true),
  X_FILE_INVALID: entry(false),
});

t.test('the end of a code decides the status, else whether to try again', async (t) => {
  t.equal(faultAnswer(made.X_APP_UNKNOWN(), asked).status, 404);
  t.equal(faultAnswer(made.X_APP_EXISTS(), asked).status, 409);
  t.equal(faultAnswer(made.X_STORAGE_QUOTA(), asked).status, 507);
  t.equal(faultAnswer(made.X_BUSY(), asked).status, 503);
  t.equal(faultAnswer(made.X_FILE_INVALID(), asked).status, 400);
});

t.test('what is no fault becomes one', async (t) => {
  t.match(faultAnswer(new TypeError('boom'), asked), { status: 500, fault: { code: 'GRID_API_INTERNAL' } });
  t.match(faultAnswer('boom', asked), { status: 500, fault: { message: /boom/ } });
  t.match(faultAnswer(undefined, asked), { status: 500 });
  t.match(faultAnswer({ statusCode: 415, message: 'media type' }, asked), {
    status: 400,
    fault: { code: 'GRID_API_REQUEST_INVALID', message: /media type/ },
  });
});
