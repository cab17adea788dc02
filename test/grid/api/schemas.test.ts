import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { BATCH } from '../fake-node.ts';
import { send } from '../http-fixture.ts';

const json = { 'content-type': 'application/json' };

t.test('a request that is not of its schema is refused with the member that is wrong', async (t) => {
  const { options, defects } = await serveFake(t.teardown);
  const at = { socketPath: options.socket, method: 'POST', headers: json };
  const cases: [path: string, body: string, says: RegExp][] = [
    ['/v1/batches', '{"file":3,"inputs":{}}', /body\.file/],
    ['/v1/batches', '{"file":"","inputs":{"mesh":"../x"}}', /body\.inputs\.mesh/],
    ['/v1/batches', '{"file":"","inputs":{},"more":1}', /more/],
    ['/v1/batches', '{"file":', /JSON/],
    ['/v1/pause', '{"reason":""}', /body\.reason/],
    [`/v1/batches/${'x'.repeat(65)}/cancel`, '{"reason":"r"}', /params\.batch/],
  ];
  for (const [path, body, says] of cases) {
    const answer = await send({ ...at, path }, body);
    t.equal(answer.status, 400, body);
    t.match(JSON.parse(answer.body), { code: 'GRID_API_REQUEST_INVALID', message: says });
  }
  const units = await send({ socketPath: options.socket, path: `/v1/batches/${BATCH}/units?limit=9999` });
  t.match(JSON.parse(units.body), { code: 'GRID_API_REQUEST_INVALID', message: /querystring\.limit/ });
  t.same(defects, []);
});
