import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { send } from '../http-fixture.ts';

t.test('what is not there is not found, and a defect is reported to the log', async (t) => {
  const { options, node, defects } = await serveFake(t.teardown);
  const at = { socketPath: options.socket };
  const route = await send({ ...at, path: '/v1/nothing?q=1' });
  t.equal(route.status, 404);
  t.match(JSON.parse(route.body), { code: 'GRID_API_ROUTE_UNKNOWN', details: { path: '/v1/nothing' } });
  const batch = await send({ ...at, path: '/v1/batches/none' });
  t.equal(batch.status, 404);
  node.tasks = async () => Promise.reject(new TypeError('boom'));
  const defect = await send({ ...at, path: '/v1/tasks' });
  t.equal(defect.status, 500);
  t.notMatch(defect.body, /at .*\.ts/, 'no stack leaves the process');
  t.match(defects, [{ code: 'GRID_API_INTERNAL', message: /boom/ }]);
});

t.test('the description names every route, and its schemas are those that validate', async (t) => {
  const { options } = await serveFake(t.teardown);
  const answer = await send({ socketPath: options.socket, path: '/v1/openapi.json' });
  const description = JSON.parse(answer.body);
  t.match(description.openapi, /^3\./);
  t.same(Object.keys(description.paths).sort(), [
    '/v1/apps',
    '/v1/batches',
    '/v1/batches/{batch}',
    '/v1/batches/{batch}/cancel',
    '/v1/batches/{batch}/deal',
    '/v1/batches/{batch}/files/{*}',
    '/v1/batches/{batch}/units',
    '/v1/batches/{batch}/units/{unit}/explanation',
    '/v1/content',
    '/v1/content/{cid}',
    '/v1/credit',
    '/v1/earnings',
    '/v1/events',
    '/v1/leases',
    '/v1/machine',
    '/v1/node',
    '/v1/pause',
    '/v1/peers',
    '/v1/providers',
    '/v1/resume',
    '/v1/shutdown',
    '/v1/tasks',
  ]);
  const body = description.paths['/v1/batches'].post.requestBody.content['application/json'].schema;
  t.same(body.required, ['file', 'inputs']);
  t.equal(body.additionalProperties, false);
});
