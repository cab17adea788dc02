import { CID } from 'multiformats/cid';
import * as json from 'multiformats/codecs/json';
import { identity } from 'multiformats/hashes/identity';
import { sha256, sha512 } from 'multiformats/hashes/sha2';
import t from 'tap';
import {
  addressText,
  checkedAddress,
  isInner,
  leafAddress,
  parseAddress,
} from '../../src/fabric/content-address.ts';
import type { Cid } from '../../src/fabric/task.ts';

const RAW = 0x55;
const DAG_PB = 0x70;
const bytes = new TextEncoder().encode('hello world');

t.test('the address of a leaf is its hash, and is read back', async (t) => {
  const text = 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e' as Cid;
  t.equal(addressText(leafAddress(bytes)), text);
  t.ok(parseAddress(text).equals(leafAddress(bytes)));
  t.notOk(isInner(parseAddress(text)));
  t.ok(isInner(CID.createV1(DAG_PB, await sha256.digest(bytes))));
});

t.test('links of another kind are refused, each with its reason', async (t) => {
  const hash = await sha256.digest(bytes);
  const links: [CID, RegExp][] = [
    [CID.createV0(hash as Parameters<typeof CID.createV0>[0]), /version/],
    [CID.createV1(json.code, hash), /names no file/],
    [CID.createV1(RAW, await sha512.digest(bytes)), /SHA-256/],
    [CID.createV1(RAW, identity.digest(bytes)), /SHA-256/],
    [CID.createV1(RAW, await sha256.digest(bytes, { truncate: 20 })), /SHA-256/],
  ];
  for (const [link, message] of links) {
    t.throws(() => checkedAddress(link), { code: 'FABRIC_CID_INVALID', message });
  }
});

t.test('texts that are not of the one form are refused', async (t) => {
  const cid = leafAddress(bytes);
  for (const text of ['', 'b', `${cid} `, cid.toString().toUpperCase(), `${cid}${cid}`]) {
    t.throws(() => parseAddress(text), { code: 'FABRIC_CID_INVALID' }, text);
  }
});
