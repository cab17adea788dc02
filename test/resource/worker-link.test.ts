import t from 'tap';
import type { PeerId } from '../../src/connectivity/index.ts';
import { marketDomain } from '../../src/resource/deal.ts';
import { linkFlaw, linkWorker } from '../../src/resource/worker-link.ts';
import { domain, provider, seconds, stranger, worker } from './deal-papers.ts';

const peer = 'a' as PeerId;
const link = linkWorker({ provider: provider.account, peer, expiresAt: seconds(100) }, worker, domain);

t.test('a link binds one node to one account, for a time, in one market', async (t) => {
  t.equal(linkFlaw(link, peer, seconds(99), domain), undefined);
  t.match(linkFlaw(link, peer, seconds(100), domain), /expired/);
  t.match(linkFlaw(link, 'b' as PeerId, seconds(0), domain), /did not sign for this node/);
  t.match(linkFlaw(link, peer, seconds(0), marketDomain(5n, stranger.account)), /did not sign/);
});

t.test('nobody names an account, a worker or a time that the worker did not', async (t) => {
  for (const change of [
    { provider: stranger.account },
    { worker: stranger.account },
    { expiresAt: seconds(101) },
  ]) {
    t.match(linkFlaw({ ...link, ...change }, peer, seconds(0), domain), /did not sign/);
  }
});
